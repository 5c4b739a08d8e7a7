/* net_tcp.c - a table of connections, each with what came of a frame and what waits to go out. */
#include "worker/net_tcp.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "worker/flight.h"
#include "worker/framing.h"
#include "worker/net_socket.h"

enum {
    CONNECTIONS = 512,
    QUEUE_BYTES = 128 * 1024, /* a key frame for a full stage; half a second of a full meeting */
    QUEUE_PACKETS = 1024,
    QUEUE_MS = 300,          /* what waits for longer is of no use any more */
    UNSENT_BYTES = 4 * 1024, /* in the kernel, where nothing can be dropped any more */
    ACCEPTS_MAX = 64,        /* a wake-up */
    READS_MAX = 8,
    USER_TIMEOUT_MS = 30000, /* consent is gone by then, RFC 7675 */
};

struct waiting {
    uint32_t since_ms;
    uint32_t len; /* with its head */
};

struct connection {
    int fd;
    uint32_t number;
    bool trusted;
    bool ended;       /* while its packets are being handed on, which it is closed after */
    bool awaits_room; /* EPOLLOUT is asked for */
    bool held;        /* something waits because the path queues, */
    uint32_t held_ms; /* since then */
    uint64_t sent;    /* bytes given to the kernel */
    struct ic_flight flight;
    struct ic_path path;
    size_t queue_at, queue_len;
    uint32_t first, count; /* of `waiting`, in a ring */
    size_t begun;          /* bytes of the first that were sent already */
    struct waiting waiting[QUEUE_PACKETS];
    struct ic_framing in;
    uint8_t queue[QUEUE_BYTES];
};

struct ic_tcp {
    int epoll_fd;
    uint64_t event_base;
    uint32_t generation; /* makes the numbers of two users of one place differ */
    const struct connection *reading;
    uint32_t held_count;
    struct connection *connections[CONNECTIONS];
};

enum ic_err ic_tcp_new(struct ic_tcp **out, int epoll_fd, uint64_t event_base)
{
    struct ic_tcp *tcp = calloc(1, sizeof *tcp);
    if (!tcp)
        return IC_ERR_SYSTEM;
    tcp->epoll_fd = epoll_fd;
    tcp->event_base = event_base;
    *out = tcp;
    return IC_OK;
}

/* A mapping of zeroes: a queue that never fills costs address space only. */
static struct connection *map_connection(void)
{
    void *at = mmap(NULL, sizeof(struct connection), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

static void unmap_connection(struct connection *c)
{
    munmap(c, sizeof *c);
}

static void drop(struct ic_tcp *tcp, struct connection *c)
{
    close(c->fd);
    tcp->held_count -= c->held;
    tcp->connections[c->number % CONNECTIONS] = NULL;
    unmap_connection(c);
}

void ic_tcp_free(struct ic_tcp *tcp)
{
    if (!tcp)
        return;
    for (size_t i = 0; i < CONNECTIONS; i++)
        if (tcp->connections[i])
            drop(tcp, tcp->connections[i]);
    free(tcp);
}

static struct connection *find(struct ic_tcp *tcp, uint32_t number)
{
    struct connection *c = tcp->connections[number % CONNECTIONS];
    return c && c->number == number && !c->ended ? c : NULL;
}

/* A free place; else the one of the oldest stranger; else CONNECTIONS. */
static uint32_t free_place(struct ic_tcp *tcp)
{
    struct connection *oldest = NULL;

    for (uint32_t i = 0; i < CONNECTIONS; i++) {
        struct connection *c = tcp->connections[i];
        if (!c)
            return i;
        if (!c->trusted && (!oldest || (int32_t)(c->number - oldest->number) < 0))
            oldest = c;
    }
    if (!oldest)
        return CONNECTIONS;
    uint32_t place = oldest->number % CONNECTIONS;
    drop(tcp, oldest);
    return place;
}

/* A system call that the sandbox does not know of fails here in silence: sandbox.c has the same
 * list, and a test sets them in it. */
static void set_options(int fd)
{
    int on = 1, timeout_ms = USER_TIMEOUT_MS, unsent = UNSENT_BYTES;
    struct linger nothing_after_close = {.l_onoff = 1, .l_linger = 0};

    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &nothing_after_close, sizeof nothing_after_close);
}

static bool name_ends(struct connection *c)
{
    struct sockaddr_storage local, remote;
    socklen_t local_len = sizeof local, remote_len = sizeof remote;

    if (getsockname(c->fd, (struct sockaddr *)&local, &local_len) != 0 ||
        getpeername(c->fd, (struct sockaddr *)&remote, &remote_len) != 0 ||
        ic_address_from_sockaddr(&c->path.local, (struct sockaddr *)&local) != IC_OK ||
        ic_address_from_sockaddr(&c->path.remote, (struct sockaddr *)&remote) != IC_OK)
        return false;
    c->path.local.protocol = c->path.remote.protocol = IC_TCP;
    c->path.remote.connection = c->number;
    return true;
}

static enum ic_err admit(struct ic_tcp *tcp, int fd)
{
    uint32_t place = free_place(tcp);
    struct connection *c = place < CONNECTIONS ? map_connection() : NULL;
    if (!c)
        return IC_ERR_FULL;

