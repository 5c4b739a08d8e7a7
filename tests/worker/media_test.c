/* A worker process seen from outside: what it forwards, to whom, and what it ignores. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "media/twcc.h"
#include "tests/test.h"
#include "tests/worker/rig.h"

enum {
    ROOM = 7,
    SSRC = 1111,       /* what the publisher sends with */
    SLOT_SSRC = 50000, /* and what the receiver is to see */
    PAYLOAD_LEN = 900,
    WAIT_MS = 5000,
    SILENCE_MS = 250,
    TOLD_MS = 2100, /* totals are told once a second, and checks keep it busy */
};

static struct rig rig;
static uint8_t video[PAYLOAD_LEN];

static int start(void **state)
{
    (void)state;
    rig_start(&rig, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    return rig_stop(&rig) == 0 ? 0 : -1; /* a sanitizer's complaint is an exit status */
}

static struct peer *publisher(void)
{
    struct ic_line lines[] = {rig_voice_line("0"), rig_video_line("1")};
    struct peer *p = rig_add(&rig, ROOM, lines, IC_COUNT(lines));

    rig_connect(&rig, p);
    return p;
}

static struct peer *receiver(void)
{
    struct ic_line lines[] = {rig_slot("a", IC_CODEC_OPUS, SLOT_SSRC),
                              rig_slot("b", IC_CODEC_VP8, SLOT_SSRC + 10)};
    struct peer *p;

    lines[0].pt = 109; /* another browser, other numbers */
    p = rig_add(&rig, ROOM, lines, IC_COUNT(lines));
    rig_connect(&rig, p);
    return p;
}

static void send_voice(struct peer *from, uint32_t seq)
{
    uint8_t payload[100];

    memset(payload, (int)seq, sizeof payload);
    rig_send(&rig, from,
             &(struct rig_packet){.mid = "0",
                                  .pt = VOICE_PT,
                                  .ssrc = SSRC,
                                  .seq = seq,
                                  .timestamp = seq * 960,
                                  .payload = {payload, sizeof payload}});
}

/* One packet, which is a whole frame. */
static void send_video(struct peer *from, uint32_t seq, bool key)
{
    static const uint8_t descriptor[] = {0x90, 0x80, 0x80, 0};

    memset(video, (int)seq, sizeof video);
    memcpy(video, descriptor, sizeof descriptor);
    video[3] = (uint8_t)seq; /* picture id */
    video[4] = key ? 0x10 : 0x11;
    rig_send(&rig, from,
             &(struct rig_packet){.mid = "1",
                                  .pt = VIDEO_PT,
                                  .marker = true,
                                  .ssrc = SSRC + 10,
                                  .seq = seq,
                                  .timestamp = seq * 3000,
                                  .payload = {video, sizeof video}});
}

TEST(worker_forwards_voice_under_the_receivers_own_numbers)
{
    struct peer *from = publisher(), *to = receiver();
    struct ic_rtp got[20];

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 10; i++)
        send_voice(from, 65530 + i);
    rig_pump_until(&rig, to, 10, WAIT_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC, got, IC_COUNT(got)), 10);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(got[i].pt, 109);
        assert_int_equal(got[i].payload.len, 100);
        assert_int_equal(got[i].payload.at[0], (uint8_t)(65530 + i));
        assert_int_equal(got[i].seq, (uint16_t)(got[0].seq + i));
        assert_int_equal(got[i].timestamp, got[0].timestamp + 960 * i);
    }
}

TEST(worker_forwards_video_from_its_key_frame_on)
{
    struct peer *from = publisher(), *to = receiver();
    struct ic_rtp got[20];

    rig_point(&rig, to, 1, from, IC_STREAM_CAMERA, 2);
    rig_pump(&rig, 50);
    send_video(from, 100, false);
    send_video(from, 101, false);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC + 10, got, IC_COUNT(got)), 0);
    assert_true(rig_count_rtcp(from, IC_RTCP_PAYLOAD_FEEDBACK, IC_RTCP_PLI) >= 1);
    send_video(from, 102, true);
    send_video(from, 103, false);
    rig_pump_until(&rig, to, 2, WAIT_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC + 10, got, IC_COUNT(got)), 2);
    assert_int_equal(got[0].payload.len, PAYLOAD_LEN);
    assert_int_equal(got[0].payload.at[4], 0x10);
}

