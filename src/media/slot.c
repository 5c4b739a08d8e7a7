/* A run is what is forwarded between two switches: one layer's packets, whose numbers all differ
 * by the same amount from ours.
 *
 *     layer l   ..41 42 43 44 45              41..44 go out as 100..103
 *     layer h             K7 8 9 10           the key frame at 7 begins a run: 7 is 104
 *     out       100 101 102 103 104 105 ..    45 is not forwarded, and 44 that comes late still is
 *
 * So a hole in our numbers is always a packet that has not come yet. */
#include "media/slot.h"

#include <assert.h>

enum { FATE_UNUSED, FATE_SENT, FATE_RESENT };

enum {
    PICTURE_MASK = 0x7FFF,
    KEY_INDEX_MASK = 0x1F,
    RESEND_CREDIT_START = 32 * 1024,
    RESEND_CREDIT_MAX = 128 * 1024,
    RESEND_SHARE = 2, /* of what is forwarded, one byte in two may be resent */
    RESEND_MS_LEAST = 10,
    RESEND_MS_UNKNOWN = 50,
    PADDING_BIT = 0x20,
};

/* Further from the elapsed time than this, the sender's clock was set or lies. */
#define ALIGN_MOST (3 * IC_NS_PER_SEC)

static struct ic_slot_run *run_at(struct ic_slot *s, uint16_t number)
{
    return &s->runs[number % IC_SLOT_RUNS];
}

static bool is_video(const struct ic_slot *s)
{
    return s->codec != IC_CODEC_OPUS;
}

void ic_slot_init(struct ic_slot *s, const struct ic_line *line, struct ic_slot_sent *sent,
                  size_t sent_count, uint16_t first_seq, uint32_t first_timestamp)
{
    assert(sent_count > 0 && sent_count <= 1u << 15 && (sent_count & (sent_count - 1)) == 0);
    memset(s, 0, sizeof *s);
    s->sent = sent;
    s->sent_mask = (uint16_t)(sent_count - 1);
    s->codec = line->codec;
    s->pt = line->pt;
    s->rtx_pt = line->rtx_pt;
    s->red_pt = line->red_pt;
    s->redundant = true;
    s->ssrc = line->ssrc;
    s->rtx_ssrc = line->rtx_ssrc;
    s->limit = IC_LAYERS - 1;
    s->index = s->rtx_index = first_seq / 2;
    s->timestamp = first_timestamp;
    s->resend_credit = RESEND_CREDIT_START;
    ic_rtp_template_init(&s->head, line->mid, line->ext);
}

/* Is what runs still what the upstream's layer sends? */
static bool is_current(struct ic_slot *s)
{
    const struct ic_slot_run *run = run_at(s, s->run);
    return s->running && s->upstream->layers[run->layer].epoch == run->epoch;
}

static void stop(struct ic_slot *s)
{
    if (s->running)
        s->upstream->layers[run_at(s, s->run)->layer].takers--;
    s->running = false;
}

void ic_slot_point(struct ic_slot *s, struct ic_upstream *up, uint8_t wanted)
{
    if (up != s->upstream) {
        stop(s);
        memset(s->runs, 0, sizeof s->runs);
        s->anchored = false;
        s->upstream = up;
    }
    s->wanted = wanted < IC_LAYERS ? wanted : IC_LAYERS - 1;
    s->target = s->wanted;
    ic_slot_tick(s);
}

void ic_slot_limit(struct ic_slot *s, int8_t limit)
{
    if (!is_video(s) || s->limit == limit)
        return;
    s->limit = limit;
    if (limit < 0)
        stop(s);
    ic_slot_tick(s);
}

/* The highest layer that is both wanted and borne. */
static uint8_t highest(const struct ic_slot *s)
{
    return s->limit < s->wanted ? (uint8_t)s->limit : s->wanted;
}

static bool is_shut(const struct ic_slot *s)
{
    return is_video(s) && s->limit < 0;
}

