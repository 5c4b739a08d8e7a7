/* Who attacks the media port, from outside and as a member, and what the others notice: nothing.
 * Each is an attack that other systems fell to; docs/security.md lists them with these names. Time
 * is virtual, so a minute of flood is the same every time. */
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "media/rtcp.h"
#include "tests/test.h"
#include "tests/worker/virtual.h"

enum {
    ROOM = 1,
    VOICE_SSRC = 1000,
    VIDEO_SSRC = 2000,
    SLOT = 50000,
    TO_VOICE = SLOT,
    TO_VIDEO = SLOT + 10,
    FLOOD_VIDEO = SLOT + 20,
    VOICE_EVERY = 20, /* ms */
    VIDEO_EVERY = 10,
    VOICE_LEN = 100,
    VIDEO_LEN = 1000,
};

static struct virtual_world world;
static struct person *speaker, *listener, *attacker, *stranger_to_room, *greedy;

/* The speaker sends sound and pictures to the listener; the attacker is a member too, whose camera
 * the listener also sees. */
static int start(void **state)
{
    struct ic_line sends[] = {virtual_send_line(IC_STREAM_MICROPHONE),
                              virtual_send_line(IC_STREAM_CAMERA)};
    struct ic_line slots[] = {virtual_slot(IC_STREAM_MICROPHONE, TO_VOICE),
                              virtual_slot(IC_STREAM_CAMERA, TO_VIDEO),
                              virtual_slot(IC_STREAM_CAMERA, FLOOD_VIDEO)};
    struct ic_line both[] = {sends[0], sends[1], slots[0], slots[1]};
    (void)state;

    virtual_start(&world);
    speaker = virtual_join(&world, ROOM, sends, IC_COUNT(sends));
    listener = virtual_join(&world, ROOM, slots, IC_COUNT(slots));
    attacker = virtual_join(&world, ROOM, both, IC_COUNT(both));
    virtual_connect(&world, NULL);
    virtual_point(&world, listener, 0, speaker, IC_STREAM_MICROPHONE);
    virtual_point(&world, listener, 1, speaker, IC_STREAM_CAMERA);
    virtual_point(&world, listener, 2, attacker, IC_STREAM_CAMERA);
    virtual_point(&world, attacker, 3, speaker, IC_STREAM_CAMERA);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    virtual_stop(&world);
    return 0;
}

/* What honest people do in a step. */
static void talk(struct virtual_world *v, uint32_t step)
{
    if (step % VOICE_EVERY == 0)
        virtual_send(v, speaker, VIRTUAL_VOICE_PT, VOICE_SSRC, VOICE_LEN);
    if (step % VIDEO_EVERY == 0)
        virtual_send(v, speaker, VIRTUAL_VIDEO_PT, VIDEO_SSRC, VIDEO_LEN);
}

/* `act` talks and attacks for `ms`; the listener must get all of the speaker's packets. */
static void talk_under(virtual_act *act, uint32_t ms)
{
    uint32_t voice = virtual_got(listener, TO_VOICE), video = virtual_got(listener, TO_VIDEO);

    virtual_run(&world, ms, act);
    assert_int_equal(virtual_got(listener, TO_VOICE) - voice, ms / VOICE_EVERY);
    assert_int_equal(virtual_got(listener, TO_VIDEO) - video, ms / VIDEO_EVERY);
    virtual_run(&world, 1100, NULL); /* the totals are told once a second */
}

/* ---- strangers ---- */

/* Hellos, alerts, changes of cipher, and the like: type, version, epoch and number, length. */
static size_t make_record(uint8_t out[80], uint32_t number)
{
    static const uint8_t types[] = {22, 21, 20, 23, 24, 63};
    static const uint8_t versions[] = {0xfd, 0xff, 0xfc};
    struct ic_writer w = ic_writer_of(out, 80);

    ic_write_uint(&w, types[number % IC_COUNT(types)], 1);
    ic_write_uint(&w, 0xfe, 1);
    ic_write_uint(&w, versions[number / IC_COUNT(types) % IC_COUNT(versions)], 1);
    ic_write_uint(&w, number % 2, 2);
    ic_write_uint(&w, number, 6);
    ic_write_uint(&w, 60, 2);
    ic_write_uint(&w, 1, 1); /* client_hello, or a level of alert */
    memset(out + w.len, 0, 80 - w.len);
    return 13 + 60;
}

static uint32_t sprayed;

