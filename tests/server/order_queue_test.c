/* Orders to a worker: in order, whatever the socket takes at once, and with their file descriptors.
 */
#include "server/order_queue.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

enum { MANY = 2000 }; /* more than a socket holds */

static struct ic_order_queue queue;
static int ours, theirs;

static int open_socket(void **state)
{
    int pair[2];
    (void)state;
    ic_order_queue_init(&queue);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return -1;
    ours = pair[0];
    theirs = pair[1];
    return 0;
}

static int close_socket(void **state)
{
    (void)state;
    ic_order_queue_clear(&queue);
    close(ours);
    return close(theirs);
}

static enum ic_err put(uint32_t room, int fd)
{
    struct ic_control m = {.type = IC_CONTROL_STOP, .room = room};
    return ic_order_queue_put(&queue, &m, fd);
}

/* How many of them there are now; the first must be `next`, and so on. */
static uint32_t receive_from(uint32_t next)
{
    struct ic_control m;
    uint32_t count = 0;
    while (recv(theirs, &m, sizeof m, 0) == (ssize_t)sizeof m)
        assert_int_equal(m.room, next + count++);
    return count;
}

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) != -1;
}

TEST(orders_keep_their_order_when_the_socket_takes_only_some_at_once)
{
    uint32_t heard = 0, rounds = 0;
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(put(i, -1), IC_OK);
    for (; !ic_order_queue_is_empty(&queue) && rounds < MANY; rounds++) {
        ic_order_queue_send(&queue, ours);
        heard += receive_from(heard);
    }
    assert_int_equal(heard, MANY);
    assert_true(rounds > 1);
}

TEST(a_file_descriptor_goes_with_its_order_and_is_closed_here)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights = {0};
    struct ic_control got;
    struct iovec whole = {&got, sizeof got};
    struct msghdr m = {.msg_iov = &whole,
                       .msg_iovlen = 1,
                       .msg_control = rights.bytes,
                       .msg_controllen = sizeof rights.bytes};
    int given = open("/dev/null", O_RDONLY | O_CLOEXEC), taken;
    assert_int_equal(put(1, given), IC_OK);
    ic_order_queue_send(&queue, ours);
    assert_false(is_open(given));
    assert_int_equal(recvmsg(theirs, &m, MSG_CMSG_CLOEXEC), sizeof got);
    assert_non_null(CMSG_FIRSTHDR(&m));
    memcpy(&taken, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof taken);
    assert_true(is_open(taken));
    close(taken);
}

TEST(what_was_never_sent_is_closed_with_the_queue)
{
    int given = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(put(1, given), IC_OK);
    ic_order_queue_clear(&queue);
    assert_true(ic_order_queue_is_empty(&queue));
    assert_false(is_open(given));
}

TEST(a_worker_that_takes_nothing_for_long_fills_it)
{
    uint32_t count = 0;
    enum ic_err err = IC_OK;
    for (; err == IC_OK && count < 200000; count++)
        err = put(count, -1);
    assert_int_equal(err, IC_ERR_FULL);
}

#define QUEUE(name) cmocka_unit_test_setup_teardown(name, open_socket, close_socket)

RUN_TESTS(QUEUE(orders_keep_their_order_when_the_socket_takes_only_some_at_once),
          QUEUE(a_file_descriptor_goes_with_its_order_and_is_closed_here),
          QUEUE(what_was_never_sent_is_closed_with_the_queue),
          QUEUE(a_worker_that_takes_nothing_for_long_fills_it))
