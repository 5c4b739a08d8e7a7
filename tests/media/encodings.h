/* encodings.h - a sender of one stream for tests: one encoding, or three sizes of a camera under
 * RIDs; each may be scalable (layered.h). It writes packets, resends them when asked, and reports
 * its clock, which is hours away from ours. Everything is drawn from a seed; nothing is sent, only
 * handed out.
 *
 * Its own numbers count on where those on the wire come round; they stand at the end of each
 * payload, for the test to read. */
#pragma once

#include <stdlib.h>

#include "media/rtcp.h"
#include "media/upstream.h"
#include "tests/media/layered.h"

enum {
    ENCODING_KEPT = 512,
    ENCODING_PACKET = 256,
    ENCODING_PT = 96,
    ENCODING_RTX_PT = 97,
    ENCODING_MID_ID = 4,
    ENCODING_DEPENDENCY_ID = 9,
    ENCODING_RID_ID = 10,
    ENCODING_RRID_ID = 11,
    ENCODING_FIRST_SEQ = 65000,
    ENCODING_FRAMES = 4, /* most in a picture */
};

/* What a packet is. */
struct encoding_tag {
    uint32_t seq, frame, picture, base; /* base: pictures of the lowest rate so far */
    uint32_t ms;                        /* of capture */
    uint8_t encoding, size, rate, key, start, end;
};

struct encoded {
    uint8_t bytes[ENCODING_PACKET];
    size_t len;
    struct encoding_tag tag;
};

struct encoding {
    struct layered layers;
    uint32_t ssrc, timestamp_base;
    uint32_t seq, frame, picture, base, keys; /* of the next */
    uint16_t rtx_seq;
    bool paused;
    struct encoded kept[ENCODING_KEPT];
};

struct encodings {
    uint64_t seed;
    enum ic_codec codec;
    bool described; /* by the Dependency Descriptor */
    bool noise;     /* random bytes behind the descriptors */
    uint8_t count;
    struct encoding of[IC_LAYERS];
};

static inline uint32_t encodings_draw(uint64_t *seed, uint32_t below)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33) % below;
}

static inline struct ic_line encodings_line(const struct encodings *e)
{
    struct ic_line line = {.mid = "1",
                           .stream = e->count > 1 ? IC_STREAM_CAMERA : IC_STREAM_SCREEN,
                           .codec = (uint8_t)e->codec,
                           .pt = ENCODING_PT,
                           .rtx_pt = ENCODING_RTX_PT,
                           .layers = e->count > 1 ? 7 : 0};
    line.ext[IC_EXT_MID] = ENCODING_MID_ID;
    line.ext[IC_EXT_RID] = ENCODING_RID_ID;
    line.ext[IC_EXT_RRID] = ENCODING_RRID_ID;
    line.ext[IC_EXT_DEPENDENCY] = e->described ? ENCODING_DEPENDENCY_ID : 0;
    return line;
}

/* An encoder made anew: another SSRC, and all numbers somewhere else. */
static inline void encodings_renew(struct encodings *e, struct encoding *of)
{
    of->ssrc = 2 * encodings_draw(&e->seed, 1u << 30) + 2;
    of->timestamp_base = 2 * encodings_draw(&e->seed, 1u << 31);
    of->seq += encodings_draw(&e->seed, 3000);
    of->picture += encodings_draw(&e->seed, 30000);
    of->base += encodings_draw(&e->seed, 256);
    of->layers.number = (uint16_t)encodings_draw(&e->seed, 65536);
    of->layers.key_next = true;
}

/* `e->codec` and so on, and the `layers` of the first encoding, are set; all have the same. */
static inline void encodings_init(struct encodings *e, uint64_t seed)
{
    e->seed = seed;
    for (uint8_t i = 0; i < e->count; i++) {
        e->of[i].layers = e->of[0].layers;
        e->of[i].seq = ENCODING_FIRST_SEQ;
        encodings_renew(e, &e->of[i]);
    }
}

static inline uint32_t encodings_ticks(uint32_t ms)
{
    return ms * (IC_VIDEO_CLOCK_HZ / 1000);
}

/* ---- packets ---- */

static inline void encodings_extension(struct ic_writer *w, uint8_t id, struct ic_bytes value)
{
    if (value.len == 0)
        return;
    ic_write_uint(w, id, 1);
    ic_write_uint(w, value.len, 1);
    ic_write_bytes(w, value);
}

