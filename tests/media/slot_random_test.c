/* 10,000 random switches of size and rate, for each kind of stream that has any, over a path that
 * loses, delays and repeats packets. A model of the receiver checks that what comes out is one
 * clean stream whose frames have all that they refer to:
 *
 *     encodings ──loss, reordering, repeats──► publisher ─► slot ─► model
 *        ▲                                         │
 *        └─────────── NACK, PLI ───────────────────┘
 */
#include "media/publisher.h"
#include "media/slot.h"

#include "tests/media/encodings.h"
#include "tests/test.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FEWER 10 /* three minutes otherwise; tools/test.sh runs the release build as well */
#endif
#endif
#ifndef FEWER
#define FEWER 1
#endif

enum {
    SWITCHES = 10000 / FEWER,
    OUT_MAX = 1 << 20,
    HEADS = 1024,
    IN_MAX = 1 << 20,
    DELAYED_MAX = 64,
    PICTURE_MS = 33,
    START_MS = 1000 * 1000,
    SLOT_DEPENDENCY_ID = 12,
    SLOT_SSRC = 0xA0,
    SLOT_PT = 100,
};

/* What the receiver saw under one number. */
struct seen {
    bool present, empty, marker;
    struct encoding_tag tag;
    uint16_t run, picture, number;
    uint8_t tl0, key_index;
    uint32_t timestamp;
    uint16_t head_len, header_len;
};

/* What became of an encoding's packets and frames. */
struct fates {
    uint8_t arrived[IN_MAX];
    uint8_t left_out[IN_MAX]; /* frames, while their run went on */
    uint64_t needs[IN_MAX];   /* of frames: encodings_references() */
};

struct world {
    uint64_t seed;
    uint32_t ms;
    struct encodings sender;
    bool receiver_reads_it; /* the Dependency Descriptor */
    bool disturbed;         /* encodings pause */
    struct {
        struct encoded packet;
        uint32_t due;
    } delayed[DELAYED_MAX];
    struct ic_publisher publisher;
    uint8_t *history;
    struct ic_slot slot;
    struct ic_slot_sent sent[IC_SLOT_SENT_VIDEO];
    struct fates *fates; /* by encoding */
    uint32_t opened;     /* picture whose smallest size came last */
    struct seen *seen;
    uint64_t first_index;
    uint8_t heads[HEADS][IC_SLOT_HEAD_MAX]; /* of the newest */
    uint64_t decisions;                     /* a hash of all that was decided */
    uint32_t forwarded, empties, resent, repeats, told, rises;
};

static uint32_t draw(struct world *w, uint32_t below)
{
    return encodings_draw(&w->seed, below);
}

static int64_t now(const struct world *w)
{
    return w->ms * IC_NS_PER_MS;
}

static void world_init(struct world *w, uint64_t seed)
{
    struct ic_line line = encodings_line(&w->sender);
    struct ic_line slot_line = {.mid = "9",
                                .is_slot = true,
                                .codec = (uint8_t)w->sender.codec,
                                .pt = SLOT_PT,
                                .rtx_pt = SLOT_PT + 1,
                                .ext = {1, 0, 0, 2, 5},
                                .ssrc = SLOT_SSRC,
                                .rtx_ssrc = SLOT_SSRC + 1};
    slot_line.ext[IC_EXT_DEPENDENCY] = w->receiver_reads_it ? SLOT_DEPENDENCY_ID : 0;
    w->seed = seed;
    w->ms = START_MS;
    encodings_init(&w->sender, seed + 1);
    w->history = calloc(1, ic_publisher_history_size(&line, 1));
    w->seen = calloc(OUT_MAX, sizeof *w->seen);
    w->fates = calloc(w->sender.count, sizeof *w->fates);
    ic_publisher_init(&w->publisher, &line, 1, w->history, 1);
    ic_slot_init(&w->slot, &slot_line, w->sent, IC_COUNT(w->sent), 65000, 0xFFFFF000);
    w->first_index = w->slot.numbers.index;
    ic_slot_point(&w->slot, ic_publisher_upstream(&w->publisher, (enum ic_stream)line.stream), 0);
}

