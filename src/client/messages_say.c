/* Messages from the client, as JSON (docs/protocol.md, "From the client"). */
#include "client/messages.h"

#include <jansson.h>
#include <stdlib.h>

static const char *const slot_names[IC_SLOT_KINDS] = {
    [IC_SLOT_VOICE] = "voice",
    [IC_SLOT_SCREEN_AUDIO] = "screen_audio",
    [IC_SLOT_STAGE] = "stage",
    [IC_SLOT_TILE] = "tile",
};
static const char *const extension_names[IC_EXTENSIONS] = {
    [IC_EXT_MID] = "mid",
    [IC_EXT_RID] = "rid",
    [IC_EXT_RRID] = "rrid",
    [IC_EXT_TWCC] = "twcc",
    [IC_EXT_ORIENTATION] = "orientation",
    [IC_EXT_DEPENDENCY] = "dependency",
};
static const char *const layer_names[IC_LAYERS] = {"l", "m", "h"};

/* Without memory for a few hundred bytes there is nothing sensible left to do. */
static json_t *some(json_t *value)
{
    if (!value)
        abort();
    return value;
}

static void put(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, some(value)) != 0)
        abort();
}

static void append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, some(value)) != 0)
        abort();
}

static json_t *binary(const uint8_t *at, size_t len)
{
    char *text = malloc(IC_BASE64URL_LEN(len) + 1);
    if (!text)
        abort();
    ic_base64url_encode(text, (struct ic_bytes){at, len});
    json_t *value = some(json_string(text));
    free(text);
    return value;
}

static json_t *message(const char *type)
{
    json_t *object = some(json_object());
    put(object, "type", json_string(type));
    return object;
}

static char *text_of(json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (!text)
        abort();
    return text;
}

char *ic_say_create(const uint8_t start[IC_LINK_TOKEN_LEN], const uint8_t admission[IC_PROOF_LEN],
                    const uint8_t host[IC_PROOF_LEN])
{
    json_t *m = message("create");
    put(m, "start", binary(start, IC_LINK_TOKEN_LEN));
    put(m, "admission", binary(admission, IC_PROOF_LEN));
    put(m, "host", binary(host, IC_PROOF_LEN));
    return text_of(m);
}

char *ic_say_join(const uint8_t meeting[IC_MEETING_LEN], const uint8_t proof[IC_PROOF_LEN],
                  const uint8_t *host, const uint8_t *resume, const uint32_t *epoch)
{
    json_t *m = message("join");
    put(m, "meeting", binary(meeting, IC_MEETING_LEN));
    put(m, "proof", binary(proof, IC_PROOF_LEN));
    if (host)
        put(m, "host", binary(host, IC_PROOF_LEN));
    if (resume)
        put(m, "resume", binary(resume, IC_RESUME_LEN));
    if (epoch)
        put(m, "epoch", json_integer(*epoch));
    return text_of(m);
}

static void put_sealed(json_t *object, const char *key, struct ic_bytes sealed)
{
    put(object, key, binary(sealed.at, sealed.len));
}

static char *only_sealed(const char *type, struct ic_bytes sealed)
{
    json_t *m = message(type);
    put_sealed(m, "sealed", sealed);
    return text_of(m);
}

char *ic_say_card(struct ic_bytes sealed)
{
    return only_sealed("card", sealed);
}

char *ic_say_message(struct ic_bytes sealed)
{
    return only_sealed("message", sealed);
}

char *ic_say_knock(struct ic_bytes sealed, bool returning)
{
    json_t *m = message("knock");
    put_sealed(m, "sealed", sealed);
    if (returning)
        put(m, "returning", json_true());
    return text_of(m);
}

char *ic_say_reply(const uint8_t participant[IC_PARTICIPANT_LEN], struct ic_bytes sealed,
                   bool final)
{
    json_t *m = message("reply");
    put(m, "participant", binary(participant, IC_PARTICIPANT_LEN));
    put_sealed(m, "sealed", sealed);
    put(m, "final", json_boolean(final));
    return text_of(m);
}

static json_t *ids(const uint8_t (*at)[IC_PARTICIPANT_LEN], size_t count)
{
    json_t *list = some(json_array());
    for (size_t i = 0; i < count; i++)
        append(list, binary(at[i], IC_PARTICIPANT_LEN));
    return list;
}

char *ic_say_commit(const struct ic_commit *commit)
{
    json_t *m = message("commit");
    put(m, "epoch", json_integer(commit->epoch));
    put_sealed(m, "sealed", commit->sealed);
    if (commit->welcome.len > 0) {
        json_t *welcome = some(json_object());
        put(welcome, "participants", ids(commit->welcomed, commit->welcomed_count));
        put_sealed(welcome, "sealed", commit->welcome);
        put(m, "welcome", welcome);
    }
    if (commit->removed_count > 0)
        put(m, "removed", ids(commit->removed, commit->removed_count));
    if (commit->info.len > 0)
        put_sealed(m, "info", commit->info);
    return text_of(m);
}

