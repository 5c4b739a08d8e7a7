/* conference_rig.h - a meeting over a courier, with its host in it: for the tests of conferences.
 */
#pragma once

#include "tests/e2ee/courier.h"

#include "crypto/suite.h"
#include "e2ee/door/grant.h"
#include "e2ee/door/invite.h"

enum { SUITE = IC_SUITE_X25519_AES128 };
static const int64_t SECOND = IC_NS_PER_SEC;

static struct courier s;
static unsigned host;

static inline void start(void)
{
    courier_init(&s, 7, SUITE);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 1);
}

static inline struct ic_conference *of(unsigned client)
{
    return s.clients[client].conference;
}

static inline unsigned come(const char *name)
{
    unsigned guest = courier_come(&s, &s.guest_link, name, SUITE);
    courier_run(&s, SECOND / 2);
    return guest;
}

static inline void admit(unsigned guest)
{
    assert_int_equal(ic_conference_admit(of(host), s.clients[guest].participant, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static inline unsigned come_in(const char *name)
{
    unsigned guest = come(name);
    admit(guest);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_ENTERED), 1);
    return guest;
}

static inline void set_passcode(const uint8_t *key)
{
    assert_int_equal(ic_conference_set_passcode(of(host), key, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static inline void type_passcode(unsigned guest, const uint8_t *key)
{
    assert_int_equal(ic_conference_passcode(of(guest), key, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static inline unsigned leaf_of(unsigned client)
{
    return courier_last(&s, client, IC_EVENT_ENTERED)->leaf;
}

static inline void assert_text(const struct ic_conference_event *event, const char *text)
{
    assert_int_equal(event->text.len, strlen(text));
    assert_memory_equal(event->text.at, text, strlen(text));
}
