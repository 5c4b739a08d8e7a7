/* The ICE-lite agent on virtual time, checked by messages made with stun.h. */
#include "media/ice.h"

#include "tests/test.h"

#include <stdio.h>

static const struct ic_ice_credentials OURS = {"OURS", "password-of-the-server-1"};
static const struct ic_ice_credentials THEIRS = {"THEM", "password-of-the-client-1"};
static const struct ic_ice_credentials OURS_2 = {"OUR2", "password-of-the-server-2"};
static const struct ic_ice_credentials THEIRS_2 = {"THE2", "password-of-the-client-2"};

#define SECONDS(n) ((n) * IC_NS_PER_SEC)

struct fixture {
    struct ic_ice ice;
    int64_t now;
    struct ic_ice_reply reply;
    uint32_t transaction; /* of the last check */
};

static struct fixture started(void)
{
    struct fixture f = {.now = SECONDS(100)};
    ic_ice_init(&f.ice, &OURS, &THEIRS);
    return f;
}

static struct ic_address address(unsigned n)
{
    struct ic_address a = {.ip = {192, 0, 2, (uint8_t)n}, .port = 4000, .family = IC_IPV4};
    return a;
}

enum check { PLAIN, NOMINATING, REPEATED };

/* One check from address `n` with these credentials. */
static unsigned check_with(struct fixture *f, unsigned n, enum check kind,
                           const struct ic_ice_credentials *ours, const char *their_ufrag)
{
    uint8_t bytes[IC_STUN_REQUEST_MAX];
    char name[2 * IC_ICE_UFRAG_SIZE];
    struct ic_hmac_key key;
    struct ic_stun_message m;
    struct ic_address from = address(n);

    snprintf(name, sizeof name, "%s:%s", ours->ufrag, their_ufrag);
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(ours->pwd));
    struct ic_stun_check check = {
        .username = ic_bytes_of_text(name), .priority = 1, .use_candidate = kind != PLAIN};
    if (kind != REPEATED)
        f->transaction++;
    memcpy(check.transaction, &f->transaction, sizeof f->transaction);
    size_t len = ic_stun_write_check(bytes, sizeof bytes, &check, &key);
    struct ic_bytes datagram = {bytes, len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    return ic_ice_receive(&f->ice, f->now, &from, &m, datagram, &f->reply);
}

static unsigned check(struct fixture *f, unsigned n, enum check kind)
{
    return check_with(f, n, kind, &OURS, THEIRS.ufrag);
}

static bool selected_is(const struct fixture *f, unsigned n)
{
    const struct ic_address *selected = ic_ice_selected(&f->ice);
    struct ic_address expected = address(n);
    return selected && ic_address_equal(selected, &expected);
}

static bool knows(const struct fixture *f, unsigned n)
{
    struct ic_address from = address(n);
    return ic_ice_knows(&f->ice, f->now, &from);
}

static void heard(struct fixture *f, unsigned n)
{
    struct ic_address from = address(n);
    ic_ice_heard(&f->ice, f->now, &from);
}

TEST(a_check_opens_a_path_for_dtls_before_any_nomination)
{
    struct fixture f = started();
    struct ic_address first = address(1);

    assert_null(ic_ice_path(&f.ice));
    assert_false(knows(&f, 1));
    assert_int_equal(check(&f, 1, PLAIN), IC_ICE_CHECKED);
    assert_true(knows(&f, 1));
    assert_false(knows(&f, 2));
    assert_null(ic_ice_selected(&f.ice));
    assert_true(ic_address_equal(ic_ice_path(&f.ice), &first));
}

