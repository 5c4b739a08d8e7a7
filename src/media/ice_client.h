/* ice_client.h - the controlling side against an ICE-lite server with one candidate, for the
 * headless client: checks with USE-CANDIDATE until one is answered, then consent about every 5 s
 * (RFC 8445 section 7.2, RFC 7675).
 *
 * Where packets came and then none for IC_ICE_CLIENT_QUIET_NS, a check goes out at once: a NAT that
 * gave us another port is found out by it, and the answer says that media flows again. When that
 * check stays without answer too, our own address may be gone: the owner opens another socket. */
#pragma once

#include "base/address.h"
#include "base/base.h"
#include "crypto/hmac.h"
#include "media/control.h"
#include "media/ice.h"
#include "media/stun.h"

#define IC_ICE_CLIENT_QUIET_NS (150 * IC_NS_PER_MS)

enum ic_ice_client_state {
    IC_ICE_CLIENT_CHECKING,
    IC_ICE_CLIENT_CONNECTED, /* a check was answered within 30 s */
    IC_ICE_CLIENT_LOST,      /* 30 s without an answer; checks go on, slowly */
};

/* Touch the fields only through the functions below. */
struct ic_ice_client {
    struct ic_address server;
    struct ic_hmac_key key;                /* the server's password */
    uint8_t username[IC_ICE_USERNAME_MAX]; /* "theirs:ours" */
    size_t username_len;
    uint64_t tie_breaker;
    uint8_t transaction[IC_STUN_TRANSACTION_LEN]; /* the last byte counts the repetitions */
    enum ic_ice_client_state state;
    int64_t answered_at; /* last answer, at first the start */
    int64_t next_at;     /* next request, first or repeated */
    int64_t interval_ns; /* of the repetition in progress */
    int64_t asked_at;    /* first sending of the request */
    int64_t heard_at;    /* last authenticated packet since then; INT64_MAX: none */
    int64_t rtt_ns;      /* of the last answer, repetitions included */
    uint32_t moves;      /* since the last answer */
    bool outstanding;    /* a request waits for its answer */
};

void ic_ice_client_init(struct ic_ice_client *client, int64_t now,
                        const struct ic_ice_credentials *ours,
                        const struct ic_ice_credentials *theirs, const struct ic_address *server);
/* Wipes the password. */
void ic_ice_client_clear(struct ic_ice_client *client);

/* New credentials on both sides: the checks begin again, the state stays. */
void ic_ice_client_restart(struct ic_ice_client *client, int64_t now,
                           const struct ic_ice_credentials *ours,
                           const struct ic_ice_credentials *theirs);

/* An authenticated packet came from the server. */
void ic_ice_client_heard(struct ic_ice_client *client, int64_t now);

/* From when on another socket should be tried: once connected, a check is not answered and nothing
 * else comes. INT64_MAX: the path is well, as far as is known. */
int64_t ic_ice_client_stuck_at(const struct ic_ice_client *client);

/* There is another socket, with the same credentials: checks begin at once. */
void ic_ice_client_moved(struct ic_ice_client *client, int64_t now);

enum ic_ice_client_state ic_ice_client_state(const struct ic_ice_client *client);

int64_t ic_ice_client_next_timeout(const struct ic_ice_client *client);

/* Writes the request that is due into `out` (IC_STUN_REQUEST_MAX bytes) and returns its length; 0
 * when none is due. */
size_t ic_ice_client_advance(struct ic_ice_client *client, int64_t now, uint8_t *out);

/* Takes one STUN message, already parsed from `datagram`. IC_ERR_FORGED when its integrity is
 * wrong, IC_ERR_NOT_FOUND when it answers nothing that we asked: both change nothing. */
enum ic_err ic_ice_client_receive(struct ic_ice_client *client, int64_t now,
                                  const struct ic_stun_message *message,
                                  struct ic_bytes datagram) IC_CHECKED;