/* 2,000 a second from 64 ports, and as many that pretend to come from those who join. */
static void spray_hellos(struct virtual_world *v, uint32_t step)
{
    uint8_t record[80];
    (void)step;

    for (int i = 0; i < 2; i++, sprayed++) {
        struct ic_path from = virtual_stranger((uint16_t)(sprayed % 64));
        size_t len = make_record(record, sprayed);
        virtual_feed(v, &from, (struct ic_bytes){record, len});
        if (v->people[sprayed % v->count].datagrams == 0) /* before its check was answered */
            virtual_feed(v, &v->people[sprayed % v->count].path, (struct ic_bytes){record, len});
    }
}

static uint32_t join_twenty(virtual_act *act)
{
    struct ic_line lines[] = {virtual_send_line(IC_STREAM_MICROPHONE)};

    for (int i = 0; i < 20; i++)
        virtual_join(&world, ROOM, lines, 1);
    return virtual_connect(&world, act);
}

TEST(hostile_hellos_from_elsewhere_do_not_keep_anybody_from_joining)
{
    uint32_t quiet = join_twenty(NULL);

    stop(NULL);
    start(NULL);
    sprayed = 0;
    uint32_t under_fire = join_twenty(spray_hellos);
    assert_true(under_fire <= quiet + quiet / 2);
    virtual_run(&world, 2100, spray_hellos);
    assert_int_equal(world.stranger_datagrams, 0);
    assert_true(world.stats.dropped_unknown >= 2000);
}

static void inject(struct virtual_world *v, uint32_t step)
{
    uint8_t packet[200] = {0x80, VIRTUAL_VOICE_PT, 0, (uint8_t)step, [11] = 0};
    struct ic_path from = virtual_stranger((uint16_t)(step % 8));

    talk(v, step);
    packet[10] = VOICE_SSRC >> 8; /* all that an onlooker can copy */
    packet[11] = VOICE_SSRC & 0xff;
    for (int i = 0; i < 10; i++)
        virtual_feed(v, &from, (struct ic_bytes){packet, sizeof packet});
}

TEST(hostile_media_from_elsewhere_draws_none_and_stops_none)
{
    talk_under(inject, 3000);
    assert_int_equal(world.stranger_datagrams, 0);
    assert_int_equal(world.stats.dropped_unknown, 30000);
}

/* Each packet of the speaker, recorded on the way, comes again from everywhere: from an address of
 * nobody, of a member and of one in another room, over TCP from the same address and port, and last
 * from its own. None of them is heard, or counts as a packet of whose address it is. */
static void repeat_elsewhere(struct virtual_world *v, uint32_t step)
{
    uint8_t sealed[VIRTUAL_BYTES_MAX];
    struct ic_path tcp = speaker->path, others[] = {virtual_stranger(1), attacker->path,
                                                    stranger_to_room->path, speaker->path};

    tcp.remote.protocol = IC_TCP;
    tcp.remote.connection = 7;
    if (step % VOICE_EVERY != 0)
        return;
    size_t len = virtual_seal(speaker, VIRTUAL_VOICE_PT, VOICE_SSRC, VOICE_LEN, sealed);
    struct ic_bytes packet = {sealed, len};
    virtual_feed(v, &tcp, packet);
    virtual_feed(v, &speaker->path, packet);
    for (size_t i = 0; i < IC_COUNT(others); i++)
        virtual_feed(v, &others[i], packet);
}

TEST(hostile_packets_of_another_are_heard_from_no_other_address_connection_or_room)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);

    stranger_to_room = virtual_join(&world, ROOM + 1, &line, 1);
    virtual_connect(&world, talk);
    virtual_run(&world, 1100, NULL);
    struct ic_worker_stats before = world.stats;
    uint32_t voice = virtual_got(listener, TO_VOICE);
    virtual_run(&world, 2000, repeat_elsewhere);
    virtual_run(&world, 1100, NULL);
    assert_int_equal(virtual_got(listener, TO_VOICE) - voice, 100);
    assert_int_equal(world.stats.dropped_unknown - before.dropped_unknown, 200);
    assert_int_equal(world.stats.dropped_forged - before.dropped_forged, 200);
    assert_int_equal(world.stats.dropped_replayed - before.dropped_replayed, 100);
    assert_int_equal(world.stranger_datagrams, 0);
}