TEST(the_answer_tells_the_client_its_address_under_our_password)
{
    struct fixture f = started();
    struct ic_stun_message answer;
    struct ic_hmac_key key;
    struct ic_address from = address(1);

    check(&f, 1, NOMINATING);
    struct ic_bytes datagram = {f.reply.bytes, f.reply.len};
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(OURS.pwd));
    assert_int_equal(ic_stun_parse(&answer, datagram), IC_OK);
    assert_int_equal(answer.class, IC_STUN_SUCCESS);
    assert_int_equal(ic_stun_verify(&answer, datagram, &key), IC_OK);
    assert_true(ic_address_equal(&answer.mapped, &from));
}

TEST(a_check_without_the_password_changes_nothing_and_gets_no_answer)
{
    static const struct ic_ice_credentials wrong_password = {"OURS", "guessed"};
    static const struct ic_ice_credentials wrong_ufrag = {"OUR", "password-of-the-server-1"};
    struct fixture f = started();

    assert_int_equal(check_with(&f, 1, NOMINATING, &wrong_password, THEIRS.ufrag), 0);
    assert_int_equal(f.reply.len, 0);
    assert_int_equal(check_with(&f, 1, NOMINATING, &wrong_ufrag, THEIRS.ufrag), 0);
    assert_int_equal(f.reply.len, 0);
    assert_int_equal(check_with(&f, 1, NOMINATING, &OURS, "OTHER"), 0);
    assert_int_equal(f.reply.len, 0);
    assert_false(knows(&f, 1));
    assert_null(ic_ice_path(&f.ice));
}

TEST(the_latest_nomination_wins)
{
    struct fixture f = started();

    assert_int_equal(check(&f, 1, NOMINATING), IC_ICE_CHECKED | IC_ICE_SELECTED);
    assert_true(selected_is(&f, 1));
    assert_int_equal(check(&f, 2, NOMINATING), IC_ICE_SELECTED);
    assert_true(selected_is(&f, 2));
    assert_int_equal(check(&f, 1, PLAIN), 0);
    assert_true(selected_is(&f, 2));
    assert_int_equal(check(&f, 1, NOMINATING), IC_ICE_SELECTED);
    assert_int_equal(check(&f, 1, NOMINATING), 0);
    assert_true(selected_is(&f, 1));
}

TEST(a_path_silent_for_3_s_is_left_when_another_checks)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    f.now += SECONDS(3) - 1;
    assert_int_equal(check(&f, 2, PLAIN), 0);
    assert_true(selected_is(&f, 1));
    f.now += 1;
    assert_int_equal(check(&f, 2, PLAIN), IC_ICE_SELECTED);
    assert_true(selected_is(&f, 2));
}

TEST(media_on_a_path_means_that_it_is_not_silent)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    for (int i = 0; i < 10; i++) {
        f.now += SECONDS(2);
        heard(&f, 1);
        assert_int_equal(check(&f, 2, PLAIN), 0);
    }
    heard(&f, 9); /* a stranger's packet is nobody's */
    assert_false(knows(&f, 9));
    assert_true(selected_is(&f, 1));
}

TEST(consent_ends_30_s_after_the_last_check_whatever_media_comes)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    assert_int_equal(ic_ice_next_timeout(&f.ice), f.now + SECONDS(30));
    f.now += SECONDS(30) - 1;
    heard(&f, 1);
    assert_int_equal(ic_ice_advance(&f.ice, f.now), 0);
    assert_true(selected_is(&f, 1));
    f.now += 1;
    assert_false(knows(&f, 1));
    assert_int_equal(ic_ice_advance(&f.ice, f.now), IC_ICE_LOST);
    assert_null(ic_ice_selected(&f.ice));
    assert_null(ic_ice_path(&f.ice));
    assert_int_equal(ic_ice_next_timeout(&f.ice), INT64_MAX);
    assert_int_equal(ic_ice_advance(&f.ice, f.now + SECONDS(60)), 0);
}

