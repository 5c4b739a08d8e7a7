/* inside.h - what a conference is made of. Each file of this folder knows its own part. */
#pragma once

#include "e2ee/conference/conference.h"
#include "e2ee/conference/out.h"
#include "e2ee/door/app_message.h"
#include "e2ee/door/card.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/profile.h"
#include "e2ee/door/reply.h"
#include "e2ee/door/returning.h"
#include "e2ee/door/text.h"
#include "e2ee/door/validity.h"
#include "e2ee/mls/group.h"

enum {
    IC_PSEUDONYM_LEN = 16,
    IC_KNOCKS_MAX = 200, /* that wait at once: the places of a server that is not told otherwise */
    IC_WISHES_MAX = 256,
    IC_EARLY_MAX = 16, /* commits heard before the one that they follow */
    IC_OLDER_PSKS = 4,
    IC_ENTERED_MAX = IC_MLS_PAST_EPOCHS_MAX,
};

/* The keys that we are known by in this meeting. */
struct ic_own_keys {
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX], signature_public[IC_SIGNATURE_PUBLIC_MAX];
    size_t private_len, public_len;
    uint8_t pseudonym[IC_PSEUDONYM_LEN];
    bool can_admit; /* then the next two */
    uint8_t admit_private[IC_KEM_PRIVATE_MAX], admit_public[IC_KEM_PUBLIC_MAX];
    uint8_t invite_maker[IC_DOOR_INVITE_MAKER_LEN]; /* our invites come from it */
};

/* Where another right-holder wants to be knocked at. */
struct ic_admit_key_of {
    uint8_t owner[IC_SIGNATURE_PUBLIC_MAX];
    size_t owner_len; /* 0: a free place */
    uint8_t key[IC_KEM_PUBLIC_MAX];
};

/* The link as it is now; a replacement changes it. */
struct ic_link_now {
    bool secret_known; /* not by who came with an invite and saw no replacement yet */
    uint8_t secret[IC_LINK_SECRET_LEN];
    uint32_t version;
    bool passcode; /* the meeting has one, and this is its key: */
    uint8_t passcode_key[IC_DOOR_PSK_LEN];
    uint8_t psk[IC_DOOR_PSK_LEN];
    bool followed; /* we were in a group that had this version */
    /* The same link with the passcodes before, the newest first: for members who missed a change.
       Whoever was removed, was so with a link that is replaced, and then these are forgotten. */
    struct ic_older_psk {
        uint32_t version; /* 0: none */
        uint8_t psk[IC_DOOR_PSK_LEN];
    } older[IC_OLDER_PSKS];
};

/* On the way in. */
struct ic_entering {
    uint8_t *card_buffer; /* IC_DOOR_CARD_SEALED_MAX bytes that `card` points into; NULL: no card */
    struct ic_door_card card;
    struct ic_mls_own_package package, older;
    bool packed, packed_before; /* there is a package; the one before, too */
    uint8_t reply_private[IC_KEM_PRIVATE_MAX], reply_public[IC_KEM_PUBLIC_MAX];
    struct ic_mls_message knock; /* as it was last sent; replies are bound to it */
    uint8_t answer[4 * IC_DOOR_ANSWER_MAX];
    size_t answer_len;
    bool returning; /* we ask to be taken in again, as the member that we are */
    unsigned asks;
    int64_t asked_at, lost_at;    /* when that was last, and first */
    struct ic_mls_message info;   /* sealed, what stands in the open door; nothing: it is shut */
    struct ic_mls_group *outside; /* made by a commit of our own, which is said */
    unsigned outside_tries;
    int64_t outside_at, outside_again_at; /* said; may be tried again, 0: no need */
    int64_t knock_again_at;               /* since the last one was refused; 0: it was not */
};

/* Somebody who waits, seen by a right-holder. */
struct ic_knocker {
    struct ic_knocker *next;
    uint8_t participant[IC_PARTICIPANT_LEN];
    struct ic_mls_message sealed, key_package;
    uint8_t reply_key[IC_KEM_PUBLIC_MAX];
    uint32_t invite; /* its number; 0: knocked with the link */
};

