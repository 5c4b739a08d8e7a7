/* courier.h - the server's part of a meeting, as docs/protocol.md has it, for tests of conferences:
 * it orders commits, carries messages, and can be told to lie. Virtual time. */
#pragma once

#include "crypto/hash.h"
#include "e2ee/conference/conference.h"
#include "tests/test.h"

enum { CLIENTS_MAX = 64, LOG_MAX = 64, REJECTS_KEPT = 4 };

enum client_state { CLIENT_NONE, CLIENT_WAITING, CLIENT_MEMBER, CLIENT_OUT };

/* A message to a client, on its way. */
struct letter {
    struct letter *next;
    int64_t at;
    int kind;
    uint8_t participant[IC_PARTICIPANT_LEN];
    bool flag, flag2;
    uint64_t epoch, count;
    struct ic_bytes bytes; /* follow the letter */
};

/* What a client was shown, last of each kind, and how often. */
struct shown {
    unsigned count;
    struct ic_conference_event last;
    uint8_t text[8192];
};

struct client {
    enum client_state state;
    bool connected, keeper, host;
    int64_t back_at; /* when a lost connection comes back */
    uint8_t participant[IC_PARTICIPANT_LEN], admission[IC_SHA256_LEN];
    struct ic_conference *conference;
    struct ic_e2ee *frames;
    struct letter *first, **last;
    struct ic_bytes welcome;           /* the last one, given again to who lost it on the way */
    uint64_t welcomed_to;              /* the epoch that it leads to */
    uint8_t brought_by[IC_SHA256_LEN]; /* the commit */
    uint8_t came_by[IC_SHA256_LEN];    /* the commit that brought it in from the door */
    struct ic_bytes knock;             /* of who waits: a keeper that comes new hears it, too */
    bool returning;                    /* what kind of knock it is */
    struct shown shown[64];
};

struct courier {
    int64_t now, step; /* virtual time goes in steps */
    uint8_t meeting[IC_MEETING_LEN];
    struct ic_door_link host_link, guest_link;
    struct ic_bytes title;    /* of meetings that are founded */
    struct ic_last_door last; /* on the device of who comes */
    struct client clients[CLIENTS_MAX];
    uint64_t head, oldest; /* epochs: the group is in `head`, the log goes back to `oldest` */
    unsigned groups;       /* founded */
    struct ic_bytes log[LOG_MAX], card;
    bool open; /* the door: who waits may commit, with what stands in it */
    struct ic_bytes info;
    uint64_t commits, conflicts, too_fast, rejects, replies;
    uint8_t taken_back[LOG_MAX][IC_SHA256_LEN]; /* the last commits that were */
    unsigned taken_back_count;
    struct said_reject {
        uint64_t epoch;
        struct ic_bytes sealed;
    } said_rejects[REJECTS_KEPT]; /* the last, the oldest first */
    bool keeps_rejects_back;      /* from who comes back */
    unsigned most;                /* people that there is room for; 0: for all */
    int64_t commit_credit;        /* 4 commits a second, 4 at once */
    int64_t keepers_until;        /* a keeper lost a race: the next one is a keeper's */
    int64_t delay_max;            /* each letter takes up to this long */
    uint64_t random;
    bool closes_old_links; /* who waits with a proof that is good no more is sent away */
    uint8_t admissions[200][IC_SHA256_LEN];
    size_t admission_count;
    /* Lies. */
    unsigned silent;       /* and of so many commits that come too fast nothing is said */
    unsigned twice, early; /* of a thousand letters so many come twice, or before the one before */
    bool open_unattended;  /* the open door takes commits while no keeper is there */
    bool welcomes_anybody; /* also by who is no keeper */
    bool hides_card;       /* from who founds a group */
    bool withhold[CLIENTS_MAX]; /* commits do not reach this one */
};

void courier_init(struct courier *s, uint64_t seed, uint16_t suite);
void courier_clear(struct courier *s);
uint64_t courier_random(struct courier *s);

/* A client with a link comes to the door. Returns its number. */
unsigned courier_come(struct courier *s, const struct ic_door_link *link, const char *name,
                      uint16_t suite);
/* It loses its socket and comes back after `ns`, as the same participant. */
void courier_cut(struct courier *s, unsigned client, int64_t ns);
/* It is gone without a word, its memory too; the others get the hint after a while. */
void courier_crash(struct courier *s, unsigned client);
/* The server is killed and started anew: it knows the card, and nothing else. */
void courier_restart(struct courier *s);
/* It says goodbye. */
void courier_leave(struct courier *s, unsigned client);

/* Its place is free for somebody else. Only of one that is out. */
void courier_forget(struct courier *s, unsigned client);

/* As if this client had said it. */
void courier_say(struct courier *s, unsigned client, const struct ic_say *say);

/* Lets virtual time pass. */
void courier_run(struct courier *s, int64_t ns);

/* How often the client was shown this, and the last one. */
unsigned courier_saw(const struct courier *s, unsigned client, enum ic_conference_event_type type);
const struct ic_conference_event *courier_last(const struct courier *s, unsigned client,
                                               enum ic_conference_event_type type);
/* Did this commit have an epoch, and was taken back? */
bool courier_took_back(const struct courier *s, const uint8_t hash[IC_SHA256_LEN]);
/* Are all connected members in one group? */
bool courier_agrees(const struct courier *s);
unsigned courier_members(const struct courier *s);
