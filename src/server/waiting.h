/* waiting.h - who waits at a meeting's door, and who was sent away from it. Pure bookkeeping: no
 * I/O, no clock. Addresses are for counting only; they go with the meeting and are never stored. */
#pragma once

#include "server/grammar.h"
#include "server/knocking.h"
#include "server/text.h"

enum {
    IC_WAITING_AWAY_MS = 20 * 1000, /* who waits and lost its socket keeps its place for so long */
    IC_REFUSED_WAIT_MS = 60 * 1000, /* from the second refusal on */
    IC_REFUSED_ADDRESSES = 256,
    IC_KNOCKS_MAX = 10,
    IC_PLACES_OF_ADDRESS = 10, /* at least, or half of all */
};

/* Somebody who showed a proof: waiting, or a member that keeps this for when it waits again. */
struct ic_waiter {
    uint8_t id[IC_ID_LEN];
    uint8_t resume[IC_TOKEN_LEN];
    uint8_t admission[IC_TOKEN_LEN]; /* SHA-256 of the proof it showed */
    uint8_t address[IC_ADDRESS_LEN];
    bool is_host;
    void *session;         /* of the caller; NULL while the socket is lost */
    int64_t away_since;    /* meaningful while `session` is NULL */
    struct ic_text *knock; /* base64url; NULL: has not knocked */
    bool returning;
    uint32_t knocks;
    struct ic_bucket knock_rate, member_knock_rate, commit_rate;
    struct ic_waiter *next;
};

/* Somebody's address that was refused or removed. */
struct ic_sent_away {
    uint8_t address[IC_ADDRESS_LEN];
    uint32_t refusals, removals;
    int64_t refused_at;
};

struct ic_waiting {
    struct ic_waiter *first; /* in the order of coming */
    uint32_t count;
    struct ic_sent_away sent_away[IC_REFUSED_ADDRESSES];
    uint32_t sent_away_count;
    struct ic_knocking knocking;
};

/* With random id and token. IC_ERR_FULL: `most` wait already, or of one address so many that places
 * have to stay for others. */
enum ic_err ic_waiting_add(struct ic_waiting *w, struct ic_waiter **out, uint32_t most,
                           const uint8_t address[IC_ADDRESS_LEN]) IC_CHECKED;

/* Adds one again that was taken out. */
void ic_waiting_put(struct ic_waiting *w, struct ic_waiter *waiter);

/* Takes it out without freeing it, and forgets its knock. */
void ic_waiting_take(struct ic_waiting *w, struct ic_waiter *waiter);
/* The same of one who comes in: its knocks count against nobody. */
void ic_waiting_let_in(struct ic_waiting *w, struct ic_waiter *waiter);
void ic_waiter_free(struct ic_waiter *waiter);
void ic_waiting_clear(struct ic_waiting *w);

struct ic_waiter *ic_waiting_find(const struct ic_waiting *w, const uint8_t id[IC_ID_LEN]);

/* Compares without telling by its time how much of a token was right. */
struct ic_waiter *ic_waiting_find_resumable(const struct ic_waiting *w,
                                            const uint8_t resume[IC_TOKEN_LEN]);

/* May it knock now? Counts it. 0: yes; else milliseconds until it may, or UINT32_MAX: never. */
uint32_t ic_waiting_knock_wait(struct ic_waiting *w, struct ic_waiter *waiter, bool is_member,
                               int64_t now);

/* Keeps a copy of `sealed` in the place of an earlier one. */
void ic_waiter_set_knock(struct ic_waiter *waiter, const char *sealed, bool returning);

void ic_waiter_forget_knock(struct ic_waiter *waiter);

void ic_waiting_note_refusal(struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN],
                             int64_t now);
void ic_waiting_note_removal(struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN]);

/* How many times somebody of this address was sent away, at most IC_BEFORE_MAX. */
uint32_t ic_waiting_before(const struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN]);

/* Milliseconds until somebody of this address may wait here again; 0: now. */
uint32_t ic_waiting_refused_wait(const struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN],
                                 int64_t now);
