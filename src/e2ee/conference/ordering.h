/* ordering.h - one chain of epochs for everybody. */
#pragma once

#include "base/base.h"
#include "crypto/hash.h"
#include "e2ee/mls/group.h"
#include "e2ee/mls/message.h"

struct ic_conference;
struct ic_mls_staged;
struct ic_wish;

enum {
    IC_EARLY_MAX = 16, /* commits heard before the one that they follow */
    IC_ENTERED_MAX = IC_MLS_PAST_EPOCHS_MAX,
    IC_REJECTS_HEARD = 4,
};

enum ic_taken { IC_EPOCH_FREE, IC_EPOCH_TAKEN, IC_EPOCH_TAKEN_BACK };
struct ic_ordering {
    struct ic_wish *wishes;
    struct ic_mls_staged *pending;  /* ours, said and not heard back yet */
    struct ic_mls_staged *given_up; /* the last one that was refused: should it come all the same */
    int64_t said_at;                /* when it was last said */
    bool single;                    /* one wish a commit: together they could not be */
    enum ic_taken taken;            /* our epoch, by a commit that we refused or could not open: */
    uint8_t taken_by[IC_SHA256_LEN];
    uint8_t own_reject[IC_SHA256_LEN]; /* of the last message with which we had it taken back */
    bool stuck;                        /* we are in it and wait for that */
    int64_t reject_again_at;
    uint8_t entered_by[IC_ENTERED_MAX][IC_SHA256_LEN]; /* the commits that ended the last epochs */
    bool doubted; /* perhaps one that we entered was taken back: what does not open may be good, */
    bool resumed; /* on another socket, in this epoch; so we may not have heard that it was */
    uint64_t brought_from, brought_to; /* by a Welcome, which took us back; equal: by none */
    bool abandoned;
    uint64_t shared; /* and so does a right-holder, who is in this epoch */
    uint64_t head;   /* where the server says it is; beyond our epoch: a hole */
    int64_t since;   /* when we last got on, while stuck or before a hole */
    int64_t next_commit_at;
    int64_t adds_at; /* until then nobody new is let in, since the server had no room */
    struct ic_mls_message early[IC_EARLY_MAX]; /* by epoch modulo their count */
    uint64_t early_epochs[IC_EARLY_MAX];
};

enum ic_err ic_ordering_refused(struct ic_conference *c, int64_t again_at, int64_t now) IC_CHECKED;
enum ic_err ic_ordering_run(struct ic_conference *c, int64_t now) IC_CHECKED;
/* The commit that took our epoch was taken back: we are in it as before. */
enum ic_err ic_ordering_go_on(struct ic_conference *c, int64_t now) IC_CHECKED;
/* The socket is back and the server is where we are: what we said last did not arrive. */
enum ic_err ic_ordering_say_again(struct ic_conference *c, int64_t now) IC_CHECKED;
int64_t ic_ordering_next(const struct ic_conference *c);
/* Another group of the same meeting: the wishes stay. */
void ic_ordering_restart(struct ic_conference *c);
void ic_ordering_clear(struct ic_conference *c);