enum ic_wish_type {
    IC_WISH_REMOVE,       /* a right-holder takes somebody out */
    IC_WISH_LINK,         /* a new link */
    IC_WISH_LOCK,         /* value */
    IC_WISH_WAITING_ROOM, /* value */
    IC_WISH_STRAIGHT_IN,  /* value */
    IC_WISH_PASSCODE,     /* value: there is to be one; `passcode_key` */
    IC_WISH_INVITE,       /* the first bytes of `participant` are its salt */
    IC_WISH_WITHDRAW,     /* value: its number */
    IC_WISH_EVERYONE,     /* value: enum ic_door_capability, of all who have no say in it */
    IC_WISH_ALLOW,        /* value: the same, of one member */
    IC_WISH_TITLE,        /* in place of a key package */
    IC_WISH_SHOW_TITLE,   /* value */
    IC_WISH_GRANT,        /* value: rights */
    IC_WISH_SEND_BACK,    /* a right-holder has somebody wait again */
    IC_WISH_VANISHED,     /* somebody is gone */
    IC_WISH_RETURN,       /* somebody comes back, with `key_package`; value: from which epoch */
    IC_WISH_ADD,          /* somebody is let in, with `key_package`; value: number of its invite */
    IC_WISH_REKEY,
    IC_WISHES,
};
struct ic_wish {
    struct ic_wish *next;
    enum ic_wish_type type;
    unsigned value;
    uint8_t participant[IC_PARTICIPANT_LEN]; /* whom it is about */
    uint8_t member[IC_SIGNATURE_PUBLIC_MAX]; /* his leaf's signature key: leaves are used again */
    size_t member_len;
    uint8_t passcode_key[IC_DOOR_PSK_LEN];
    struct ic_mls_message key_package; /* or the title */
    int64_t not_before;
    bool unasked; /* nobody decided it: only while the door is free for whom it lets in */
};
static inline struct ic_bytes ic_wish_member(const struct ic_wish *wish)
{
    return (struct ic_bytes){wish->member, wish->member_len};
}
static inline struct ic_bytes ic_wish_passcode(const struct ic_wish *wish)
{
    return (struct ic_bytes){wish->passcode_key, wish->value ? sizeof wish->passcode_key : 0};
}
static inline struct ic_bytes ic_wish_salt(const struct ic_wish *wish)
{
    return (struct ic_bytes){wish->participant, IC_DOOR_INVITE_SALT_LEN};
}

/* ordering.c */
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
    bool abandoned;
    uint64_t shared; /* and so does a right-holder, who is in this epoch */
    uint64_t head;   /* where the server says it is; beyond our epoch: a hole */
    int64_t since;   /* when we last got on, while stuck or before a hole */
    int64_t next_commit_at;
    int64_t adds_at; /* until then nobody new is let in, since the server had no room */
    struct ic_mls_message early[IC_EARLY_MAX]; /* by epoch modulo their count */
    uint64_t early_epochs[IC_EARLY_MAX];
};

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

/* presence.c */
struct ic_presence {
    struct ic_conference_presence own;
    uint32_t number;
    int64_t announce_at;  /* again, for newcomers; INT64_MAX: no need */
    int64_t admit_key_at; /* when others are told where to knock; INT64_MAX: nowhere */
    int64_t heartbeat_at;
    int64_t send_at; /* when sealing moves to the epoch; INT64_MAX: it has */
    int64_t epoch_began;
    int64_t foreign_at; /* when there last was a message of our epoch that its keys do not open */
    bool silenced;
    bool unproven; /* brought back by an ordinary member: no frame is opened or sealed until a
                      right-holder is heard in this epoch or a later one */
};

/* founding.c: what the host holds of a group before, when it founds the next. */
struct ic_founding {
    struct ic_person *former; /* its members, which the server lost; or NULL */
    int64_t former_until;     /* then a human decides about them again */
    struct ic_mls_message state;
    uint16_t suite;
    bool asks;   /* for the passcode, and founds when it has it */
    bool anew;   /* without that state */
    bool locked; /* as the card said, or because nobody knows */
    bool titled; /* as the card says */
    bool shut;   /* by no card that can be believed: locked, and with a new link */
    enum ic_settings_lost lost;
};

