/* srtp_keys.h - the keys of SRTP and SRTCP in one direction (RFC 3711 section 4.3). */
#pragma once

#include "base/base.h"
#include "crypto/dtls.h"

enum { IC_SRTP_AUTH_KEY_LEN = 20 };

/* The keys that one direction works with; secret. */
struct ic_srtp_session {
    uint8_t rtp_key[IC_SRTP_KEY_LEN], rtp_salt[IC_SRTP_SALT_LEN], rtp_auth[IC_SRTP_AUTH_KEY_LEN];
    uint8_t rtcp_key[IC_SRTP_KEY_LEN], rtcp_salt[IC_SRTP_SALT_LEN], rtcp_auth[IC_SRTP_AUTH_KEY_LEN];
};

/* RFC 3711 section 4.3, key derivation rate 0. IC_ERR_SYSTEM: no memory. */
enum ic_err ic_srtp_derive(struct ic_srtp_session *out,
                           const struct ic_srtp_master *master) IC_CHECKED;
void ic_srtp_session_clear(struct ic_srtp_session *session);