static void world_clear(struct world *w)
{
    free(w->history);
    free(w->seen);
    free(w->fates);
}

static void hash(struct world *w, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        w->decisions = (w->decisions ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
}

/* ---- the receiver ---- */

static void read_descriptor(const struct world *w, struct seen *seen, struct ic_bytes payload)
{
    if (w->sender.codec == IC_CODEC_VP8) {
        struct ic_vp8 vp8;
        assert_int_equal(ic_vp8_parse(&vp8, payload), IC_OK);
        seen->picture = vp8.picture_id;
        seen->tl0 = vp8.tl0;
        seen->key_index = vp8.key_index;
    }
    if (w->sender.codec == IC_CODEC_VP9) {
        struct ic_vp9 vp9;
        assert_int_equal(ic_vp9_parse(&vp9, payload), IC_OK);
        seen->picture = vp9.picture_id;
        seen->tl0 = vp9.tl0;
    }
}

static void read_dependency(struct world *w, struct seen *seen, struct ic_bytes value)
{
    assert_int_equal(value.len > 0, w->sender.described && w->receiver_reads_it);
    if (value.len == 0)
        return;
    seen->number = (uint16_t)(value.at[1] << 8 | value.at[2]);
    w->told += value.len > 3 && value.at[3] & 0x40;
}

static void read_head(struct world *w, struct seen *seen, const uint8_t *head,
                      const struct ic_slot_out *out)
{
    uint8_t bytes[IC_SLOT_HEAD_MAX + ENCODING_PACKET];
    struct ic_rtp rtp;
    const uint8_t ids[IC_EXTENSIONS] = {
        [IC_EXT_DEPENDENCY] = SLOT_DEPENDENCY_ID, [IC_EXT_TWCC] = 2, [IC_EXT_MID] = 1};
    struct ic_bytes values[IC_EXTENSIONS];
    memcpy(bytes, head, out->head_len);
    memcpy(bytes + out->head_len, out->body.at, out->body.len);
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, out->head_len + out->body.len}),
                     IC_OK);
    assert_int_equal(rtp.header_len, out->header_len);
    assert_int_equal(rtp.seq, (uint16_t)out->index);
    assert_true(rtp.ssrc == SLOT_SSRC && rtp.pt == SLOT_PT);
    ic_rtp_extensions(&rtp, ids, values);
    assert_true(values[IC_EXT_MID].len == 1 && values[IC_EXT_MID].at[0] == '9');
    assert_ptr_equal(values[IC_EXT_TWCC].at, bytes + out->twcc_at);
    seen->empty = rtp.payload.len == 0;
    seen->marker = rtp.marker;
    seen->timestamp = rtp.timestamp;
    if (seen->empty)
        return;
    read_descriptor(w, seen, rtp.payload);
    read_dependency(w, seen, values[IC_EXT_DEPENDENCY]);
}

/* The run that a number belongs to; of a late packet not the newest. */
static uint16_t run_of(const struct world *w, uint64_t index)
{
    uint16_t newest = w->slot.numbers.run;
    return (uint16_t)(newest - (uint8_t)(newest - w->sent[index % IC_COUNT(w->sent)].run));
}

static void receive(struct world *w, const struct encoding_tag *tag, const uint8_t *head,
                    const struct ic_slot_out *out)
{
    uint64_t place = out->index - w->first_index;
    assert_true(place < OUT_MAX);
    struct seen *seen = &w->seen[place];
    assert_false(seen->present);
    *seen = (struct seen){.present = true,
                          .tag = *tag,
                          .run = run_of(w, out->index),
                          .head_len = out->head_len,
                          .header_len = out->header_len};
    memcpy(w->heads[out->index % HEADS], head, out->head_len);
    read_head(w, seen, head, out);
    w->empties += seen->empty;
    w->forwarded++;
}

/* ---- what the slot may forward, told from sender and wishes alone ---- */

static bool by_size(const struct world *w)
{
    return w->sender.of[0].layers.sizes > 1;
}