/* For what is written only to be copied: large things do not belong on a browser's stack. */
struct ic_scratch {
    uint8_t a[65536], b[65536], c[32768], d[16384];
};

struct ic_conference {
    enum ic_conference_stage stage;
    struct ic_conference_options options; /* `name` and `title` are below */
    uint8_t name[4 * IC_DOOR_NAME_MAX], title[4 * IC_DOOR_TITLE_MAX];
    struct ic_own_keys keys;
    struct ic_door_host_keys host; /* of a host's link */
    uint8_t pin[IC_DOOR_PIN_LEN];
    uint8_t participant[IC_PARTICIPANT_LEN];
    bool keeper;
    struct ic_link_now link;
    struct ic_entering entering;
    struct ic_knocker *knockers;
    struct ic_admit_key_of admit_keys[IC_DOOR_ADMIT_KEYS_MAX - 1];
    struct ic_founding founding;
    struct ic_mls_group *group;
    struct ic_ordering ordering;
    struct ic_presence presence;
    struct ic_person *people; /* IC_MEMBERS_MAX of them */
    uint64_t state_version;   /* that was last shown */
    uint32_t invites_shown[IC_DOOR_INVITES_MAX];
    size_t invite_count;
    bool door_due;        /* the server is to hear how the door stands */
    int64_t door_said_at; /* and heard it last */
    bool psk_used;        /* MLS asked for the link's key while it joined */
    struct ic_scratch *scratch;
    struct ic_out_queue says, events;
};

/* conference.c */
static inline struct ic_bytes ic_own_key(const struct ic_conference *c)
{
    return (struct ic_bytes){c->keys.signature_public, c->keys.public_len};
}
static inline struct ic_door_pair ic_own_pair(const struct ic_conference *c)
{
    return (struct ic_door_pair){ic_own_key(c), {c->keys.signature_private, c->keys.private_len}};
}
static inline uint64_t ic_wall_ms(const struct ic_conference *c, int64_t now)
{
    return c->options.wall_ms_at_zero + (uint64_t)(now / IC_NS_PER_MS);
}
/* Of the group that we are in. */
static inline uint64_t ic_epoch_of(const struct ic_conference *c)
{
    return ic_mls_group_context(c->group)->epoch;
}
static inline unsigned ic_own_leaf(const struct ic_conference *c)
{
    return ic_mls_group_own_leaf(c->group).n;
}
/* Places for people: nobody sits beyond. */
static inline unsigned ic_leaf_count(const struct ic_conference *c)
{
    uint32_t leaves = ic_mls_group_tree(c->group)->leaves;
    return leaves < IC_MEMBERS_MAX ? leaves : IC_MEMBERS_MAX;
}
/* Its leaf's key follows from its link, so it comes back to a meeting that goes on. */
static inline bool ic_is_host(const struct ic_conference *c)
{
    return c->options.link.kind == IC_DOOR_LINK_HOST;
}
void ic_show(struct ic_conference *c, enum ic_conference_event_type type, int64_t number);
void ic_show_participant(struct ic_conference *c, enum ic_conference_event_type type,
                         const uint8_t participant[IC_PARTICIPANT_LEN], int64_t number,
                         struct ic_bytes text);
void ic_show_leaf(struct ic_conference *c, enum ic_conference_event_type type, unsigned leaf,
                  int64_t number, struct ic_bytes text);
void ic_conference_end(struct ic_conference *c);

/* own_keys.c: who we are, and the key package that says so. */
enum ic_err ic_own_keys_init(struct ic_conference *c) IC_CHECKED;
enum ic_err ic_own_package(struct ic_conference *c, const struct ic_suite *suite,
                           int64_t now) IC_CHECKED;
