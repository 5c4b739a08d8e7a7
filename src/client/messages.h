/* messages.h - the signalling messages of docs/protocol.md, as a client writes and reads them.
 *
 * What is written is a JSON text on the heap, for the caller to free. What is read keeps to the
 * grammar or is IC_ERR_MALFORMED: a client trusts its server no more than the other way round. */
#pragma once

#include "client/link.h"
#include "crypto/hash.h"
#include "media/control.h"

enum {
    IC_RESUME_LEN = 32,
    IC_PROOF_LEN = IC_ADMISSION_PROOF_LEN, /* and of a host proof, and of the SHA-256 of either */
    IC_SLOTS_MAX = 32,
    IC_CANDIDATES_MAX = 32,
    IC_ADDRESS_SIZE = 64,                /* of a candidate, as text, with the terminating zero */
    IC_MESSAGE_MAX = (2048 + 64) * 1024, /* of the server */
    IC_EPOCH_MAX = INT32_MAX,
    IC_HANDSHAKE_MAX = 1500000, /* bytes of a commit, a welcome, an info */
    IC_SMALL_SEALED_MAX = 16384,
    IC_REPLY_MAX = 4096,
    IC_BEFORE_MAX = 1000,
};

enum ic_slot_kind {
    IC_SLOT_VOICE,
    IC_SLOT_SCREEN_AUDIO,
    IC_SLOT_STAGE,
    IC_SLOT_TILE,
    IC_SLOT_KINDS
};

/* One m-section of ours. */
struct ic_client_line {
    struct ic_line line;    /* without ssrc and rtx_ssrc */
    enum ic_slot_kind kind; /* of a slot */
};

struct ic_connect {
    uint32_t connection;
    struct ic_ice_credentials ice;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_client_line lines[IC_LINES_MAX];
    uint32_t line_count;
};

/* A camera or screen that a slot should show. */
struct ic_show {
    char mid[IC_MID_SIZE];
    uint8_t participant[IC_PARTICIPANT_LEN];
    enum ic_stream stream;
    uint32_t height;
};

char *ic_say_create(const uint8_t start[IC_LINK_TOKEN_LEN], const uint8_t admission[IC_PROOF_LEN],
                    const uint8_t host[IC_PROOF_LEN]);
/* `host`, `resume` and `epoch` may be NULL. */
char *ic_say_join(const uint8_t meeting[IC_MEETING_LEN], const uint8_t proof[IC_PROOF_LEN],
                  const uint8_t *host, const uint8_t *resume, const uint32_t *epoch);

/* What is sealed is bytes; empty `info` says that there is none. */
struct ic_commit {
    uint32_t epoch;
    struct ic_bytes sealed;
    struct ic_bytes welcome; /* empty: nobody is welcomed */
    const uint8_t (*welcomed)[IC_PARTICIPANT_LEN];
    size_t welcomed_count;
    const uint8_t (*removed)[IC_PARTICIPANT_LEN];
    size_t removed_count;
    struct ic_bytes info;
};

char *ic_say_card(struct ic_bytes sealed);
char *ic_say_knock(struct ic_bytes sealed, bool returning);
char *ic_say_reply(const uint8_t participant[IC_PARTICIPANT_LEN], struct ic_bytes sealed,
                   bool final);
char *ic_say_commit(const struct ic_commit *commit);
/* An empty `info` closes the door, whatever the epoch. */
char *ic_say_door(uint32_t epoch, struct ic_bytes info);
char *ic_say_reject(uint32_t epoch, const uint8_t commit[IC_SHA256_LEN], bool later,
                    struct ic_bytes sealed);
char *ic_say_message(struct ic_bytes sealed);
char *ic_say_admissions(const uint8_t (*hashes)[IC_PROOF_LEN], size_t count);
char *ic_say_keeper(const uint8_t participant[IC_PARTICIPANT_LEN], bool keeper);

char *ic_say_connect(const struct ic_connect *connect);
/* `streams`: bit of each enum ic_stream that is live. */
char *ic_say_live(uint32_t streams, uint32_t camera_height, uint32_t screen_height);
char *ic_say_show(const struct ic_show *shows, size_t count);
char *ic_say_speaking(bool speaking);
char *ic_say_leave(void);

