/* Packets must come out as they went in, whether the kernel segments or refuses to. */
#include "worker/net_io.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tests/test.h"

enum {
    GOT_MAX = 256,
    WAIT_MS = 2000,
    FDS_MAX = 2048,
    UNSENT_MOST = 2 * 4096, /* TCP_NOTSENT_LOWAT, and a piece more */
};

static struct ic_net *net;
static int epoll_fd;

/* What the last calls of receive_all() brought. */
static struct {
    struct ic_path path;
    size_t len;
    uint8_t first;
} got[GOT_MAX];
static size_t got_count, ends;

static void note(void *context, const struct ic_path *path, uint8_t *bytes, size_t len)
{
    (void)context;
    if (!bytes) {
        ends++;
        return;
    }
    assert_true(got_count < GOT_MAX);
    got[got_count].path = *path;
    got[got_count].len = len;
    got[got_count++].first = bytes[0];
}

static void receive_all(size_t expected)
{
    struct epoll_event events[8];

    got_count = 0;
    while (got_count < expected) {
        int count = epoll_wait(epoll_fd, events, 8, WAIT_MS);
        assert_true(count > 0);
        for (int i = 0; i < count; i++)
            ic_net_event(net, events[i].data.u64, events[i].events, note, NULL);
    }
}

static void start(ic_sendmmsg *sendmmsg_or_null)
{
    struct ic_net_config config = {.sendmmsg = sendmmsg_or_null};

    config.epoll_fd = epoll_fd = epoll_create1(0);
    assert_int_equal(ic_net_new(&net, &config), IC_OK);
    assert_int_not_equal(ic_net_port(net), 0);
}

static void stop(void)
{
    ic_net_free(net);
    close(epoll_fd);
}

/* A socket of a client that knows the worker's address. */
static int client(int type)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(ic_net_port(net))};
    int fd = socket(AF_INET, type, 0), room = 4 << 20;

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

static void send_back(struct ic_outbox *outbox, size_t len, uint8_t first)
{
    uint8_t *room = ic_net_room(net, len);
    memset(room, first, len);
    ic_net_append(net, outbox, len);
}

static ssize_t take(int fd, uint8_t *bytes, size_t size)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, WAIT_MS) == 1 ? recv(fd, bytes, size, 0) : -1;
}

/* The other end closed it. */
static bool is_gone(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uint8_t byte;
    return poll(&p, 1, WAIT_MS) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static void check_comes(int fd, const uint16_t *lens, size_t count)
{
    uint8_t bytes[2048];

    for (size_t i = 0; i < count; i++) {
        assert_int_equal(take(fd, bytes, sizeof bytes), lens[i]);
        assert_int_equal(bytes[0], (uint8_t)i);
    }
}

static const uint16_t frame_lens[] = {1200, 1200, 1200, 700, 90, 1100, 1100, 1101, 1};

static void send_frame_to_two(void)
{
    struct ic_outbox outboxes[2] = {0};
    int fds[2] = {client(SOCK_DGRAM), client(SOCK_DGRAM)};

    for (int i = 0; i < 2; i++) {
        assert_int_equal(send(fds[i], "hello", 5, 0), 5);
        receive_all(1);
        outboxes[i].path = got[0].path;
    }
    for (size_t i = 0; i < IC_COUNT(frame_lens); i++)
        for (int to = 0; to < 2; to++)
            send_back(&outboxes[to], frame_lens[i], (uint8_t)i);
    ic_net_flush(net);
    for (int i = 0; i < 2; i++) {
        check_comes(fds[i], frame_lens, IC_COUNT(frame_lens));
        close(fds[i]);
    }
}

TEST(net_sends_runs_that_arrive_as_the_packets_they_are)
{
    start(NULL);
    send_frame_to_two();
    const struct ic_net_counts *counts = ic_net_counts(net);
    assert_int_equal(counts->packets_out, 2 * IC_COUNT(frame_lens));
    assert_int_equal(counts->messages_out, 2 * 4); /* 1200 x3 + 700; 90; 1100 x2; 1101 + 1 */
    assert_int_equal(counts->unsent, 0);
    stop();
}

static int refused_with;
static unsigned calls_with_segments;

static int refuse_segments(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    for (unsigned i = 0; i < count; i++) {
        struct msghdr *m = &messages[i].msg_hdr;
        for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c))
            if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT) {
                if (i > 0)
                    return sendmmsg(fd, messages, i, flags);
                calls_with_segments++;
                errno = refused_with;
                return -1;
            }
    }
    return sendmmsg(fd, messages, count, flags);
}