/* The identity of a leaf of ours; `buffer` outlives it. */
struct ic_identity_buffer {
    uint8_t extensions[IC_DOOR_PROFILE_MAX + 16];
    uint8_t profile[IC_DOOR_PROFILE_MAX];
    uint8_t lists[32];
    size_t profile_len;
};
enum ic_err ic_own_identity(struct ic_mls_identity *out, struct ic_identity_buffer *buffer,
                            const struct ic_conference *c, const struct ic_suite *suite,
                            int64_t now) IC_CHECKED;

/* link_now.c: what follows from the link of the moment. */
void ic_link_now_set(struct ic_conference *c, const uint8_t secret[IC_LINK_SECRET_LEN],
                     uint32_t version);
/* Another passcode comes, or another link. */
void ic_link_keep_older(struct ic_conference *c);
void ic_link_forget_older(struct ic_conference *c);
/* The pre-shared key of this version, as long as the link is the same; or NULL. */
const uint8_t *ic_link_psk_of(const struct ic_conference *c, uint32_t version);
/* The key of a passcode, or empty for none; to be followed by ic_link_now_set(). */
void ic_link_passcode(struct ic_conference *c, struct ic_bytes key);
bool ic_link_find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret);
struct ic_mls_psk_id ic_link_psk_id(const struct ic_conference *c,
                                    uint8_t buffer[IC_DOOR_LINK_PSK_ID_LEN]);
/* The card of the state as it is, and all admissions that are good by it: to be said by who changed
 * them. */
enum ic_err ic_conference_say_card(struct ic_conference *c) IC_CHECKED;
enum ic_err ic_conference_say_admissions(struct ic_conference *c) IC_CHECKED;
void ic_show_link(struct ic_conference *c);

/* admit_keys.c: where those who may admit want to be knocked at. */
/* Makes or wipes our own by our rights of the moment. */
enum ic_err ic_own_admit_key(struct ic_conference *c) IC_CHECKED;
enum ic_err ic_say_admit_key(struct ic_conference *c, int64_t now) IC_CHECKED;
enum ic_err ic_admit_key_heard(struct ic_conference *c, unsigned leaf,
                               struct ic_bytes key) IC_CHECKED;
void ic_write_admit_keys(struct ic_writer *w, const struct ic_conference *c);

/* invites.c */
/* For who opens a knock made with it, and who makes one with the invite that is our link. The
 * caller wipes both. */
void ic_invite_to_open(struct ic_door_knock_secret *out, const struct ic_conference *c,
                       const struct ic_door_invite *invite);
enum ic_err ic_invite_to_knock(struct ic_door_knock_secret *out,
                               const struct ic_conference *c) IC_CHECKED;
/* Is it good, and did nobody come in by it who is still here? */
bool ic_invite_is_free(const struct ic_conference *c, uint32_t number);
/* Shows what changed in the list since it was shown last. */
void ic_show_invites(struct ic_conference *c, const struct ic_door_state *state);
/* The list after a change. */
struct ic_state_change;
enum ic_err ic_change_invites(struct ic_writer *w, const struct ic_conference *c,
                              const struct ic_door_state *state,
                              const struct ic_state_change *change) IC_CHECKED;

/* founding.c */
/* `card` is of the group before, or empty. */
enum ic_err ic_found(struct ic_conference *c, struct ic_bytes card, int64_t now) IC_CHECKED;
/* The host types what it was asked for. */
enum ic_err ic_found_with_passcode(struct ic_conference *c, int64_t now) IC_CHECKED;
/* A host that waits is shown this card, and shall not be shown less when it founds. */
void ic_last_door_is(struct ic_conference *c, const struct ic_door_card *card);
/* The host is not in its group any more. If nobody takes it back, it founds the next with this. */
enum ic_err ic_remember_group(struct ic_conference *c) IC_CHECKED;
void ic_founding_forget(struct ic_founding *founding);
/* The application of our group. */
struct ic_mls_application ic_application(struct ic_conference *c);

/* knocking.c */
/* The card of a group of ours that is over; the link's version follows it, but not down. */
enum ic_err ic_read_old_card(struct ic_conference *c, struct ic_bytes sealed,
                             int64_t now) IC_CHECKED;