TEST(consent_is_kept_by_checks_and_comes_back_with_one)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    for (int i = 0; i < 10; i++) {
        f.now += SECONDS(29);
        assert_int_equal(check(&f, 1, PLAIN), 0);
    }
    f.now += SECONDS(40);
    /* Late news: the check itself finds that consent had ended, and renews it. */
    assert_int_equal(check(&f, 2, PLAIN), IC_ICE_LOST | IC_ICE_CHECKED | IC_ICE_SELECTED);
    assert_true(selected_is(&f, 2));
}

TEST(when_consent_ends_on_one_path_another_with_consent_takes_over)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    f.now += SECONDS(1);
    check(&f, 2, PLAIN);
    f.now += SECONDS(29);
    heard(&f, 1);
    assert_int_equal(ic_ice_advance(&f.ice, f.now), IC_ICE_SELECTED);
    assert_true(selected_is(&f, 2));
}

TEST(after_a_restart_both_generations_hold_until_the_new_one_is_used)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    ic_ice_restart(&f.ice, &OURS_2, &THEIRS_2);
    assert_true(ic_ice_has_ufrag(&f.ice, ic_bytes_of_text("OURS")));
    assert_true(ic_ice_has_ufrag(&f.ice, ic_bytes_of_text("OUR2")));
    assert_int_equal(check(&f, 1, PLAIN), 0);
    assert_true(f.reply.len > 0);
    assert_true(selected_is(&f, 1));

    assert_int_equal(check_with(&f, 2, NOMINATING, &OURS_2, THEIRS_2.ufrag),
                     IC_ICE_RESTARTED | IC_ICE_SELECTED);
    assert_false(ic_ice_has_ufrag(&f.ice, ic_bytes_of_text("OURS")));
    assert_int_equal(check(&f, 1, NOMINATING), 0);
    assert_int_equal(f.reply.len, 0);
    assert_true(selected_is(&f, 2));
    assert_int_equal(check_with(&f, 2, PLAIN, &OURS_2, THEIRS_2.ufrag), 0);
}

TEST(the_generations_do_not_mix)
{
    static const struct ic_ice_credentials mixed = {"OURS", "password-of-the-server-2"};
    struct fixture f = started();

    ic_ice_restart(&f.ice, &OURS_2, &THEIRS_2);
    assert_int_equal(check_with(&f, 1, PLAIN, &mixed, THEIRS.ufrag), 0);
    assert_int_equal(check_with(&f, 1, PLAIN, &OURS_2, THEIRS.ufrag), 0);
    assert_int_equal(f.reply.len, 0);
}

TEST(a_second_restart_before_the_first_was_used_keeps_what_is_in_use)
{
    static const struct ic_ice_credentials ours_3 = {"OUR3", "password-of-the-server-3"};
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    ic_ice_restart(&f.ice, &OURS_2, &THEIRS_2);
    ic_ice_restart(&f.ice, &ours_3, &THEIRS_2);
    check(&f, 1, PLAIN);
    assert_true(f.reply.len > 0);
    check_with(&f, 1, PLAIN, &OURS_2, THEIRS_2.ufrag);
    assert_int_equal(f.reply.len, 0);
    assert_int_equal(check_with(&f, 1, PLAIN, &ours_3, THEIRS_2.ufrag), IC_ICE_RESTARTED);
}

/* Somebody recorded it and would have our media sent to his victim. */
TEST(a_check_that_is_repeated_from_another_address_moves_nothing)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    assert_int_equal(check(&f, 2, REPEATED), 0);
    assert_int_equal(f.reply.len, 0);
    assert_false(knows(&f, 2));
    assert_true(selected_is(&f, 1));
    check(&f, 1, REPEATED); /* its answer was lost */
    assert_true(f.reply.len > 0);

    uint32_t recorded = f.transaction;
    f.now += SECONDS(40); /* consent is over, and would not come back by it */
    assert_int_equal(check(&f, 2, REPEATED), IC_ICE_LOST);
    assert_int_equal(f.reply.len, 0);
    for (int i = 0; i < IC_ICE_SEEN - 1; i++)
        check(&f, 3, NOMINATING);
    f.transaction = recorded;
    assert_int_equal(check(&f, 2, REPEATED), 0);
    assert_true(selected_is(&f, 3));
}

