/* conference.h - a meeting as one participant's client takes part in it: the door, the group and
 * its order. Browser and headless client run this same code.
 *
 * No I/O, thread or clock. What the server says and what the person does go in, each with the time
 * (monotonic nanoseconds); what is to be said to the server and what the person should see come
 * out, in order, by ic_conference_next_say() and ic_conference_next_event(). Messages are those of
 * docs/protocol.md with the binary values decoded; nothing of the server's is believed but the
 * order of commits, and that only as far as each commit proves itself.
 *
 *           waiting        card          replied final
 *    NEW ----------> WAITING ---> KNOCKED ------------> OVER
 *     |                              | joined, welcome        ^
 *     | joined, nobody in the group  v                        | removed, replaced, refused
 *     |                              | or by an own commit (no waiting room)
 *     +----------------------------> IN <------> BEHIND ------+
 *                                       missed commits; the old leaf's key asks to come back */
#pragma once

#include "e2ee/door/app_message.h"
#include "e2ee/door/link.h"
#include "e2ee/door/safety.h"

enum ic_conference_stage {
    IC_CONFERENCE_NEW,
    IC_CONFERENCE_WAITING,
    IC_CONFERENCE_KNOCKED,
    IC_CONFERENCE_IN,
    IC_CONFERENCE_BEHIND,
    IC_CONFERENCE_OVER,
};

/* What is said to the server. */
enum ic_say_type {
    IC_SAY_CARD,       /* sealed */
    IC_SAY_KNOCK,      /* sealed, flag: returning */
    IC_SAY_REPLY,      /* participants[0], sealed, flag: final */
    IC_SAY_COMMIT,     /* epoch, sealed, welcome for participants, removed, info */
    IC_SAY_REJECT,     /* epoch, sealed, info: SHA-256 of the commit; flag: later ones, too */
    IC_SAY_MESSAGE,    /* sealed */
    IC_SAY_ADMISSIONS, /* sealed: the hashes, 32 bytes each */
    IC_SAY_KEEPER,     /* participants[0], flag */
    IC_SAY_DOOR,       /* flag: open; then epoch, sealed: the info */
    IC_SAYS,
};

struct ic_conference;

/* What a host's device keeps of its meeting, so that a server which hides the card or shows an old
 * one is not taken at its word. Of the last IC_EVENT_STATE there: its epoch, and of its number the
 * lock and the passcode. All 0: this device was never in it. */
struct ic_last_door {
    uint32_t link_version;
    unsigned flags; /* enum ic_conference_flag */
};

/* All is copied but `frames`; the caller wipes its own. */
struct ic_conference_options {
    struct ic_door_link link;
    uint8_t meeting[IC_MEETING_LEN];
    struct ic_bytes name;     /* as ic_door_is_name() wants it, at most IC_DOOR_NAME_MAX */
    struct ic_bytes title;    /* of a group that is founded here, at most IC_DOOR_TITLE_MAX; or
                                 empty */
    struct ic_last_door last; /* of a host's device */
    bool made_here;           /* and just now: nobody can have been in it */
    uint16_t suite;           /* of a group that is founded here: a number of crypto/suite.h */
    uint64_t wall_ms_at_zero; /* milliseconds since 1970 when the monotonic clock was zero */
    struct ic_e2ee *frames;   /* from ic_e2ee_new(); outlives the conference */
};

enum ic_err ic_conference_new(struct ic_conference **out,
                              const struct ic_conference_options *options) IC_CHECKED;
/* Wipes its secrets. */
void ic_conference_free(struct ic_conference *c);

enum ic_conference_stage ic_conference_stage(const struct ic_conference *c);
/* Of the group that we are in, for `join` with a resume token; 0 when in none. */
uint64_t ic_conference_epoch(const struct ic_conference *c);

/* What the server said. A message that does not fit the stage, or does not prove itself, changes
 * nothing; what the person should know of it comes as an event. IC_ERR_SYSTEM: no memory, or the
 * library refused; then start over with a new conference. */

