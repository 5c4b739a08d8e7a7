/* group.h - a member's view of a group, from one epoch to the next (RFC 9420 sections 8, 11, 12).
 *
 *     create / join / join_external -> struct ic_mls_group, in an epoch
 *     propose, commit -> bytes to send;  hear(bytes) -> what somebody said
 *     commit and hear(a commit) -> struct ic_mls_staged: the next epoch, not entered yet
 *     look at it, then enter() or ic_mls_staged_free()
 *
 * A group owns all its bytes: nothing that is passed in has to outlive the call, but for the
 * application's callbacks. Every call that fails leaves the group as it was; so does everything
 * that is staged and not entered. Staged epochs live in memory only and there may be several:
 * entering one makes the others stale. A group reads no clock: lifetimes and the age of past epochs
 * are the caller's. One thread at a time.
 *
 * Errors of all that hear: IC_ERR_MALFORMED, IC_ERR_FORGED and IC_ERR_FORBIDDEN (a rule of RFC 9420
 * or the application's `judge`) blame the sender; IC_ERR_NOT_FOUND: something is missing here (a
 * proposal, a pre-shared key, a later epoch, a path secret that we can read: only we, perhaps,
 * cannot follow); IC_ERR_REPLAYED: from an epoch that is over, or heard before; IC_ERR_SYSTEM: no
 * memory. */
#pragma once

#include "e2ee/mls/framing.h"
#include "e2ee/mls/group_info.h"
#include "e2ee/mls/identity.h"
#include "e2ee/mls/join.h"
#include "e2ee/mls/message.h"
#include "e2ee/mls/ratchet_tree.h"

enum {
    IC_MLS_PENDING_MAX = 512,    /* proposals kept for the commit that may name them */
    IC_MLS_PAST_EPOCHS_MAX = 4,  /* whose application messages can still be opened */
    IC_MLS_RESUMPTIONS_MAX = 16, /* epochs whose resumption PSK is kept, the current one too */
};

/* What only the application knows. Copied, so `user` outlives the group; the callbacks must not
 * call the group. */
struct ic_mls_application {
    /* Pre-shared keys that the group does not hold itself: external ones, and resumption keys of
     * other groups. NULL: there are none. The bytes are good until the group's call returns. */
    ic_mls_find_psk *find_psk;

    /* May this leaf be in the group? Asked once for each leaf when joining, and for every leaf that
     * an Add, an Update or a commit brings; `before` is the leaf it takes the place of, or NULL.
     * Both are good during the call only. Here the credential is compared with the signature key,
     * and the lifetime with the clock. NULL: every leaf may. */
    bool (*judge)(void *user, const struct ic_mls_leaf_node *leaf,
                  const struct ic_mls_leaf_node *before);
    /* Commits of this group hold what they do. Proposals that come apart are not kept, and a commit
     * that refers to one breaks a rule: both are IC_ERR_FORBIDDEN when heard. */
    bool by_value_only;
    void *user;
};

struct ic_mls_group;

/* ---- Getting into a group ---- */

struct ic_mls_create {
    const struct ic_suite *suite;
    struct ic_bytes group_id;
    const struct ic_mls_identity *identity;
    struct ic_bytes extensions;                   /* of the group context, one behind the other */
    const struct ic_mls_application *application; /* or NULL */
};
/* A group of one in epoch 0. IC_ERR_NOT_FOUND when the suite is not in this build;
 * IC_ERR_FORBIDDEN when our own leaf breaks a rule, also that we can what `extensions` require;
 * IC_ERR_MALFORMED; IC_ERR_SYSTEM. */
enum ic_err ic_mls_group_create(struct ic_mls_group **out,
                                const struct ic_mls_create *create) IC_CHECKED;

struct ic_mls_group_join {
    struct ic_bytes welcome; /* an MLSMessage */
    struct ic_bytes tree;    /* data of the ratchet_tree extension if it came apart; else empty */
    const struct ic_mls_own_package *package; /* to be cleared by the caller afterwards */
    const struct ic_mls_application *application;
};
/* The errors are those of ic_mls_join(), and IC_ERR_FORBIDDEN when `judge` refused a leaf. */
enum ic_err ic_mls_group_join(struct ic_mls_group **out,
                              const struct ic_mls_group_join *join) IC_CHECKED;

