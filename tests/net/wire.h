/* wire.h - the two ends between which the link emulator passes datagrams.
 *
 * Either two network interfaces, whose Ethernet frames are passed on, or two UDP addresses. */
#pragma once

#include "base/base.h"

enum net_end { NET_NEAR, NET_FAR, NET_ENDS }; /* the client's, the server's */

enum { NET_FRAME_MAX = 2048 };

struct net_wire;

/* Ends the program with a message when it cannot. The interfaces carry nothing of their own. */
struct net_wire *net_wire_between(const char *near_interface, const char *far_interface);

/* Datagrams that come to `listen` go to `to`, the answers to who sent last. Both are IPv4:port. */
struct net_wire *net_wire_relay(const char *listen, const char *to);

void net_wire_free(struct net_wire *wire);

int net_wire_fd(const struct net_wire *wire, enum net_end end);

struct net_datagram {
    uint8_t bytes[NET_FRAME_MAX];
    size_t len;
    size_t wire_len; /* of the IP packet */
    bool is_ip;      /* else it is to pass at once: address resolution */
    bool is_udp;
};

/* False: there is nothing (more) to read. */
bool net_wire_receive(struct net_wire *wire, enum net_end end, struct net_datagram *out);

/* Sends out of `end`. `address` is struct net_packet's: the far end sees the near one under as many
 * UDP ports. */
void net_wire_send(struct net_wire *wire, enum net_end end, struct ic_bytes bytes, uint8_t address);
