/* What a meeting is called: in the group's state, and before the door only when it is to be shown.
 */
#include "e2ee/door/text.h"
#include "tests/e2ee/conference_rig.h"

static void begin(const char *title)
{
    courier_init(&s, 7, SUITE);
    s.title = ic_bytes_of_text(title);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_ENTERED), 1);
}

static void name_it(const char *title)
{
    assert_int_equal(ic_conference_title(of(host), ic_bytes_of_text(title), s.now), IC_OK);
    courier_run(&s, SECOND);
}

static void show_it(bool shown)
{
    assert_int_equal(ic_conference_show_title(of(host), shown, s.now), IC_OK);
    courier_run(&s, SECOND);
}

static void assert_title(unsigned client, const char *title, bool shown)
{
    const struct ic_conference_event *event = courier_last(&s, client, IC_EVENT_TITLE);
    assert_text(event, title);
    assert_int_equal(event->number, shown);
}

TEST(meeting_that_is_founded_with_a_title_tells_it_to_who_is_in_and_to_nobody_else) /* ACC-03 */
{
    begin("Placement review");
    assert_title(host, "Placement review", false);
    unsigned guest = come("Sam Porter");
    assert_text(courier_last(&s, guest, IC_EVENT_CARD), "");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_TITLE), 0);
    admit(guest);
    assert_title(guest, "Placement review", false);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(title_is_changed_and_taken_away_in_a_meeting)
{
    start();
    unsigned guest = come_in("Layla Rahman");
    assert_title(guest, "", false);
    name_it("Placement review");
    assert_title(guest, "Placement review", false);
    name_it("Placements, autumn");
    assert_title(guest, "Placements, autumn", false);
    name_it("");
    assert_title(guest, "", false);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(who_waits_sees_the_title_while_it_is_to_be_shown) /* ACC-03 */
{
    begin("Placement review");
    unsigned guest = come("Sam Porter");
    show_it(true);
    assert_text(courier_last(&s, guest, IC_EVENT_CARD), "Placement review");
    assert_title(host, "Placement review", true);
    name_it("Placements, autumn");
    assert_text(courier_last(&s, guest, IC_EVENT_CARD), "Placements, autumn");
    show_it(false);
    assert_text(courier_last(&s, guest, IC_EVENT_CARD), "");
    name_it("Something else");
    assert_text(courier_last(&s, guest, IC_EVENT_CARD), "");
    assert_int_equal(courier_saw(&s, host, IC_EVENT_KNOCK), 1); /* nobody knocks anew for that */
    admit(guest);
    assert_title(guest, "Something else", false);
    courier_clear(&s);
}

TEST(title_needs_the_right_and_the_form_of_a_name)
{
    static char too_long[IC_DOOR_TITLE_MAX + 2];
    memset(too_long, 'a', IC_DOOR_TITLE_MAX + 1);
    start();
    unsigned guest = come_in("Layla Rahman");
    struct ic_bytes title = ic_bytes_of_text("Party");
    assert_int_equal(ic_conference_title(of(guest), title, s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_conference_show_title(of(guest), true, s.now), IC_ERR_FORBIDDEN);
    const char *const REFUSED[] = {" ", "a ", "a\nb", "a\xe2\x80\xae", "\xff", too_long};
    for (size_t i = 0; i < IC_COUNT(REFUSED); i++)
        assert_int_equal(ic_conference_title(of(host), ic_bytes_of_text(REFUSED[i]), s.now),
                         IC_ERR_MALFORMED);
    struct ic_bytes longest = {(const uint8_t *)too_long, IC_DOOR_TITLE_MAX};
    assert_int_equal(ic_conference_title(of(host), longest, s.now), IC_OK);
    courier_clear(&s);
}

TEST(two_titles_at_once_leave_the_later_one)
{
    start();
    unsigned guest = come_in("Layla Rahman");
    assert_int_equal(ic_conference_title(of(host), ic_bytes_of_text("One"), s.now), IC_OK);
    assert_int_equal(ic_conference_title(of(host), ic_bytes_of_text("Two"), s.now), IC_OK);
    courier_run(&s, 2 * SECOND);
    assert_title(guest, "Two", false);
    assert_true(courier_agrees(&s));
    courier_clear(&s);
}

TEST(title_outlives_a_server_that_lost_everything)
{
    start();
    unsigned guest = come_in("Layla Rahman");
    name_it("Placement review");
    show_it(true);
    courier_restart(&s);
    courier_run(&s, 5 * SECOND);
    assert_int_equal(ic_conference_stage(of(guest)), IC_CONFERENCE_IN);
    assert_title(guest, "Placement review", true);
    unsigned waiting = come("Sam Porter");
    assert_text(courier_last(&s, waiting, IC_EVENT_CARD), "Placement review");
    courier_clear(&s);
}

/* The front card is all that it has, and the server may have chosen among several: who waits is
 * shown none of them before the host wants it. */
TEST(host_that_reloads_alone_keeps_a_title_that_was_shown_and_shows_it_no_more) /* ACC-03, SEC-11 */
{
    begin("Placement review");
    show_it(true);
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    s.title = (struct ic_bytes){0};
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 2 * SECOND);
    assert_title(host, "Placement review", false);
    unsigned waiting = come("Sam Porter");
    assert_text(courier_last(&s, waiting, IC_EVENT_CARD), "");
    courier_crash(&s, waiting);
    courier_crash(&s, host);
    courier_run(&s, SECOND);
    host = courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    courier_run(&s, 2 * SECOND);
    assert_title(host, "", false);
    courier_clear(&s);
}

RUN_TESTS(
    cmocka_unit_test(meeting_that_is_founded_with_a_title_tells_it_to_who_is_in_and_to_nobody_else),
    cmocka_unit_test(title_is_changed_and_taken_away_in_a_meeting),
    cmocka_unit_test(who_waits_sees_the_title_while_it_is_to_be_shown),
    cmocka_unit_test(title_needs_the_right_and_the_form_of_a_name),
    cmocka_unit_test(two_titles_at_once_leave_the_later_one),
    cmocka_unit_test(title_outlives_a_server_that_lost_everything),
    cmocka_unit_test(host_that_reloads_alone_keeps_a_title_that_was_shown_and_shows_it_no_more))