char *ic_say_door(uint32_t epoch, struct ic_bytes info)
{
    json_t *m = message("door");
    put(m, "open", json_boolean(info.len > 0));
    if (info.len > 0) {
        put(m, "epoch", json_integer(epoch));
        put_sealed(m, "info", info);
    }
    return text_of(m);
}

char *ic_say_reject(uint32_t epoch, const uint8_t commit[IC_SHA256_LEN], bool later,
                    struct ic_bytes sealed)
{
    json_t *m = message("reject");
    put(m, "epoch", json_integer(epoch));
    put(m, "commit", binary(commit, IC_SHA256_LEN));
    if (later)
        put(m, "later", json_true());
    put_sealed(m, "sealed", sealed);
    return text_of(m);
}

char *ic_say_admissions(const uint8_t (*hashes)[IC_PROOF_LEN], size_t count)
{
    json_t *m = message("admissions");
    json_t *list = some(json_array());
    for (size_t i = 0; i < count; i++)
        append(list, binary(hashes[i], IC_PROOF_LEN));
    put(m, "hashes", list);
    return text_of(m);
}

char *ic_say_keeper(const uint8_t participant[IC_PARTICIPANT_LEN], bool keeper)
{
    json_t *m = message("keeper");
    put(m, "participant", binary(participant, IC_PARTICIPANT_LEN));
    put(m, "keeper", json_boolean(keeper));
    return text_of(m);
}

static json_t *line_object(const struct ic_client_line *l)
{
    json_t *o = some(json_object());
    const struct ic_line *line = &l->line;
    put(o, "mid", json_string(line->mid));
    if (line->is_slot)
        put(o, "slot", json_string(slot_names[l->kind]));
    else
        put(o, "stream", json_string(ic_stream_name(line->stream)));
    put(o, "codec", json_string(line->codec == IC_CODEC_VP8 ? "vp8" : "opus"));
    put(o, "pt", json_integer(line->pt));
    if (line->rtx_pt != 0)
        put(o, "rtx", json_integer(line->rtx_pt));
    if (line->red_pt != 0)
        put(o, "red", json_integer(line->red_pt));
    if (line->layers != 0) {
        json_t *layers = some(json_array());
        for (int i = 0; i < IC_LAYERS; i++)
            if (line->layers >> i & 1)
                append(layers, json_string(layer_names[i]));
        put(o, "layers", layers);
    }
    json_t *extensions = some(json_object());
    for (int i = 0; i < IC_EXTENSIONS; i++)
        if (line->ext[i] != 0)
            put(extensions, extension_names[i], json_integer(line->ext[i]));
    put(o, "extensions", extensions);
    return o;
}

char *ic_say_connect(const struct ic_connect *connect)
{
    json_t *m = message("connect");
    put(m, "connection", json_integer(connect->connection));
    json_t *ice = some(json_object());
    put(ice, "ufrag", json_string(connect->ice.ufrag));
    put(ice, "pwd", json_string(connect->ice.pwd));
    put(m, "ice", ice);
    put(m, "fingerprint", binary(connect->fingerprint, IC_FINGERPRINT_LEN));
    json_t *lines = some(json_array());
    for (uint32_t i = 0; i < connect->line_count; i++)
        append(lines, line_object(&connect->lines[i]));
    put(m, "lines", lines);
    return text_of(m);
}

char *ic_say_live(uint32_t streams, uint32_t camera_height, uint32_t screen_height)
{
    json_t *m = message("live");
    json_t *list = some(json_array());
    for (int i = 0; i < IC_STREAMS; i++) {
        if (!(streams >> i & 1))
            continue;
        json_t *stream = some(json_object());
        put(stream, "stream", json_string(ic_stream_name((enum ic_stream)i)));
        if (ic_stream_is_video((enum ic_stream)i))
            put(stream, "height",
                json_integer(i == IC_STREAM_SCREEN ? screen_height : camera_height));
        append(list, stream);
    }
    put(m, "streams", list);
    return text_of(m);
}

char *ic_say_show(const struct ic_show *shows, size_t count)
{
    json_t *m = message("show");
    json_t *list = some(json_array());
    for (size_t i = 0; i < count; i++) {
        json_t *slot = some(json_object());
        put(slot, "mid", json_string(shows[i].mid));
        put(slot, "participant", binary(shows[i].participant, IC_PARTICIPANT_LEN));
        put(slot, "stream", json_string(ic_stream_name(shows[i].stream)));
        put(slot, "height", json_integer(shows[i].height));
        append(list, slot);
    }
    put(m, "slots", list);
    return text_of(m);
}

char *ic_say_speaking(bool speaking)
{
    json_t *m = message("speaking");
    put(m, "speaking", json_boolean(speaking));
    return text_of(m);
}

char *ic_say_leave(void)
{
    return text_of(message("leave"));
}
