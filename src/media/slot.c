/* What slots decide: what to switch to and where, what to leave out, what to send again. */
#include "media/slot.h"

#include <assert.h>

#include "media/rewrite.h"

enum {
    RESEND_CREDIT_START = 32 * 1024,
    RESEND_CREDIT_MAX = 128 * 1024,
    RESEND_MS_LEAST = 10,
    RESEND_MS_UNKNOWN = 50,
    PADDING_BIT = 0x20,
    REPORTS_FIRST = 3, /* two, before a browser brings sound and picture together */
    REPORTS_ANEW = 20, /* it draws a line through so many */
    REPORTS_GOING_ON = 1,
};

#define REPORT_EVERY IC_NS_PER_SEC
#define REPORT_HURRIED (100 * IC_NS_PER_MS)

/* Further from the elapsed time than this, the sender's clock was set or lies. */
#define ALIGN_MOST (3 * IC_NS_PER_SEC)

_Static_assert(offsetof(struct ic_slot, head) == 64, "a tick touches one cache line of these");

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
    for (uint8_t codec = 0; codec < IC_CODECS; codec++) {
        s->pts[codec] = ic_line_pt(line, codec);
        s->rtx_pts[codec] = ic_line_rtx_pt(line, codec);
    }
    s->red_pt = line->red_pt;
    s->redundant = true;
    s->ssrc = line->ssrc;
    s->rtx_ssrc = line->rtx_ssrc;
    s->dependency_ext = line->ext[IC_EXT_DEPENDENCY];
    s->limit = IC_STEPS - 1;
    s->numbers.index = s->rtx_index = first_seq / 2;
    s->numbers.timestamp = first_timestamp;
    s->resend_credit = RESEND_CREDIT_START;
    s->resend_halves = 1;
    ic_rtp_template_init(&s->head, line->mid, line->ext);
}

/* Is what runs still what the upstream's layer sends? */
static bool is_current(struct ic_slot *s)
{
    const struct ic_run *run = ic_run_now(&s->numbers);
    return s->running && s->upstream->layers[run->layer].epoch == run->epoch;
}

static void stop(struct ic_slot *s)
{
    if (s->running)
        s->upstream->layers[ic_run_now(&s->numbers)->layer].takers--;
    s->running = false;
}

/* Notes what belongs together, by what runs now. */
static void anchor(struct ic_slot *s)
{
    const struct ic_run *run = ic_run_now(&s->numbers);
    if (!is_current(s))
        return;
    uint32_t timestamp = s->upstream->layers[run->layer].sr_timestamp;
    if (!ic_upstream_captured(s->upstream, run->layer, timestamp, &s->anchor_at))
        return;
    s->anchor_timestamp = timestamp + run->timestamp_diff;
    s->anchored = true;
}

void ic_slot_point(struct ic_slot *s, struct ic_upstream *up, uint8_t wanted)
{
    if (up != s->upstream) {
        anchor(s);
        stop(s);
        ic_numbering_forget(&s->numbers);
        s->upstream = up;
    }
    s->wanted = wanted < IC_LAYERS ? wanted : IC_LAYERS - 1;
    s->target = s->wanted;
    ic_slot_tick(s);
}

void ic_slot_limit(struct ic_slot *s, int8_t step)
{
    if (!is_video(s) || s->limit == step)
        return;
    s->limit = step;
    if (step < 0)
        stop(s);
    ic_slot_tick(s);
}

/* The highest layer that is both wanted and borne. */
static uint8_t highest(const struct ic_slot *s)
{
    uint8_t borne = (uint8_t)s->limit / IC_RATES;
    return borne < s->wanted ? borne : s->wanted;
}

static bool is_shut(const struct ic_slot *s)
{
    return is_video(s) && s->limit < 0;
}

static uint8_t top_rung(struct ic_slot *s, const struct ic_run *run)
{
    return s->upstream->layers[run->layer].rung_count - 1;
}

/* The highest rung of what runs now that the slot is to have. Of a size above what the path bears,
 * while it waits for the key frame of the next lower one: as few pictures as there are. */
static uint8_t target_rung(struct ic_slot *s)
{
    const struct ic_run *run = ic_run_now(&s->numbers);
    uint8_t top = top_rung(s, run), borne = (uint8_t)s->limit / IC_RATES;
    if (s->upstream->by_size)
        return highest(s) < top ? highest(s) : top;
    if (run->layer != borne)
        return run->layer < borne ? top : 0;
    return ic_rung_of_rate(top + 1, (uint8_t)s->limit % IC_RATES);
}

static bool waits_for_size(struct ic_slot *s)
{
    const struct ic_layer_filter *filter = ic_filter_of(&s->numbers, s->numbers.run);
    return s->upstream->by_size && filter->began && filter->rung < target_rung(s);
}

