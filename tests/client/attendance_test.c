/* A headless host and a headless guest, each at its socket: what they say goes to the other one as
 * the server's messages of docs/protocol.md, and what follows for their rosters. */
#include "client/attendance.h"

#include <jansson.h>
#include <stdlib.h>

#include "client/clock.h"
#include "crypto/suite.h"
#include "e2ee/door/grant.h"
#include "tests/test.h"

#define HOST_ID "AQAAAAAAAAAAAAAAAAAAAA"
#define GUEST_ID "AgAAAAAAAAAAAAAAAAAAAA"
#define RESUME "EBESExQVFhcYGRobHB0eHxAREhMUFRYXGBkaGxwdHh8"

enum { SAID_MAX = 256 };

struct party {
    struct ic_attendance *attendance;
    struct ic_roster roster;
    const char *id, *why;
    bool inside;
    unsigned entered, changed, over;
    uint32_t muted;
    char *said[SAID_MAX];
    size_t said_count, taken;
};

static struct party host, guest;
static struct ic_link host_link, guest_link;
static uint32_t head;
static char *card;
static unsigned commits, admissions;

/* ---- What an attendance tells its owner ---- */

static void on_say(void *owner, char *text)
{
    struct party *party = owner;
    assert_true(party->said_count < SAID_MAX);
    party->said[party->said_count++] = text;
}

static void on_entered(void *owner)
{
    ((struct party *)owner)->entered++;
}

static void on_changed(void *owner)
{
    ((struct party *)owner)->changed++;
}

static void on_muted(void *owner, uint32_t streams)
{
    ((struct party *)owner)->muted |= streams;
}

static void on_over(void *owner, const char *why)
{
    struct party *party = owner;
    party->over++;
    party->why = why;
}

static const struct ic_attendance_events EVENTS = {on_say, on_entered, on_changed, on_muted,
                                                   on_over};

/* ---- The server's part ---- */

static void hear(struct party *party, json_t *message)
{
    char *text = json_dumps(message, JSON_COMPACT);
    struct ic_heard *heard = calloc(1, sizeof *heard);
    assert_non_null(heard);
    assert_int_equal(ic_heard_parse(heard, ic_bytes_of_text(text)), IC_OK);
    ic_attendance_hear(party->attendance, heard, ic_clock_now());
    ic_heard_clear(heard);
    free(heard);
    free(text);
    json_decref(message);
}

static const char *field(json_t *said, const char *key)
{
    return json_string_value(json_object_get(said, key));
}

static struct party *other(const struct party *party)
{
    return party == &host ? &guest : &host;
}

static void deliver_commit(const struct party *from, json_t *said)
{
    const char *welcome = field(json_object_get(said, "welcome"), "sealed");
    assert_int_equal(json_integer_value(json_object_get(said, "epoch")), head);
    for (struct party *to = &host;; to = &guest) {
        if (to->inside)
            hear(to, json_pack("{ss si ss ss}", "type", "committed", "epoch", (int)head, "from",
                               from->id, "sealed", field(said, "sealed")));
        if (to == &guest)
            break;
    }
    head++;
    commits++;
    if (!welcome)
        return;
    guest.inside = true;
    hear(&guest, json_pack("{ss ss ss sb sb si s[s] ss}", "type", "joined", "participant", GUEST_ID,
                           "resume", RESUME, "host", 0, "keeper", 0, "epoch", (int)head, "people",
                           HOST_ID, "welcome", welcome));
}

static void deliver(const struct party *from, json_t *said)
{
    const char *type = field(said, "type"), *sealed = field(said, "sealed");
    struct party *to = other(from);

    if (strcmp(type, "commit") == 0) {
        deliver_commit(from, said);
    } else if (strcmp(type, "card") == 0) {
        free(card);
        card = strdup(sealed);
        if (guest.attendance && !guest.inside)
            hear(&guest, json_pack("{ss ss}", "type", "carded", "sealed", sealed));
    } else if (strcmp(type, "knock") == 0) {
        hear(&host,
             json_pack("{ss ss ss}", "type", "knocked", "participant", from->id, "sealed", sealed));
    } else if (strcmp(type, "reply") == 0) {
        hear(&guest, json_pack("{ss ss sb}", "type", "replied", "sealed", sealed, "final",
                               json_is_true(json_object_get(said, "final"))));
    } else if (strcmp(type, "message") == 0 && to->inside) {
        hear(to, json_pack("{ss ss ss}", "type", "message", "from", from->id, "sealed", sealed));
    } else if (strcmp(type, "admissions") == 0) {
        admissions = (unsigned)json_array_size(json_object_get(said, "hashes"));
    }
}