TEST(worker_asks_the_publisher_once_however_often_receivers_ask)
{
    struct peer *from = publisher(), *to = receiver();
    uint8_t bytes[64];

    rig_point(&rig, to, 1, from, IC_STREAM_CAMERA, 2);
    rig_pump(&rig, 50);
    send_video(from, 100, true);
    rig_pump_until(&rig, to, 1, WAIT_MS);
    rig_pump(&rig, 600); /* well after any request of the beginning */
    send_video(from, 101, true);
    rig_pump(&rig, 50);
    from->got_count = 0;
    for (int i = 0; i < 50; i++) {
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
        ic_rtcp_write_rr(&w, 1, NULL, 0);
        ic_rtcp_write_pli(&w, 1, SLOT_SSRC + 10);
        rig_send_rtcp(&rig, to, ic_written(&w));
        if (i % 10 == 9)
            rig_pump(&rig, 10);
    }
    rig_pump(&rig, 100); /* an unanswered request is repeated after 300 ms */
    assert_int_equal(rig_count_rtcp(from, IC_RTCP_PAYLOAD_FEEDBACK, IC_RTCP_PLI), 1);
}

TEST(worker_sends_a_missed_packet_again_on_the_retransmission_stream)
{
    struct peer *from = publisher(), *to = receiver();
    struct ic_rtp got[20], again[4];
    uint8_t bytes[64];

    rig_point(&rig, to, 1, from, IC_STREAM_CAMERA, 2);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 5; i++)
        send_video(from, 100 + i, i == 0);
    rig_pump_until(&rig, to, 5, WAIT_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC + 10, got, IC_COUNT(got)), 5);

    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    ic_rtcp_write_rr(&w, 1, NULL, 0);
    ic_rtcp_write_nack(&w, 1, SLOT_SSRC + 10, (uint16_t[]){got[2].seq}, 1);
    rig_send_rtcp(&rig, to, ic_written(&w));
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC + 11, again, IC_COUNT(again)), 1);
    assert_int_equal(again[0].pt, VIDEO_RTX_PT);
    assert_int_equal(again[0].payload.at[0] << 8 | again[0].payload.at[1], got[2].seq);
    assert_int_equal(again[0].payload.len, got[2].payload.len + 2);
    assert_memory_equal(again[0].payload.at + 2, got[2].payload.at, got[2].payload.len);
}

TEST(worker_asks_the_publisher_for_what_is_missing_and_reports)
{
    struct peer *from = publisher(), *to = receiver();

    rig_point(&rig, to, 1, from, IC_STREAM_CAMERA, 2);
    rig_pump(&rig, 50);
    send_video(from, 100, true);
    rig_pump(&rig, 30);
    send_video(from, 102, false);
    send_video(from, 103, false);
    rig_pump(&rig, SILENCE_MS);
    assert_true(rig_count_rtcp(from, IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_NACK) >= 1);
    for (uint32_t i = 0; i < 12; i++) {
        send_video(from, 104 + i, false);
        rig_pump(&rig, 100);
    }
    assert_true(rig_count_rtcp(from, IC_RTCP_RR, 1) >= 1);
}

TEST(worker_tells_the_publisher_when_its_packets_arrived)
{
    struct peer *from = publisher();
    struct ic_twcc_result results[64];
    size_t arrived = 0;

    for (uint32_t i = 0; i < 30; i++) {
        send_voice(from, i);
        if (i % 10 == 9)
            from->twcc_seq += 2; /* two never arrive */
        rig_pump(&rig, 10);
    }
    rig_pump(&rig, SILENCE_MS);
    for (size_t i = 0; i < from->got_count; i++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){from->got[i].bytes, from->got[i].len});
        struct ic_rtcp packet;
        size_t count;
        while (from->got[i].rtcp && ic_rtcp_next(&r, &packet)) {
            if (packet.type != IC_RTCP_TRANSPORT_FEEDBACK || packet.count != IC_RTCP_TWCC)
                continue;
            assert_int_equal(ic_twcc_read(results, IC_COUNT(results), &count, &packet), IC_OK);
            for (size_t k = 0; k < count; k++)
                arrived += results[k].arrived;
        }
    }
    assert_int_equal(arrived, 30);
    assert_in_range(rig_count_rtcp(from, IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_TWCC), 2, 8);
}

