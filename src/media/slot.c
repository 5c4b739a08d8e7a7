/* A run is what is forwarded between two switches: one layer's packets, whose numbers all differ
 * by the same amount from ours.
 *
 *     layer l   ..41 42 43 44 45              41..44 go out as 100..103
 *     layer h             K7 8 9 10           the key frame at 7 begins a run: 7 is 104
 *     out       100 101 102 103 104 105 ..    45 is not forwarded, and 44 that comes late still is
 *
 * So a hole in our numbers is always a packet that has not come yet. Where frames are left out, the
 * numbers close up behind them, and a mark says how many were missing before it:
 *
 *     layer l   1  2  3  4  5  6  7       4 and 5 are left out: a mark (6, 2)
 *     out       1  2  .        4  5       3 has not come; if it then has to be left out too, an
 *                                         empty packet goes in its place */
#include "media/slot.h"

#include <assert.h>

/* What became of a number. */
enum {
    FATE_UNUSED = 0,
    FATE_SENT = 1,
    FATE_RESENT = 2,
    FATE_EMPTY = 4, /* in the place of a packet that came too late to leave no hole */
    FATE_TOLD = 8,  /* with the decode targets of its rung */
    FATE_RUNG_SHIFT = 4,
};

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
    for (uint8_t codec = 0; codec < IC_CODECS; codec++) {
        s->pts[codec] = ic_line_pt(line, codec);
        s->rtx_pts[codec] = ic_line_rtx_pt(line, codec);
    }
    s->red_pt = line->red_pt;
    s->redundant = true;
    s->ssrc = line->ssrc;
    s->rtx_ssrc = line->rtx_ssrc;
    s->dependency_ext = line->ext[IC_EXT_DEPENDENCY];
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

/* The highest rung of a scalable stream that the slot is to have. */
static uint8_t target_rung(const struct ic_slot *s)
{
    uint8_t top = s->upstream->rung_count - 1;
    return highest(s) < top ? highest(s) : top;
}

static bool waits_for_size(const struct ic_slot *s)
{
    return s->upstream->by_size && s->filter.began && s->filter.rung < target_rung(s);
}

