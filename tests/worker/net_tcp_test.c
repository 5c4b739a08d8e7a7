/* What waits for a TCP connection, and numbers that are no connection's any more. */
#include "worker/net_tcp.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

enum { QUEUE_PACKETS = 1024, LEN = 10 };

static struct ic_tcp *tcp;
static struct ic_net_counts counts;
static int epoll_fd, listener;
static struct sockaddr_storage where;
static socklen_t where_len;
static uint32_t number; /* of the connection that spoke last */
static size_t heard, ends;

static int start(void **state)
{
    struct ic_address loopback;
    (void)state;

    counts = (struct ic_net_counts){0};
    heard = ends = 0;
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(ic_address_parse(&loopback, "127.0.0.1", 0), IC_OK);
    where_len = ic_address_to_sockaddr(&where, AF_INET, &loopback);
    assert_int_equal(bind(listener, (struct sockaddr *)&where, where_len), 0);
    assert_int_equal(listen(listener, 8), 0);
    where_len = sizeof where;
    assert_int_equal(getsockname(listener, (struct sockaddr *)&where, &where_len), 0);
    return ic_tcp_new(&tcp, epoll_fd, 0) == IC_OK ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    ic_tcp_free(tcp);
    close(listener);
    close(epoll_fd);
    return 0;
}

static void note(void *context, const struct ic_path *path, uint8_t *bytes, size_t len)
{
    (void)context;
    (void)len;
    number = path->remote.connection;
    heard += bytes != NULL;
    ends += bytes == NULL;
}

static void run_once(void)
{
    struct epoll_event event;

    assert_int_equal(epoll_wait(epoll_fd, &event, 1, 5000), 1);
    ic_tcp_event(tcp, (uint32_t)event.data.u64, event.events, &counts, note, NULL);
}

/* A client that has sent one packet, so that `number` is its connection's. */
static int connect_one(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&where, where_len), 0);
    ic_tcp_accept(tcp, listener);
    assert_int_equal(send(fd, "\0\1x", 3, 0), 3);
    run_once();
    return fd;
}

static void write_one(uint32_t to, uint32_t value)
{
    uint8_t packet[LEN] = {(uint8_t)(value >> 8), (uint8_t)value};

    ic_tcp_write(tcp, to, (struct ic_bytes){packet, sizeof packet}, &counts);
}

/* Of the next packet, once the kernel has taken it. */
static uint32_t take_one(int fd)
{
    uint8_t frame[2 + LEN];
    ssize_t len = -1;

    for (int i = 0; i < 5000 && len < (ssize_t)sizeof frame; i++) {
        struct pollfd readable = {.fd = fd, .events = POLLIN};
        ic_tcp_push(tcp, number, &counts);
        poll(&readable, 1, 1);
        len = recv(fd, frame, sizeof frame, MSG_DONTWAIT | MSG_PEEK);
    }
    assert_int_equal(recv(fd, frame, sizeof frame, MSG_DONTWAIT), (ssize_t)sizeof frame);
    assert_int_equal(frame[1], LEN);
    return (uint32_t)(frame[2] << 8 | frame[3]);
}

TEST(net_tcp_lets_so_many_packets_wait_however_small_and_sends_them_in_order)
{
    int fd = connect_one();

    for (uint32_t i = 0; i < QUEUE_PACKETS + 3; i++)
        write_one(number, i);
    assert_int_equal(counts.unsent, 3);
    for (uint32_t i = 0; i < QUEUE_PACKETS; i++)
        assert_int_equal(take_one(fd), i);
    write_one(number, 7);
    assert_int_equal(counts.unsent, 3);
    close(fd);
}

TEST(net_tcp_does_nothing_for_a_number_whose_connection_is_gone)
{
    uint8_t byte;
    int first = connect_one();
    uint32_t old = number;

    close(first);
    run_once();
    assert_int_equal(ends, 1);
    int second = connect_one(); /* in the same place */
    assert_true(number != old);
    write_one(old, 1);
    assert_int_equal(counts.unsent, 1);
    ic_tcp_push(tcp, old, &counts);
    ic_tcp_trust(tcp, old);
    ic_tcp_close(tcp, old);
    ic_tcp_event(tcp, old, EPOLLIN | EPOLLOUT, &counts, note, NULL);
    assert_int_equal(ends, 1);
    assert_true(recv(second, &byte, 1, MSG_DONTWAIT) < 0); /* nothing came, and it is open */
    write_one(number, 2);
    assert_int_equal(take_one(second), 2);
    close(second);
}

TEST(net_tcp_survives_numbers_that_nobody_ever_had)
{
    for (uint32_t i = 0; i < 2000; i++) {
        write_one(i, 1);
        ic_tcp_push(tcp, i, &counts);
        ic_tcp_trust(tcp, i);
        ic_tcp_close(tcp, i);
        ic_tcp_event(tcp, i, EPOLLIN | EPOLLOUT, &counts, note, NULL);
    }
    assert_int_equal(counts.unsent, 2000);
    assert_int_equal(heard + ends, 0);
}

static void close_and_go_on(void *context, const struct ic_path *path, uint8_t *bytes, size_t len)
{
    note(context, path, bytes, len);
    if (!bytes)
        return;
    ic_tcp_close(tcp, number);
    write_one(number, 1); /* as who is told of the end may still do */
    ic_tcp_push(tcp, number, &counts);
}

TEST(net_tcp_takes_nothing_for_a_connection_that_ended_while_it_was_read)
{
    struct epoll_event event;
    uint8_t byte;
    int fd = connect_one();

    assert_int_equal(send(fd, "\0\1y\0\1z", 6, 0), 6);
    assert_int_equal(epoll_wait(epoll_fd, &event, 1, 5000), 1);
    ic_tcp_event(tcp, (uint32_t)event.data.u64, event.events, &counts, close_and_go_on, NULL);
    assert_true(heard == 2 && ends == 1);
    assert_int_equal(counts.unsent, 1);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, start, stop)

RUN_TESTS(EACH(net_tcp_lets_so_many_packets_wait_however_small_and_sends_them_in_order),
          EACH(net_tcp_does_nothing_for_a_number_whose_connection_is_gone),
          EACH(net_tcp_survives_numbers_that_nobody_ever_had),
          EACH(net_tcp_takes_nothing_for_a_connection_that_ended_while_it_was_read))
