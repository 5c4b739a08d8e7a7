/* The controlling side against the ICE-lite agent, in memory and on virtual time. */
#include "media/ice_client.h"

#include "tests/test.h"

enum { REPETITION_AT = 11 }; /* in the transaction, which begins at byte 8 */

static const struct ic_ice_credentials SERVER = {"SRVR", "password-of-the-server-1"};
static const struct ic_ice_credentials CLIENT = {"CLNT", "password-of-the-client-1"};
static const struct ic_address SERVER_AT = {.ip = {192, 0, 2, 1}, .port = 1, .family = IC_IPV4};
static const struct ic_address MOVED_AT = {.ip = {192, 0, 2, 2}, .port = 3, .family = IC_IPV4};
static const struct ic_address CLIENT_AT = {.ip = {192, 0, 2, 2}, .port = 2, .family = IC_IPV4};

#define START (50 * IC_NS_PER_SEC)

struct pair {
    struct ic_ice_client client;
    struct ic_ice server;
    int64_t now;
    int requests;
    bool deaf;  /* answers are lost */
    bool moved; /* the server sees another port */
};

static struct pair started(void)
{
    struct pair p = {.now = START};
    ic_ice_client_init(&p.client, p.now, &CLIENT, &SERVER, &SERVER_AT);
    ic_ice_init(&p.server, &SERVER, &CLIENT);
    return p;
}

/* Answers one request; what the client said to the answer. */
static enum ic_err answer(struct pair *p, struct ic_bytes request)
{
    struct ic_stun_message m;
    struct ic_ice_reply reply;

    assert_int_equal(ic_stun_parse(&m, request), IC_OK);
    ic_ice_receive(&p->server, p->now, p->moved ? &MOVED_AT : &CLIENT_AT, &m, request, &reply);
    if (reply.len == 0)
        return IC_ERR_NOT_FOUND;
    struct ic_bytes datagram = {reply.bytes, reply.len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    return ic_ice_client_receive(&p->client, p->now, &m, datagram);
}

static void run(struct pair *p, int64_t end)
{
    uint8_t request[IC_STUN_REQUEST_MAX];

    while (ic_ice_client_next_timeout(&p->client) <= end) {
        p->now = ic_ice_client_next_timeout(&p->client);
        size_t len = ic_ice_client_advance(&p->client, p->now, request);
        if (len == 0)
            continue;
        p->requests++;
        if (!p->deaf)
            assert_int_equal(answer(p, (struct ic_bytes){request, len}), IC_OK);
    }
    p->now = end;
}

TEST(the_first_check_connects_and_nominates)
{
    struct pair p = started();

    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CHECKING);
    run(&p, START);
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CONNECTED);
    assert_int_equal(p.requests, 1);
    assert_true(ic_address_equal(ic_ice_selected(&p.server), &CLIENT_AT));
}

TEST(consent_is_asked_every_5_s_or_so_and_keeps_the_server_sending)
{
    struct pair p = started();

    run(&p, START + 1000 * IC_NS_PER_SEC);
    assert_in_range(p.requests, 1000 / 6, 1000 / 4 + 1);
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CONNECTED);
    assert_non_null(ic_ice_selected(&p.server));
    assert_int_equal(ic_ice_advance(&p.server, p.now), 0);
}

TEST(a_check_is_repeated_after_50_100_and_200_ms)
{
    static const int at_ms[] = {0, 50, 150, 350, 750, 1550, 3150, 5150, 7150};
    struct pair p = started();
    uint8_t first[IC_STUN_REQUEST_MAX], again[IC_STUN_REQUEST_MAX];

    for (size_t i = 0; i < IC_COUNT(at_ms); i++) {
        int64_t due = START + at_ms[i] * IC_NS_PER_MS;
        assert_int_equal(ic_ice_client_next_timeout(&p.client), due);
        assert_int_equal(ic_ice_client_advance(&p.client, due - 1, again), 0);
        size_t len = ic_ice_client_advance(&p.client, due, i == 0 ? first : again);
        assert_true(len > 0);
        if (i == 0)
            continue;
        assert_memory_equal(first, again, 4 + 4 + REPETITION_AT);
        assert_int_equal(again[8 + REPETITION_AT], (uint8_t)(first[8 + REPETITION_AT] + i));
    }
}

