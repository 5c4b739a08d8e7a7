/* Sockets of the client. Every UDP socket is connected, so that the kernel tells participants apart
 * and drops what others send. */
#include "client/wire.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BUFFER_LEN = 4 << 20,
    FRAME_PREFIX = 2,         /* RFC 4571: the length */
    TCP_OUT_LEN = 256 * 1024, /* more is lost, as in a full queue of a router */
    TCP_IN_LEN = 64 * 1024 + FRAME_PREFIX,
};

struct ic_wire {
    uv_poll_t poll;
    int fd;
    bool tcp;
    bool dead;
    struct ic_inbox *inbox;
    ic_wire_received *received;
    void *owner; /* NULL: freed, waiting for the loop */
    uint32_t drops, drops_seen;
    uint8_t *out; /* TCP: what the kernel did not take yet */
    size_t out_len;
    uint8_t *in;
    size_t in_len;
};

/* Several times the default, as far as the system lets us. */
static void set_buffers(int fd)
{
    static const int len = BUFFER_LEN;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &len, sizeof len) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &len, sizeof len);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &len, sizeof len) != 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &len, sizeof len);
}

static enum ic_err open_socket(int *out, const struct ic_address *server)
{
    static const int on = 1;
    bool tcp = server->protocol == IC_TCP;
    int family = server->family == IC_IPV6 ? AF_INET6 : AF_INET;
    struct sockaddr_storage to;
    socklen_t to_len = ic_address_to_sockaddr(&to, family, server);
    int fd = socket(family, (tcp ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || to_len == 0)
        goto fail;
    if (!tcp) {
        set_buffers(fd);
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
        setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
    } else {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    if (connect(fd, (struct sockaddr *)&to, to_len) != 0 && errno != EINPROGRESS)
        goto fail;
    *out = fd;
    return IC_OK;
fail:
    if (fd >= 0)
        close(fd);
    return IC_ERR_SYSTEM;
}

static void read_ancillary(struct ic_wire *wire, struct msghdr *message, int64_t *arrived_wall)
{
    *arrived_wall = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            *arrived_wall = t.tv_sec * IC_NS_PER_SEC + t.tv_nsec;
        } else if (c->cmsg_type == SO_RXQ_OVFL) {
            memcpy(&wire->drops, CMSG_DATA(c), sizeof wire->drops);
        }
    }
}

/* Reads one batch; returns how many came. */
static int read_datagrams(struct ic_wire *wire)
{
    static struct mmsghdr messages[IC_WIRE_BATCH];
    static struct iovec parts[IC_WIRE_BATCH];
    static uint8_t ancillary[IC_WIRE_BATCH][128];

    for (int i = 0; i < IC_WIRE_BATCH; i++) {
        parts[i] = (struct iovec){wire->inbox->cells[i], sizeof wire->inbox->cells[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i],
                                              .msg_iovlen = 1,
                                              .msg_control = ancillary[i],
                                              .msg_controllen = sizeof ancillary[i]};
    }
    int count = recvmmsg(wire->fd, messages, IC_WIRE_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count && wire->owner; i++) {
        int64_t arrived_wall;
        read_ancillary(wire, &messages[i].msg_hdr, &arrived_wall);
        if (!(messages[i].msg_hdr.msg_flags & MSG_TRUNC))
            wire->received(wire->owner, wire->inbox->cells[i], messages[i].msg_len, arrived_wall);
    }
    return count;
}

static void read_stream(struct ic_wire *wire)
{
    ssize_t len = recv(wire->fd, wire->in + wire->in_len, TCP_IN_LEN - wire->in_len, 0);
    if (len <= 0) {
        wire->dead = len == 0 || (errno != EAGAIN && errno != EINTR);
        if (wire->dead)
            uv_poll_stop(&wire->poll);
        return;
    }
    wire->in_len += (size_t)len;
    size_t at = 0;
    while (wire->owner && wire->in_len - at >= FRAME_PREFIX) {
        size_t frame_len = (size_t)wire->in[at] << 8 | wire->in[at + 1];
        if (wire->in_len - at - FRAME_PREFIX < frame_len)
            break;
        if (frame_len <= sizeof wire->inbox->cells[0]) {
            memcpy(wire->inbox->cells[0], wire->in + at + FRAME_PREFIX, frame_len);
            wire->received(wire->owner, wire->inbox->cells[0], frame_len, 0);
        }
        at += FRAME_PREFIX + frame_len;
    }
    memmove(wire->in, wire->in + at, wire->in_len - at);
    wire->in_len -= at;
}

static void on_ready(uv_poll_t *poll, int status, int events);

static void wait_for(struct ic_wire *wire)
{
    uv_poll_start(&wire->poll, UV_READABLE | (wire->out_len > 0 ? UV_WRITABLE : 0), on_ready);
}

