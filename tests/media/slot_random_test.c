/* 10,000 random switches between the layers of a camera, over a path that loses, delays and repeats
 * packets. A model of the receiver checks that what comes out is one clean stream:
 *
 *     camera ──loss, reordering, repeats──► publisher ─► slot ─► model
 *        ▲                                      │
 *        └────────── NACK, PLI ─────────────────┘
 */
#include "media/publisher.h"
#include "media/slot.h"

#include "tests/media/camera.h"
#include "tests/test.h"

enum {
    SWITCHES = 10000,
    OUT_MAX = 1 << 20,
    IN_MAX = 1 << 23,
    DELAYED_MAX = 64,
    FRAME_MS = 33,
};

/* What the receiver saw under one number. */
struct seen {
    bool present, key_start, marker;
    uint8_t layer, epoch, tl0;
    uint16_t picture;
    uint32_t seq, frame, timestamp;
    uint8_t head[IC_SLOT_HEAD_MAX];
    uint16_t header_len, head_len;
};

struct delayed {
    struct camera_packet packet;
    int64_t due;
};

struct world {
    uint64_t seed;
    int64_t now;
    struct camera camera;
    struct ic_publisher publisher;
    uint8_t *history;
    struct ic_slot slot;
    struct ic_slot_sent sent[IC_SLOT_SENT_VIDEO];
    struct delayed delayed[DELAYED_MAX];
    struct seen *seen;
    uint64_t first_index;
    uint8_t *arrived;   /* by layer and number: came, and not as a retransmission */
    uint64_t decisions; /* a hash of all that was decided */
    uint32_t forwarded, filled, repeats, resent;
};

static uint32_t draw(struct world *w, uint32_t below)
{
    return camera_random(&w->seed) % below;
}

static void world_init(struct world *w, uint64_t seed, bool noise)
{
    struct ic_line line = camera_line();
    struct ic_line slot_line = {.mid = "9",
                                .is_slot = true,
                                .codec = IC_CODEC_VP8,
                                .pt = 100,
                                .rtx_pt = 101,
                                .ext = {1, 0, 0, 2, 5},
                                .ssrc = 0xA0,
                                .rtx_ssrc = 0xA1};
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->now = 1000 * IC_NS_PER_SEC;
    camera_init(&w->camera, seed + 1);
    w->camera.noise = noise;
    w->history = calloc(1, ic_publisher_history_size(&line, 1));
    w->seen = calloc(OUT_MAX, sizeof *w->seen);
    w->arrived = calloc(IC_LAYERS, IN_MAX);
    ic_publisher_init(&w->publisher, &line, 1, w->history, 1);
    ic_slot_init(&w->slot, &slot_line, w->sent, IC_COUNT(w->sent), 65000, 0xFFFFF000);
    w->first_index = w->slot.index;
    ic_slot_point(&w->slot, ic_publisher_upstream(&w->publisher, IC_STREAM_CAMERA), 0);
}

static void world_clear(struct world *w)
{
    free(w->history);
    free(w->seen);
    free(w->arrived);
}

static void hash(struct world *w, const void *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        w->decisions = (w->decisions ^ ((const uint8_t *)bytes)[i]) * UINT64_C(1099511628211);
}

/* The tag is 32 bytes from the end, whatever stands in front. */
static struct camera_tag tag_of(struct ic_bytes body)
{
    struct camera_tag tag;
    memcpy(&tag, body.at + body.len - 32, sizeof tag);
    return tag;
}

static void receive(struct world *w, const uint8_t *head, const struct ic_slot_out *out)
{
    uint64_t place = out->index - w->first_index;
    assert_true(place < OUT_MAX);
    struct seen *seen = &w->seen[place];
    struct ic_rtp rtp;
    struct ic_vp8 vp8;
    uint8_t packet[256];
    memcpy(packet, head, out->head_len);
    memcpy(packet + out->head_len, out->body.at, out->body.len);
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){packet, out->head_len + out->body.len}),
                     IC_OK);
    assert_int_equal(ic_vp8_parse(&vp8, rtp.payload), IC_OK);
    assert_int_equal(rtp.header_len, out->header_len);
    assert_int_equal(rtp.seq, (uint16_t)out->index);
    assert_int_equal(rtp.ssrc, 0xA0);
    assert_int_equal(rtp.pt, 100);
    assert_false(seen->present);

    struct camera_tag tag = tag_of(out->body);
    *seen = (struct seen){true,    vp8.key_start,   rtp.marker,   tag.layer, tag.epoch,
                          vp8.tl0, vp8.picture_id,  tag.seq,      tag.frame, rtp.timestamp,
                          {0},     out->header_len, out->head_len};
    memcpy(seen->head, head, out->head_len);
}

