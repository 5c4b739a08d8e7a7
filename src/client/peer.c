/* ICE, DTLS and SRTP of one connection, in the order in which they come to be. Candidates are tried
 * one after the other: the server takes its latest nomination, so trying two at once would leave it
 * to chance which one it answers on. */
#include "client/peer.h"

#include <stdlib.h>

#include "client/clock.h"
#include "crypto/random.h"
#include "media/ice_client.h"
#include "media/rtp.h"
#include "media/srtp.h"

enum { RTCP_MAX = 1200, UFRAG_LEN = 8, PWD_LEN = 24 };
#define TRY_NS (700 * IC_NS_PER_MS)   /* for a candidate to answer */
#define AGAIN_NS (100 * IC_NS_PER_MS) /* before another socket in the place of a dead one */

struct ic_peer {
    struct ic_peer_shared shared;
    const struct ic_peer_events *events;
    void *owner;
    struct ic_address candidates[IC_CANDIDATES_MAX];
    size_t candidate_count, candidate;
    int64_t tried_at;
    int64_t moved_at;
    struct ic_ice_credentials ours, theirs;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    size_t streams;
    struct ic_wire *wire;
    struct ic_ice_client ice;
    struct ic_dtls *dtls;
    enum ic_srtp_profile profile;
    struct ic_srtp_sender *sender;
    struct ic_srtp_receiver *receiver;
    bool told_lost;
};

/* Letters and digits only (RFC 8839 section 5.4), five bits of randomness each. */
static void random_text(char *out, size_t len)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    ic_random_fill(out, len);
    for (size_t i = 0; i < len; i++)
        out[i] = alphabet[(uint8_t)out[i] & 31];
    out[len] = '\0';
}

void ic_peer_credentials(struct ic_ice_credentials *out)
{
    *out = (struct ic_ice_credentials){0};
    random_text(out->ufrag, UFRAG_LEN);
    random_text(out->pwd, PWD_LEN);
}

static bool is_loopback(const struct ic_address *a)
{
    static const uint8_t ipv6[16] = {[15] = 1};
    return a->family == IC_IPV4 ? a->ip[0] == 127 : memcmp(a->ip, ipv6, sizeof ipv6) == 0;
}

/* Those of one protocol; the one that is reached like the web server comes first. */
static void add_candidates(struct ic_peer *p, const struct ic_heard *answer, const char *host,
                           bool tcp)
{
    bool local =
        strcmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
    for (int turn = 0; turn < 2; turn++) {
        for (uint32_t i = 0; i < answer->candidate_count; i++) {
            const struct ic_candidate *c = &answer->candidates[i];
            struct ic_address a;
            if (c->tcp != tcp || ic_address_parse(&a, c->address, c->port) != IC_OK)
                continue;
            bool first = strcmp(c->address, host) == 0 || (local && is_loopback(&a));
            a.protocol = tcp ? IC_TCP : IC_UDP;
            if (first == (turn == 0))
                p->candidates[p->candidate_count++] = a;
        }
    }
}

static void lose(struct ic_peer *p, const char *why)
{
    if (!p->told_lost) {
        p->told_lost = true;
        p->events->lost(p->owner, why);
    }
}

static ic_wire_received on_datagram;

static enum ic_err try_candidate(struct ic_peer *p, int64_t now)
{
    const struct ic_address *server = &p->candidates[p->candidate];
    ic_wire_free(p->wire);
    p->wire = NULL;
    p->tried_at = now;
    ic_ice_client_init(&p->ice, now, &p->ours, &p->theirs, server);
    return ic_wire_new(&p->wire, p->shared.loop, p->shared.inbox, server, on_datagram, p);
}

enum ic_err ic_peer_new(struct ic_peer **out, const struct ic_peer_shared *shared, int64_t now,
                        const struct ic_ice_credentials *ours, const struct ic_heard *answer,
                        const char *server_host, size_t streams,
                        const struct ic_peer_events *events, void *owner)
{
    struct ic_peer *p = calloc(1, sizeof *p);
    if (!p)
        return IC_ERR_SYSTEM;
    p->shared = *shared;
    p->events = events;
    p->owner = owner;
    p->ours = *ours;
    p->theirs = answer->ice;
    p->streams = streams;
    memcpy(p->fingerprint, answer->fingerprint, sizeof p->fingerprint);
    if (!shared->tcp)
        add_candidates(p, answer, server_host, false);
    add_candidates(p, answer, server_host, true);
    enum ic_err err = p->candidate_count > 0 ? try_candidate(p, now) : IC_ERR_NOT_FOUND;
    if (err != IC_OK) {
        ic_peer_free(p);
        return err;
    }
    *out = p;
    return IC_OK;
}