static void write_stream(struct ic_wire *wire)
{
    ssize_t len = send(wire->fd, wire->out, wire->out_len, MSG_NOSIGNAL);
    if (len > 0) {
        memmove(wire->out, wire->out + len, wire->out_len - (size_t)len);
        wire->out_len -= (size_t)len;
    }
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct ic_wire *wire = poll->data;
    if (wire->tcp && status == 0 && events & UV_WRITABLE) {
        write_stream(wire);
        wait_for(wire);
    }
    if (wire->tcp && status == 0 && events & UV_READABLE)
        read_stream(wire);
    while (!wire->tcp && wire->owner && read_datagrams(wire) == IC_WIRE_BATCH)
        ;
    /* The loop stops watching a socket that reports an error, such as a port nobody listens on; the
     * read has taken the error off. */
    if (!wire->tcp && wire->owner && status != 0)
        wait_for(wire);
}

enum ic_err ic_wire_new(struct ic_wire **out, uv_loop_t *loop, struct ic_inbox *inbox,
                        const struct ic_address *server, ic_wire_received *received, void *owner)
{
    struct ic_wire *wire = calloc(1, sizeof *wire);
    if (!wire)
        return IC_ERR_SYSTEM;
    wire->tcp = server->protocol == IC_TCP;
    wire->inbox = inbox;
    wire->received = received;
    wire->owner = owner;
    wire->fd = -1;
    wire->poll.data = wire;
    if (wire->tcp) {
        wire->out = malloc(TCP_OUT_LEN);
        wire->in = malloc(TCP_IN_LEN);
    }
    if ((wire->tcp && (!wire->out || !wire->in)) || open_socket(&wire->fd, server) != IC_OK ||
        uv_poll_init(loop, &wire->poll, wire->fd) != 0) {
        if (wire->fd >= 0)
            close(wire->fd);
        free(wire->out);
        free(wire->in);
        free(wire);
        return IC_ERR_SYSTEM;
    }
    wait_for(wire);
    *out = wire;
    return IC_OK;
}

static void own_host(struct ic_address *out, const struct ic_wire *wire)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof name;

    *out = (struct ic_address){0};
    if (getsockname(wire->fd, (struct sockaddr *)&name, &len) == 0 &&
        ic_address_from_sockaddr(out, (struct sockaddr *)&name) == IC_OK)
        out->port = 0;
}

bool ic_wire_same_host(const struct ic_wire *a, const struct ic_wire *b)
{
    struct ic_address of_a, of_b;

    own_host(&of_a, a);
    own_host(&of_b, b);
    return ic_address_equal(&of_a, &of_b);
}

static void on_closed(uv_handle_t *handle)
{
    struct ic_wire *wire = handle->data;
    close(wire->fd);
    free(wire->out);
    free(wire->in);
    free(wire);
}

void ic_wire_free(struct ic_wire *wire)
{
    if (!wire)
        return;
    wire->owner = NULL;
    uv_close((uv_handle_t *)&wire->poll, on_closed);
}

static void flush_stream(struct ic_wire *wire, const struct ic_outbox *outbox)
{
    for (uint32_t i = 0; i < outbox->count; i++) {
        size_t len = outbox->lens[i];
        if (TCP_OUT_LEN - wire->out_len < FRAME_PREFIX + len)
            continue;
        wire->out[wire->out_len++] = (uint8_t)(len >> 8);
        wire->out[wire->out_len++] = (uint8_t)len;
        memcpy(wire->out + wire->out_len, outbox->cells[i], len);
        wire->out_len += len;
    }
    write_stream(wire);
    if (wire->out_len > 0)
        wait_for(wire);
}

static bool is_about_the_way(int error)
{
    return error == EINVAL || error == ENETUNREACH || error == EHOSTUNREACH || error == ENETDOWN ||
           error == EADDRNOTAVAIL;
}

bool ic_wire_is_dead(const struct ic_wire *wire)
{
    return wire->dead;
}

static void flush_datagrams(struct ic_wire *wire, struct ic_outbox *outbox)
{
    static struct mmsghdr messages[IC_WIRE_BATCH];
    static struct iovec parts[IC_WIRE_BATCH];

    for (uint32_t i = 0; i < outbox->count; i++) {
        parts[i] = (struct iovec){outbox->cells[i], outbox->lens[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1};
    }
    for (uint32_t sent = 0; sent < outbox->count;) {
        int count = sendmmsg(wire->fd, messages + sent, outbox->count - sent, MSG_NOSIGNAL);
        wire->dead = wire->dead || (count < 0 && is_about_the_way(errno));
        sent += count > 0 ? (uint32_t)count : 1; /* one that is refused is lost */
    }
}

void ic_wire_flush(struct ic_wire *wire, struct ic_outbox *outbox)
{
    if (wire->tcp)
        flush_stream(wire, outbox);
    else
        flush_datagrams(wire, outbox);
    outbox->count = 0;
}

uint32_t ic_wire_take_drops(struct ic_wire *wire)
{
    uint32_t drops = wire->drops - wire->drops_seen;
    wire->drops_seen = wire->drops;
    return drops;
}
