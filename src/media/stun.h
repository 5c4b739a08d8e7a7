/* stun.h - the STUN messages of a connectivity check (RFC 8489; RFC 8445 section 7): the Binding
 * request, its success and its error, for both the ICE-lite server and a controlling client. */
#pragma once

#include "base/address.h"
#include "base/base.h"
#include "crypto/hmac.h"

enum {
    IC_STUN_TRANSACTION_LEN = 12,
    IC_STUN_UNKNOWN_MAX = 4,   /* attributes named in a 420 */
    IC_STUN_REQUEST_MAX = 640, /* user names have up to 513 bytes */
    IC_STUN_RESPONSE_MAX = 128,
};

enum ic_stun_class { IC_STUN_REQUEST, IC_STUN_INDICATION, IC_STUN_SUCCESS, IC_STUN_ERROR };

enum ic_stun_role { IC_STUN_NO_ROLE, IC_STUN_CONTROLLING, IC_STUN_CONTROLLED };

enum ic_stun_code {
    IC_STUN_BAD_REQUEST = 400,
    IC_STUN_UNAUTHENTICATED = 401,
    IC_STUN_UNKNOWN_ATTRIBUTE = 420,
    IC_STUN_ROLE_CONFLICT = 487,
};

struct ic_stun_message {
    enum ic_stun_class class;
    uint8_t transaction[IC_STUN_TRANSACTION_LEN];
    struct ic_bytes username; /* "receiver's ufrag:sender's ufrag"; empty if absent */
    uint32_t priority;        /* 0 if absent */
    bool use_candidate;       /* the sender nominates this pair */
    enum ic_stun_role role;
    uint64_t tie_breaker;                  /* with a role */
    uint16_t error_code;                   /* 300-699 in errors; 0 if absent */
    struct ic_address mapped;              /* XOR-MAPPED-ADDRESS as UDP; IC_FAMILY_NONE if absent */
    size_t integrity_at;                   /* offset of MESSAGE-INTEGRITY, 0 if absent */
    uint16_t unknown[IC_STUN_UNKNOWN_MAX]; /* types that must be understood and were not */
    size_t unknown_count;
};

/* Fills `out`, whose slices point into `datagram`. Trust none of it before ic_stun_verify(). A
 * wrong FINGERPRINT is IC_ERR_MALFORMED: then it was not STUN. On error `out` is untouched. */
enum ic_err ic_stun_parse(struct ic_stun_message *out, struct ic_bytes datagram) IC_CHECKED;

/* Checks MESSAGE-INTEGRITY with the SHA-1 key of a short-term password; IC_ERR_FORGED if it is
 * absent or wrong. `message` must have been parsed from this `datagram`. */
enum ic_err ic_stun_verify(const struct ic_stun_message *message, struct ic_bytes datagram,
                           const struct ic_hmac_key *key) IC_CHECKED;

/* The user name up to the first colon: the ufrag of whoever received it. Empty if there is none. */
struct ic_bytes ic_stun_receiver_ufrag(const struct ic_stun_message *message);

/* A check by the controlling side. */
struct ic_stun_check {
    uint8_t transaction[IC_STUN_TRANSACTION_LEN];
    struct ic_bytes username;
    uint32_t priority;
    uint64_t tie_breaker;
    bool use_candidate;
};

/* Each writes one whole message with integrity and fingerprint and returns its length, or 0 if it
 * does not fit: IC_STUN_REQUEST_MAX and IC_STUN_RESPONSE_MAX always suffice. */
size_t ic_stun_write_check(uint8_t *out, size_t size, const struct ic_stun_check *check,
                           const struct ic_hmac_key *key);
size_t ic_stun_write_success(uint8_t *out, size_t size, const struct ic_stun_message *request,
                             const struct ic_address *mapped, const struct ic_hmac_key *key);
/* With IC_STUN_UNKNOWN_ATTRIBUTE it lists what `request` has of them. */
size_t ic_stun_write_error(uint8_t *out, size_t size, const struct ic_stun_message *request,
                           enum ic_stun_code code, const struct ic_hmac_key *key);
