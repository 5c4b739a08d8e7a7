/* grammar.h - every message that can be said, as one table (docs/protocol.md in C).
 *
 * Text from a client becomes a `struct ic_message` whose every value has been checked, or nothing.
 * What the table does not list is refused: types, keys, values, depth, duplicates. */
#pragma once

#include "base/base.h"
#include "media/control.h"

enum {
    IC_ID_LEN = 16,    /* meetings and participants */
    IC_TOKEN_LEN = 32, /* proofs, start and resume tokens, and SHA-256 values */
    IC_SLOTS_MAX = 32,
    IC_TRIAL_WAYS = 3,          /* UDP, TCP, relay */
    IC_PEOPLE_MAX = 1024,       /* in a meeting: the leaves that a frame's key id can name */
    IC_HANDSHAKE_MAX = 1500000, /* bytes of a commit, a welcome, an info */
    IC_SMALL_SEALED_MAX = 16384,
    IC_REPLY_MAX = 4096,
    IC_EPOCH_MAX = INT32_MAX,
    IC_NAMED_MAX = 256, /* participants that one commit welcomes, or removes */
    IC_ADMISSIONS_MAX = 200,
    IC_BEFORE_MAX = 1000,
};

/* Those of the client come first. */
enum ic_message_type {
    IC_MSG_CREATE,
    IC_MSG_JOIN,
    IC_MSG_TRY,
    IC_MSG_CONNECT,
    IC_MSG_RESTART,
    IC_MSG_LIVE,
    IC_MSG_SHOW,
    IC_MSG_SPEAKING,
    IC_MSG_LEAVE,
    IC_MSG_END,
    IC_MSG_CARD, /* an `error` may be `of` those from here on */
    IC_MSG_KNOCK,
    IC_MSG_REPLY,
    IC_MSG_COMMIT,
    IC_MSG_DOOR,
    IC_MSG_REJECT,
    IC_MSG_MESSAGE,
    IC_MSG_ADMISSIONS,
    IC_MSG_KEEPER,
    IC_MSG_FROM_CLIENT, /* how many */
    IC_MSG_CREATED = IC_MSG_FROM_CLIENT,
    IC_MSG_WAITING,
    IC_MSG_ATTENDED,
    IC_MSG_CARDED,
    IC_MSG_OPENED,
    IC_MSG_KNOCKED,
    IC_MSG_UNKNOCKED,
    IC_MSG_REPLIED,
    IC_MSG_RELAYS,
    IC_MSG_JOINED,
    IC_MSG_ENTERED,
    IC_MSG_COMMITTED,
    IC_MSG_CONFLICT,
    IC_MSG_REJECTED,
    IC_MSG_MESSAGE_FROM, /* the server's `message` */
    IC_MSG_LEFT,
    IC_MSG_REMOVED,
    IC_MSG_REPLACED,
    IC_MSG_ANSWER,
    IC_MSG_TRIED,
    IC_MSG_RESTARTED,
    IC_MSG_SLOTS,
    IC_MSG_VOICES,
    IC_MSG_WANTED,
    IC_MSG_PATH,
    IC_MSG_RECONNECT,
    IC_MSG_ENDED,
    IC_MSG_ERROR,
    IC_MSG_TYPES,
};

enum ic_slot_kind {
    IC_SLOT_VOICE,
    IC_SLOT_SCREEN_AUDIO,
    IC_SLOT_STAGE,
    IC_SLOT_TILE,
    IC_SLOT_KINDS
};

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

/* The words of the wire, in the order of their enums; each list ends with NULL. */
extern const char *const ic_stream_words[];
extern const char *const ic_slot_words[];
extern const char *const ic_codec_words[];
extern const char *const ic_layer_words[];
extern const char *const ic_extension_words[];
extern const char *const ic_refusal_words[];

struct ic_msg_line {
    char mid[IC_MID_SIZE];
    bool is_send, is_slot; /* one of the two, or the message is refused */
    bool has_rtx, has_red;
    uint32_t stream; /* enum ic_stream */
    uint32_t slot;   /* enum ic_slot_kind */
    uint32_t codec;  /* enum ic_codec */
    uint32_t pt, rtx, red;
    uint32_t more_pt[IC_CODECS], more_rtx[IC_CODECS]; /* of other codecs; 0: absent */
    uint32_t layers;                                  /* bit 0 l, 1 m, 2 h */
    uint32_t ext[IC_EXTENSIONS];                      /* 1-14; 0: absent */
};

