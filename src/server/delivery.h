/* delivery.h - the order of a group's commits: one for each epoch, and the last of them kept for
 * who comes back. Pure: no I/O, no clock, and nothing known of what a commit says. */
#pragma once

#include "server/bucket.h"
#include "server/grammar.h"
#include "server/text.h"

enum {
    IC_LOG_MAX = 64,
    IC_LOG_BYTES_MAX = 16 * 1024 * 1024,
    IC_COMMITS_AT_ONCE = 4,
    IC_COMMITS_A_SECOND = 4,
    IC_KEEPERS_FIRST_MS = 500, /* after a keeper was too late */
    IC_REJECTS_KEPT = 4,
};

/* What is kept of a commit. */
struct ic_delivered {
    struct ic_text *committed;     /* the message that the members got */
    uint8_t hash[IC_TOKEN_LEN];    /* SHA-256 of the commit in it */
    struct ic_text *welcome;       /* what those it brought in got, or NULL */
    uint8_t (*brought)[IC_ID_LEN]; /* whom it brought in; on the heap */
    uint32_t brought_count;
    uint32_t came_count; /* the first of them were no members before */
};

/* That the commits from `epoch` on were taken back. */
struct ic_delivery_reject {
    uint32_t epoch;
    struct ic_text *rejected; /* the message that the members got, or NULL */
};

struct ic_delivery {
    uint32_t head;  /* the epoch of the next commit */
    uint32_t count; /* kept: those that ended the `count` epochs before the head */
    size_t bytes;
    struct ic_delivered log[IC_LOG_MAX];                /* at epoch % IC_LOG_MAX */
    struct ic_delivery_reject rejects[IC_REJECTS_KEPT]; /* the oldest first */
    struct ic_bucket rate;
    int64_t keepers_until;
};

enum ic_offer { IC_OFFER_TAKEN, IC_OFFER_CONFLICT, IC_OFFER_TOO_FAST };

/* May a commit for `epoch` be the next one? After IC_OFFER_TAKEN the caller adds it. A keeper that
 * is not taken has the next half second to itself and the other keepers. */
enum ic_offer ic_delivery_offer(struct ic_delivery *d, uint32_t epoch, bool by_keeper, int64_t now);

/* Keeps what `commit` owns; the head is one more. */
void ic_delivery_add_take(struct ic_delivery *d, struct ic_delivered *commit);

/* Was it the commit with this hash that ended `epoch`? Not, when it is not kept any more. */
bool ic_delivery_was_ended(const struct ic_delivery *d, uint32_t epoch,
                           const uint8_t hash[IC_TOKEN_LEN]);
/* The head is one less, if a commit is kept: fills `commit`, for the caller to clear. */
bool ic_delivery_take_back(struct ic_delivery *d, struct ic_delivered *commit);

/* Keeps the word that took them back, for who was not connected then; of the words before it, the
 * last few. Owns `rejected` from here on. */
void ic_delivery_rejected_take(struct ic_delivery *d, uint32_t epoch, struct ic_text *rejected);

/* Are all commits from `epoch` on there, so that somebody in this epoch can follow? */
bool ic_delivery_reaches(const struct ic_delivery *d, uint32_t epoch);

/* The commit that ended `epoch`, or NULL. */
const struct ic_delivered *ic_delivery_at(const struct ic_delivery *d, uint32_t epoch);

/* The last one kept that brought `id` in, and its epoch; or NULL. */
const struct ic_delivered *ic_delivery_that_brought(const struct ic_delivery *d,
                                                    const uint8_t id[IC_ID_LEN], uint32_t *epoch);

void ic_delivered_clear(struct ic_delivered *commit);

/* Forgets everything: the head is 0. */
void ic_delivery_clear(struct ic_delivery *d);
