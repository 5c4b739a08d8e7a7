/* door_replies.h - what is said to who stands before the door. */
#pragma once

#include "base/base.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/reply.h"
#include "e2ee/e2ee.h"

struct ic_conference;

struct ic_door_knock_place ic_knocker_place(const struct ic_conference *c,
                                            const uint8_t participant[IC_PARTICIPANT_LEN]);
/* An empty `reply_key`: to a knock that nobody could open. */
enum ic_err ic_reply(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                     struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                     enum ic_door_reply_kind kind, struct ic_bytes text) IC_CHECKED;
enum ic_err ic_reply_with_keys(struct ic_conference *c, const struct ic_door_knock_place *where,
                               struct ic_bytes sealed_knock, const uint8_t *reply_key) IC_CHECKED;
/* Those of the ids that came with an invite of ours get the link's keys, before the Welcome. */
enum ic_err ic_give_link_keys(struct ic_conference *c, struct ic_bytes participants) IC_CHECKED;