struct ic_mls_join_external {
    struct ic_bytes group_info; /* an MLSMessage */
    struct ic_bytes tree;       /* as above */
    const struct ic_mls_identity *identity;
    const struct ic_mls_application *application;
    const struct ic_mls_psk_id *psks; /* `nonce` and `encoded` are made here */
    size_t psk_count;
    const struct ic_leaf *replaces;      /* our own leaf of before, to be removed; or NULL */
    const struct ic_bytes *self_removes; /* SelfRemove proposals, PublicMessages of this epoch */
    size_t self_remove_count;
    struct ic_bytes authenticated_data;
    bool want_info, tree_apart; /* as in struct ic_mls_commit_plan */
};
/* `commit` gets the PublicMessage to be sent, `info` (when wanted; else NULL) the GroupInfo of the
 * epoch after. The group is in that epoch already: it is of use only if the commit is accepted, and
 * freed otherwise. IC_ERR_NOT_FOUND when there is no external key, tree or PSK. */
enum ic_err ic_mls_group_join_external(struct ic_mls_group **out, struct ic_mls_message *commit,
                                       struct ic_mls_message *info,
                                       const struct ic_mls_join_external *join) IC_CHECKED;

/* Erases all secrets. */
void ic_mls_group_free(struct ic_mls_group *group);

/* ---- What there is; the pointers are good until the next epoch is entered ---- */

const struct ic_suite *ic_mls_group_suite(const struct ic_mls_group *group);
/* Group id, epoch, tree hash, transcript hash, extensions. */
const struct ic_mls_group_context *ic_mls_group_context(const struct ic_mls_group *group);
/* The roster: ic_mls_tree_leaf() of each index below `leaves`. */
const struct ic_mls_tree *ic_mls_group_tree(const struct ic_mls_group *group);
uint32_t ic_mls_group_member_count(const struct ic_mls_group *group);
struct ic_leaf ic_mls_group_own_leaf(const struct ic_mls_group *group);

/* Who signed the GroupInfo by which we joined; false when we created the group or joined by an
 * external commit. The leaf's node is that of the epoch joined. */
bool ic_mls_group_welcomed_by(const struct ic_mls_group *group, struct ic_leaf *out);

/* We were removed: nothing but these questions and free() works any more (IC_ERR_FORBIDDEN). */
bool ic_mls_group_is_over(const struct ic_mls_group *group);
/* The group was closed by this ReInit, and only reads and exports; NULL when it was not. */
const struct ic_mls_reinit *ic_mls_group_reinit(const struct ic_mls_group *group);

/* MLS-Exporter of the current epoch: errors of ic_mls_epoch_export(). After end_exports() nothing
 * can be exported in this epoch any more: forward secrecy for what was. */
enum ic_err ic_mls_group_export(uint8_t *out, size_t len, const struct ic_mls_group *group,
                                const char *label, struct ic_bytes context) IC_CHECKED;
void ic_mls_group_end_exports(struct ic_mls_group *group);
/* ic_mls_secret_len() bytes, equal for all members. */
struct ic_bytes ic_mls_group_epoch_authenticator(const struct ic_mls_group *group);
/* The resumption PSK of an epoch; false when it is not kept. For `find_psk` of another group: a
 * branch or the successor after ReInit. */
bool ic_mls_group_resumption_psk(const struct ic_mls_group *group, uint64_t epoch,
                                 struct ic_bytes *out);

/* A GroupInfo of the current epoch with the external key, for external joiners; an MLSMessage.
 * `extensions` are further ones of the GroupInfo, one behind the other. */
enum ic_err ic_mls_group_info(struct ic_mls_message *out, const struct ic_mls_group *group,
                              bool tree_apart, struct ic_bytes extensions) IC_CHECKED;
/* The data of a ratchet_tree extension, to be sent apart. */
enum ic_err ic_mls_group_encode_tree(struct ic_mls_message *out,
                                     const struct ic_mls_group *group) IC_CHECKED;

/* Is `next`, a group just joined or created, what it claims to be? After ReInit: suite, group id
 * and extensions as `old` agreed. A branch: suite as `old`, and every member has a signature key
 * that is in `old`. Both: epoch 1, or 0 at its creator. IC_ERR_FORBIDDEN when not. The resumption
 * PSK in the Welcome is what `find_psk` saw. */