TEST(worker_reports_to_the_receiver_once_the_publisher_has_reported)
{
    struct peer *from = publisher(), *to = receiver();
    struct ic_rtcp_sr sr = {.ssrc = SSRC, .ntp = UINT64_C(3900000000) << 32, .timestamp = 960};
    uint8_t bytes[64];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    send_voice(from, 1);
    ic_rtcp_write_sr(&w, &sr);
    rig_send_rtcp(&rig, from, ic_written(&w));
    for (uint32_t i = 2; i < 60; i++) {
        send_voice(from, i);
        rig_pump(&rig, 40);
    }
    assert_in_range(rig_count_rtcp(to, IC_RTCP_SR, 0), 3, 6); /* three at once, then one a second */
    assert_int_equal(rig_count_rtcp(to, IC_RTCP_SR, 0), rig_count_rtcp(to, IC_RTCP_SDES, 1));
    assert_int_equal(rig.stats.now.transports, 2);
    assert_int_equal(rig.stats.now.rooms, 1);
}

TEST(worker_carries_a_client_whose_network_has_no_udp)
{
    struct ic_line slot = rig_slot("a", IC_CODEC_VP8, SLOT_SSRC + 10), line = rig_video_line("1");
    struct peer *from = rig_add(&rig, ROOM, &line, 1), *to = rig_add(&rig, ROOM, &slot, 1);
    struct ic_rtp got[64];

    rig_use_tcp(&rig, from);
    rig_use_tcp(&rig, to);
    rig_connect(&rig, from);
    rig_connect(&rig, to);
    rig_point(&rig, to, 0, from, IC_STREAM_CAMERA, 2);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 50; i++)
        send_video(from, i, i == 0);
    rig_pump_until(&rig, to, 50, WAIT_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC + 10, got, IC_COUNT(got)), 50);

    rig_use_tcp(&rig, to); /* the connection breaks: the next check comes over another */
    to->ice.next_at = 0;
    rig_pump(&rig, SILENCE_MS);
    to->got_count = 0;
    send_video(from, 50, true);
    rig_pump_until(&rig, to, 1, WAIT_MS);
    assert_true(rig_find(to, SLOT_SSRC + 10, got, IC_COUNT(got)) == 1);
}

TEST(worker_counts_connections_by_their_way_and_knows_a_relay_by_its_address)
{
    struct ic_control relays = {.type = IC_CONTROL_RELAYS, .relays.count = 1};
    struct ic_line line = rig_voice_line("0");
    struct peer *tcp = rig_add(&rig, ROOM, &line, 1);

    publisher();
    rig_use_tcp(&rig, tcp);
    rig_connect(&rig, tcp);
    rig_add(&rig, ROOM, &line, 1);
    rig_pump(&rig, TOLD_MS);
    assert_int_equal(rig.stats.now.routes[IC_ROUTE_UDP], 1);
    assert_int_equal(rig.stats.now.routes[IC_ROUTE_TCP], 1);
    assert_int_equal(rig.stats.now.routes[IC_ROUTE_NONE], 1);
    assert_int_equal(rig.stats.handshakes_done, 2);
    assert_int_equal(ic_address_parse(&relays.relays.addresses[0], "127.0.0.1", 1), IC_OK);
    rig_tell(&rig, &relays);
    rig_pump(&rig, TOLD_MS);
    assert_int_equal(rig.stats.now.routes[IC_ROUTE_RELAY], 2);
}

TEST(worker_connects_nobody_with_another_certificate)
{
    struct ic_line lines[] = {rig_voice_line("0")};
    struct peer *to = receiver(), *p = rig_add(&rig, ROOM, lines, 1);

    ic_dtls_context_free(p->context);
    ic_certificate_free(p->certificate);
    assert_int_equal(ic_certificate_new(&p->certificate, 1700000000), IC_OK);
    assert_int_equal(ic_dtls_context_new(&p->context, p->certificate), IC_OK);
    rig_point(&rig, to, 0, p, IC_STREAM_MICROPHONE, 0);
    rig_try(&rig, p);
    assert_int_equal(p->state, IC_TRANSPORT_FAILED);
    rig_pump(&rig, TOLD_MS);
    assert_int_equal(rig.stats.handshakes_failed, 1);
    if (p->sender) /* keys that only one side has */
        for (uint32_t i = 0; i < 10; i++)
            send_voice(p, i);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(to->got_count, 0);
    assert_int_equal(p->got_count, 0);
}

