/* door.h - the door of a meeting: what those who wait at it and the keepers say to each other. */
#pragma once

#include "server/session.h"

enum {
    IC_MEMBER_MESSAGE_MAX = 2 * 1024 * 1024, /* bytes; only commit and door may be so long */
    IC_MEMBER_QUEUE_MAX = 24 * 1024 * 1024,
    IC_OPEN_QUEUE_MAX = 8 * 1024 * 1024, /* of one who waits before the open door */
};

ic_message_handler ic_door_card, ic_door_knock, ic_door_reply, ic_door_admissions, ic_door_keeper,
    ic_door_set;

/* How long messages of one who waits may be, as the door is now. */
void ic_door_allow(const struct ic_group *group, const struct ic_waiter *waiter);

/* Tells all who wait how the door is now. */
void ic_door_show(const struct ic_meeting *meeting);
