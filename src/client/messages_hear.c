/* Messages from the server (docs/protocol.md, "From the server"). Every object is read with the
 * list of keys that it may have, so that what is not in the grammar is refused. */
#include "client/messages.h"

#include <jansson.h>

static const char *const stream_names[IC_STREAMS] = {
    [IC_STREAM_MICROPHONE] = "microphone",
    [IC_STREAM_CAMERA] = "camera",
    [IC_STREAM_SCREEN] = "screen",
    [IC_STREAM_SCREEN_AUDIO] = "screen_audio",
};
static const char *const codec_names[IC_CODECS] = {"opus", "vp8", "vp9", "av1", "h264"};
static const char *const extension_names[IC_EXTENSIONS] = {
    [IC_EXT_MID] = "mid",
    [IC_EXT_RID] = "rid",
    [IC_EXT_RRID] = "rrid",
    [IC_EXT_TWCC] = "twcc",
    [IC_EXT_ORIENTATION] = "orientation",
    [IC_EXT_DEPENDENCY] = "dependency",
};
static const char *const refusal_names[IC_REFUSALS] = {
    [IC_REFUSED_BAD_MESSAGE] = "bad_message", [IC_REFUSED_NO_ENTRY] = "no_entry",
    [IC_REFUSED_START_USED] = "start_used",   [IC_REFUSED_FULL] = "full",
    [IC_REFUSED_TOO_FAST] = "too_fast",       [IC_REFUSED_NOT_HOST] = "not_host",
    [IC_REFUSED_NOT_KEEPER] = "not_keeper",   [IC_REFUSED_NOT_OPEN] = "not_open",
    [IC_REFUSED_REFUSED] = "refused",         [IC_REFUSED_BAD_CONNECTION] = "bad_connection",
    [IC_REFUSED_NO_MEDIA] = "no_media",       [IC_REFUSED_STOPPING] = "stopping",
};

const char *ic_refusal_name(enum ic_refusal refusal)
{
    return refusal_names[refusal];
}

const char *ic_stream_name(enum ic_stream stream)
{
    return stream_names[stream];
}

bool ic_stream_is_video(enum ic_stream stream)
{
    return stream == IC_STREAM_CAMERA || stream == IC_STREAM_SCREEN;
}

/* Reads one object, key by key. `taken` counts the keys that were there, so that `closed` sees
 * those that nobody asked for. A wrong value sets `bad`. */
struct keys {
    json_t *object;
    size_t taken;
    bool bad;
};

static struct keys keys_of(json_t *object)
{
    return (struct keys){.object = object, .bad = !json_is_object(object)};
}

static json_t *take(struct keys *k, const char *key, bool needed)
{
    json_t *value = json_object_get(k->object, key);
    if (value)
        k->taken++;
    else if (needed)
        k->bad = true;
    return value;
}

/* Whether all keys were asked for and none had a wrong value. */
static bool closed(const struct keys *k)
{
    return !k->bad && json_object_size(k->object) == k->taken;
}

static uint32_t take_number(struct keys *k, const char *key, bool needed, uint32_t max)
{
    json_t *value = take(k, key, needed);
    if (!value)
        return 0;
    json_int_t n = json_is_integer(value) ? json_integer_value(value) : -1;
    if (n < 0 || n > (json_int_t)max) {
        k->bad = true;
        return 0;
    }
    return (uint32_t)n;
}

static bool take_bool(struct keys *k, const char *key)
{
    json_t *value = take(k, key, true);
    if (!json_is_boolean(value))
        k->bad = true;
    return json_is_true(value);
}

static bool take_flag(struct keys *k, const char *key)
{
    json_t *value = take(k, key, false);
    if (value && !json_is_boolean(value))
        k->bad = true;
    return json_is_true(value);
}

static const char *take_text(struct keys *k, const char *key)
{
    const char *text = json_string_value(take(k, key, true));
    if (!text)
        k->bad = true;
    return text ? text : "";
}

/* A text that fits `size` with its zero, and is at least `min` characters. */
static void take_word(struct keys *k, const char *key, char *out, size_t size, size_t min)
{
    const char *text = take_text(k, key);
    size_t len = strlen(text);
    if (len < min || len >= size)
        k->bad = true;
    else
        memcpy(out, text, len + 1);
}

static void take_binary(struct keys *k, const char *key, uint8_t *out, size_t len)
{
    if (ic_base64url_decode(out, len, take_text(k, key)) != IC_OK)
        k->bad = true;
}

