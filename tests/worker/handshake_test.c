/* Who may wait for a handshake: one client that floods must leave room for the others. */
#include "worker/handshake.h"

#include "tests/test.h"
#include "worker/transport.h"
#include "worker/worker.h"

static struct ic_worker worker;

static size_t send_many(struct ic_transport *t, size_t count)
{
    static const uint8_t datagram[64] = {22};
    size_t taken = 0;

    for (size_t i = 0; i < count; i++)
        taken +=
            ic_handshake_receive(&worker, t, (struct ic_bytes){datagram, sizeof datagram}) == IC_OK;
    return taken;
}

TEST(handshake_leaves_room_for_others_when_one_client_floods)
{
    static struct ic_transport flooding = {.id = 1}, other = {.id = 2};

    ic_directory_init(&worker.directory);
    assert_int_equal(ic_handshakes_new(&worker.handshakes), IC_OK);
    assert_in_range(send_many(&flooding, 1000), 6, 32); /* a whole flight, and not much more */
    assert_int_equal(send_many(&other, 6), 6);
    for (int i = 0; i < 1000 && ic_handshakes_wait(worker.handshakes); i++)
        ic_handshakes_run(&worker); /* both are gone by now */
    assert_false(ic_handshakes_wait(worker.handshakes));
    ic_handshakes_free(worker.handshakes);
}

TEST(handshake_lets_so_many_wait_and_takes_more_when_some_had_their_turn)
{
    static struct ic_transport clients[20];
    size_t taken = 0;

    ic_directory_init(&worker.directory);
    assert_int_equal(ic_handshakes_new(&worker.handshakes), IC_OK);
    for (uint32_t i = 0; i < IC_COUNT(clients); i++)
        clients[i].id = 100 + i;
    for (size_t i = 0; i < IC_COUNT(clients); i++)
        taken += send_many(&clients[i], 16);
    assert_int_equal(taken, 256);
    ic_handshakes_run(&worker);
    assert_in_range(send_many(&clients[19], 16), 1, 15);
    ic_handshakes_free(worker.handshakes);
}

/* Pages are given back after the last of a crowd, never under those that wait. */
TEST(handshake_gives_no_memory_back_while_somebody_waits)
{
    static struct ic_transport client = {.id = 1};

    worker.now = IC_NS_PER_SEC;
    ic_directory_init(&worker.directory);
    assert_int_equal(ic_handshakes_new(&worker.handshakes), IC_OK);
    ic_handshakes_freed(&worker);
    int64_t due = ic_handshakes_due(worker.handshakes);
    assert_true(due > worker.now && due < worker.now + IC_NS_PER_SEC);
    assert_int_equal(send_many(&client, 10), 10);
    worker.now = due - 1;
    ic_handshakes_run(&worker);
    worker.now = due;
    ic_handshakes_run(&worker);
    assert_true(ic_handshakes_wait(worker.handshakes));
    assert_true(ic_handshakes_due(worker.handshakes) == due);
    ic_handshakes_run(&worker);
    assert_false(ic_handshakes_wait(worker.handshakes));
    assert_true(ic_handshakes_due(worker.handshakes) == INT64_MAX);
    ic_handshakes_free(worker.handshakes);
}

RUN_TESTS(cmocka_unit_test(handshake_leaves_room_for_others_when_one_client_floods),
          cmocka_unit_test(handshake_lets_so_many_wait_and_takes_more_when_some_had_their_turn),
          cmocka_unit_test(handshake_gives_no_memory_back_while_somebody_waits))
