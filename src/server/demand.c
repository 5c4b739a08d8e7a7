/* demand.c - the count is kept as what is spared, so that a zeroed one asks for everything. */
#include "server/demand.h"

uint8_t ic_demand_layers(const struct ic_demand *d)
{
    return (uint8_t)(IC_LAYERS - d->spared);
}

static void ask_for(struct ic_demand *d, uint8_t layers)
{
    d->spared = (uint8_t)(IC_LAYERS - layers);
    d->spare_since = 0;
}

bool ic_demand_raise(struct ic_demand *d, uint8_t layers)
{
    if (layers <= ic_demand_layers(d))
        return false;
    ask_for(d, layers);
    return true;
}

bool ic_demand_settle(struct ic_demand *d, uint8_t needed, int64_t now)
{
    uint8_t layers = needed > 0 ? needed : 1;

    if (layers >= ic_demand_layers(d)) {
        d->spare_since = 0;
        return false;
    }
    if (d->spare_since == 0)
        d->spare_since = now;
    if (now - d->spare_since < IC_DEMAND_PATIENCE)
        return false;
    ask_for(d, layers);
    return true;
}

uint8_t ic_demand_needed(const struct ic_meeting *meeting, const struct ic_participant *who,
                         enum ic_stream stream)
{
    uint8_t needed = 0;

    for (uint32_t i = 0; i < meeting->count && needed < IC_LAYERS; i++) {
        const struct ic_participant *p = meeting->people[i];
        for (uint32_t k = 0; k < p->line_count; k++) {
            const struct ic_point *point = &p->lines[k].point;
            bool takes = point->transport == who->transport && point->stream == stream;
            if (takes && point->layer + 1 > needed)
                needed = point->layer + 1;
        }
    }
    return needed;
}

/* Bit n: enum ic_codec n. */
static uint32_t codecs_of(const struct ic_line *line)
{
    uint32_t codecs = 0;

    for (uint8_t codec = 0; codec < IC_CODECS; codec++)
        if (ic_line_pt(line, codec) != 0)
            codecs |= UINT32_C(1) << codec;
    return codecs;
}

static uint32_t codecs_taken(const struct ic_participant *p)
{
    uint32_t taken = UINT32_MAX;

    for (uint32_t i = 0; i < p->line_count; i++)
        if (p->lines[i].line.is_slot && p->lines[i].line.codec != IC_CODEC_OPUS)
            taken &= codecs_of(&p->lines[i].line);
    return taken;
}

enum ic_codec ic_demand_codec(const struct ic_meeting *meeting, const struct ic_participant *who,
                              const struct ic_line *line)
{
    static const enum ic_codec best_first[] = {IC_CODEC_AV1, IC_CODEC_VP9, IC_CODEC_H264};
    uint32_t good = codecs_of(line);

    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i] != who)
            good &= codecs_taken(meeting->people[i]);
    for (size_t i = 0; i < IC_COUNT(best_first); i++)
        if (good >> best_first[i] & 1)
            return best_first[i];
    return (enum ic_codec)line->codec;
}
