/* net_io.c - the datagram side: a slab of waiting packets, and what turns it into messages.
 *
 * The packets of all receivers lie in one slab in the order they were sealed; those of one
 * receiver are chained. A flush walks the chains and describes each run to the kernel as one
 * gathered message, so nothing is copied to put a run together.
 *
 * UDP_SEGMENT is refused by some kernels, devices and routes (EINVAL, EIO, ENOPROTOOPT). The
 * refused run is then sent packet by packet, and so is everything after it. */
#include "worker/net_io.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/net_socket.h"
#include "worker/net_tcp.h"
#include "worker/run.h"

enum {
    SLAB_BYTES = 256 << 10, /* stays in a core's cache until the kernel has taken it */
    SLAB_PACKETS = 1024,
    SLAB_ALIGN = 16,
    SINGLES = 256,
    MESSAGES = 512, /* a system call; the kernel takes 1,024 */
    READ_MESSAGES = 16,
    READ_BYTES = 65536, /* one message: with UDP_GRO a run of a sender comes as one */
    READ_ROUNDS = 8,    /* then others get their turn */
    CONTROL_LEN = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)),
};

enum { EVENT_UDP = 1, EVENT_LISTENER, EVENT_CONNECTION };

struct slab_packet {
    uint32_t at;
    uint32_t next;
    uint16_t len;
};

struct message {
    struct sockaddr_storage name;
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_LEN];
};

struct ic_net {
    ic_sendmmsg *sendmmsg;
    bool segmenting;
    uint16_t port;
    size_t socket_count;
    int udp[IC_NET_ADDRESSES_MAX];
    int listeners[IC_NET_ADDRESSES_MAX];
    uint32_t lost[IC_NET_ADDRESSES_MAX]; /* SO_RXQ_OVFL, as last seen */
    struct ic_net_counts counts;
    struct ic_tcp *tcp;

    uint32_t slab_used;
    uint32_t packet_count;
    uint32_t waiting_count;
    uint32_t single_count;
    struct slab_packet packets[SLAB_PACKETS];
    struct ic_outbox *waiting[SLAB_PACKETS];
    struct ic_outbox singles[SINGLES];

    uint32_t iovec_count;
    uint32_t message_count;
    struct iovec iovecs[SLAB_PACKETS];
    struct mmsghdr headers[MESSAGES];
    struct message messages[MESSAGES];

    struct iovec read_iovecs[READ_MESSAGES];
    struct mmsghdr read_headers[READ_MESSAGES];
    struct sockaddr_storage read_names[READ_MESSAGES];
    _Alignas(struct cmsghdr) uint8_t read_controls[READ_MESSAGES][IC_SOCKET_CONTROL_LEN];
    uint8_t read_bytes[READ_MESSAGES][READ_BYTES];
    uint8_t slab[SLAB_BYTES];
};

static uint64_t event_of(uint32_t kind, uint32_t index)
{
    return (uint64_t)kind << 32 | index;
}

