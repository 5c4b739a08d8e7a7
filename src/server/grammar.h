/* grammar.h - every message that can be said, as one table (docs/protocol.md in C).
 *
 * Text from a client becomes a `struct ic_message` whose every value has been checked, or nothing.
 * What the table does not list is refused: types, keys, values, depth, duplicates. */
#pragma once

#include "base/base.h"
#include "media/control.h"

enum {
    IC_MESSAGE_DEPTH_MAX = 8,
    IC_ID_LEN = 16,    /* meetings and participants */
    IC_TOKEN_LEN = 32, /* proofs, start and resume tokens, and SHA-256 values */
    IC_SEALED_MAX = 4096,
    IC_SLOTS_MAX = 32,
};

/* Those of the client come first. */
enum ic_message_type {
    IC_MSG_CREATE,
    IC_MSG_JOIN,
    IC_MSG_ANNOUNCE,
    IC_MSG_CONNECT,
    IC_MSG_RESTART,
    IC_MSG_LIVE,
    IC_MSG_SHOW,
    IC_MSG_SPEAKING,
    IC_MSG_LEAVE,
    IC_MSG_END,
    IC_MSG_FROM_CLIENT, /* how many */
    IC_MSG_CREATED = IC_MSG_FROM_CLIENT,
    IC_MSG_JOINED,
    IC_MSG_ANNOUNCED,
    IC_MSG_LEFT,
    IC_MSG_ANSWER,
    IC_MSG_RESTARTED,
    IC_MSG_SLOTS,
    IC_MSG_VOICES,
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
    bool has_rtx;
    uint32_t stream; /* enum ic_stream */
    uint32_t slot;   /* enum ic_slot_kind */
    uint32_t codec;  /* enum ic_codec */
    uint32_t pt, rtx;
    uint32_t layers;             /* bit 0 l, 1 m, 2 h */
    uint32_t ext[IC_EXTENSIONS]; /* 1-14; 0: absent */
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

/* From a client. Messages of the server have no struct: messages.h writes them. */
struct ic_message {
    enum ic_message_type type;
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
            bool has_host, has_resume;
        } join;
        struct {
            uint8_t sealed[IC_SEALED_MAX];
            uint32_t sealed_len;
        } announce;
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
    };
};

/* `text` need not end with a zero. On error `out` is undefined. */
enum ic_err ic_message_parse(struct ic_message *out, const char *text, size_t len) IC_CHECKED;

/* Is `text` any message of the protocol, the server's included? */
bool ic_message_is_sayable(const char *text, size_t len);

/* For the test that compares the table with the document: calls `note` with each type, and each
 * key of it as "type.key.inner". */
void ic_grammar_walk(void (*note)(void *owner, const char *path), void *owner);