struct ic_msg_live {
    uint32_t stream;
    uint32_t height; /* captured pixels; 0: not said */
};

struct ic_msg_show {
    char mid[IC_MID_SIZE];
    uint8_t participant[IC_ID_LEN];
    uint32_t stream;
    uint32_t height; /* device pixels it is drawn with */
};

/* Participants that a commit names. */
struct ic_msg_named {
    uint8_t ids[IC_NAMED_MAX][IC_ID_LEN];
    uint32_t count;
};

/* From a client. Messages of the server have no struct: messages.h writes them. A `sealed` or
 * `info` that is a text is valid base64url, which is all that is known of it; it lives until
 * ic_message_clear(). */
struct ic_message {
    enum ic_message_type type;
    void *tree; /* owns the texts */
    union {
        struct {
            uint8_t start[IC_TOKEN_LEN];
            uint8_t admission[IC_TOKEN_LEN];
            uint8_t host[IC_TOKEN_LEN];
        } create;
        struct {
            uint8_t meeting[IC_ID_LEN];
            uint8_t proof[IC_TOKEN_LEN];
            uint8_t host[IC_TOKEN_LEN];
            uint8_t resume[IC_TOKEN_LEN];
            uint32_t epoch;
            bool has_host, has_resume, has_epoch;
        } join;
        struct {
            uint8_t meeting[IC_ID_LEN];
            uint8_t proof[IC_TOKEN_LEN];
            uint8_t fingerprint[IC_FINGERPRINT_LEN];
            struct ic_ice_credentials theirs[IC_TRIAL_WAYS];
            uint32_t count;
        } trial;
        struct {
            uint32_t connection;
            struct ic_ice_credentials ice;
            uint8_t fingerprint[IC_FINGERPRINT_LEN];
            struct ic_msg_line lines[IC_LINES_MAX];
            uint32_t line_count;
        } connect;
        struct {
            uint32_t connection;
            struct ic_ice_credentials ice;
        } restart;
        struct {
            struct ic_msg_live streams[IC_STREAMS];
            uint32_t count;
        } live;
        struct {
            struct ic_msg_show slots[IC_SLOTS_MAX];
            uint32_t count;
        } show;
        struct {
            bool speaking;
        } speaking;
        struct {
            const char *sealed;
        } card, message;
        struct {
            const char *sealed;
            bool returning;
        } knock;
        struct {
            uint8_t participant[IC_ID_LEN];
            const char *sealed;
            bool final;
        } reply;
        struct {
            uint32_t epoch;
            const char *sealed;
            bool has_welcome;
            struct {
                struct ic_msg_named participants;
                const char *sealed;
            } welcome;
            struct ic_msg_named removed;
            const char *info; /* NULL: none */
        } commit;
        struct {
            bool open;
            bool has_epoch;
            uint32_t epoch;
            const char *info; /* NULL: none */
        } door;
        struct {
            uint32_t epoch;
            uint8_t commit[IC_TOKEN_LEN]; /* its SHA-256 */
            bool later;                   /* and those after it */
            const char *sealed;
        } reject;
        struct {
            uint8_t hashes[IC_ADMISSIONS_MAX][IC_TOKEN_LEN];
            uint32_t count;
        } admissions;
        struct {
            uint8_t participant[IC_ID_LEN];
            bool keeper;
        } keeper;
    };
};

/* `text` need not end with a zero. On IC_OK the caller owes ic_message_clear(); on error `out` is
 * undefined and owns nothing. */
enum ic_err ic_message_parse(struct ic_message *out, const char *text, size_t len) IC_CHECKED;
void ic_message_clear(struct ic_message *m);

/* The word of a type. */
const char *ic_message_word(enum ic_message_type type);

/* Is `text` any message of the protocol, the server's included? */
bool ic_message_is_sayable(const char *text, size_t len);

/* For the test that compares the table with the document: calls `note` with each type, and each
 * key of it as "type.key.inner". */
void ic_grammar_walk(void (*note)(void *owner, const char *path), void *owner);
