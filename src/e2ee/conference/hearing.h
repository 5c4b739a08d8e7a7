/* hearing.h - what the members of our epoch say to each other. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_door_state;

/* What each may do is another now. */
void ic_presence_allowed(struct ic_conference *c, const struct ic_door_state *state);
/* A right-holder asks the member to turn these off: no one shows them until it has. */
void ic_presence_stopped(struct ic_conference *c, unsigned leaf, uint8_t streams);