TEST(many_addresses_push_out_the_oldest_but_never_the_selected_one)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    for (unsigned n = 2; n < 40; n++) {
        f.now += IC_NS_PER_MS;
        check(&f, n, PLAIN);
        assert_true(selected_is(&f, 1));
        assert_true(knows(&f, n));
    }
    assert_true(knows(&f, 1));
    assert_false(knows(&f, 2));
    assert_true(knows(&f, 39 - IC_ICE_TUPLES + 2));
    assert_false(knows(&f, 39 - IC_ICE_TUPLES + 1));
}

TEST(a_closed_connection_is_forgotten)
{
    struct fixture f = started();
    struct ic_address one = address(1), two = address(2), stranger = address(3);

    check(&f, 2, PLAIN);
    check(&f, 1, NOMINATING);
    assert_int_equal(ic_ice_forget(&f.ice, f.now, &stranger), 0);
    assert_int_equal(ic_ice_forget(&f.ice, f.now, &one), IC_ICE_SELECTED);
    assert_true(selected_is(&f, 2));
    assert_int_equal(ic_ice_forget(&f.ice, f.now, &two), IC_ICE_LOST);
    assert_null(ic_ice_path(&f.ice));
}

TEST(a_tcp_path_is_another_than_udp_from_the_same_port)
{
    struct fixture f = started();
    struct ic_address tcp = address(1);

    check(&f, 1, PLAIN);
    tcp.protocol = IC_TCP;
    tcp.connection = 5;
    assert_false(ic_ice_knows(&f.ice, f.now, &tcp));
}

/* A request of our own making, with one thing wrong, but authenticated. */
static unsigned send_raw(struct fixture *f, uint8_t *bytes, size_t attributes_len)
{
    struct ic_hmac_key key;
    struct ic_stun_message m;
    struct ic_address from = address(1);
    uint8_t tag[IC_HMAC_SHA1_LEN];
    size_t len = 20 + attributes_len;

    bytes[3] = (uint8_t)(len + 24 - 20);
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(OURS.pwd));
    ic_hmac(tag, &key, &(struct ic_bytes){bytes, len}, 1);
    memcpy(bytes + len, ((uint8_t[]){0, 8, 0, 20}), 4);
    memcpy(bytes + len + 4, tag, sizeof tag);
    struct ic_bytes datagram = {bytes, len + 24};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    return ic_ice_receive(&f->ice, f->now, &from, &m, datagram, &f->reply);
}

TEST(an_authenticated_check_that_breaks_the_rules_is_told_why)
{
#define HEADER 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12
#define USERNAME 0, 6, 0, 9, 'O', 'U', 'R', 'S', ':', 'T', 'H', 'E', 'M', 0, 0, 0
#define PRIORITY 0, 0x24, 0, 4, 0, 0, 0, 1
    static const struct {
        const char *what;
        uint8_t bytes[20 + 16 + 8 + 12];
        size_t len;
        unsigned code; /* 0: a success */
    } rows[] = {
        {"nothing wrong", {HEADER, USERNAME, PRIORITY}, 24, 0},
        {"no priority", {HEADER, USERNAME}, 16, IC_STUN_BAD_REQUEST},
        {"controlled as we are",
         {HEADER, USERNAME, PRIORITY, 0x80, 0x29, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1},
         36,
         IC_STUN_ROLE_CONFLICT},
        {"an attribute nobody knows",
         {HEADER, USERNAME, PRIORITY, 0x00, 0x77, 0, 0},
         28,
         IC_STUN_UNKNOWN_ATTRIBUTE},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct fixture f = started();
        struct ic_stun_message answer;
        uint8_t bytes[128];
        memcpy(bytes, rows[i].bytes, sizeof rows[i].bytes);
        unsigned events = send_raw(&f, bytes, rows[i].len);
        CHECK_ROW(rows[i].what, events == (rows[i].code ? 0 : IC_ICE_CHECKED));
        CHECK_ROW(rows[i].what, knows(&f, 1) == (rows[i].code == 0));
        assert_int_equal(ic_stun_parse(&answer, (struct ic_bytes){f.reply.bytes, f.reply.len}),
                         IC_OK);
        CHECK_ROW(rows[i].what, answer.error_code == rows[i].code);
        CHECK_ROW(rows[i].what, f.reply.len <= 3 * (20 + rows[i].len + 24)); /* no amplifier */
    }
}

