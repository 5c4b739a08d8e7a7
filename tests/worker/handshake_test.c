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

RUN_TESTS(cmocka_unit_test(handshake_leaves_room_for_others_when_one_client_floods))
