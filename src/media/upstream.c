/* What arrives is counted, kept, and looked at for what matters to slots: does a key frame begin
 * here, and which layer is it of. */
#include "media/upstream.h"

#include "media/h264.h"

/* What each layer keeps: about a second of it, no fewer for the lower ones. */
static const struct kept {
    uint32_t packets, bytes;
} kept_voice = {64, 16 << 10},
  kept_layers[IC_LAYERS] = {{128, 64 << 10}, {256, 128 << 10}, {1024, 256 << 10}},
  kept_alone = {1024, 256 << 10}, kept_screen = {1024, 512 << 10};

/* The sender's clock is followed downwards at once, upwards slowly, and at once if it was set. */
#define CLOCK_STEP IC_NS_PER_SEC
#define CLOCK_RISE IC_NS_PER_MS

#define WORST_HOLDS (5 * IC_NS_PER_SEC)

static uint8_t layer_mask(const struct ic_line *line)
{
    uint8_t mask = line->layers & ((1u << IC_LAYERS) - 1);
    return mask != 0 && line->codec != IC_CODEC_OPUS ? mask : 1;
}

static struct kept kept_of(const struct ic_line *line, uint8_t layer)
{
    if (line->codec == IC_CODEC_OPUS)
        return kept_voice;
    if (line->layers != 0)
        return kept_layers[layer];
    return line->stream == IC_STREAM_SCREEN ? kept_screen : kept_alone;
}

static size_t dependencies_size(const struct ic_line *line)
{
    return line->ext[IC_EXT_DEPENDENCY] != 0 ? sizeof(struct ic_dependency_cache) : 0;
}

size_t ic_upstream_history_size(const struct ic_line *line)
{
    size_t size = dependencies_size(line);
    for (uint8_t i = 0; i < IC_LAYERS; i++) {
        struct kept kept = kept_of(line, i);
        if (layer_mask(line) >> i & 1)
            size += ic_history_size(kept.packets, kept.bytes);
    }
    return (size + 7) & ~(size_t)7;
}

void ic_upstream_init(struct ic_upstream *up, const struct ic_line *line, uint8_t *history,
                      struct ic_sender_clock *clock)
{
    up->stream = line->stream;
    up->codec = line->codec;
    up->pt = line->pt;
    up->rtx_pt = line->rtx_pt;
    up->red_pt = line->red_pt;
    for (uint8_t codec = 0; codec < IC_CODECS; codec++) {
        up->pts[codec] = ic_line_pt(line, codec);
        up->rtx_pts[codec] = ic_line_rtx_pt(line, codec);
    }
    up->layer_mask = layer_mask(line);
    up->orientation_ext = line->ext[IC_EXT_ORIENTATION];
    up->dependency_ext = line->ext[IC_EXT_DEPENDENCY];
    up->clock = clock;
    if (up->dependency_ext != 0)
        up->dependencies = (struct ic_dependency_cache *)(void *)history;
    history += dependencies_size(line);
    for (uint8_t i = 0; i < IC_LAYERS; i++) {
        if (!(up->layer_mask >> i & 1))
            continue;
        up->layers[i].rung_count = 1;
        struct kept kept = kept_of(line, i);
        ic_history_init(&up->layers[i].history, history, kept.packets, kept.bytes);
        history += ic_history_size(kept.packets, kept.bytes);
    }
}

/* The sender writes with another SSRC, or began to number anew: nothing of before fits. */
static void start_epoch(struct ic_layer *layer)
{
    layer->epoch++;
    ic_history_forget(&layer->history);
    ic_nack_init(&layer->nack);
    layer->sr_known = false;
}

int ic_upstream_codec_of(const struct ic_upstream *up, uint8_t pt, bool resent)
{
    const uint8_t *pts = resent ? up->rtx_pts : up->pts;
    for (int codec = 0; codec < IC_CODECS; codec++)
        if (pts[codec] != 0 && pts[codec] == pt)
            return codec;
    return -1;
}

static void forget_rungs(struct ic_upstream *up, struct ic_layer *layer)
{
    layer->rung_count = 1;
    up->by_size = false;
    if (up->dependencies)
        up->dependencies->count = 0;
}