/* Who is in another room uses the numbers of this one: its media, its reports and its wishes. */
static void speak_across(struct virtual_world *v, uint32_t step)
{
    uint16_t missing[] = {1, 2, 3, (uint16_t)step};
    uint8_t bytes[400];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    if (step % VIDEO_EVERY == 0)
        virtual_send(v, stranger_to_room, VIRTUAL_VIDEO_PT, VIDEO_SSRC, VIDEO_LEN);
    ic_rtcp_write_rr(&w, 1, NULL, 0);
    ic_rtcp_write_nack(&w, 1, TO_VIDEO, missing, IC_COUNT(missing));
    ic_rtcp_write_pli(&w, 1, TO_VIDEO);
    ic_rtcp_write_pli(&w, 1, VIDEO_SSRC);
    virtual_report(v, stranger_to_room, ic_written(&w));
    talk(v, step);
}

TEST(hostile_member_of_another_room_reaches_nobody_here)
{
    struct ic_line line = virtual_send_line(IC_STREAM_CAMERA);

    stranger_to_room = virtual_join(&world, ROOM + 1, &line, 1);
    virtual_connect(&world, talk);
    talk_under(speak_across, 2000);
    assert_int_equal(world.stats.plis_in, 0);
    assert_int_equal(world.stats.nacks_in, 0);
    assert_int_equal(virtual_got(stranger_to_room, TO_VIDEO), 0);
    assert_int_equal(virtual_got(listener, FLOOD_VIDEO), 0);
}

/* 100,000 packets that do not authenticate, from the speaker's own address. */
static void forge(struct virtual_world *v, uint32_t step)
{
    uint8_t packet[200] = {0x80, VIRTUAL_VOICE_PT, (uint8_t)(step >> 8), (uint8_t)step};

    talk(v, step);
    packet[10] = VOICE_SSRC >> 8;
    packet[11] = VOICE_SSRC & 0xff;
    for (int i = 0; i < 20; i++) {
        packet[1] = i % 4 == 3 ? 201 : VIRTUAL_VOICE_PT; /* some are RTCP */
        virtual_feed(v, &speaker->path, (struct ic_bytes){packet, sizeof packet});
    }
}

/* How many lines `run` logs. */
static size_t lines_logged(void (*run)(void))
{
    char bytes[4096];
    size_t lines = 0;
    int file = memfd_create("log", MFD_CLOEXEC), before = dup(STDERR_FILENO);

    assert_true(file >= 0 && dup2(file, STDERR_FILENO) >= 0);
    run();
    dup2(before, STDERR_FILENO);
    close(before);
    lseek(file, 0, SEEK_SET);
    for (ssize_t len; (len = read(file, bytes, sizeof bytes)) > 0;)
        for (ssize_t i = 0; i < len; i++)
            lines += bytes[i] == '\n';
    close(file);
    return lines;
}

static void forge_for_long(void)
{
    talk_under(forge, 5000);
}

TEST(hostile_packets_that_do_not_authenticate_neither_end_a_call_nor_fill_the_log)
{
    assert_int_equal(lines_logged(forge_for_long), 0);
    const struct ic_worker_stats *s = &world.stats;
    assert_int_equal(
        s->dropped_forged + s->dropped_checks + s->dropped_malformed + s->dropped_replayed, 100000);
    assert_int_equal(speaker->state, IC_TRANSPORT_CONNECTED);
}

static void send_short(struct virtual_world *v, uint32_t step)
{
    uint8_t bytes[24];

    talk(v, step);
    memset(bytes, (int)(step % 256), sizeof bytes);
    for (size_t len = 0; len <= 20; len++) {
        struct ic_path from = virtual_stranger((uint16_t)len);
        virtual_feed(v, &from, (struct ic_bytes){bytes, len});
        virtual_feed(v, &speaker->path, (struct ic_bytes){bytes, len});
    }
}

TEST(hostile_short_packets_of_every_first_byte_change_nothing)
{
    talk_under(send_short, 260);
    assert_int_equal(world.stranger_datagrams, 0);
    assert_int_equal(speaker->state, IC_TRANSPORT_CONNECTED);
}

/* ---- amplification ---- */

TEST(hostile_nobody_is_sent_anything_before_an_authenticated_check)
{
    struct ic_line slot = virtual_slot(IC_STREAM_MICROPHONE, TO_VOICE);

    virtual_join(&world, ROOM, &slot, 1)->checking = false;
    struct person *silent = &world.people[world.count - 1];
    virtual_point(&world, silent, 0, speaker, IC_STREAM_MICROPHONE);
    virtual_run(&world, 35000, talk);
    assert_int_equal(silent->datagrams, 0);
    assert_int_equal(world.stranger_datagrams, 0);
}

