/* conference_four.h - the host, two honest members and Mallory in a meeting whose server lies. */
#pragma once

#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"

static unsigned layla, kofi, mallory;

static inline void start_four(void)
{
    start();
    s.welcomes_anybody = true;
    layla = come_in("Layla Rahman");
    kofi = come_in("Kofi Mensah");
    mallory = come_in("Mallory");
    courier_run(&s, SECOND);
}

static inline struct ic_mls_group *group_of(unsigned client)
{
    return of(client)->group;
}

static inline bool in_one_group(unsigned a, unsigned b)
{
    uint8_t one[IC_CONFERENCE_AUTHENTICATOR_LEN], other[IC_CONFERENCE_AUTHENTICATOR_LEN];
    return ic_conference_authenticator(of(a), one) == IC_OK &&
           ic_conference_authenticator(of(b), other) == IC_OK &&
           memcmp(one, other, sizeof one) == 0;
}

/* The honest three are together, can still decide, and are as many as before. */
static inline void assert_meeting_goes_on(unsigned members)
{
    uint64_t epoch = ic_conference_epoch(of(host));
    assert_int_equal(ic_conference_lock(of(host), true, s.now), IC_OK);
    courier_run(&s, 3 * SECOND);
    assert_true(ic_conference_epoch(of(host)) > epoch);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_STATE)->number & IC_CONFERENCE_LOCKED,
                     IC_CONFERENCE_LOCKED);
    assert_true(in_one_group(host, layla));
    assert_true(in_one_group(host, kofi));
    assert_int_equal(ic_mls_group_member_count(group_of(host)), members);
}