/* The suite that the host chose, if it is one that meetings may have; or NULL. */
const struct ic_suite *ic_card_suite(const struct ic_conference *c);
struct ic_door_knock_place ic_knock_place(const struct ic_conference *c, uint32_t link_version);
/* Where the reply to the next knock, or request to come back, can be read. */
enum ic_err ic_make_reply_key(struct ic_entering *entering) IC_CHECKED;
struct ic_bytes ic_reply_key(const struct ic_entering *entering);
/* Replies are bound to it. */
enum ic_err ic_keep_knock(struct ic_entering *entering, struct ic_bytes sealed) IC_CHECKED;
enum ic_err ic_entering_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
/* Our own commit came too late; this stands in the door now. */
enum ic_err ic_outside_too_late(struct ic_conference *c, struct ic_bytes info,
                                int64_t now) IC_CHECKED;

/* entering.c */
struct ic_door_entered;
/* What ic_door_welcome_check() asks of `group`, in which we are the new leaf; entry, signer and
 * epoch before are left to the caller. It points into `buffer` and `group`. */
enum ic_err ic_describe_entry(struct ic_door_entered *out, struct ic_identity_buffer *buffer,
                              struct ic_conference *c, const struct ic_mls_group *group,
                              int64_t now) IC_CHECKED;
void ic_entering_clear(struct ic_entering *entering);

/* returning.c */
enum ic_err ic_ask_to_return(struct ic_conference *c, int64_t now) IC_CHECKED;
enum ic_err ic_returning_tick(struct ic_conference *c, int64_t now) IC_CHECKED;

/* open_door.c: without a waiting room. */
bool ic_door_stands_open(const struct ic_conference *c);
enum ic_err ic_door_seal_info(struct ic_conference *c, struct ic_mls_message *out,
                              struct ic_bytes info) IC_CHECKED;
/* The commit of who let itself in, as it was sealed for who has the link. IC_ERR_NOT_FOUND: we have
 * it not. */
bool ic_is_from_outside(struct ic_bytes commit);
enum ic_err ic_open_outside_commit(struct ic_conference *c, struct ic_mls_message *out,
                                   struct ic_bytes sealed) IC_CHECKED;
enum ic_err ic_door_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
void ic_door_conflict(struct ic_conference *c, int64_t now);
/* Who waits before the open door makes a commit of its own. IC_ERR_SYSTEM, or another error: this
 * was no way in, and it may knock. */
bool ic_may_go_in(const struct ic_conference *c);
enum ic_err ic_go_in(struct ic_conference *c, int64_t now) IC_CHECKED;
bool ic_outside_is_late(const struct ic_conference *c, int64_t now);
void ic_outside_forget(struct ic_entering *entering);

/* The group that we are in is over: its keys go. */
void ic_conference_group_over(struct ic_conference *c);

/* knockers.c */
void ic_knockers_clear(struct ic_conference *c);
bool ic_knockers_full(const struct ic_conference *c);
/* NULL when it does not wait. */
struct ic_knocker *ic_knocker_of(struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN]);
/* Who knocks again is kept once. */
enum ic_err ic_knocker_keep(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                            struct ic_bytes sealed, const struct ic_door_knock *knock,
                            uint32_t invite) IC_CHECKED;
void ic_knocker_drop(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN]);
/* With another link version all have to knock again. */
void ic_knockers_expire(struct ic_conference *c);

/* doorkeeping.c */
/* May who knocked with this invite (0: with the link) enter without being asked about? */
bool ic_door_is_free(const struct ic_conference *c, uint32_t invite);
/* Lets in who may enter without being asked: by the state as it is. */
enum ic_err ic_knockers_admit_free(struct ic_conference *c, int64_t now) IC_CHECKED;
/* Is it a key package that we could add, of the participant that the server says? */
enum ic_err ic_knocker_package(const struct ic_conference *c, struct ic_door_profile *profile,
                               struct ic_bytes encoded,
                               const uint8_t participant[IC_PARTICIPANT_LEN]) IC_CHECKED;

