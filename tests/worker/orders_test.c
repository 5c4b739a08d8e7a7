/* What the control process orders about somebody who is gone, or is somebody else, and what another
 * worker asks of a stream that it does not get: nothing happens, and the worker goes on. */
#include "worker/orders.h"

#include <sys/socket.h>
#include <unistd.h>

#include "media/rtcp.h"
#include "tests/test.h"
#include "tests/worker/virtual.h"
#include "worker/far.h"
#include "worker/link.h"
#include "worker/transport.h"

enum {
    ROOM = 1,
    VOICE_SSRC = 1000,
    SLOT = 50000,
    NOBODY = 77,
    FAR = 90,
    HOME = 3, /* the worker of FAR */
    OTHER = 4,
};

static struct virtual_world world;
static struct person *speaker, *listener;

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
    return 0;
}

static int stop(void **state)
{
    (void)state;
    virtual_stop(&world);
    return 0;
}

static void order(const struct ic_control *m)
{
    assert_int_equal(send(world.control, m, sizeof *m, 0), (ssize_t)sizeof *m);
    ic_orders_take(world.worker);
}

static struct ic_transport *find(uint32_t id)
{
    return ic_directory_find(&world.worker->directory, id);
}

static void assert_a_voice_passes(void)
{
    uint32_t before = virtual_got(listener, SLOT);

    virtual_send(&world, speaker, VIRTUAL_VOICE_PT, VOICE_SSRC, 100);
    virtual_run(&world, 20, NULL);
    assert_int_equal(virtual_got(listener, SLOT), before + 1);
}

static void credentials(struct ic_ice_credentials *c, const char *ufrag)
{
    strcpy(c->ufrag, ufrag);
    strcpy(c->pwd, "a-password-that-is-long-enough");
}

static struct ic_control restart_of(uint32_t transport, const char *ours, const char *theirs)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_RESTART, .transport = transport};

    credentials(&m.restart.ours, ours);
    credentials(&m.restart.theirs, theirs);
    return m;
}

static struct ic_control far_source(void)
{
    struct ic_control m = {.type = IC_CONTROL_SOURCE_ADD, .room = ROOM, .transport = FAR};

    m.source.home = HOME;
    m.source.line_count = 1;
    m.source.lines[0] = virtual_send_line(IC_STREAM_CAMERA);
    return m;
}

TEST(orders_about_somebody_who_is_gone_change_nothing)
{
    struct ic_control rows[] = {
        {.type = IC_CONTROL_TRANSPORT_REMOVE, .transport = NOBODY},
        {.type = IC_CONTROL_SLOT_POINT, .transport = NOBODY},
        {.type = IC_CONTROL_TRANSPORT_ASK, .transport = NOBODY},
        {.type = IC_CONTROL_SOURCE_REMOVE, .transport = NOBODY},
        {.type = IC_CONTROL_STREAM_SHARE, .transport = NOBODY},
        restart_of(NOBODY, "ours", "them"),
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++)
        order(&rows[i]);
    assert_int_equal(world.worker->directory.count, 2);
    assert_a_voice_passes();
}

/* A source of another worker has neither slots nor a client. */
TEST(orders_for_a_client_are_not_carried_out_on_a_far_source_nor_the_other_way_round)
{
    struct ic_control source = far_source();
    struct ic_control rows[] = {
        {.type = IC_CONTROL_TRANSPORT_REMOVE, .transport = FAR},
        {.type = IC_CONTROL_SLOT_POINT, .transport = FAR},
        {.type = IC_CONTROL_TRANSPORT_ASK, .transport = FAR},
        {.type = IC_CONTROL_STREAM_SHARE,
         .transport = FAR,
         .share = {.stream = IC_STREAM_CAMERA, .layers = 1}},
        {.type = IC_CONTROL_SOURCE_REMOVE, .transport = speaker->transport},
        restart_of(FAR, "ours", "them"),
    };

    order(&source);
    assert_true(find(FAR) && find(FAR)->is_far);
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        order(&rows[i]);
    assert_true(find(FAR) && !find(FAR)->shares);
    assert_null(ic_directory_by_ufrag(&world.worker->directory, ic_bytes_of_text("ours")));
    assert_a_voice_passes();
    source.type = IC_CONTROL_SOURCE_REMOVE;
    order(&source);
    assert_null(find(FAR));
}

