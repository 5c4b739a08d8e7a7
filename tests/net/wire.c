/* wire.c - packet sockets on two interfaces, or two UDP sockets.
 *
 * A frame from a packet socket may still lack its checksum, which the kernel leaves to hardware
 * that is not there; it is filled in. The interfaces must not hand over bundles (gso_max_segs 1).
 */
#include "tests/net/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
    ETHERNET_LEN = 14,
    UDP_OVER_IP = 28,
    ADDRESS_STEP = 0x0100, /* of the port, one change of address */
    SOCKET_BUFFER = 8 << 20,
};

struct net_wire {
    bool frames;
    int fds[NET_ENDS];
    struct sockaddr_in near, to;
    uint8_t address;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void widen(int fd)
{
    int size = SOCKET_BUFFER;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
}

/* ---- interfaces ---- */

static int open_interface(const char *name)
{
    int on = 1;
    struct sockaddr_ll at = {.sll_family = AF_PACKET,
                             .sll_protocol = htons(ETH_P_ALL),
                             .sll_ifindex = (int)if_nametoindex(name)};
    int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0 || at.sll_ifindex == 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &on, sizeof on) != 0 ||
        setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on) != 0 ||
        bind(fd, (const struct sockaddr *)&at, sizeof at) != 0)
        fail(name);
    widen(fd);
    return fd;
}

struct net_wire *net_wire_between(const char *near_interface, const char *far_interface)
{
    struct net_wire *w = calloc(1, sizeof *w);
    if (!w)
        fail("memory");

    w->frames = true;
    w->fds[NET_NEAR] = open_interface(near_interface);
    w->fds[NET_FAR] = open_interface(far_interface);
    return w;
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static uint16_t folded(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)sum;
}

/* RFC 1071; the field holds the sum over the pseudo header. */
static void finish_checksum(uint8_t *bytes, size_t len, size_t start, size_t field)
{
    uint32_t sum = 0;

    if (start > len || start + field + 2 > len)
        return;
    for (size_t i = start; i + 1 < len; i += 2)
        sum += get16(bytes + i);
    if ((len - start) % 2)
        sum += (uint32_t)bytes[len - 1] << 8;
    uint16_t checksum = (uint16_t)~folded(sum);
    put16(bytes + start + field, checksum ? checksum : 0xFFFF);
}

static bool receive_frame(int fd, struct net_datagram *out)
{
    struct virtio_net_hdr offload;
    struct iovec parts[] = {{&offload, sizeof offload}, {out->bytes, sizeof out->bytes}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = IC_COUNT(parts)};

    ssize_t got = recvmsg(fd, &message, 0);
    if (got < (ssize_t)sizeof offload + ETHERNET_LEN)
        return false;
    out->len = (size_t)got - sizeof offload;
    if (offload.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM)
        finish_checksum(out->bytes, out->len, offload.csum_start, offload.csum_offset);
    unsigned type = get16(out->bytes + 12);
    out->is_ip = type == ETH_P_IP || type == ETH_P_IPV6;
    out->is_udp = type == ETH_P_IP && out->len > ETHERNET_LEN + UDP_OVER_IP &&
                  out->bytes[ETHERNET_LEN + 9] == IPPROTO_UDP;
    out->wire_len = out->len - ETHERNET_LEN;
    return true;
}

/* Moves the near end's port, at its place in a UDP header, to where the other address has it. */
static void readdress(uint8_t *frame, size_t len, enum net_end to, uint8_t address)
{
    uint8_t *ip = frame + ETHERNET_LEN;
    if (address == 0 || len < ETHERNET_LEN + UDP_OVER_IP || get16(frame + 12) != ETH_P_IP ||
        ip[9] != IPPROTO_UDP)
        return;

    uint8_t *udp = ip + (ip[0] & 15) * 4;
    uint8_t *port = to == NET_FAR ? udp : udp + 2;
    unsigned before = get16(port), after = before ^ (unsigned)address * ADDRESS_STEP;
    unsigned checksum = get16(udp + 6);
    put16(port, after);
    if (checksum != 0) /* RFC 1624 */
        put16(udp + 6, (uint16_t)~folded((~checksum & 0xFFFF) + (~before & 0xFFFF) + after));
}