static size_t make_check(const struct person *p, uint8_t out[IC_STUN_REQUEST_MAX])
{
    struct ic_ice_client client;

    ic_ice_client_init(&client, 0, &p->ours, &p->theirs, &p->path.local);
    return ic_ice_client_advance(&client, 1, out);
}

/* A member says, by a check with its own password and a forged source, that it is where somebody is
 * about to come from. */
TEST(hostile_member_that_claims_the_address_of_another_does_not_keep_it_out)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);
    uint8_t check[IC_STUN_REQUEST_MAX];

    virtual_point(&world, attacker, 3, NULL, IC_STREAM_CAMERA); /* what it gets would go there */
    struct person *late = virtual_join(&world, ROOM, &line, 1);
    for (int i = 0; i < 3; i++) {
        size_t len = make_check(attacker, check);
        virtual_feed(&world, &late->path, (struct ic_bytes){check, len});
    }
    virtual_point(&world, listener, 0, late, IC_STREAM_MICROPHONE);
    virtual_connect(&world, talk);
    uint32_t before = virtual_got(listener, TO_VOICE);
    for (uint32_t i = 0; i < 50; i++) {
        virtual_send(&world, late, VIRTUAL_VOICE_PT, VOICE_SSRC + 7, VOICE_LEN);
        virtual_run(&world, VOICE_EVERY, NULL);
    }
    assert_int_equal(virtual_got(listener, TO_VOICE) - before, 50);
    assert_int_equal(attacker->state, IC_TRANSPORT_CONNECTED);
}

static uint8_t recorded[IC_STUN_REQUEST_MAX];
static size_t recorded_len;

/* Who can listen on the way repeats a check, which nominates, from the address of a victim. */
static void repeat_check(struct virtual_world *v, uint32_t step)
{
    struct ic_path from = virtual_stranger(1);

    talk(v, step);
    virtual_feed(v, &from, (struct ic_bytes){recorded, recorded_len});
}

TEST(hostile_repetition_of_a_check_from_elsewhere_draws_no_media_there)
{
    recorded_len = make_check(listener, recorded);
    virtual_feed(&world, &listener->path, (struct ic_bytes){recorded, recorded_len});
    talk_under(repeat_check, 3000);
    assert_int_equal(world.stranger_datagrams, 0);
    assert_true(world.stats.dropped_checks >= 3000);
}

/* A member asks 1,000 times a second, each time anew. */
static void flood_checks(struct virtual_world *v, uint32_t step)
{
    uint8_t check[IC_STUN_REQUEST_MAX];

    talk(v, step);
    size_t len = make_check(attacker, check);
    virtual_feed(v, &attacker->path, (struct ic_bytes){check, len});
}

TEST(hostile_checks_are_answered_50_times_a_second_by_no_more_bytes_than_they_have)
{
    uint8_t check[IC_STUN_REQUEST_MAX];
    size_t len = make_check(attacker, check);

    attacker->checking = false;
    virtual_point(&world, attacker, 3, NULL, IC_STREAM_CAMERA);
    virtual_run(&world, 2000, NULL);
    size_t bytes = attacker->bytes;
    virtual_feed(&world, &attacker->path, (struct ic_bytes){check, len});
    virtual_run(&world, 1, NULL);
    assert_in_range(attacker->bytes - bytes, 1, len);

    size_t before = attacker->datagrams;
    talk_under(flood_checks, 10000);
    assert_in_range(attacker->datagrams - before, 500, 10 * 50 + 100 + 1);
    assert_true(world.stats.dropped_policed[IC_TRAFFIC_CHECKS] >= 9000);
}

/* ---- members ---- */

static size_t handshake_bytes;

/* A member that repeats its first hello without end, 5,000 times a second. */
static void flood_handshakes(struct virtual_world *v, uint32_t step)
{
    uint8_t record[80];

    talk(v, step);
    for (uint32_t i = 0; i < 5; i++) {
        size_t len = make_record(record, 6 * i); /* handshake records only */
        virtual_feed(v, &attacker->path, (struct ic_bytes){record, len});
        handshake_bytes += len;
    }
}

