/* knocking.h - at the door: the card, the knock, and what is replied to it. */
#pragma once

#include "base/base.h"
#include "e2ee/door/knock.h"

struct ic_conference;
struct ic_entering;
struct ic_suite;

/* The card of a group of ours that is over; the link's version follows it, but not down. */
enum ic_err ic_read_old_card(struct ic_conference *c, struct ic_bytes sealed,
                             int64_t now) IC_CHECKED;
/* The suite that the host chose, if it is one that meetings may have; or NULL. */
const struct ic_suite *ic_card_suite(const struct ic_conference *c);
struct ic_door_knock_place ic_knock_place(const struct ic_conference *c, uint32_t link_version);
/* Where the reply to the next knock, or request to come back, can be read. */
enum ic_err ic_make_reply_key(struct ic_entering *entering) IC_CHECKED;
struct ic_bytes ic_reply_key(const struct ic_entering *entering);
/* Replies are bound to it. */
enum ic_err ic_keep_knock(struct ic_entering *entering, struct ic_bytes sealed) IC_CHECKED;
enum ic_err ic_entering_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
/* Our own commit came too late; this stands in the door now. */
enum ic_err ic_outside_too_late(struct ic_conference *c, struct ic_bytes info,
                                int64_t now) IC_CHECKED;
