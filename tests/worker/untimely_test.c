/* What a client sends before it may, after it may no longer, or with nothing to send: dropped and
 * counted, and the worker goes on. Each of these packets is from an address that passed a check. */
#include <stdio.h>

#include "media/rtcp.h"
#include "tests/test.h"
#include "tests/worker/virtual.h"
#include "worker/transport.h"

enum { ROOM = 1, VOICE_SSRC = 1000, SLOT = 50000, VOICE_LEN = 100 };

static struct virtual_world world;
static struct person *speaker, *listener, *filming, *viewer;

static int start(void **state)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE),
                   slot = virtual_slot(IC_STREAM_MICROPHONE, SLOT);
    (void)state;

    virtual_start(&world);
    speaker = virtual_join(&world, ROOM, &line, 1);
    listener = virtual_join(&world, ROOM, &slot, 1);
    virtual_connect(&world, NULL);
    virtual_point(&world, listener, 0, speaker, IC_STREAM_MICROPHONE);
    virtual_run(&world, 1100, NULL);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    virtual_stop(&world);
    return 0;
}

static struct ic_transport *transport_of(const struct person *p)
{
    return ic_directory_find(&world.worker->directory, p->transport);
}

static void talk(struct virtual_world *v, uint32_t step)
{
    if (step % 20 == 0)
        virtual_send(v, speaker, VIRTUAL_VOICE_PT, VOICE_SSRC, VOICE_LEN);
}

/* The check alone, which is answered; the person does no more. */
static void check_once(struct person *p)
{
    uint8_t check[IC_STUN_REQUEST_MAX];
    struct ic_ice_client client;

    p->checking = false;
    ic_ice_client_init(&client, 0, &p->ours, &p->theirs, &p->path.local);
    size_t len = ic_ice_client_advance(&client, 1, check);
    virtual_feed(&world, &p->path, (struct ic_bytes){check, len});
}

static void feed(const struct person *p, uint8_t second_byte)
{
    uint8_t packet[100] = {0x80, second_byte, 0, 1, [8] = 0, 0, VOICE_SSRC >> 8, VOICE_SSRC & 0xff};

    virtual_feed(&world, &p->path, (struct ic_bytes){packet, sizeof packet});
}

TEST(untimely_media_and_reports_before_the_handshake_are_dropped)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);
    struct person *early = virtual_join(&world, ROOM, &line, 1);
    uint64_t before = world.stats.dropped_unknown;

    check_once(early);
    virtual_run(&world, 10, NULL);
    assert_int_equal(early->state, IC_TRANSPORT_CHECKED);
    feed(early, VIRTUAL_VOICE_PT);
    feed(early, IC_RTCP_RR);
    virtual_run(&world, 1100, NULL);
    assert_int_equal(world.stats.dropped_unknown - before, 2);
    assert_int_equal(early->state, IC_TRANSPORT_CHECKED);
}

TEST(untimely_end_of_consent_before_the_handshake_began_is_survived)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);
    struct person *early = virtual_join(&world, ROOM, &line, 1);

    check_once(early);
    virtual_run(&world, 31000, NULL);
    assert_int_equal(early->state, IC_TRANSPORT_LOST);
}

/* It may have sent its hello, and the answer is repeated for a while. */
TEST(untimely_end_of_consent_amid_the_handshake_ends_what_is_sent)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);
    struct person *early = virtual_join(&world, ROOM, &line, 1);
    struct ic_dtls *hello;
    struct ic_bytes datagram;

    check_once(early);
    int64_t checked_at = world.worker->now;
    virtual_run(&world, 10000, NULL);
    size_t before = early->datagrams;
    assert_int_equal(
        ic_dtls_new(&hello, world.context, IC_DTLS_CLIENT, world.fingerprint, world.worker->now),
        IC_OK);
    while (ic_dtls_next_datagram(hello, &datagram))
        virtual_feed(&world, &early->path, datagram);
    ic_dtls_free(hello);
    virtual_run(&world, 15000, NULL);
    assert_true(early->datagrams > before + 2);
    virtual_run(&world, 120000, NULL);
    assert_true(early->last_at <= checked_at + 31 * IC_NS_PER_SEC);
}

TEST(untimely_media_of_who_only_listens_is_dropped)
{
    uint64_t before = world.stats.dropped_unknown;

    for (int i = 0; i < 3; i++)
        virtual_send(&world, listener, VIRTUAL_VOICE_PT, VOICE_SSRC, VOICE_LEN);
    virtual_run(&world, 1100, NULL);
    assert_int_equal(world.stats.dropped_unknown - before, 3);
    assert_int_equal(listener->state, IC_TRANSPORT_CONNECTED);
}