static bool is_allowed(const struct world *w, const struct encoding_tag *tag)
{
    int size = w->slot.limit / IC_RATES, rate = w->slot.limit % IC_RATES;
    int rates = w->sender.of[0].layers.rates;
    if (by_size(w))
        return tag->size <= size && tag->size <= w->slot.wanted;
    if (tag->encoding < size || tag->rate == 0)
        return true;
    int of_four = 4 >> (rates - 1 - tag->rate); /* pictures, with those of lower rates */
    return tag->encoding == size && of_four <= 1 << rate;
}

static void take(struct world *w, const struct encoded *sent)
{
    struct ic_packet packet;
    struct ic_slot_out out;
    struct encoded copy = *sent;
    uint8_t head[IC_SLOT_HEAD_MAX];
    const struct encoding_tag *tag = &sent->tag;
    struct ic_numbering *n = &w->slot.numbers;
    enum ic_err err = ic_publisher_receive(&w->publisher, copy.bytes, copy.len, now(w), &packet);
    w->repeats += err == IC_ERR_REPLAYED;
    if (err != IC_OK)
        return;
    struct fates *fates = &w->fates[tag->encoding];
    fates->arrived[tag->seq] = 1;
    uint16_t run = n->run;
    bool ran = w->slot.running && ic_run_now(n)->layer == tag->encoding;
    bool went = ic_slot_forward(&w->slot, &packet, now(w), head, &out);
    bool gone = !went || out.body.len == 0;
    hash(w, &went, sizeof went);
    if (went) {
        receive(w, tag, head, &out);
        hash(w, head, out.head_len);
        hash(w, &out.body.len, sizeof out.body.len);
    }
    if (gone && ran && n->run == run && ic_filter_of(n, run)->began)
        fates->left_out[tag->frame] = 1;
    if (packet.newest && packet.frame.opens)
        w->opened = tag->picture;
    bool opened = !by_size(w) || w->opened == tag->picture;
    if (!gone && packet.newest && packet.frame.known && opened) /* down at once */
        assert_true(is_allowed(w, tag));
}

static void carry(struct world *w, const struct encoded *packet, bool resent)
{
    uint32_t fate = draw(w, 100);
    if (fate < 3)
        return;
    if (fate < 6 && !resent) {
        uint32_t i = draw(w, DELAYED_MAX);
        if (w->delayed[i].due == 0) {
            w->delayed[i].packet = *packet;
            w->delayed[i].due = w->ms + 1 + draw(w, 60);
        }
        return;
    }
    take(w, packet);
    if (fate == 99)
        take(w, packet);
}

/* ---- one millisecond after the other ---- */

static void send_picture(struct world *w, struct encoding *of)
{
    struct layered_frame frames[ENCODING_FRAMES] = {0};
    uint32_t keys = w->sender.count > 1 ? 8 : by_size(w) ? 12 : 60;
    if (draw(w, keys) == 0)
        of->layers.key_next = true;
    encodings_picture(of, frames);
    for (uint8_t s = 0; s < of->layers.sizes; s++) {
        uint32_t count = 1 + draw(w, 3);
        assert_true(of->seq + count < IN_MAX && of->frame < IN_MAX);
        w->fates[of - w->sender.of].needs[of->frame] = encodings_references(of, &frames[s]);
        for (uint32_t i = 0; i < count; i++) {
            struct encoded p =
                encodings_packet(&w->sender, of, &frames[s], w->ms, i == 0, i + 1 == count);
            assert_true(p.len > 0);
            carry(w, &p, false);
        }
        encodings_frame_done(of);
    }
    encodings_picture_done(of);
}

static void want_key(struct world *w, uint32_t ssrc)
{
    for (uint8_t i = 0; i < w->sender.count; i++)
        if (w->sender.of[i].ssrc == ssrc)
            w->sender.of[i].layers.key_next = true;
}