static void adopt_ssrc(struct ic_upstream *up, struct ic_layer *layer, uint32_t ssrc)
{
    if (layer->seen && layer->ssrc == ssrc)
        return;
    forget_rungs(up, layer);
    layer->seen = true;
    layer->ssrc = ssrc;
    start_epoch(layer);
    ic_reception_init(&layer->reception, ic_upstream_clock_hz(up));
}

/* Gives the packet its extended number. */
static enum ic_err place(struct ic_layer *layer, struct ic_packet *packet, bool resent,
                         uint32_t *newest_before, int64_t now)
{
    struct ic_reception *r = &layer->reception;
    packet->newest = false;
    *newest_before = r->newest;
    if (resent)
        return ic_reception_place(r, &packet->seq, packet->rtp.seq) ? IC_OK : IC_ERR_NOT_FOUND;

    bool began = r->started;
    switch (ic_reception_note(r, &packet->seq, packet->rtp.seq, packet->rtp.timestamp, now)) {
    case IC_ARRIVAL_REFUSED:
        return IC_ERR_NOT_FOUND;
    case IC_ARRIVAL_FIRST:
        if (began)
            start_epoch(layer);
        packet->newest = true;
        *newest_before = packet->seq - 1;
        return IC_OK;
    case IC_ARRIVAL_NEWEST:
        packet->newest = true;
        return IC_OK;
    case IC_ARRIVAL_LATE:
        return IC_OK;
    }
    return IC_ERR_NOT_FOUND;
}

/* Voice is not asked for again, nor is a layer that nobody looks at. */
static void note_holes(struct ic_upstream *up, struct ic_layer *layer,
                       const struct ic_packet *packet, bool resent, uint32_t newest_before,
                       int64_t now)
{
    if (layer->takers == 0 || up->codec == IC_CODEC_OPUS) {
        ic_nack_init(&layer->nack);
        return;
    }
    if (resent)
        ic_nack_repaired(&layer->nack, packet->seq);
    else if (!packet->newest)
        ic_nack_overtaken(&layer->nack, packet->seq, now);
    else if (ic_nack_missed(&layer->nack, newest_before + 1, packet->seq, now) != IC_OK)
        ic_upstream_want_key(up, packet->layer);
    if (packet->key_start)
        ic_nack_forget(&layer->nack, packet->seq);
}

/* AV1 has one bit for it, N, in a first packet that continues nothing, Z (AV1 RTP specification,
 * section 4.4). */
static bool av1_key_start(struct ic_bytes payload)
{
    const uint8_t z = 0x80, n = 0x08;
    return (payload.at[0] & (z | n)) == n;
}

static bool key_starts(const struct ic_packet *packet)
{
    if (packet->codec == IC_CODEC_AV1)
        return av1_key_start(packet->rtp.payload);
    if (packet->codec == IC_CODEC_H264)
        return ic_h264_key_start(packet->rtp.payload);
    return packet->vp8.key_start || packet->vp9.key_start;
}

/* Of VP8, of VP9, or of redundant audio. */
static enum ic_err read_descriptor(struct ic_packet *packet, uint8_t codec, uint8_t red_pt)
{
    enum ic_err err = IC_OK;
    packet->codec = codec;
    packet->vp8 = (struct ic_vp8){0};
    packet->vp9 = (struct ic_vp9){0};
    packet->red = (struct ic_red){0};
    packet->key_start = false;
    if (packet->rtp.payload.len == 0)
        return IC_OK;
    if (red_pt != 0 && packet->rtp.pt == red_pt)
        return ic_red_parse(&packet->red, packet->rtp.payload);
    if (codec == IC_CODEC_VP8)
        err = ic_vp8_parse(&packet->vp8, packet->rtp.payload);
    else if (codec == IC_CODEC_VP9)
        err = ic_vp9_parse(&packet->vp9, packet->rtp.payload);
    packet->key_start = key_starts(packet);
    return err;
}

/* ---- layers under one SSRC ---- */

static void describe_by_dependency(struct ic_packet *packet)
{
    packet->frame = ic_frame_of_dependency(&packet->dependency);
    packet->key_start = packet->dependency.start && packet->frame.key;
}

