/* 10,000 random switches of the quality of a scalable stream, for each codec that can be one, over
 * a path that loses, delays and repeats packets. A model of the receiver checks that what comes out
 * is one clean stream whose frames have all that they refer to:
 *
 *     encoder ──loss, reordering, repeats──► publisher ─► slot ─► model
 *        ▲                                      │
 *        └────────── NACK, PLI ─────────────────┘
 */
#include "media/publisher.h"
#include "media/slot.h"

#include <stdlib.h>

#include "tests/media/layered.h"
#include "tests/test.h"

enum {
    SWITCHES = 10000,
    OUT_MAX = 1 << 20,
    HEADS = 1024,
    IN_MAX = 1 << 21,
    FRAMES_MAX = 1 << 20,
    KEPT = 512,
    DELAYED_MAX = 64,
    PICTURE_MS = 33,
    DEPENDENCY_ID = 9,
    SLOT_DEPENDENCY_ID = 12,
    PT = 96,
    RTX_PT = 97,
};

/* At the end of each payload: all numbers of the encoder count on where the wire rolls over. */
struct tag {
    uint32_t seq, frame, picture, first_frame; /* of this SSRC */
    uint8_t size, rate, key, last;
};

struct packet {
    uint8_t bytes[256];
    size_t len;
    struct tag tag;
};

struct seen {
    bool present, empty, marker, start, end;
    struct tag tag;
    uint16_t run, picture, number;
    uint8_t tl0;
    uint32_t timestamp;
    uint16_t head_len, header_len;
};

struct world {
    uint64_t seed;
    int64_t now;
    enum ic_codec codec;
    bool described; /* by the Dependency Descriptor */
    bool receiver_reads_it;
    struct layered encoder;
    uint32_t ssrc, seq, frame, picture, first_frame;
    uint16_t rtx_seq;
    uint8_t tl0;
    struct packet kept[KEPT];
    struct {
        struct packet packet;
        int64_t due;
    } delayed[DELAYED_MAX];
    struct ic_publisher publisher;
    uint8_t *history;
    struct ic_slot slot;
    struct ic_slot_sent sent[IC_SLOT_SENT_VIDEO];
    struct seen *seen;
    uint64_t first_index;
    uint8_t heads[HEADS][IC_SLOT_HEAD_MAX]; /* of the newest */
    uint8_t *arrived;                       /* by packet */
    uint8_t *left_out;                      /* by frame: while its run went on */
    uint64_t *needs; /* by frame: those it refers to, bit n the frame n + 1 before */
    uint32_t forwarded, empties, resent, told;
};

static uint32_t draw(struct world *w, uint32_t below)
{
    w->seed = w->seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(w->seed >> 33) % below;
}

static void world_init(struct world *w, uint64_t seed)
{
    struct ic_line line = {.mid = "1",
                           .stream = IC_STREAM_SCREEN,
                           .codec = (uint8_t)w->codec,
                           .pt = PT,
                           .rtx_pt = RTX_PT};
    struct ic_line slot_line = {.mid = "9",
                                .is_slot = true,
                                .codec = (uint8_t)w->codec,
                                .pt = 100,
                                .rtx_pt = 101,
                                .ext = {1, 0, 0, 2, 5},
                                .ssrc = 0xA0,
                                .rtx_ssrc = 0xA1};
    line.ext[IC_EXT_DEPENDENCY] = w->described ? DEPENDENCY_ID : 0;
    slot_line.ext[IC_EXT_DEPENDENCY] = w->receiver_reads_it ? SLOT_DEPENDENCY_ID : 0;
    w->seed = seed;
    w->now = 1000 * IC_NS_PER_SEC;
    w->ssrc = 0xB0;
    w->encoder.key_next = true;
    w->history = calloc(1, ic_publisher_history_size(&line, 1));
    w->seen = calloc(OUT_MAX, sizeof *w->seen);
    w->arrived = calloc(1, IN_MAX);
    w->left_out = calloc(1, FRAMES_MAX);
    w->needs = calloc(FRAMES_MAX, sizeof *w->needs);
    ic_publisher_init(&w->publisher, &line, 1, w->history, 1);
    ic_slot_init(&w->slot, &slot_line, w->sent, IC_COUNT(w->sent), 65000, 0xFFFFF000);
    w->first_index = w->slot.index;
    ic_slot_point(&w->slot, ic_publisher_upstream(&w->publisher, IC_STREAM_SCREEN), 0);
}