static void take(struct world *w, const struct camera_packet *sent, bool resent)
{
    struct ic_packet packet;
    struct ic_slot_out out;
    struct camera_packet copy = *sent;
    uint8_t head[IC_SLOT_HEAD_MAX];
    enum ic_err err = ic_publisher_receive(&w->publisher, copy.bytes, copy.len, w->now, &packet);
    if (err == IC_ERR_REPLAYED)
        w->repeats++;
    if (err != IC_OK)
        return;
    struct camera_tag tag = tag_of(packet.rtp.payload);
    if (!resent && !w->camera.noise)
        w->arrived[tag.layer * IN_MAX + tag.seq] = tag.epoch;
    bool forwarded = ic_slot_forward(&w->slot, &packet, w->now, head, &out);
    hash(w, &forwarded, sizeof forwarded);
    if (!forwarded)
        return;
    w->forwarded++;
    w->filled += resent;
    hash(w, head, out.head_len);
    hash(w, &out.body.len, sizeof out.body.len);
    if (!w->camera.noise)
        receive(w, head, &out);
}

static void carry(struct world *w, const struct camera_packet *packet, bool resent)
{
    uint32_t fate = draw(w, 100);
    if (fate < 3)
        return;
    if (fate < 6 && !resent) {
        struct delayed *d = &w->delayed[draw(w, DELAYED_MAX)];
        if (d->due == 0)
            *d = (struct delayed){*packet, w->now + (1 + draw(w, 40)) * IC_NS_PER_MS};
        return;
    }
    take(w, packet, resent);
    if (fate == 99)
        take(w, packet, resent);
}

static void deliver_delayed(struct world *w)
{
    for (size_t i = 0; i < DELAYED_MAX; i++) {
        struct delayed *d = &w->delayed[i];
        if (d->due == 0 || d->due > w->now)
            continue;
        d->due = 0;
        take(w, &d->packet, false);
    }
}

static void send_frame(struct world *w, int layer)
{
    struct camera_layer *l = &w->camera.layers[layer];
    bool key = l->key_due || draw(w, 8) == 0;
    size_t count = 1 + draw(w, 2 + 2 * (uint32_t)layer);
    l->key_due = false;
    camera_next_frame(&w->camera, layer, key);
    for (size_t i = 0; i < count; i++) {
        struct camera_packet packet = camera_packet(&w->camera, layer, w->now, i, count, key);
        carry(w, &packet, false);
    }
}

static void obey_feedback(struct world *w)
{
    uint8_t buffer[IC_PUBLISHER_FEEDBACK_MAX];
    struct ic_writer writer = ic_writer_of(buffer, sizeof buffer);
    struct ic_rtcp packet;
    ic_publisher_write_feedback(&w->publisher, &writer, 50 * IC_NS_PER_MS, w->now);
    assert_false(writer.bad);
    hash(w, buffer, writer.len);
    struct ic_reader r = ic_reader_of(ic_written(&writer));
    while (ic_rtcp_next(&r, &packet)) {
        uint32_t ssrc;
        uint16_t seqs[64];
        if (!ic_rtcp_read_media_ssrc(&ssrc, &packet) || camera_layer_of(&w->camera, ssrc) < 0)
            continue;
        int layer = camera_layer_of(&w->camera, ssrc);
        if (packet.type == IC_RTCP_PAYLOAD_FEEDBACK)
            w->camera.layers[layer].key_due = true;
        size_t count = ic_rtcp_read_nack(seqs, IC_COUNT(seqs), &packet);
        for (size_t i = 0; i < count; i++) {
            struct camera_packet resent = camera_resend(&w->camera, layer, seqs[i]);
            if (resent.len > 0)
                carry(w, &resent, true);
        }
    }
    assert_false(r.bad);
}

/* The receiver asks for something it has seen; the answer must be that again. */
static void ask_again(struct world *w)
{
    uint64_t index = w->slot.index - draw(w, 100);
    struct ic_slot_out out;
    uint8_t head[IC_SLOT_HEAD_MAX];
    enum ic_err err =
        ic_slot_resend(&w->slot, (uint16_t)index, 50 * IC_NS_PER_MS, w->now, head, &out);
    hash(w, &err, sizeof err);
    if (err != IC_OK || w->camera.noise)
        return;
    const struct seen *seen = &w->seen[index - w->first_index];
    assert_true(seen->present);
    assert_int_equal(out.ssrc, 0xA1);
    assert_int_equal(head[1] & 0x7F, 101);
    assert_memory_equal(head + 4, seen->head + 4, 4); /* timestamp */
    assert_int_equal(out.head_len, seen->head_len + 2);
    assert_int_equal(head[out.header_len] << 8 | head[out.header_len + 1], (uint16_t)index);
    assert_memory_equal(head + out.header_len + 2, seen->head + seen->header_len,
                        (size_t)(seen->head_len - seen->header_len));
    struct camera_tag tag = tag_of(out.body);
    assert_true(tag.seq == seen->seq && tag.layer == seen->layer && tag.epoch == seen->epoch);
    w->resent++;
}