static inline void encodings_header(struct ic_writer *w, uint8_t pt, uint16_t seq,
                                    uint32_t timestamp, uint32_t ssrc)
{
    ic_write_uint(w, 0x90, 1);
    ic_write_uint(w, pt, 1);
    ic_write_uint(w, seq, 2);
    ic_write_uint(w, timestamp, 4);
    ic_write_uint(w, ssrc, 4);
}

static inline void encodings_extensions(const struct encodings *e, const struct encoding *of,
                                        struct ic_writer *w, uint8_t rid_id,
                                        struct ic_bytes dependency)
{
    static const char rids[] = "lmh";
    uint8_t bytes[ENCODING_PACKET];
    struct ic_writer all = ic_writer_of(bytes, sizeof bytes);
    struct ic_bytes rid = {(const uint8_t *)&rids[of - e->of], e->count > 1};
    encodings_extension(&all, ENCODING_MID_ID, ic_bytes_of_text("1"));
    encodings_extension(&all, rid_id, rid);
    encodings_extension(&all, ENCODING_DEPENDENCY_ID, dependency);
    while (all.len % 4 != 0)
        ic_write_uint(&all, 0, 1);
    ic_write_uint(w, 0x1000, 2);
    ic_write_uint(w, all.len / 4, 2);
    ic_write_bytes(w, ic_written(&all));
}

/* The second of three pictures of the highest rate needs the middle one. */
static inline void encodings_vp8(const struct encoding *of, struct ic_writer *w,
                                 const struct encoding_tag *tag)
{
    uint8_t descriptor[IC_VP8_DESCRIPTOR_MAX];
    const struct ic_vp8 vp8 = {.start = tag->start,
                               .has_picture_id = true,
                               .has_tl0 = true,
                               .has_tid = true,
                               .has_key_index = true,
                               .picture_id = tag->picture & 0x7FFF,
                               .tl0 = (uint8_t)tag->base,
                               .tid = tag->rate,
                               .key_index = of->keys & 0x1F,
                               .layer_sync = tag->rate > 0 && of->layers.place != 0};
    ic_write_bytes(w, (struct ic_bytes){descriptor, ic_vp8_write(descriptor, &vp8)});
    ic_write_uint(w, tag->key ? 0x10 : 0x11, 1);
}

static inline void encodings_descriptor(const struct encodings *e, const struct encoding *of,
                                        struct ic_writer *w, const struct encoding_tag *tag)
{
    if (e->codec == IC_CODEC_VP8)
        encodings_vp8(of, w, tag);
    if (e->codec == IC_CODEC_AV1)
        ic_write_uint(w, tag->key && tag->size == 0 && tag->start ? 0x18 : 0x10, 1);
    if (e->codec == IC_CODEC_H264) /* several NAL units, or a part of a slice */
        ic_write_uint(w, tag->key && tag->start ? 0x78000D67 : 0x7C050000, 4);
    if (e->codec != IC_CODEC_VP9)
        return;
    ic_write_uint(w, 0xA0u | (tag->key ? 0 : 0x40) | (tag->start ? 8 : 0), 1);
    ic_write_uint(w, 0x8000 | (tag->picture & 0x7FFF), 2);
    ic_write_uint(w, (uint8_t)(tag->rate << 5 | tag->size << 1), 1);
    ic_write_uint(w, (uint8_t)tag->base, 1);
}

static inline void encodings_body(struct encodings *e, struct ic_writer *w,
                                  const struct encoding_tag *tag)
{
    uint8_t body[sizeof *tag];
    memcpy(body, tag, sizeof body);
    for (size_t i = 0; e->noise && i < sizeof body; i++)
        body[i] = (uint8_t)rand();
    ic_write_bytes(w, (struct ic_bytes){body, sizeof body});
}