static bool pass_on(struct party *party)
{
    if (party->taken == party->said_count)
        return false;
    char *text = party->said[party->taken];
    json_t *said = json_loads(text, 0, NULL);
    party->said[party->taken++] = NULL;
    assert_non_null(said);
    deliver(party, said);
    json_decref(said);
    free(text);
    return true;
}

static void settle(void)
{
    for (unsigned i = 0; i < 3; i++) {
        while (pass_on(&host) || pass_on(&guest))
            continue;
        for (struct party *party = &host;; party = &guest) {
            if (party->attendance)
                ic_attendance_tick(party->attendance, ic_clock_now() + IC_NS_PER_SEC);
            if (party == &guest)
                break;
        }
    }
}

/* ---- Beginning and ending ---- */

static void open_as(struct party *party, const char *id, const struct ic_link *link,
                    struct ic_attendance_options *options)
{
    *party = (struct party){.id = id};
    options->link = link;
    options->suite = IC_SUITE_X25519_AES128;
    options->roster = &party->roster;
    assert_int_equal(ic_attendance_new(&party->attendance, options, &EVENTS, party), IC_OK);
}

static void found(struct ic_attendance_options options)
{
    head = commits = admissions = 0;
    guest = (struct party){.id = GUEST_ID};
    host_link = (struct ic_link){.meeting = {7}, .door = {.kind = IC_DOOR_LINK_HOST}};
    memset(host_link.door.secret, 3, sizeof host_link.door.secret);
    memset(host_link.door.root_seed, 4, sizeof host_link.door.root_seed);
    assert_int_equal(ic_link_for_guests(&guest_link, &host_link), IC_OK);
    options.name = "Amara";
    open_as(&host, HOST_ID, &host_link, &options);
    host.inside = true;
    hear(&host, json_pack("{ss ss ss sb sb si s[]}", "type", "joined", "participant", HOST_ID,
                          "resume", RESUME, "host", 1, "keeper", 1, "epoch", 0, "people"));
    settle();
    assert_int_equal(host.entered, 1);
}

static void wait_with(struct ic_attendance_options options)
{
    options.name = "Sam";
    open_as(&guest, GUEST_ID, &guest_link, &options);
    hear(&guest, json_pack("{ss ss ss sb ss}", "type", "waiting", "participant", GUEST_ID, "resume",
                           RESUME, "attended", 1, "card", card));
    settle();
}

static void finish(void)
{
    for (struct party *party = &host;; party = &guest) {
        ic_attendance_free(party->attendance);
        ic_roster_clear(&party->roster);
        for (size_t i = party->taken; i < party->said_count; i++)
            free(party->said[i]);
        if (party == &guest)
            break;
    }
    free(card);
    card = NULL;
}

static const struct ic_attendance_options PLAIN, ADMITS = {.admits = true};

/* ---- Tests ---- */

TEST(guest_that_knocks_is_let_in_by_a_host_that_admits)
{
    found(ADMITS);
    wait_with(PLAIN);
    assert_int_equal(guest.entered, 1);
    assert_int_equal(host.roster.count, 1);
    assert_int_equal(guest.roster.count, 1);
    assert_true(host.changed > 0);

    ic_attendance_present(guest.attendance, 1 << IC_STREAM_CAMERA, ic_clock_now());
    settle();
    uint8_t id[IC_PARTICIPANT_LEN] = {2};
    const struct ic_member *member = ic_roster_find(&host.roster, id);
    assert_non_null(member);
    assert_int_equal(member->streams, 1 << IC_STREAM_CAMERA);
    unsigned before = commits;
    ic_attendance_rekey(guest.attendance, ic_clock_now());
    settle();
    assert_int_equal(commits, before + 1);
    finish();
}