static void world_clear(struct world *w)
{
    free(w->history);
    free(w->seen);
    free(w->arrived);
    free(w->left_out);
    free(w->needs);
}

/* ---- the sender ---- */

static void write_header(struct ic_writer *w, uint8_t pt, uint16_t seq, uint32_t timestamp,
                         uint32_t ssrc, struct ic_bytes dependency)
{
    size_t words = (2 + dependency.len + 3) / 4;
    ic_write_uint(w, dependency.len > 0 ? 0x90 : 0x80, 1);
    ic_write_uint(w, pt, 1);
    ic_write_uint(w, seq, 2);
    ic_write_uint(w, timestamp, 4);
    ic_write_uint(w, ssrc, 4);
    if (dependency.len == 0)
        return;
    ic_write_uint(w, 0x1000, 2);
    ic_write_uint(w, words, 2);
    ic_write_uint(w, DEPENDENCY_ID, 1);
    ic_write_uint(w, dependency.len, 1);
    ic_write_bytes(w, dependency);
    for (size_t i = 2 + dependency.len; i < words * 4; i++)
        ic_write_uint(w, 0, 1);
}

static void write_vp8(const struct world *w, struct ic_writer *out, const struct layered_frame *f,
                      bool start)
{
    uint8_t descriptor[IC_VP8_DESCRIPTOR_MAX];
    const struct ic_vp8 vp8 = {
        .start = start,
        .has_picture_id = true,
        .has_tl0 = true,
        .has_tid = true,
        .picture_id = w->picture & 0x7FFF,
        .tl0 = w->tl0,
        .tid = f->rate,
        /* the second of three pictures of the highest rate needs the middle */
        .layer_sync = f->rate > 0 && w->encoder.place != 0};
    ic_write_bytes(out, (struct ic_bytes){descriptor, ic_vp8_write(descriptor, &vp8)});
    ic_write_uint(out, f->key ? 0x10 : 0x11, 1);
}

static void write_descriptor(const struct world *w, struct ic_writer *out,
                             const struct layered_frame *f, bool start)
{
    if (w->codec == IC_CODEC_VP8)
        write_vp8(w, out, f, start);
    if (w->codec == IC_CODEC_AV1)
        ic_write_uint(out, f->key && f->size == 0 && start ? 0x18 : 0x10, 1);
    if (w->codec != IC_CODEC_VP9)
        return;
    ic_write_uint(out, 0xA0u | (f->key ? 0 : 0x40) | (start ? 8 : 0), 1);
    ic_write_uint(out, 0x8000 | (w->picture & 0x7FFF), 2);
    ic_write_uint(out, (uint8_t)(f->rate << 5 | f->size << 1), 1);
    ic_write_uint(out, w->tl0, 1);
}

static struct packet make_packet(struct world *w, const struct layered_frame *f, bool start,
                                 bool end)
{
    struct layered_bits bits;
    struct packet p = {
        .tag = {w->seq, w->frame, w->picture, w->first_frame, f->size, f->rate, f->key, end}};
    struct ic_writer out = ic_writer_of(p.bytes, sizeof p.bytes);
    bool last = end && f->size + 1 == w->encoder.sizes;
    struct ic_bytes dependency = {0};
    if (w->described)
        dependency = layered_descriptor(&w->encoder, &bits, f, start, end);
    write_header(&out, (uint8_t)(PT | (last ? 0x80 : 0)), (uint16_t)w->seq,
                 w->picture * PICTURE_MS * 90, w->ssrc, dependency);
    write_descriptor(w, &out, f, start);
    ic_write_bytes(&out, (struct ic_bytes){(const uint8_t *)&p.tag, sizeof p.tag});
    assert_false(out.bad);
    p.len = out.len;
    w->kept[w->seq++ % KEPT] = p;
    return p;
}