/* The rates are those that were seen since the stream began, or since a key frame without any. */
static void describe_vp8(struct ic_layer *layer, struct ic_packet *packet)
{
    const struct ic_vp8 *vp8 = &packet->vp8;
    if (!vp8->has_tid || !vp8->has_picture_id) {
        if (vp8->key_start)
            layer->rung_count = 1;
        return;
    }
    int shift = 16 - vp8->picture_bits;
    uint16_t apart = (uint16_t)(vp8->picture_id - layer->picture);
    int16_t diff = (int16_t)((int16_t)(uint16_t)(apart << shift) >> shift);
    uint16_t number = (uint16_t)(layer->picture + diff);
    if ((int16_t)(uint16_t)(number - layer->picture) > 0)
        layer->picture = number;
    packet->frame = ic_frame_of_vp8(vp8, number);
    if (packet->frame.rung >= layer->rung_count)
        layer->rung_count = packet->frame.rung + 1;
}

/* A descriptor that cannot be read makes the packet useless to all. */
static enum ic_err describe(struct ic_upstream *up, struct ic_packet *packet)
{
    struct ic_layer *layer = &up->layers[packet->layer];
    bool is_alone = up->layer_mask == 1 && up->codec != IC_CODEC_OPUS;
    packet->frame = (struct ic_frame){0};
    if (!up->dependencies || !is_alone)
        packet->dependency_bytes.len = 0;
    if (packet->dependency_bytes.len == 0) {
        if (packet->vp8.len > 0)
            describe_vp8(layer, packet);
        return IC_OK;
    }
    enum ic_err err =
        ic_dependency_read(&packet->dependency, up->dependencies, packet->dependency_bytes);
    if (err != IC_OK)
        return err;
    describe_by_dependency(packet);
    layer->rung_count = packet->dependency.structure->rung_count;
    up->by_size = packet->dependency.structure->spatial_max > 0;
    return IC_OK;
}

static void end_interval(struct ic_layer *layer, int64_t now)
{
    int64_t elapsed = now - layer->interval_start;
    if (elapsed < IC_NS_PER_SEC)
        return;
    for (uint8_t r = 0; r < IC_RATES; r++) {
        uint64_t bits = (uint64_t)layer->interval_bytes[r] * 8;
        layer->bps[r] = (uint32_t)(bits * 1000 / (uint64_t)(elapsed / IC_NS_PER_MS));
        layer->interval_bytes[r] = 0;
    }
    layer->interval_start = now;
}

/* A frame counts for its own rung and those above; one that says nothing of itself, for all. Older
 * frames of a voice do not count for the lowest. */
static void count_bytes(struct ic_layer *layer, const struct ic_packet *packet, size_t len,
                        int64_t now)
{
    size_t older =
        packet->red.count > 0 ? packet->rtp.payload.len - ic_red_newest(&packet->red).len : 0;

    end_interval(layer, now);
    for (uint8_t r = packet->frame.rung; r < IC_RATES; r++)
        layer->interval_bytes[r] += (uint32_t)(r == 0 ? len - older : len);
}

/* What points into the caller's bytes points into our copy of them from now on. */
static void move_views(struct ic_packet *packet, struct ic_bytes from, struct ic_bytes copy)
{
    struct ic_bytes *views[] = {&packet->rtp.payload, &packet->rtp.extensions,
                                &packet->dependency_bytes};

    for (size_t i = 0; i < IC_COUNT(views); i++)
        if (views[i]->at)
            views[i]->at = copy.at + (views[i]->at - from.at);
}

/* The sender went over to another codec, which begins with a key frame; what of it comes before
 * that is of no use, and one is asked for. A packet of the codec before that comes late changes
 * nothing back. */
static enum ic_err adopt_codec(struct ic_upstream *up, struct ic_packet *packet)
{
    int codec = ic_upstream_codec_of(up, packet->rtp.pt, false);
    if (codec < 0 || codec == up->codec)
        return IC_OK;
    if (read_descriptor(packet, (uint8_t)codec, 0) != IC_OK || !packet->key_start) {
        ic_upstream_want_key(up, packet->layer);
        return IC_ERR_NOT_FOUND;
    }
    up->codec = (uint8_t)codec;
    up->pt = up->pts[codec];
    up->rtx_pt = up->rtx_pts[codec];
    for (uint8_t i = 0; i < IC_LAYERS; i++) {
        if (!up->layers[i].seen)
            continue;
        forget_rungs(up, &up->layers[i]);
        start_epoch(&up->layers[i]);
    }
    return IC_OK;
}