TEST(orders_to_use_an_id_twice_are_not_carried_out)
{
    struct ic_control source = far_source(), add = {.type = IC_CONTROL_TRANSPORT_ADD, .room = ROOM};

    source.transport = speaker->transport;
    order(&source);
    add.transport = speaker->transport;
    credentials(&add.add.ours, "ours");
    credentials(&add.add.theirs, "them");
    add.add.line_count = 1;
    add.add.lines[0] = virtual_send_line(IC_STREAM_CAMERA);
    order(&add);
    assert_int_equal(world.worker->directory.count, 2);
    assert_false(find(speaker->transport)->is_far);
    assert_a_voice_passes();
}

TEST(orders_that_are_damaged_are_skipped)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_REMOVE, .transport = speaker->transport};

    assert_int_equal(send(world.control, &m, sizeof m - 1, 0), (ssize_t)sizeof m - 1);
    m.type = IC_CONTROL_READY;
    order(&m);
    assert_false(world.worker->stopping);
    assert_a_voice_passes();
}

/* A line that sends is none to show somebody in. */
TEST(orders_to_point_at_what_is_not_there_leave_the_slot_silent)
{
    struct ic_control m = {.type = IC_CONTROL_SLOT_POINT, .transport = speaker->transport};

    m.point.source = listener->transport;
    order(&m);
    assert_a_voice_passes();
    m.transport = listener->transport;
    m.point.line = 1;
    m.point.source = speaker->transport;
    order(&m);
    assert_a_voice_passes();
    m.point.line = 0;
    m.point.stream = IC_STREAM_CAMERA; /* the speaker has none */
    order(&m);
    assert_null(find(listener->transport)->slots[0].upstream);
    m.point.stream = IC_STREAM_MICROPHONE;
    m.point.source = listener->transport; /* which has no line to send on */
    order(&m);
    assert_null(find(listener->transport)->slots[0].upstream);
    m.point.source = speaker->transport;
    order(&m);
    assert_a_voice_passes();
}

/* Only the newest of those that nobody has used yet is good; those in use hold until it is used. */
TEST(orders_for_new_credentials_keep_those_in_use_and_the_newest)
{
    struct ic_directory *d = &world.worker->directory;
    struct ic_control first = restart_of(speaker->transport, "first", "them"),
                      second = restart_of(speaker->transport, "second", "them");

    order(&first);
    order(&second);
    assert_non_null(ic_directory_by_ufrag(d, ic_bytes_of_text(speaker->theirs.ufrag)));
    assert_non_null(ic_directory_by_ufrag(d, ic_bytes_of_text("second")));
    assert_null(ic_directory_by_ufrag(d, ic_bytes_of_text("first")));
    assert_int_equal(d->ufrags.count, 3); /* no place is lost to what is gone */
    assert_a_voice_passes();
}

/* ---- another worker ---- */

static uint64_t refused(const struct ic_crossing_record *record, uint32_t worker)
{
    uint64_t before = world.worker->stats.cross_refused;

    ic_far_heard(world.worker, worker, record);
    return world.worker->stats.cross_refused - before;
}

TEST(orders_of_another_worker_reach_only_what_is_shared_with_it)
{
    static const uint8_t kinds[] = {IC_CROSSING_KEY, IC_CROSSING_MISSED, IC_CROSSING_LOSS};
    struct ic_control share = {.type = IC_CONTROL_STREAM_SHARE, .transport = speaker->transport};
    struct ic_crossing_record record = {.transport = speaker->transport};

    for (size_t i = 0; i < IC_COUNT(kinds); i++) {
        record.kind = kinds[i];
        assert_int_equal(refused(&record, OTHER), 1); /* nothing is shared with anybody */
    }
    share.share.worker = HOME;
    share.share.layers = 1;
    order(&share);
    for (size_t i = 0; i < IC_COUNT(kinds); i++) {
        record.kind = kinds[i];
        record.transport = speaker->transport;
        record.stream = IC_STREAM_MICROPHONE;
        assert_int_equal(refused(&record, HOME), 0);
        assert_int_equal(refused(&record, OTHER), 1);
        record.stream = IC_STREAM_CAMERA; /* there is none */
        assert_int_equal(refused(&record, HOME), 1);
        record.transport = listener->transport;
        assert_int_equal(refused(&record, HOME), 1);
        record.transport = NOBODY;
        assert_int_equal(refused(&record, HOME), 1);
    }
    record =
        (struct ic_crossing_record){.kind = IC_CROSSING_PACKET, .transport = speaker->transport};
    assert_int_equal(refused(&record, HOME), 1);
}

