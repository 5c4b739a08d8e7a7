/* link.h - one direction of a bad network: rate and queue, delay and jitter, loss, order.
 *
 * A model without I/O or clock: the same seed, packets and times give the same result. Packets
 * wait in a drop-tail queue for the rate, then travel. It is shared by the virtual-time tests and
 * by the link emulator. It allocates as it goes, and ends the program when it cannot. */
#pragma once

#include "base/base.h"

enum net_jitter { NET_JITTER_UNIFORM, NET_JITTER_NORMAL, NET_JITTER_PARETO };

/* Probabilities are per mille, as a fraction of packets. All zero is a perfect link. */
struct net_shape {
    uint32_t rate_bps;      /* 0: without limit */
    uint32_t queue_packets; /* what may wait for the rate; 0: this does not limit */
    uint32_t queue_ms;      /* likewise, in time at the present rate */

    uint32_t delay_ms;
    uint32_t jitter_ms;     /* half the width, or the standard deviation */
    enum net_jitter jitter; /* its distribution */
    bool overtaking;        /* jitter may change the order, as in the kernel's netem */

    /* Gilbert-Elliott: from the good state to the bad one and back, loss in each. */
    uint16_t to_bad, to_good;
    uint16_t loss_good, loss_bad;

    uint16_t duplicated;
    uint16_t reordered; /* travel without delay, so that they overtake others */
    bool down;          /* nothing gets in */
    uint8_t address;    /* another number: the near end has another address */
};

struct net_packet {
    uint8_t *bytes; /* the taker frees them */
    size_t len;
    size_t wire_len; /* what it took of the rate */
    int64_t sent_at, arrived_at;
    uint8_t address;
};

struct net_counts {
    uint64_t offered, lost, overflowed, duplicated, delivered;
    uint64_t bytes_offered, bytes_delivered;
};

struct net_entry;

struct net_link {
    struct net_shape shape;
    uint64_t random;
    bool bad;
    int64_t last_due; /* of what must not be overtaken */
    int64_t head_done;
    struct net_entry *queue; /* waiting for the rate, a ring */
    size_t queue_at, queue_count, queue_size;
    struct net_entry *travelling; /* a heap by time */
    size_t travelling_count, travelling_size;
    uint64_t order;
    struct net_counts counts;
};

void net_link_init(struct net_link *link, uint64_t seed);
void net_link_clear(struct net_link *link);

/* From now on; what is under way stays so, what waits goes out at the new rate. */
void net_link_reshape(struct net_link *link, const struct net_shape *shape, int64_t now);

/* Copies the packet. `wire_len` may be more than `bytes.len`. Time never goes back. */
void net_link_send(struct net_link *link, struct ic_bytes bytes, size_t wire_len, int64_t now);

/* The next packet that has arrived by `now`. */
bool net_link_take(struct net_link *link, struct net_packet *out, int64_t now);

/* When there will be something to take; INT64_MAX: nothing is under way. */
int64_t net_link_next(const struct net_link *link);

/* How long what waits will take at the present rate. */
int64_t net_link_backlog_ns(const struct net_link *link, int64_t now);

/* A number in [0, 1) of the link's own sequence. */
double net_random(uint64_t *state);