enum ic_err ic_upstream_receive(struct ic_upstream *up, struct ic_packet *packet,
                                struct ic_bytes bytes, bool resent, int64_t now)
{
    struct ic_layer *layer = &up->layers[packet->layer];
    uint32_t newest_before;
    enum ic_err err = resent ? IC_OK : adopt_codec(up, packet);
    if (err == IC_OK)
        err = read_descriptor(packet, up->codec, up->red_pt);
    if (err != IC_OK)
        return err;
    adopt_ssrc(up, layer, packet->rtp.ssrc);
    err = describe(up, packet);
    if (err != IC_OK)
        return err;
    err = place(layer, packet, resent, &newest_before, now);
    if (err == IC_OK)
        err = ic_history_put(&layer->history, packet->seq, bytes);
    if (err == IC_ERR_REPLAYED)
        ic_nack_repaired(&layer->nack, packet->seq);
    if (err != IC_OK)
        return err;

    move_views(packet, bytes, ic_history_get(&layer->history, packet->seq));
    packet->upstream = up;
    packet->epoch = layer->epoch;
    packet->after_hole = packet->newest && packet->seq != newest_before + 1;
    layer->arrived_at = up->arrived_at = now;
    count_bytes(layer, packet, bytes.len, now);
    note_holes(up, layer, packet, resent, newest_before, now);
    if (packet->key_start)
        layer->key_wanted = layer->key_asked = false;
    return IC_OK;
}

static bool read_dependency_again(const struct ic_upstream *up, struct ic_packet *packet,
                                  struct ic_bytes bytes)
{
    if (bytes.len == 0)
        return true;
    packet->dependency_bytes = bytes;
    if (ic_dependency_read_again(&packet->dependency, up->dependencies, bytes) != IC_OK)
        return false;
    describe_by_dependency(packet);
    return true;
}

enum ic_err ic_upstream_recall(struct ic_upstream *up, struct ic_packet *out, uint8_t layer,
                               uint32_t seq)
{
    struct ic_bytes bytes = ic_history_get(&up->layers[layer].history, seq);
    const uint8_t ids[IC_EXTENSIONS] = {
        [IC_EXT_ORIENTATION] = up->orientation_ext, [IC_EXT_DEPENDENCY] = up->dependency_ext};
    struct ic_bytes values[IC_EXTENSIONS];
    struct ic_packet packet = {.seq = seq, .layer = layer, .upstream = up, .orientation = -1};

    if (bytes.len == 0 || ic_rtp_parse(&packet.rtp, bytes) != IC_OK ||
        read_descriptor(&packet, up->codec, up->red_pt) != IC_OK)
        return IC_ERR_NOT_FOUND;
    ic_rtp_extensions(&packet.rtp, ids, values);
    if (up->orientation_ext != 0 && values[IC_EXT_ORIENTATION].len == 1)
        packet.orientation = values[IC_EXT_ORIENTATION].at[0];
    packet.epoch = up->layers[layer].epoch;
    if (up->dependency_ext != 0 && !read_dependency_again(up, &packet, values[IC_EXT_DEPENDENCY]))
        return IC_ERR_NOT_FOUND;
    *out = packet;
    return IC_OK;
}

/* Measured against the other layers: a still screen or a muted camera silences all of them. */
static bool is_alive(const struct ic_upstream *up, int i)
{
    const struct ic_layer *layer = &up->layers[i];
    return layer->seen && up->arrived_at - layer->arrived_at < IC_LAYER_SILENCE;
}

int ic_upstream_layer(const struct ic_upstream *up, uint8_t wanted)
{
    for (int i = wanted < IC_LAYERS ? wanted : IC_LAYERS - 1; i >= 0; i--)
        if (is_alive(up, i))
            return i;
    for (int i = 0; i < IC_LAYERS; i++)
        if (is_alive(up, i))
            return i;
    return -1;
}

void ic_upstream_want_key(struct ic_upstream *up, uint8_t layer)
{
    up->layers[layer].key_wanted = true;
    up->layers[layer].plis = 0;
}

bool ic_upstream_take_pli(struct ic_upstream *up, uint8_t layer, int64_t now)
{
    struct ic_layer *l = &up->layers[layer];
    int64_t wait = l->key_asked ? IC_PLI_RETRY : IC_PLI_SPACING;
    if (!l->key_wanted || !l->seen || (l->pli_at != 0 && now - l->pli_at < wait))
        return false;
    l->pli_at = now;
    l->key_asked = true;
    if (++l->plis == IC_PLI_TRIES)
        l->key_wanted = false;
    return true;
}