static void disturb(struct world *w)
{
    int layer = (int)draw(w, IC_LAYERS);
    if (draw(w, 100) == 0)
        w->camera.layers[layer].paused = true;
    if (draw(w, 20) == 0 && w->camera.layers[layer].paused) {
        w->camera.layers[layer].paused = false;
        w->camera.layers[layer].key_due = true;
    }
    if (draw(w, 3000) == 0)
        camera_renew_layer(&w->camera, layer);
    if (draw(w, 3) == 0)
        ic_slot_point(&w->slot, w->slot.upstream, (uint8_t)draw(w, IC_LAYERS));
}

static void step(struct world *w, uint32_t ms)
{
    w->now += IC_NS_PER_MS;
    deliver_delayed(w);
    if (ms % FRAME_MS == 0) {
        w->camera.frame++;
        disturb(w);
        for (int i = 0; i < IC_LAYERS; i++)
            if (!w->camera.layers[i].paused)
                send_frame(w, i);
    }
    if (ms % 10 == 0)
        obey_feedback(w);
    if (ms % 50 == 0)
        ic_slot_tick(&w->slot);
    if (ms % 7 == 0)
        ask_again(w);
    if (ms % 1000 < IC_LAYERS && draw(w, 4) > 0) {
        struct ic_rtcp_sr sr = camera_report(&w->camera, (int)(ms % 1000), w->now);
        ic_publisher_note_sr(&w->publisher, &sr, w->now);
    }
}

static uint32_t play(struct world *w, uint32_t switches)
{
    uint32_t switched = 0, ms = 0;
    while (switched < switches) {
        uint16_t before = w->slot.run;
        step(w, ++ms);
        switched += (uint16_t)(w->slot.run - before);
    }
    return switched;
}

/* Two neighbours in the order of the receiver's numbers, `gap` numbers apart. */
static void check_pair(const struct world *w, const struct seen *a, const struct seen *b,
                       uint32_t gap)
{
    bool same_run = a->layer == b->layer && a->epoch == b->epoch && b->seq - a->seq == gap;
    bool same_frame = same_run && a->frame == b->frame;
    if (!same_run) {
        assert_int_equal(gap, 1); /* switching leaves no hole */
        assert_true(b->key_start);
    }
    for (uint32_t i = 1; same_run && i < gap; i++)
        assert_int_not_equal(w->arrived[a->layer * IN_MAX + a->seq + i], a->epoch);

    int32_t later = (int32_t)(b->timestamp - a->timestamp);
    uint16_t pictures = (b->picture - a->picture) & 0x7FFF;
    uint8_t tl0s = (uint8_t)(b->tl0 - a->tl0);
    if (same_frame) {
        assert_true(later == 0 && pictures == 0 && tl0s == 0);
        return;
    }
    uint32_t frames = same_run ? b->frame - a->frame : 1;
    assert_true(later > 0);
    assert_int_equal(tl0s, (uint8_t)pictures);
    assert_true(pictures >= 1 && pictures <= frames);
    assert_true(same_run || pictures == 1);
}

TEST(slot_makes_one_clean_stream_of_ten_thousand_random_switches)
{
    struct world *w = malloc(sizeof *w);
    world_init(w, 20260101, false);
    assert_true(play(w, SWITCHES) >= SWITCHES);

    const struct seen *first = NULL, *last = NULL;
    uint64_t last_place = 0, holes = 0;
    for (uint64_t i = 0; i <= w->slot.index - w->first_index; i++) {
        const struct seen *seen = &w->seen[i];
        if (!seen->present)
            continue;
        if (last) {
            check_pair(w, last, seen, (uint32_t)(i - last_place));
            holes += i - last_place - 1;
        } else {
            assert_true(seen->key_start);
            first = seen;
        }
        last = seen;
        last_place = i;
    }
    print_message("# %u forwarded, %llu holes, %u filled, %u repeats, %u resent, %lld s\n",
                  w->forwarded, (unsigned long long)holes, w->filled, w->repeats, w->resent,
                  (long long)(w->now / IC_NS_PER_SEC - 1000));
    /* After all these switches the timestamps still keep the camera's time. */
    uint32_t elapsed = (last->frame - first->frame) * FRAME_MS * 90;
    assert_in_range(last->timestamp - first->timestamp + 9000 - elapsed, 0, 18000);
    assert_true(w->filled > 1000 && w->repeats > 1000 && w->resent > 10000);
    assert_true(holes * 100 < w->forwarded);
    world_clear(w);
    free(w);
}

/* SEC-01, part: what is behind the constant headers decides nothing. */
TEST(slot_decides_the_same_when_every_payload_is_noise)
{
    uint64_t decisions[2];
    for (int noise = 0; noise < 2; noise++) {
        struct world *w = malloc(sizeof *w);
        world_init(w, 7, noise);
        play(w, 500);
        decisions[noise] = w->decisions;
        assert_true(w->forwarded > 1000);
        world_clear(w);
        free(w);
    }
    assert_true(decisions[0] == decisions[1]);
}

RUN_TESTS(cmocka_unit_test(slot_makes_one_clean_stream_of_ten_thousand_random_switches),
          cmocka_unit_test(slot_decides_the_same_when_every_payload_is_noise))
