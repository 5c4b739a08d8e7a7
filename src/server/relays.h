/* relays.h - TURN servers (RFC 8656) for who cannot reach the media workers: where they are, and
 * credentials that hold for a short time.
 *
 * The server shares a secret with them (draft-uberti-behave-turn-rest-00): a username is a time and
 * a random number, so that a relay learns of nobody who it is. No I/O but the reading of that
 * secret, no clock. */
#pragma once

#include "crypto/hmac.h"
#include "server/config.h"

enum {
    IC_RELAY_USERNAME_SIZE = 32,
    IC_RELAY_CREDENTIAL_SIZE = 29, /* base64 of a SHA-1 HMAC, and a zero */
};

struct ic_relays {
    const struct ic_relay_urls *urls; /* none: there is no relay */
    bool only;                        /* clients use nothing else */
    uint32_t lifetime_s;
    struct ic_hmac_key key;
};

/* `config` must outlive `out`. IC_ERR_SYSTEM: the secret cannot be read, or is too short or long;
 * `problem` says so. */
enum ic_err ic_relays_open(struct ic_relays *out, const struct ic_config *config,
                           struct ic_config_problem *problem) IC_CHECKED;
/* Wipes the key. */
void ic_relays_close(struct ic_relays *relays);

struct ic_relay_credentials {
    char username[IC_RELAY_USERNAME_SIZE];
    char credential[IC_RELAY_CREDENTIAL_SIZE];
};

/* New ones, good from `wall_s` (seconds since 1970) for the lifetime. */
void ic_relays_issue(struct ic_relay_credentials *out, const struct ic_relays *relays,
                     int64_t wall_s);