static void obey_feedback(struct world *w)
{
    uint8_t buffer[IC_PUBLISHER_FEEDBACK_MAX];
    struct ic_writer writer = ic_writer_of(buffer, sizeof buffer);
    struct ic_rtcp packet;
    ic_publisher_write_feedback(&w->publisher, &writer, 50 * IC_NS_PER_MS, now(w));
    assert_false(writer.bad);
    hash(w, buffer, writer.len);
    struct ic_reader r = ic_reader_of(ic_written(&writer));
    while (ic_rtcp_next(&r, &packet)) {
        uint32_t ssrc;
        uint16_t seqs[64];
        if (!ic_rtcp_read_media_ssrc(&ssrc, &packet))
            continue;
        if (packet.type == IC_RTCP_PAYLOAD_FEEDBACK)
            want_key(w, ssrc);
        size_t count = ic_rtcp_read_nack(seqs, IC_COUNT(seqs), &packet);
        for (size_t i = 0; i < count; i++) {
            struct encoded resent = encodings_resend(&w->sender, ssrc, seqs[i]);
            if (resent.len > 0)
                carry(w, &resent, true);
        }
    }
    assert_false(r.bad);
}

static void check_recalled(const struct world *w, uint64_t index, const uint8_t *head,
                           const struct ic_slot_out *out)
{
    const struct seen *seen = &w->seen[index - w->first_index];
    struct encoding_tag tag;
    assert_true(seen->present);
    assert_true(out->index == index && out->head_len == seen->head_len);
    assert_memory_equal(head, w->heads[index % HEADS], seen->head_len);
    if (seen->empty)
        return;
    memcpy(&tag, out->body.at + out->body.len - sizeof tag, sizeof tag);
    assert_true(tag.seq == seen->tag.seq && tag.encoding == seen->tag.encoding);
}

static void check_resent(const struct world *w, uint64_t index, const uint8_t *head,
                         const struct ic_slot_out *out)
{
    const struct seen *seen = &w->seen[index - w->first_index];
    const uint8_t *before = w->heads[index % HEADS];
    assert_true(out->ssrc == SLOT_SSRC + 1 && (head[1] & 0x7F) == SLOT_PT + 1);
    assert_int_equal(out->header_len, seen->header_len);
    assert_memory_equal(head + 4, before + 4, 4); /* timestamp */
    assert_int_equal(head[out->header_len] << 8 | head[out->header_len + 1], (uint16_t)index);
    assert_memory_equal(head + out->header_len + 2, before + seen->header_len,
                        (size_t)(seen->head_len - seen->header_len));
}

/* What the receiver has seen, once more as it was and resent. */
static void ask_again(struct world *w)
{
    uint64_t index = w->slot.numbers.index - draw(w, 60);
    struct ic_slot_out out;
    uint8_t head[IC_SLOT_HEAD_MAX];
    if (index < w->first_index || ic_slot_recall(&w->slot, (uint16_t)index, head, &out) != IC_OK)
        return;
    if (!w->sender.noise)
        check_recalled(w, index, head, &out);
    enum ic_err err =
        ic_slot_resend(&w->slot, (uint16_t)index, 50 * IC_NS_PER_MS, now(w), head, &out);
    hash(w, &err, sizeof err);
    if (err != IC_OK)
        return;
    w->resent++;
    check_resent(w, index, head, &out);
}

static void disturb(struct world *w)
{
    struct encoding *of = &w->sender.of[draw(w, w->sender.count)];
    if (w->disturbed && draw(w, 100) == 0)
        of->paused = true;
    if (draw(w, 20) == 0 && of->paused) {
        of->paused = false;
        of->layers.key_next = true;
    }
    if (draw(w, 2000) == 0)
        encodings_renew(&w->sender, of);
    if (draw(w, 3) == 0)
        ic_slot_point(&w->slot, w->slot.upstream, (uint8_t)draw(w, IC_LAYERS));
    if (draw(w, 2) == 0)
        ic_slot_limit(&w->slot, (int8_t)draw(w, IC_STEPS));
}

