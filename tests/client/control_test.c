/* Lines that steer a participant, and the JSON lines that tell what it sees: in a meeting over a
 * courier. */
#include "client/control.h"

#include <stdlib.h>

#include "tests/e2ee/conference_rig.h"

static struct ic_control *control;
static FILE *out;
static char *told;
static size_t told_len;

static void begin(void)
{
    start();
    out = open_memstream(&told, &told_len);
    assert_non_null(out);
    control = ic_control_new(out, 3);
    assert_non_null(control);
    ic_control_meeting(control, s.meeting);
}

static void end(void)
{
    ic_control_free(control);
    fclose(out);
    free(told);
    courier_clear(&s);
}

static void show(const struct ic_conference_event *event)
{
    ic_control_show(control, event, of(host));
}

/* What the host was shown last of a kind. */
static void show_last(enum ic_conference_event_type type)
{
    show(courier_last(&s, host, type));
}

static enum ic_err obey(const char *line)
{
    return ic_control_obey(control, of(host), line, s.now);
}

static bool was_told(const char *part)
{
    fflush(out);
    return strstr(told, part) != NULL;
}

static unsigned come_and_show(const char *name)
{
    unsigned guest = come(name);
    show_last(IC_EVENT_KNOCK);
    return guest;
}

static unsigned come_in_and_show(const char *name)
{
    unsigned guest = come_in(name);
    show_last(IC_EVENT_PERSON);
    return guest;
}

TEST(control_tells_each_event_with_its_own_words)
{
    static const uint8_t TEXT[] = "Sam \"S\" Porter";
    const struct {
        const char *told;
        struct ic_conference_event event;
    } rows[] = {
        {"\"event\":\"card\",\"ordinal\":3", {.type = IC_EVENT_CARD}},
        {"\"event\":\"card_bad\"", {.type = IC_EVENT_CARD_BAD}},
        {"\"event\":\"passcode\"", {.type = IC_EVENT_PASSCODE}},
        {"\"attended\":1", {.type = IC_EVENT_ATTENDED, .number = 1}},
        {"\"event\":\"question\"", {.type = IC_EVENT_QUESTION, .text = {TEXT, 3}}},
        {"\"event\":\"refused\"", {.type = IC_EVENT_REFUSED}},
        {"\"leaf\":5,\"epoch\":9}", {.type = IC_EVENT_ENTERED, .leaf = 5, .epoch = 9}},
        {"\"name\":\"Sam \\\"S\\\" Porter\",\"leaf\":2,\"rights\":15",
         {.type = IC_EVENT_PERSON, .leaf = 2, .number = 15, .text = {TEXT, sizeof TEXT - 1}}},
        {"\"event\":\"person_left\"", {.type = IC_EVENT_PERSON_LEFT}},
        {"\"presence\":256", {.type = IC_EVENT_PRESENCE, .number = 256}},
        {"\"event\":\"chat\"", {.type = IC_EVENT_CHAT, .text = {TEXT, 3}}},
        {"\"before\":2,\"invite\":7",
         {.type = IC_EVENT_KNOCK, .number = 2, .epoch = 7, .text = {TEXT, 3}}},
        {"\"event\":\"knock_answer\"", {.type = IC_EVENT_KNOCK_ANSWER}},
        {"\"event\":\"knock_gone\"", {.type = IC_EVENT_KNOCK_GONE}},
        {"\"members\":4,\"authenticator\":\"", {.type = IC_EVENT_EPOCH, .number = 4}},
        {"\"event\":\"state\"", {.type = IC_EVENT_STATE}},
        {"\"fragment\":\"Sam\"", {.type = IC_EVENT_LINK, .text = {TEXT, 3}}},
        {"\"elsewhere\":1", {.type = IC_EVENT_ELSEWHERE, .number = 1}},
        {"\"silenced\":1", {.type = IC_EVENT_SILENCED, .number = 1}},
        {"\"rule\":4", {.type = IC_EVENT_WRONG_COMMIT, .number = 4}},
        {"\"event\":\"removed\"", {.type = IC_EVENT_REMOVED}},
        {"\"event\":\"behind\"", {.type = IC_EVENT_BEHIND}},
        {"\"fragment\":\"Sam\",\"epoch\":6,\"good\":1",
         {.type = IC_EVENT_INVITE, .epoch = 6, .number = 1, .text = {TEXT, 3}}},
        {"\"leaf\":1,\"epoch\":8,\"said\":2",
         {.type = IC_EVENT_COMPARE, .leaf = 1, .epoch = 8, .number = 2}},
    };
    begin();
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        rewind(out);
        show(&rows[i].event);
        CHECK_ROW(rows[i].told, was_told(rows[i].told));
    }
    rewind(out);
    ic_control_note(control, "first_audio");
    assert_true(was_told("\"event\":\"first_audio\",\"ordinal\":3"));
    end();
}