static struct packet make_resent(struct world *w, uint16_t seq)
{
    struct packet p = {.len = 0};
    struct ic_rtp rtp;
    const struct packet *kept = &w->kept[(w->seq - (uint16_t)(w->seq - seq)) % KEPT];
    const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_DEPENDENCY] = DEPENDENCY_ID};
    struct ic_bytes values[IC_EXTENSIONS];
    if (kept->len == 0 || ic_rtp_parse(&rtp, (struct ic_bytes){kept->bytes, kept->len}) != IC_OK ||
        rtp.seq != seq || rtp.ssrc != w->ssrc)
        return p;
    ic_rtp_extensions(&rtp, ids, values);
    struct ic_writer out = ic_writer_of(p.bytes, sizeof p.bytes);
    write_header(&out, (uint8_t)(RTX_PT | (rtp.marker ? 0x80 : 0)), w->rtx_seq++, rtp.timestamp,
                 w->ssrc + 1, values[IC_EXT_DEPENDENCY]);
    ic_write_uint(&out, seq, 2);
    ic_write_bytes(&out, rtp.payload);
    assert_false(out.bad);
    p.len = out.len;
    p.tag = kept->tag;
    return p;
}

/* ---- the receiver ---- */

static void read_head(struct world *w, struct seen *seen, const uint8_t *head,
                      const struct ic_slot_out *out)
{
    uint8_t bytes[IC_SLOT_HEAD_MAX + 64];
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
    ic_rtp_extensions(&rtp, ids, values);
    assert_true(values[IC_EXT_MID].len == 1 && values[IC_EXT_MID].at[0] == '9');
    assert_ptr_equal(values[IC_EXT_TWCC].at, bytes + out->twcc_at);
    seen->empty = rtp.payload.len == 0;
    seen->marker = rtp.marker;
    seen->timestamp = rtp.timestamp;
    if (seen->empty)
        return;
    if (w->codec == IC_CODEC_VP8) {
        struct ic_vp8 vp8;
        assert_int_equal(ic_vp8_parse(&vp8, rtp.payload), IC_OK);
        seen->picture = vp8.picture_id;
        seen->tl0 = vp8.tl0;
    }
    if (w->codec == IC_CODEC_VP9) {
        struct ic_vp9 vp9;
        assert_int_equal(ic_vp9_parse(&vp9, rtp.payload), IC_OK);
        seen->picture = vp9.picture_id;
        seen->tl0 = vp9.tl0;
    }
    assert_int_equal(values[IC_EXT_DEPENDENCY].len > 0, w->described && w->receiver_reads_it);
    if (values[IC_EXT_DEPENDENCY].len == 0)
        return;
    const uint8_t *d = values[IC_EXT_DEPENDENCY].at;
    seen->number = (uint16_t)(d[1] << 8 | d[2]);
    w->told += values[IC_EXT_DEPENDENCY].len > 3 && d[3] & 0x40;
}

static void receive(struct world *w, const struct tag *tag, const uint8_t *head,
                    const struct ic_slot_out *out)
{
    uint64_t place = out->index - w->first_index;
    assert_true(place < OUT_MAX);
    struct seen *seen = &w->seen[place];
    assert_false(seen->present);
    *seen = (struct seen){.present = true,
                          .tag = *tag,
                          .run = w->slot.run,
                          .head_len = out->head_len,
                          .header_len = out->header_len};
    memcpy(w->heads[out->index % HEADS], head, out->head_len);
    read_head(w, seen, head, out);
    w->empties += seen->empty;
    w->forwarded++;
}

/* The rung of a frame, told from the encoder alone. */
static uint8_t rung_of(const struct world *w, const struct tag *tag)
{
    return w->encoder.sizes > 1 ? tag->size : tag->rate;
}