static void step(struct world *w)
{
    w->ms++;
    for (size_t i = 0; i < DELAYED_MAX; i++) {
        if (w->delayed[i].due == 0 || w->delayed[i].due > w->ms)
            continue;
        w->delayed[i].due = 0;
        take(w, &w->delayed[i].packet);
    }
    if (w->ms % PICTURE_MS == 0) {
        disturb(w);
        for (uint8_t i = 0; i < w->sender.count; i++)
            if (!w->sender.of[i].paused)
                send_picture(w, &w->sender.of[i]);
    }
    if (w->ms % 10 == 0)
        obey_feedback(w);
    if (w->ms % 50 == 0)
        ic_slot_tick(&w->slot);
    if (w->ms % 7 == 0)
        ask_again(w);
    if (w->ms % 1000 < w->sender.count && draw(w, 4) > 0) {
        struct ic_rtcp_sr sr = encodings_report(&w->sender.of[w->ms % 1000], w->ms);
        ic_publisher_note_sr(&w->publisher, &sr, now(w));
    }
}

static int rung(const struct world *w)
{
    const struct ic_numbering *n = &w->slot.numbers;
    const struct ic_layer_filter *f = &n->filters[n->run % IC_FILTERS];
    return f->began ? f->rung : IC_RATES - 1;
}

static void play(struct world *w, uint32_t switches)
{
    for (uint32_t switched = 0; switched < switches;) {
        uint16_t run = w->slot.numbers.run;
        int before = rung(w);
        step(w);
        switched += w->slot.numbers.run != run || rung(w) != before;
        w->rises += w->slot.numbers.run == run && rung(w) > before;
    }
}

/* ---- what must hold ---- */

static uint32_t missing_between(const struct world *w, const struct encoding_tag *after,
                                uint32_t end)
{
    uint32_t missing = 0;
    for (uint32_t seq = after->seq + 1; seq < end; seq++)
        missing += !w->fates[after->encoding].arrived[seq];
    return missing;
}

static bool same_run(const struct seen *a, const struct seen *b)
{
    return a->run == b->run;
}

static void check_vp8(const struct seen *a, const struct seen *b, bool neighbours)
{
    uint16_t pictures = (b->picture - a->picture) & 0x7FFF;
    bool same = same_run(a, b) && a->tag.frame == b->tag.frame;
    if (neighbours)
        assert_int_equal(pictures, same ? 0 : 1);
    assert_in_range(pictures, same ? 0 : 1, 64);
    assert_in_range((b->key_index - a->key_index) & 0x1F, same_run(a, b) ? 0 : 1, 16);
}

static void check_vp9(const struct seen *a, const struct seen *b)
{
    uint16_t pictures = (b->picture - a->picture) & 0x7FFF;
    if (same_run(a, b))
        assert_int_equal(pictures, (b->tag.picture - a->tag.picture) & 0x7FFF);
    else
        assert_in_range(pictures, 1, 64);
}

static void check_dependency(const struct seen *a, const struct seen *b)
{
    uint16_t numbers = (uint16_t)(b->number - a->number);
    if (same_run(a, b))
        assert_int_equal(numbers, (uint16_t)(b->tag.frame - a->tag.frame));
    else
        assert_in_range(numbers, 1, 256);
}

static void check_frames(const struct world *w, const struct seen *a, const struct seen *b,
                         bool neighbours)
{
    uint8_t bases = (uint8_t)(b->tl0 - a->tl0);
    if (w->sender.codec == IC_CODEC_VP8)
        check_vp8(a, b, neighbours);
    if (w->sender.codec == IC_CODEC_VP9)
        check_vp9(a, b);
    if (w->sender.described && w->receiver_reads_it)
        check_dependency(a, b);
    if (w->sender.codec == IC_CODEC_AV1 || w->sender.codec == IC_CODEC_H264)
        return;
    if (same_run(a, b))
        assert_int_equal(bases, (uint8_t)(b->tag.base - a->tag.base));
    else
        assert_in_range(bases, 1, 64);
}