void ic_slot_tick(struct ic_slot *s)
{
    if (!s->upstream || !is_video(s) || is_shut(s))
        return;
    int layer = ic_upstream_layer(s->upstream, highest(s));
    if (layer < 0)
        return;
    s->target = (uint8_t)layer;
    if (!is_current(s) || run_at(s, s->run)->layer != s->target)
        ic_upstream_want_key(s->upstream, s->target);
}

void ic_slot_want_key(struct ic_slot *s)
{
    if (s->upstream && is_video(s) && !is_shut(s))
        ic_upstream_want_key(s->upstream, s->target);
}

/* May the packet begin a run? Never one that came out of order: those behind it have gone by. */
static bool may_switch(struct ic_slot *s, const struct ic_packet *packet)
{
    if (!packet->newest)
        return false;
    if (!is_video(s))
        return true;
    if (!packet->vp8.key_start)
        return false;
    if (packet->layer == s->target)
        return true;
    /* Anything rather than nothing; and a higher layer that was thought dead. */
    return packet->layer <= highest(s) && (!is_current(s) || packet->layer > s->target);
}

/* One pair of capture time and our timestamp, from the layer that runs, good for all its sisters.
 */
static void anchor(struct ic_slot *s)
{
    const struct ic_slot_run *run = run_at(s, s->run);
    if (s->anchored || !is_current(s))
        return;
    const struct ic_layer *layer = &s->upstream->layers[run->layer];
    s->anchor_timestamp = layer->sr_timestamp + run->timestamp_diff;
    s->anchored = ic_layer_capture_ns(layer, layer->sr_timestamp, ic_upstream_clock_hz(s->upstream),
                                      &s->anchor_ntp_ns);
}

/* The timestamp of a run's first packet: by capture time where that is known, else by the time
 * that passed; in any case newer than all before. */
static uint32_t first_timestamp(struct ic_slot *s, const struct ic_packet *packet, int64_t now)
{
    uint32_t hz = ic_upstream_clock_hz(s->upstream);
    int64_t captured;
    if (!s->began)
        return s->timestamp;
    uint32_t timestamp = s->timestamp + ic_rtp_ticks(now - s->timestamp_at, hz);
    anchor(s);
    if (s->anchored && ic_layer_capture_ns(&s->upstream->layers[packet->layer],
                                           packet->rtp.timestamp, hz, &captured)) {
        uint32_t aligned = s->anchor_timestamp + ic_rtp_ticks(captured - s->anchor_ntp_ns, hz);
        int32_t apart = (int32_t)(aligned - timestamp);
        int32_t most = (int32_t)ic_rtp_ticks(ALIGN_MOST, hz);
        s->anchored = apart <= most && apart >= -most;
        timestamp = s->anchored ? aligned : timestamp;
    }
    return (int32_t)(timestamp - s->timestamp) > 0 ? timestamp : s->timestamp + 1;
}

static void begin_run(struct ic_slot *s, const struct ic_packet *packet, int64_t now)
{
    uint32_t timestamp = first_timestamp(s, packet, now);
    stop(s);
    s->running = true;
    s->run++;
    s->upstream->layers[packet->layer].takers++;
    s->report_due = true;
    if (packet->layer > s->target && packet->layer <= highest(s))
        s->target = packet->layer;
    *run_at(s, s->run) = (struct ic_slot_run){
        .used = true,
        .layer = packet->layer,
        .epoch = packet->epoch,
        .first = packet->seq,
        .newest = packet->seq - 1,
        .index_diff = s->index + (s->began ? 1 : 0) - packet->seq,
        .timestamp_diff = timestamp - packet->rtp.timestamp,
        .picture_in = packet->vp8.picture_id,
        .picture_out = (s->picture + 1) & PICTURE_MASK,
        .tl0_diff = (uint8_t)(s->tl0 + 1 - packet->vp8.tl0),
        .key_index_diff = (s->key_index + 1 - packet->vp8.key_index) & KEY_INDEX_MASK,
    };
}

static bool is_of(const struct ic_slot_run *run, const struct ic_packet *packet)
{
    return run->used && run->layer == packet->layer && run->epoch == packet->epoch &&
           (int32_t)(packet->seq - run->first) >= 0;
}