/* The server heard the first, the answer was lost, and the NAT has chosen another port since. */
TEST(a_repetition_from_another_address_is_answered)
{
    struct pair p = started();
    uint8_t first[IC_STUN_REQUEST_MAX], again[IC_STUN_REQUEST_MAX];
    struct ic_stun_message m;
    struct ic_ice_reply reply;

    struct ic_bytes datagram = {first, ic_ice_client_advance(&p.client, p.now, first)};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    ic_ice_receive(&p.server, p.now, &CLIENT_AT, &m, datagram, &reply);
    assert_true(reply.len > 0);

    p.now = ic_ice_client_next_timeout(&p.client);
    datagram = (struct ic_bytes){again, ic_ice_client_advance(&p.client, p.now, again)};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    ic_ice_receive(&p.server, p.now, &MOVED_AT, &m, datagram, &reply);
    assert_true(ic_address_equal(ic_ice_selected(&p.server), &MOVED_AT));
    datagram = (struct ic_bytes){reply.bytes, reply.len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_client_receive(&p.client, p.now, &m, datagram), IC_OK);
}

TEST(without_answers_it_is_lost_after_30_s_and_comes_back_with_one)
{
    struct pair p = started();

    run(&p, START);
    p.deaf = true;
    run(&p, START + 30 * IC_NS_PER_SEC - 1);
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CONNECTED);
    run(&p, START + 30 * IC_NS_PER_SEC);
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_LOST);
    run(&p, START + 60 * IC_NS_PER_SEC);
    p.deaf = false;
    run(&p, START + 62 * IC_NS_PER_SEC);
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CONNECTED);
}

TEST(an_answer_counts_once_and_only_for_its_question)
{
    struct pair p = started();
    uint8_t request[IC_STUN_REQUEST_MAX], reply[IC_STUN_RESPONSE_MAX];
    struct ic_stun_message asked, m;
    struct ic_hmac_key key, wrong;

    size_t len = ic_ice_client_advance(&p.client, p.now, request);
    assert_int_equal(ic_stun_parse(&asked, (struct ic_bytes){request, len}), IC_OK);
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(SERVER.pwd));
    ic_hmac_key_init(&wrong, IC_HMAC_SHA1, ic_bytes_of_text("guessed"));

    struct ic_bytes datagram = {
        reply, ic_stun_write_success(reply, sizeof reply, &asked, &CLIENT_AT, &wrong)};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_client_receive(&p.client, p.now, &m, datagram), IC_ERR_FORGED);

    struct ic_stun_message other = asked;
    other.transaction[0] ^= 1;
    datagram.len = ic_stun_write_success(reply, sizeof reply, &other, &CLIENT_AT, &key);
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_client_receive(&p.client, p.now, &m, datagram), IC_ERR_NOT_FOUND);

    datagram.len = ic_stun_write_error(reply, sizeof reply, &asked, IC_STUN_BAD_REQUEST, &key);
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_client_receive(&p.client, p.now, &m, datagram), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CHECKING);

    datagram.len = ic_stun_write_success(reply, sizeof reply, &asked, &CLIENT_AT, &key);
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_ice_client_receive(&p.client, p.now, &m, datagram), IC_OK);
    assert_int_equal(ic_ice_client_receive(&p.client, p.now, &m, datagram), IC_ERR_NOT_FOUND);
}

TEST(a_restart_uses_the_new_credentials_on_both_sides)
{
    static const struct ic_ice_credentials server_2 = {"SRV2", "password-of-the-server-2"};
    static const struct ic_ice_credentials client_2 = {"CLN2", "password-of-the-client-2"};
    struct pair p = started();

    run(&p, START + 10 * IC_NS_PER_SEC);
    ic_ice_restart(&p.server, &server_2, &client_2);
    ic_ice_client_restart(&p.client, p.now, &client_2, &server_2);
    run(&p, p.now);
    assert_false(ic_ice_has_ufrag(&p.server, ic_bytes_of_text("SRVR")));
    assert_int_equal(ic_ice_client_state(&p.client), IC_ICE_CLIENT_CONNECTED);
    ic_ice_client_clear(&p.client);
}

