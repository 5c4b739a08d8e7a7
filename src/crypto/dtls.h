/* dtls.h - the DTLS 1.2 handshake that gives SRTP its keys (RFC 6347, RFC 5764, RFC 8827).
 *
 * No socket, no clock: datagrams go in and come out, time is an argument. The peer's fingerprint is
 * given before the first byte and checked inside the handshake, so keys of another certificate
 * do not exist. The library's objects are released the moment the handshake ends. */
#pragma once

#include "base/base.h"

enum {
    IC_DTLS_DATAGRAM_MAX = 1200,
    IC_DTLS_FINGERPRINT_LEN = 32, /* SHA-256 of the peer's certificate */
    IC_SRTP_KEY_LEN = 16,
    IC_SRTP_SALT_LEN = 14, /* AEAD_AES_128_GCM uses 12, the rest is zero */
};

/* Numbers of the use_srtp extension. */
enum ic_srtp_profile {
    IC_SRTP_AES_CM_SHA1_80 = 0x0001,  /* RFC 5764 section 4.1.2 */
    IC_SRTP_AEAD_AES_128_GCM = 0x0007 /* RFC 7714 section 14.2, preferred */
};

struct ic_srtp_master {
    uint8_t key[IC_SRTP_KEY_LEN];
    uint8_t salt[IC_SRTP_SALT_LEN];
};

/* What the handshake is for. Secret: wipe it when the sessions are made. */
struct ic_srtp_keys {
    enum ic_srtp_profile profile;
    struct ic_srtp_master send, receive;
};

struct ic_certificate;

/* One per process: our certificate and what we accept. */
struct ic_dtls_context;
/* `certificate` must outlive the context. IC_ERR_SYSTEM when the library refuses. */
enum ic_err ic_dtls_context_new(struct ic_dtls_context **out,
                                const struct ic_certificate *certificate) IC_CHECKED;
void ic_dtls_context_free(struct ic_dtls_context *context);

/* Handshakes begun after this offer and accept `profile` alone: to try one out. */
enum ic_err ic_dtls_context_only(struct ic_dtls_context *context,
                                 enum ic_srtp_profile profile) IC_CHECKED;

enum ic_dtls_role { IC_DTLS_SERVER, IC_DTLS_CLIENT };

enum ic_dtls_state {
    IC_DTLS_HANDSHAKE,
    IC_DTLS_CONNECTED, /* the peer has the right certificate and keys may be taken, once */
    IC_DTLS_FAILED,    /* wrong fingerprint, no common ground, or 30 s without an end */
};

/* One handshake. The context must outlive it. */
struct ic_dtls;

/* A client's first datagram waits to be sent. IC_ERR_SYSTEM: no memory. */
enum ic_err ic_dtls_new(struct ic_dtls **out, struct ic_dtls_context *context,
                        enum ic_dtls_role role,
                        const uint8_t peer_fingerprint[IC_DTLS_FINGERPRINT_LEN],
                        int64_t now) IC_CHECKED;
void ic_dtls_free(struct ic_dtls *dtls);

enum ic_dtls_state ic_dtls_state(const struct ic_dtls *dtls);

/* Is this datagram DTLS rather than STUN or SRTP? Looks at one byte (RFC 7983 section 7). */
bool ic_dtls_is(struct ic_bytes datagram);

/* Takes one datagram, from an address that passed an authenticated connectivity check. What is not
 * ours or not DTLS changes nothing. After this and after ic_dtls_advance(), send what
 * ic_dtls_next_datagram() gives and look at ic_dtls_state(). */
void ic_dtls_receive(struct ic_dtls *dtls, int64_t now, struct ic_bytes datagram);

/* The next datagram to send, at most IC_DTLS_DATAGRAM_MAX bytes; false when there is none. `out` is
 * valid until the next call with this object. */
bool ic_dtls_next_datagram(struct ic_dtls *dtls, struct ic_bytes *out);

/* When ic_dtls_advance() has something to do; INT64_MAX for never. */
int64_t ic_dtls_next_timeout(const struct ic_dtls *dtls);

/* Queues a lost flight again, 100 ms after it was sent, doubling to 4 s; gives up after 30 s. */
void ic_dtls_advance(struct ic_dtls *dtls, int64_t now);

/* The keys, once, and only in IC_DTLS_CONNECTED; otherwise IC_ERR_FORBIDDEN. Keep the object until
 * the transport ends: it repeats its last flight for a peer that did not get it. */
enum ic_err ic_dtls_take_keys(struct ic_dtls *dtls, struct ic_srtp_keys *out) IC_CHECKED;