TEST(responses_and_indications_are_nothing_to_a_lite_agent)
{
    struct fixture f = started();
    struct ic_stun_message m = {.class = IC_STUN_SUCCESS};
    struct ic_address from = address(1);

    assert_int_equal(ic_ice_receive(&f.ice, f.now, &from, &m, (struct ic_bytes){0}, &f.reply), 0);
    m.class = IC_STUN_INDICATION;
    assert_int_equal(ic_ice_receive(&f.ice, f.now, &from, &m, (struct ic_bytes){0}, &f.reply), 0);
    assert_int_equal(f.reply.len, 0);
}

/* As an indication, whose password is right: RFC 8445 section 11 has them for keeping alive. */
TEST(an_indication_that_authenticates_is_no_check)
{
    struct fixture f = started();
    uint8_t bytes[IC_STUN_REQUEST_MAX];
    struct ic_address from = address(1);
    struct ic_hmac_key key;
    struct ic_stun_message m;

    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(OURS.pwd));
    struct ic_stun_check check = {.username = ic_bytes_of_text("OURS:THEM"), .priority = 1};
    size_t len = ic_stun_write_check(bytes, sizeof bytes, &check, &key) - 8;
    bytes[1] = 0x11;
    bytes[3] = (uint8_t)(len - 20); /* no fingerprint; the integrity is the last attribute */
    ic_hmac(bytes + len - IC_HMAC_SHA1_LEN, &key, &(struct ic_bytes){bytes, len - 24}, 1);
    struct ic_bytes datagram = {bytes, len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(m.class, IC_STUN_INDICATION);
    assert_int_equal(ic_stun_verify(&m, datagram, &key), IC_OK);
    assert_int_equal(ic_ice_receive(&f.ice, f.now, &from, &m, datagram, &f.reply), 0);
    assert_int_equal(f.reply.len, 0);
    assert_false(knows(&f, 1));
}

/* Before a restart there is no other generation, whose name would be empty and its key none. */
TEST(nobody_without_a_name_authenticates)
{
    static const struct ic_hmac_key no_key;
    struct fixture f = started();
    uint8_t bytes[IC_STUN_REQUEST_MAX];
    struct ic_address from = address(1);
    struct ic_stun_message m;
    struct ic_stun_check check = {.priority = 1};

    size_t len = ic_stun_write_check(bytes, sizeof bytes, &check, &no_key);
    struct ic_bytes datagram = {bytes, len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_receive(&f.ice, f.now, &from, &m, datagram, &f.reply), 0);
    assert_int_equal(f.reply.len, 0);
    assert_false(ic_ice_has_ufrag(&f.ice, (struct ic_bytes){0}));
    assert_true(ic_ice_has_ufrag(&f.ice, ic_bytes_of_text("OURS")));
}

TEST(media_on_another_path_does_not_keep_a_silent_one)
{
    struct fixture f = started();

    check(&f, 1, NOMINATING);
    check(&f, 2, PLAIN);
    f.now += IC_ICE_SILENT_NS;
    heard(&f, 2);
    heard(&f, 3); /* of nobody's */
    assert_int_equal(check(&f, 2, PLAIN), IC_ICE_SELECTED);
    assert_true(selected_is(&f, 2));
}