void ic_slot_tick(struct ic_slot *s)
{
    if (!s->upstream || !is_video(s) || is_shut(s))
        return;
    int layer = ic_upstream_layer(s->upstream, highest(s));
    if (layer < 0)
        return;
    s->target = (uint8_t)layer;
    if (!is_current(s) || run_at(s, s->run)->layer != s->target || waits_for_size(s))
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
    if (!packet->key_start)
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

static bool is_vp9(const struct ic_packet *packet)
{
    return packet->vp9.len > 0;
}

static void begin_run(struct ic_slot *s, const struct ic_packet *packet, int64_t now)
{
    uint32_t timestamp = first_timestamp(s, packet, now);
    stop(s);
    s->running = true;
    s->run++;
    s->upstream->layers[packet->layer].takers++;
    s->report_due = true;
    s->filter.began = false;
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
        .left_out_from = packet->seq,
        .frame_diff = (uint16_t)(s->frame + 1 - packet->frame.number),
        .picture_in = is_vp9(packet) ? packet->vp9.picture_id : packet->vp8.picture_id,
        .picture_out = (s->picture + 1) & PICTURE_MASK,
        .tl0_diff = (uint8_t)(s->tl0 + 1 - (is_vp9(packet) ? packet->vp9.tl0 : packet->vp8.tl0)),
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

/* ---- what is left out ---- */

static struct ic_slot_mark *mark_at(struct ic_slot *s, uint16_t number)
{
    return &s->marks[number % IC_SLOT_MARKS];
}

/* The newest mark of the run that is not behind `seq`; it has all zeros if there is none. */
static struct ic_slot_mark find_mark(struct ic_slot *s, uint16_t number, uint32_t seq)
{
    for (uint16_t back = 0; back < IC_SLOT_MARKS; back++) {
        const struct ic_slot_mark *mark = mark_at(s, (uint16_t)(s->mark - back));
        if (mark->run == number && mark->left_out != 0 && (int32_t)(seq - mark->first) >= 0)
            return *mark;
    }
    return (struct ic_slot_mark){0};
}

/* What was left out of the run before `seq`. */
static struct ic_slot_mark left_out_before(struct ic_slot *s, uint16_t number, uint32_t seq)
{
    const struct ic_slot_run *run = run_at(s, number);
    if ((int32_t)(seq - run->left_out_from) >= 0)
        return (struct ic_slot_mark){.left_out = run->left_out, .pictures = run->pictures};
    return find_mark(s, number, seq);
}

/* The source's number of what went out as `index` in that run. */
static uint32_t source_of(struct ic_slot *s, uint16_t number, uint64_t index)
{
    const struct ic_slot_run *run = run_at(s, number);
    uint32_t least = (uint32_t)(index - run->index_diff);
    if (run->left_out == 0)
        return least;
    for (uint16_t back = 0; back < IC_SLOT_MARKS; back++) {
        const struct ic_slot_mark *mark = mark_at(s, (uint16_t)(s->mark - back));
        if (mark->run == number && mark->left_out != 0 &&
            (int32_t)(least + mark->left_out - mark->first) >= 0)
            return least + mark->left_out;
    }
    return least;
}

/* What came before the oldest mark of its run cannot be placed without it. */
static void forget_mark(struct ic_slot *s, uint16_t number)
{
    const struct ic_slot_mark *oldest = mark_at(s, number);
    const struct ic_slot_mark *next = mark_at(s, (uint16_t)(number + 1));
    struct ic_slot_run *run = run_at(s, oldest->run);
    if (oldest->left_out == 0 || (uint16_t)(s->run - oldest->run) >= IC_SLOT_RUNS || !run->used)
        return;
    run->first = next->left_out != 0 && next->run == oldest->run ? next->first : oldest->first;
}

static void mark(struct ic_slot *s, const struct ic_slot_run *run)
{
    struct ic_slot_mark *last = mark_at(s, s->mark);
    bool goes_on =
        last->left_out != 0 && last->run == s->run && last->first == run->left_out_from - 1;
    if (!goes_on) {
        forget_mark(s, ++s->mark);
        last = mark_at(s, s->mark);
    }
    *last = (struct ic_slot_mark){run->left_out_from, s->run, run->left_out, run->pictures};
}

/* ---- numbers ---- */

/* A picture's id, before and after. */
struct picture {
    bool known;
    uint16_t in, out;
};

static uint16_t picture_out(const struct ic_slot_run *run, uint8_t bits, uint16_t in)
{
    int shift = 16 - bits;
    uint16_t apart = (uint16_t)(in - run->picture_in);
    int16_t diff = (int16_t)((int16_t)(uint16_t)(apart << shift) >> shift);
    return (uint16_t)(run->picture_out + diff) & PICTURE_MASK;
}

/* `pictures` were left out before it. Only VP8's ids close up: those of VP9 tell which frames a
 * frame refers to. */
static struct picture picture_of(const struct ic_slot_run *run, const struct ic_packet *packet,
                                 uint16_t pictures)
{
    const struct ic_vp8 *vp8 = &packet->vp8;
    const struct ic_vp9 *vp9 = &packet->vp9;
    if (vp9->has_picture_id)
        return (struct picture){true, vp9->picture_id,
                                picture_out(run, vp9->picture_bits, vp9->picture_id)};
    if (!vp8->has_picture_id)
        return (struct picture){0};
    uint16_t out = picture_out(run, vp8->picture_bits, vp8->picture_id);
    return (struct picture){true, vp8->picture_id,
                            (uint16_t)(out + run->pictures - pictures) & PICTURE_MASK};
}

static size_t write_descriptor(struct ic_slot *s, uint16_t number, const struct ic_packet *packet,
                               uint8_t *out)
{
    const struct ic_slot_run *run = run_at(s, number);
    uint16_t pictures = left_out_before(s, number, packet->seq).pictures;
    struct picture picture = picture_of(run, packet, pictures);
    if (is_vp9(packet))
        return ic_vp9_write(out, &packet->vp9, picture.out,
                            (uint8_t)(packet->vp9.tl0 + run->tl0_diff));
    struct ic_vp8 vp8 = packet->vp8;
    vp8.tl0 = (uint8_t)(vp8.tl0 + run->tl0_diff);
    vp8.key_index = (vp8.key_index + run->key_index_diff) & KEY_INDEX_MASK;
    if (picture.known)
        vp8.picture_id = picture.out;
    return ic_vp8_write(out, &vp8);
}

/* Where sender and receiver have it. */
static void write_dependency(const struct ic_slot *s, const struct ic_slot_run *run,
                             const struct ic_packet *packet, uint8_t fate, uint8_t *head,
                             struct ic_slot_out *out)
{
    uint8_t bytes[IC_DEPENDENCY_WRITE_MAX];
    const struct ic_dependency *d = &packet->dependency;
    uint32_t targets = 0;
    if (fate & FATE_TOLD)
        targets = d->targets & ic_layers_targets(d->structure, fate >> FATE_RUNG_SHIFT);
    size_t len = ic_dependency_write(bytes, d, packet->dependency_bytes,
                                     (uint16_t)(d->number + run->frame_diff), targets);
    out->header_len = ic_rtp_append_extension(head, &s->head, s->dependency_ext,
                                              (struct ic_bytes){bytes, len}, &out->twcc_at);
}

/* Does this receiver get the older frames, too? */
static bool stays_redundant(const struct ic_slot *s, const struct ic_packet *packet)
{
    return packet->red.count > 0 && s->red_pt != 0 && (s->redundant || packet->after_hole);
}

static uint8_t pt_of(const struct ic_slot *s, const struct ic_packet *packet)
{
    return stays_redundant(s, packet) ? s->red_pt : s->pts[packet->codec];
}

/* Writes the headers of redundant audio; returns how much of the payload is not the body. */
static size_t write_red(const struct ic_slot *s, const struct ic_packet *packet, uint8_t *out,
                        size_t *len)
{
    if (!stays_redundant(s, packet))
        return packet->rtp.payload.len - ic_red_newest(&packet->red).len;
    *len += ic_red_write_header(out + *len, &packet->red, s->pts[IC_CODEC_OPUS]);
    return packet->red.header_len;
}

/* Writes what goes before the body; if `osn` is not negative, as a retransmission. */
static void write_packet(struct ic_slot *s, const struct ic_packet *packet, uint16_t number,
                         uint8_t fate, struct ic_rtp_header *header, int32_t osn, uint8_t *head,
                         struct ic_slot_out *out)
{
    const struct ic_slot_run *run = run_at(s, number);
    bool empty = fate & FATE_EMPTY;
    bool ends = packet->rtp.marker || packet->frame.ends >> (fate >> FATE_RUNG_SHIFT) & 1;
    header->timestamp = packet->rtp.timestamp + run->timestamp_diff;
    header->marker = header->marker || (ends && !empty);
    ic_rtp_write(head, &s->head, header, packet->orientation);
    out->header_len = s->head.len;
    out->twcc_at = s->head.twcc_at;
    if (s->dependency_ext != 0 && packet->dependency_bytes.len > 0 && !empty)
        write_dependency(s, run, packet, fate, head, out);
    size_t len = out->header_len;
    if (osn >= 0) {
        head[len++] = (uint8_t)(osn >> 8);
        head[len++] = (uint8_t)osn;
    }
    size_t skipped = packet->vp8.len + packet->vp9.len;
    if (empty)
        skipped = packet->rtp.payload.len;
    else if (packet->red.count > 0)
        skipped = write_red(s, packet, head, &len);
    else if (skipped > 0)
        len += write_descriptor(s, number, packet, head + len);
    out->head_len = (uint16_t)len;
    out->ssrc = header->ssrc;
    out->body.at = packet->rtp.payload.at + skipped;
    out->body.len = packet->rtp.payload.len - skipped;
}

/* ---- what goes out ---- */

static void note_picture(struct ic_slot *s, struct ic_slot_run *run, struct picture picture)
{
    if (!picture.known)
        return;
    run->picture_in = picture.in;
    s->picture = run->picture_out = picture.out;
}

/* What does not depend on whether the packet goes out. */
static void note_counts(struct ic_slot *s, struct ic_slot_run *run, const struct ic_packet *packet)
{
    run->newest = packet->seq;
    if (packet->vp8.has_tl0)
        s->tl0 = (uint8_t)(packet->vp8.tl0 + run->tl0_diff);
    if (packet->vp9.has_tl0)
        s->tl0 = (uint8_t)(packet->vp9.tl0 + run->tl0_diff);
    if (packet->vp8.has_key_index)
        s->key_index = (packet->vp8.key_index + run->key_index_diff) & KEY_INDEX_MASK;
    if (packet->frame.known)
        s->frame = (uint16_t)(packet->frame.number + run->frame_diff);
}

static void note_newest(struct ic_slot *s, struct ic_slot_run *run, const struct ic_packet *packet,
                        uint32_t timestamp, int64_t now)
{
    note_counts(s, run, packet);
    note_picture(s, run, picture_of(run, packet, run->pictures));
    if (timestamp != s->timestamp || !s->began) {
        s->timestamp = timestamp;
        s->timestamp_at = now;
    }
    s->index = packet->seq + run->index_diff - run->left_out;
    s->began = true;
}

/* Closes the numbers up behind the newest packet. `fresh`: the first of its frame. What has not
 * come before it keeps its numbers. */
static void leave_out(struct ic_slot *s, const struct ic_packet *packet, bool fresh)
{
    struct ic_slot_run *run = run_at(s, s->run);
    struct picture picture = picture_of(run, packet, run->pictures);
    uint16_t closes = fresh && packet->vp8.has_picture_id ? 1 : 0;
    picture.out = (uint16_t)(picture.out - closes) & PICTURE_MASK;
    note_counts(s, run, packet);
    note_picture(s, run, picture);
    run->left_out++;
    run->pictures = (uint16_t)(run->pictures + closes);
    run->left_out_from = packet->seq + 1;
    mark(s, run);
    s->index = packet->seq + run->index_diff - run->left_out;
}

/* False if this number went out already, or is too old to tell. For a new one the map is written
 * and not read, so that nobody waits for memory. */
static bool claim(struct ic_slot *s, uint64_t index, uint16_t run, uint8_t fate)
{
    struct ic_slot_sent *sent = &s->sent[index & s->sent_mask];
    int64_t behind = (int64_t)(s->index - index);
    if (s->began && behind >= 0 &&
        (behind > s->sent_mask || (sent->fate != FATE_UNUSED && sent->out_seq == (uint16_t)index)))
        return false;
    *sent = (struct ic_slot_sent){.out_seq = (uint16_t)index, .run = (uint8_t)run, .fate = fate};
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

/* What becomes of a packet whose run is known; `fresh`: the first that came of its frame. */
static uint8_t choose(struct ic_slot *s, uint16_t number, const struct ic_packet *packet,
                      bool *fresh)
{
    const struct ic_frame *frame = &packet->frame;
    uint8_t target = target_rung(s);
    bool pass;
    if (number != s->run)
        pass = false;       /* the filter knows nothing of an earlier run */
    else if (!frame->known) /* good for those who get everything */
        pass = target == s->upstream->rung_count - 1 && s->filter.rung >= target;
    else
        pass = ic_layers_pass(&s->filter, frame, target, fresh);
    if (!pass)
        return FATE_SENT | FATE_EMPTY;
    bool tells = packet->dependency_bytes.len > 0 && packet->dependency.start &&
                 (packet->dependency.has_structure || frame->number == s->filter.changed_at);
    uint8_t rung = ic_layers_rung(&s->filter, frame->number);
    return (uint8_t)(FATE_SENT | (tells ? FATE_TOLD : 0) | rung << FATE_RUNG_SHIFT);
}

static bool emit(struct ic_slot *s, uint16_t number, const struct ic_packet *packet, uint8_t fate,
                 int64_t now, uint8_t *head, struct ic_slot_out *out)
{
    struct ic_slot_run *run = run_at(s, number);
    uint64_t index =
        packet->seq + run->index_diff - left_out_before(s, number, packet->seq).left_out;
    if (!claim(s, index, number, fate))
        return false;
    bool opens_voice = !is_video(s) && packet->seq == run->first;
    struct ic_rtp_header header = {
        .ssrc = s->ssrc, .seq = (uint16_t)index, .pt = pt_of(s, packet), .marker = opens_voice};
    write_packet(s, packet, number, fate, &header, -1, head, out);
    out->index = index;
    if ((int32_t)(packet->seq - run->newest) > 0)
        note_newest(s, run, packet, header.timestamp, now);
    note_sent(s, out);
    return true;
}

/* The run that the packet belongs to or begins. */
static bool find_run(struct ic_slot *s, const struct ic_packet *packet, int64_t now,
                     uint16_t *number)
{
    const struct ic_slot_run *run = run_at(s, s->run);
    bool other = !s->running || run->layer != packet->layer || run->epoch != packet->epoch;
    *number = s->run;
    if (!other && is_of(run, packet))
        return true;
    if (!other || !may_switch(s, packet))
        return find_earlier(s, packet, number);
    begin_run(s, packet, now);
    *number = s->run;
    return true;
}

bool ic_slot_forward(struct ic_slot *s, const struct ic_packet *packet, int64_t now,
                     uint8_t head[IC_SLOT_HEAD_MAX], struct ic_slot_out *out)
{
    uint16_t number;
    uint8_t fate = FATE_SENT;
    bool fresh = false;
    if (packet->upstream != s->upstream || s->pts[packet->codec] == 0 || is_shut(s) ||
        !find_run(s, packet, now, &number))
        return false;
    if (s->upstream->rung_count > 1 && packet->rtp.payload.len > 0)
        fate = choose(s, number, packet, &fresh);
    bool newest = (int32_t)(packet->seq - run_at(s, number)->newest) > 0;
    if (fate & FATE_EMPTY && newest && number == s->run) {
        leave_out(s, packet, fresh);
        return false;
    }
    return emit(s, number, packet, fate, now, head, out);
}

static bool resent_lately(const struct ic_slot_sent *sent, int64_t rtt, int64_t now)
{
    int64_t least = rtt == 0 ? RESEND_MS_UNKNOWN : rtt / IC_NS_PER_MS;
    if (least < RESEND_MS_LEAST)
        least = RESEND_MS_LEAST;
    return sent->fate & FATE_RESENT && (uint16_t)(now / IC_NS_PER_MS - sent->resent_ms) < least;
}

/* What was sent as `seq`, if its run and its bytes are still here. */
static struct ic_slot_sent *find_sent(struct ic_slot *s, uint16_t seq, struct ic_packet *packet,
                                      uint16_t *number)
{
    struct ic_slot_sent *sent = &s->sent[seq & s->sent_mask];
    if (!s->upstream || sent->fate == FATE_UNUSED || sent->out_seq != seq ||
        (uint8_t)(s->run - sent->run) >= IC_SLOT_RUNS)
        return NULL;
    *number = (uint16_t)(s->run - (uint8_t)(s->run - sent->run));
    const struct ic_slot_run *run = run_at(s, *number);
    uint64_t index = s->index - (uint16_t)(s->index - seq); /* none that went out is newer */
    uint32_t source = source_of(s, *number, index);
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

    struct ic_rtp_header header = {.ssrc = s->ssrc, .seq = seq, .pt = pt_of(s, &packet)};
    write_packet(s, &packet, number, sent->fate, &header, -1, head, out);
    out->index = s->index - (uint16_t)(s->index - seq);
    return IC_OK;
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

    struct ic_rtp_header header = {
        .ssrc = s->rtx_ssrc, .seq = (uint16_t)s->rtx_index, .pt = s->rtx_pts[packet.codec]};
    write_packet(s, &packet, number, sent->fate, &header, seq, head, out);
    out->index = s->rtx_index++;
    sent->fate |= FATE_RESENT;
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
        .timestamp = s->timestamp,
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