    tcp->generation = (tcp->generation + 1) % (UINT32_MAX / CONNECTIONS);
    c->fd = fd;
    c->number = (tcp->generation + 1) * CONNECTIONS + place;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = tcp->event_base + c->number};
    if (!name_ends(c) || epoll_ctl(tcp->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        unmap_connection(c);
        return IC_ERR_SYSTEM;
    }
    set_options(fd);
    tcp->connections[place] = c;
    return IC_OK;
}

void ic_tcp_accept(struct ic_tcp *tcp, int listener)
{
    for (int i = 0; i < ACCEPTS_MAX; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0)
            return;
        if (admit(tcp, fd) != IC_OK)
            close(fd);
    }
}

/* False: the stream does not keep to the framing, or what it said ended it. */
static bool take_packets(struct connection *c, struct ic_net_counts *counts,
                         ic_net_receive *receive, void *context)
{
    for (;;) {
        uint8_t *packet;
        size_t len;
        enum ic_err err = ic_framing_next(&c->in, &packet, &len);
        counts->unframed += err == IC_ERR_MALFORMED;
        if (err != IC_OK)
            return err == IC_ERR_NOT_FOUND;
        counts->packets_in++;
        counts->bytes_in += len;
        receive(context, &c->path, packet, len);
        if (c->ended)
            return false;
    }
}

/* False: the connection is closed or broken. */
static bool read_stream(struct connection *c, struct ic_net_counts *counts, ic_net_receive *receive,
                        void *context)
{
    for (int i = 0; i < READS_MAX; i++) {
        size_t room_len;
        uint8_t *room = ic_framing_room(&c->in, &room_len);
        ssize_t got = recv(c->fd, room, room_len, MSG_DONTWAIT);
        if (got <= 0)
            return got < 0 && (errno == EAGAIN || errno == EINTR);
        ic_framing_grew(&c->in, (size_t)got);
        if (!take_packets(c, counts, receive, context))
            return false;
    }
    return true;
}

static void await_room(struct ic_tcp *tcp, struct connection *c, bool awaits)
{
    if (awaits == c->awaits_room)
        return;
    struct epoll_event event = {.events = EPOLLIN | (awaits ? EPOLLOUT : 0u),
                                .data.u64 = tcp->event_base + c->number};
    epoll_ctl(tcp->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
    c->awaits_room = awaits;
}

static uint32_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint32_t)(t.tv_sec * 1000 + t.tv_nsec / 1000000);
}

static struct waiting *waiting_at(struct connection *c, uint32_t i)
{
    return &c->waiting[(c->first + i) % QUEUE_PACKETS];
}

/* Drops what has waited for too long. Packets of a frame came together and go together; one that
 * was begun must be ended. */
static void expire(struct connection *c, struct ic_net_counts *counts)
{
    uint32_t now = clock_ms(), begun = c->begun > 0, old = 0;
    size_t len = 0;

    for (; begun + old < c->count; old++) {
        const struct waiting *w = waiting_at(c, begun + old);
        if (now - w->since_ms <= QUEUE_MS)
            break;
        len += w->len;
    }
    if (old == 0)
        return;
    if (begun) {
        memmove(c->queue + c->queue_at + len, c->queue + c->queue_at,
                waiting_at(c, 0)->len - c->begun);
        *waiting_at(c, old) = *waiting_at(c, 0);
    }
    c->first = (c->first + old) % QUEUE_PACKETS;
    c->count -= old;
    c->queue_at += len;
    c->queue_len -= len;
    counts->unsent += old;
}

static void note_sent(struct connection *c, size_t len)
{
    c->queue_at += len;
    c->queue_len -= len;
    c->begun += len;
    while (c->count > 0 && c->begun >= waiting_at(c, 0)->len) {
        c->begun -= waiting_at(c, 0)->len;
        c->first = (c->first + 1) % QUEUE_PACKETS;
        c->count--;
    }
}