static void take(struct world *w, const struct packet *sent)
{
    struct ic_packet packet;
    struct ic_slot_out out;
    struct packet copy = *sent;
    uint8_t head[IC_SLOT_HEAD_MAX];
    const struct tag *tag = &sent->tag;
    if (ic_publisher_receive(&w->publisher, copy.bytes, copy.len, w->now, &packet) != IC_OK)
        return;
    w->arrived[tag->seq] = 1;
    uint16_t run = w->slot.run;
    bool began = w->slot.running;
    bool went = ic_slot_forward(&w->slot, &packet, w->now, head, &out);
    if (went)
        receive(w, tag, head, &out);
    bool gone = !went || out.body.len == 0;
    if (gone && began && w->slot.run == run && w->slot.filter.began)
        w->left_out[tag->frame] = 1;
    /* Down at once. */
    if (went && !gone && packet.newest && packet.frame.opens && packet.frame.known &&
        w->slot.upstream->rung_count > 1 && packet.frame.number == w->slot.filter.newest &&
        w->slot.filter.changed_at == packet.frame.number)
        assert_true(rung_of(w, tag) <= w->slot.wanted);
}

static void carry(struct world *w, const struct packet *packet, bool resent)
{
    uint32_t fate = draw(w, 100);
    if (fate < 3)
        return;
    if (fate < 6 && !resent) {
        uint32_t i = draw(w, DELAYED_MAX);
        if (w->delayed[i].due == 0) {
            w->delayed[i].packet = *packet;
            w->delayed[i].due = w->now + (1 + draw(w, 60)) * IC_NS_PER_MS;
        }
        return;
    }
    take(w, packet);
    if (fate == 99)
        take(w, packet);
}

/* ---- one millisecond after the other ---- */

static uint64_t references_of(const struct world *w, const struct layered_frame *f)
{
    const struct layered *e = &w->encoder;
    unsigned pictures = f->rate == 0                    ? (e->rates == 3 ? 4 : e->rates)
                        : e->rates == 3 && f->rate == 1 ? 2
                                                        : 1;
    uint64_t references = f->key ? 0 : UINT64_C(1) << (pictures * e->sizes - 1);
    return references | (f->size > 0 && (f->key || !e->key_only));
}

static void send_picture(struct world *w)
{
    struct layered_frame frames[4] = {0};
    if (draw(w, w->encoder.sizes > 1 ? 12 : 60) == 0)
        w->encoder.key_next = true;
    if (w->encoder.key_next)
        w->first_frame = w->frame;
    layered_picture(&w->encoder, frames);
    w->tl0 += frames[0].rate == 0;
    for (uint8_t s = 0; s < w->encoder.sizes; s++) {
        uint32_t count = 1 + draw(w, 3);
        w->needs[w->frame] = references_of(w, &frames[s]);
        for (uint32_t i = 0; i < count; i++) {
            struct packet p = make_packet(w, &frames[s], i == 0, i + 1 == count);
            carry(w, &p, false);
        }
        w->frame++;
    }
    w->picture++;
}

static void obey_feedback(struct world *w)
{
    uint8_t buffer[IC_PUBLISHER_FEEDBACK_MAX];
    struct ic_writer writer = ic_writer_of(buffer, sizeof buffer);
    struct ic_rtcp packet;
    ic_publisher_write_feedback(&w->publisher, &writer, 50 * IC_NS_PER_MS, w->now);
    struct ic_reader r = ic_reader_of(ic_written(&writer));
    while (ic_rtcp_next(&r, &packet)) {
        uint16_t seqs[64];
        if (packet.type == IC_RTCP_PAYLOAD_FEEDBACK)
            w->encoder.key_next = true;
        size_t count = ic_rtcp_read_nack(seqs, IC_COUNT(seqs), &packet);
        for (size_t i = 0; i < count; i++) {
            struct packet resent = make_resent(w, seqs[i]);
            if (resent.len > 0)
                carry(w, &resent, true);
        }
    }
}

