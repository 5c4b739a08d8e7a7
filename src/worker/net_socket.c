/* net_socket.c - socket options: which address a packet came to and leaves from (RFC 3542 and its
 * like for IPv4), UDP_GRO and UDP_SEGMENT, large buffers, and one port for all. */
#include "worker/net_socket.h"

#include <errno.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"

enum {
    BUFFER_BYTES = 8 << 20, /* a key frame for a full room must fit */
    BACKLOG = 128,
    PORT_TRIES = 32, /* a port that is free for UDP may be taken for TCP */
};

static bool set(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static void enlarge(int fd)
{
    if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_BYTES))
        set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
    if (!set(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_BYTES))
        set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
}

/* The path's MTU is not learned from ICMP, which anybody can forge: our packets fit anywhere. */
static bool set_udp_options(int fd, uint8_t family)
{
    bool ok = family == IC_IPV4 ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) &&
                                      set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT)
                                : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) &&
                                      set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
    set(fd, IPPROTO_UDP, UDP_GRO, 1); /* only makes it faster */
    set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
    enlarge(fd);
    return ok;
}

static int open_bound(const struct ic_address *address, int type, uint16_t port)
{
    struct ic_address own = *address;
    struct sockaddr_storage name;
    int family = address->family == IC_IPV4 ? AF_INET : AF_INET6;

    own.port = port;
    socklen_t name_len = ic_address_to_sockaddr(&name, family, &own);
    int fd = socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    bool ok = family == AF_INET || set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (type == SOCK_STREAM)
        ok = ok && set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    else
        ok = ok && set_udp_options(fd, address->family);
    if (ok && bind(fd, (struct sockaddr *)&name, name_len) == 0 &&
        (type != SOCK_STREAM || listen(fd, BACKLOG) == 0))
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage name;
    socklen_t len = sizeof name;
    struct ic_address address;

    if (getsockname(fd, (struct sockaddr *)&name, &len) != 0 ||
        ic_address_from_sockaddr(&address, (struct sockaddr *)&name) != IC_OK)
        return 0;
    return address.port;
}

static void close_all(int *udp, int *listeners, size_t *count)
{
    while (*count > 0) {
        (*count)--;
        close(udp[*count]);
        close(listeners[*count]);
    }
}

/* False: the port is taken for one of them, or, in `errno`, worse. */
static bool open_pair(const struct ic_address *address, int *udp, int *listener, uint16_t *port)
{
    *udp = open_bound(address, SOCK_DGRAM, *port);
    if (*udp < 0)
        return false;
    if (*port == 0)
        *port = port_of(*udp);
    *listener = open_bound(address, SOCK_STREAM, *port);
    if (*listener >= 0)
        return true;
    int error = errno;
    close(*udp);
    errno = error;
    return false;
}

static bool is_absent(int error)
{
    return error == EAFNOSUPPORT || error == EADDRNOTAVAIL;
}

/* All addresses on `*port`, or on one the first of them chooses. With `optional`, a family that the
 * machine does not have is left out. */
static bool open_all(const struct ic_address *addresses, size_t address_count, bool optional,
                     int *udp, int *listeners, size_t *count, uint16_t *port)
{
    for (size_t i = 0; i < address_count; i++) {
        if (open_pair(&addresses[i], &udp[*count], &listeners[*count], port)) {
            (*count)++;
        } else if (!optional || !is_absent(errno)) {
            int error = errno;
            close_all(udp, listeners, count);
            errno = error;
            return false;
        }
    }
    return *count > 0;
}

enum ic_err ic_sockets_open(const struct ic_net_config *config, int udp[IC_NET_ADDRESSES_MAX],
                            int listeners[IC_NET_ADDRESSES_MAX], size_t *count, uint16_t *port)
{
    static const struct ic_address everywhere[] = {{.family = IC_IPV4}, {.family = IC_IPV6}};
    bool all = config->address_count == 0;

    for (int tries = 0; tries < PORT_TRIES; tries++) {
        *count = 0;
        *port = config->port;
        if (open_all(all ? everywhere : config->addresses,
                     all ? IC_COUNT(everywhere) : config->address_count, all, udp, listeners, count,
                     port))
            return IC_OK;
        if (errno != EADDRINUSE || config->port != 0)
            break;
    }
    ic_log(IC_LOG_ERROR, "net", IC_EVENT("cannot open the media port"),
           IC_NUMBER("port", config->port), IC_TEXT("why", strerror(errno)));
    return IC_ERR_SYSTEM;
}

bool ic_socket_segments(int udp)
{
    int size = 0;
    socklen_t len = sizeof size;
    return getsockopt(udp, IPPROTO_UDP, UDP_SEGMENT, &size, &len) == 0;
}

static void read_item(struct ic_socket_ancillary *out, struct cmsghdr *c)
{
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        out->local.family = IC_IPV4;
        memcpy(out->local.ip, &info.ipi_addr, sizeof info.ipi_addr);
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo info;
        memcpy(&info, CMSG_DATA(c), sizeof info);
        out->local.family = IC_IPV6;
        memcpy(out->local.ip, &info.ipi6_addr, sizeof info.ipi6_addr);
    } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
        int segment = 0;
        memcpy(&segment, CMSG_DATA(c), sizeof segment);
        out->segment_len = segment > 0 ? (size_t)segment : 0;
    } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
        memcpy(&out->lost, CMSG_DATA(c), sizeof out->lost);
    }
}

void ic_socket_read_ancillary(struct ic_socket_ancillary *out, struct msghdr *message,
                              uint16_t port)
{
    *out = (struct ic_socket_ancillary){.local.port = port};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        read_item(out, c);
}

static struct cmsghdr *put_item(uint8_t *control, size_t *used, int level, int type,
                                const void *data, size_t len)
{
    struct cmsghdr *c = (struct cmsghdr *)(void *)(control + *used);

    *c = (struct cmsghdr){.cmsg_level = level, .cmsg_type = type, .cmsg_len = CMSG_LEN(len)};
    memcpy(CMSG_DATA(c), data, len);
    *used += CMSG_SPACE(len);
    return c;
}

size_t ic_socket_write_ancillary(uint8_t *control, const struct ic_address *local,
                                 uint16_t segment_len)
{
    size_t used = 0;

    if (local->family == IC_IPV4) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, local->ip, sizeof info.ipi_spec_dst);
        put_item(control, &used, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (local->family == IC_IPV6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, local->ip, sizeof info.ipi6_addr);
        put_item(control, &used, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (segment_len > 0)
        put_item(control, &used, IPPROTO_UDP, UDP_SEGMENT, &segment_len, sizeof segment_len);
    return used;
}

/* It is always the last item. */
void ic_socket_clear_segment(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_SEGMENT) {
            message->msg_controllen -= CMSG_SPACE(sizeof(uint16_t));
            return;
        }
}
