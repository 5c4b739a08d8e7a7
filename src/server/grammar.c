/* grammar.c - the table: what each message holds, and where in the struct it goes. */
#include "server/grammar.h"

#include "server/shape.h"

const char *const ic_stream_words[] = {"microphone", "camera", "screen", "screen_audio", NULL};
const char *const ic_slot_words[] = {"voice", "screen_audio", "stage", "tile", NULL};
const char *const ic_codec_words[] = {"opus", "vp8", "vp9", "av1", "h264", NULL};
const char *const ic_layer_words[] = {"l", "m", "h", NULL};
const char *const ic_extension_words[] = {"mid",         "rid",        "rrid", "twcc",
                                          "orientation", "dependency", NULL};
const char *const ic_refusal_words[] = {
    "bad_message", "no_entry", "start_used",     "full",     "too_fast", "not_host", "not_keeper",
    "not_open",    "refused",  "bad_connection", "no_media", "stopping", NULL};
static const char *const of_words[] = {"card",   "knock",   "reply",      "commit", "door",
                                       "reject", "message", "admissions", "keeper", NULL};
static const char *const protocol_words[] = {"udp", "tcp", NULL};

#define LETTERS_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
static const char *const ice_chars[] = {LETTERS_DIGITS "+/", NULL};
static const char *const mid_chars[] = {LETTERS_DIGITS "-_.", NULL};
static const char *const url_chars[] = {LETTERS_DIGITS ".-:[]?=", NULL};
static const char *const username_chars[] = {LETTERS_DIGITS ":", NULL};
static const char *const credential_chars[] = {LETTERS_DIGITS "+/=", NULL};
static const char *const address_chars[] = {"0123456789abcdefABCDEF.:", NULL};

enum {
    HEIGHT_MAX = 8640,
    CONNECTION_MAX = 1000000000,
    CANDIDATES_MAX = 64,
    PORT_MAX = 65535,
    RETRY_MAX = 3600000,
    RELAYS_MAX = 4,
};

#define M(member) offsetof(struct ic_message, member)
#define ICE(member) offsetof(struct ic_ice_credentials, member)
#define LINE(member) offsetof(struct ic_msg_line, member)
#define LIVE(member) offsetof(struct ic_msg_live, member)
#define SHOW(member) offsetof(struct ic_msg_show, member)

/* clang-format off */
#define ID(...) {.kind = IC_FIELD_BINARY, .max = IC_ID_LEN, .key = __VA_ARGS__}
#define TOKEN(...) {.kind = IC_FIELD_BINARY, .max = IC_TOKEN_LEN, .key = __VA_ARGS__}
#define FINGERPRINT(...) {.key = "fingerprint", .kind = IC_FIELD_BINARY, .max = IC_FINGERPRINT_LEN, __VA_ARGS__}
#define MID(...) {.key = "mid", .kind = IC_FIELD_TEXT, .min = 1, .max = IC_MID_SIZE - 1, .words = mid_chars, __VA_ARGS__}
#define STREAM(...) {.key = "stream", .kind = IC_FIELD_WORD, .words = ic_stream_words, __VA_ARGS__}
#define HEIGHT(...) {.key = "height", .kind = IC_FIELD_NUMBER, .min = 1, .max = HEIGHT_MAX, __VA_ARGS__}
#define CONNECTION(...) {.key = "connection", .kind = IC_FIELD_NUMBER, .min = 1, .max = CONNECTION_MAX, __VA_ARGS__}
#define SSRC(...) {.kind = IC_FIELD_NUMBER, .min = 1, .max = UINT32_MAX, .optional = true, .key = __VA_ARGS__}
#define EXTENSION(name, which) {.key = name, .kind = IC_FIELD_NUMBER, .min = 1, .max = 14, .optional = true, .at = (which) * sizeof(uint32_t)}
#define MORE_PT(name, member) {.key = name, .kind = IC_FIELD_NUMBER, .min = 1, .max = 127, .at = LINE(member), .optional = true}
#define EPOCH(...) {.key = "epoch", .kind = IC_FIELD_NUMBER, .max = IC_EPOCH_MAX, __VA_ARGS__}
#define FLAG(...) {.kind = IC_FIELD_SWITCH, .key = __VA_ARGS__}
#define OPAQUE_TEXT(most, ...) {.kind = IC_FIELD_OPAQUE, .min = 1, .max = (most), .key = __VA_ARGS__}
#define SMALL(...) OPAQUE_TEXT(IC_SMALL_SEALED_MAX, "sealed", __VA_ARGS__)
#define HANDSHAKE(...) OPAQUE_TEXT(IC_HANDSHAKE_MAX, __VA_ARGS__)
#define IDS(most, ...) {.kind = IC_FIELD_BINARIES, .size = IC_ID_LEN, .max = (most), .key = __VA_ARGS__}
#define NESTED(inner, ...) {.kind = IC_FIELD_OBJECT, .shape = &(inner), .key = __VA_ARGS__}
#define LIST_OF(inner, ...) {.kind = IC_FIELD_LIST, .shape = &(inner), .key = __VA_ARGS__}
#define SHAPE(...) {(const struct ic_field[]){__VA_ARGS__, {0}}}
#define NO_FIELDS {(const struct ic_field[]){{0}}}

