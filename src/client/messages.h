/* messages.h - the signalling messages of docs/protocol.md, as a client writes and reads them.
 *
 * What is written is a JSON text on the heap, for the caller to free. What is read keeps to the
 * grammar or is IC_ERR_MALFORMED: a client trusts its server no more than the other way round. */
#pragma once

#include "client/link.h"
#include "media/control.h"

enum {
    IC_RESUME_LEN = 32,
    IC_PROOF_LEN = IC_ADMISSION_PROOF_LEN, /* and of a host proof, and of the SHA-256 of either */
    IC_SLOTS_MAX = 32,
    IC_CANDIDATES_MAX = 32,
    IC_ADDRESS_SIZE = 64, /* of a candidate, as text, with the terminating zero */
    IC_MESSAGE_MAX = 64 * 1024,
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
/* `host` and `resume` may be NULL. */
char *ic_say_join(const uint8_t meeting[IC_MEETING_LEN], const uint8_t proof[IC_PROOF_LEN],
                  const uint8_t *host, const uint8_t *resume);
char *ic_say_announce(struct ic_bytes sealed);
char *ic_say_connect(const struct ic_connect *connect);
/* `streams`: bit of each enum ic_stream that is live. */
char *ic_say_live(uint32_t streams, uint32_t camera_height, uint32_t screen_height);
char *ic_say_show(const struct ic_show *shows, size_t count);
char *ic_say_speaking(bool speaking);
char *ic_say_leave(void);
char *ic_say_end(void);

enum ic_heard_type {
    IC_HEARD_CREATED,
    IC_HEARD_JOINED,
    IC_HEARD_ANNOUNCED,
    IC_HEARD_LEFT,
    IC_HEARD_ANSWER,
    IC_HEARD_RESTARTED,
    IC_HEARD_SLOTS,
    IC_HEARD_VOICES,
    IC_HEARD_RECONNECT,
    IC_HEARD_ENDED,
    IC_HEARD_ERROR,
};

/* Numbers equal the order of the table in docs/protocol.md. */
enum ic_refusal {
    IC_REFUSED_BAD_MESSAGE,
    IC_REFUSED_NO_ENTRY,
    IC_REFUSED_START_USED,
    IC_REFUSED_FULL,
    IC_REFUSED_TOO_FAST,
    IC_REFUSED_NOT_HOST,
    IC_REFUSED_BAD_CONNECTION,
    IC_REFUSED_NO_MEDIA,
    IC_REFUSED_STOPPING,
    IC_REFUSALS,
};

struct ic_person {
    uint8_t participant[IC_PARTICIPANT_LEN];
    uint32_t index;
    const char *sealed; /* base64url, until ic_heard_clear() */
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
    uint8_t id[IC_PARTICIPANT_LEN]; /* created: the meeting; joined: oneself; announced, left:
                                       somebody */
    uint32_t index;
    uint8_t resume[IC_RESUME_LEN];
    bool host, crowded;
    struct ic_person people[IC_MEMBERS_MAX]; /* joined; announced: just the one */
    uint32_t person_count;
    uint32_t connection;
    struct ic_ice_credentials ice;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_candidate candidates[IC_CANDIDATES_MAX];
    uint32_t candidate_count;
    struct ic_answer_line lines[IC_LINES_MAX];
    uint32_t line_count;
    struct ic_slot_pointer slots[IC_SLOTS_MAX];
    uint32_t slot_count;
    enum ic_refusal refusal;
    uint32_t retry_after_ms; /* 0: not said */
};

/* On IC_OK the caller owes ic_heard_clear(); on error `out` holds nothing to clear. */
enum ic_err ic_heard_parse(struct ic_heard *out, struct ic_bytes text) IC_CHECKED;
void ic_heard_clear(struct ic_heard *heard);

/* The words of the protocol. */
const char *ic_refusal_name(enum ic_refusal refusal);
const char *ic_stream_name(enum ic_stream stream);
bool ic_stream_is_video(enum ic_stream stream);
