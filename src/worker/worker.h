/* worker.h - what a media worker is made of, and when it is called upon.
 *
 * One thread does everything. `now` is read once a wake-up and is the time of all that happens in
 * it. Files of this folder, by the way of a packet: loop.c wakes up, net_io.c reads, ingress.c
 * finds the transport and opens, forward.c fans out and seals, net_io.c sends. feedback.c speaks
 * RTCP, handshake.c DTLS, orders.c carries out what the control process wants. link.c and far.c are
 * for meetings that have people on other workers, too. */
#pragma once

#include "crypto/certificate.h"
#include "crypto/dtls.h"
#include "media/upstream.h"
#include "worker/directory.h"
#include "worker/net_io.h"
#include "worker/room.h"

enum { IC_GROUP_PACKETS = 32 };

/* Packets of one stream that came together and go to each of its takers together (forward.h). */
struct ic_group {
    struct ic_transport *source;
    uint32_t count, bytes;
    struct ic_packet packets[IC_GROUP_PACKETS];
    uint8_t padding[IC_GROUP_PACKETS]; /* bytes for each, so that their lengths are equal */
};

struct ic_link;

struct ic_worker {
    int64_t now;
    int epoll_fd;
    int control_fd;
    int signal_fd;
    bool stopping;

    struct ic_certificate *certificate;
    struct ic_dtls_context *dtls;
    struct ic_net *net;
    struct ic_directory directory;
    struct ic_rooms rooms;
    struct ic_handshakes *handshakes; /* datagrams that wait for their turn */
    struct ic_group group;            /* until the next other packet, or the end of the wake-up */

    struct ic_link *links[IC_WORKERS_MAX]; /* by the number of the other worker; NULL: none */
    uint64_t links_untold;                 /* something waits for these */

    bool untold;                  /* some transport's state is not what the control process knows */
    struct ic_worker_stats stats; /* what no other part counts, and those of transports now gone */
    struct ic_address relays[IC_RELAY_ADDRESSES_MAX];
    uint32_t relay_count;
    struct ic_worker_stats stats_told;
    bool busy;         /* something came since the totals were told */
    int64_t stats_due; /* not before */
};