void ic_slot_tick(struct ic_slot *s)
{
    if (!s->upstream || !is_video(s) || is_shut(s) || s->resting)
        return;
    int layer = ic_upstream_layer(s->upstream, highest(s));
    if (layer < 0)
        return;
    s->target = (uint8_t)layer;
    if (!is_current(s) || ic_run_now(&s->numbers)->layer != s->target || waits_for_size(s))
        ic_upstream_want_key(s->upstream, s->target);
}

void ic_slot_want_key(struct ic_slot *s)
{
    if (s->upstream && is_video(s) && !is_shut(s) && !s->resting)
        ic_upstream_want_key(s->upstream, s->target);
}

/* May the packet begin a run? Never one that came out of order: those behind it have gone by. */
static bool may_switch(struct ic_slot *s, const struct ic_packet *packet)
{
    if (!packet->newest)
        return false;
    if (!is_video(s))
        return true;
    if (!packet->key_start || s->resting)
        return false;
    if (packet->layer == s->target)
        return true;
    /* Anything rather than nothing; and a higher layer that was thought dead. */
    return packet->layer <= highest(s) && (!is_current(s) || packet->layer > s->target);
}

/* By capture time, where that is known of both senders. */
static bool align(struct ic_slot *s, const struct ic_packet *packet, uint32_t *timestamp)
{
    uint32_t hz = ic_upstream_clock_hz(s->upstream);
    int64_t captured;
    anchor(s);
    if (!s->anchored ||
        !ic_upstream_captured(s->upstream, packet->layer, packet->rtp.timestamp, &captured))
        return false;
    uint32_t aligned = s->anchor_timestamp + ic_rtp_ticks(captured - s->anchor_at, hz);
    int32_t apart = (int32_t)(aligned - *timestamp);
    int32_t most = (int32_t)ic_rtp_ticks(ALIGN_MOST, hz);
    s->anchored = apart <= most && apart >= -most;
    if (s->anchored)
        *timestamp = aligned;
    return s->anchored;
}

/* The timestamp of a run's first packet: by capture time, else by the time that passed; in any case
 * newer than all before. */
static uint32_t first_timestamp(struct ic_slot *s, const struct ic_packet *packet, int64_t now)
{
    uint32_t hz = ic_upstream_clock_hz(s->upstream);
    s->hurried = REPORTS_FIRST;
    if (!s->numbers.began)
        return s->numbers.timestamp;
    uint32_t timestamp = s->numbers.timestamp + ic_rtp_ticks(now - s->timestamp_at, hz);
    s->hurried = align(s, packet, &timestamp) ? REPORTS_GOING_ON : REPORTS_ANEW;
    return (int32_t)(timestamp - s->numbers.timestamp) > 0 ? timestamp : s->numbers.timestamp + 1;
}

static void begin_run(struct ic_slot *s, const struct ic_packet *packet, int64_t now)
{
    uint32_t timestamp = first_timestamp(s, packet, now);
    stop(s);
    s->running = true;
    s->upstream->layers[packet->layer].takers++;
    s->reported_at = now - REPORT_EVERY;
    if (packet->layer > s->target && packet->layer <= highest(s))
        s->target = packet->layer;
    ic_numbering_begin(&s->numbers, packet, timestamp);
}

/* ---- what goes out ---- */

/* False if this number went out already, or is too old to tell. For a new one the map is written
 * and not read, so that nobody waits for memory. */
static bool claim(struct ic_slot *s, uint64_t index, uint16_t run, uint8_t fate)
{
    struct ic_slot_sent *sent = &s->sent[index & s->sent_mask];
    int64_t behind = (int64_t)(s->numbers.index - index);
    if (s->numbers.began && behind >= 0 &&
        (behind > s->sent_mask ||
         (sent->fate != IC_FATE_UNUSED && sent->out_seq == (uint16_t)index)))
        return false;
    *sent = (struct ic_slot_sent){.out_seq = (uint16_t)index, .run = (uint8_t)run, .fate = fate};
    return true;
}

static void note_sent(struct ic_slot *s, const struct ic_slot_out *out)
{
    uint32_t len = (uint32_t)(out->head_len - out->header_len + out->body.len);
    s->packets++;
    s->bytes += len;
    s->resend_credit += len / 2 * s->resend_halves;
    if (s->resend_credit > RESEND_CREDIT_MAX)
        s->resend_credit = RESEND_CREDIT_MAX;
}

/* Is the packet of a frame that follows the newest one? */
static bool opens_frame(const struct ic_slot *s, const struct ic_run *run,
                        const struct ic_packet *packet)
{
    uint16_t number = (uint16_t)(packet->frame.number + run->frame_diff);
    return packet->frame.known && (int16_t)(uint16_t)(number - s->numbers.frame) > 0;
}