void ic_peer_free(struct ic_peer *p)
{
    if (!p)
        return;
    ic_wire_free(p->wire);
    ic_dtls_free(p->dtls);
    ic_srtp_sender_free(p->sender);
    ic_srtp_receiver_free(p->receiver);
    ic_ice_client_clear(&p->ice);
    free(p);
}

bool ic_peer_connected(const struct ic_peer *peer)
{
    return peer->sender != NULL;
}

enum ic_srtp_profile ic_peer_profile(const struct ic_peer *peer)
{
    return peer->profile;
}

static void send_plain(struct ic_peer *p, struct ic_bytes datagram)
{
    struct ic_outbox *box = p->shared.outbox;
    if (!p->wire || datagram.len > IC_WIRE_CELL)
        return;
    if (box->count == IC_WIRE_BATCH)
        ic_wire_flush(p->wire, box);
    memcpy(box->cells[box->count], datagram.at, datagram.len);
    box->lens[box->count++] = datagram.len;
    ic_wire_flush(p->wire, box);
}

static enum ic_err make_srtp(struct ic_peer *p, const struct ic_srtp_keys *keys)
{
    struct ic_srtp_session session;
    struct ic_srtp_sender *sender = NULL;
    struct ic_srtp_receiver *receiver = NULL;
    enum ic_err err = ic_srtp_derive(&session, &keys->send);
    if (err == IC_OK)
        err = ic_srtp_sender_new(&sender, keys->profile, &session, p->streams);
    if (err == IC_OK)
        err = ic_srtp_derive(&session, &keys->receive);
    if (err == IC_OK)
        err = ic_srtp_receiver_new(&receiver, keys->profile, &session, p->streams, p->streams);
    ic_srtp_session_clear(&session);
    if (err != IC_OK) {
        ic_srtp_sender_free(sender);
        return err;
    }
    p->profile = keys->profile;
    p->sender = sender;
    p->receiver = receiver;
    return IC_OK;
}

/* After every step of the handshake: send its flight, see how far it is. */
static void pump_dtls(struct ic_peer *p, int64_t now)
{
    struct ic_bytes datagram;
    struct ic_srtp_keys keys;

    while (ic_dtls_next_datagram(p->dtls, &datagram))
        send_plain(p, datagram);
    if (ic_dtls_state(p->dtls) == IC_DTLS_FAILED)
        lose(p, "the DTLS handshake failed");
    if (p->sender || ic_dtls_take_keys(p->dtls, &keys) != IC_OK)
        return;
    if (make_srtp(p, &keys) != IC_OK)
        lose(p, "no memory for SRTP");
    else
        p->events->connected(p->owner, now);
    memset(&keys, 0, sizeof keys);
}

static void on_stun(struct ic_peer *p, struct ic_bytes datagram, int64_t now)
{
    struct ic_stun_message message;
    if (ic_stun_parse(&message, datagram) != IC_OK ||
        ic_ice_client_receive(&p->ice, now, &message, datagram) != IC_OK)
        return;
    if (!p->dtls &&
        ic_dtls_new(&p->dtls, p->shared.dtls, IC_DTLS_CLIENT, p->fingerprint, now) == IC_OK)
        pump_dtls(p, now);
}

static void on_rtp(struct ic_peer *p, uint8_t *packet, size_t len, int64_t now,
                   int64_t arrived_wall)
{
    const struct ic_tamper *tamper = p->shared.tamper;
    uint64_t index;
    if (tamper && tamper->lose && tamper->lose(tamper->owner))
        return;
    if (!p->receiver || ic_srtp_open(p->receiver, packet, &len, &index) != IC_OK)
        return;
    ic_ice_client_heard(&p->ice, now);
    p->events->rtp(p->owner, packet, len, now, arrived_wall);
}

static void on_rtcp(struct ic_peer *p, uint8_t *packet, size_t len, int64_t now)
{
    if (!p->receiver || ic_srtcp_open(p->receiver, packet, &len) != IC_OK)
        return;
    ic_ice_client_heard(&p->ice, now);
    p->events->rtcp(p->owner, packet, len, now);
}

static void on_datagram(void *owner, uint8_t *datagram, size_t len, int64_t arrived_wall)
{
    struct ic_peer *p = owner;
    struct ic_bytes bytes = {datagram, len};
    int64_t now = ic_clock_now();

    switch (ic_datagram_kind(bytes)) {
    case IC_DATAGRAM_STUN:
        on_stun(p, bytes, now);
        break;
    case IC_DATAGRAM_DTLS:
        if (p->dtls) {
            ic_dtls_receive(p->dtls, now, bytes);
            pump_dtls(p, now);
        }
        break;
    case IC_DATAGRAM_RTP:
        on_rtp(p, datagram, len, now, arrived_wall);
        break;
    case IC_DATAGRAM_RTCP:
        on_rtcp(p, datagram, len, now);
        break;
    case IC_DATAGRAM_UNKNOWN:
        break;
    }
}