static void send_frame(int fd, enum net_end to, struct ic_bytes bytes, uint8_t address)
{
    struct virtio_net_hdr offload = {0};
    uint8_t frame[NET_FRAME_MAX];
    struct iovec parts[] = {{&offload, sizeof offload}, {frame, bytes.len}};

    memcpy(frame, bytes.at, bytes.len);
    readdress(frame, bytes.len, to, address);
    if (writev(fd, parts, IC_COUNT(parts)) < 0 && errno != ENOBUFS && errno != ENETDOWN &&
        errno != EAGAIN)
        perror("send");
}

/* ---- UDP ---- */

static struct sockaddr_in parse(const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    char ip[INET_ADDRSTRLEN] = "";
    unsigned port;

    if (sscanf(text, "%15[0-9.]:%u", ip, &port) != 2 || port > 65535 ||
        inet_pton(AF_INET, ip, &address.sin_addr) != 1) {
        fprintf(stderr, "%s is no IPv4:port\n", text);
        exit(2);
    }
    address.sin_port = htons((uint16_t)port);
    return address;
}

static int open_udp(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    widen(fd);
    return fd;
}

static void reconnect(struct net_wire *w)
{
    if (w->fds[NET_FAR] >= 0)
        close(w->fds[NET_FAR]);
    w->fds[NET_FAR] = open_udp();
    if (connect(w->fds[NET_FAR], (const struct sockaddr *)&w->to, sizeof w->to) != 0)
        fail("connect");
}

struct net_wire *net_wire_relay(const char *listen, const char *to)
{
    struct sockaddr_in at = parse(listen);
    struct net_wire *w = calloc(1, sizeof *w);
    if (!w)
        fail("memory");

    w->to = parse(to);
    w->fds[NET_FAR] = -1;
    w->fds[NET_NEAR] = open_udp();
    if (bind(w->fds[NET_NEAR], (const struct sockaddr *)&at, sizeof at) != 0)
        fail(listen);
    reconnect(w);
    return w;
}

static bool receive_udp(struct net_wire *w, enum net_end end, struct net_datagram *out)
{
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    ssize_t got = recvfrom(w->fds[end], out->bytes, sizeof out->bytes, 0, (struct sockaddr *)&from,
                           &from_len);

    if (got < 0)
        return errno == ECONNREFUSED ? receive_udp(w, end, out) : false;
    if (end == NET_NEAR)
        w->near = from;
    out->len = (size_t)got;
    out->wire_len = out->len + UDP_OVER_IP;
    out->is_ip = out->is_udp = true;
    return true;
}

static void send_udp(struct net_wire *w, enum net_end end, struct ic_bytes bytes, uint8_t address)
{
    if (end == NET_FAR && address != w->address) {
        w->address = address;
        reconnect(w);
    }
    if (end == NET_FAR)
        (void)!send(w->fds[NET_FAR], bytes.at, bytes.len, 0);
    else if (w->near.sin_port != 0)
        sendto(w->fds[NET_NEAR], bytes.at, bytes.len, 0, (const struct sockaddr *)&w->near,
               sizeof w->near);
}

/* ---- both ---- */

void net_wire_free(struct net_wire *wire)
{
    close(wire->fds[NET_NEAR]);
    close(wire->fds[NET_FAR]);
    free(wire);
}

int net_wire_fd(const struct net_wire *wire, enum net_end end)
{
    return wire->fds[end];
}

bool net_wire_receive(struct net_wire *wire, enum net_end end, struct net_datagram *out)
{
    return wire->frames ? receive_frame(wire->fds[end], out) : receive_udp(wire, end, out);
}

void net_wire_send(struct net_wire *wire, enum net_end end, struct ic_bytes bytes, uint8_t address)
{
    if (wire->frames)
        send_frame(wire->fds[end], end, bytes, address);
    else
        send_udp(wire, end, bytes, address);
}