/* Two that follow each other, with so many holes between them; neither is empty. */
static void check_pair(const struct world *w, const struct seen *a, const struct seen *b,
                       uint64_t holes, bool neighbours)
{
    bool same_picture = same_run(a, b) && a->tag.picture == b->tag.picture;
    int32_t later = (int32_t)(b->timestamp - a->timestamp);
    assert_true(same_picture ? later == 0 : later > 0);
    if (neighbours && same_run(a, b))
        assert_int_equal(a->marker, !same_picture);
    if (same_run(a, b)) {
        assert_int_equal(a->tag.encoding, b->tag.encoding);
        assert_true(holes <= missing_between(w, &a->tag, b->tag.seq));
    } else {
        assert_true(b->tag.key && b->tag.start && b->tag.size == 0);
        assert_true(holes <= missing_between(w, &a->tag, a->tag.seq + 64));
        assert_true(holes == 0 || w->sender.of[0].layers.rates > 1 || by_size(w));
    }
    check_frames(w, a, b, neighbours);
}

/* Nothing that went out needs what was left out. */
static void check_references(const struct world *w, const struct seen *seen)
{
    const struct fates *fates = &w->fates[seen->tag.encoding];
    uint64_t needs = fates->needs[seen->tag.frame];
    for (uint32_t n = 0; n < 64; n++)
        if (needs >> n & 1 && seen->tag.frame >= n + 1)
            assert_false(fates->left_out[seen->tag.frame - n - 1]);
}

/* After all these switches the timestamps still keep the sender's time, within a tenth of a second.
 */
static void check_time(const struct seen *first, const struct seen *last)
{
    const uint32_t tenth = encodings_ticks(100);
    uint32_t elapsed = encodings_ticks(last->tag.ms - first->tag.ms);
    assert_in_range(last->timestamp - first->timestamp + tenth - elapsed, 0, 2 * tenth);
}

static void check(const struct world *w)
{
    const struct seen *first = NULL, *last = NULL;
    uint64_t holes = 0, between = 0;
    bool neighbours = true;
    for (uint64_t i = 0; i <= w->slot.numbers.index - w->first_index; i++) {
        const struct seen *seen = &w->seen[i];
        holes += !seen->present;
        between += !seen->present;
        if (!seen->present || seen->empty) {
            neighbours = false;
            continue;
        }
        if (last)
            check_pair(w, last, seen, between, neighbours);
        else
            first = seen;
        check_references(w, seen);
        last = seen;
        between = 0;
        neighbours = true;
    }
    print_message("# %u forwarded, %llu holes, %u empty, %u resent, %u told, %u rises, %u s\n",
                  w->forwarded, (unsigned long long)holes, w->empties, w->resent, w->told, w->rises,
                  (w->ms - START_MS) / 1000);
    check_time(first, last);
    assert_true(holes * 50 < w->forwarded && w->resent > SWITCHES / 10 &&
                w->repeats > SWITCHES / 10);
    assert_true(w->empties * 10 < w->forwarded); /* what is left out leaves nothing behind */
}

static void run_world(const struct world *setup)
{
    struct world *w = malloc(sizeof *w);
    const struct layered *layers = &setup->sender.of[0].layers;
    *w = *setup;
    world_init(w, 20260101);
    play(w, SWITCHES);
    check(w);
    if (layers->rates > 1 || layers->sizes > 1)
        assert_true(w->empties > SWITCHES / 100 && w->rises > SWITCHES / 20);
    if (w->sender.described && w->receiver_reads_it)
        assert_true(w->told > SWITCHES / 100);
    world_clear(w);
    free(w);
}

static void run_encodings(enum ic_codec codec, uint8_t count, struct layered layers, bool described,
                          bool receiver_reads_it)
{
    static struct world setup;
    setup = (struct world){
        .sender = {.codec = codec, .count = count, .described = described},
        .receiver_reads_it = receiver_reads_it,
        .disturbed = count > 1,
    };
    setup.sender.of[0].layers = layers;
    run_world(&setup);
}

TEST(slot_makes_one_clean_stream_of_a_camera_of_three_sizes)
{
    run_encodings(IC_CODEC_VP8, 3, (struct layered){.sizes = 1, .rates = 1}, false, false);
}

