/* member.h - a member for a meeting made by hand, through the door like any other. */
#pragma once

#include "server/meeting.h"
#include "tests/test.h"

static inline struct ic_participant *ic_test_member(struct ic_meeting *meeting, uint32_t most)
{
    static const uint8_t address[IC_ADDRESS_LEN] = {1};
    struct ic_waiter *waiter = NULL;
    struct ic_participant *p = NULL;

    assert_int_equal(ic_waiting_add(&meeting->group.waiting, &waiter, 1, address), IC_OK);
    assert_int_equal(ic_meeting_add(meeting, &p, waiter, most), IC_OK);
    return p;
}
