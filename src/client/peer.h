/* peer.h - the transport of one connection: ICE checks, the DTLS handshake, SRTP both ways.
 *
 * Time is an argument but for what arrives by the socket, where the clock is read once a batch. */
#pragma once

#include "base/base.h"
#include "client/messages.h"
#include "client/tamper.h"
#include "client/wire.h"
#include "crypto/dtls.h"

/* What all participants of the process share. */
struct ic_peer_shared {
    uv_loop_t *loop;
    struct ic_dtls_context *dtls;
    struct ic_inbox *inbox;
    struct ic_outbox *outbox;
    bool tcp;                       /* only; else UDP before TCP */
    const struct ic_tamper *tamper; /* or NULL */
};

struct ic_peer_events {
    /* Media keys are there; once. */
    void (*connected)(void *owner, int64_t now);
    /* The connection cannot come to be or has been silent for 30 s; `why` is one sentence. */
    void (*lost)(void *owner, const char *why);
    /* Media goes on from another address of this computer; its other connections may be dead. */
    void (*moved)(void *owner);
    /* Decrypted packets, writable in place. */
    void (*rtp)(void *owner, uint8_t *packet, size_t len, int64_t now, int64_t arrived_wall);
    void (*rtcp)(void *owner, uint8_t *packet, size_t len, int64_t now);
};

struct ic_peer;

/* Fresh ICE credentials for a `connect`. */
void ic_peer_credentials(struct ic_ice_credentials *out);

/* Begins the checks to what the answer says. `streams`: SSRCs each way, at most. IC_ERR_NOT_FOUND:
 * the answer has no candidate that we can use; IC_ERR_SYSTEM. */
enum ic_err ic_peer_new(struct ic_peer **out, const struct ic_peer_shared *shared, int64_t now,
                        const struct ic_ice_credentials *ours, const struct ic_heard *answer,
                        const char *server_host, size_t streams,
                        const struct ic_peer_events *events, void *owner) IC_CHECKED;
void ic_peer_free(struct ic_peer *peer);

bool ic_peer_connected(const struct ic_peer *peer);

/* What the handshake chose; of a connected peer. */
enum ic_srtp_profile ic_peer_profile(const struct ic_peer *peer);

/* Does what is due: checks, handshake flights. */
void ic_peer_advance(struct ic_peer *peer, int64_t now);
int64_t ic_peer_next_timeout(const struct ic_peer *peer);

/* A cell of the shared outbox to write an RTP packet into (IC_WIRE_CELL bytes); then
 * ic_peer_send(), which seals it there. ic_peer_flush() sends all. */
uint8_t *ic_peer_room(struct ic_peer *peer);
/* `index`: rollover count and sequence number. False if it could not be sealed: it is not sent. */
bool ic_peer_send(struct ic_peer *peer, size_t len, size_t header_len, uint32_t ssrc,
                  uint64_t index);
void ic_peer_flush(struct ic_peer *peer);

/* Seals and sends a compound RTCP packet at once; `packet` is left alone. */
void ic_peer_send_rtcp(struct ic_peer *peer, struct ic_bytes packet);

/* As ic_wire_take_drops(). */
uint32_t ic_peer_take_drops(struct ic_peer *peer);
