/* net_socket.h - opening the sockets of net_io.c, and the ancillary data of their messages. */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "worker/net_io.h"

/* Opens a UDP socket and a TCP listener for each address of `config`, all on one port. On error
 * nothing stays open. */
enum ic_err ic_sockets_open(const struct ic_net_config *config, int udp[IC_NET_ADDRESSES_MAX],
                            int listeners[IC_NET_ADDRESSES_MAX], size_t *count,
                            uint16_t *port) IC_CHECKED;

/* Does this kernel know UDP_SEGMENT? A device or route may still refuse it. */
bool ic_socket_segments(int udp);

enum {
    IC_SOCKET_CONTROL_LEN = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int)) +
                            CMSG_SPACE(sizeof(uint32_t)),
};

/* What the kernel says beside a message. */
struct ic_socket_ancillary {
    struct ic_address local; /* where it was sent to */
    size_t segment_len;      /* it is a row of datagrams of this size; 0: it is one */
    uint32_t lost;           /* dropped so far for want of receive buffer */
};

void ic_socket_read_ancillary(struct ic_socket_ancillary *out, struct msghdr *message,
                              uint16_t port);

/* The address to send from, and unless `segment_len` is 0 the size to split at. Returns the length
 * for msg_controllen; `control` has IC_SOCKET_CONTROL_LEN bytes. */
size_t ic_socket_write_ancillary(uint8_t *control, const struct ic_address *local,
                                 uint16_t segment_len);

/* Takes the size to split at out of a message again. */
void ic_socket_clear_segment(struct msghdr *message);
