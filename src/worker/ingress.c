/* ingress.c - tells packets apart by their first bytes (RFC 7983, RFC 5761), finds the transport,
 * authenticates, and hands on. Whatever is dropped is counted, never logged. */
#include "worker/ingress.h"

#include "media/rtp.h"
#include "worker/far.h"
#include "worker/feedback.h"
#include "worker/forward.h"
#include "worker/handshake.h"
#include "worker/tap.h"
#include "worker/transport.h"
#include "worker/worker.h"

enum { CLAIMS_MAX = 4 }; /* transports whose keys are tried on one packet */

static void count_drop(struct ic_worker *w, enum ic_err err)
{
    switch (err) {
    case IC_OK:
        break;
    case IC_ERR_FORGED:
        w->stats.dropped_forged++;
        break;
    case IC_ERR_REPLAYED:
        w->stats.dropped_replayed++;
        break;
    case IC_ERR_NOT_FOUND:
    case IC_ERR_FORBIDDEN:
        w->stats.dropped_unknown++;
        break;
    case IC_ERR_FULL:
    case IC_ERR_EXHAUSTED:
    case IC_ERR_SYSTEM:
        w->stats.dropped_full++;
        break;
    case IC_ERR_MALFORMED:
        w->stats.dropped_malformed++;
        break;
    }
}

/* A packet that authenticated: is it within what its client may send? */
static bool admit(struct ic_worker *w, struct ic_transport *t, enum ic_traffic traffic, size_t len)
{
    bool admitted = ic_police_admit(&t->police, traffic, len, w->now);
    w->stats.dropped_policed[traffic] += !admitted;
    return admitted;
}

static enum ic_err take_stun(struct ic_worker *w, const struct ic_path *path,
                             struct ic_bytes datagram)
{
    struct ic_stun_message message;
    struct ic_ice_reply reply = {.len = 0};

    enum ic_err err = ic_stun_parse(&message, datagram);
    if (err != IC_OK)
        return err;
    struct ic_transport *t = ic_directory_by_ufrag(&w->directory, ic_stun_receiver_ufrag(&message));
    if (!t || t->state == IC_TRANSPORT_FAILED)
        return IC_ERR_NOT_FOUND;
    unsigned events = ic_ice_receive(&t->ice, w->now, &path->remote, &message, datagram, &reply);
    bool authentic = reply.len > 0; /* only valid integrity is answered */
    if (authentic && ic_ice_knows(&t->ice, w->now, &path->remote))
        ic_transport_learn(w, t, path);
    if (!authentic)
        w->stats.dropped_checks++;
    else if (admit(w, t, IC_TRAFFIC_CHECKS, datagram.len)) /* else it counts, without an answer */
        ic_net_send(w->net, path, (struct ic_bytes){reply.bytes, reply.len});
    ic_transport_ice_events(w, t, events); /* also of a forged one: consent may have ended */
    return IC_OK;
}

/* The transports whose address this is, which passed a check not long ago. There is one, unless a
 * member has sent checks with a forged source to keep out who comes from there. */
static struct ic_transport *next_known(struct ic_worker *w, const struct ic_path *path,
                                       uint32_t *cursor)
{
    struct ic_transport *t;

    while ((t = ic_directory_next(&w->directory, &path->remote, cursor)))
        if (ic_ice_knows(&t->ice, w->now, &path->remote))
            return t;
    return NULL;
}

/* Who still shakes hands goes first. */
static struct ic_transport *find_for_dtls(struct ic_worker *w, const struct ic_path *path)
{
    uint32_t cursor = 0;
    struct ic_transport *first = next_known(w, path, &cursor), *t = first;

    while (t && t->sender)
        t = next_known(w, path, &cursor);
    return t ? t : first;
}

/* Opens a packet in place with the keys that fit. */
typedef enum ic_err open_packet(struct ic_transport *t, uint8_t *bytes, size_t *len);