/* Base64url that stays a text; NULL when it is absent and not needed. */
static const char *take_sealed(struct keys *k, const char *key, bool needed, size_t max)
{
    json_t *value = take(k, key, needed);
    const char *text = json_string_value(value);
    size_t len = text ? ic_base64url_decoded_len(text) : 0;
    if (value && (len < 1 || len > max || !ic_base64url_is_valid(text)))
        k->bad = true;
    return text;
}

/* The place of the text in `names`. */
static uint32_t take_name(struct keys *k, const char *key, const char *const *names, size_t count)
{
    const char *text = take_text(k, key);
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return (uint32_t)i;
    k->bad = true;
    return 0;
}

/* Calls `read` for each element; false if one is wrong, there are too many, or it is no list. */
static bool take_list(struct keys *k, const char *key, struct ic_heard *h, uint32_t max,
                      bool (*read)(struct ic_heard *, uint32_t, json_t *))
{
    json_t *list = take(k, key, true);
    if (!json_is_array(list) || json_array_size(list) > max)
        return false;
    for (uint32_t i = 0; i < json_array_size(list); i++)
        if (!read(h, i, json_array_get(list, i)))
            return false;
    return true;
}

static void take_ice(struct keys *k, struct ic_ice_credentials *ice)
{
    struct keys inner = keys_of(take(k, "ice", true));
    take_word(&inner, "ufrag", ice->ufrag, sizeof ice->ufrag, 4);
    take_word(&inner, "pwd", ice->pwd, sizeof ice->pwd, 22);
    if (!closed(&inner))
        k->bad = true;
}

static bool read_candidate(struct ic_heard *h, uint32_t i, json_t *object)
{
    static const char *const protocols[] = {"udp", "tcp"};
    struct keys k = keys_of(object);
    struct ic_candidate *c = &h->candidates[i];
    c->tcp = take_name(&k, "protocol", protocols, 2) == 1;
    take_word(&k, "address", c->address, sizeof c->address, 1);
    c->port = (uint16_t)take_number(&k, "port", true, UINT16_MAX);
    h->candidate_count = i + 1;
    return closed(&k) && c->port != 0;
}

static bool read_extension(struct ic_answer_line *line, json_t *name)
{
    for (int i = 0; i < IC_EXTENSIONS; i++) {
        if (json_is_string(name) && strcmp(json_string_value(name), extension_names[i]) == 0) {
            line->extensions |= (uint8_t)(1 << i);
            return true;
        }
    }
    return false;
}

static bool read_line(struct ic_heard *h, uint32_t i, json_t *object)
{
    struct keys k = keys_of(object);
    struct ic_answer_line *line = &h->lines[i];
    take_word(&k, "mid", line->mid, sizeof line->mid, 1);
    line->ssrc = take_number(&k, "ssrc", false, UINT32_MAX);
    line->rtx_ssrc = take_number(&k, "rtx_ssrc", false, UINT32_MAX);
    json_t *extensions = take(&k, "extensions", true);
    if (!json_is_array(extensions))
        return false;
    for (size_t e = 0; e < json_array_size(extensions); e++)
        if (!read_extension(line, json_array_get(extensions, e)))
            return false;
    h->line_count = i + 1;
    return closed(&k);
}

static bool read_slot(struct ic_heard *h, uint32_t i, json_t *object)
{
    struct keys k = keys_of(object);
    struct ic_slot_pointer *slot = &h->slots[i];
    take_word(&k, "mid", slot->mid, sizeof slot->mid, 1);
    take_binary(&k, "participant", slot->participant, sizeof slot->participant);
    slot->stream = (enum ic_stream)take_name(&k, "stream", stream_names, IC_STREAMS);
    h->slot_count = i + 1;
    return closed(&k);
}

static void read_created(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "meeting", h->id, sizeof h->id);
}

static void read_waiting(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "participant", h->id, sizeof h->id);
    take_binary(k, "resume", h->resume, sizeof h->resume);
    h->attended = take_bool(k, "attended");
    h->sealed = take_sealed(k, "card", false, IC_SMALL_SEALED_MAX);
    h->info = take_sealed(k, "info", false, IC_HANDSHAKE_MAX);
}

static void read_attended(struct keys *k, struct ic_heard *h)
{
    h->attended = take_bool(k, "attended");
}