TEST(worker_ignores_media_from_a_foreign_address)
{
    struct peer *from = publisher(), *to = receiver();
    int foreign = rig_socket();
    uint8_t bytes[GOT_BYTES], payload[100] = {1};
    struct rig_packet packet = {
        .mid = "0", .pt = VOICE_PT, .ssrc = SSRC, .seq = 1, .payload = {payload, sizeof payload}};

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    size_t len = rig_seal(from, &packet, bytes); /* good in everything but where it comes from */
    for (int i = 0; i < 20; i++)
        rig_send_raw(&rig, foreign, (struct ic_bytes){bytes, len});
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(to->got_count, 0);

    send_voice(from, 2);
    rig_pump_until(&rig, to, 1, WAIT_MS);
    assert_int_equal(to->got_count, 1);
    assert_int_equal(rig_count_datagrams(foreign, SILENCE_MS), 0);
    rig_pump(&rig, 1200); /* totals come once a second */
    assert_true(rig.stats.dropped_unknown >= 20);
    close(foreign);
}

TEST(worker_answers_no_handshake_from_an_address_that_did_not_authenticate)
{
    struct ic_line lines[] = {rig_voice_line("0")};
    struct peer *p = rig_add(&rig, ROOM, lines, 1);
    int foreign = rig_socket();
    struct ic_dtls *hello;
    struct ic_bytes datagram;

    assert_int_equal(ic_dtls_new(&hello, p->context, IC_DTLS_CLIENT, rig.fingerprint, rig_now()),
                     IC_OK);
    while (ic_dtls_next_datagram(hello, &datagram)) {
        rig_send_raw(&rig, foreign, datagram);
        rig_send_raw(&rig, p->fd, datagram); /* its own address, but before the check */
    }
    assert_int_equal(rig_count_datagrams(foreign, SILENCE_MS), 0);
    assert_int_equal(rig_count_datagrams(p->fd, SILENCE_MS), 0);
    ic_dtls_free(hello);
    rig_connect(&rig, p);
    assert_int_equal(rig_count_datagrams(foreign, SILENCE_MS), 0);
    close(foreign);
}

TEST(worker_answers_no_check_with_a_wrong_password_or_name)
{
    struct ic_line lines[] = {rig_voice_line("0")};
    struct peer *p = rig_add(&rig, ROOM, lines, 1);
    struct ic_ice_credentials wrong = p->theirs;
    struct ic_address server = p->ice.server;
    uint8_t check[IC_STUN_REQUEST_MAX];

    for (int round = 0; round < 2; round++) {
        struct ic_ice_client attacker;
        if (round == 0)
            wrong.pwd[3] ^= 1;
        else
            snprintf(wrong.ufrag, sizeof wrong.ufrag, "nobody");
        ic_ice_client_init(&attacker, rig_now(), &p->ours, &wrong, &server);
        size_t len = ic_ice_client_advance(&attacker, rig_now(), check);
        rig_send_raw(&rig, p->fd, (struct ic_bytes){check, len});
    }
    assert_int_equal(rig_count_datagrams(p->fd, SILENCE_MS), 0);
    assert_int_equal(p->state, IC_TRANSPORT_NEW);
}

TEST(worker_survives_every_first_byte_and_short_length_without_answering)
{
    struct peer *from = publisher(), *to = receiver();
    int foreign = rig_socket();
    uint8_t bytes[32];

    for (int first = 0; first < 256; first++) {
        for (size_t len = 0; len <= 20; len++) {
            memset(bytes, first, sizeof bytes);
            rig_send_raw(&rig, foreign, (struct ic_bytes){bytes, len});
            rig_send_raw(&rig, from->fd, (struct ic_bytes){bytes, len});
        }
        rig_pump(&rig, 1);
    }
    assert_int_equal(rig_count_datagrams(foreign, SILENCE_MS), 0);
    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    send_voice(from, 1);
    rig_pump_until(&rig, to, 1, WAIT_MS);
    assert_int_equal(to->got_count, 1);
    close(foreign);
}