TEST(untimely_media_of_a_type_that_was_not_agreed_is_not_forwarded)
{
    uint64_t before = world.stats.dropped_unknown;

    virtual_send(&world, speaker, VIRTUAL_VOICE_PT, VOICE_SSRC, VOICE_LEN);
    virtual_run(&world, 10, NULL);
    assert_int_equal(virtual_got(listener, SLOT), 1);
    virtual_send(&world, speaker, VIRTUAL_VOICE_PT + 1, VOICE_SSRC, VOICE_LEN);
    virtual_send(&world, speaker, VIRTUAL_VOICE_PT + 1, VOICE_SSRC + 1, VOICE_LEN);
    virtual_run(&world, 1100, NULL);
    assert_int_equal(virtual_got(listener, SLOT), 1);
    assert_int_equal(world.stats.dropped_unknown - before, 2);
}

/* Whose certificate nobody has seen yet. */
TEST(untimely_media_for_who_only_checked_is_not_sent)
{
    struct ic_line slot = virtual_slot(IC_STREAM_MICROPHONE, SLOT + 20);
    struct person *early = virtual_join(&world, ROOM, &slot, 1);

    check_once(early);
    virtual_point(&world, early, 0, speaker, IC_STREAM_MICROPHONE);
    virtual_run(&world, 2000, talk);
    assert_int_equal(early->datagrams, 1); /* the answer to its check */
    assert_true(virtual_got(listener, SLOT) >= 100);
}

/* What claims to be a check, from the address of somebody: it does not change how that is answered.
 */
TEST(untimely_forged_and_damaged_checks_change_no_path)
{
    struct ic_path path = speaker->path;
    uint8_t check[IC_STUN_REQUEST_MAX] = {0, 1};
    struct ic_ice_credentials wrong = speaker->theirs;
    struct ic_ice_client client;
    struct ic_worker_stats before = world.stats;

    assert_int_equal(ic_address_parse(&path.local, "192.0.2.77", 9), IC_OK);
    virtual_feed(&world, &path, (struct ic_bytes){check, 20}); /* without the cookie */
    wrong.pwd[0] ^= 1;
    ic_ice_client_init(&client, 0, &speaker->ours, &wrong, &path.local);
    size_t len = ic_ice_client_advance(&client, 1, check);
    virtual_feed(&world, &path, (struct ic_bytes){check, len});
    const struct ic_path *known = ic_transport_path(transport_of(speaker), &path.remote);
    assert_true(known && ic_address_equal(&known->local, &speaker->path.local));
    virtual_run(&world, 1100, NULL);
    assert_int_equal(world.stats.dropped_malformed - before.dropped_malformed, 1);
    assert_int_equal(world.stats.dropped_checks - before.dropped_checks, 1);
}

/* Its certificate is not the one that its meeting was told of. */
static struct person *join_with_another_certificate(void)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);
    struct person *p = virtual_join(&world, ROOM, &line, 1);

    transport_of(p)->fingerprint[0] ^= 1;
    for (int i = 0; i < 100 && p->state != IC_TRANSPORT_FAILED; i++)
        virtual_run(&world, 10, NULL);
    assert_int_equal(p->state, IC_TRANSPORT_FAILED);
    return p;
}

/* Nobody comes back from that: checks would keep the way open, and a hello would begin anew. */
TEST(untimely_checks_and_hellos_after_a_failed_handshake_are_not_answered)
{
    struct person *p = join_with_another_certificate();
    size_t before = p->datagrams;

    p->ice.state = IC_ICE_CLIENT_CHECKING;
    ic_dtls_free(p->dtls);
    p->dtls = NULL;
    assert_int_equal(
        ic_dtls_new(&p->dtls, world.context, IC_DTLS_CLIENT, world.fingerprint, world.worker->now),
        IC_OK);
    virtual_run(&world, 10000, NULL);
    assert_int_equal(p->datagrams, before);
    virtual_run(&world, 25000, NULL);
    assert_int_equal(p->datagrams, before);
    assert_int_equal(p->state, IC_TRANSPORT_FAILED);
    assert_int_equal(listener->state, IC_TRANSPORT_CONNECTED);
}