TEST(orders_of_another_worker_may_share_a_stream_that_is_not_there)
{
    struct ic_control share = {.type = IC_CONTROL_STREAM_SHARE, .transport = listener->transport};

    share.share.layers = 7;
    order(&share);
    share.transport = speaker->transport;
    share.share.stream = IC_STREAM_CAMERA;
    order(&share);
    assert_a_voice_passes();
}

TEST(orders_of_another_worker_about_its_source_need_a_stream_and_a_sense)
{
    struct ic_control source = far_source();
    struct ic_crossing_record record = {.kind = IC_CROSSING_REPORT,
                                        .transport = FAR,
                                        .stream = IC_STREAM_MICROPHONE,
                                        .report = {.ntp = 1}};

    record.report.offset = world.worker->now - ic_ns_of_ntp(record.report.ntp);
    order(&source);
    assert_int_equal(refused(&record, HOME), 1); /* it has a camera alone */
    record.stream = IC_STREAM_CAMERA;
    assert_int_equal(refused(&record, OTHER), 1); /* which is not where it is from */
    assert_int_equal(refused(&record, HOME), 0);
    record.kind = IC_CROSSING_PACKET;
    record.stream = IC_STREAM_MICROPHONE;
    assert_int_equal(refused(&record, HOME), 1);
    record.kind = IC_CROSSING_KEY; /* which only we may want of it */
    record.stream = IC_STREAM_CAMERA;
    assert_int_equal(refused(&record, HOME), 1);
    record.kind = IC_CROSSING_MISSED; /* and whose content is another */
    record.missed.count = IC_CROSSING_MISSED_MAX;
    memset(record.missed.seqs, 0x55, sizeof record.missed.seqs);
    assert_int_equal(refused(&record, HOME), 1);
}

static void ignore(struct ic_worker *w, uint32_t number, const struct ic_crossing_record *record)
{
    (void)w;
    (void)number;
    (void)record;
}

TEST(orders_of_another_worker_end_with_its_link)
{
    static uint8_t long_message[33 << 10];
    struct ic_writer w = ic_writer_of(long_message, sizeof long_message);
    const struct ic_worker_stats *stats = &world.worker->stats;
    struct ic_crossing_record record = {.kind = IC_CROSSING_KEY, .transport = 1};
    int fds[2];

    ic_crossing_write(&w, &record);
    ic_link_say(world.worker, HOME, &record);
    assert_int_equal(stats->cross_lost, 1); /* there is none yet */
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    assert_int_equal(ic_link_open(world.worker, HOME, fds[1]), IC_OK);
    assert_true(send(fds[0], long_message, sizeof long_message, 0) > 0);
    ic_link_event(world.worker, HOME, ignore);
    assert_true(stats->cross_refused == 1 && stats->cross_in == 0);
    assert_non_null(world.worker->links[HOME]);
    ic_link_say(world.worker, HOME, &record);
    close(fds[0]);
    ic_link_event(world.worker, HOME, ignore);
    assert_null(world.worker->links[HOME]);
    assert_int_equal(stats->cross_lost, 2); /* what waited for it is not sent to the next */
    ic_links_flush(world.worker);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(EACH(orders_about_somebody_who_is_gone_change_nothing),
          EACH(orders_for_a_client_are_not_carried_out_on_a_far_source_nor_the_other_way_round),
          EACH(orders_to_use_an_id_twice_are_not_carried_out),
          EACH(orders_that_are_damaged_are_skipped),
          EACH(orders_to_point_at_what_is_not_there_leave_the_slot_silent),
          EACH(orders_for_new_credentials_keep_those_in_use_and_the_newest),
          EACH(orders_of_another_worker_reach_only_what_is_shared_with_it),
          EACH(orders_of_another_worker_may_share_a_stream_that_is_not_there),
          EACH(orders_of_another_worker_about_its_source_need_a_stream_and_a_sense),
          EACH(orders_of_another_worker_end_with_its_link))