enum ic_err ic_mls_group_check_successor(const struct ic_mls_group *next,
                                         const struct ic_mls_group *old) IC_CHECKED;
enum ic_err ic_mls_group_check_branch(const struct ic_mls_group *next,
                                      const struct ic_mls_group *old) IC_CHECKED;

/* ---- Application messages ---- */

/* A PrivateMessage, `padding` zeros inside. IC_ERR_FORBIDDEN: see ic_mls_group_is_over(). */
enum ic_err ic_mls_group_seal(struct ic_mls_message *out, struct ic_mls_group *group,
                              struct ic_bytes authenticated_data, struct ic_bytes text,
                              size_t padding) IC_CHECKED;

/* How many past epochs can be opened (at most IC_MLS_PAST_EPOCHS_MAX), and erasing those before
 * `epoch`: the caller knows how old they are. */
size_t ic_mls_group_past_epochs(const struct ic_mls_group *group);
void ic_mls_group_forget_before(struct ic_mls_group *group, uint64_t epoch);

/* ---- Proposals ---- */

/* How a handshake message is protected. */
struct ic_mls_protection {
    bool private_message; /* else PublicMessage */
    size_t padding;       /* of a PrivateMessage */
    struct ic_bytes authenticated_data;
};

/* What to propose, by type: `add.encoded`; `removed`; `psk` (its nonce is made here); `reinit`;
 * `extensions`; of an Update and SelfRemove nothing. */

/* Signs a proposal and keeps it with the pending ones; `ref` (or NULL) gets its reference, a
 * digest. An Update is our own leaf with a fresh key and, when `identity` is not NULL, what that
 * says. A SelfRemove is always a PublicMessage, so that a newcomer can commit it. IC_ERR_FORBIDDEN
 * when it could never be committed; IC_ERR_FULL when IC_MLS_PENDING_MAX are kept. */
enum ic_err ic_mls_group_propose(struct ic_mls_message *out, uint8_t *ref,
                                 struct ic_mls_group *group, const struct ic_mls_proposal *proposal,
                                 const struct ic_mls_identity *identity,
                                 const struct ic_mls_protection *how) IC_CHECKED;

/* A proposal that was said or heard in this epoch. */
struct ic_mls_pending {
    struct ic_bytes ref;
    struct ic_mls_sender sender;
    struct ic_mls_proposal proposal;
};
size_t ic_mls_group_pending_count(const struct ic_mls_group *group);
/* In the order they came; `i` is below the count. Good until the group changes. */
struct ic_mls_pending ic_mls_group_pending(const struct ic_mls_group *group, size_t i);

/* Proposals from outside the group, PublicMessages. An external sender signs with the key that is
 * at `index` of the external_senders extension; a newcomer proposes its own Add. */
struct ic_mls_outside {
    const struct ic_suite *suite;
    struct ic_bytes group_id;
    uint64_t epoch;
    struct ic_bytes signature_private;
    bool is_newcomer;
    uint32_t index;
};
enum ic_err ic_mls_propose_from_outside(struct ic_mls_message *out,
                                        const struct ic_mls_outside *outside,
                                        const struct ic_mls_proposal *proposal) IC_CHECKED;

/* ---- Commits ---- */

struct ic_mls_commit_plan {
    /* By value. */
    const struct ic_bytes *adds; /* KeyPackages */
    size_t add_count;
    const struct ic_leaf *removes;
    size_t remove_count;
    const struct ic_mls_psk_id *psks; /* `nonce` and `encoded` are made here */
    size_t psk_count;
    const struct ic_bytes *extensions; /* the new ones of the group context, all; or NULL */
    const struct ic_mls_reinit *reinit;
    /* By reference: those of these references, or all that are pending but for our own Updates. */
    const struct ic_bytes *refs;
    size_t ref_count;
    bool all_pending;

    bool force_path;                        /* fresh keys also when no proposal asks for them */
    const struct ic_mls_identity *identity; /* what our leaf says from now on (makes a path); NULL:
                                               as before */
    struct ic_mls_protection protection;
    bool tree_apart; /* neither Welcome nor GroupInfo carry the tree: send it by encode_tree() */
    bool want_info;  /* a GroupInfo of the next epoch for external joiners */
    struct ic_bytes info_extensions; /* further ones of the GroupInfo, one behind the other */
};

