/* invites.h - personal invites: the list in the state, and who may come in by one. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_door_invite;
struct ic_door_knock_secret;
struct ic_door_state;
struct ic_state_change;

/* For who opens a knock made with it, and who makes one with the invite that is our link. The
 * caller wipes both. */
void ic_invite_to_open(struct ic_door_knock_secret *out, const struct ic_conference *c,
                       const struct ic_door_invite *invite);
enum ic_err ic_invite_to_knock(struct ic_door_knock_secret *out,
                               const struct ic_conference *c) IC_CHECKED;
/* Is it good, and did nobody come in by it who is still here? */
bool ic_invite_is_free(const struct ic_conference *c, uint32_t number);
/* Shows what changed in the list since it was shown last. */
void ic_show_invites(struct ic_conference *c, const struct ic_door_state *state);
/* The list after a change. */
enum ic_err ic_change_invites(struct ic_writer *w, const struct ic_conference *c,
                              const struct ic_door_state *state,
                              const struct ic_state_change *change) IC_CHECKED;
