/* Send lines first, then slots, in the order in which browsers make them. Payload types and
 * extension ids are those of no browser on purpose: the server must use what a line says. */
#include "client/lines.h"

#include <stdio.h>

enum {
    PT_OPUS = 109,
    PT_RED = 110,
    PT_VP8 = 100,
    PT_VP8_RTX = 101,
    EXT_MID = 5,
    EXT_TWCC = 6,
    EXT_RID = 7,
    EXT_RRID = 8,
};

static struct ic_client_line *add(struct ic_connect *c, enum ic_codec codec)
{
    struct ic_client_line *line = &c->lines[c->line_count];
    *line = (struct ic_client_line){
        .line = {.codec = (uint8_t)codec,
                 .pt = codec == IC_CODEC_VP8 ? PT_VP8 : PT_OPUS,
                 .rtx_pt = codec == IC_CODEC_VP8 ? PT_VP8_RTX : 0,
                 .ext = {[IC_EXT_MID] = EXT_MID, [IC_EXT_TWCC] = EXT_TWCC}}};
    snprintf(line->line.mid, sizeof line->line.mid, "%u", c->line_count);
    c->line_count++;
    return line;
}

static void add_stream(struct ic_connect *c, enum ic_stream stream, uint32_t layers)
{
    struct ic_client_line *line = add(c, ic_stream_is_video(stream) ? IC_CODEC_VP8 : IC_CODEC_OPUS);
    line->line.stream = (uint8_t)stream;
    line->line.red_pt = stream == IC_STREAM_MICROPHONE ? PT_RED : 0;
    if (stream != IC_STREAM_CAMERA || layers < 2)
        return;
    line->line.layers = (uint8_t)((1 << layers) - 1);
    line->line.ext[IC_EXT_RID] = EXT_RID;
    line->line.ext[IC_EXT_RRID] = EXT_RRID;
}

static void add_slots(struct ic_connect *c, enum ic_slot_kind kind, uint32_t count)
{
    bool video = kind == IC_SLOT_STAGE || kind == IC_SLOT_TILE;
    for (uint32_t i = 0; i < count; i++) {
        struct ic_client_line *line = add(c, video ? IC_CODEC_VP8 : IC_CODEC_OPUS);
        line->line.is_slot = true;
        line->kind = kind;
        line->line.red_pt = kind == IC_SLOT_VOICE ? PT_RED : 0;
    }
}

void ic_lines_make(struct ic_connect *out, const struct ic_lines_wanted *wanted)
{
    out->line_count = 0;
    for (int i = 0; i < IC_STREAMS; i++)
        if (wanted->streams >> i & 1)
            add_stream(out, (enum ic_stream)i, wanted->layers);
    if (!wanted->slots)
        return;
    add_slots(out, IC_SLOT_VOICE, IC_VOICE_SLOTS);
    add_slots(out, IC_SLOT_SCREEN_AUDIO, 1);
    add_slots(out, IC_SLOT_STAGE, wanted->tiles > 0);
    add_slots(out, IC_SLOT_TILE, wanted->tiles);
}