TEST(worker_keeps_a_call_through_many_forged_packets)
{
    struct peer *from = publisher(), *to = receiver();
    uint8_t bytes[GOT_BYTES], payload[100] = {1};

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 2000; i++) {
        struct rig_packet packet = {.mid = "0",
                                    .pt = VOICE_PT,
                                    .ssrc = SSRC,
                                    .seq = i,
                                    .payload = {payload, sizeof payload}};
        size_t len = rig_seal(from, &packet, bytes);
        bytes[20 + i % (len - 20)] ^= 1;
        rig_send_raw(&rig, from->fd, (struct ic_bytes){bytes, len});
        if (i % 100 == 0)
            rig_pump(&rig, 1);
    }
    rig_pump(&rig, 50);
    assert_int_equal(to->got_count, 0);
    send_voice(from, 2001);
    rig_pump_until(&rig, to, 1, WAIT_MS);
    assert_int_equal(to->got_count, 1);
    rig_pump(&rig, 1200);
    assert_true(rig.stats.dropped_forged >= 2000);
}

TEST(worker_forwards_a_replayed_packet_once)
{
    struct peer *from = publisher(), *to = receiver();
    uint8_t bytes[GOT_BYTES], payload[100] = {1};
    struct rig_packet packet = {
        .mid = "0", .pt = VOICE_PT, .ssrc = SSRC, .seq = 5, .payload = {payload, sizeof payload}};

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    size_t len = rig_seal(from, &packet, bytes);
    for (int i = 0; i < 5; i++)
        rig_send_raw(&rig, from->fd, (struct ic_bytes){bytes, len});
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(to->got_count, 1);
}

TEST(worker_does_not_forward_across_rooms)
{
    struct ic_line slot = rig_slot("a", IC_CODEC_OPUS, SLOT_SSRC);
    struct peer *from = publisher(), *to = rig_add(&rig, ROOM + 1, &slot, 1);

    rig_connect(&rig, to);
    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 10; i++)
        send_voice(from, i);
    rig_pump(&rig, SILENCE_MS);
    assert_int_equal(to->got_count, 0);
}

TEST(worker_goes_on_when_a_source_leaves_and_continues_the_slot_with_another)
{
    struct peer *first = publisher(), *second = publisher(), *to = receiver();
    struct ic_rtp got[20];

    rig_point(&rig, to, 0, first, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 5; i++)
        send_voice(first, i);
    rig_pump_until(&rig, to, 5, WAIT_MS);
    rig_remove(&rig, first);
    rig_point(&rig, to, 0, second, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 5; i++)
        send_voice(second, 40000 + i);
    rig_pump_until(&rig, to, 10, WAIT_MS);
    assert_int_equal(rig_find(to, SLOT_SSRC, got, IC_COUNT(got)), 10);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(got[i].seq, (uint16_t)(got[0].seq + i));
}

TEST(worker_restarts_ice_without_a_new_handshake)
{
    struct peer *from = publisher(), *to = receiver();
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_RESTART, .transport = to->transport};

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    snprintf(to->ours.ufrag, sizeof to->ours.ufrag, "newer-peer");
    snprintf(to->theirs.ufrag, sizeof to->theirs.ufrag, "newer-worker");
    snprintf(to->theirs.pwd, sizeof to->theirs.pwd, "a-newer-password-of-the-worker");
    m.restart.ours = to->theirs;
    m.restart.theirs = to->ours;
    rig_tell(&rig, &m);
    rig_pump(&rig, 50);
    send_voice(from, 1);
    rig_pump_until(&rig, to, 1, WAIT_MS);
    assert_int_equal(to->got_count, 1); /* still on the old credentials */

    close(to->fd); /* another network */
    to->fd = rig_socket();
    ic_ice_client_restart(&to->ice, rig_now(), &to->ours, &to->theirs);
    rig_pump(&rig, SILENCE_MS);
    send_voice(from, 2);
    rig_pump_until(&rig, to, 2, WAIT_MS);
    assert_int_equal(to->got_count, 2);
    assert_int_equal(to->state, IC_TRANSPORT_CONNECTED);
}

