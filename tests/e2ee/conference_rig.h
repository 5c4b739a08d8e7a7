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

static inline void set_lock(bool on)
{
    assert_int_equal(ic_conference_lock(of(host), on, s.now), IC_OK);
    courier_run(&s, SECOND);
}

/* enum ic_conference_flag, as `client` was last shown them. */
static inline int64_t flags(unsigned client)
{
    return courier_last(&s, client, IC_EVENT_STATE)->number;
}

static inline struct ic_door_link link_of(const struct ic_conference_event *event)
{
    char text[IC_DOOR_FRAGMENT_LEN + 1] = {0};
    struct ic_door_link link;
    assert_int_equal(event->text.len, IC_DOOR_FRAGMENT_LEN);
    memcpy(text, event->text.at, IC_DOOR_FRAGMENT_LEN);
    assert_int_equal(ic_door_link_parse(&link, text), IC_DOOR_LINK_FINE);
    return link;
}

static inline struct ic_door_link invite_by(unsigned client)
{
    assert_int_equal(ic_conference_invite(of(client), s.now), IC_OK);
    courier_run(&s, SECOND);
    return link_of(courier_last(&s, client, IC_EVENT_INVITE));
}

static inline unsigned come_with(const struct ic_door_link *link, const char *name)
{
    unsigned guest = courier_come(&s, link, name, SUITE);
    courier_run(&s, SECOND);
    return guest;
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