static void read_carded(struct keys *k, struct ic_heard *h)
{
    h->sealed = take_sealed(k, "sealed", true, IC_SMALL_SEALED_MAX);
}

static void read_opened(struct keys *k, struct ic_heard *h)
{
    h->open = take_bool(k, "open");
    h->info = take_sealed(k, "info", false, IC_HANDSHAKE_MAX);
}

static void read_knocked(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "participant", h->id, sizeof h->id);
    h->sealed = take_sealed(k, "sealed", true, IC_SMALL_SEALED_MAX);
    h->returning = take_flag(k, "returning");
    h->before = take_number(k, "before", false, IC_BEFORE_MAX);
}

static void read_participant(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "participant", h->id, sizeof h->id);
}

static void read_replied(struct keys *k, struct ic_heard *h)
{
    h->sealed = take_sealed(k, "sealed", true, IC_REPLY_MAX);
    h->final = take_bool(k, "final");
}

static bool read_member(struct ic_heard *h, uint32_t i, json_t *id)
{
    const char *text = json_string_value(id);
    h->member_count = i + 1;
    return text && ic_base64url_decode(h->members[i], sizeof h->members[i], text) == IC_OK;
}

static void read_joined(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "participant", h->id, sizeof h->id);
    take_binary(k, "resume", h->resume, sizeof h->resume);
    h->host = take_bool(k, "host");
    h->keeper = take_bool(k, "keeper");
    h->epoch = take_number(k, "epoch", true, IC_EPOCH_MAX);
    if (!take_list(k, "people", h, IC_MEMBERS_MAX, read_member))
        k->bad = true;
    h->behind = take_flag(k, "behind");
    h->welcome = take_sealed(k, "welcome", false, IC_HANDSHAKE_MAX);
    h->info = take_sealed(k, "info", false, IC_HANDSHAKE_MAX);
    h->sealed = take_sealed(k, "card", false, IC_SMALL_SEALED_MAX);
}

static void read_committed(struct keys *k, struct ic_heard *h)
{
    h->epoch = take_number(k, "epoch", true, IC_EPOCH_MAX);
    take_binary(k, "from", h->id, sizeof h->id);
    h->sealed = take_sealed(k, "sealed", true, IC_HANDSHAKE_MAX);
}

static void read_conflict(struct keys *k, struct ic_heard *h)
{
    h->epoch = take_number(k, "epoch", true, IC_EPOCH_MAX);
    h->info = take_sealed(k, "info", false, IC_HANDSHAKE_MAX);
}

static void read_rejected(struct keys *k, struct ic_heard *h)
{
    h->epoch = take_number(k, "epoch", true, IC_EPOCH_MAX);
    h->sealed = take_sealed(k, "sealed", true, IC_SMALL_SEALED_MAX);
}

static void read_message(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "from", h->id, sizeof h->id);
    h->sealed = take_sealed(k, "sealed", true, IC_SMALL_SEALED_MAX);
}

static void read_left(struct keys *k, struct ic_heard *h)
{
    take_binary(k, "participant", h->id, sizeof h->id);
    h->gone = take_flag(k, "gone");
}

/* Where the TURN servers are is of no use: this client speaks to the media server only. */
static void read_relays(struct keys *k, struct ic_heard *h)
{
    json_t *servers = take(k, "servers", true);
    if (!json_is_array(servers))
        k->bad = true;
    h->only = take_bool(k, "only");
}

static void read_answer(struct keys *k, struct ic_heard *h)
{
    h->connection = take_number(k, "connection", true, UINT32_MAX);
    take_ice(k, &h->ice);
    take_binary(k, "fingerprint", h->fingerprint, sizeof h->fingerprint);
    if (!take_list(k, "candidates", h, IC_CANDIDATES_MAX, read_candidate) ||
        !take_list(k, "lines", h, IC_LINES_MAX, read_line))
        k->bad = true;
}

/* Never asked for here. */
static void read_tried(struct keys *k, struct ic_heard *h)
{
    read_relays(k, h);
    take_binary(k, "fingerprint", h->fingerprint, sizeof h->fingerprint);
    json_t *ways = take(k, "ways", true);
    if (!take_list(k, "candidates", h, IC_CANDIDATES_MAX, read_candidate) || !json_is_array(ways))
        k->bad = true;
}

static void read_restarted(struct keys *k, struct ic_heard *h)
{
    h->connection = take_number(k, "connection", true, UINT32_MAX);
    take_ice(k, &h->ice);
}