TEST(net_falls_back_for_good_when_segmentation_is_refused)
{
    static const int refusals[] = {EINVAL, EIO, ENOPROTOOPT};

    for (size_t i = 0; i < IC_COUNT(refusals); i++) {
        refused_with = refusals[i];
        calls_with_segments = 0;
        start(refuse_segments);
        send_frame_to_two();
        send_frame_to_two();
        assert_int_equal(calls_with_segments, 1);
        assert_int_equal(ic_net_counts(net)->packets_out, 4 * IC_COUNT(frame_lens));
        assert_int_equal(ic_net_counts(net)->unsent, 0);
        stop();
    }
}

/* What the kernel says of port 0. */
static int refuse_address(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    const struct sockaddr_in *to = messages->msg_hdr.msg_name;

    if (to->sin_port == 0) {
        errno = EINVAL;
        return -1;
    }
    return sendmmsg(fd, messages, count, flags);
}

TEST(net_goes_on_segmenting_when_it_is_one_address_that_is_refused)
{
    struct ic_outbox nowhere = {.path.remote = {.family = IC_IPV4, .ip = {127, 0, 0, 1}}};

    start(refuse_address);
    for (size_t i = 0; i < 3; i++)
        send_back(&nowhere, 1000, 'n');
    ic_net_flush(net);
    assert_int_equal(ic_net_counts(net)->unsent, 3);
    send_frame_to_two();
    assert_int_equal(ic_net_counts(net)->messages_out, 2 * 4); /* as in the first test */
    stop();
}

static int full(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    (void)fd;
    (void)messages;
    (void)count;
    (void)flags;
    errno = EAGAIN;
    return -1;
}

TEST(net_drops_and_counts_what_a_full_socket_does_not_take)
{
    struct ic_outbox outbox = {0};

    start(full);
    int fd = client(SOCK_DGRAM);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    receive_all(1);
    outbox.path = got[0].path;
    for (int i = 0; i < 20; i++)
        send_back(&outbox, 500, 0);
    ic_net_flush(net);
    assert_int_equal(ic_net_counts(net)->unsent, 20);
    assert_int_equal(ic_net_counts(net)->packets_out, 0);
    assert_int_equal(outbox.count, 0);
    close(fd);
    stop();
}

TEST(net_flushes_by_itself_when_the_slab_is_full)
{
    struct ic_outbox outbox = {0};
    uint8_t bytes[2048];
    size_t came = 0;

    start(NULL);
    int fd = client(SOCK_DGRAM);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    receive_all(1);
    outbox.path = got[0].path;
    for (size_t i = 0; i < 10000; i++) {
        send_back(&outbox, 40, (uint8_t)i);
        if (i % 100 == 99) /* the client's own buffer is small */
            ic_net_flush(net);
        while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
            came++;
    }
    ic_net_flush(net);
    while (came < 10000 && take(fd, bytes, sizeof bytes) == 40)
        came++;
    assert_int_equal(came, 10000);
    for (size_t i = 0; i < 5000; i++) /* more than the slab holds, never flushed by us */
        send_back(&outbox, 40, 0);
    assert_true(ic_net_counts(net)->packets_out >= 10000 + 4096);
    ic_net_flush(net);
    assert_int_equal(ic_net_counts(net)->packets_out + ic_net_counts(net)->unsent, 15000);
    close(fd);
    stop();
}

