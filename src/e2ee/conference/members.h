/* members.h - the roster, and what an epoch changed of it. */
#pragma once

#include "base/base.h"
#include "crypto/signature.h"
#include "e2ee/door/validity.h"
#include "e2ee/e2ee.h"

struct ic_conference;
struct ic_mls_outlook;

/* One member, as far as we heard of it. By leaf. */
struct ic_person {
    bool here;
    uint8_t participant[IC_PARTICIPANT_LEN];
    uint8_t member[IC_SIGNATURE_PUBLIC_MAX];
    size_t member_len;
    uint8_t rights;
    uint64_t came_epoch; /* what its leaf said in an epoch before was somebody else's */
    bool gone;           /* the server's word, */
    bool goodbye;        /* and that it left on purpose */
    bool silent;         /* not heard for so long that it must be gone */
    int64_t heard_at;
    bool elsewhere; /* said the authenticator of another group */
    bool sent_back; /* by a right-holder: to the waiting room */
    bool announced;
    uint32_t announcement;  /* its number, when there was one */
    uint8_t streams, flags; /* as it announced them */
    uint8_t stopped;        /* of these, what a right-holder asked it to turn off; */
    bool asked;             /* and that is us */
    bool may_shown;         /* to us, who may change it, */
    uint16_t may;           /* and this */
    int64_t presence;       /* as they were shown: what it may not do is left out */
    uint64_t lost_epoch;    /* one more than the epoch from which it asked to come back */
    uint64_t vouched_epoch; /* the last epoch that it showed to be in ours */
    int64_t vouched_at;
};

enum ic_door_rule ic_judge_commit(const struct ic_conference *c,
                                  const struct ic_mls_outlook *outlook) IC_CHECKED;
/* Shows what changed between the people that we knew and the tree as it is. `first`: just in, all
 * of it is new. `staged`: why people left. */
enum ic_err ic_members_changed(struct ic_conference *c, bool first, bool by_right) IC_CHECKED;
/* IC_MEMBERS_MAX when there is none. */
unsigned ic_leaf_of_participant(const struct ic_conference *c,
                                const uint8_t participant[IC_PARTICIPANT_LEN]);
unsigned ic_leaf_of_key(const struct ic_conference *c, struct ic_bytes member);
/* Our place among the members that are connected and have the right (0: all), from a hash that
 * nobody chooses: 0 acts first. */
unsigned ic_own_rank(const struct ic_conference *c, uint8_t right);