static void read_slots(struct keys *k, struct ic_heard *h)
{
    if (!take_list(k, "slots", h, IC_SLOTS_MAX, read_slot))
        k->bad = true;
}

static void read_voices(struct keys *k, struct ic_heard *h)
{
    h->crowded = take_bool(k, "crowded");
}

static void read_wanted(struct keys *k, struct ic_heard *h)
{
    h->stream = (enum ic_stream)take_name(k, "stream", stream_names, IC_STREAMS);
    h->layers = take_number(k, "layers", true, IC_LAYERS);
    (void)take_name(k, "codec", codec_names, IC_CODECS); /* it has one only */
    if (h->layers == 0)
        k->bad = true;
}

static void read_path(struct keys *k, struct ic_heard *h)
{
    (void)h; /* its numbers are for people to read */
    (void)take_number(k, "bps", true, UINT32_MAX);
    (void)take_number(k, "lowered", true, IC_SLOTS_MAX);
    (void)take_number(k, "dark", true, IC_SLOTS_MAX);
}

static void read_nothing(struct keys *k, struct ic_heard *h)
{
    (void)k, (void)h;
}

static void read_error(struct keys *k, struct ic_heard *h)
{
    h->refusal = (enum ic_refusal)take_name(k, "code", refusal_names, IC_REFUSALS);
    h->retry_after_ms = take_number(k, "retry_after", false, UINT32_MAX);
    json_t *of = take(k, "of", false);
    h->refused_type = json_string_value(of);
    if (of && !h->refused_type)
        k->bad = true;
}

static const struct {
    const char *name;
    void (*read)(struct keys *k, struct ic_heard *h);
} types[] = {
    [IC_HEARD_CREATED] = {"created", read_created},
    [IC_HEARD_WAITING] = {"waiting", read_waiting},
    [IC_HEARD_ATTENDED] = {"attended", read_attended},
    [IC_HEARD_CARDED] = {"carded", read_carded},
    [IC_HEARD_OPENED] = {"opened", read_opened},
    [IC_HEARD_KNOCKED] = {"knocked", read_knocked},
    [IC_HEARD_UNKNOCKED] = {"unknocked", read_participant},
    [IC_HEARD_REPLIED] = {"replied", read_replied},
    [IC_HEARD_RELAYS] = {"relays", read_relays},
    [IC_HEARD_JOINED] = {"joined", read_joined},
    [IC_HEARD_ENTERED] = {"entered", read_participant},
    [IC_HEARD_COMMITTED] = {"committed", read_committed},
    [IC_HEARD_CONFLICT] = {"conflict", read_conflict},
    [IC_HEARD_REJECTED] = {"rejected", read_rejected},
    [IC_HEARD_MESSAGE] = {"message", read_message},
    [IC_HEARD_LEFT] = {"left", read_left},
    [IC_HEARD_REMOVED] = {"removed", read_nothing},
    [IC_HEARD_REPLACED] = {"replaced", read_nothing},
    [IC_HEARD_ANSWER] = {"answer", read_answer},
    [IC_HEARD_TRIED] = {"tried", read_tried},
    [IC_HEARD_RESTARTED] = {"restarted", read_restarted},
    [IC_HEARD_SLOTS] = {"slots", read_slots},
    [IC_HEARD_VOICES] = {"voices", read_voices},
    [IC_HEARD_WANTED] = {"wanted", read_wanted},
    [IC_HEARD_PATH] = {"path", read_path},
    [IC_HEARD_RECONNECT] = {"reconnect", read_nothing},
    [IC_HEARD_ENDED] = {"ended", read_nothing},
    [IC_HEARD_ERROR] = {"error", read_error},
};

enum ic_err ic_heard_parse(struct ic_heard *out, struct ic_bytes text)
{
    json_t *tree = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);
    struct keys k = keys_of(tree);
    const char *name = take_text(&k, "type");

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < IC_COUNT(types); i++) {
        if (k.bad || strcmp(types[i].name, name) != 0)
            continue;
        out->type = (enum ic_heard_type)i;
        types[i].read(&k, out);
        if (!closed(&k))
            break;
        out->tree = tree;
        return IC_OK;
    }
    json_decref(tree);
    return IC_ERR_MALFORMED;
}

void ic_heard_clear(struct ic_heard *heard)
{
    json_decref(heard->tree);
    heard->tree = NULL;
}