enum ic_heard_type {
    IC_HEARD_CREATED,
    IC_HEARD_WAITING,
    IC_HEARD_ATTENDED,
    IC_HEARD_CARDED,
    IC_HEARD_OPENED,
    IC_HEARD_KNOCKED,
    IC_HEARD_UNKNOCKED,
    IC_HEARD_REPLIED,
    IC_HEARD_RELAYS,
    IC_HEARD_JOINED,
    IC_HEARD_ENTERED,
    IC_HEARD_COMMITTED,
    IC_HEARD_CONFLICT,
    IC_HEARD_REJECTED,
    IC_HEARD_MESSAGE,
    IC_HEARD_LEFT,
    IC_HEARD_REMOVED,
    IC_HEARD_REPLACED,
    IC_HEARD_ANSWER,
    IC_HEARD_TRIED,
    IC_HEARD_RESTARTED,
    IC_HEARD_SLOTS,
    IC_HEARD_VOICES,
    IC_HEARD_WANTED,
    IC_HEARD_PATH,
    IC_HEARD_RECONNECT,
    IC_HEARD_ENDED,
    IC_HEARD_ERROR,
    IC_HEARD_TYPES,
};

/* Numbers equal the order of the table in docs/protocol.md. */
enum ic_refusal {
    IC_REFUSED_BAD_MESSAGE,
    IC_REFUSED_NO_ENTRY,
    IC_REFUSED_START_USED,
    IC_REFUSED_FULL,
    IC_REFUSED_TOO_FAST,
    IC_REFUSED_NOT_HOST,
    IC_REFUSED_NOT_KEEPER,
    IC_REFUSED_NOT_OPEN,
    IC_REFUSED_REFUSED,
    IC_REFUSED_BAD_CONNECTION,
    IC_REFUSED_NO_MEDIA,
    IC_REFUSED_STOPPING,
    IC_REFUSALS,
};

struct ic_candidate {
    bool tcp;
    char address[IC_ADDRESS_SIZE];
    uint16_t port;
};

struct ic_answer_line {
    char mid[IC_MID_SIZE];
    uint8_t extensions;      /* bit of each enum ic_extension */
    uint32_t ssrc, rtx_ssrc; /* 0: none */
};

struct ic_slot_pointer {
    char mid[IC_MID_SIZE];
    uint8_t participant[IC_PARTICIPANT_LEN];
    enum ic_stream stream;
};

/* Large: keep one, in static memory or on the heap. */
struct ic_heard {
    enum ic_heard_type type;
    void *tree;                     /* owns the texts */
    uint8_t id[IC_PARTICIPANT_LEN]; /* created: the meeting; joined, waiting: oneself; else whom
                                       it is about, or from whom it is */
    uint8_t resume[IC_RESUME_LEN];
    bool host, keeper, attended, open, returning, final, behind, gone, crowded;
    bool only; /* relays: media goes over nothing else */
    /* Valid base64url or NULL, until ic_heard_clear(). */
    const char *sealed, *info, *welcome; /* `sealed` is the card of
                                              `waiting` and `joined`, too */
    uint32_t epoch;
    uint32_t before;
    uint8_t members[IC_MEMBERS_MAX][IC_PARTICIPANT_LEN]; /* joined */
    uint32_t member_count;
    uint32_t connection;
    struct ic_ice_credentials ice;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_candidate candidates[IC_CANDIDATES_MAX];
    uint32_t candidate_count;
    struct ic_answer_line lines[IC_LINES_MAX];
    uint32_t line_count;
    struct ic_slot_pointer slots[IC_SLOTS_MAX];
    uint32_t slot_count;
    enum ic_stream stream; /* wanted: of it the lowest `layers` */
    uint32_t layers;
    enum ic_refusal refusal;
    const char *refused_type; /* of an error: the type of what was refused; NULL: not said */
    uint32_t retry_after_ms;  /* 0: not said */
};

/* On IC_OK the caller owes ic_heard_clear(); on error `out` holds nothing to clear. */
enum ic_err ic_heard_parse(struct ic_heard *out, struct ic_bytes text) IC_CHECKED;
void ic_heard_clear(struct ic_heard *heard);

/* The words of the protocol. */
const char *ic_refusal_name(enum ic_refusal refusal);
const char *ic_stream_name(enum ic_stream stream);
bool ic_stream_is_video(enum ic_stream stream);
