/* What a participant costs in memory, after media has flowed long enough for every ring but that of
 * the checks to have gone round: pages of the transport's mapping that were touched, without the
 * packet history that all receivers share, and what its end gives back to the heap. */
#include <unistd.h>

#include "tests/allocations.h"
#include "tests/test.h"
#include "tests/worker/virtual.h"
#include "worker/orders.h"
#include "worker/transport.h"

enum {
    ROOM = 1,
    PEOPLE = 5,
    KIB = 1024,
    RUN_MS = 7000,
    VIDEO_EVERY = 5, /* ms */
    VOICE_EVERY = 20,
    LISTENER_MOST = 40 * KIB,
    PARTICIPANT_MOST = 72 * KIB,
};

static struct virtual_world world;
static struct person *people[PEOPLE];

#ifdef IC_COUNTS_ALLOCATIONS
static size_t given_back;

static void note_free(const volatile void *at)
{
    if (at)
        given_back += __sanitizer_get_allocated_size((const void *)(uintptr_t)at);
}

static void ignore_malloc(const volatile void *at, size_t size)
{
    (void)at, (void)size;
}
#endif

static bool is_zero(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (at[i] != 0)
            return false;
    return true;
}

/* A page that was only read is the kernel's page of zeroes and costs nothing. */
static size_t touched(struct ic_transport *t, const struct ic_line *lines, uint32_t count)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), sum = 0;
    size_t len = t->size - ic_publisher_history_size(lines, count);

    for (size_t at = 0; at < len; at += page)
        sum += is_zero((const uint8_t *)t + at, page < len - at ? page : len - at) ? 0 : page;
    return sum;
}

static size_t cost(const struct person *p, const struct ic_line *lines, uint32_t count)
{
    struct ic_transport *t = ic_directory_find(&world.worker->directory, p->transport);
    size_t bytes = touched(t, lines, count);

#ifdef IC_COUNTS_ALLOCATIONS
    given_back = 0;
    ic_transport_free(world.worker, t);
    assert_true(given_back > KIB); /* keys, at least */
    bytes += given_back;
#endif
    return bytes;
}

static void talk(struct virtual_world *v, uint32_t step)
{
    for (uint32_t i = 0; i < PEOPLE; i++) {
        if (people[i] && step % VOICE_EVERY == i)
            virtual_send(v, people[i], VIRTUAL_VOICE_PT, 1000 + i, 100);
        if (people[i] && step % VIDEO_EVERY == i)
            virtual_send(v, people[i], VIRTUAL_VIDEO_PT, 2000 + i, 1000);
    }
}

static uint32_t make_lines(struct ic_line lines[IC_LINES_MAX], uint32_t senders)
{
    uint32_t count = 0;

    lines[count++] = virtual_send_line(IC_STREAM_MICROPHONE);
    lines[count++] = virtual_send_line(IC_STREAM_CAMERA);
    for (uint32_t i = 0; i < senders; i++) {
        lines[count] = virtual_slot(IC_STREAM_MICROPHONE, 50000 + 2 * i);
        lines[count++].ext[IC_EXT_TWCC] = VIRTUAL_TWCC_ID;
        lines[count] = virtual_slot(IC_STREAM_CAMERA, 60000 + 2 * i);
        lines[count++].ext[IC_EXT_TWCC] = VIRTUAL_TWCC_ID;
    }
    return count;
}

static int start(void **state)
{
    (void)state;
#ifdef IC_COUNTS_ALLOCATIONS
    static bool installed;
    if (!installed)
        installed = __sanitizer_install_malloc_and_free_hooks(ignore_malloc, note_free) > 0;
    assert_true(installed && ic_allocations_are_counted());
#endif
    (void)ic_allocation_count;
    memset(people, 0, sizeof people);
    virtual_start(&world);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    virtual_stop(&world);
    return 0;
}

TEST(participant_of_a_room_of_five_costs_72_kib_at_most)
{
    static struct ic_twcc_receiver arrivals[PEOPLE];
    struct ic_line lines[IC_LINES_MAX];
    uint32_t count = make_lines(lines, PEOPLE - 1);

    for (uint32_t i = 0; i < PEOPLE; i++) {
        people[i] = virtual_join(&world, ROOM, lines, count);
        virtual_report_arrivals(people[i], &arrivals[i]);
    }
    virtual_connect(&world, NULL);
    for (uint32_t i = 0; i < PEOPLE; i++)
        for (uint32_t k = 0, line = 2; k < PEOPLE; k++)
            if (k != i) {
                virtual_point(&world, people[i], line++, people[k], IC_STREAM_MICROPHONE);
                virtual_point(&world, people[i], line++, people[k], IC_STREAM_CAMERA);
            }
    virtual_run(&world, RUN_MS, talk);
    assert_true(world.worker->stats.dropped_full == 0);
    assert_in_range(cost(people[0], lines, count), 8 * KIB, PARTICIPANT_MOST);
}

TEST(receiving_transport_costs_40_kib_at_most)
{
    static struct ic_twcc_receiver arrivals;
    struct ic_line lines[IC_LINES_MAX];
    uint32_t count = make_lines(lines, 1);

    people[0] = virtual_join(&world, ROOM, lines, 2);
    struct person *listener = virtual_join(&world, ROOM, lines + 2, count - 2);
    virtual_report_arrivals(listener, &arrivals);
    virtual_connect(&world, NULL);
    virtual_point(&world, listener, 0, people[0], IC_STREAM_MICROPHONE);
    virtual_point(&world, listener, 1, people[0], IC_STREAM_CAMERA);
    virtual_run(&world, RUN_MS, talk);
    assert_in_range(cost(listener, lines + 2, count - 2), 8 * KIB, LISTENER_MOST);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(EACH(participant_of_a_room_of_five_costs_72_kib_at_most),
          EACH(receiving_transport_costs_40_kib_at_most))