/* What becomes of a packet whose run is known; `fresh`: the first that came of its frame. Nothing
 * is noted as long as all of a run goes out. */
static uint8_t choose(struct ic_slot *s, uint16_t number, const struct ic_packet *packet,
                      bool *fresh)
{
    const struct ic_frame *frame = &packet->frame;
    const struct ic_run *run = ic_run_at(&s->numbers, number);
    struct ic_layer_filter *filter = ic_filter_of(&s->numbers, number);
    uint8_t top = top_rung(s, run), target = number == s->numbers.run ? target_rung(s) : top;
    bool complete = filter ? !filter->began : run->left_out == 0;
    if (complete && (target >= top || !opens_frame(s, run, packet)))
        return (uint8_t)(IC_FATE_SENT | top << IC_FATE_RUNG_SHIFT);
    if (!filter)
        return IC_FATE_SENT | IC_FATE_EMPTY;
    if (number != s->numbers.run) /* it changes no more */
        target = filter->rung;
    bool pass = target >= top && filter->rung >= target; /* what tells nothing: if all get it */
    if (frame->known)
        pass = ic_layers_pass(filter, frame, target, fresh);
    if (!pass)
        return IC_FATE_SENT | IC_FATE_EMPTY;
    bool tells = packet->dependency_bytes.len > 0 && packet->dependency.start &&
                 (packet->dependency.has_structure || frame->number == filter->changed_at);
    uint8_t rung = ic_layers_rung(filter, frame->number);
    return (uint8_t)(IC_FATE_SENT | (tells ? IC_FATE_TOLD : 0) | rung << IC_FATE_RUNG_SHIFT);
}

static void note_newest(struct ic_slot *s, uint16_t number, const struct ic_packet *packet,
                        int64_t now)
{
    struct ic_numbering *n = &s->numbers;
    uint32_t before = n->timestamp;
    bool began = n->began;
    ic_numbering_sent(n, number, packet);
    if (n->timestamp != before || !began)
        s->timestamp_at = now;
}

static bool emit(struct ic_slot *s, uint16_t number, const struct ic_packet *packet, uint8_t fate,
                 int64_t now, uint8_t *head, struct ic_slot_out *out)
{
    const struct ic_run *run = ic_run_at(&s->numbers, number);
    uint64_t index = ic_numbering_index(&s->numbers, number, packet->seq);
    if (!claim(s, index, number, fate))
        return false;
    struct ic_rewrite what = {.packet = packet,
                              .run = number,
                              .fate = fate,
                              .header = {.ssrc = s->ssrc,
                                         .seq = (uint16_t)index,
                                         .pt = ic_rewrite_pt(s, packet),
                                         .marker = !is_video(s) && packet->seq == run->first}};
    ic_rewrite(s, &what, head, out);
    out->index = index;
    if (ic_run_is_newest(run, packet))
        note_newest(s, number, packet, now);
    note_sent(s, out);
    return true;
}

/* The run that the packet belongs to or begins. */
static bool find_run(struct ic_slot *s, const struct ic_packet *packet, int64_t now,
                     uint16_t *number)
{
    const struct ic_run *run = ic_run_now(&s->numbers);
    bool other = !s->running || run->layer != packet->layer || run->epoch != packet->epoch;
    *number = s->numbers.run;
    if (!other && ic_run_has(run, packet))
        return true;
    if (!other || !may_switch(s, packet)) /* the newest of its layer fills no hole */
        return !packet->newest && ic_numbering_find_earlier(&s->numbers, packet, number);
    begin_run(s, packet, now);
    *number = s->numbers.run;
    return true;
}

bool ic_slot_forward(struct ic_slot *s, const struct ic_packet *packet, int64_t now,
                     uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    uint16_t number;
    uint8_t fate = IC_FATE_SENT;
    bool fresh = false;
    if (packet->upstream != s->upstream || s->pts[packet->codec] == 0 || is_shut(s) ||
        !find_run(s, packet, now, &number))
        return false;
    const struct ic_run *run = ic_run_at(&s->numbers, number);
    if (top_rung(s, run) > 0 && packet->rtp.payload.len > 0)
        fate = choose(s, number, packet, &fresh);
    if (fate & IC_FATE_EMPTY && number == s->numbers.run && ic_run_is_newest(run, packet)) {
        ic_numbering_leave_out(&s->numbers, packet, fresh);
        return false;
    }
    return emit(s, number, packet, fate, now, head, out);
}

static bool resent_lately(const struct ic_slot_sent *sent, int64_t rtt, int64_t now)
{
    int64_t least = rtt == 0 ? RESEND_MS_UNKNOWN : rtt / IC_NS_PER_MS;
    if (least < RESEND_MS_LEAST)
        least = RESEND_MS_LEAST;
    return sent->fate & IC_FATE_RESENT && (uint16_t)(now / IC_NS_PER_MS - sent->resent_ms) < least;
}

