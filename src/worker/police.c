/* police.c - a virtual clock for each kind of traffic: every packet moves it on by the time that it
 * would take at the granted rate, and it may run ahead of the real one by the burst. */
#include "worker/police.h"

struct grant {
    uint32_t rate;  /* a second: bytes, or packets where `least` is 0 */
    uint32_t least; /* bytes that a packet counts as at least, since each costs as such */
    uint32_t burst_ms;
};

#define MEDIA(bps, packets) {(bps) / 8, (bps) / 8 / (packets), 1000}

static const struct grant grants[IC_TRAFFICS] = {
    [IC_TRAFFIC_SOUND] = MEDIA(IC_GRANT_SOUND_BPS, IC_GRANT_SOUND_PACKETS),
    [IC_TRAFFIC_PICTURES] = MEDIA(IC_GRANT_PICTURES_BPS, IC_GRANT_PICTURES_PACKETS),
    [IC_TRAFFIC_REPORTS] = {IC_GRANT_REPORTS, 0, 1000},
    [IC_TRAFFIC_CHECKS] = {IC_GRANT_CHECKS, 0, 2000},
    [IC_TRAFFIC_HANDSHAKES] = {IC_GRANT_HANDSHAKES, 0, 4000},
};

void ic_police_init(struct ic_police *p, const struct ic_line *lines, size_t count)
{
    *p = (struct ic_police){0};
    for (size_t i = 0; i < count; i++) {
        const struct ic_line *line = &lines[i];
        if (line->is_slot)
            continue;
        uint8_t traffic = line->codec == IC_CODEC_OPUS ? IC_TRAFFIC_SOUND : IC_TRAFFIC_PICTURES;
        p->shares[traffic]++;
        if (line->red_pt != 0)
            p->traffic[line->red_pt % IC_PAYLOAD_TYPES] = traffic;
        for (uint8_t codec = 0; codec < IC_CODECS; codec++) {
            uint8_t pts[] = {ic_line_pt(line, codec), ic_line_rtx_pt(line, codec)};
            for (size_t k = 0; k < IC_COUNT(pts); k++)
                if (pts[k] != 0)
                    p->traffic[pts[k] % IC_PAYLOAD_TYPES] = traffic;
        }
    }
    for (int i = 0; i < IC_TRAFFICS; i++)
        if (p->shares[i] == 0)
            p->shares[i] = 1;
}

bool ic_police_admit(struct ic_police *p, enum ic_traffic traffic, size_t len, int64_t now)
{
    const struct grant *g = &grants[traffic];
    int64_t units = g->least == 0 ? 1 : len > g->least ? (int64_t)len : g->least;
    int64_t cost = units * IC_NS_PER_SEC / ((int64_t)g->rate * p->shares[traffic]);
    int64_t from = p->paid_until[traffic] > now ? p->paid_until[traffic] : now;

    if (from + cost - now > g->burst_ms * IC_NS_PER_MS)
        return false;
    p->paid_until[traffic] = from + cost;
    return true;
}

enum ic_traffic ic_police_traffic(const struct ic_police *p, struct ic_bytes packet)
{
    return (enum ic_traffic)p->traffic[packet.at[1] % IC_PAYLOAD_TYPES];
}