static enum ic_err watch(int epoll_fd, int fd, uint64_t data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
    return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err watch_sockets(struct ic_net *net, int epoll_fd)
{
    for (uint32_t i = 0; i < net->socket_count; i++)
        if (watch(epoll_fd, net->udp[i], event_of(EVENT_UDP, i)) != IC_OK ||
            watch(epoll_fd, net->listeners[i], event_of(EVENT_LISTENER, i)) != IC_OK)
            return IC_ERR_SYSTEM;
    return IC_OK;
}

enum ic_err ic_net_new(struct ic_net **out, const struct ic_net_config *config)
{
    struct ic_net *net = calloc(1, sizeof *net);
    if (!net)
        return IC_ERR_SYSTEM;

    net->sendmmsg = config->sendmmsg ? config->sendmmsg : sendmmsg;
    enum ic_err err =
        ic_sockets_open(config, net->udp, net->listeners, &net->socket_count, &net->port);
    if (err == IC_OK)
        err = ic_tcp_new(&net->tcp, config->epoll_fd, event_of(EVENT_CONNECTION, 0));
    if (err == IC_OK)
        err = watch_sockets(net, config->epoll_fd);
    if (err != IC_OK) {
        ic_net_free(net);
        return err;
    }
    net->segmenting = ic_socket_segments(net->udp[0]);
    *out = net;
    return IC_OK;
}

void ic_net_free(struct ic_net *net)
{
    if (!net)
        return;
    ic_tcp_free(net->tcp);
    for (size_t i = 0; i < net->socket_count; i++) {
        close(net->udp[i]);
        close(net->listeners[i]);
    }
    free(net);
}

uint16_t ic_net_port(const struct ic_net *net)
{
    return net->port;
}

const struct ic_net_counts *ic_net_counts(const struct ic_net *net)
{
    return &net->counts;
}

/* ---- in ---- */

static void receive_message(struct ic_net *net, uint32_t socket, uint32_t i,
                            ic_net_receive *receive, void *context)
{
    struct ic_path path = {.socket = socket};
    struct ic_socket_ancillary extra;
    size_t left = net->read_headers[i].msg_len;
    uint8_t *at = net->read_bytes[i];

    if (ic_address_from_sockaddr(&path.remote, (struct sockaddr *)&net->read_names[i]) != IC_OK)
        return;
    ic_socket_read_ancillary(&extra, &net->read_headers[i].msg_hdr, net->port);
    path.local = extra.local;
    if (extra.lost != 0) { /* 0: nothing said */
        net->counts.unread += extra.lost - net->lost[socket];
        net->lost[socket] = extra.lost;
    }

    size_t segment = extra.segment_len > 0 ? extra.segment_len : left;
    while (left > 0) {
        size_t len = left < segment ? left : segment;
        net->counts.packets_in++;
        net->counts.bytes_in += len;
        if (len <= IC_DATAGRAM_MAX)
            receive(context, &path, at, len);
        else
            net->counts.oversize++;
        at += len;
        left -= len;
    }
}

static int read_messages(struct ic_net *net, uint32_t socket)
{
    for (size_t i = 0; i < READ_MESSAGES; i++) {
        net->read_iovecs[i] = (struct iovec){net->read_bytes[i], READ_BYTES};
        net->read_headers[i].msg_hdr =
            (struct msghdr){.msg_name = &net->read_names[i],
                            .msg_namelen = sizeof net->read_names[i],
                            .msg_iov = &net->read_iovecs[i],
                            .msg_iovlen = 1,
                            .msg_control = net->read_controls[i],
                            .msg_controllen = sizeof net->read_controls[i]};
    }
    return recvmmsg(net->udp[socket], net->read_headers, READ_MESSAGES, MSG_DONTWAIT, NULL);
}

static void read_udp(struct ic_net *net, uint32_t socket, ic_net_receive *receive, void *context)
{
    for (int round = 0; round < READ_ROUNDS; round++) {
        int count = read_messages(net, socket);
        for (int i = 0; i < count; i++)
            receive_message(net, socket, (uint32_t)i, receive, context);
        if (count < READ_MESSAGES)
            return;
    }
}

void ic_net_event(struct ic_net *net, uint64_t data, uint32_t events, ic_net_receive *receive,
                  void *context)
{
    uint32_t index = (uint32_t)data;

    switch (data >> 32) {
    case EVENT_UDP:
        read_udp(net, index, receive, context);
        break;
    case EVENT_LISTENER:
        ic_tcp_accept(net->tcp, net->listeners[index]);
        break;
    case EVENT_CONNECTION:
        ic_tcp_event(net->tcp, index, events, &net->counts, receive, context);
        break;
    }
}

void ic_net_trust(struct ic_net *net, const struct ic_path *path)
{
    if (path->remote.protocol == IC_TCP)
        ic_tcp_trust(net->tcp, path->remote.connection);
}

void ic_net_close(struct ic_net *net, const struct ic_path *path)
{
    if (path->remote.protocol == IC_TCP)
        ic_tcp_close(net->tcp, path->remote.connection);
}

/* ---- out ---- */

uint8_t *ic_net_room(struct ic_net *net, size_t len)
{
    assert(len <= IC_DATAGRAM_MAX);
    if (net->slab_used + len > SLAB_BYTES || net->packet_count == SLAB_PACKETS)
        ic_net_flush(net);
    return net->slab + net->slab_used;
}

void ic_net_append(struct ic_net *net, struct ic_outbox *outbox, size_t len)
{
    uint32_t index = net->packet_count++;

    net->packets[index] = (struct slab_packet){.at = net->slab_used, .len = (uint16_t)len};
    net->slab_used += (uint32_t)((len + SLAB_ALIGN - 1) & ~(size_t)(SLAB_ALIGN - 1));
    if (outbox->count++ == 0) {
        outbox->first = index;
        net->waiting[net->waiting_count++] = outbox;
    } else {
        net->packets[outbox->last].next = index;
    }
    outbox->last = index;
}

void ic_net_send(struct ic_net *net, const struct ic_path *path, struct ic_bytes packet)
{
    if (packet.len > IC_DATAGRAM_MAX)
        return;
    if (net->single_count == SINGLES)
        ic_net_flush(net);
    memcpy(ic_net_room(net, packet.len), packet.at, packet.len);
    struct ic_outbox *single = &net->singles[net->single_count++];
    *single = (struct ic_outbox){.path = *path};
    ic_net_append(net, single, packet.len);
}

static void count_sent(struct ic_net *net, const struct mmsghdr *header)
{
    const struct msghdr *m = &header->msg_hdr;

    net->counts.messages_out++;
    net->counts.packets_out += m->msg_iovlen;
    for (size_t i = 0; i < m->msg_iovlen; i++)
        net->counts.bytes_out += m->msg_iov[i].iov_len;
}

/* The packets of a run that the kernel would not segment, each for itself. Returns whether any
 * went out. */
static bool send_apart(struct ic_net *net, int fd, const struct mmsghdr *run)
{
    struct mmsghdr one = *run;
    bool any = false;

    one.msg_hdr.msg_iovlen = 1;
    ic_socket_clear_segment(&one.msg_hdr);
    for (size_t i = 0; i < run->msg_hdr.msg_iovlen; i++) {
        one.msg_hdr.msg_iov = &run->msg_hdr.msg_iov[i];
        if (net->sendmmsg(fd, &one, 1, MSG_DONTWAIT) == 1) {
            count_sent(net, &one);
            any = true;
        } else {
            net->counts.unsent++;
        }
    }
    return any;
}

static void give_up_segmenting(struct ic_net *net, int error)
{
    net->segmenting = false;
    ic_log(IC_LOG_WARNING, "net", IC_EVENT("segmentation refused, sending packets one by one"),
           IC_NUMBER("errno", error));
}

/* One message failed with `error`. False: the socket is full, the rest would fail as well. Where
 * not even single packets can go, it is the address that is refused (port 0, say, which a client
 * can have), and the others' runs are none the worse for it. */
static bool send_failed(struct ic_net *net, int fd, const struct mmsghdr *header, int error)
{
    if (error == EAGAIN || error == ENOBUFS)
        return false;
    bool refused = error == EINVAL || error == EIO || error == ENOPROTOOPT;
    if (refused && header->msg_hdr.msg_iovlen > 1) {
        if (send_apart(net, fd, header))
            give_up_segmenting(net, error);
    } else {
        net->counts.unsent += header->msg_hdr.msg_iovlen;
    }
    return true;
}

static void send_messages(struct ic_net *net, int fd)
{
    uint32_t at = 0;

    while (at < net->message_count) {
        if (!net->segmenting && net->headers[at].msg_hdr.msg_iovlen > 1) {
            send_apart(net, fd, &net->headers[at++]);
            continue;
        }
        int sent = net->sendmmsg(fd, net->headers + at, net->message_count - at, MSG_DONTWAIT);
        for (int i = 0; i < sent; i++)
            count_sent(net, &net->headers[at++]);
        if (sent > 0 || (sent < 0 && errno == EINTR))
            continue;
        if (!send_failed(net, fd, &net->headers[at], errno))
            break;
        at++;
    }
    for (; at < net->message_count; at++)
        net->counts.unsent += net->headers[at].msg_hdr.msg_iovlen;
    net->message_count = 0;
}

static void describe_run(struct ic_net *net, const struct ic_path *path, size_t first, size_t run)
{
    uint32_t index = net->message_count++;
    struct message *m = &net->messages[index];
    struct msghdr *h = &net->headers[index].msg_hdr;

    *h = (struct msghdr){
        .msg_name = &m->name,
        .msg_namelen = ic_address_to_sockaddr(
            &m->name, path->remote.family == IC_IPV4 ? AF_INET : AF_INET6, &path->remote),
        .msg_iov = &net->iovecs[first],
        .msg_iovlen = run,
        .msg_control = m->control};
    size_t segment = run > 1 ? net->iovecs[first].iov_len : 0;
    h->msg_controllen = ic_socket_write_ancillary(m->control, &path->local, (uint16_t)segment);
}

static void describe_packets(struct ic_net *net, int fd, struct ic_outbox *outbox)
{
    uint16_t lens[IC_RUN_PACKETS_MAX];
    uint32_t index = outbox->first;
    size_t held = 0;

    for (uint32_t left = outbox->count; left > 0 || held > 0;) {
        size_t first = net->iovec_count - held;
        for (; held < IC_RUN_PACKETS_MAX && left > 0; held++, left--) {
            const struct slab_packet *p = &net->packets[index];
            net->iovecs[net->iovec_count++] = (struct iovec){net->slab + p->at, p->len};
            lens[held] = p->len;
            index = p->next;
        }
        size_t run = ic_run_of(lens, held, net->segmenting);
        describe_run(net, &outbox->path, first, run);
        held -= run;
        memmove(lens, lens + run, held * sizeof lens[0]);
        if (net->message_count == MESSAGES)
            send_messages(net, fd);
    }
}

static void write_connection(struct ic_net *net, const struct ic_outbox *outbox)
{
    uint32_t connection = outbox->path.remote.connection, index = outbox->first;

    for (uint32_t i = 0; i < outbox->count; i++) {
        const struct slab_packet *p = &net->packets[index];
        ic_tcp_write(net->tcp, connection, (struct ic_bytes){net->slab + p->at, p->len},
                     &net->counts);
        index = p->next;
    }
    ic_tcp_push(net->tcp, connection, &net->counts);
}

void ic_net_flush(struct ic_net *net)
{
    for (uint32_t socket = 0; socket < net->socket_count && net->waiting_count > 0; socket++) {
        for (uint32_t i = 0; i < net->waiting_count; i++)
            if (net->waiting[i]->path.remote.protocol == IC_UDP &&
                net->waiting[i]->path.socket == socket)
                describe_packets(net, net->udp[socket], net->waiting[i]);
        send_messages(net, net->udp[socket]);
    }
    for (uint32_t i = 0; i < net->waiting_count; i++) {
        if (net->waiting[i]->path.remote.protocol == IC_TCP)
            write_connection(net, net->waiting[i]);
        net->waiting[i]->count = 0;
    }
    ic_tcp_push_held(net->tcp, &net->counts);
    net->waiting_count = 0;
    net->single_count = 0;
    net->packet_count = 0;
    net->iovec_count = 0;
    net->slab_used = 0;
}

bool ic_net_holds(const struct ic_net *net)
{
    return ic_tcp_holds(net->tcp);
}