TEST(control_counts_this_second_and_all_before)
{
    struct ic_stats stats = {.now = {.packets_in = 2, .decrypted = 1}, .total = {.packets_in = 40}};
    begin();
    ic_control_count(control, &stats);
    assert_true(was_told("\"packets_in\":42"));
    assert_true(was_told("\"decrypted\":1"));
    end();
}

TEST(control_lets_in_refuses_and_asks_by_name)
{
    begin();
    unsigned sam = come_and_show("Sam Porter"), ruth = come_and_show("Ruth");
    assert_int_equal(obey("ask Ruth Which ward?"), IC_OK);
    assert_int_equal(obey("ask Ruth"), IC_ERR_NOT_FOUND); /* nothing to ask */
    assert_int_equal(obey("admit Nobody"), IC_ERR_NOT_FOUND);
    assert_int_equal(obey("admit Sam"), IC_ERR_NOT_FOUND); /* not the whole name */
    assert_int_equal(obey("admit Sam Porter"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, sam, IC_EVENT_ENTERED), 1);
    assert_text(courier_last(&s, ruth, IC_EVENT_QUESTION), "Which ward?");
    assert_int_equal(ic_control_obey(control, of(ruth), "answer Ward 4", s.now), IC_OK);
    courier_run(&s, SECOND);
    assert_text(courier_last(&s, host, IC_EVENT_KNOCK_ANSWER), "Ward 4");
    assert_int_equal(obey("refuse Ruth"), IC_OK);
    show_last(IC_EVENT_KNOCK_GONE);
    assert_int_equal(obey("refuse Ruth"), IC_ERR_NOT_FOUND);
    assert_true(was_told("\"event\":\"obeyed\",\"ordinal\":3"));
    assert_true(was_told("\"command\":\"refuse\",\"error\":0"));
    end();
}

TEST(control_gives_and_takes_rights_and_removes_by_name)
{
    begin();
    unsigned kofi = come_in_and_show("Kofi");
    assert_int_equal(obey("make-host Kofi"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_PERSON)->number, IC_DOOR_ALL_RIGHTS);
    assert_int_equal(obey("take-host Kofi"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_PERSON)->number, 0);
    assert_int_equal(obey("make-host Nobody"), IC_ERR_NOT_FOUND);
    assert_int_equal(obey("remove Nobody"), IC_ERR_NOT_FOUND);
    assert_int_equal(obey("mute Nobody"), IC_ERR_NOT_FOUND);
    assert_int_equal(obey("mute Kofi"), IC_OK);
    assert_int_equal(obey("safety Kofi"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, kofi, IC_EVENT_MUTED)->number, 1 << IC_STREAM_MICROPHONE);
    assert_int_equal(obey("remove Kofi"), IC_OK);
    courier_run(&s, SECOND);
    show_last(IC_EVENT_PERSON_LEFT);
    assert_int_equal(courier_saw(&s, kofi, IC_EVENT_REMOVED), 1);
    assert_int_equal(obey("remove Kofi"), IC_ERR_NOT_FOUND);
    end();
}