struct ic_mls_staged;

/* Makes a commit. Nothing has happened until it is entered. IC_ERR_FORBIDDEN when the proposals
 * together break a rule; IC_ERR_NOT_FOUND for a reference or a PSK that is not there; IC_ERR_FULL;
 * IC_ERR_SYSTEM. With a PrivateMessage one key of our handshake ratchet is used up. */
enum ic_err ic_mls_group_commit(struct ic_mls_staged **out, struct ic_mls_group *group,
                                const struct ic_mls_commit_plan *plan) IC_CHECKED;

/* The bytes of a commit that we made; empty of one we heard, of a Welcome without Adds, of a
 * GroupInfo that was not wanted. All are MLSMessages and live as long as `staged`. */
struct ic_bytes ic_mls_staged_message(const struct ic_mls_staged *staged);
struct ic_bytes ic_mls_staged_welcome(const struct ic_mls_staged *staged);
struct ic_bytes ic_mls_staged_info(const struct ic_mls_staged *staged);

/* One proposal of a commit, with what it did. */
struct ic_mls_change {
    struct ic_mls_proposal proposal;
    struct ic_mls_sender proposer; /* by value: the committer */
    bool by_reference;
    struct ic_leaf leaf; /* of an Add its new place; of an Update, Remove and SelfRemove whose */
};

/* The next epoch, for the application to judge. Leaves of before are in the group's tree, leaves of
 * after in `tree`. Lives as long as `staged`. */
struct ic_mls_outlook {
    struct ic_leaf committer;
    bool is_newcomer; /* by an external commit: `committer` is its new place */
    bool is_ours;
    bool removes_us; /* `tree` and `context` are those of the next epoch all the same */
    bool has_path;   /* the committer's leaf in `tree` is new */
    struct ic_bytes authenticated_data;
    const struct ic_mls_change *changes; /* in the order of the commit */
    size_t change_count;
    const struct ic_mls_tree *tree;
    const struct ic_mls_group_context *context;
};
const struct ic_mls_outlook *ic_mls_staged_outlook(const struct ic_mls_staged *staged);
/* Of the next epoch; empty when it removes us. */
struct ic_bytes ic_mls_staged_epoch_authenticator(const struct ic_mls_staged *staged);

/* Enters the epoch and frees `staged`. Needs no memory and fails in one case only: IC_ERR_REPLAYED
 * when it does not follow the group's current epoch; then `staged` is still the caller's to free.
 * Proposals that were pending are gone; the epoch that ends becomes the newest past one. */
enum ic_err ic_mls_group_enter(struct ic_mls_group *group, struct ic_mls_staged *staged) IC_CHECKED;
/* Throws it away, NULL too. */
void ic_mls_staged_free(struct ic_mls_staged *staged);

/* ---- Hearing ---- */

enum ic_mls_heard_kind { IC_MLS_HEARD_TEXT, IC_MLS_HEARD_PROPOSAL, IC_MLS_HEARD_COMMIT };

struct ic_mls_heard {
    enum ic_mls_heard_kind kind;
    struct ic_mls_sender sender;
    uint64_t epoch; /* it was sent in */
    struct ic_bytes authenticated_data;
    struct ic_bytes text;           /* of the application */
    struct ic_mls_pending proposal; /* kept by the group, too */
    struct ic_mls_staged *staged;   /* of a commit; the caller's: set it NULL here to keep it */
    struct ic_mls_message buffer;   /* what the views point into */
};

/* Opens, verifies and checks a PublicMessage or PrivateMessage of this group. A proposal is kept
 * until the epoch ends; text uses its key up; a commit is staged and has changed nothing. Our own
 * commit is known by its bytes (ic_mls_staged_message()): heard, it is IC_ERR_REPLAYED. On success
 * clear `out`. */
enum ic_err ic_mls_group_hear(struct ic_mls_heard *out, struct ic_mls_group *group,
                              struct ic_bytes message) IC_CHECKED;
void ic_mls_heard_clear(struct ic_mls_heard *heard);
