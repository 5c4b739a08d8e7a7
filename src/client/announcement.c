/* The JSON inside an announcement. Only members can write one, but any member may be hostile, so
 * it is read as strictly as a message of the server. */
#include "client/announcement.h"

#include <jansson.h>

#include "base/encode.h"
#include "client/messages.h"

size_t ic_announcement_write(char *text, size_t size, const struct ic_announcement *a)
{
    char nonce[IC_BASE64URL_LEN(IC_EPOCH_NONCE_LEN) + 1];
    ic_base64url_encode(nonce, (struct ic_bytes){a->epoch.nonce, sizeof a->epoch.nonce});

    json_t *streams = json_array();
    for (int i = 0; i < IC_STREAMS; i++)
        if (a->streams >> i & 1)
            json_array_append_new(streams, json_string(ic_stream_name((enum ic_stream)i)));
    json_t *object = json_pack("{si si si ss si ss so}", "announcement", 1, "index", (int)a->index,
                               "epoch", (int)a->epoch.number, "nonce", nonce, "serial",
                               (int)a->serial, "name", a->name, "streams", streams);
    if (object && a->away)
        json_object_set_new(object, "away", json_true());
    size_t len = object ? json_dumpb(object, text, size, JSON_COMPACT) : 0;
    json_decref(object);
    return len <= size ? len : 0;
}

static bool read_streams(uint32_t *out, json_t *list)
{
    size_t i;
    json_t *item;

    *out = 0;
    json_array_foreach(list, i, item)
    {
        const char *name = json_string_value(item);
        int stream = 0;
        while (name && stream < IC_STREAMS && strcmp(ic_stream_name(stream), name) != 0)
            stream++;
        if (!name || stream == IC_STREAMS || *out >> stream & 1)
            return false;
        *out |= UINT32_C(1) << stream;
    }
    return true;
}

enum ic_err ic_announcement_read(struct ic_announcement *out, struct ic_bytes text)
{
    struct ic_announcement a = {0};
    int version, index, epoch, away = 0;
    json_int_t serial;
    const char *nonce, *name;
    json_t *streams;
    json_t *tree = json_loadb((const char *)text.at, text.len, JSON_REJECT_DUPLICATES, NULL);

    bool ok = tree && json_unpack(tree, "{si si si ss sI ss so s?b !}", "announcement", &version,
                                  "index", &index, "epoch", &epoch, "nonce", &nonce, "serial",
                                  &serial, "name", &name, "streams", &streams, "away", &away) == 0;
    ok = ok && version == 1 && index >= 0 && index < IC_MEMBERS_MAX && epoch >= 0 &&
         epoch <= UINT8_MAX && serial >= 0 && serial <= UINT32_MAX &&
         strlen(name) < sizeof a.name && json_is_array(streams) &&
         read_streams(&a.streams, streams) &&
         ic_base64url_decode(a.epoch.nonce, sizeof a.epoch.nonce, nonce) == IC_OK;
    if (ok) {
        a.index = (uint32_t)index;
        a.epoch.number = (uint8_t)epoch;
        a.serial = (uint32_t)serial;
        a.away = away;
        strcpy(a.name, name);
        *out = a;
    }
    json_decref(tree);
    return ok ? IC_OK : IC_ERR_MALFORMED;
}