/* What the receiver has seen, resent and once more as it was. */
static void ask_again(struct world *w)
{
    uint64_t index = w->slot.index - draw(w, 60);
    if (index < w->first_index)
        return;
    const struct seen *seen = &w->seen[index - w->first_index];
    const uint8_t *before = w->heads[index % HEADS];
    struct ic_slot_out out;
    uint8_t head[IC_SLOT_HEAD_MAX];
    if (ic_slot_recall(&w->slot, (uint16_t)index, head, &out) != IC_OK)
        return;
    assert_true(seen->present);
    assert_true(out.index == index && out.head_len == seen->head_len);
    assert_memory_equal(head, before, seen->head_len);
    struct tag tag;
    if (!seen->empty) {
        memcpy(&tag, out.body.at + out.body.len - sizeof tag, sizeof tag);
        assert_int_equal(tag.seq, seen->tag.seq);
    }
    enum ic_err err =
        ic_slot_resend(&w->slot, (uint16_t)index, 50 * IC_NS_PER_MS, w->now, head, &out);
    if (err != IC_OK)
        return;
    w->resent++;
    assert_int_equal(out.header_len, seen->header_len);
    assert_int_equal(head[out.header_len] << 8 | head[out.header_len + 1], (uint16_t)index);
    assert_memory_equal(head + out.header_len + 2, before + seen->header_len,
                        (size_t)(seen->head_len - seen->header_len));
}

static void renew(struct world *w)
{
    w->ssrc += 2;
    w->encoder.key_next = true;
    w->encoder.number = (uint16_t)draw(w, 65536);
    w->picture += draw(w, 30000);
}

static void step(struct world *w, uint32_t ms)
{
    w->now += IC_NS_PER_MS;
    for (size_t i = 0; i < DELAYED_MAX; i++) {
        if (w->delayed[i].due == 0 || w->delayed[i].due > w->now)
            continue;
        w->delayed[i].due = 0;
        take(w, &w->delayed[i].packet);
    }
    if (ms % PICTURE_MS == 0) {
        if (draw(w, 2) == 0)
            ic_slot_point(&w->slot, w->slot.upstream, (uint8_t)draw(w, IC_LAYERS));
        if (draw(w, 2000) == 0)
            renew(w);
        send_picture(w);
    }
    if (ms % 10 == 0)
        obey_feedback(w);
    if (ms % 50 == 0)
        ic_slot_tick(&w->slot);
    if (ms % 7 == 0)
        ask_again(w);
}

static void play(struct world *w)
{
    uint32_t switched = 0, ms = 0;
    while (switched < SWITCHES && w->seq + 64 < IN_MAX) {
        uint8_t rung = w->slot.filter.rung;
        uint16_t run = w->slot.run;
        step(w, ++ms);
        switched += w->slot.filter.rung != rung || w->slot.run != run;
    }
    assert_true(switched >= SWITCHES);
}

/* ---- what must hold ---- */

static uint32_t missing_between(const struct world *w, uint32_t first, uint32_t end)
{
    uint32_t missing = 0;
    for (uint32_t seq = first; seq < end; seq++)
        missing += !w->arrived[seq];
    return missing;
}

static void check_frames(const struct world *w, const struct seen *a, const struct seen *b,
                         bool neighbours)
{
    uint16_t pictures = (b->picture - a->picture) & 0x7FFF;
    uint16_t numbers = (uint16_t)(b->number - a->number);
    bool same = a->run == b->run && a->tag.frame == b->tag.frame;
    if (w->codec == IC_CODEC_VP8 && neighbours)
        assert_int_equal(pictures, same ? 0 : 1);
    if (w->codec == IC_CODEC_VP9 && a->run == b->run)
        assert_int_equal(pictures, (b->tag.picture - a->tag.picture) & 0x7FFF);
    if (w->codec == IC_CODEC_VP9 && a->run != b->run)
        assert_in_range(pictures, 1, 64);
    if (w->described && w->receiver_reads_it && a->run == b->run)
        assert_int_equal(numbers, (uint16_t)(b->tag.frame - a->tag.frame));
    if (w->described && w->receiver_reads_it && a->run != b->run)
        assert_in_range(numbers, 1, 256);
    if (w->codec != IC_CODEC_AV1 && a->run != b->run)
        assert_in_range((uint8_t)(b->tl0 - a->tl0), 1, 64);
}