TEST(hostile_member_that_floods_handshakes_delays_nobody)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);

    virtual_join(&world, ROOM, &line, 1);
    uint32_t quiet = virtual_connect(&world, talk);
    virtual_run(&world, 1000, flood_handshakes);
    size_t before = attacker->bytes;
    handshake_bytes = 0;
    virtual_join(&world, ROOM, &line, 1);
    uint32_t under_fire = virtual_connect(&world, flood_handshakes);
    assert_true(under_fire <= quiet + quiet / 2 + 10);
    talk_under(flood_handshakes, 3000);
    assert_true(world.stats.dropped_policed[IC_TRAFFIC_HANDSHAKES] > 10000);
    assert_true(attacker->bytes - before < handshake_bytes);
    assert_int_equal(attacker->state, IC_TRANSPORT_CONNECTED);
}

/* 50 Mbit/s of pictures that authenticate. */
static void flood_media(struct virtual_world *v, uint32_t step)
{
    talk(v, step);
    for (int i = 0; i < 5; i++)
        virtual_send(v, attacker, VIRTUAL_VIDEO_PT, VIDEO_SSRC + 500, 1250);
}

TEST(hostile_member_that_floods_media_is_carried_up_to_its_grant)
{
    talk_under(flood_media, 4000);
    uint32_t got = virtual_got(listener, FLOOD_VIDEO);
    uint64_t bits = (uint64_t)got * 8 * (12 + 1250);
    assert_in_range(bits, 7 * 4000 * 1000, 8 * 5000 * 1000);
    assert_true(world.stats.dropped_policed[IC_TRAFFIC_PICTURES] > 12000);
}

/* Small packets, which cost as much to forward: 20,000 a second. */
static void flood_small(struct virtual_world *v, uint32_t step)
{
    talk(v, step);
    for (int i = 0; i < 20; i++)
        virtual_send(v, attacker, VIRTUAL_VIDEO_PT, VIDEO_SSRC + 500, 20);
}

TEST(hostile_member_that_floods_small_packets_is_carried_up_to_its_grant)
{
    talk_under(flood_small, 4000);
    assert_in_range(virtual_got(listener, FLOOD_VIDEO), 4000, 5 * 1250 + 1);
}

/* Asks for key frames and resends of all that it gets, 5,000 times a second. */
static void flood_reports(struct virtual_world *v, uint32_t step)
{
    uint16_t missing[32];
    uint8_t bytes[400];

    talk(v, step);
    for (int i = 0; i < 5; i++) {
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
        for (uint16_t k = 0; k < IC_COUNT(missing); k++)
            missing[k] = (uint16_t)(step * 5 + (uint32_t)i * 32 + k);
        ic_rtcp_write_rr(&w, 1, NULL, 0);
        ic_rtcp_write_nack(&w, 1, TO_VIDEO, missing, IC_COUNT(missing));
        ic_rtcp_write_pli(&w, 1, TO_VIDEO);
        virtual_report(v, attacker, ic_written(&w));
    }
}

TEST(hostile_member_that_floods_reports_is_heard_1000_times_a_second)
{
    size_t before = speaker->reports;

    talk_under(flood_reports, 4000);
    assert_in_range(world.stats.plis_in, 3900, 5001);
    assert_true(world.stats.dropped_policed[IC_TRAFFIC_REPORTS] >= 14900);
    /* The speaker hears of it no more often than when one receiver asks honestly. */
    assert_true(speaker->reports - before < 700);
}

/* ---- consent ---- */

/* RFC 7675: a victim whose address was given away by a client that then went silent. */
TEST(hostile_client_that_goes_silent_is_sent_nothing_after_30_s)
{
    virtual_run(&world, 2000, talk);
    struct ic_ice_client *ice = &listener->ice;
    while (ice->outstanding)
        virtual_run(&world, 1, talk);
    int64_t checked_at = ice->answered_at;
    listener->checking = false;
    virtual_run(&world, 60000, talk);
    assert_in_range(listener->last_at, checked_at + 29 * IC_NS_PER_SEC,
                    checked_at + 31 * IC_NS_PER_SEC);
    assert_int_equal(listener->state, IC_TRANSPORT_LOST);
    size_t before = listener->datagrams;

    listener->checking = true;
    virtual_run(&world, 5000, talk);
    assert_int_equal(listener->state, IC_TRANSPORT_CONNECTED);
    assert_true(listener->datagrams > before + 200);
}

/* The same for a publisher, which gets feedback only: media that it sends is no consent. */
TEST(hostile_client_that_only_sends_media_is_sent_nothing_after_30_s)
{
    virtual_run(&world, 1000, talk);
    int64_t checked_at = speaker->ice.answered_at;
    speaker->checking = false;
    virtual_run(&world, 60000, talk);
    assert_true(speaker->last_at <= checked_at + 31 * IC_NS_PER_SEC);
    assert_int_equal(speaker->state, IC_TRANSPORT_LOST);
}

