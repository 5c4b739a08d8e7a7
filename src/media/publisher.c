/* An SSRC is looked up among at most twelve; the header extensions decide only for a new one. */
#include "media/publisher.h"
#include "media/rtx.h"

enum {
    NACKS_AT_ONCE = 32, /* of one layer in one call */
    NACK_ITEM_LEN = 4,
    NACK_HEADER_LEN = 12,
    PLI_LEN = 12,
};

/* Where a packet belongs. */
struct route {
    struct ic_upstream *upstream;
    uint8_t layer;
    bool resent;
};

static bool is_send_line(const struct ic_line *line)
{
    return !line->is_slot && line->stream < IC_PUBLISHER_STREAMS;
}

size_t ic_publisher_history_size(const struct ic_line *lines, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        if (is_send_line(&lines[i]))
            size += ic_upstream_history_size(&lines[i]);
    return size;
}

void ic_publisher_init(struct ic_publisher *p, const struct ic_line *lines, size_t count,
                       uint8_t *history, uint32_t ssrc)
{
    p->ssrc = ssrc;
    for (size_t i = 0; i < count; i++) {
        const struct ic_line *line = &lines[i];
        if (!is_send_line(line) || p->lines[line->stream].used)
            continue;
        p->lines[line->stream].used = true;
        memcpy(p->lines[line->stream].mid, line->mid, IC_MID_SIZE);
        ic_upstream_init(&p->upstreams[line->stream], line, history, &p->clock);
        history += ic_upstream_history_size(line);
        for (int e = 0; e < IC_EXTENSIONS; e++)
            if (p->ext[e] == 0)
                p->ext[e] = line->ext[e];
    }
}

struct ic_upstream *ic_publisher_upstream(struct ic_publisher *p, enum ic_stream stream)
{
    return p->lines[stream].used ? &p->upstreams[stream] : NULL;
}

/* `ssrc` is not 0, which stands for unknown. */
static bool route_by_ssrc(struct ic_publisher *p, struct route *out, uint32_t ssrc)
{
    for (int s = 0; s < IC_PUBLISHER_STREAMS; s++) {
        for (uint8_t i = 0; p->lines[s].used && i < IC_LAYERS; i++) {
            const struct ic_layer *layer = &p->upstreams[s].layers[i];
            bool resent = layer->rtx_ssrc == ssrc;
            if (layer->ssrc == ssrc || resent) {
                *out = (struct route){&p->upstreams[s], i, resent};
                return true;
            }
        }
    }
    return false;
}

static bool has_pt(const struct ic_upstream *up, uint8_t pt)
{
    return ic_upstream_codec_of(up, pt, false) >= 0 || ic_upstream_codec_of(up, pt, true) >= 0 ||
           (up->red_pt != 0 && pt == up->red_pt);
}

/* By MID; without one, by a payload type that a single line has. */
static struct ic_upstream *line_of(struct ic_publisher *p, struct ic_bytes mid, uint8_t pt)
{
    struct ic_upstream *found = NULL;
    for (int s = 0; s < IC_PUBLISHER_STREAMS; s++) {
        if (!p->lines[s].used)
            continue;
        if (mid.at && ic_bytes_equal(mid, ic_bytes_of_text(p->lines[s].mid)))
            return &p->upstreams[s];
        if (!mid.at && has_pt(&p->upstreams[s], pt)) {
            if (found)
                return NULL;
            found = &p->upstreams[s];
        }
    }
    return found;
}

/* Negative if `rid` is none of the stream's layers. */
static int layer_of(const struct ic_upstream *up, struct ic_bytes rid)
{
    static const char names[IC_LAYERS] = {'l', 'm', 'h'};
    if (up->layer_mask == 1)
        return 0;
    for (int i = 0; i < IC_LAYERS; i++)
        if (up->layer_mask >> i & 1 && rid.len == 1 && rid.at[0] == names[i])
            return i;
    return -1;
}

