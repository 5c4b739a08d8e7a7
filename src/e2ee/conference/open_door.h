/* open_door.h - without a waiting room. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_entering;
struct ic_mls_message;

bool ic_door_stands_open(const struct ic_conference *c);
enum ic_err ic_door_seal_info(struct ic_conference *c, struct ic_mls_message *out,
                              struct ic_bytes info) IC_CHECKED;
/* The commit of who let itself in, as it was sealed for who has the link. IC_ERR_NOT_FOUND: we have
 * it not. */
bool ic_is_from_outside(struct ic_bytes commit);
enum ic_err ic_open_outside_commit(struct ic_conference *c, struct ic_mls_message *out,
                                   struct ic_bytes sealed) IC_CHECKED;
enum ic_err ic_door_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
void ic_door_conflict(struct ic_conference *c, int64_t now);
/* Who waits before the open door makes a commit of its own. IC_ERR_SYSTEM, or another error: this
 * was no way in, and it may knock. */
bool ic_may_go_in(const struct ic_conference *c);
enum ic_err ic_go_in(struct ic_conference *c, int64_t now) IC_CHECKED;
bool ic_outside_is_late(const struct ic_conference *c, int64_t now);
void ic_outside_forget(struct ic_entering *entering);