/* A packet of an earlier run that fills a hole there. */
static bool find_earlier(struct ic_slot *s, const struct ic_packet *packet, uint16_t *number)
{
    for (uint16_t back = 1; back < IC_SLOT_RUNS; back++) {
        const struct ic_slot_run *run = run_at(s, (uint16_t)(s->run - back));
        if (is_of(run, packet) && (int32_t)(run->newest - packet->seq) > 0) {
            *number = (uint16_t)(s->run - back);
            return true;
        }
    }
    return false;
}

static uint16_t picture_of(const struct ic_slot_run *run, const struct ic_vp8 *vp8)
{
    int shift = 16 - vp8->picture_bits;
    uint16_t apart = (uint16_t)(vp8->picture_id - run->picture_in);
    int16_t diff = (int16_t)((int16_t)(uint16_t)(apart << shift) >> shift);
    return (uint16_t)(run->picture_out + diff) & PICTURE_MASK;
}

static struct ic_vp8 rewrite_vp8(const struct ic_slot_run *run, const struct ic_vp8 *in)
{
    struct ic_vp8 vp8 = *in;
    vp8.tl0 = (uint8_t)(in->tl0 + run->tl0_diff);
    vp8.key_index = (in->key_index + run->key_index_diff) & KEY_INDEX_MASK;
    if (in->has_picture_id)
        vp8.picture_id = picture_of(run, in);
    return vp8;
}

/* Does this receiver get the older frames, too? */
static bool stays_redundant(const struct ic_slot *s, const struct ic_packet *packet)
{
    return packet->red.count > 0 && s->red_pt != 0 && (s->redundant || packet->after_hole);
}

/* Bytes in front of the newest frame. */
static size_t to_newest(const struct ic_packet *packet)
{
    return packet->rtp.payload.len - ic_red_newest(&packet->red).len;
}

static uint8_t pt_of(const struct ic_slot *s, const struct ic_packet *packet)
{
    return stays_redundant(s, packet) ? s->red_pt : s->pt;
}

/* Writes header, `osn` if it is not negative, and descriptor. */
static void write_head(const struct ic_slot *s, const struct ic_packet *packet,
                       const struct ic_rtp_header *header, int32_t osn, const struct ic_vp8 *vp8,
                       uint8_t *head, struct ic_slot_out *out)
{
    size_t len = s->head.len;
    ic_rtp_write(head, &s->head, header, packet->orientation);
    if (osn >= 0) {
        head[len++] = (uint8_t)(osn >> 8);
        head[len++] = (uint8_t)osn;
    }
    if (vp8->len > 0)
        len += ic_vp8_write(head + len, vp8);
    size_t skipped = vp8->len;
    if (stays_redundant(s, packet)) {
        len += ic_red_write_header(head + len, &packet->red, s->pt);
        skipped = packet->red.header_len;
    } else if (packet->red.count > 0) {
        skipped = to_newest(packet);
    }
    out->header_len = s->head.len;
    out->head_len = (uint16_t)len;
    out->twcc_at = s->head.twcc_at;
    out->ssrc = header->ssrc;
    out->body.at = packet->rtp.payload.at + skipped;
    out->body.len = packet->rtp.payload.len - skipped;
}

static void note_newest(struct ic_slot *s, struct ic_slot_run *run, const struct ic_packet *packet,
                        const struct ic_vp8 *vp8, uint32_t timestamp, int64_t now)
{
    run->newest = packet->seq;
    if (packet->vp8.has_picture_id) {
        run->picture_in = packet->vp8.picture_id;
        s->picture = run->picture_out = vp8->picture_id;
    }
    if (vp8->has_tl0)
        s->tl0 = vp8->tl0;
    if (vp8->has_key_index)
        s->key_index = vp8->key_index;
    if (timestamp != s->timestamp || !s->began) {
        s->timestamp = timestamp;
        s->timestamp_at = now;
    }
    s->index = packet->seq + run->index_diff;
    s->began = true;
}

/* False if this number went out already, or is too old to tell. For a new one the map is written
 * and not read, so that nobody waits for memory. */