TEST(net_splits_a_run_that_came_as_one)
{
    uint8_t bytes[3 * 1000 + 10];
    uint16_t segment = 1000;
    start(NULL);
    int fd = client(SOCK_DGRAM);

    memset(bytes, 7, sizeof bytes);
    assert_int_equal(setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &(int){segment}, sizeof(int)), 0);
    assert_int_equal(send(fd, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    receive_all(4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(got[i].len, i < 3 ? 1000 : 10);
    close(fd);
    stop();
}

TEST(net_does_not_hand_on_packets_over_the_limit)
{
    uint8_t bytes[IC_DATAGRAM_MAX + 1] = {1};
    start(NULL);
    int fd = client(SOCK_DGRAM);

    assert_int_equal(send(fd, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    assert_int_equal(send(fd, bytes, sizeof bytes - 1, 0), (ssize_t)sizeof bytes - 1);
    receive_all(1);
    assert_int_equal(got[0].len, IC_DATAGRAM_MAX);
    assert_int_equal(ic_net_counts(net)->oversize, 1);
    close(fd);
    stop();
}

TEST(net_knows_the_address_a_packet_came_to_and_answers_from_it)
{
    struct sockaddr_in to = {.sin_family = AF_INET}, from;
    socklen_t from_len = sizeof from;
    uint8_t bytes[16];

    start(NULL);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    to.sin_port = htons(ic_net_port(net));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 41); /* 127.0.0.42 is ours too */
    assert_int_equal(sendto(fd, "hello", 5, 0, (struct sockaddr *)&to, sizeof to), 5);
    receive_all(1);
    ic_net_send(net, &got[0].path, (struct ic_bytes){(const uint8_t *)"well", 4});
    ic_net_flush(net);
    assert_int_equal(recvfrom(fd, bytes, sizeof bytes, 0, (struct sockaddr *)&from, &from_len), 4);
    assert_int_equal(from.sin_addr.s_addr, to.sin_addr.s_addr);
    assert_int_equal(from.sin_port, to.sin_port);
    close(fd);
    stop();
}

TEST(net_speaks_ipv6_on_the_same_port)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct ic_outbox outbox = {0};
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);

    if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) != 0)
        skip(); /* a machine without IPv6 */
    start(NULL);
    to.sin6_port = htons(ic_net_port(net));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    assert_int_equal(send(fd, "hello", 5, 0), 5);
    receive_all(1);
    assert_int_equal(got[0].path.remote.family, IC_IPV6);
    assert_int_equal(got[0].path.local.family, IC_IPV6);
    outbox.path = got[0].path;
    for (size_t i = 0; i < IC_COUNT(frame_lens); i++)
        send_back(&outbox, frame_lens[i], (uint8_t)i);
    ic_net_flush(net);
    check_comes(fd, frame_lens, IC_COUNT(frame_lens));
    assert_int_equal(ic_net_counts(net)->messages_out, 4);
    close(fd);
    stop();
}

TEST(net_carries_packets_over_tcp)
{
    static const uint8_t two[] = {0, 3, 'a', 'b', 'c', 0, 2, 'd', 'e'};
    static const uint8_t reply[] = {0, 4, 'w', 'e', 'l', 'l'};
    uint8_t bytes[16];

    start(NULL);
    int fd = client(SOCK_STREAM);
    assert_int_equal(send(fd, two, sizeof two, 0), (ssize_t)sizeof two);
    receive_all(2);
    assert_int_equal(got[0].len, 3);
    assert_int_equal(got[1].first, 'd');
    assert_int_equal(got[0].path.remote.protocol, IC_TCP);
    ic_net_send(net, &got[0].path, (struct ic_bytes){(const uint8_t *)"well", 4});
    ic_net_flush(net);
    assert_int_equal(recv(fd, bytes, sizeof reply, MSG_WAITALL), (ssize_t)sizeof reply);
    assert_memory_equal(bytes, reply, sizeof reply);
    close(fd);
    ends = 0;
    while (ends == 0) {
        struct epoll_event event;
        assert_int_equal(epoll_wait(epoll_fd, &event, 1, WAIT_MS), 1);
        ic_net_event(net, event.data.u64, event.events, note, NULL);
    }
    ic_net_send(net, &got[0].path, (struct ic_bytes){(const uint8_t *)"late", 4});
    ic_net_flush(net);
    assert_int_equal(ic_net_counts(net)->unsent, 1);
    stop();
}

enum { TCP_MOST = 512 }; /* connections that there is room for */

/* A connection from which one packet came; `path` is its path. */
static int connection_of(struct ic_path *path)
{
    int fd = client(SOCK_STREAM);

    assert_int_equal(send(fd, "\0\1x", 3, 0), 3);
    receive_all(1);
    *path = got[0].path;
    return fd;
}

TEST(net_drops_the_oldest_connection_of_a_stranger_when_there_is_no_more_room)
{
    static struct ic_path paths[TCP_MOST + 3];
    static int fds[TCP_MOST + 3];

    start(NULL);
    for (size_t i = 0; i < TCP_MOST; i++) {
        fds[i] = connection_of(&paths[i]);
        ic_net_trust(net, &paths[i]);
    }
    fds[TCP_MOST] = client(SOCK_STREAM); /* all places are for people who are in */
    struct epoll_event event;
    assert_int_equal(epoll_wait(epoll_fd, &event, 1, WAIT_MS), 1);
    ic_net_event(net, event.data.u64, event.events, note, NULL);
    assert_true(is_gone(fds[TCP_MOST]));

    ic_net_close(net, &paths[7]); /* one has left */
    assert_true(is_gone(fds[7]));
    fds[TCP_MOST + 1] = connection_of(&paths[TCP_MOST + 1]); /* a stranger in its place */
    fds[TCP_MOST + 2] = connection_of(&paths[TCP_MOST + 2]);
    assert_true(is_gone(fds[TCP_MOST + 1]));
    for (size_t i = 0; i < IC_COUNT(fds); i++)
        close(fds[i]);
    stop();
}

