/* What people may do in a meeting: receivers leave out what somebody may not. */
#include "tests/e2ee/conference_rig.h"

#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/state.h"

enum {
    MIC_AND_SCREEN = 1 << IC_STREAM_MICROPHONE | 1 << IC_STREAM_SCREEN,
    USUAL = IC_DOOR_MAY_SPEAK | IC_DOOR_MAY_VIDEO | IC_DOOR_MAY_CHAT,
};

static void show(unsigned who, uint8_t streams)
{
    struct ic_conference_presence presence = {.streams = streams};
    assert_int_equal(ic_conference_present(of(who), &presence, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static void everyone_may(unsigned capabilities)
{
    assert_int_equal(ic_conference_everyone_may(of(host), capabilities, s.now), IC_OK);
    courier_run(&s, SECOND);
}

/* What `viewer` saw last of somebody's streams. */
static int64_t streams(unsigned viewer)
{
    return courier_last(&s, viewer, IC_EVENT_PRESENCE)->number & 0xff;
}

TEST(screen_of_who_may_not_share_is_not_shown_whatever_he_announces) /* ACC-06 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    show(layla, MIC_AND_SCREEN); /* the core announces what it is told to */
    assert_int_equal(streams(kofi), 1 << IC_STREAM_MICROPHONE);
    assert_int_equal(streams(host), 1 << IC_STREAM_MICROPHONE);

    assert_int_equal(
        ic_conference_allow(of(host), leaf_of(layla), USUAL | IC_DOOR_MAY_SHARE, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(streams(kofi), MIC_AND_SCREEN); /* without a word of hers */
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ALLOWED)->number >> 16,
                     USUAL | IC_DOOR_MAY_SHARE);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_ALLOWED)->number >> 16 & IC_DOOR_MAY_SHARE, 0);

    everyone_may(USUAL); /* and nobody is an exception */
    assert_int_equal(streams(kofi), 1 << IC_STREAM_MICROPHONE);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

/* What `viewer` knows of the one whom it was told of last. */
static int64_t may(unsigned viewer)
{
    return courier_last(&s, viewer, IC_EVENT_MAY)->number;
}

TEST(every_host_sees_whom_another_allowed_and_takes_it_back) /* ACC-06 */
{
    start();
    unsigned kofi = come_in("Kofi Mensah"), layla = come_in("Layla Rahman");
    everyone_may(USUAL);
    assert_int_equal(may(host), USUAL);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_MAY), 0); /* none of his business */
    assert_int_equal(
        ic_conference_allow(of(host), leaf_of(layla), USUAL | IC_DOOR_MAY_SHARE, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_MAY)->leaf, leaf_of(layla));
    assert_int_equal(may(host), USUAL | IC_DOOR_MAY_SHARE);

    assert_int_equal(ic_conference_grant(of(host), leaf_of(kofi), IC_DOOR_ALL_RIGHTS, s.now),
                     IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_MAY)->leaf, leaf_of(layla));
    assert_int_equal(may(kofi), USUAL | IC_DOOR_MAY_SHARE);
    assert_int_equal(may(host), IC_DOOR_CAPABILITIES); /* Kofi, as a host */
    assert_int_equal(ic_conference_allow(of(kofi), leaf_of(layla), USUAL, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(may(kofi), USUAL);
    assert_int_equal(may(host), USUAL);

    unsigned ruth = come_in("Ruth Adler");
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_MAY)->leaf, leaf_of(ruth));
    courier_clear(&s);
}

/* Else the 64 places were full after as many people who were allowed once. */
TEST(who_may_what_all_may_is_no_exception)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    everyone_may(USUAL);
    for (unsigned i = 0; i < 2; i++) {
        unsigned capabilities = USUAL | (i == 0 ? IC_DOOR_MAY_SHARE : 0);
        struct ic_door_state now;
        assert_int_equal(ic_conference_allow(of(host), leaf_of(layla), capabilities, s.now), IC_OK);
        courier_run(&s, SECOND);
        assert_int_equal(ic_state_now(of(host), &now), IC_OK);
        assert_int_equal(now.named.len > 0, i == 0);
    }
    courier_clear(&s);
}