/* door_replies.c */
struct ic_door_knock_place ic_knocker_place(const struct ic_conference *c,
                                            const uint8_t participant[IC_PARTICIPANT_LEN]);
/* An empty `reply_key`: to a knock that nobody could open. */
enum ic_err ic_reply(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                     struct ic_bytes sealed_knock, struct ic_bytes reply_key,
                     enum ic_door_reply_kind kind, struct ic_bytes text) IC_CHECKED;
enum ic_err ic_reply_with_keys(struct ic_conference *c, const struct ic_door_knock_place *where,
                               struct ic_bytes sealed_knock, const uint8_t *reply_key) IC_CHECKED;
/* Those of the ids that came with an invite of ours get the link's keys, before the Welcome. */
enum ic_err ic_give_link_keys(struct ic_conference *c, struct ic_bytes participants) IC_CHECKED;

/* taking_back.c */
enum ic_err ic_take_back(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                         struct ic_bytes sealed, int64_t now) IC_CHECKED;

/* state_now.c: the group's signed state. */
enum ic_err ic_state_now(const struct ic_conference *c, struct ic_door_state *out) IC_CHECKED;
bool ic_may(const struct ic_conference *c, struct ic_bytes member, uint8_t right);
/* What a commit is to change in it. */
enum { IC_AT_ONCE_MAX = 64 }; /* people of one commit */
struct ic_state_change {
    bool set_lock, locked;
    bool set_waiting_room, waiting_room;
    bool set_straight_in, straight_in; /* who has an invite */
    bool set_everyone;                 /* and nobody is an exception any more */
    uint16_t everyone;
    bool set_title;
    struct ic_bytes title;
    bool set_title_shown, title_shown;
    struct ic_bytes allowed; /* a member, or empty */
    uint16_t allowed_to;
    bool new_link;
    bool set_passcode;            /* alone: then the link stays, and only its version is new */
    struct ic_bytes passcode_key; /* or empty */
    struct ic_bytes member;       /* whose rights: empty for nobody's */
    uint8_t rights;
    struct ic_bytes invite_salt;              /* of a new invite, or empty */
    uint32_t withdrawn;                       /* an invite, or 0 */
    struct ic_bytes expelled[IC_AT_ONCE_MAX]; /* members whose invites go with them */
    size_t expelled_count;
    struct ic_invite_use {
        uint32_t invite;
        struct ic_bytes member;
    } uses[IC_AT_ONCE_MAX]; /* who comes in by which */
    size_t use_count;
};
/* All extensions of the group's context after that, on the heap. */
enum ic_err ic_state_changed(struct ic_conference *c, struct ic_mls_message *extensions,
                             const struct ic_state_change *change) IC_CHECKED;

/* rejecting.c: a commit took our epoch, and we refused it or could not open it. */
void ic_epoch_taken(struct ic_ordering *o, struct ic_bytes sealed);
/* Was it that one, and comes again? */
bool ic_was_taken_back(const struct ic_ordering *o, struct ic_bytes sealed);
enum ic_err ic_taken_again(struct ic_conference *c) IC_CHECKED;
/* The last epoch that we know to be everybody's: ours, or the one before. */
uint64_t ic_epoch_shared(const struct ic_conference *c);
/* Has it taken back, if that is our right. */
/* `later`: with all that came after it. */
enum ic_err ic_reject_commit(struct ic_conference *c, enum ic_door_rule rule,
                             bool later) IC_CHECKED;

/* unreadable.c */
enum ic_err ic_unreadable_tick(struct ic_conference *c, int64_t now) IC_CHECKED;

/* wishes.c */
enum ic_err ic_wish(struct ic_conference *c, const struct ic_wish *wish, int64_t now) IC_CHECKED;
/* Without doing anything about it yet: another comes, and both go together. Takes the key package,
 * also when it fails. */
