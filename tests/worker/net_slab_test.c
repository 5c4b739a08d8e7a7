/* What waits for one flush: more of it than there are places is sent before, and nothing is lost.
 */
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"
#include "worker/net_io.h"

enum { MESSAGES_MOST = 512, MANY = 2000 };

static struct ic_net *net;
static int epoll_fd;
static uint32_t came, most; /* packets, and messages of one call */
static uint32_t order_errors;

/* Takes everything; the first two bytes of a packet are its number. */
static int take(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    (void)fd;
    (void)flags;
    most = count > most ? count : most;
    for (unsigned i = 0; i < count; i++)
        for (size_t k = 0; k < messages[i].msg_hdr.msg_iovlen; k++) {
            const uint8_t *at = messages[i].msg_hdr.msg_iov[k].iov_base;
            order_errors += (uint32_t)(at[0] << 8 | at[1]) != came;
            came++;
        }
    return (int)count;
}

static int start(void **state)
{
    struct ic_net_config config = {.address_count = 1, .sendmmsg = take};
    (void)state;

    came = most = order_errors = 0;
    config.epoll_fd = epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    assert_int_equal(ic_address_parse(&config.addresses[0], "127.0.0.1", 0), IC_OK);
    return ic_net_new(&net, &config) == IC_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    ic_net_free(net);
    close(epoll_fd);
    return 0;
}

static struct ic_path somewhere(void)
{
    struct ic_path path = {0};

    assert_int_equal(ic_address_parse(&path.remote, "127.0.0.1", 9), IC_OK);
    return path;
}

static void write_number(uint8_t *at, uint32_t number)
{
    at[0] = (uint8_t)(number >> 8);
    at[1] = (uint8_t)number;
}

static void assert_all_came(void)
{
    ic_net_flush(net);
    assert_int_equal(came, MANY);
    assert_int_equal(order_errors, 0);
    assert_in_range(most, 1, MESSAGES_MOST);
    assert_int_equal(ic_net_counts(net)->packets_out, MANY);
    assert_int_equal(ic_net_counts(net)->unsent, 0);
}

TEST(net_slab_has_room_for_any_number_of_single_packets)
{
    struct ic_path path = somewhere();
    uint8_t packet[100];

    for (uint32_t i = 0; i < MANY; i++) {
        write_number(packet, i);
        ic_net_send(net, &path, (struct ic_bytes){packet, sizeof packet});
    }
    assert_all_came();
}

/* Each longer than the one before, so that none makes a run with another. */
TEST(net_slab_has_room_for_any_number_of_packets_that_make_no_run)
{
    struct ic_outbox outbox = {.path = somewhere()};

    for (uint32_t i = 0; i < MANY; i++) {
        size_t len = 2 + i % 200;
        write_number(ic_net_room(net, len), i);
        ic_net_append(net, &outbox, len);
    }
    assert_all_came();
}

TEST(net_slab_has_room_for_any_number_of_the_longest_packets)
{
    struct ic_outbox outbox = {.path = somewhere()};

    for (uint32_t i = 0; i < MANY; i++) {
        uint8_t *room = ic_net_room(net, IC_DATAGRAM_MAX);
        memset(room, 0, IC_DATAGRAM_MAX); /* all of it is there */
        write_number(room, i);
        ic_net_append(net, &outbox, IC_DATAGRAM_MAX);
    }
    assert_all_came();
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(EACH(net_slab_has_room_for_any_number_of_single_packets),
          EACH(net_slab_has_room_for_any_number_of_packets_that_make_no_run),
          EACH(net_slab_has_room_for_any_number_of_the_longest_packets))