/* A packet of frame `f`. */
static inline struct encoded encodings_packet(struct encodings *e, struct encoding *of,
                                              const struct layered_frame *f, uint32_t ms,
                                              bool start, bool end)
{
    struct layered_bits bits;
    struct encoded p = {.tag = {.seq = of->seq,
                                .frame = of->frame,
                                .picture = of->picture,
                                .base = of->base,
                                .ms = ms,
                                .encoding = (uint8_t)(of - e->of),
                                .size = f->size,
                                .rate = f->rate,
                                .key = f->key,
                                .start = start,
                                .end = end}};
    struct ic_writer w = ic_writer_of(p.bytes, sizeof p.bytes);
    struct ic_bytes dependency = {0};
    bool last = end && f->size + 1 == of->layers.sizes;
    if (e->described)
        dependency = layered_descriptor(&of->layers, &bits, f, start, end);
    encodings_header(&w, (uint8_t)(ENCODING_PT | (last ? 0x80 : 0)), (uint16_t)of->seq,
                     of->timestamp_base + encodings_ticks(ms), of->ssrc);
    encodings_extensions(e, of, &w, ENCODING_RID_ID, dependency);
    encodings_descriptor(e, of, &w, &p.tag);
    encodings_body(e, &w, &p.tag);
    p.len = w.bad ? 0 : w.len;
    of->kept[of->seq++ % ENCODING_KEPT] = p;
    return p;
}

/* The retransmission of what `ssrc` sent as `seq`; len 0 if it is gone. */
static inline struct encoded encodings_resend(struct encodings *e, uint32_t ssrc, uint16_t seq)
{
    struct encoded p = {.len = 0};
    struct ic_rtp rtp;
    const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_DEPENDENCY] = ENCODING_DEPENDENCY_ID};
    struct ic_bytes values[IC_EXTENSIONS];
    struct encoding *of = e->of;
    while (of < e->of + e->count && of->ssrc != ssrc)
        of++;
    if (of == e->of + e->count)
        return p;
    const struct encoded *kept = &of->kept[(of->seq - (uint16_t)(of->seq - seq)) % ENCODING_KEPT];
    if (kept->len == 0 || ic_rtp_parse(&rtp, (struct ic_bytes){kept->bytes, kept->len}) != IC_OK ||
        rtp.seq != seq || rtp.ssrc != ssrc)
        return p;
    ic_rtp_extensions(&rtp, ids, values);
    struct ic_writer w = ic_writer_of(p.bytes, sizeof p.bytes);
    encodings_header(&w, (uint8_t)(ENCODING_RTX_PT | (rtp.marker ? 0x80 : 0)), of->rtx_seq++,
                     rtp.timestamp, ssrc + 1);
    encodings_extensions(e, of, &w, ENCODING_RRID_ID, values[IC_EXT_DEPENDENCY]);
    ic_write_uint(&w, seq, 2);
    ic_write_bytes(&w, rtp.payload);
    p.len = w.bad ? 0 : w.len;
    p.tag = kept->tag;
    return p;
}

/* ---- pictures ---- */

/* Bit n: the frame n + 1 before this one in its encoding. */
static inline uint64_t encodings_references(const struct encoding *of,
                                            const struct layered_frame *f)
{
    const struct layered *l = &of->layers;
    unsigned pictures = f->rate == 0                    ? (l->rates == 3 ? 4 : l->rates)
                        : l->rates == 3 && f->rate == 1 ? 2
                                                        : 1;
    uint64_t references = f->key ? 0 : UINT64_C(1) << (pictures * l->sizes - 1);
    return references | (f->size > 0 && (f->key || !l->key_only));
}

/* The next picture's frames, one a size; then encodings_packet() for each of their packets, and
 * encodings_frame_done() behind each frame, encodings_picture_done() at the end. */
static inline void encodings_picture(struct encoding *of,
                                     struct layered_frame frames[ENCODING_FRAMES])
{
    layered_picture(&of->layers, frames);
    of->base += frames[0].rate == 0;
    of->keys += frames[0].key;
}

static inline void encodings_frame_done(struct encoding *of)
{
    of->frame++;
}

static inline void encodings_picture_done(struct encoding *of)
{
    of->picture++;
}

static inline struct ic_rtcp_sr encodings_report(const struct encoding *of, uint32_t ms)
{
    const int64_t apart = 7200 * IC_NS_PER_SEC;
    return (struct ic_rtcp_sr){.ssrc = of->ssrc,
                               .ntp = ic_ntp_of_ns(ms * IC_NS_PER_MS + apart),
                               .timestamp = of->timestamp_base + encodings_ticks(ms)};
}