static const struct ic_shape ice = SHAPE(
    {.key = "ufrag", .kind = IC_FIELD_TEXT, .min = 4, .max = 256, .words = ice_chars, .at = ICE(ufrag)},
    {.key = "pwd", .kind = IC_FIELD_TEXT, .min = 22, .max = 256, .words = ice_chars, .at = ICE(pwd)});

static const struct ic_shape extension_ids = SHAPE(
    EXTENSION("mid", IC_EXT_MID), EXTENSION("rid", IC_EXT_RID), EXTENSION("rrid", IC_EXT_RRID),
    EXTENSION("twcc", IC_EXT_TWCC), EXTENSION("orientation", IC_EXT_ORIENTATION),
    EXTENSION("dependency", IC_EXT_DEPENDENCY));

static const struct ic_shape offered_line = SHAPE(
    MID(.at = LINE(mid)),
    STREAM(.at = LINE(stream), .optional = true, .has = LINE(is_send)),
    {.key = "slot", .kind = IC_FIELD_WORD, .words = ic_slot_words, .at = LINE(slot), .optional = true, .has = LINE(is_slot)},
    {.key = "codec", .kind = IC_FIELD_WORD, .words = ic_codec_words, .at = LINE(codec)},
    {.key = "pt", .kind = IC_FIELD_NUMBER, .min = 1, .max = 127, .at = LINE(pt)},
    {.key = "rtx", .kind = IC_FIELD_NUMBER, .min = 1, .max = 127, .at = LINE(rtx), .optional = true, .has = LINE(has_rtx)},
    {.key = "red", .kind = IC_FIELD_NUMBER, .min = 1, .max = 127, .at = LINE(red), .optional = true, .has = LINE(has_red)},
    MORE_PT("vp9", more_pt[IC_CODEC_VP9]), MORE_PT("vp9_rtx", more_rtx[IC_CODEC_VP9]),
    MORE_PT("av1", more_pt[IC_CODEC_AV1]), MORE_PT("av1_rtx", more_rtx[IC_CODEC_AV1]),
    MORE_PT("h264", more_pt[IC_CODEC_H264]), MORE_PT("h264_rtx", more_rtx[IC_CODEC_H264]),
    {.key = "layers", .kind = IC_FIELD_WORD_SET, .words = ic_layer_words, .at = LINE(layers), .optional = true},
    NESTED(extension_ids, "extensions", .at = LINE(ext)));

static const struct ic_shape live_stream = SHAPE(
    STREAM(.at = LIVE(stream)), HEIGHT(.at = LIVE(height), .optional = true));

static const struct ic_shape wish = SHAPE(
    MID(.at = SHOW(mid)), ID("participant", .at = SHOW(participant)), STREAM(.at = SHOW(stream)),
    HEIGHT(.at = SHOW(height)));

static const struct ic_shape candidate = SHAPE(
    {.key = "protocol", .kind = IC_FIELD_WORD, .words = protocol_words},
    {.key = "address", .kind = IC_FIELD_TEXT, .min = 2, .max = 45, .words = address_chars},
    {.key = "port", .kind = IC_FIELD_NUMBER, .min = 1, .max = PORT_MAX});
static const struct ic_shape relay = SHAPE(
    {.key = "url", .kind = IC_FIELD_TEXT, .min = 8, .max = 127, .words = url_chars},
    {.key = "username", .kind = IC_FIELD_TEXT, .min = 1, .max = 31, .words = username_chars},
    {.key = "credential", .kind = IC_FIELD_TEXT, .min = 28, .max = 28, .words = credential_chars});
