/* tell.h - who is told what: all members, all who wait, and those whom a knock concerns. */
#pragma once

#include "server/session.h"

/* Every member that has a socket, but for `except`, which may be NULL. Lets go of `text`. */
void ic_tell_members_take(const struct ic_meeting *meeting, const struct ic_participant *except,
                          struct ic_text *text);
void ic_tell_waiting_take(const struct ic_meeting *meeting, struct ic_text *text);

/* The keepers, and every member when it returns. */
void ic_tell_knocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter);
/* It does not wait any more: the same, if it had knocked. */
void ic_tell_unknocked(const struct ic_meeting *meeting, const struct ic_waiter *waiter);
/* One that is new as a member or as a keeper: of all who knocked and concern it. */
void ic_tell_who_knocked(const struct ic_meeting *meeting, const struct ic_participant *p);

/* Somebody came, went or changed: those who wait, when that means something to them. */
void ic_tell_attended(struct ic_meeting *meeting);