/* The next candidate's turn, when one has not answered; after the last the first again. */
static void look_elsewhere(struct ic_peer *p, int64_t now)
{
    if (p->dtls || p->candidate_count < 2 || now - p->tried_at < TRY_NS)
        return;
    p->candidate = (p->candidate + 1) % p->candidate_count;
    if (try_candidate(p, now) != IC_OK)
        lose(p, "no socket to the media server");
}

/* Where our own address is gone, the old socket sends no more; where there is no route now, the
 * next turn looks again. */
static void move(struct ic_peer *p, int64_t now)
{
    struct ic_wire *fresh = NULL;

    p->moved_at = now;
    ic_ice_client_moved(&p->ice, now);
    if (ic_wire_new(&fresh, p->shared.loop, p->shared.inbox, &p->candidates[p->candidate],
                    on_datagram, p) != IC_OK)
        return;
    bool elsewhere = p->wire && !ic_wire_same_host(p->wire, fresh);
    ic_wire_free(p->wire);
    p->wire = fresh;
    if (elsewhere)
        p->events->moved(p->owner);
}

/* From when on another socket should be tried. */
static int64_t move_at(const struct ic_peer *p)
{
    int64_t stuck_at = ic_ice_client_stuck_at(&p->ice), dead_at = p->moved_at + AGAIN_NS;

    if (!p->dtls)
        return INT64_MAX;
    return p->wire && ic_wire_is_dead(p->wire) && dead_at < stuck_at ? dead_at : stuck_at;
}

void ic_peer_advance(struct ic_peer *p, int64_t now)
{
    uint8_t request[IC_STUN_REQUEST_MAX];

    look_elsewhere(p, now);
    if (now >= move_at(p))
        move(p, now);
    if (now >= ic_ice_client_next_timeout(&p->ice)) {
        size_t len = ic_ice_client_advance(&p->ice, now, request);
        if (len > 0)
            send_plain(p, (struct ic_bytes){request, len});
        if (ic_ice_client_state(&p->ice) == IC_ICE_CLIENT_LOST)
            lose(p, "the media server has not answered for 30 s");
    }
    if (p->dtls && now >= ic_dtls_next_timeout(p->dtls)) {
        ic_dtls_advance(p->dtls, now);
        pump_dtls(p, now);
    }
}

int64_t ic_peer_next_timeout(const struct ic_peer *p)
{
    int64_t due = ic_ice_client_next_timeout(&p->ice);
    int64_t moves = move_at(p);
    int64_t dtls = p->dtls ? ic_dtls_next_timeout(p->dtls) : INT64_MAX;
    int64_t other = !p->dtls && p->candidate_count > 1 ? p->tried_at + TRY_NS : INT64_MAX;
    due = dtls < due ? dtls : due;
    due = moves < due ? moves : due;
    return other < due ? other : due;
}

uint8_t *ic_peer_room(struct ic_peer *p)
{
    struct ic_outbox *box = p->shared.outbox;
    if (box->count == IC_WIRE_BATCH)
        ic_wire_flush(p->wire, box);
    return box->cells[box->count];
}

bool ic_peer_send(struct ic_peer *p, size_t len, size_t header_len, uint32_t ssrc, uint64_t index)
{
    struct ic_outbox *box = p->shared.outbox;
    struct ic_srtp_packet packet = {box->cells[box->count], len, header_len, ssrc, index};
    if (!p->sender || ic_srtp_seal(p->sender, &packet) != IC_OK)
        return false;
    box->lens[box->count++] = packet.len;
    return true;
}

void ic_peer_flush(struct ic_peer *p)
{
    if (p->wire && p->shared.outbox->count > 0)
        ic_wire_flush(p->wire, p->shared.outbox);
}

void ic_peer_send_rtcp(struct ic_peer *p, struct ic_bytes packet)
{
    uint8_t sealed[RTCP_MAX + IC_SRTCP_OVERHEAD];
    size_t len = packet.len;
    if (!p->sender || len == 0 || len > RTCP_MAX)
        return;
    memcpy(sealed, packet.at, len);
    if (ic_srtcp_seal(p->sender, sealed, &len) == IC_OK)
        send_plain(p, (struct ic_bytes){sealed, len});
}

uint32_t ic_peer_take_drops(struct ic_peer *p)
{
    return p->wire ? ic_wire_take_drops(p->wire) : 0;
}
