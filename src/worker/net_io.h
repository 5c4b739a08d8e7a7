/* net_io.h - the worker's sockets: datagrams in, runs of datagrams out, and the same over TCP.
 *
 * One UDP socket and one TCP listener (ICE-TCP, RFC 6544) per address, all on one port. Nothing
 * here waits; what the kernel does not take is dropped and counted, as a network would. All
 * memory is taken at ic_net_new(), but for a fixed number of TCP connections. */
#pragma once

#include "base/address.h"

enum {
    IC_DATAGRAM_MAX = 1500, /* longer ones are dropped unread */
    IC_NET_ADDRESSES_MAX = 16,
};

/* Both ends of a way between a client and us. Copied freely. Over TCP, `remote` has the number of
 * the connection, which is not used twice. */
struct ic_path {
    struct ic_address remote;
    struct ic_address local;
    uint32_t socket; /* which of our UDP sockets */
};

/* The packets that wait for one receiver until the next flush. Zero it before the first use; `path`
 * may change only while nothing waits. It must stay where it is until the flush. */
struct ic_outbox {
    struct ic_path path;
    uint32_t first, last, count; /* into the slab; ours */
};

/* Totals since the start. */
struct ic_net_counts {
    uint64_t packets_in, bytes_in;
    uint64_t packets_out, bytes_out;
    uint64_t oversize;     /* dropped: longer than IC_DATAGRAM_MAX */
    uint64_t unframed;     /* TCP connections closed because what came was not in packets */
    uint64_t unsent;       /* dropped: the kernel or a TCP connection was full */
    uint64_t unread;       /* dropped by the kernel: our receive buffer was full */
    uint64_t messages_out; /* system messages that carried packets_out */
};

struct mmsghdr;
typedef int ic_sendmmsg(int fd, struct mmsghdr *messages, unsigned count, int flags);

struct ic_net_config {
    uint16_t port;                                     /* 0: any */
    struct ic_address addresses[IC_NET_ADDRESSES_MAX]; /* ports are ignored */
    size_t address_count;                              /* 0: all addresses of the machine */
    int epoll_fd;          /* our sockets are registered here, see ic_net_event() */
    ic_sendmmsg *sendmmsg; /* NULL: the system's. For tests. */
};

struct ic_net;

/* IC_ERR_SYSTEM: a socket could not be opened or bound; it is logged. */
enum ic_err ic_net_new(struct ic_net **out, const struct ic_net_config *config) IC_CHECKED;
void ic_net_free(struct ic_net *net);

uint16_t ic_net_port(const struct ic_net *net);
const struct ic_net_counts *ic_net_counts(const struct ic_net *net);

/* One packet; `bytes` may be changed in place until the call returns. NULL: the TCP connection of
 * `path` is closed, and its number means nothing any more. */
typedef void ic_net_receive(void *context, const struct ic_path *path, uint8_t *bytes, size_t len);

/* Event data of our sockets in the epoll set; other users of the set stay below it. */
#define IC_NET_EVENT_FIRST (UINT64_C(1) << 32)

/* Reads what has come, for one event, and hands each packet to `receive`. */
void ic_net_event(struct ic_net *net, uint64_t data, uint32_t events, ic_net_receive *receive,
                  void *context);

/* An authenticated client is at the other end of `path`: a TCP connection is kept when others need
 * its place. */
void ic_net_trust(struct ic_net *net, const struct ic_path *path);

/* Nobody is there any more who wants to hear from us: a TCP connection is closed, and what waits
 * for it is not sent. */
void ic_net_close(struct ic_net *net, const struct ic_path *path);

/* Room for one packet of at most `len` <= IC_DATAGRAM_MAX bytes; never NULL, may flush. Unused if
 * no ic_net_append() follows. */
uint8_t *ic_net_room(struct ic_net *net, size_t len);

/* The packet of `len` bytes written to the last ic_net_room() waits for the next flush. */
void ic_net_append(struct ic_net *net, struct ic_outbox *outbox, size_t len);

/* A copy of one packet waits for the next flush; it is not part of a run. */
void ic_net_send(struct ic_net *net, const struct ic_path *path, struct ic_bytes packet);

/* What waits is given to the kernel, also where a TCP connection held it back. */
void ic_net_flush(struct ic_net *net);

/* TCP connections hold something back: flush again after IC_FLIGHT_HOLD_MS at the latest. */
bool ic_net_holds(const struct ic_net *net);