/* Two that follow each other, with so many holes between them; neither is empty. */
static void check_pair(const struct world *w, const struct seen *a, const struct seen *b,
                       uint64_t holes, bool neighbours)
{
    bool same_picture = a->run == b->run && a->tag.picture == b->tag.picture;
    int32_t later = (int32_t)(b->timestamp - a->timestamp);
    if (same_picture)
        assert_int_equal(later, 0);
    else
        assert_true(later > 0);
    if (neighbours && a->run == b->run)
        assert_int_equal(a->marker, !same_picture);
    if (a->run == b->run)
        assert_true(holes <= missing_between(w, a->tag.seq + 1, b->tag.seq));
    check_frames(w, a, b, neighbours);
}

/* Nothing that went out needs what was left out. */
static void check_references(const struct world *w, const struct seen *seen)
{
    uint64_t needs = w->needs[seen->tag.frame];
    for (uint32_t n = 0; n < 64; n++)
        if (needs >> n & 1 && seen->tag.frame >= n + 1)
            assert_false(w->left_out[seen->tag.frame - n - 1]);
}

static void check(const struct world *w)
{
    const struct seen *last = NULL;
    uint64_t holes = 0, between = 0;
    bool neighbours = true;
    for (uint64_t i = 0; i <= w->slot.index - w->first_index; i++) {
        const struct seen *seen = &w->seen[i];
        holes += !seen->present;
        between += !seen->present;
        if (!seen->present || seen->empty) {
            neighbours = false;
            continue;
        }
        if (last)
            check_pair(w, last, seen, between, neighbours);
        check_references(w, seen);
        last = seen;
        between = 0;
        neighbours = true;
    }
    print_message("# %u forwarded, %llu holes, %u empty, %u resent, %u told\n", w->forwarded,
                  (unsigned long long)holes, w->empties, w->resent, w->told);
    assert_true(holes * 50 < w->forwarded && w->resent > 1000 && w->empties > 100);
}

static void run_world(struct world setup)
{
    struct world *w = malloc(sizeof *w);
    *w = setup;
    world_init(w, 20260101);
    play(w);
    check(w);
    if (w->described && w->receiver_reads_it)
        assert_true(w->told > 100);
    world_clear(w);
    free(w);
}

TEST(slot_makes_one_clean_stream_of_vp8_with_rates)
{
    run_world((struct world){.codec = IC_CODEC_VP8, .encoder = {.sizes = 1, .rates = 3}});
}

TEST(slot_makes_one_clean_stream_of_vp8_with_rates_and_descriptor)
{
    run_world((struct world){.codec = IC_CODEC_VP8,
                             .described = true,
                             .receiver_reads_it = true,
                             .encoder = {.sizes = 1, .rates = 2}});
}

TEST(slot_makes_one_clean_stream_of_vp9_whose_sizes_meet_on_key_frames)
{
    run_world((struct world){.codec = IC_CODEC_VP9,
                             .described = true,
                             .receiver_reads_it = true,
                             .encoder = {.sizes = 3, .rates = 3, .key_only = true}});
}

TEST(slot_makes_one_clean_stream_of_vp9_for_a_receiver_without_descriptor)
{
    run_world((struct world){
        .codec = IC_CODEC_VP9, .described = true, .encoder = {.sizes = 2, .rates = 2}});
}

TEST(slot_makes_one_clean_stream_of_av1_with_sizes)
{
    run_world((struct world){.codec = IC_CODEC_AV1,
                             .described = true,
                             .receiver_reads_it = true,
                             .encoder = {.sizes = 3, .rates = 2}});
}

TEST(slot_makes_one_clean_stream_of_av1_with_rates)
{
    run_world((struct world){.codec = IC_CODEC_AV1,
                             .described = true,
                             .receiver_reads_it = true,
                             .encoder = {.sizes = 1, .rates = 3}});
}

RUN_TESTS(cmocka_unit_test(slot_makes_one_clean_stream_of_vp8_with_rates),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp8_with_rates_and_descriptor),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp9_whose_sizes_meet_on_key_frames),
          cmocka_unit_test(slot_makes_one_clean_stream_of_vp9_for_a_receiver_without_descriptor),
          cmocka_unit_test(slot_makes_one_clean_stream_of_av1_with_sizes),
          cmocka_unit_test(slot_makes_one_clean_stream_of_av1_with_rates))