enum ic_err ic_conference_hear_waiting(struct ic_conference *c,
                                       const uint8_t participant[IC_PARTICIPANT_LEN],
                                       struct ic_bytes card, struct ic_bytes info, bool attended,
                                       int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_carded(struct ic_conference *c, struct ic_bytes card,
                                      int64_t now) IC_CHECKED;
/* `info`, also of the others, is what stands in the open door; empty: it is shut. */
enum ic_err ic_conference_hear_opened(struct ic_conference *c, struct ic_bytes info,
                                      int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_attended(struct ic_conference *c, bool attended,
                                        int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_replied(struct ic_conference *c, struct ic_bytes sealed, bool final,
                                       int64_t now) IC_CHECKED;

struct ic_conference_joined {
    uint8_t participant[IC_PARTICIPANT_LEN];
    bool keeper;             /* knocks come to us */
    uint64_t epoch;          /* the head of the server's log */
    size_t people;           /* others whom the server counts as members */
    struct ic_bytes welcome; /* empty: founded, or come back on another socket */
    struct ic_bytes card;    /* of the group before, where one is to be founded; or empty */
    bool behind;             /* the log does not reach back to our epoch */
};
enum ic_err ic_conference_hear_joined(struct ic_conference *c,
                                      const struct ic_conference_joined *joined,
                                      int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_committed(struct ic_conference *c, uint64_t epoch,
                                         struct ic_bytes sealed, int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_conflict(struct ic_conference *c, uint64_t epoch,
                                        struct ic_bytes info, int64_t now) IC_CHECKED;
/* Something of ours was refused, perhaps as one too many. A commit or a knock is said again at
 * `again_at` at the earliest; the others are not. */
enum ic_err ic_conference_hear_refused(struct ic_conference *c, enum ic_say_type of,
                                       int64_t again_at, int64_t now) IC_CHECKED;
/* Something of ours was refused, because the server takes us for no keeper. */
enum ic_err ic_conference_hear_not_keeper(struct ic_conference *c, int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_rejected(struct ic_conference *c, uint64_t epoch,
                                        struct ic_bytes sealed, int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_message(struct ic_conference *c, struct ic_bytes sealed,
                                       int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_knocked(struct ic_conference *c,
                                       const uint8_t participant[IC_PARTICIPANT_LEN],
                                       struct ic_bytes sealed, bool returning, unsigned before,
                                       int64_t now) IC_CHECKED;
enum ic_err ic_conference_hear_unknocked(struct ic_conference *c,
                                         const uint8_t participant[IC_PARTICIPANT_LEN],
                                         int64_t now) IC_CHECKED;
/* `gone`: without a goodbye; a hint. */
enum ic_err ic_conference_hear_left(struct ic_conference *c,
                                    const uint8_t participant[IC_PARTICIPANT_LEN], bool gone,
                                    int64_t now) IC_CHECKED;
/* To be called when it says so, and no later than a second after. Nothing is urgent: INT64_MAX. */
enum ic_err ic_conference_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
int64_t ic_conference_next_tick(const struct ic_conference *c);

/* What the person does. IC_ERR_FORBIDDEN: without the right, or not at this stage.
 * IC_ERR_NOT_FOUND: there is no such person. Each is a wish: it is kept, and tried again after a
 * lost race, until it is true or cannot become so any more. */

/* While waiting: the answer to a question, or another name. */
enum ic_err ic_conference_answer(struct ic_conference *c, struct ic_bytes text,
                                 int64_t now) IC_CHECKED;
/* The key of the passcode (ic_door_passcode_key()) on the way in, when IC_EVENT_PASSCODE asks for
 * it; for the host before the group is founded: then it has one. A host that founds the group anew
 * is asked, too, where the one before had a passcode and it does not know it any more. */
enum ic_err ic_conference_passcode(struct ic_conference *c, const uint8_t key[IC_DOOR_PSK_LEN],
                                   int64_t now) IC_CHECKED;

enum ic_err ic_conference_admit(struct ic_conference *c,
                                const uint8_t participant[IC_PARTICIPANT_LEN],
                                int64_t now) IC_CHECKED;
enum ic_err ic_conference_refuse(struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN],
                                 int64_t now) IC_CHECKED;
enum ic_err ic_conference_ask(struct ic_conference *c,
                              const uint8_t participant[IC_PARTICIPANT_LEN],
                              struct ic_bytes question, int64_t now) IC_CHECKED;

/* Takes a member out and replaces the link, so that he cannot knock with it again. */
enum ic_err ic_conference_remove(struct ic_conference *c, unsigned leaf, int64_t now) IC_CHECKED;
/* Takes a member out who may knock again with the link that it has: into the waiting room, if there
 * is one. Not a right-holder, who comes in as it likes. */
enum ic_err ic_conference_send_back(struct ic_conference *c, unsigned leaf, int64_t now) IC_CHECKED;
/* Asks a member's client to turn these streams off (bits 1 << enum ic_stream). Nobody shows them
 * any more until it announced that they are off: then its person may turn them on again. There is
 * no message that turns any on. */
enum ic_err ic_conference_mute(struct ic_conference *c, unsigned leaf, uint8_t streams,
                               int64_t now) IC_CHECKED;
enum ic_err ic_conference_lock(struct ic_conference *c, bool locked, int64_t now) IC_CHECKED;
enum ic_err ic_conference_replace_link(struct ic_conference *c, int64_t now) IC_CHECKED;
/* Sets another passcode, or none at all (NULL). The link stays as it is; who waits is asked for the
 * new one, and so is who comes back after a loss in which it was set. */
enum ic_err ic_conference_set_passcode(struct ic_conference *c, const uint8_t *key,
                                       int64_t now) IC_CHECKED;
/* Off: who has the link lets itself in; with a passcode, or by a personal invite, a right-holder's
 * client does it without asking. */
enum ic_err ic_conference_waiting_room(struct ic_conference *c, bool on, int64_t now) IC_CHECKED;
/* Off, as at first: a host is asked about who has a personal invite, too. On: a right-holder's
 * client lets in who comes with one, if nobody is inside by it and the meeting is not locked. */
enum ic_err ic_conference_straight_in(struct ic_conference *c, bool on, int64_t now) IC_CHECKED;
/* What the meeting is called; empty: nothing. IC_ERR_MALFORMED: not as ic_door_is_name() wants it,
 * or longer than IC_DOOR_TITLE_MAX. */
enum ic_err ic_conference_title(struct ic_conference *c, struct ic_bytes title,
                                int64_t now) IC_CHECKED;
/* Off, as at first: only who is inside learns it. On: also who has the link and waits. */
enum ic_err ic_conference_show_title(struct ic_conference *c, bool shown, int64_t now) IC_CHECKED;
/* A link for one person, good until it is withdrawn, also when the meeting's link is replaced. It
 * comes as IC_EVENT_INVITE. IC_ERR_FULL: there are IC_DOOR_INVITES_MAX. */
enum ic_err ic_conference_invite(struct ic_conference *c, int64_t now) IC_CHECKED;
enum ic_err ic_conference_withdraw(struct ic_conference *c, uint32_t invite,
                                   int64_t now) IC_CHECKED;
/* What all may do who may not change settings (enum ic_door_capability); who was allowed something
 * else is no exception any more. Receivers leave out what somebody may not do. */
enum ic_err ic_conference_everyone_may(struct ic_conference *c, unsigned capabilities,
                                       int64_t now) IC_CHECKED;
/* That, the lock, and these members taken out, by one commit: so that a raid ends at once (ACC-15).
 * Of several who have rights themselves one goes along, the others with the next commits. */
enum ic_err ic_conference_stop(struct ic_conference *c, unsigned capabilities,
                               const unsigned *leaves, size_t count, int64_t now) IC_CHECKED;
/* What one member may do instead. */
enum ic_err ic_conference_allow(struct ic_conference *c, unsigned leaf, unsigned capabilities,
                                int64_t now) IC_CHECKED;
/* Makes a member a right-holder with these rights (enum ic_door_right), or takes them away (0). */
enum ic_err ic_conference_grant(struct ic_conference *c, unsigned leaf, unsigned rights,
                                int64_t now) IC_CHECKED;
/* Fresh keys for everybody, without any change. */
enum ic_err ic_conference_rekey(struct ic_conference *c, int64_t now) IC_CHECKED;

/* What all others see of us. */
struct ic_conference_presence {
    uint8_t streams; /* bit 1 << enum ic_stream: live */
    bool hand, away;
    bool asks_to_share;
};
enum ic_err ic_conference_present(struct ic_conference *c,
                                  const struct ic_conference_presence *presence,
                                  int64_t now) IC_CHECKED;
enum ic_err ic_conference_chat(struct ic_conference *c, struct ic_bytes text,
                               int64_t now) IC_CHECKED;

/* Comparing the words of the present epoch: everybody sees who asked for it and who said what. */
enum ic_err ic_conference_compare(struct ic_conference *c, enum ic_door_comparison said,
                                  int64_t now) IC_CHECKED;

/* To be said to the server: one message of docs/protocol.md. */
struct ic_say {
    enum ic_say_type type;
    bool flag;
    uint64_t epoch;
    struct ic_bytes sealed, welcome, info;
    struct ic_bytes participants, removed; /* ids of IC_PARTICIPANT_LEN bytes */
};
/* NULL: nothing more. Valid until the next call with this conference. */
const struct ic_say *ic_conference_next_say(struct ic_conference *c);

/* What the person should see. */
enum ic_conference_event_type {
    /* while entering */
    IC_EVENT_CARD,     /* it is genuine; number: flags of ic_card; text: what the host shows */
    IC_EVENT_CARD_BAD, /* not of the host that the link names: do not go in */
    IC_EVENT_PASSCODE, /* number: enum ic_passcode_asked */
    IC_EVENT_ATTENDED, /* number: somebody who can let us in is there */
    IC_EVENT_QUESTION, /* text */
    IC_EVENT_REFUSED,
    IC_EVENT_ENTERED, /* leaf: our own; epoch */
    /* about people */
    IC_EVENT_PERSON,      /* leaf, participant, text: name; number: rights. New or changed */
    IC_EVENT_PERSON_LEFT, /* leaf, participant, text: name; number: enum ic_leave_reason */
    IC_EVENT_PRESENCE,    /* leaf; number: streams | hand << 8 | away << 9 | asks to
                             share << 10 */
    IC_EVENT_CHAT,        /* leaf, text */
    /* for who may let in */
    IC_EVENT_KNOCK,        /* participant, text: name; number: times refused or removed before;
                              epoch: the number of its invite, 0: it has the link */
    IC_EVENT_KNOCK_ANSWER, /* participant, text */
    IC_EVENT_KNOCK_GONE,   /* participant: let in, refused, or left by himself */
    /* about the meeting */
    IC_EVENT_EPOCH,     /* epoch, number: how many hold the key. Frame keys changed, and the words
                           to compare with them */
    IC_EVENT_STATE,     /* number: enum ic_conference_flag, bits; epoch: link version */
    IC_EVENT_LINK,      /* text: the new fragment for guests */
    IC_EVENT_ELSEWHERE, /* leaf: shows another group than ours; number: 1, or 0 no more */
    IC_EVENT_SILENCED,  /* number: 1 sending has to stop, nobody vouches for this epoch; 0 again */
    IC_EVENT_WRONG_COMMIT, /* number: enum ic_door_rule, or 0 for a rule of MLS. Refused; the epoch
                              is taken until a right-holder has it given free */
    IC_EVENT_REMOVED,      /* we were taken out */
    IC_EVENT_BEHIND,       /* commits were missed: asked to be taken in again */
    IC_EVENT_INVITE,  /* to who may change settings. epoch: its number; number: 1 it is good, 0 not
                         any more; text: its fragment, for who made it */
    IC_EVENT_COMPARE, /* leaf; epoch: whose words; number: enum ic_door_comparison */
    IC_EVENT_ALLOWED, /* number: what all may do | what we may do << 16 */
    IC_EVENT_MUTED,   /* leaf: a right-holder who asks us to turn streams off; number: which */
    IC_EVENT_SENT_BACK,     /* leaf: a right-holder who takes us out; we may knock again */
    IC_EVENT_SETTINGS_LOST, /* to the host, who founded the group anew and holds no state of the one
                               before. number: enum ic_settings_lost */
    IC_EVENT_TITLE, /* text: what the meeting is called, or empty; number: 1 who waits sees it */
    IC_EVENT_OPENED_AGAIN, /* our link is open on another device, which takes our place. number: 1
                              at once, since nobody else is here: leave; 0 when we are taken out */
    IC_EVENT_MAY, /* to who may change settings. leaf; number: enum ic_door_capability, what this
                     one may do, be it by its rights, by name or like all. New or changed */
};
enum ic_passcode_asked {
    IC_PASSCODE_NEEDED,
    IC_PASSCODE_WRONG,
    IC_PASSCODE_HIDDEN, /* of a host: it had one, which the server does not show */
};
enum ic_settings_lost {
    IC_LOST_BUT_THE_DOOR, /* passcode and lock are as its card said; waiting room on; else new */
    IC_LOST_ALL,          /* its card is of another link: locked, waiting room on, a new link */
    IC_LOST_HIDDEN,  /* the same, since the server shows no card, or one older than this device */
    IC_LOST_UNKNOWN, /* the server shows none, and this device was never in it: as a first meeting
                        begins; was there one before, then with no passcode and no invite of it */
};
enum ic_conference_flag {
    IC_CONFERENCE_LOCKED = 1,
    IC_CONFERENCE_WAITING_ROOM = 2,
    IC_CONFERENCE_PASSCODE = 4,
    IC_CONFERENCE_STRAIGHT_IN = 8, /* who has an invite, past the waiting room */
};
enum ic_leave_reason { IC_LEFT_BY_HIMSELF, IC_LEFT_GONE, IC_LEFT_REMOVED, IC_LEFT_SENT_BACK };
struct ic_conference_event {
    enum ic_conference_event_type type;
    unsigned leaf;
    uint8_t participant[IC_PARTICIPANT_LEN];
    uint64_t epoch;
    int64_t number;
    struct ic_bytes text;
};
/* NULL: nothing more. Valid until the next call with this conference. */
const struct ic_conference_event *ic_conference_next_event(struct ic_conference *c);

/* To compare with one member over another way, for as long as its key and ours are the same
 * (e2ee/door/safety.h). IC_ERR_NOT_FOUND: it is not here, or ourselves. */
enum ic_err ic_conference_safety(const struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN],
                                 char text[IC_DOOR_SAFETY_SIZE]) IC_CHECKED;

/* To compare over another way: of the present epoch, changes with each. */
enum { IC_CONFERENCE_AUTHENTICATOR_LEN = 32 }; /* its words: e2ee/door/words.h */
enum ic_err ic_conference_authenticator(const struct ic_conference *c,
                                        uint8_t out[IC_CONFERENCE_AUTHENTICATOR_LEN]) IC_CHECKED;
