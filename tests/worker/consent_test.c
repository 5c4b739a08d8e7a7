/* Consent (RFC 7675): who does not check for 30 s gets nothing more, until it checks again; over
 * UDP, TCP, and a relay, of which the worker sees the address alone. Checks that are forged
 * meanwhile must neither keep it nor hide its end. */
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"
#include "tests/worker/relay.h"

enum {
    ROOM = 1,
    SSRC = 1111,
    SLOT_SSRC = 50000,
    STEP_MS = 250,
    QUIET_MS = 27000,
    EXPIRY_MS = 4500,
    BACKLOG_MS = 2000 /* on a busy machine forged checks wait in the socket, and news behind them */
};
enum { FORGED_EVERY_NS = 200000 };

static struct rig rig;
static struct relay relay;
static uint32_t seq;

static void send_voice(struct peer *from)
{
    static const uint8_t payload[80];

    seq++;
    rig_send(&rig, from,
             &(struct rig_packet){.mid = "0",
                                  .pt = VOICE_PT,
                                  .ssrc = SSRC,
                                  .seq = seq,
                                  .timestamp = seq * 960,
                                  .payload = {payload, sizeof payload}});
}

static void send_for(struct peer *from, int ms)
{
    for (int t = 0; t < ms; t += STEP_MS) {
        send_voice(from);
        rig_pump(&rig, STEP_MS);
    }
}

/* A process that sends checks with the right names and a wrong password until it is killed, so
 * often that one comes in the very moment in which consent ends. */
static pid_t forge_checks(const struct peer *p)
{
    struct ic_ice_credentials wrong = p->theirs;
    struct ic_address server = p->ice.server;
    struct ic_ice_client attacker;
    uint8_t check[IC_STUN_REQUEST_MAX];

    wrong.pwd[0] ^= 1;
    ic_ice_client_init(&attacker, rig_now(), &p->ours, &wrong, &server);
    size_t len = ic_ice_client_advance(&attacker, rig_now(), check);
    assert_true(len > 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    int fd = pid == 0 ? rig_socket() : -1;
    while (pid == 0) {
        rig_send_raw(&rig, fd, (struct ic_bytes){check, len});
        nanosleep(&(struct timespec){.tv_nsec = FORGED_EVERY_NS}, NULL);
    }
    return pid;
}

static bool is_closed(const struct peer *p)
{
    uint8_t byte;
    ssize_t len = recv(p->fd, &byte, 1, MSG_DONTWAIT);
    return len == 0 || (len < 0 && errno != EAGAIN);
}

TEST(worker_stops_sending_when_consent_is_over_and_begins_again_at_the_next_check)
{
    struct ic_line voice = rig_voice_line("0"), slot = rig_slot("a", IC_CODEC_OPUS, SLOT_SSRC);

    rig_start(&rig, NULL);
    struct peer *from = rig_add(&rig, ROOM, &voice, 1), *to = rig_add(&rig, ROOM, &slot, 1);
    struct peer *over_tcp = rig_add(&rig, ROOM, &slot, 1), *relayed = rig_add(&rig, ROOM, &slot, 1);
    relay_start(&relay);
    rig_use_tcp(&rig, over_tcp);
    relay_use(&relay, &rig, relayed);
    rig_connect(&rig, from);
    rig_connect(&rig, to);
    rig_connect(&rig, over_tcp);
    rig_connect(&rig, relayed);
    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_point(&rig, over_tcp, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_point(&rig, relayed, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    send_for(from, 1000);
    assert_true(to->got_count > 0 && over_tcp->got_count > 0 && relayed->got_count > 0);

    to->checking = over_tcp->checking = relayed->checking = false;
    send_for(from, QUIET_MS);
    pid_t attacker = forge_checks(to);
    send_for(from, EXPIRY_MS);
    kill(attacker, SIGKILL);
    waitpid(attacker, NULL, 0);
    rig_pump(&rig, BACKLOG_MS);
    assert_int_equal(to->state, IC_TRANSPORT_LOST);
    assert_int_equal(over_tcp->state, IC_TRANSPORT_LOST);
    assert_int_equal(relayed->state, IC_TRANSPORT_LOST);
    assert_true(is_closed(over_tcp));
    size_t before = to->datagrams, before_tcp = over_tcp->datagrams,
           before_relayed = relayed->datagrams;
    send_for(from, 1000);
    assert_int_equal(to->datagrams, before);
    assert_int_equal(over_tcp->datagrams, before_tcp);
    assert_int_equal(relayed->datagrams, before_relayed);
    assert_int_equal(from->state, IC_TRANSPORT_CONNECTED);

    to->checking = relayed->checking = true;
    rig_pump(&rig, 2500); /* its client repeats by now only every 2 s */
    send_for(from, 1000);
    assert_int_equal(to->state, IC_TRANSPORT_CONNECTED);
    assert_true(to->datagrams > before + 2 && relayed->datagrams > before_relayed + 2);
    relay_stop(&relay);
    assert_int_equal(rig_stop(&rig), 0);
}

RUN_TESTS(
    cmocka_unit_test(worker_stops_sending_when_consent_is_over_and_begins_again_at_the_next_check))