/* What is queued for one who reads slowly ends with the connection, in the kernel too. */
TEST(net_sends_nothing_more_of_what_waits_for_a_connection_that_is_closed)
{
    struct ic_outbox outbox = {0};
    uint8_t bytes[2 + 1000];
    size_t came = 0;
    ssize_t len;

    start(NULL);
    int fd = connection_of(&outbox.path);
    for (int i = 0; i < 20000; i++) {
        send_back(&outbox, 1000, 'p');
        ic_net_flush(net);
    }
    size_t sent = 20000 - (size_t)ic_net_counts(net)->unsent;
    ic_net_close(net, &outbox.path);
    send_back(&outbox, 1000, 'q');
    ic_net_flush(net);
    while ((len = recv(fd, bytes, sizeof bytes, 0)) > 0)
        came += (size_t)len;
    assert_true(len < 0 && errno == ECONNRESET); /* not the end of all of it */
    assert_true(came < sent * sizeof bytes);
    close(fd);
    stop();
}

static void close_first(void *context, const struct ic_path *path, uint8_t *bytes, size_t len)
{
    note(context, path, bytes, len);
    ic_net_close(net, path);
}

TEST(net_may_close_a_connection_that_it_is_reading_from)
{
    start(NULL);
    int fd = client(SOCK_STREAM);
    assert_int_equal(send(fd, "\0\1x\0\1y", 6, 0), 6);
    ends = 0;
    got_count = 0;
    while (ends == 0) {
        struct epoll_event event;
        assert_int_equal(epoll_wait(epoll_fd, &event, 1, WAIT_MS), 1);
        ic_net_event(net, event.data.u64, event.events, close_first, NULL);
    }
    assert_int_equal(got_count, 1);
    assert_true(is_gone(fd));
    close(fd);
    stop();
}