static void note_clock(struct ic_sender_clock *clock, uint64_t ntp, int64_t now)
{
    int64_t sample = now - ic_ns_of_ntp(ntp);
    int64_t above = sample - clock->offset;
    if (!clock->known || above < 0 || above > CLOCK_STEP)
        *clock = (struct ic_sender_clock){true, sample};
    else
        clock->offset += above / 64 < CLOCK_RISE ? above / 64 : CLOCK_RISE;
}

static void take_report(struct ic_layer *layer, const struct ic_rtcp_sr *sr, int64_t now)
{
    layer->sr_known = sr->ntp != 0;
    layer->sr_ntp = sr->ntp;
    layer->sr_timestamp = sr->timestamp;
    layer->sr_at = now;
}

void ic_upstream_take_report(struct ic_upstream *up, uint8_t layer, const struct ic_rtcp_sr *sr,
                             int64_t offset, int64_t now)
{
    take_report(&up->layers[layer], sr, now);
    *up->clock = (struct ic_sender_clock){true, offset};
}

bool ic_upstream_note_sr(struct ic_upstream *up, const struct ic_rtcp_sr *sr, int64_t now)
{
    for (int i = 0; i < IC_LAYERS; i++) {
        struct ic_layer *layer = &up->layers[i];
        if (!layer->seen || layer->ssrc != sr->ssrc)
            continue;
        take_report(layer, sr, now);
        if (layer->sr_known)
            note_clock(up->clock, sr->ntp, now);
        return true;
    }
    return false;
}

bool ic_upstream_captured(const struct ic_upstream *up, uint8_t layer, uint32_t timestamp,
                          int64_t *at)
{
    const struct ic_layer *l = &up->layers[layer];
    if (!l->sr_known || !up->clock->known)
        return false;
    int64_t ticks = (int32_t)(timestamp - l->sr_timestamp);
    *at = ic_ns_of_ntp(l->sr_ntp) + up->clock->offset +
          ticks * IC_NS_PER_SEC / ic_upstream_clock_hz(up);
    return true;
}

static bool holds_worst(const struct ic_layer *layer, int64_t now)
{
    return layer->worst_at != 0 && now - layer->worst_at < WORST_HOLDS;
}

void ic_upstream_note_lost(struct ic_upstream *up, uint8_t fraction, int64_t now)
{
    struct ic_layer *layer = &up->layers[0];
    if (up->codec != IC_CODEC_OPUS || (holds_worst(layer, now) && fraction < layer->worst_lost))
        return;
    layer->worst_lost = fraction;
    layer->worst_at = now;
}

uint8_t ic_upstream_worst_lost(const struct ic_upstream *up, int64_t now)
{
    return holds_worst(&up->layers[0], now) ? up->layers[0].worst_lost : 0;
}

void ic_layer_report(struct ic_layer *layer, struct ic_rtcp_report *out, int64_t now)
{
    *out = (struct ic_rtcp_report){.ssrc = layer->ssrc};
    ic_reception_report(&layer->reception, out);
    if (holds_worst(layer, now) && layer->worst_lost > out->fraction_lost)
        out->fraction_lost = layer->worst_lost;
    if (layer->sr_known) {
        out->lsr = (uint32_t)(layer->sr_ntp >> 16);
        out->dlsr = (uint32_t)(ic_ntp_of_ns(now - layer->sr_at) >> 16);
    }
}

/* The rung of its layer that makes up a step; negative if none does. */
static int rung_of_step(const struct ic_upstream *up, const struct ic_layer *layer, uint8_t step)
{
    uint8_t size = step / IC_RATES, rate = step % IC_RATES;
    if (up->by_size)
        return rate == IC_RATES - 1 && size < layer->rung_count ? size : -1;
    return rate + layer->rung_count - IC_RATES;
}

uint32_t ic_upstream_bps(const struct ic_upstream *up, uint8_t step, int64_t now)
{
    const struct ic_layer *layer = &up->layers[up->by_size ? 0 : step / IC_RATES];
    int rung = rung_of_step(up, layer, step);
    return rung < 0 || now - layer->interval_start > 2 * IC_NS_PER_SEC ? 0 : layer->bps[rung];
}

uint32_t ic_upstream_redundant_bps(const struct ic_upstream *up)
{
    return up->layers[0].bps[IC_RATES - 1];
}