static bool learn(struct ic_publisher *p, struct route *out, const struct ic_rtp *rtp,
                  const struct ic_bytes ext[IC_EXTENSIONS])
{
    struct ic_upstream *up = line_of(p, ext[IC_EXT_MID], rtp->pt);
    if (!up || !has_pt(up, rtp->pt))
        return false;
    bool resent = ic_upstream_codec_of(up, rtp->pt, true) >= 0;
    int layer = layer_of(up, ext[resent ? IC_EXT_RRID : IC_EXT_RID]);
    if (layer < 0)
        return false;
    if (resent)
        up->layers[layer].rtx_ssrc = rtp->ssrc;
    *out = (struct route){up, (uint8_t)layer, resent};
    return true;
}

/* Unwraps a retransmission; the packet then begins two bytes further on. */
static enum ic_err unwrap(const struct route *route, struct ic_rtp *rtp, uint8_t **bytes,
                          size_t *len)
{
    const struct ic_layer *layer = &route->upstream->layers[route->layer];
    if (!layer->seen)
        return IC_ERR_NOT_FOUND;
    enum ic_err err = ic_rtx_unwrap(*bytes, rtp, layer->ssrc, route->upstream->pt);
    if (err != IC_OK)
        return err;
    *bytes += IC_RTX_OSN_LEN;
    *len -= IC_RTX_OSN_LEN;
    return IC_OK;
}

static enum ic_err take(struct ic_publisher *p, const struct route *route, struct ic_packet *packet,
                        uint8_t *bytes, size_t len, int64_t now)
{
    const struct ic_upstream *up = route->upstream;
    uint8_t pt = packet->rtp.pt;
    bool resent = ic_upstream_codec_of(up, pt, true) >= 0;
    if (route->resent != resent || !has_pt(up, pt) || (resent && pt != up->rtx_pt))
        return IC_ERR_NOT_FOUND;
    if (route->resent) {
        enum ic_err err = unwrap(route, &packet->rtp, &bytes, &len);
        if (err != IC_OK)
            return err;
        if (packet->dependency_bytes.len > 0) /* the header moved */
            packet->dependency_bytes.at += IC_RTX_OSN_LEN;
    }
    packet->layer = route->layer;
    enum ic_err err = ic_upstream_receive(route->upstream, packet, (struct ic_bytes){bytes, len},
                                          route->resent, now);
    if (err == IC_OK && route->resent)
        p->resent++;
    return err;
}

static void read_extensions(const struct ic_publisher *p, struct ic_packet *packet,
                            struct ic_bytes ext[IC_EXTENSIONS])
{
    ic_rtp_extensions(&packet->rtp, p->ext, ext);
    if (ext[IC_EXT_ORIENTATION].len == 1)
        packet->orientation = ext[IC_EXT_ORIENTATION].at[0];
    packet->dependency_bytes = ext[IC_EXT_DEPENDENCY];
}

enum ic_err ic_publisher_receive(struct ic_publisher *p, uint8_t *bytes, size_t len, int64_t now,
                                 struct ic_packet *out)
{
    struct ic_packet packet = {.orientation = -1};
    struct ic_bytes ext[IC_EXTENSIONS];
    struct route route;

    if (ic_rtp_parse(&packet.rtp, (struct ic_bytes){bytes, len}) != IC_OK)
        return IC_ERR_MALFORMED;
    read_extensions(p, &packet, ext);
    if (ext[IC_EXT_TWCC].len == 2)
        ic_twcc_note(&p->twcc, (uint16_t)(ext[IC_EXT_TWCC].at[0] << 8 | ext[IC_EXT_TWCC].at[1]),
                     now);
    if (packet.rtp.ssrc == 0 ||
        (!route_by_ssrc(p, &route, packet.rtp.ssrc) && !learn(p, &route, &packet.rtp, ext)))
        return IC_ERR_NOT_FOUND;
    p->twcc_media = packet.rtp.ssrc;
    enum ic_err err = take(p, &route, &packet, bytes, len, now);
    if (err == IC_OK)
        *out = packet;
    return err;
}