static enum ic_err open_with_any(struct ic_worker *w, const struct ic_path *path, open_packet *open,
                                 uint8_t *bytes, size_t *len, struct ic_transport **from)
{
    IC_UNCLEARED uint8_t copy[IC_DATAGRAM_MAX];
    uint32_t cursor = 0;
    struct ic_transport *t = next_known(w, path, &cursor);
    enum ic_err err = IC_ERR_NOT_FOUND;

    for (int tries = 0; t && err != IC_OK && tries < CLAIMS_MAX; tries++) {
        struct ic_transport *next = next_known(w, path, &cursor);
        if (next && tries == 0)
            memcpy(copy, bytes, *len);
        else if (tries > 0)
            memcpy(bytes, copy, *len);
        if (t->receiver)
            err = open(t, bytes, len);
        *from = t;
        t = next;
    }
    if (err == IC_OK)
        ic_ice_heard(&(*from)->ice, w->now, &path->remote);
    return err;
}

static enum ic_err take_dtls(struct ic_worker *w, const struct ic_path *path,
                             struct ic_bytes datagram)
{
    struct ic_transport *t = find_for_dtls(w, path);

    if (!t)
        return IC_ERR_NOT_FOUND;
    return admit(w, t, IC_TRAFFIC_HANDSHAKES, datagram.len) ? ic_handshake_receive(w, t, datagram)
                                                            : IC_OK;
}

static enum ic_err open_rtp(struct ic_transport *t, uint8_t *bytes, size_t *len)
{
    uint64_t index;
    return ic_srtp_open(t->receiver, bytes, len, &index);
}

static enum ic_err take_rtp(struct ic_worker *w, const struct ic_path *path, uint8_t *bytes,
                            size_t len)
{
    struct ic_transport *t;
    struct ic_packet packet;

    enum ic_err err = open_with_any(w, path, open_rtp, bytes, &len, &t);
    if (err != IC_OK)
        return err;
    t->heard_at = w->now;
    if (!t->publisher)
        return IC_ERR_FORBIDDEN;
    if (!admit(w, t, ic_police_traffic(&t->police, (struct ic_bytes){bytes, len}), len))
        return IC_OK;
    ic_tap_packet(t->publisher, bytes, len);
    err = ic_publisher_receive(t->publisher, bytes, len, w->now, &packet);
    ic_feedback_wake(w, t);
    if (err == IC_OK) {
        ic_far_cross(w, t, &packet);
        ic_forward(w, t, &packet);
    }
    return err;
}

static enum ic_err open_rtcp(struct ic_transport *t, uint8_t *bytes, size_t *len)
{
    return ic_srtcp_open(t->receiver, bytes, len);
}

static enum ic_err take_rtcp(struct ic_worker *w, const struct ic_path *path, uint8_t *bytes,
                             size_t len)
{
    struct ic_transport *t;

    enum ic_err err = open_with_any(w, path, open_rtcp, bytes, &len, &t);
    if (err != IC_OK)
        return err;
    if (!admit(w, t, IC_TRAFFIC_REPORTS, len))
        return IC_OK;
    ic_feedback_receive(w, t, (struct ic_bytes){bytes, len});
    return IC_OK;
}

static struct ic_transport *anybody_at(struct ic_worker *w, const struct ic_path *path)
{
    uint32_t cursor = 0;
    return ic_directory_next(&w->directory, &path->remote, &cursor);
}

/* A TCP connection closed. Its address is taken from each transport that has it. */
static void take_end(struct ic_worker *w, const struct ic_path *path)
{
    struct ic_transport *t;

    while ((t = anybody_at(w, path)))
        ic_transport_ice_events(w, t, ic_ice_forget(&t->ice, w->now, &path->remote));
}

void ic_ingress(void *context, const struct ic_path *path, uint8_t *bytes, size_t len)
{
    struct ic_worker *w = context;
    struct ic_bytes datagram = {bytes, len};
    enum ic_err err = IC_ERR_MALFORMED;

    if (!bytes) {
        take_end(w, path);
        return;
    }
    switch (ic_datagram_kind(datagram)) {
    case IC_DATAGRAM_STUN:
        err = take_stun(w, path, datagram);
        break;
    case IC_DATAGRAM_DTLS:
        err = take_dtls(w, path, datagram);
        break;
    case IC_DATAGRAM_RTP:
        err = take_rtp(w, path, bytes, len);
        break;
    case IC_DATAGRAM_RTCP:
        err = take_rtcp(w, path, bytes, len);
        break;
    case IC_DATAGRAM_UNKNOWN:
        break;
    }
    count_drop(w, err);
}