TEST(guest_is_let_in_only_after_the_time_that_the_host_takes)
{
    found((struct ic_attendance_options){.admits = true, .admit_after_ns = 5 * IC_NS_PER_SEC});
    wait_with(PLAIN);
    assert_int_equal(guest.entered, 0);
    ic_attendance_tick(host.attendance, ic_clock_now() + 6 * IC_NS_PER_SEC);
    settle();
    assert_int_equal(guest.entered, 1);
    finish();
}

TEST(host_that_does_not_admit_leaves_them_waiting)
{
    found(PLAIN);
    wait_with(PLAIN);
    assert_int_equal(guest.entered, 0);
    assert_int_equal(guest.over, 0);
    assert_true(ic_attendance_next_tick(guest.attendance) < INT64_MAX);
    finish();
}

TEST(guest_with_the_passcode_enters_and_without_it_is_told_so)
{
    found((struct ic_attendance_options){.admits = true, .passcode = "open sesame"});
    wait_with(PLAIN);
    assert_int_equal(guest.over, 1);
    assert_non_null(strstr(guest.why, "--passcode"));
    assert_int_equal(ic_attendance_next_tick(guest.attendance), INT64_MAX);
    ic_attendance_free(guest.attendance);

    wait_with((struct ic_attendance_options){.passcode = "open barley"});
    assert_int_equal(guest.over, 1);
    assert_non_null(strstr(guest.why, "wrong"));
    ic_attendance_free(guest.attendance);

    wait_with((struct ic_attendance_options){.passcode = "open sesame"});
    assert_int_equal(guest.over, 0);
    assert_int_equal(guest.entered, 1);
    finish();
}

TEST(passcode_that_no_meeting_can_have_is_refused_at_once)
{
    struct ic_attendance *made;
    struct ic_attendance_options options = {.name = "Amara", .passcode = "  "};
    options.link = &guest_link;
    options.roster = &guest.roster;
    assert_int_equal(ic_attendance_new(&made, &options, &EVENTS, &guest), IC_ERR_MALFORMED);
    options.passcode = NULL;
    options.name = "";
    assert_int_equal(ic_attendance_new(&made, &options, &EVENTS, &guest), IC_ERR_FORBIDDEN);
}

TEST(guest_of_another_host_does_not_go_in)
{
    found(ADMITS);
    guest_link.door.pin[0] ^= 1;
    wait_with(PLAIN);
    assert_int_equal(guest.over, 1);
    assert_non_null(strstr(guest.why, "not of the host"));
    finish();
}

/* Steers one by a line of control.h. */
static void steer(struct party *party, const char *line)
{
    ic_attendance_command(party->attendance, line, ic_clock_now());
    settle();
}

static struct ic_control *control;
static FILE *out;
static char *told;
static size_t told_len;

static void found_with_control(void)
{
    out = open_memstream(&told, &told_len);
    control = ic_control_new(out, 1);
    assert_non_null(control);
    found((struct ic_attendance_options){.control = control});
}

static void finish_with_control(void)
{
    finish();
    ic_control_free(control);
    fclose(out);
    free(told);
}

TEST(who_is_refused_or_removed_is_over_and_says_why)
{
    found_with_control();
    wait_with(PLAIN);
    steer(&host, "refuse Sam");
    assert_int_equal(guest.over, 1);
    assert_string_equal(guest.why, "a host refused");
    ic_attendance_free(guest.attendance);

    wait_with(PLAIN);
    steer(&host, "admit Sam");
    assert_int_equal(guest.entered, 1);
    steer(&host, "remove Sam");
    assert_int_equal(guest.over, 1);
    assert_non_null(strstr(guest.why, "took it out"));
    assert_int_equal(host.roster.count, 0);
    steer(&guest, "chat nobody hears this"); /* without control, and over */
    finish_with_control();
}