TEST(the_next_timeout_is_that_of_the_path_whose_consent_ends_first)
{
    struct fixture f = started();

    assert_true(ic_ice_next_timeout(&f.ice) == INT64_MAX);
    check(&f, 1, PLAIN);
    int64_t first = f.now + IC_ICE_CONSENT_NS;
    f.now += SECONDS(5);
    check(&f, 2, PLAIN);
    assert_true(ic_ice_next_timeout(&f.ice) == first);
    f.now += SECONDS(5);
    check(&f, 1, PLAIN);
    assert_true(ic_ice_next_timeout(&f.ice) == first + SECONDS(5));
}

TEST(names_and_passwords_of_the_greatest_length_work)
{
    struct ic_ice_credentials ours, theirs;
    struct fixture f = {.now = 1};
    struct ic_address from = address(1);
    uint8_t bytes[IC_STUN_REQUEST_MAX], name[IC_ICE_USERNAME_MAX];
    struct ic_stun_message m;
    struct ic_hmac_key key;

    memset(&ours, 'o', sizeof ours);
    memset(&theirs, 't', sizeof theirs);
    ours.ufrag[256] = ours.pwd[256] = theirs.ufrag[256] = theirs.pwd[256] = 0;
    ic_ice_init(&f.ice, &ours, &theirs);
    memset(name, 'o', 256);
    name[256] = ':';
    memset(name + 257, 't', 256);
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(ours.pwd));
    struct ic_stun_check check = {.username = {name, 513}, .priority = 1, .use_candidate = true};
    size_t len = ic_stun_write_check(bytes, sizeof bytes, &check, &key);
    struct ic_bytes datagram = {bytes, len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_receive(&f.ice, f.now, &from, &m, datagram, &f.reply),
                     IC_ICE_CHECKED | IC_ICE_SELECTED);
    ic_ice_clear(&f.ice);
    assert_null(ic_ice_selected(&f.ice));
}

RUN_TESTS(cmocka_unit_test(a_check_opens_a_path_for_dtls_before_any_nomination),
          cmocka_unit_test(the_answer_tells_the_client_its_address_under_our_password),
          cmocka_unit_test(a_check_without_the_password_changes_nothing_and_gets_no_answer),
          cmocka_unit_test(the_latest_nomination_wins),
          cmocka_unit_test(a_path_silent_for_3_s_is_left_when_another_checks),
          cmocka_unit_test(media_on_a_path_means_that_it_is_not_silent),
          cmocka_unit_test(consent_ends_30_s_after_the_last_check_whatever_media_comes),
          cmocka_unit_test(consent_is_kept_by_checks_and_comes_back_with_one),
          cmocka_unit_test(when_consent_ends_on_one_path_another_with_consent_takes_over),
          cmocka_unit_test(after_a_restart_both_generations_hold_until_the_new_one_is_used),
          cmocka_unit_test(the_generations_do_not_mix),
          cmocka_unit_test(a_second_restart_before_the_first_was_used_keeps_what_is_in_use),
          cmocka_unit_test(a_check_that_is_repeated_from_another_address_moves_nothing),
          cmocka_unit_test(many_addresses_push_out_the_oldest_but_never_the_selected_one),
          cmocka_unit_test(a_closed_connection_is_forgotten),
          cmocka_unit_test(a_tcp_path_is_another_than_udp_from_the_same_port),
          cmocka_unit_test(an_authenticated_check_that_breaks_the_rules_is_told_why),
          cmocka_unit_test(responses_and_indications_are_nothing_to_a_lite_agent),
          cmocka_unit_test(an_indication_that_authenticates_is_no_check),
          cmocka_unit_test(nobody_without_a_name_authenticates),
          cmocka_unit_test(media_on_another_path_does_not_keep_a_silent_one),
          cmocka_unit_test(the_next_timeout_is_that_of_the_path_whose_consent_ends_first),
          cmocka_unit_test(names_and_passwords_of_the_greatest_length_work))