/* None that went out is newer. */
static uint64_t index_of(const struct ic_slot *s, uint16_t seq)
{
    return s->numbers.index - (uint16_t)(s->numbers.index - seq);
}

/* What was sent as `seq`, if its run and its bytes are still here. */
static struct ic_slot_sent *find_sent(struct ic_slot *s, uint16_t seq, struct ic_packet *packet,
                                      uint16_t *number)
{
    struct ic_slot_sent *sent = &s->sent[seq & s->sent_mask];
    if (!s->upstream || sent->fate == IC_FATE_UNUSED || sent->out_seq != seq ||
        (uint8_t)(s->numbers.run - sent->run) >= IC_RUNS)
        return NULL;
    *number = (uint16_t)(s->numbers.run - (uint8_t)(s->numbers.run - sent->run));
    const struct ic_run *run = ic_run_at(&s->numbers, *number);
    uint32_t source = ic_numbering_source(&s->numbers, *number, index_of(s, seq));
    if (!run->used || run->epoch != s->upstream->layers[run->layer].epoch ||
        (int32_t)(source - run->first) < 0 ||
        ic_upstream_recall(s->upstream, packet, run->layer, source) != IC_OK)
        return NULL;
    return sent;
}

enum ic_err ic_slot_recall(struct ic_slot *s, uint16_t seq, uint8_t head[IC_SLOT_HEAD_MAX],
                           struct ic_slot_out *out)
{
    struct ic_packet packet;
    uint16_t number;
    struct ic_slot_sent *sent = find_sent(s, seq, &packet, &number);
    if (!sent)
        return IC_ERR_NOT_FOUND;

    struct ic_rewrite what = {
        .packet = &packet,
        .run = number,
        .fate = sent->fate,
        .header = {.ssrc = s->ssrc, .seq = seq, .pt = ic_rewrite_pt(s, &packet)}};
    ic_rewrite(s, &what, head, out);
    out->index = index_of(s, seq);
    return IC_OK;
}

bool ic_slot_was_resent(const struct ic_slot *s, uint16_t seq, int64_t since, int64_t now)
{
    const struct ic_slot_sent *sent = &s->sent[seq & s->sent_mask];

    if (sent->fate == IC_FATE_UNUSED || sent->out_seq != seq)
        return true;
    uint16_t ago = (uint16_t)(now / IC_NS_PER_MS - sent->resent_ms);
    return sent->fate & IC_FATE_RESENT && (since == 0 || ago + 1 < (now - since) / IC_NS_PER_MS);
}

enum ic_err ic_slot_resend(struct ic_slot *s, uint16_t seq, int64_t rtt, int64_t now,
                           uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    struct ic_packet packet;
    uint16_t number;
    struct ic_slot_sent *sent = find_sent(s, seq, &packet, &number);
    if (!sent || s->rtx_pts[packet.codec] == 0)
        return IC_ERR_NOT_FOUND;
    if (resent_lately(sent, rtt, now))
        return IC_ERR_REPLAYED;
    if (packet.rtp.payload.len > s->resend_credit)
        return IC_ERR_FULL;

    struct ic_rewrite what = {.packet = &packet,
                              .run = number,
                              .fate = sent->fate,
                              .resent = true,
                              .seq = seq,
                              .header = {.ssrc = s->rtx_ssrc,
                                         .seq = (uint16_t)s->rtx_index,
                                         .pt = s->rtx_pts[packet.codec]}};
    ic_rewrite(s, &what, head, out);
    out->index = s->rtx_index++;
    sent->fate |= IC_FATE_RESENT;
    sent->resent_ms = (uint16_t)(now / IC_NS_PER_MS);
    s->resend_credit -= (uint32_t)packet.rtp.payload.len;
    return IC_OK;
}

bool ic_slot_pad(struct ic_slot *s, uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    static const uint8_t padding[IC_SLOT_PADDING_LEN] = {[IC_SLOT_PADDING_LEN - 1] =
                                                             IC_SLOT_PADDING_LEN};

    if (s->rtx_pts[s->codec] == 0 || !s->upstream)
        return false;
    struct ic_rtp_header header = {
        .ssrc = s->rtx_ssrc,
        .timestamp = s->numbers.timestamp,
        .seq = (uint16_t)s->rtx_index,
        .pt = s->rtx_pts[s->codec],
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
    int64_t interval = s->hurried > 0 ? REPORT_HURRIED : REPORT_EVERY;
    if (!s->upstream || now - s->reported_at < interval || !is_current(s))
        return false;
    const struct ic_run *run = ic_run_now(&s->numbers);
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
    s->hurried -= s->hurried > 0;
    s->reported_at = now;
    return true;
}