static unsigned long wake_ups(pid_t pid)
{
    char path[64], line[128];
    unsigned long count = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE *status = fopen(path, "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status))
        if (sscanf(line, "voluntary_ctxt_switches: %lu", &count) == 1)
            break;
    fclose(status);
    return count;
}

/* What it may still do: sandbox_test.c. */
TEST(worker_is_confined_when_it_is_ready)
{
    char path[64], line[128];
    int mode = 0, no_new_privileges = 0;

    snprintf(path, sizeof path, "/proc/%d/status", (int)rig.pid);
    FILE *status = fopen(path, "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status)) {
        sscanf(line, "Seccomp: %d", &mode);
        sscanf(line, "NoNewPrivs: %d", &no_new_privileges);
    }
    fclose(status);
    assert_int_equal(mode, 2); /* a filter */
    assert_int_equal(no_new_privileges, 1);
}

TEST(worker_sleeps_while_nobody_is_connected)
{
    rig_pump(&rig, 200);
    unsigned long before = wake_ups(rig.pid);
    rig_pump(&rig, 1000);
    assert_int_equal(wake_ups(rig.pid), before);
}

TEST(worker_sleeps_again_when_the_media_has_stopped)
{
    struct peer *from = publisher(), *to = receiver();

    rig_point(&rig, to, 0, from, IC_STREAM_MICROPHONE, 0);
    rig_pump(&rig, 50);
    for (uint32_t i = 0; i < 20; i++)
        send_voice(from, i);
    rig_pump(&rig, 2500);
    from->checking = to->checking = false;
    unsigned long before = wake_ups(rig.pid);
    rig_pump(&rig, 1000);
    assert_true(wake_ups(rig.pid) - before <= 2); /* totals, if they changed at the last moment */
}

TEST(worker_ends_when_the_control_process_is_gone)
{
    int status;

    close(rig.control);
    assert_int_equal(waitpid(rig.pid, &status, 0), rig.pid);
    assert_int_equal(status, 0);
    rig_start(&rig, NULL); /* for the teardown */
}

TEST(worker_ends_on_sigterm)
{
    int status;

    kill(rig.pid, SIGTERM);
    assert_int_equal(waitpid(rig.pid, &status, 0), rig.pid);
    assert_int_equal(status, 0);
    close(rig.control);
    rig_start(&rig, NULL);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(EACH(worker_forwards_voice_under_the_receivers_own_numbers),
          EACH(worker_forwards_video_from_its_key_frame_on),
          EACH(worker_asks_the_publisher_once_however_often_receivers_ask),
          EACH(worker_sends_a_missed_packet_again_on_the_retransmission_stream),
          EACH(worker_asks_the_publisher_for_what_is_missing_and_reports),
          EACH(worker_tells_the_publisher_when_its_packets_arrived),
          EACH(worker_reports_to_the_receiver_once_the_publisher_has_reported),
          EACH(worker_carries_a_client_whose_network_has_no_udp),
          EACH(worker_counts_connections_by_their_way_and_knows_a_relay_by_its_address),
          EACH(worker_connects_nobody_with_another_certificate),
          EACH(worker_ignores_media_from_a_foreign_address),
          EACH(worker_answers_no_handshake_from_an_address_that_did_not_authenticate),
          EACH(worker_answers_no_check_with_a_wrong_password_or_name),
          EACH(worker_survives_every_first_byte_and_short_length_without_answering),
          EACH(worker_keeps_a_call_through_many_forged_packets),
          EACH(worker_forwards_a_replayed_packet_once), EACH(worker_does_not_forward_across_rooms),
          EACH(worker_goes_on_when_a_source_leaves_and_continues_the_slot_with_another),
          EACH(worker_restarts_ice_without_a_new_handshake),
          EACH(worker_is_confined_when_it_is_ready), EACH(worker_sleeps_while_nobody_is_connected),
          EACH(worker_sleeps_again_when_the_media_has_stopped),
          EACH(worker_ends_when_the_control_process_is_gone), EACH(worker_ends_on_sigterm))