static const struct ic_shape answered_line = SHAPE(
    MID(), {.key = "extensions", .kind = IC_FIELD_WORD_SET, .words = ic_extension_words},
    SSRC("ssrc"), SSRC("rtx_ssrc"));
static const struct ic_shape pointed_slot = SHAPE(MID(), ID("participant"), STREAM());

#define WELCOME(member) (offsetof(struct ic_message, commit.welcome.member) - offsetof(struct ic_message, commit.welcome))
static const struct ic_shape welcome = SHAPE(
    IDS(IC_NAMED_MAX, "participants", .min = 1, .at = WELCOME(participants.ids), .count = WELCOME(participants.count)),
    HANDSHAKE("sealed", .at = WELCOME(sealed)));

static const struct {
    const char *name;
    struct ic_shape shape;
} messages[IC_MSG_TYPES] = {
    [IC_MSG_CREATE] = {"create", SHAPE(
        TOKEN("start", .at = M(create.start)), TOKEN("admission", .at = M(create.admission)),
        TOKEN("host", .at = M(create.host)))},
    [IC_MSG_JOIN] = {"join", SHAPE(
        ID("meeting", .at = M(join.meeting)), TOKEN("proof", .at = M(join.proof)),
        TOKEN("host", .at = M(join.host), .optional = true, .has = M(join.has_host)),
        TOKEN("resume", .at = M(join.resume), .optional = true, .has = M(join.has_resume)),
        EPOCH(.at = M(join.epoch), .optional = true, .has = M(join.has_epoch)))},
    [IC_MSG_TRY] = {"try", SHAPE(
        ID("meeting", .at = M(trial.meeting)), TOKEN("proof", .at = M(trial.proof)),
        FINGERPRINT(.at = M(trial.fingerprint)),
        LIST_OF(ice, "ways", .min = 1, .max = IC_TRIAL_WAYS, .at = M(trial.theirs),
                .size = sizeof(struct ic_ice_credentials), .count = M(trial.count)))},
    [IC_MSG_CONNECT] = {"connect", SHAPE(
        CONNECTION(.at = M(connect.connection)), NESTED(ice, "ice", .at = M(connect.ice)),
        FINGERPRINT(.at = M(connect.fingerprint)),
        LIST_OF(offered_line, "lines", .max = IC_LINES_MAX, .at = M(connect.lines),
                .size = sizeof(struct ic_msg_line), .count = M(connect.line_count)))},
    [IC_MSG_RESTART] = {"restart", SHAPE(
        CONNECTION(.at = M(restart.connection)), NESTED(ice, "ice", .at = M(restart.ice)))},
    [IC_MSG_LIVE] = {"live", SHAPE(
        LIST_OF(live_stream, "streams", .max = IC_STREAMS, .at = M(live.streams),
                .size = sizeof(struct ic_msg_live), .count = M(live.count)))},
    [IC_MSG_SHOW] = {"show", SHAPE(
        LIST_OF(wish, "slots", .max = IC_SLOTS_MAX, .at = M(show.slots), .size = sizeof(struct ic_msg_show),
                .count = M(show.count)))},
    [IC_MSG_SPEAKING] = {"speaking", SHAPE(
        {.key = "speaking", .kind = IC_FIELD_SWITCH, .at = M(speaking.speaking)})},
    [IC_MSG_LEAVE] = {"leave", NO_FIELDS},
    [IC_MSG_END] = {"end", NO_FIELDS},
    [IC_MSG_CARD] = {"card", SHAPE(SMALL(.at = M(card.sealed)))},
    [IC_MSG_KNOCK] = {"knock", SHAPE(
        SMALL(.at = M(knock.sealed)), FLAG("returning", .at = M(knock.returning), .optional = true))},
    [IC_MSG_REPLY] = {"reply", SHAPE(
        ID("participant", .at = M(reply.participant)), OPAQUE_TEXT(IC_REPLY_MAX, "sealed", .at = M(reply.sealed)),
        FLAG("final", .at = M(reply.final)))},
    [IC_MSG_COMMIT] = {"commit", SHAPE(
        EPOCH(.at = M(commit.epoch)), HANDSHAKE("sealed", .at = M(commit.sealed)),
        NESTED(welcome, "welcome", .at = M(commit.welcome), .optional = true, .has = M(commit.has_welcome)),
        IDS(IC_NAMED_MAX, "removed", .min = 1, .at = M(commit.removed.ids), .count = M(commit.removed.count), .optional = true),
        HANDSHAKE("info", .at = M(commit.info), .optional = true))},
    [IC_MSG_DOOR] = {"door", SHAPE(
        FLAG("open", .at = M(door.open)), EPOCH(.at = M(door.epoch), .optional = true, .has = M(door.has_epoch)),
        HANDSHAKE("info", .at = M(door.info), .optional = true))},
    [IC_MSG_REJECT] = {"reject", SHAPE(EPOCH(.at = M(reject.epoch)), TOKEN("commit", .at = M(reject.commit)),
        FLAG("later", .at = M(reject.later), .optional = true), SMALL(.at = M(reject.sealed)))},
    [IC_MSG_MESSAGE] = {"message", SHAPE(SMALL(.at = M(message.sealed)))},
    [IC_MSG_ADMISSIONS] = {"admissions", SHAPE(
        {.key = "hashes", .kind = IC_FIELD_BINARIES, .size = IC_TOKEN_LEN, .min = 1, .max = IC_ADMISSIONS_MAX,
         .at = M(admissions.hashes), .count = M(admissions.count)})},
    [IC_MSG_KEEPER] = {"keeper", SHAPE(
        ID("participant", .at = M(keeper.participant)), FLAG("keeper", .at = M(keeper.keeper)))},

    [IC_MSG_CREATED] = {"created", SHAPE(ID("meeting"))},
    [IC_MSG_WAITING] = {"waiting", SHAPE(
        ID("participant"), TOKEN("resume"), FLAG("attended"),
        OPAQUE_TEXT(IC_SMALL_SEALED_MAX, "card", .optional = true), HANDSHAKE("info", .optional = true))},
    [IC_MSG_ATTENDED] = {"attended", SHAPE(FLAG("attended"))},
    [IC_MSG_CARDED] = {"carded", SHAPE(SMALL())},
    [IC_MSG_OPENED] = {"opened", SHAPE(FLAG("open"), HANDSHAKE("info", .optional = true))},
    [IC_MSG_KNOCKED] = {"knocked", SHAPE(
        ID("participant"), SMALL(), FLAG("returning", .optional = true),
        {.key = "before", .kind = IC_FIELD_NUMBER, .min = 1, .max = IC_BEFORE_MAX, .optional = true})},
    [IC_MSG_UNKNOCKED] = {"unknocked", SHAPE(ID("participant"))},
    [IC_MSG_REPLIED] = {"replied", SHAPE(OPAQUE_TEXT(IC_REPLY_MAX, "sealed"), FLAG("final"))},
    [IC_MSG_RELAYS] = {"relays", SHAPE(FLAG("only"), LIST_OF(relay, "servers", .max = RELAYS_MAX))},
    [IC_MSG_JOINED] = {"joined", SHAPE(
        ID("participant"), TOKEN("resume"), FLAG("host"), FLAG("keeper"), EPOCH(), IDS(IC_PEOPLE_MAX, "people"),
        FLAG("behind", .optional = true), HANDSHAKE("welcome", .optional = true), HANDSHAKE("info", .optional = true),
        OPAQUE_TEXT(IC_SMALL_SEALED_MAX, "card", .optional = true))},
    [IC_MSG_ENTERED] = {"entered", SHAPE(ID("participant"))},
    [IC_MSG_COMMITTED] = {"committed", SHAPE(EPOCH(), ID("from"), HANDSHAKE("sealed"))},
    [IC_MSG_CONFLICT] = {"conflict", SHAPE(EPOCH(), HANDSHAKE("info", .optional = true))},
    [IC_MSG_REJECTED] = {"rejected", SHAPE(EPOCH(), SMALL())},
    [IC_MSG_MESSAGE_FROM] = {"message", SHAPE(ID("from"), SMALL())},
    [IC_MSG_LEFT] = {"left", SHAPE(ID("participant"), FLAG("gone", .optional = true))},
    [IC_MSG_REMOVED] = {"removed", NO_FIELDS},
    [IC_MSG_REPLACED] = {"replaced", NO_FIELDS},
    [IC_MSG_ANSWER] = {"answer", SHAPE(
        CONNECTION(), NESTED(ice, "ice"),
        FINGERPRINT(),
        LIST_OF(candidate, "candidates", .max = CANDIDATES_MAX), LIST_OF(answered_line, "lines", .max = IC_LINES_MAX))},
    [IC_MSG_TRIED] = {"tried", SHAPE(
        FINGERPRINT(), LIST_OF(candidate, "candidates", .max = CANDIDATES_MAX), LIST_OF(ice, "ways", .min = 1, .max = IC_TRIAL_WAYS),
        FLAG("only"), LIST_OF(relay, "servers", .max = RELAYS_MAX))},
    [IC_MSG_RESTARTED] = {"restarted", SHAPE(CONNECTION(), NESTED(ice, "ice"))},
    [IC_MSG_SLOTS] = {"slots", SHAPE(LIST_OF(pointed_slot, "slots", .max = IC_SLOTS_MAX))},
    [IC_MSG_VOICES] = {"voices", SHAPE({.key = "crowded", .kind = IC_FIELD_SWITCH})},
    [IC_MSG_WANTED] = {"wanted", SHAPE(
        {.key = "stream", .kind = IC_FIELD_WORD, .words = ic_stream_words},
        {.key = "layers", .kind = IC_FIELD_NUMBER, .min = 1, .max = IC_LAYERS},
        {.key = "codec", .kind = IC_FIELD_WORD, .words = ic_codec_words})},
    [IC_MSG_PATH] = {"path", SHAPE(
        {.key = "bps", .kind = IC_FIELD_NUMBER, .max = UINT32_MAX},
        {.key = "lowered", .kind = IC_FIELD_NUMBER, .max = IC_SLOTS_MAX},
        {.key = "dark", .kind = IC_FIELD_NUMBER, .max = IC_SLOTS_MAX})},
    [IC_MSG_RECONNECT] = {"reconnect", NO_FIELDS},
    [IC_MSG_ENDED] = {"ended", NO_FIELDS},
    [IC_MSG_ERROR] = {"error", SHAPE(
        {.key = "code", .kind = IC_FIELD_WORD, .words = ic_refusal_words},
        {.key = "of", .kind = IC_FIELD_WORD, .words = of_words, .optional = true},
        {.key = "retry_after", .kind = IC_FIELD_NUMBER, .max = RETRY_MAX, .optional = true})},
};
/* clang-format on */

