/* How much is given to the kernel of a TCP connection while its path queues. */
#include "worker/flight.h"

#include "tests/test.h"

enum { PATH_US = 50000, FRAME = 3000, STEP_MS = 25 };

/* A path of `rate` bytes a second that has `waiting` bytes in its queue. */
struct path {
    uint64_t sent, acked;
    uint32_t now_ms;
};

static struct ic_flight_view view_of(const struct path *p, uint32_t rtt_us)
{
    return (struct ic_flight_view){.acked = p->acked, .rtt_us = rtt_us, .least_rtt_us = PATH_US};
}

/* Offers a frame every step for `steps`, of which the path carries `rate` bytes a second; the most
 * that was on its way. */
static uint64_t run(struct ic_flight *f, struct path *p, uint32_t rate, uint32_t steps)
{
    uint64_t most = 0;

    for (uint32_t i = 0; i < steps; i++) {
        uint64_t carried = p->acked + (uint64_t)rate * STEP_MS / 1000;
        p->now_ms += STEP_MS;
        p->acked = carried < p->sent ? carried : p->sent;
        uint64_t waits_us = (p->sent - p->acked) * 1000000 / rate;
        struct ic_flight_view view = view_of(p, waits_us > PATH_US ? (uint32_t)waits_us : PATH_US);
        size_t room = ic_flight_room(f, &view, p->sent, p->now_ms);
        p->sent += room < FRAME ? room : FRAME;
        if (p->sent - p->acked > most)
            most = p->sent - p->acked;
    }
    return most;
}

TEST(flight_leaves_a_path_that_does_not_queue_to_the_kernel)
{
    struct ic_flight f = {0};
    struct path p = {.sent = 100000};
    struct ic_flight_view view = view_of(&p, PATH_US + 10000);

    assert_true(ic_flight_room(&f, &view, p.sent, 1000) == SIZE_MAX);
    assert_true(ic_flight_room(&f, &view, p.sent, 2000) == SIZE_MAX);
}

TEST(flight_holds_back_soon_after_a_path_collapses)
{
    struct ic_flight f = {0};
    struct path p = {0};

    run(&f, &p, 200000, 80);
    uint64_t at_fall = run(&f, &p, 25000, 4); /* 100 ms */
    assert_in_range(at_fall, FRAME, 25000);
    run(&f, &p, 25000, 40);
    /* 25,000 bytes a second for 130 ms, and the least. */
    assert_in_range(run(&f, &p, 25000, 80), 3000, 25000 * 130 / 1000 + 3 * 1024 + FRAME);
}

TEST(flight_tries_again_when_a_path_stood_still)
{
    struct ic_flight f = {0};
    struct path p = {.sent = 2000};
    struct ic_flight_view view = view_of(&p, PATH_US);
    view.quiet_ms = 5000;

    for (p.now_ms = 0; p.now_ms < 5000; p.now_ms += STEP_MS)
        assert_in_range(ic_flight_room(&f, &view, p.sent, p.now_ms), 1, 2000);
    view.acked = 2000;
    assert_true(ic_flight_room(&f, &view, p.sent, p.now_ms) == SIZE_MAX);
}

TEST(flight_grows_again_with_the_path)
{
    struct ic_flight f = {0};
    struct path p = {0};

    run(&f, &p, 200000, 40);
    run(&f, &p, 25000, 80);
    uint64_t before = p.acked;
    run(&f, &p, 200000, 40);
    assert_in_range(p.acked - before, 60000, 200000);
}

RUN_TESTS(cmocka_unit_test(flight_leaves_a_path_that_does_not_queue_to_the_kernel),
          cmocka_unit_test(flight_holds_back_soon_after_a_path_collapses),
          cmocka_unit_test(flight_tries_again_when_a_path_stood_still),
          cmocka_unit_test(flight_grows_again_with_the_path))