enum ic_err ic_wish_keep(struct ic_conference *c, const struct ic_wish *wish) IC_CHECKED;
/* From when on it may be in a commit. */
int64_t ic_wish_due(const struct ic_ordering *o, const struct ic_wish *wish);
/* Wipes its keys. */
void ic_wish_free(struct ic_wish *wish);
/* Drops the wishes that came true or cannot any more. */
void ic_wishes_prune(struct ic_conference *c);
/* All of a type. */
void ic_wishes_drop(struct ic_conference *c, enum ic_wish_type type);
/* Somebody is not there any more: whoever comes first takes it out. */
enum ic_err ic_vanished(struct ic_conference *c, unsigned leaf, int64_t now) IC_CHECKED;

/* commit_plan.c: the wishes of the moment as one commit; `single`: no more than one of them. */
enum ic_err ic_commit_wishes(struct ic_conference *c, struct ic_mls_staged **out, bool single,
                             int64_t now) IC_CHECKED;
/* Gives up the wish that ic_commit_wishes() takes first. */
void ic_wish_give_up(struct ic_conference *c, int64_t now);

/* our_commit.c: says the one that is pending, for the first time or again. */
enum ic_err ic_say_our_commit(struct ic_conference *c, int64_t now) IC_CHECKED;

/* ordering.c */
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

/* epoch_entered.c: what a commit is about, looked at before its epoch is entered, ... */
struct ic_epoch_change {
    bool from_outside, was_open, addition, removal, by_right, ours, new_link;
    bool new_passcode; /* and nothing else: the link stays */
};
struct ic_epoch_change ic_epoch_change_of(const struct ic_conference *c,
                                          const struct ic_mls_outlook *outlook);
/* ... and what follows from it when we are in. */
enum ic_err ic_epoch_entered(struct ic_conference *c, const struct ic_epoch_change *change,
                             int64_t now) IC_CHECKED;
/* Who let itself in waits for the word of a right-holder: is it ours to give? */
bool ic_vouches_first(const struct ic_conference *c);

/* members.c: the roster, and what an epoch changed of it. */
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

/* moderating.c: a request of a right-holder, to us or to somebody else. */
void ic_moderation_heard(struct ic_conference *c, unsigned sender,
                         const struct ic_door_app_message *message);
/* The member is there, and goes on with what we asked it to turn off: it may have missed that. */
enum ic_err ic_moderation_repeat(struct ic_conference *c, unsigned leaf) IC_CHECKED;

/* presence.c */
/* Not while no one in charge vouches for our epoch: nobody knows who would hear it. */
bool ic_may_speak(const struct ic_conference *c);
enum ic_err ic_presence_epoch(struct ic_conference *c, bool first, bool removal, bool addition,
                              int64_t now) IC_CHECKED;
enum ic_err ic_presence_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
int64_t ic_presence_next(const struct ic_conference *c);
enum ic_err ic_seal_app(struct ic_mls_message *out, struct ic_conference *c,
                        const struct ic_door_app_message *message) IC_CHECKED;
enum ic_err ic_say_app(struct ic_conference *c, const struct ic_door_app_message *message,
                       enum ic_say_type as) IC_CHECKED;

/* hearing.c */
/* What each may do is another now. */
void ic_presence_allowed(struct ic_conference *c, const struct ic_door_state *state);
/* A right-holder asks the member to turn these off: no one shows them until it has. */
void ic_presence_stopped(struct ic_conference *c, unsigned leaf, uint8_t streams);

/* frame_keys.c: opens with the keys of our epoch from now on, and seals from `send_at`. */
enum ic_err ic_frame_keys_use(struct ic_conference *c, bool removal, int64_t send_at,
                              int64_t now) IC_CHECKED;
/* Seals with them, now. */
enum ic_err ic_frame_keys_seal(struct ic_conference *c) IC_CHECKED;

/* vouching.c */
bool ic_all_vouched(const struct ic_conference *c);
/* Holds frames back while nobody vouches for our epoch. */
void ic_watch_silence(struct ic_conference *c, int64_t now);
/* Shows who seems to be in a fork. */
void ic_watch_elsewhere(struct ic_conference *c, int64_t now);
/* Takes out whose heart has stopped. */
enum ic_err ic_watch_hearts(struct ic_conference *c, int64_t now) IC_CHECKED;