TEST(host_shares_and_so_does_everybody_once_he_lets_them) /* ACC-06 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    show(host, MIC_AND_SCREEN);
    assert_int_equal(streams(kofi), MIC_AND_SCREEN);
    everyone_may(USUAL | IC_DOOR_MAY_SHARE);
    show(layla, MIC_AND_SCREEN);
    assert_int_equal(streams(kofi), MIC_AND_SCREEN);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_PRESENCE)->leaf, leaf_of(layla));
    courier_clear(&s);
}

TEST(everything_stops_for_all_but_the_host) /* ACC-15, CHT-09 */
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    show(layla, 1 << IC_STREAM_MICROPHONE | 1 << IC_STREAM_CAMERA);
    everyone_may(IC_DOOR_MAY_VIDEO);
    assert_int_equal(streams(kofi), 1 << IC_STREAM_CAMERA);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_chat(of(host), ic_bytes_of_text("Quiet"), s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_text(courier_last(&s, kofi, IC_EVENT_CHAT), "Quiet");

    everyone_may(USUAL);
    assert_int_equal(streams(kofi), 1 << IC_STREAM_MICROPHONE | 1 << IC_STREAM_CAMERA);
    assert_int_equal(ic_conference_chat(of(layla), ic_bytes_of_text("Hello"), s.now), IC_OK);
    courier_clear(&s);
}

TEST(all_that_stops_does_so_in_one_epoch) /* ACC-15 */
{
    start();
    unsigned layla = come_in("Layla Rahman");
    uint64_t epoch = ic_conference_epoch(of(host));
    assert_int_equal(ic_conference_stop(of(host), IC_DOOR_MAY_VIDEO, NULL, 0, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(ic_conference_epoch(of(layla)), epoch + 1);
    assert_int_equal(courier_last(&s, layla, IC_EVENT_ALLOWED)->number >> 16, IC_DOOR_MAY_VIDEO);
    assert_true(courier_last(&s, layla, IC_EVENT_STATE)->number & IC_CONFERENCE_LOCKED);
    assert_int_equal(ic_conference_stop(of(layla), IC_DOOR_MAY_VIDEO, NULL, 0, s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_stop(of(host), 1 << 15, NULL, 0, s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

TEST(who_may_not_change_settings_lets_nobody_do_more)
{
    start();
    unsigned layla = come_in("Layla Rahman"), kofi = come_in("Kofi Mensah");
    assert_int_equal(ic_conference_everyone_may(of(layla), USUAL | IC_DOOR_MAY_SHARE, s.now),
                     IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_allow(of(layla), leaf_of(kofi), USUAL, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_everyone_may(of(host), 1 << 15, s.now), IC_ERR_FORBIDDEN);
    courier_clear(&s);
}

TEST(who_asks_to_share_is_seen_asking)
{
    start();
    unsigned layla = come_in("Layla Rahman");
    struct ic_conference_presence presence = {.asks_to_share = true};
    assert_int_equal(ic_conference_present(of(layla), &presence, s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_PRESENCE)->number, 1 << 10);
    courier_clear(&s);
}

RUN_TESTS(cmocka_unit_test(screen_of_who_may_not_share_is_not_shown_whatever_he_announces),
          cmocka_unit_test(every_host_sees_whom_another_allowed_and_takes_it_back),
          cmocka_unit_test(who_may_what_all_may_is_no_exception),
          cmocka_unit_test(host_shares_and_so_does_everybody_once_he_lets_them),
          cmocka_unit_test(everything_stops_for_all_but_the_host),
          cmocka_unit_test(all_that_stops_does_so_in_one_epoch),
          cmocka_unit_test(who_may_not_change_settings_lets_nobody_do_more),
          cmocka_unit_test(who_asks_to_share_is_seen_asking))