/* Media is looked at only while its address checks, however well it is sealed. */
TEST(untimely_media_after_consent_has_ended_is_not_heard)
{
    virtual_run(&world, 1000, talk);
    speaker->checking = false;
    virtual_run(&world, 31000, talk);
    assert_int_equal(speaker->state, IC_TRANSPORT_LOST);
    uint32_t before = virtual_got(listener, SLOT);
    uint64_t dropped = world.stats.dropped_unknown;
    virtual_run(&world, 2000, talk);
    assert_int_equal(virtual_got(listener, SLOT), before);
    virtual_run(&world, 1100, NULL);
    assert_true(world.stats.dropped_unknown - dropped >= 100);
    speaker->checking = true;
    virtual_run(&world, 2000, talk);
    assert_true(virtual_got(listener, SLOT) > before);
}

/* A check from another address that does not nominate it; one of no priority is refused. */
static void check_elsewhere(const struct person *p, const struct ic_path *from, uint32_t priority)
{
    uint8_t bytes[IC_STUN_REQUEST_MAX];
    char username[2 * IC_ICE_UFRAG_SIZE];
    struct ic_hmac_key key;

    snprintf(username, sizeof username, "%s:%s", p->theirs.ufrag, p->ours.ufrag);
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(p->theirs.pwd));
    struct ic_stun_check check = {.username = ic_bytes_of_text(username), .priority = priority};
    memcpy(check.transaction, &world.worker->now, sizeof world.worker->now);
    size_t len = ic_stun_write_check(bytes, sizeof bytes, &check, &key);
    assert_true(len > 0);
    virtual_feed(&world, from, (struct ic_bytes){bytes, len});
}

/* Who speaks is there, checks or not: another address takes over only from one that is silent. */
TEST(untimely_check_from_elsewhere_does_not_move_who_speaks)
{
    struct ic_path elsewhere = virtual_stranger(1);
    const struct ic_ice *ice = &transport_of(speaker)->ice;

    speaker->checking = false;
    virtual_run(&world, 5000, talk);
    check_elsewhere(speaker, &elsewhere, 1);
    assert_true(ic_address_equal(ic_ice_selected(ice), &speaker->path.remote));
    virtual_run(&world, 5000, NULL);
    check_elsewhere(speaker, &elsewhere, 1);
    assert_true(ic_address_equal(ic_ice_selected(ice), &elsewhere.remote));
}

TEST(untimely_refused_check_makes_no_address_known)
{
    struct ic_path elsewhere = virtual_stranger(1);
    uint32_t known = world.worker->directory.addresses.count;

    check_elsewhere(speaker, &elsewhere, 0);
    virtual_run(&world, 10, NULL);
    assert_int_equal(world.stranger_datagrams, 1); /* the refusal */
    assert_int_equal(world.worker->directory.addresses.count, known);
}

/* ---- reports ---- */

enum { BODY_MOST = 32 };

/* One RTCP packet with a body of `len` zeroes behind the SSRCs. */
static void write_raw(struct ic_writer *w, uint8_t count, uint8_t type, uint32_t media, size_t len)
{
    ic_write_uint(w, 0x80u | count, 1);
    ic_write_uint(w, type, 1);
    ic_write_uint(w, len / 4, 2);
    for (size_t i = 0; i < len; i += 4)
        ic_write_uint(w, i == 4 || i == 8 ? media : 0, 4); /* 8: as in the item of a FIR */
}

/* From who sends nothing and is shown nothing, and from who has no line at all for the others. */
TEST(untimely_reports_about_what_is_not_there_change_nothing)
{
    static const uint32_t sources[] = {SLOT, SLOT + 1, VOICE_SSRC};
    static const uint8_t counts[] = {0, 1, IC_RTCP_FIR, IC_RTCP_REMB, 31};
    uint64_t plis = world.stats.plis_in;

    virtual_point(&world, listener, 0, NULL, IC_STREAM_MICROPHONE);
    for (uint32_t type = 199; type < 208; type++)
        for (size_t k = 0; k < IC_COUNT(counts) * IC_COUNT(sources); k++)
            for (size_t len = 4; len <= BODY_MOST; len += 4) {
                uint8_t bytes[4 + BODY_MOST + 64];
                struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
                write_raw(&w, counts[k % IC_COUNT(counts)], (uint8_t)type,
                          sources[k / IC_COUNT(counts)], len);
                virtual_report(&world, listener, ic_written(&w));
                virtual_report(&world, speaker, ic_written(&w));
                virtual_run(&world, 2, NULL);
            }
    assert_true(world.stats.plis_in > plis); /* some were of a shape that is heard */
    virtual_point(&world, listener, 0, speaker, IC_STREAM_MICROPHONE);
    virtual_run(&world, 100, talk);
    assert_true(virtual_got(listener, SLOT) >= 5);
}