static bool claim(struct ic_slot *s, uint64_t index, uint16_t run)
{
    struct ic_slot_sent *sent = &s->sent[index & s->sent_mask];
    int64_t behind = (int64_t)(s->index - index);
    if (s->began && behind >= 0 &&
        (behind > s->sent_mask || (sent->fate != FATE_UNUSED && sent->out_seq == (uint16_t)index)))
        return false;
    *sent =
        (struct ic_slot_sent){.out_seq = (uint16_t)index, .run = (uint8_t)run, .fate = FATE_SENT};
    return true;
}

static void note_sent(struct ic_slot *s, const struct ic_slot_out *out)
{
    uint32_t len = (uint32_t)(out->head_len - out->header_len + out->body.len);
    s->packets++;
    s->bytes += len;
    s->resend_credit += len / RESEND_SHARE;
    if (s->resend_credit > RESEND_CREDIT_MAX)
        s->resend_credit = RESEND_CREDIT_MAX;
}

static bool emit(struct ic_slot *s, uint16_t number, const struct ic_packet *packet, int64_t now,
                 uint8_t *head, struct ic_slot_out *out)
{
    struct ic_slot_run *run = run_at(s, number);
    uint64_t index = packet->seq + run->index_diff;
    if (!claim(s, index, number))
        return false;
    bool opens_voice = !is_video(s) && packet->seq == run->first;
    struct ic_rtp_header header = {
        .ssrc = s->ssrc,
        .timestamp = packet->rtp.timestamp + run->timestamp_diff,
        .seq = (uint16_t)index,
        .pt = pt_of(s, packet),
        .marker = packet->rtp.marker || opens_voice,
    };
    struct ic_vp8 vp8 = rewrite_vp8(run, &packet->vp8);
    write_head(s, packet, &header, -1, &vp8, head, out);
    out->index = index;
    if ((int32_t)(packet->seq - run->newest) > 0)
        note_newest(s, run, packet, &vp8, header.timestamp, now);
    note_sent(s, out);
    return true;
}

bool ic_slot_forward(struct ic_slot *s, const struct ic_packet *packet, int64_t now,
                     uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    if (packet->upstream != s->upstream || is_shut(s))
        return false;
    const struct ic_slot_run *run = run_at(s, s->run);
    uint16_t number = s->run;
    if (!s->running || run->layer != packet->layer || run->epoch != packet->epoch) {
        if (may_switch(s, packet)) {
            begin_run(s, packet, now);
            number = s->run;
        } else if (!find_earlier(s, packet, &number)) {
            return false;
        }
    } else if (!is_of(run, packet) && !find_earlier(s, packet, &number)) {
        return false;
    }
    return emit(s, number, packet, now, head, out);
}

static bool resent_lately(const struct ic_slot_sent *sent, int64_t rtt, int64_t now)
{
    int64_t least = rtt == 0 ? RESEND_MS_UNKNOWN : rtt / IC_NS_PER_MS;
    if (least < RESEND_MS_LEAST)
        least = RESEND_MS_LEAST;
    return sent->fate == FATE_RESENT && (uint16_t)(now / IC_NS_PER_MS - sent->resent_ms) < least;
}

/* What was sent as `seq`, if its run and its bytes are still here. */
static struct ic_slot_sent *find_sent(struct ic_slot *s, uint16_t seq, struct ic_packet *packet)
{
    struct ic_slot_sent *sent = &s->sent[seq & s->sent_mask];
    if (!s->upstream || sent->fate == FATE_UNUSED || sent->out_seq != seq ||
        (uint8_t)(s->run - sent->run) >= IC_SLOT_RUNS)
        return NULL;
    const struct ic_slot_run *run = run_at(s, sent->run);
    uint64_t index = s->index - (uint16_t)(s->index - seq); /* none that went out is newer */
    if (!run->used || run->epoch != s->upstream->layers[run->layer].epoch ||
        ic_upstream_recall(s->upstream, packet, run->layer, (uint32_t)(index - run->index_diff)) !=
            IC_OK)
        return NULL;
    return sent;
}

