/* wire.h - one participant's media socket: a connected UDP socket, or a TCP connection with the
 * framing of RFC 4571, to one address of the server.
 *
 * Sending is collected in an outbox that the whole process shares and leaves by one system call. */
#pragma once

#include <uv.h>

#include "base/address.h"
#include "base/base.h"

enum {
    IC_WIRE_CELL = 1536, /* room for a datagram, SRTP's tag included */
    IC_WIRE_BATCH = 64,
};

/* What leaves together. One per process, zeroed. */
struct ic_outbox {
    uint8_t cells[IC_WIRE_BATCH][IC_WIRE_CELL];
    size_t lens[IC_WIRE_BATCH];
    uint32_t count;
};

/* Buffers to receive into. One per process, zeroed. */
struct ic_inbox {
    uint8_t cells[IC_WIRE_BATCH][2048];
};

/* `arrived_wall` is the kernel's time stamp, or 0. The bytes may be changed in place. */
typedef void ic_wire_received(void *owner, uint8_t *datagram, size_t len, int64_t arrived_wall);

struct ic_wire;

/* Opens a socket to `server`, whose protocol says which. IC_ERR_SYSTEM when the system refuses. */
enum ic_err ic_wire_new(struct ic_wire **out, uv_loop_t *loop, struct ic_inbox *inbox,
                        const struct ic_address *server, ic_wire_received *received,
                        void *owner) IC_CHECKED;
/* Do both leave from the same IP address of this computer? */
bool ic_wire_same_host(const struct ic_wire *a, const struct ic_wire *b);

/* Is it of no more use: its address or the way to the server is gone, or the connection ended? */
bool ic_wire_is_dead(const struct ic_wire *wire);

/* Closes it. The memory goes when the loop has let go of the socket. */
void ic_wire_free(struct ic_wire *wire);

/* Sends what is in the outbox and empties it. What the system does not take is lost, as on any
 * network. */
void ic_wire_flush(struct ic_wire *wire, struct ic_outbox *outbox);

/* Datagrams that the kernel threw away because we were slow to read, since the last call. */
uint32_t ic_wire_take_drops(struct ic_wire *wire);