static const struct ic_rtcp_report about_the_slot = {.ssrc = SLOT, .fraction_lost = 200};

TEST(untimely_sender_report_of_who_sends_nothing_is_read_for_what_it_says_of_others)
{
    uint8_t bytes[100];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct ic_transport *source = transport_of(speaker);

    virtual_run(&world, 100, talk);
    ic_rtcp_write_sr(&w, &(struct ic_rtcp_sr){.ssrc = 7, .ntp = 1});
    virtual_report(&world, listener, ic_written(&w));
    w = ic_writer_of(bytes, sizeof bytes);
    ic_rtcp_write_rr(&w, 7, &about_the_slot, 1);
    virtual_report(&world, listener, ic_written(&w));
    assert_int_equal(ic_upstream_worst_lost(&source->publisher->upstreams[IC_STREAM_MICROPHONE],
                                            world.worker->now),
                     200);
    virtual_point(&world, listener, 0, NULL, IC_STREAM_MICROPHONE);
    virtual_report(&world, listener, ic_written(&w));
    virtual_run(&world, 10, NULL);
    assert_int_equal(listener->state, IC_TRANSPORT_CONNECTED);
}

TEST(untimely_bytes_behind_a_report_are_counted_and_what_came_before_is_heard)
{
    uint8_t bytes[100];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    uint64_t malformed = world.stats.dropped_malformed, plis = world.stats.plis_in;

    ic_rtcp_write_pli(&w, 1, SLOT);
    ic_write_uint(&w, 0, 4);
    virtual_report(&world, listener, ic_written(&w));
    virtual_run(&world, 1100, NULL);
    assert_int_equal(world.stats.dropped_malformed - malformed, 1);
    assert_int_equal(world.stats.plis_in - plis, 1);
}

/* RFC 5104 section 4.3.1: as good as a PLI, and no better. */
TEST(untimely_requests_by_fir_reach_the_own_slots_alone)
{
    uint8_t bytes[100];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    uint64_t plis = world.stats.plis_in;

    write_raw(&w, IC_RTCP_FIR, IC_RTCP_PAYLOAD_FEEDBACK, SLOT, 8); /* nobody, by its list */
    write_raw(&w, IC_RTCP_FIR, IC_RTCP_PAYLOAD_FEEDBACK, SLOT, 16);
    virtual_report(&world, listener, ic_written(&w));
    virtual_report(&world, speaker, ic_written(&w));
    virtual_run(&world, 1100, NULL);
    assert_int_equal(world.stats.plis_in - plis, 1);
}

static void film(struct virtual_world *v, uint32_t step)
{
    if (step % 40 == 0)
        virtual_send(v, filming, VIRTUAL_VIDEO_PT, VOICE_SSRC + 9, VOICE_LEN);
}

static void wish(struct virtual_world *v, uint32_t step)
{
    uint8_t bytes[100];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    if (step % 50 != 0)
        return;
    ic_rtcp_write_pli(&w, 1, SLOT + 10);
    virtual_report(v, viewer, ic_written(&w));
}

/* What others want of somebody is no reason to send there. */
TEST(untimely_wishes_for_a_picture_do_not_reach_whose_consent_has_ended)
{
    struct ic_line camera = virtual_send_line(IC_STREAM_CAMERA),
                   slot = virtual_slot(IC_STREAM_CAMERA, SLOT + 10);

    filming = virtual_join(&world, ROOM, &camera, 1);
    viewer = virtual_join(&world, ROOM, &slot, 1);
    virtual_connect(&world, NULL);
    virtual_point(&world, viewer, 0, filming, IC_STREAM_CAMERA);
    virtual_run(&world, 1000, film);
    size_t before = filming->reports;
    virtual_run(&world, 1000, wish);
    assert_true(filming->reports > before);
    filming->checking = false;
    virtual_run(&world, 31000, NULL);
    assert_int_equal(filming->state, IC_TRANSPORT_LOST);
    before = filming->datagrams;
    virtual_run(&world, 5000, wish);
    assert_int_equal(filming->datagrams, before);
}

/* ---- addresses ---- */