enum ic_err ic_publisher_take(struct ic_publisher *p, enum ic_stream stream, uint8_t layer,
                              bool again, struct ic_bytes bytes, int64_t now, struct ic_packet *out)
{
    struct ic_packet packet = {.orientation = -1, .layer = layer};
    struct ic_upstream *up = ic_publisher_upstream(p, stream);
    struct ic_bytes ext[IC_EXTENSIONS];

    if (ic_rtp_parse(&packet.rtp, bytes) != IC_OK)
        return IC_ERR_MALFORMED;
    if (!up || !(up->layer_mask >> layer & 1) || packet.rtp.ssrc == 0 || !has_pt(up, packet.rtp.pt))
        return IC_ERR_NOT_FOUND;
    read_extensions(p, &packet, ext);
    enum ic_err err = ic_upstream_receive(up, &packet, bytes, again, now);
    if (err == IC_OK)
        *out = packet;
    return err;
}

void ic_publisher_note_sr(struct ic_publisher *p, const struct ic_rtcp_sr *sr, int64_t now)
{
    for (int s = 0; s < IC_PUBLISHER_STREAMS; s++)
        if (p->lines[s].used && ic_upstream_note_sr(&p->upstreams[s], sr, now))
            return;
}

static void write_reports(struct ic_publisher *p, struct ic_writer *w, int64_t now)
{
    struct ic_rtcp_report reports[IC_PUBLISHER_STREAMS * IC_LAYERS];
    size_t count = 0;
    if (p->reported_at != 0 && now - p->reported_at < IC_REPORT_INTERVAL)
        return;
    for (int s = 0; s < IC_PUBLISHER_STREAMS; s++)
        for (int i = 0; i < IC_LAYERS; i++)
            if (p->upstreams[s].layers[i].seen)
                ic_layer_report(&p->upstreams[s].layers[i], &reports[count++], now);
    if (count == 0)
        return;
    ic_rtcp_write_rr(w, p->ssrc, reports, count);
    p->reported_at = now;
}

/* What is not asked for for want of room stays due. */
static void write_layer(struct ic_publisher *p, struct ic_upstream *up, uint8_t i,
                        struct ic_writer *w, int64_t rtt, int64_t now)
{
    uint16_t seqs[NACKS_AT_ONCE];
    struct ic_layer *layer = &up->layers[i];
    if (w->size - w->len >= PLI_LEN && ic_upstream_take_pli(up, i, now)) {
        ic_rtcp_write_pli(w, p->ssrc, layer->ssrc);
        p->plis++;
    }
    size_t room = w->size - w->len;
    size_t max = room > NACK_HEADER_LEN ? (room - NACK_HEADER_LEN) / NACK_ITEM_LEN : 0;
    size_t count =
        ic_nack_due(&layer->nack, now, rtt, seqs, max < NACKS_AT_ONCE ? max : NACKS_AT_ONCE);
    if (count == 0)
        return;
    ic_rtcp_write_nack(w, p->ssrc, layer->ssrc, seqs, count);
    p->nacks++;
}

bool ic_publisher_write_feedback(struct ic_publisher *p, struct ic_writer *w, int64_t rtt,
                                 int64_t now)
{
    write_reports(p, w, now);
    for (int s = 0; s < IC_PUBLISHER_STREAMS; s++)
        for (uint8_t i = 0; p->lines[s].used && i < IC_LAYERS; i++)
            if (p->upstreams[s].layers[i].seen)
                write_layer(p, &p->upstreams[s], i, w, rtt, now);
    if (!ic_twcc_due(&p->twcc, now))
        return false;
    struct ic_writer trial = *w;
    bool more = ic_twcc_write(&p->twcc, &trial, p->ssrc, p->twcc_media, now);
    if (!trial.bad)
        *w = trial;
    return more;
}