/* Bytes that the kernel may be given now. Where it does not say, it decides alone. */
static size_t room_in_flight(struct connection *c)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;

    if (getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return SIZE_MAX;
    struct ic_flight_view view = {.acked = info.tcpi_bytes_acked,
                                  .rtt_us = info.tcpi_rtt,
                                  .least_rtt_us = info.tcpi_min_rtt,
                                  .quiet_ms = info.tcpi_last_ack_recv};
    return ic_flight_room(&c->flight, &view, c->sent, clock_ms());
}

static void hold(struct ic_tcp *tcp, struct connection *c, bool held)
{
    tcp->held_count += held;
    tcp->held_count -= c->held;
    c->held = held;
    c->held_ms = held ? clock_ms() : 0;
}

/* In pieces that the kernel does not put together: it would take more than UNSENT_BYTES as long as
 * its last piece has room. */
static void push(struct ic_tcp *tcp, struct connection *c)
{
    size_t room = c->queue_len > 0 ? room_in_flight(c) : 0;
    ssize_t sent = 0;

    while (c->queue_len > 0 && room > 0 && sent >= 0) {
        size_t piece = c->queue_len < UNSENT_BYTES ? c->queue_len : UNSENT_BYTES;
        piece = piece < room ? piece : room;
        sent = send(c->fd, c->queue + c->queue_at, piece, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR);
        if (sent < 0)
            break; /* full, or broken: the next event says so */
        note_sent(c, (size_t)sent);
        c->sent += (size_t)sent;
        room -= (size_t)sent;
    }
    hold(tcp, c, c->queue_len > 0 && room == 0);
    await_room(tcp, c, c->queue_len > 0 && room > 0);
}

/* Who is held is asked for again after a while, not at each wake-up. */
void ic_tcp_push(struct ic_tcp *tcp, uint32_t number, struct ic_net_counts *counts)
{
    struct connection *c = find(tcp, number);
    if (!c || (c->held && clock_ms() - c->held_ms < IC_FLIGHT_HOLD_MS))
        return;
    expire(c, counts);
    push(tcp, c);
}

bool ic_tcp_holds(const struct ic_tcp *tcp)
{
    return tcp->held_count > 0;
}

void ic_tcp_push_held(struct ic_tcp *tcp, struct ic_net_counts *counts)
{
    for (size_t i = 0; i < CONNECTIONS && tcp->held_count > 0; i++)
        if (tcp->connections[i] && tcp->connections[i]->held)
            ic_tcp_push(tcp, tcp->connections[i]->number, counts);
}

void ic_tcp_event(struct ic_tcp *tcp, uint32_t number, uint32_t events,
                  struct ic_net_counts *counts, ic_net_receive *receive, void *context)
{
    struct connection *c = find(tcp, number);
    if (!c)
        return; /* dropped earlier in this wake-up */
    if (events & EPOLLOUT)
        ic_tcp_push(tcp, number, counts);
    tcp->reading = c;
    bool goes_on = read_stream(c, counts, receive, context);
    tcp->reading = NULL;
    if (!goes_on) {
        struct ic_path path = c->path;
        drop(tcp, c);
        receive(context, &path, NULL, 0);
    }
}

void ic_tcp_trust(struct ic_tcp *tcp, uint32_t number)
{
    struct connection *c = find(tcp, number);
    if (c)
        c->trusted = true;
}

void ic_tcp_close(struct ic_tcp *tcp, uint32_t number)
{
    struct connection *c = find(tcp, number);

    if (!c)
        return;
    if (c == tcp->reading)
        c->ended = true;
    else
        drop(tcp, c);
}

void ic_tcp_write(struct ic_tcp *tcp, uint32_t number, struct ic_bytes packet,
                  struct ic_net_counts *counts)
{
    struct connection *c = find(tcp, number);
    size_t need = IC_FRAMING_HEAD_LEN + packet.len;

    if (!c || c->queue_len + need > QUEUE_BYTES || c->count == QUEUE_PACKETS) {
        counts->unsent++;
        return;
    }
    if (c->queue_at + c->queue_len + need > QUEUE_BYTES) {
        memmove(c->queue, c->queue + c->queue_at, c->queue_len);
        c->queue_at = 0;
    }
    struct ic_writer w = ic_writer_of(c->queue + c->queue_at + c->queue_len, need);
    ic_write_uint(&w, packet.len, IC_FRAMING_HEAD_LEN);
    ic_write_bytes(&w, packet);
    c->queue_len += need;
    *waiting_at(c, c->count++) = (struct waiting){clock_ms(), (uint32_t)need};
    counts->packets_out++;
    counts->bytes_out += packet.len;
}