enum ic_err ic_slot_recall(struct ic_slot *s, uint16_t seq, uint8_t head[IC_SLOT_HEAD_MAX],
                           struct ic_slot_out *out)
{
    struct ic_packet packet;
    struct ic_slot_sent *sent = find_sent(s, seq, &packet);
    if (!sent)
        return IC_ERR_NOT_FOUND;

    const struct ic_slot_run *run = run_at(s, sent->run);
    uint64_t index = packet.seq + run->index_diff;
    struct ic_rtp_header header = {
        .ssrc = s->ssrc,
        .timestamp = packet.rtp.timestamp + run->timestamp_diff,
        .seq = seq,
        .pt = s->pt,
        .marker = packet.rtp.marker,
    };
    struct ic_vp8 vp8 = rewrite_vp8(run, &packet.vp8);
    write_head(s, &packet, &header, -1, &vp8, head, out);
    out->index = index;
    return IC_OK;
}

enum ic_err ic_slot_resend(struct ic_slot *s, uint16_t seq, int64_t rtt, int64_t now,
                           uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    struct ic_packet packet;
    struct ic_slot_sent *sent = s->rtx_pt ? find_sent(s, seq, &packet) : NULL;
    if (!sent)
        return IC_ERR_NOT_FOUND;
    if (resent_lately(sent, rtt, now))
        return IC_ERR_REPLAYED;
    if (packet.rtp.payload.len > s->resend_credit)
        return IC_ERR_FULL;

    const struct ic_slot_run *run = run_at(s, sent->run);
    struct ic_rtp_header header = {
        .ssrc = s->rtx_ssrc,
        .timestamp = packet.rtp.timestamp + run->timestamp_diff,
        .seq = (uint16_t)s->rtx_index,
        .pt = s->rtx_pt,
        .marker = packet.rtp.marker,
    };
    struct ic_vp8 vp8 = rewrite_vp8(run, &packet.vp8);
    write_head(s, &packet, &header, seq, &vp8, head, out);
    out->index = s->rtx_index++;
    sent->fate = FATE_RESENT;
    sent->resent_ms = (uint16_t)(now / IC_NS_PER_MS);
    s->resend_credit -= (uint32_t)packet.rtp.payload.len;
    return IC_OK;
}

bool ic_slot_pad(struct ic_slot *s, uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    static const uint8_t padding[IC_SLOT_PADDING_LEN] = {[IC_SLOT_PADDING_LEN - 1] =
                                                             IC_SLOT_PADDING_LEN};

    if (s->rtx_pt == 0 || !s->upstream)
        return false;
    struct ic_rtp_header header = {
        .ssrc = s->rtx_ssrc,
        .timestamp = s->timestamp,
        .seq = (uint16_t)s->rtx_index,
        .pt = s->rtx_pt,
    };
    ic_rtp_write(head, &s->head, &header, -1);
    head[0] |= PADDING_BIT;
    *out = (struct ic_slot_out){
        .header_len = s->head.len,
        .head_len = s->head.len,
        .twcc_at = s->head.twcc_at,
        .index = s->rtx_index++,
        .ssrc = s->rtx_ssrc,
        .body = {padding, sizeof padding},
    };
    return true;
}

bool ic_slot_report(struct ic_slot *s, struct ic_rtcp_sr *out, int64_t now)
{
    if (!s->upstream || !is_current(s) || (!s->report_due && now - s->reported_at < IC_NS_PER_SEC))
        return false;
    const struct ic_slot_run *run = run_at(s, s->run);
    const struct ic_layer *layer = &s->upstream->layers[run->layer];
    if (!layer->sr_known || !s->upstream->clock->known)
        return false;

    int64_t theirs = now - s->upstream->clock->offset;
    uint32_t since =
        ic_rtp_ticks(theirs - ic_ns_of_ntp(layer->sr_ntp), ic_upstream_clock_hz(s->upstream));
    *out = (struct ic_rtcp_sr){
        .ssrc = s->ssrc,
        .ntp = ic_ntp_of_ns(now),
        .timestamp = layer->sr_timestamp + since + run->timestamp_diff,
        .packets = s->packets,
        .bytes = s->bytes,
    };
    s->report_due = false;
    s->reported_at = now;
    return true;
}