TEST(slot_makes_one_clean_stream_of_a_camera_of_three_sizes_and_three_rates)
{
    run_encodings(IC_CODEC_VP8, 3, (struct layered){.sizes = 1, .rates = 3}, false, false);
}

TEST(slot_makes_one_clean_stream_of_a_camera_of_three_sizes_and_two_rates)
{
    run_encodings(IC_CODEC_VP8, 3, (struct layered){.sizes = 1, .rates = 2}, false, false);
}

TEST(slot_makes_one_clean_stream_of_vp8_with_rates)
{
    run_encodings(IC_CODEC_VP8, 1, (struct layered){.sizes = 1, .rates = 3}, false, false);
}

TEST(slot_makes_one_clean_stream_of_vp8_with_rates_and_descriptor)
{
    run_encodings(IC_CODEC_VP8, 1, (struct layered){.sizes = 1, .rates = 2}, true, true);
}

TEST(slot_makes_one_clean_stream_of_vp9_whose_sizes_meet_on_key_frames)
{
    run_encodings(IC_CODEC_VP9, 1, (struct layered){.sizes = 3, .rates = 3, .key_only = true}, true,
                  true);
}

TEST(slot_makes_one_clean_stream_of_vp9_for_a_receiver_without_descriptor)
{
    run_encodings(IC_CODEC_VP9, 1, (struct layered){.sizes = 2, .rates = 2}, true, false);
}

TEST(slot_makes_one_clean_stream_of_av1_with_sizes)
{
    run_encodings(IC_CODEC_AV1, 1, (struct layered){.sizes = 3, .rates = 2}, true, true);
}

TEST(slot_makes_one_clean_stream_of_av1_with_rates)
{
    run_encodings(IC_CODEC_AV1, 1, (struct layered){.sizes = 1, .rates = 3}, true, true);
}

TEST(slot_makes_one_clean_stream_of_h264_with_rates)
{
    run_encodings(IC_CODEC_H264, 1, (struct layered){.sizes = 1, .rates = 3}, true, true);
}

TEST(slot_makes_one_clean_stream_of_h264_of_three_sizes)
{
    run_encodings(IC_CODEC_H264, 3, (struct layered){.sizes = 1, .rates = 1}, false, false);
}

/* SEC-01, part: what is behind the constant headers decides nothing. */
TEST(slot_decides_the_same_when_every_payload_is_noise)
{
    uint64_t decisions[2];
    for (int noise = 0; noise < 2; noise++) {
        struct world *w = calloc(1, sizeof *w);
        w->sender = (struct encodings){.codec = IC_CODEC_VP8, .count = 3, .noise = noise};
        w->sender.of[0].layers = (struct layered){.sizes = 1, .rates = 3};
        w->disturbed = true;
        world_init(w, 7);
        play(w, 500);
        decisions[noise] = w->decisions;
        assert_true(w->forwarded > 1000);
        world_clear(w);
        free(w);
    }
    assert_true(decisions[0] == decisions[1]);
}

RUN_TESTS(cmocka_unit_test(slot_makes_one_clean_stream_of_a_camera_of_three_sizes),
          cmocka_unit_test(slot_makes_one_clean_stream_of_a_camera_of_three_sizes_and_three_rates),
          cmocka_unit_test(slot_makes_one_clean_stream_of_a_camera_of_three_sizes_and_two_rates),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp8_with_rates),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp8_with_rates_and_descriptor),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp9_whose_sizes_meet_on_key_frames),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp9_for_a_receiver_without_descriptor),
          cmocka_unit_test(slot_makes_one_clean_stream_of_av1_with_sizes),
          cmocka_unit_test(slot_makes_one_clean_stream_of_av1_with_rates),
          cmocka_unit_test(slot_makes_one_clean_stream_of_h264_with_rates),
          cmocka_unit_test(slot_makes_one_clean_stream_of_h264_of_three_sizes),
          cmocka_unit_test(slot_decides_the_same_when_every_payload_is_noise))