static char *join_proof(const struct party *party)
{
    char *text = ic_attendance_join(party->attendance, NULL);
    json_t *said = json_loads(text, 0, NULL);
    char *proof = strdup(field(said, "proof"));
    json_decref(said);
    free(text);
    return proof;
}

TEST(who_comes_back_shows_the_proof_of_the_link_as_it_is_now)
{
    static const uint8_t TOKEN[IC_RESUME_LEN] = {1};
    found_with_control();
    wait_with(PLAIN);
    steer(&host, "admit Sam");
    char *before = join_proof(&guest);
    steer(&host, "replace-link");
    char *after = join_proof(&guest);
    assert_string_not_equal(before, after);
    assert_int_equal(admissions, 1);
    free(before);
    free(after);

    char *text = ic_attendance_join(guest.attendance, TOKEN);
    assert_non_null(strstr(text, "\"epoch\":2"));
    assert_null(strstr(text, "\"host\""));
    free(text);
    text = ic_attendance_join(host.attendance, NULL);
    assert_non_null(strstr(text, "\"host\""));
    assert_null(strstr(text, "\"epoch\""));
    free(text);
    finish_with_control();
}

TEST(what_the_server_refuses_is_said_again_and_the_rest_is_not)
{
    found_with_control();
    ic_attendance_command(host.attendance, "rekey", ic_clock_now());
    while (host.taken < host.said_count)
        free(host.said[host.taken++]); /* the server does not take it */
    hear(&host, json_pack("{ss ss ss si}", "type", "error", "code", "too_fast", "of", "commit",
                          "retry_after", 10));
    hear(&host, json_pack("{ss ss ss}", "type", "error", "code", "not_keeper", "of", "card"));
    hear(&host, json_pack("{ss ss}", "type", "error", "code", "stopping"));
    settle();
    assert_int_equal(commits, 1);
    assert_int_equal(host.over, 0);
    finish_with_control();
}

TEST(who_is_let_in_and_finds_no_room_does_not_knock_again)
{
    found(PLAIN);
    wait_with(PLAIN);
    size_t said = guest.said_count;
    hear(&guest, json_pack("{ss ss ss si}", "type", "error", "code", "full", "of", "knock",
                           "retry_after", 10));
    settle();
    assert_int_equal(guest.said_count, said);
    hear(&guest, json_pack("{ss ss ss si}", "type", "error", "code", "too_fast", "of", "knock",
                           "retry_after", 10));
    settle();
    assert_int_equal(guest.said_count, said + 1);
    finish();
}

TEST(creation_shows_hashes_of_both_proofs)
{
    uint8_t admission[IC_PROOF_LEN], proof[IC_PROOF_LEN], hash[IC_SHA256_LEN],
        of_host[IC_PROOF_LEN];
    found(PLAIN);
    assert_int_equal(ic_attendance_creation(admission, of_host, &host_link), IC_OK);
    ic_door_admission_proof(proof, host_link.door.secret);
    ic_sha256(hash, (struct ic_bytes){proof, sizeof proof});
    assert_memory_equal(admission, hash, sizeof hash);
    assert_memory_not_equal(admission, of_host, sizeof hash);
    finish();
}

RUN_TESTS(cmocka_unit_test(guest_that_knocks_is_let_in_by_a_host_that_admits),
          cmocka_unit_test(guest_is_let_in_only_after_the_time_that_the_host_takes),
          cmocka_unit_test(host_that_does_not_admit_leaves_them_waiting),
          cmocka_unit_test(guest_with_the_passcode_enters_and_without_it_is_told_so),
          cmocka_unit_test(passcode_that_no_meeting_can_have_is_refused_at_once),
          cmocka_unit_test(guest_of_another_host_does_not_go_in),
          cmocka_unit_test(who_is_refused_or_removed_is_over_and_says_why),
          cmocka_unit_test(who_comes_back_shows_the_proof_of_the_link_as_it_is_now),
          cmocka_unit_test(what_the_server_refuses_is_said_again_and_the_rest_is_not),
          cmocka_unit_test(who_is_let_in_and_finds_no_room_does_not_knock_again),
          cmocka_unit_test(creation_shows_hashes_of_both_proofs))
