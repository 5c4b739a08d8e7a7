/* transport.h - one client's connection: ICE, DTLS, SRTP both ways, what it sends and its slots.
 *
 * Made when the control process says so, in one piece of memory; afterwards nothing grows but the
 * handshake, and that not before an authenticated connectivity check. */
#pragma once

#include "crypto/dtls.h"
#include "media/control.h"
#include "media/ice.h"
#include "media/publisher.h"
#include "media/slot.h"
#include "media/srtp.h"
#include "worker/net_io.h"
#include "worker/police.h"
#include "worker/room.h"

struct ic_congestion;
struct ic_worker;

/* Which workers get a layer of a stream, a bit each, and which have its last report to come. */
struct ic_shares {
    uint64_t to[IC_STREAMS][IC_LAYERS], reports_owed[IC_STREAMS][IC_LAYERS];
};

struct ic_transport {
    struct ic_member member; /* first: a member of a room is a transport */

    /* What each packet for the client touches, in two cache lines. */
    _Alignas(64) struct ic_outbox outbox;
    struct ic_srtp_sender *sender;    /* NULL before the handshake ended well */
    struct ic_slot *slots;            /* `slot_count` of them */
    struct ic_congestion *congestion; /* NULL: no slot gets transport-wide numbers */
    /* When attending has something to do; INT64_MAX: never. */
    int64_t tick_due;       /* the slots, which show something */
    int64_t feedback_due;   /* something comes, or is asked for */
    int64_t connection_due; /* ICE and DTLS */
    uint32_t slot_count;
    uint16_t twcc_seq; /* of the next packet */
    bool sendable;     /* there is a sender, and an address that media may go to */
    bool is_far;       /* of somebody of another worker: see `home` */

    uint32_t id;
    uint32_t place; /* in the directory */
    enum ic_transport_state state;
    size_t size; /* of the memory */

    struct ic_path paths[IC_ICE_TUPLES]; /* of addresses that passed a check; family 0: free */
    uint32_t ufrag_hashes[2];            /* newest first */
    uint32_t ufrag_count;

    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_dtls *dtls;              /* NULL before its first datagram */
    uint32_t handshakes_waiting;       /* its datagrams in handshake.c's queue */
    struct ic_srtp_receiver *receiver; /* NULL before the handshake ended well */

    struct ic_police police; /* of what the client sends */

    int64_t rtt; /* ns; 0: unknown */

    uint32_t home;            /* of a far one: no ICE, no DTLS, no slots; packets come from there */
    struct ic_shares *shares; /* what of ours goes to other workers; NULL: nothing ever did */

    struct ic_publisher *publisher; /* NULL: it has no send lines */
    int64_t heard_at;               /* last media packet */

    int8_t slot_of_line[IC_LINES_MAX]; /* -1: no slot */

    struct ic_ice ice; /* last, since it ends with a ring that fills slowly */
};

static inline struct ic_transport *ic_transport_of(struct ic_member *member)
{
    return (struct ic_transport *)(void *)member;
}

/* `order` is a checked IC_CONTROL_TRANSPORT_ADD whose id is new. IC_ERR_FULL, IC_ERR_SYSTEM. */
enum ic_err ic_transport_new(struct ic_worker *w, const struct ic_control *order) IC_CHECKED;

/* The same for a checked IC_CONTROL_SOURCE_ADD. */
enum ic_err ic_transport_new_far(struct ic_worker *w, const struct ic_control *order) IC_CHECKED;

/* Leaves the room; slots that took its streams fall silent. */
void ic_transport_free(struct ic_worker *w, struct ic_transport *t);

/* A checked IC_CONTROL_TRANSPORT_RESTART. */
enum ic_err ic_transport_restart(struct ic_worker *w, struct ic_transport *t,
                                 const struct ic_control *order) IC_CHECKED;

/* Points slot `line` at a stream of `source`, or with NULL at nothing. IC_ERR_NOT_FOUND: `line` is
 * no slot, or `source` has no such stream; IC_ERR_FORBIDDEN: another room. */
enum ic_err ic_transport_point(struct ic_worker *w, struct ic_transport *t, uint32_t line,
                               struct ic_transport *source, uint8_t stream,
                               uint8_t layer) IC_CHECKED;

/* The way to an address that passed a check, or NULL. */
const struct ic_path *ic_transport_path(const struct ic_transport *t,
                                        const struct ic_address *remote);

/* An authenticated check came along `path`. */
void ic_transport_learn(struct ic_worker *w, struct ic_transport *t, const struct ic_path *path);

/* Carries out what the ICE agent returned: enum ic_ice_event. */
void ic_transport_ice_events(struct ic_worker *w, struct ic_transport *t, unsigned events);

/* The control process hears of it by the end of this wake-up. Logs the change. */
void ic_transport_set_state(struct ic_worker *w, struct ic_transport *t,
                            enum ic_transport_state state);

/* Media may flow, or may not any more. */
void ic_transport_update_sendable(struct ic_worker *w, struct ic_transport *t);

/* ICE or DTLS went on: `connection_due` is another. */
void ic_transport_schedule_connection(struct ic_worker *w, struct ic_transport *t);

/* Something must be asked of this publisher at once. */
void ic_transport_hurry_feedback(struct ic_worker *w, struct ic_transport *t);

/* Does what is due, and returns when it wants to be called next. */
int64_t ic_transport_attend(struct ic_worker *w, struct ic_transport *t);