TEST(control_sets_what_a_host_sets)
{
    begin();
    static const struct {
        const char *line;
        int64_t flags;
    } ROWS[] = {
        {"lock", IC_CONFERENCE_LOCKED | IC_CONFERENCE_WAITING_ROOM},
        {"unlock", IC_CONFERENCE_WAITING_ROOM},
        {"stop", IC_CONFERENCE_LOCKED | IC_CONFERENCE_WAITING_ROOM},
        {"unlock", IC_CONFERENCE_WAITING_ROOM},
        {"open-room", 0},
        {"close-room", IC_CONFERENCE_WAITING_ROOM},
        {"straight-in", IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_STRAIGHT_IN},
        {"ask-first", IC_CONFERENCE_WAITING_ROOM},
        {"passcode open sesame", IC_CONFERENCE_WAITING_ROOM | IC_CONFERENCE_PASSCODE},
        {"passcode", IC_CONFERENCE_WAITING_ROOM},
    };
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        CHECK_ROW(ROWS[i].line, obey(ROWS[i].line) == IC_OK);
        courier_run(&s, SECOND);
        CHECK_ROW(ROWS[i].line, flags(host) == ROWS[i].flags);
    }
    uint64_t epoch = s.head;
    assert_int_equal(obey("rekey"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(s.head, epoch + 1);
    unsigned links = courier_saw(&s, host, IC_EVENT_LINK);
    assert_int_equal(obey("replace-link"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, host, IC_EVENT_LINK), links + 1);
    end();
}

TEST(control_makes_and_withdraws_invites)
{
    char line[40];
    begin();
    assert_int_equal(obey("invite"), IC_OK);
    courier_run(&s, SECOND);
    const struct ic_conference_event *invite = courier_last(&s, host, IC_EVENT_INVITE);
    assert_int_equal(obey("withdraw 4711"), IC_ERR_NOT_FOUND);
    snprintf(line, sizeof line, "withdraw %llu", (unsigned long long)invite->epoch);
    assert_int_equal(obey(line), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_last(&s, host, IC_EVENT_INVITE)->number, 0);
    end();
}

TEST(control_gives_the_passcode_of_who_waits)
{
    begin();
    assert_int_equal(obey("passcode open sesame"), IC_OK);
    courier_run(&s, SECOND);
    unsigned guest = come("Sam");
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_PASSCODE), 1);
    assert_int_equal(ic_control_obey(control, of(guest), "passcode", s.now), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_control_obey(control, of(guest), "passcode open sesame", s.now), IC_OK);
    courier_run(&s, SECOND);
    show_last(IC_EVENT_KNOCK);
    assert_int_equal(obey("admit Sam"), IC_OK);
    courier_run(&s, SECOND);
    assert_int_equal(courier_saw(&s, guest, IC_EVENT_ENTERED), 1);
    end();
}

TEST(control_tells_the_words_and_compares)
{
    begin();
    unsigned kofi = come_in_and_show("Kofi");
    assert_int_equal(obey("words"), IC_OK);
    assert_true(was_told("\"event\":\"words\""));
    fflush(out);
    char *first = strdup(strstr(told, "\"words\":\""));
    rewind(out);
    assert_int_equal(ic_control_obey(control, of(kofi), "words", s.now), IC_OK);
    fflush(out);
    size_t len = strcspn(first, "}");
    assert_memory_equal(strstr(told, "\"words\":\""), first, len);
    free(first);

    static const char *const SAID[] = {"compare", "same", "different"};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(obey(SAID[i]), IC_OK);
        courier_run(&s, SECOND);
        assert_int_equal(courier_last(&s, kofi, IC_EVENT_COMPARE)->number, i);
    }
    assert_int_equal(obey("chat Hello"), IC_OK);
    courier_run(&s, SECOND);
    assert_text(courier_last(&s, kofi, IC_EVENT_CHAT), "Hello");
    end();
}

TEST(control_refuses_what_is_no_command)
{
    static const char *const LINES[] = {
        "", "admitted Sam", "LOCK", "a-word-that-is-much-longer-than-any-command-is", "\xff\xfe"};
    begin();
    for (size_t i = 0; i < IC_COUNT(LINES); i++)
        CHECK_ROW(LINES[i], obey(LINES[i]) == IC_ERR_MALFORMED);
    end();
}

/* Leaves are used again, and a group may be another one. */
TEST(control_forgets_who_is_gone)
{
    static const uint8_t KOFI[] = "Kofi";
    begin();
    const struct ic_conference_event came = {
        .type = IC_EVENT_PERSON, .leaf = 7, .text = {KOFI, sizeof KOFI - 1}};
    const struct ic_conference_event entered = {.type = IC_EVENT_ENTERED};
    show(&came);
    show(&entered);
    assert_int_equal(obey("remove Kofi"), IC_ERR_NOT_FOUND);
    end();
}

RUN_TESTS(cmocka_unit_test(control_tells_each_event_with_its_own_words),
          cmocka_unit_test(control_counts_this_second_and_all_before),
          cmocka_unit_test(control_lets_in_refuses_and_asks_by_name),
          cmocka_unit_test(control_gives_and_takes_rights_and_removes_by_name),
          cmocka_unit_test(control_sets_what_a_host_sets),
          cmocka_unit_test(control_makes_and_withdraws_invites),
          cmocka_unit_test(control_gives_the_passcode_of_who_waits),
          cmocka_unit_test(control_tells_the_words_and_compares),
          cmocka_unit_test(control_refuses_what_is_no_command),
          cmocka_unit_test(control_forgets_who_is_gone))