/* A client that comes from ever more addresses has room for eight, the newest; what it had before
 * is nobody's again. */
TEST(untimely_addresses_of_a_client_that_moves_on_are_forgotten)
{
    struct ic_directory *d = &world.worker->directory;
    uint32_t known = d->addresses.count;

    for (uint16_t i = 0; i < 3 * IC_ICE_TUPLES; i++) {
        struct ic_path path = virtual_stranger(i);
        check_elsewhere(speaker, &path, 1);
        virtual_run(&world, 100, talk);
        uint32_t cursor = 0;
        assert_ptr_equal(ic_directory_next(d, &path.remote, &cursor), transport_of(speaker));
    }
    assert_int_equal(d->addresses.count, known + IC_ICE_TUPLES - 1);
    struct ic_path first = virtual_stranger(0);
    uint32_t cursor = 0;
    assert_null(ic_directory_next(d, &first.remote, &cursor));
    assert_true(
        ic_address_equal(ic_ice_selected(&transport_of(speaker)->ice), &speaker->path.remote));
}

/* How many of ten packets of somebody are heard whose address `before` members claimed first, and
 * `after` later. */
static uint32_t heard_though_claimed(uint32_t before, uint32_t after)
{
    struct ic_line line = virtual_send_line(IC_STREAM_MICROPHONE);
    struct person *claiming[5], *late;

    for (uint32_t i = 0; i < before + after; i++)
        claiming[i] = virtual_join(&world, ROOM, &line, 1);
    virtual_connect(&world, NULL);
    late = virtual_join(&world, ROOM, &line, 1);
    for (uint32_t i = 0; i < before; i++)
        check_elsewhere(claiming[i], &late->path, i + 1);
    virtual_connect(&world, NULL);
    for (uint32_t i = before; i < before + after; i++)
        check_elsewhere(claiming[i], &late->path, i + 1);
    virtual_point(&world, listener, 0, late, IC_STREAM_MICROPHONE);
    uint32_t got = virtual_got(listener, SLOT);
    for (int i = 0; i < 10; i++) {
        virtual_send(&world, late, VIRTUAL_VOICE_PT, VOICE_SSRC + 7, VOICE_LEN);
        virtual_run(&world, 20, NULL);
    }
    return virtual_got(listener, SLOT) - got;
}

TEST(untimely_claims_of_an_address_by_three_do_not_silence_whose_it_is)
{
    assert_int_equal(heard_though_claimed(3, 0), 10);
}

TEST(untimely_claims_of_an_address_that_come_later_change_nothing)
{
    assert_int_equal(heard_though_claimed(1, 2), 10);
}

/* No packet costs more than four attempts to open it. */
TEST(untimely_claims_of_an_address_by_more_cost_no_more)
{
    assert_int_equal(heard_though_claimed(4, 0), 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(EACH(untimely_media_and_reports_before_the_handshake_are_dropped),
          EACH(untimely_end_of_consent_before_the_handshake_began_is_survived),
          EACH(untimely_end_of_consent_amid_the_handshake_ends_what_is_sent),
          EACH(untimely_media_of_who_only_listens_is_dropped),
          EACH(untimely_media_of_a_type_that_was_not_agreed_is_not_forwarded),
          EACH(untimely_media_for_who_only_checked_is_not_sent),
          EACH(untimely_forged_and_damaged_checks_change_no_path),
          EACH(untimely_checks_and_hellos_after_a_failed_handshake_are_not_answered),
          EACH(untimely_media_after_consent_has_ended_is_not_heard),
          EACH(untimely_check_from_elsewhere_does_not_move_who_speaks),
          EACH(untimely_refused_check_makes_no_address_known),
          EACH(untimely_reports_about_what_is_not_there_change_nothing),
          EACH(untimely_sender_report_of_who_sends_nothing_is_read_for_what_it_says_of_others),
          EACH(untimely_bytes_behind_a_report_are_counted_and_what_came_before_is_heard),
          EACH(untimely_requests_by_fir_reach_the_own_slots_alone),
          EACH(untimely_wishes_for_a_picture_do_not_reach_whose_consent_has_ended),
          EACH(untimely_addresses_of_a_client_that_moves_on_are_forgotten),
          EACH(untimely_claims_of_an_address_by_three_do_not_silence_whose_it_is),
          EACH(untimely_claims_of_an_address_that_come_later_change_nothing),
          EACH(untimely_claims_of_an_address_by_more_cost_no_more))