/* A line sends or receives, never both; simulcast layers are of what is sent. */
static bool lines_make_sense(const struct ic_message *m)
{
    for (uint32_t i = 0; i < m->connect.line_count; i++) {
        const struct ic_msg_line *line = &m->connect.lines[i];
        if (line->is_send == line->is_slot || (line->is_slot && line->layers != 0))
            return false;
    }
    return true;
}

/* An open door comes with an info and its epoch, a closed one with neither. */
static bool door_makes_sense(const struct ic_message *m)
{
    return m->door.open == m->door.has_epoch && m->door.open == (m->door.info != NULL);
}

static bool makes_sense(const struct ic_message *m)
{
    return m->type == IC_MSG_CONNECT ? lines_make_sense(m)
           : m->type == IC_MSG_DOOR  ? door_makes_sense(m)
                                     : true;
}

enum ic_err ic_message_parse(struct ic_message *out, const char *text, size_t len)
{
    json_t *root = ic_shape_load(text, len);
    const char *type = json_string_value(json_object_get(root, "type"));
    enum ic_err err = IC_ERR_MALFORMED;

    memset(out, 0, sizeof *out);
    for (int i = 0; type && i < IC_MSG_FROM_CLIENT; i++) {
        if (strcmp(messages[i].name, type) != 0)
            continue;
        out->type = (enum ic_message_type)i;
        if (ic_shape_read(&messages[i].shape, (char *)out, root, 1))
            err = IC_OK;
    }
    if (err == IC_OK && !makes_sense(out))
        err = IC_ERR_MALFORMED;
    if (err == IC_OK)
        out->tree = root;
    else
        json_decref(root);
    return err;
}

void ic_message_clear(struct ic_message *m)
{
    json_decref(m->tree);
    m->tree = NULL;
}

const char *ic_message_word(enum ic_message_type type)
{
    return messages[type].name;
}

bool ic_message_is_sayable(const char *text, size_t len)
{
    json_t *root = ic_shape_load(text, len);
    const char *type = json_string_value(json_object_get(root, "type"));
    bool known = false;

    for (int i = 0; type && i < IC_MSG_TYPES; i++)
        if (strcmp(messages[i].name, type) == 0)
            known = known || ic_shape_read(&messages[i].shape, NULL, root, 1);
    json_decref(root);
    return known;
}

void ic_grammar_walk(void (*note)(void *owner, const char *path), void *owner)
{
    for (int i = 0; i < IC_MSG_TYPES; i++)
        ic_shape_walk(&messages[i].shape, messages[i].name, note, owner);
}
