/* ice.h - the ICE-lite agent of one transport (RFC 8445 section 2.5, consent as in RFC 7675).
 *
 * It never sends first, knows no remote candidate in advance, and is always controlled. An address
 * counts only after a check with valid integrity came from it; such a tuple may carry DTLS at once,
 * nominated or not. */
#pragma once

#include "base/address.h"
#include "base/base.h"
#include "crypto/hmac.h"
#include "media/control.h"
#include "media/stun.h"

enum {
    IC_ICE_TUPLES = 8,
    IC_ICE_SEEN = 2048, /* checks remembered: over an hour of a browser's */
    IC_ICE_USERNAME_MAX = 2 * (IC_ICE_UFRAG_SIZE - 1) + 1,
};
#define IC_ICE_CONSENT_NS (30 * IC_NS_PER_SEC) /* RFC 7675 section 5.1 */
#define IC_ICE_SILENT_NS (3 * IC_NS_PER_SEC)   /* then any other tuple that checks takes over */

/* An address that passed an authenticated check. */
struct ic_ice_tuple {
    struct ic_address address; /* family 0: free */
    int64_t checked_at;        /* last authenticated check */
    int64_t heard_at;          /* last authenticated packet of any kind */
};

/* One pair of credentials, prepared. */
struct ic_ice_generation {
    struct ic_hmac_key key;                /* our password */
    uint8_t username[IC_ICE_USERNAME_MAX]; /* "ours:theirs" */
    uint16_t username_len;                 /* 0: there is no such generation */
    uint16_t ufrag_len;                    /* of ours, the first part */
};

/* Touch the fields only through the functions below. */
struct ic_ice {
    struct ic_ice_generation current, previous; /* previous: until current is used */
    struct ic_ice_tuple tuples[IC_ICE_TUPLES];
    int8_t selected; /* index, -1: none */
    bool checked;    /* some tuple lives */
    bool nominated;  /* there has been a nomination, ever */
    uint32_t seen_count;
    /* transactions of authenticated checks, folded, a ring; memory that is not touched before */
    uint32_t seen[IC_ICE_SEEN];
};

/* What happened; bits. */
enum ic_ice_event {
    IC_ICE_CHECKED = 1,   /* the first authenticated check, or the first after IC_ICE_LOST */
    IC_ICE_SELECTED = 2,  /* ic_ice_selected() is another address now */
    IC_ICE_RESTARTED = 4, /* the new credentials were used: the previous ones are gone */
    IC_ICE_LOST = 8,      /* consent is over: nothing may be sent until the next check */
};

/* What to send back, to the address the request came from. */
struct ic_ice_reply {
    uint8_t bytes[IC_STUN_RESPONSE_MAX];
    size_t len; /* 0: stay silent */
};

/* Credentials are checked by the caller (RFC 8839 section 5.4); here only texts. */
void ic_ice_init(struct ic_ice *ice, const struct ic_ice_credentials *ours,
                 const struct ic_ice_credentials *theirs);
/* Wipes the passwords. */
void ic_ice_clear(struct ic_ice *ice);

/* New credentials; those in use hold until the first authenticated check with the new ones. */
void ic_ice_restart(struct ic_ice *ice, const struct ic_ice_credentials *ours,
                    const struct ic_ice_credentials *theirs);

/* Is `ufrag` ours, in either generation? For the owner's table of ufrags. */
bool ic_ice_has_ufrag(const struct ic_ice *ice, struct ic_bytes ufrag);

/* Handles one STUN message, already parsed from `datagram`, and returns events. Anything but a
 * request with valid integrity changes nothing and gets no answer; nor does one from a new address
 * that came before from another, which somebody recorded to have our media sent there. */
unsigned ic_ice_receive(struct ic_ice *ice, int64_t now, const struct ic_address *from,
                        const struct ic_stun_message *message, struct ic_bytes datagram,
                        struct ic_ice_reply *reply);

/* An authenticated packet (SRTP, SRTCP) came from there. */
void ic_ice_heard(struct ic_ice *ice, int64_t now, const struct ic_address *from);

/* May DTLS and media from this address be looked at: did it pass a check within 30 s? */
bool ic_ice_knows(const struct ic_ice *ice, int64_t now, const struct ic_address *from);

/* Where media goes, or NULL: not nominated yet, or consent is over. */
const struct ic_address *ic_ice_selected(const struct ic_ice *ice);

/* Where DTLS goes: the selected address, before a nomination the one checked last, or NULL. */
const struct ic_address *ic_ice_path(const struct ic_ice *ice);

/* A TCP connection closed: its tuple is gone. Returns events. */
unsigned ic_ice_forget(struct ic_ice *ice, int64_t now, const struct ic_address *address);

/* When ic_ice_advance() has something to do; INT64_MAX for never. */
int64_t ic_ice_next_timeout(const struct ic_ice *ice);

/* Ends consent that is due. Returns events. Call it before sending when next_timeout has passed. */
unsigned ic_ice_advance(struct ic_ice *ice, int64_t now);