/* All that a client can be sent: it misses packets, asks for key frames, and reports on a path that
 * carries less than it wants, so that there are resends, feedback and probes. None of what it says
 * is a check. */
static void ask_for_all(struct virtual_world *v, uint32_t step)
{
    uint16_t missing[] = {virtual_newest(greedy, SLOT + 40)};
    uint8_t bytes[200];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    talk(v, step);
    if (step % 2 == 0)
        virtual_send(v, attacker, VIRTUAL_VIDEO_PT, VIDEO_SSRC + 500, VIDEO_LEN);
    if (step % VIDEO_EVERY == 0)
        virtual_send(v, greedy, VIRTUAL_VIDEO_PT, VIDEO_SSRC + 900, VIDEO_LEN);
    if (step % 25 != 0)
        return;
    ic_rtcp_write_rr(&w, 1, NULL, 0);
    ic_rtcp_write_nack(&w, 1, SLOT + 40, missing, IC_COUNT(missing));
    ic_rtcp_write_pli(&w, 1, SLOT + 40);
    virtual_report(v, greedy, ic_written(&w));
}

TEST(hostile_client_that_reports_but_does_not_check_is_sent_nothing_of_any_kind_after_30_s)
{
    static struct ic_twcc_receiver twcc;
    struct ic_line lines[] = {virtual_send_line(IC_STREAM_CAMERA),
                              virtual_slot(IC_STREAM_CAMERA, SLOT + 40),
                              virtual_slot(IC_STREAM_CAMERA, SLOT + 50)};

    lines[1].ext[IC_EXT_TWCC] = lines[2].ext[IC_EXT_TWCC] = VIRTUAL_TWCC_ID;
    greedy = virtual_join(&world, ROOM, lines, IC_COUNT(lines));
    virtual_report_arrivals(greedy, &twcc);
    virtual_connect(&world, talk);
    virtual_point(&world, greedy, 1, speaker, IC_STREAM_CAMERA);
    virtual_run(&world, 2500, ask_for_all);
    virtual_point(&world, greedy, 2, attacker, IC_STREAM_CAMERA); /* more than was sent so far */
    virtual_run(&world, 1500, ask_for_all);
    assert_true(virtual_got(greedy, SLOT + 40) > 100 && virtual_got(greedy, SLOT + 41) > 0);
    assert_true(greedy->reports > 0);
    assert_true(virtual_stats(&world, greedy).probes > 0);

    int64_t checked_at = greedy->ice.answered_at;
    greedy->checking = false;
    virtual_run(&world, 60000, ask_for_all);
    assert_in_range(greedy->last_at, checked_at + 29 * IC_NS_PER_SEC,
                    checked_at + 31 * IC_NS_PER_SEC);
    assert_int_equal(greedy->state, IC_TRANSPORT_LOST);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(
    EACH(hostile_hellos_from_elsewhere_do_not_keep_anybody_from_joining),
    EACH(hostile_media_from_elsewhere_draws_none_and_stops_none),
    EACH(hostile_packets_of_another_are_heard_from_no_other_address_connection_or_room),
    EACH(hostile_member_of_another_room_reaches_nobody_here),
    EACH(hostile_packets_that_do_not_authenticate_neither_end_a_call_nor_fill_the_log),
    EACH(hostile_short_packets_of_every_first_byte_change_nothing),
    EACH(hostile_nobody_is_sent_anything_before_an_authenticated_check),
    EACH(hostile_repetition_of_a_check_from_elsewhere_draws_no_media_there),
    EACH(hostile_member_that_claims_the_address_of_another_does_not_keep_it_out),
    EACH(hostile_checks_are_answered_50_times_a_second_by_no_more_bytes_than_they_have),
    EACH(hostile_member_that_floods_handshakes_delays_nobody),
    EACH(hostile_member_that_floods_media_is_carried_up_to_its_grant),
    EACH(hostile_member_that_floods_small_packets_is_carried_up_to_its_grant),
    EACH(hostile_member_that_floods_reports_is_heard_1000_times_a_second),
    EACH(hostile_client_that_goes_silent_is_sent_nothing_after_30_s),
    EACH(hostile_client_that_only_sends_media_is_sent_nothing_after_30_s),
    EACH(hostile_client_that_reports_but_does_not_check_is_sent_nothing_of_any_kind_after_30_s))