TEST(net_drops_whole_packets_for_a_tcp_client_that_does_not_read)
{
    struct ic_outbox outbox = {0};
    uint8_t bytes[2 + 1000];
    size_t whole = 0;

    start(NULL);
    int fd = client(SOCK_STREAM);
    assert_int_equal(send(fd, "\0\1x", 3, 0), 3);
    receive_all(1);
    outbox.path = got[0].path;
    for (int i = 0; i < 20000; i++) {
        send_back(&outbox, 1000, 'p');
        ic_net_flush(net);
    }
    assert_true(ic_net_counts(net)->unsent > 0);
    size_t sent = 20000 - (size_t)ic_net_counts(net)->unsent;
    assert_in_range(sent, 128,
                    8000); /* ours and the kernel's of both ends, however long it lasts */
    while (whole < sent) { /* every frame that follows is intact */
        struct epoll_event event;
        if (epoll_wait(epoll_fd, &event, 1, 0) == 1)
            ic_net_event(net, event.data.u64, event.events, note, NULL);
        if (recv(fd, bytes, sizeof bytes, MSG_WAITALL | MSG_PEEK) != (ssize_t)sizeof bytes)
            break;
        assert_int_equal(recv(fd, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
        assert_int_equal(bytes[0] << 8 | bytes[1], 1000);
        assert_int_equal(bytes[2], 'p');
        whole++;
    }
    assert_int_equal(whole, sent);
    close(fd);
    stop();
}

/* What a frame of 1,000 bytes has, while the worker sends on what it can; 0: none came for a while.
 */
static uint8_t next_frame(int fd)
{
    enum { TRIES = 50, TRY_MS = 10 };
    uint8_t bytes[2 + 1000];

    for (int i = 0; i < TRIES; i++) {
        struct epoll_event event;
        if (epoll_wait(epoll_fd, &event, 1, i > 0 ? TRY_MS : 0) == 1)
            ic_net_event(net, event.data.u64, event.events, note, NULL);
        if (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_PEEK) < (ssize_t)sizeof bytes)
            continue;
        assert_int_equal(recv(fd, bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
        assert_int_equal(bytes[0] << 8 | bytes[1], 1000);
        return bytes[2];
    }
    return 0;
}

/* A frame that came to wait behind what the network does not take is late; the next one is not. */
TEST(net_drops_what_waited_too_long_for_a_tcp_client_and_sends_what_comes_after)
{
    enum { TOO_LONG_US = 400 * 1000 };
    struct ic_outbox outbox = {0};
    size_t old = 0;

    start(NULL);
    int fd = connection_of(&outbox.path);
    do {
        send_back(&outbox, 1000, 'p');
        ic_net_flush(net);
    } while (ic_net_counts(net)->unsent == 0);
    uint64_t taken = ic_net_counts(net)->packets_out;
    usleep(TOO_LONG_US);
    while (next_frame(fd) == 'p') /* whole */
        old++;
    send_back(&outbox, 1000, 'q');
    ic_net_flush(net);
    assert_int_equal(next_frame(fd), 'q');
    assert_true(old + 50 < taken); /* half of our queue and more */
    close(fd);
    stop();
}

TEST(net_closes_and_counts_a_connection_that_speaks_another_protocol)
{
    static const struct ic_bytes others[] = {
        {(const uint8_t *)"GET / HTTP/1.1\r\n\r\n", 18},
        {(const uint8_t *)"\x16\3\1\2\0", 5}, /* TLS */
        {(const uint8_t *)"\0\1x\0\0", 5},    /* a whole packet first */
    };
    struct epoll_event event;

    start(NULL);
    got_count = 0;
    for (size_t i = 0; i < IC_COUNT(others); i++) {
        int fd = client(SOCK_STREAM);
        ends = 0;
        assert_int_equal(send(fd, others[i].at, others[i].len, 0), (ssize_t)others[i].len);
        while (ends == 0) {
            assert_int_equal(epoll_wait(epoll_fd, &event, 1, WAIT_MS), 1);
            ic_net_event(net, event.data.u64, event.events, note, NULL);
        }
        assert_true(is_gone(fd));
        assert_int_equal(ic_net_counts(net)->unframed, i + 1);
        close(fd);
    }
    assert_int_equal(got_count, 1);
    stop();
}

/* The worker's end of a connection of ours, which is in this process too. */
static int other_end(int fd)
{
    struct sockaddr_in own, peer;

    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &(socklen_t){sizeof own}), 0);
    for (int at = 0; at < FDS_MAX; at++)
        if (getpeername(at, (struct sockaddr *)&peer, &(socklen_t){sizeof peer}) == 0 &&
            peer.sin_port == own.sin_port)
            return at;
    fail_msg("no such connection");
    return -1;
}

/* What the kernel has and did not send cannot be dropped any more. */
TEST(net_leaves_little_unsent_in_the_kernel_for_a_tcp_client_whose_path_is_full)
{
    struct ic_outbox outbox = {0};
    int unsent = 0;

    start(NULL);
    int fd = connection_of(&outbox.path);
    for (int i = 0; i < 20000; i++) {
        send_back(&outbox, 1000, 'p');
        ic_net_flush(net);
    }
    assert_int_equal(ioctl(other_end(fd), SIOCOUTQNSD, &unsent), 0);
    printf("# %d bytes unsent in the kernel\n", unsent);
    assert_in_range(unsent, 1, UNSENT_MOST);
    close(fd);
    stop();
}

RUN_TESTS(
    cmocka_unit_test(net_closes_and_counts_a_connection_that_speaks_another_protocol),
    cmocka_unit_test(net_leaves_little_unsent_in_the_kernel_for_a_tcp_client_whose_path_is_full),
    cmocka_unit_test(net_drops_what_waited_too_long_for_a_tcp_client_and_sends_what_comes_after),
    cmocka_unit_test(net_sends_runs_that_arrive_as_the_packets_they_are),
    cmocka_unit_test(net_falls_back_for_good_when_segmentation_is_refused),
    cmocka_unit_test(net_goes_on_segmenting_when_it_is_one_address_that_is_refused),
    cmocka_unit_test(net_drops_and_counts_what_a_full_socket_does_not_take),
    cmocka_unit_test(net_flushes_by_itself_when_the_slab_is_full),
    cmocka_unit_test(net_splits_a_run_that_came_as_one),
    cmocka_unit_test(net_does_not_hand_on_packets_over_the_limit),
    cmocka_unit_test(net_knows_the_address_a_packet_came_to_and_answers_from_it),
    cmocka_unit_test(net_speaks_ipv6_on_the_same_port),
    cmocka_unit_test(net_carries_packets_over_tcp),
    cmocka_unit_test(net_drops_the_oldest_connection_of_a_stranger_when_there_is_no_more_room),
    cmocka_unit_test(net_sends_nothing_more_of_what_waits_for_a_connection_that_is_closed),
    cmocka_unit_test(net_may_close_a_connection_that_it_is_reading_from),
    cmocka_unit_test(net_drops_whole_packets_for_a_tcp_client_that_does_not_read))
