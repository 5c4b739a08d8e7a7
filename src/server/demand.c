/* demand.c - the count is kept as what is spared, so that a zeroed one asks for everything. */
#include "server/demand.h"

uint8_t ic_demand_layers(const struct ic_demand *d)
{
    return (uint8_t)(IC_LAYERS - d->spared);
}

static void ask_for(struct ic_demand *d, uint8_t layers)
{
    *d = (struct ic_demand){.spared = (uint8_t)(IC_LAYERS - layers)};
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
