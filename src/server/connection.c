/* connection.c - the offer has passed the grammar; here is what the grammar cannot say. */
#include "server/connection.h"

#include <stdio.h>

#include "base/encode.h"
#include "crypto/random.h"

enum { UFRAG_BYTES = 8, PWD_BYTES = 16, PT_RTCP_FIRST = 64, PT_RTCP_LAST = 95 };

/* The header extensions that we take up, for what clients send and for what they receive. */
static const bool taken_when_sent[IC_EXTENSIONS] = {
    [IC_EXT_MID] = true,  [IC_EXT_RID] = true,         [IC_EXT_RRID] = true,
    [IC_EXT_TWCC] = true, [IC_EXT_ORIENTATION] = true, [IC_EXT_DEPENDENCY] = true,
};
static const bool taken_when_received[IC_EXTENSIONS] = {
    [IC_EXT_MID] = true,
    [IC_EXT_TWCC] = true,
    [IC_EXT_ORIENTATION] = true,
    [IC_EXT_DEPENDENCY] = true,
};

static bool is_audio(const struct ic_msg_line *line)
{
    return line->is_send
               ? line->stream == IC_STREAM_MICROPHONE || line->stream == IC_STREAM_SCREEN_AUDIO
               : line->slot == IC_SLOT_VOICE || line->slot == IC_SLOT_SCREEN_AUDIO;
}

static bool is_media_pt(uint32_t pt)
{
    return pt < PT_RTCP_FIRST || pt > PT_RTCP_LAST;
}

/* A browser cannot send two payload types on one line, so all of a send line may be RED. */
static bool red_is_good(const struct ic_msg_line *line)
{
    return is_audio(line) && is_media_pt(line->red) && (line->is_send || line->red != line->pt);
}

/* What the worker would not take (worker/channel.c): a type twice, or one that means RTCP. */
static bool types_are_good(const struct ic_msg_line *line)
{
    uint32_t types[2 * IC_CODECS + 2] = {line->pt, line->has_rtx ? line->rtx : 0};
    size_t count = 2;

    for (size_t i = 0; i < IC_CODECS; i++) {
        if (line->more_pt[i] == 0 && line->more_rtx[i] == 0)
            continue;
        if (line->more_pt[i] == 0 || is_audio(line) || i == line->codec || line->layers != 0)
            return false;
        types[count++] = line->more_pt[i];
        types[count++] = line->more_rtx[i];
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_media_pt(types[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (types[i] != 0 && types[i] == types[j])
                return false;
    }
    return true;
}

static bool line_is_good(const struct ic_msg_line *line)
{
    if (is_audio(line) != (line->codec == IC_CODEC_OPUS))
        return false;
    if (line->has_rtx && line->rtx == 0)
        return false;
    if (line->has_red && !red_is_good(line))
        return false;
    return types_are_good(line);
}

bool ic_connection_is_good(const struct ic_message *connect)
{
    const struct ic_msg_line *lines = connect->connect.lines;
    uint32_t slots = 0;

    for (uint32_t i = 0; i < connect->connect.line_count; i++) {
        slots += lines[i].is_slot;
        if (!line_is_good(&lines[i]) || slots > IC_SLOTS_MAX)
            return false;
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(lines[i].mid, lines[j].mid) == 0 ||
                (lines[i].is_send && lines[j].is_send && lines[i].stream == lines[j].stream))
                return false;
    }
    return connect->connect.line_count > 0;
}

static bool ssrc_is_used(const struct ic_participant *p, uint32_t ssrc)
{
    for (uint32_t i = 0; i < p->line_count; i++)
        if (p->lines[i].line.ssrc == ssrc || p->lines[i].line.rtx_ssrc == ssrc)
            return true;
    return false;
}

/* Not 0, which says "none" here, and not twice in one connection. */
static uint32_t new_ssrc(const struct ic_participant *p)
{
    uint32_t ssrc = 0;
    while (ssrc == 0 || ssrc_is_used(p, ssrc))
        ic_random_fill(&ssrc, sizeof ssrc);
    return ssrc;
}

static void take_line(struct ic_participant *p, const struct ic_msg_line *offered)
{
    struct ic_path_line *taken = &p->lines[p->line_count];
    struct ic_line *line = &taken->line;
    const bool *wanted = offered->is_slot ? taken_when_received : taken_when_sent;

    memset(taken, 0, sizeof *taken);
    strcpy(line->mid, offered->mid);
    taken->slot = (uint8_t)offered->slot;
    line->is_slot = offered->is_slot;
    line->large = offered->is_slot && offered->slot == IC_SLOT_STAGE;
    line->stream = (uint8_t)offered->stream;
    line->codec = (uint8_t)offered->codec;
    line->pt = (uint8_t)offered->pt;
    line->rtx_pt = (uint8_t)offered->rtx;
    line->red_pt = (uint8_t)offered->red;
    line->layers = (uint8_t)offered->layers;
    for (int i = 0; i < IC_CODECS; i++) {
        line->more_pt[i] = (uint8_t)offered->more_pt[i];
        line->more_rtx_pt[i] = (uint8_t)offered->more_rtx[i];
    }
    for (int i = 0; i < IC_EXTENSIONS; i++)
        line->ext[i] = wanted[i] ? (uint8_t)offered->ext[i] : 0;
    if (line->layers != 0) /* their packets may go out without it */
        line->ext[IC_EXT_DEPENDENCY] = 0;
    p->line_count++;
    if (!offered->is_slot)
        return;
    line->ssrc = new_ssrc(p);
    if (line->rtx_pt != 0)
        line->rtx_ssrc = new_ssrc(p);
}

void ic_connection_take(struct ic_participant *p, const struct ic_message *connect)
{
    p->connection = connect->connect.connection;
    p->line_count = 0;
    for (uint32_t i = 0; i < connect->connect.line_count; i++)
        take_line(p, &connect->connect.lines[i]);
}

static void random_text(char *out, size_t bytes)
{
    uint8_t random[PWD_BYTES];

    ic_random_fill(random, bytes);
    ic_hex_encode(out, (struct ic_bytes){random, bytes});
}

void ic_connection_credentials(struct ic_ice_credentials *ours)
{
    memset(ours, 0, sizeof *ours);
    random_text(ours->ufrag, UFRAG_BYTES);
    random_text(ours->pwd, PWD_BYTES);
}