/* Packets of the server, one each 20 ms until `end`. */
static void listen_until(struct pair *p, int64_t end)
{
    while (p->now < end) {
        run(p, p->now + 20 * IC_NS_PER_MS);
        ic_ice_client_heard(&p->client, p->now);
    }
}

TEST(a_check_goes_out_150_ms_after_the_last_packet_and_moves_the_server_to_the_new_port)
{
    struct pair p = started();

    run(&p, START);
    listen_until(&p, START + IC_NS_PER_SEC);
    assert_int_equal(p.requests, 1);
    p.moved = true; /* and nothing comes any more */
    assert_int_equal(ic_ice_client_next_timeout(&p.client), p.now + IC_ICE_CLIENT_QUIET_NS);
    run(&p, p.now + IC_ICE_CLIENT_QUIET_NS);
    assert_int_equal(p.requests, 2);
    assert_true(ic_address_equal(ic_ice_selected(&p.server), &MOVED_AT));
}

TEST(a_silence_is_asked_about_once)
{
    struct pair p = started();

    run(&p, START);
    listen_until(&p, START + IC_NS_PER_SEC);
    run(&p, START + 4 * IC_NS_PER_SEC);
    assert_int_equal(p.requests, 2);
}

TEST(another_socket_is_wanted_when_neither_an_answer_nor_anything_else_comes)
{
    struct pair p = started();

    assert_int_equal(ic_ice_client_stuck_at(&p.client), INT64_MAX); /* it never connected */
    run(&p, START);
    listen_until(&p, START + IC_NS_PER_SEC);
    p.deaf = true;
    assert_int_equal(ic_ice_client_stuck_at(&p.client), INT64_MAX);
    run(&p, p.now + IC_ICE_CLIENT_QUIET_NS);
    assert_int_equal(ic_ice_client_stuck_at(&p.client), p.now + 300 * IC_NS_PER_MS);
    ic_ice_client_heard(&p.client,
                        p.now + 200 * IC_NS_PER_MS); /* then it was the check's bad luck */
    assert_int_equal(ic_ice_client_stuck_at(&p.client), p.now + 500 * IC_NS_PER_MS);
}

TEST(each_socket_that_does_not_help_gets_more_time_than_the_one_before)
{
    static const int ms[] = {600, 1200, 1200};
    struct pair p = started();

    run(&p, START);
    p.deaf = true;
    for (size_t i = 0; i < IC_COUNT(ms); i++) {
        ic_ice_client_moved(&p.client, p.now);
        assert_int_equal(ic_ice_client_next_timeout(&p.client), p.now);
        run(&p, p.now);
        assert_int_equal(ic_ice_client_stuck_at(&p.client), p.now + ms[i] * IC_NS_PER_MS);
    }
    p.deaf = false;
    p.moved = true;
    ic_ice_client_moved(&p.client, p.now);
    run(&p, p.now);
    assert_true(ic_address_equal(ic_ice_selected(&p.server), &MOVED_AT));
    assert_int_equal(ic_ice_client_stuck_at(&p.client), INT64_MAX);
}

RUN_TESTS(cmocka_unit_test(the_first_check_connects_and_nominates),
          cmocka_unit_test(consent_is_asked_every_5_s_or_so_and_keeps_the_server_sending),
          cmocka_unit_test(a_check_is_repeated_after_50_100_and_200_ms),
          cmocka_unit_test(a_repetition_from_another_address_is_answered),
          cmocka_unit_test(without_answers_it_is_lost_after_30_s_and_comes_back_with_one),
          cmocka_unit_test(
              a_check_goes_out_150_ms_after_the_last_packet_and_moves_the_server_to_the_new_port),
          cmocka_unit_test(a_silence_is_asked_about_once),
          cmocka_unit_test(another_socket_is_wanted_when_neither_an_answer_nor_anything_else_comes),
          cmocka_unit_test(each_socket_that_does_not_help_gets_more_time_than_the_one_before),
          cmocka_unit_test(an_answer_counts_once_and_only_for_its_question),
          cmocka_unit_test(a_restart_uses_the_new_credentials_on_both_sides))
