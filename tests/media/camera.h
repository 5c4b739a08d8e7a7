/* camera.h - a simulcast camera for tests: three layers of VP8 frames, sealed to look at, with
 * sender reports and retransmissions. Everything is drawn from a seed; nothing is sent, only handed
 * out. */
#pragma once

#include <stdlib.h>

#include "media/rtcp.h"
#include "media/rtp.h"
#include "media/vp8.h"

enum {
    CAMERA_PT = 96,
    CAMERA_RTX_PT = 97,
    CAMERA_KEPT = 512,
    CAMERA_PACKET = 96,
    CAMERA_FAKE_KEY = 10, /* bytes of constant header in front of a key frame */
    CAMERA_EXTENSIONS_UNTIL = 8,
};

/* What a test wants to know of a packet, written into its payload behind the constant header. */
struct camera_tag {
    uint8_t layer, epoch, key_start;
    uint32_t seq;
    uint32_t frame;
};

struct camera_packet {
    uint8_t bytes[CAMERA_PACKET];
    size_t len;
};

struct camera_layer {
    uint32_t ssrc, rtx_ssrc;
    uint32_t seq; /* of the next packet; counts on where the wire rolls over */
    uint32_t sent;
    uint16_t rtx_seq;
    uint32_t timestamp_base;
    uint16_t picture;
    uint8_t tl0, key_index, epoch;
    bool paused, key_due;
    struct camera_packet kept[CAMERA_KEPT];
};

struct camera {
    uint64_t seed;
    uint32_t frame;
    bool noise; /* random bytes instead of tags */
    struct camera_layer layers[IC_LAYERS];
};

static const uint8_t camera_ext[IC_EXTENSIONS] = {4, 10, 11, 3, 7};

static inline uint32_t camera_random(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static inline struct ic_line camera_line(void)
{
    struct ic_line line = {.mid = "1",
                           .stream = IC_STREAM_CAMERA,
                           .codec = IC_CODEC_VP8,
                           .pt = CAMERA_PT,
                           .rtx_pt = CAMERA_RTX_PT,
                           .layers = 7};
    memcpy(line.ext, camera_ext, sizeof line.ext);
    return line;
}

/* A stream under new numbers, as after its encoder was made anew. */
static inline void camera_renew_layer(struct camera *c, int layer)
{
    struct camera_layer *l = &c->layers[layer];
    l->ssrc = camera_random(&c->seed) | 1;
    l->rtx_ssrc = camera_random(&c->seed) | 1;
    l->seq = 65536 + camera_random(&c->seed) % 65536;
    l->sent = 0;
    l->timestamp_base = camera_random(&c->seed) * 2;
    l->picture = camera_random(&c->seed) & 0x7FFF;
    l->tl0 = (uint8_t)camera_random(&c->seed);
    l->key_index = camera_random(&c->seed) & 31;
    l->epoch++;
    l->key_due = true;
    memset(l->kept, 0, sizeof l->kept);
}

static inline void camera_init(struct camera *c, uint64_t seed)
{
    memset(c, 0, sizeof *c);
    c->seed = seed;
    for (int i = 0; i < IC_LAYERS; i++)
        camera_renew_layer(c, i);
}

static inline void camera_extension(struct ic_writer *w, const char *rid, uint8_t rid_id)
{
    ic_write_uint(w, 0xBEDE0002, 4);
    ic_write_uint(w, (uint64_t)camera_ext[IC_EXT_MID] << 12 | '1', 2);
    ic_write_uint(w, (uint64_t)rid_id << 12 | (uint8_t)*rid, 2);
    ic_write_uint(w, 0, 4);
}

static inline void camera_header(struct ic_writer *w, bool ext, uint8_t pt, uint16_t seq,
                                 uint32_t timestamp, uint32_t ssrc)
{
    ic_write_uint(w, ext ? 0x90 : 0x80, 1);
    ic_write_uint(w, pt, 1);
    ic_write_uint(w, seq, 2);
    ic_write_uint(w, timestamp, 4);
    ic_write_uint(w, ssrc, 4);
}

static inline const char *camera_rid(int layer)
{
    return &"lmh"[layer];
}

static inline void camera_body(struct camera *c, struct ic_writer *w, const struct camera_tag *tag,
                               bool start, bool key)
{
    uint8_t body[32];
    if (start) {
        ic_write_uint(w, key ? 0x10 : 0x31, 1);
        ic_write_uint(w, 0, key ? CAMERA_FAKE_KEY - 1 - 8 : 0);
        ic_write_uint(w, 0, key ? 8 : 0);
    }
    for (size_t i = 0; i < sizeof body; i++)
        body[i] = c->noise ? (uint8_t)rand() : 0;
    if (!c->noise)
        memcpy(body, tag, sizeof *tag);
    ic_write_bytes(w, (struct ic_bytes){body, sizeof body});
}

/* Packet `index` of `count` of the layer's frame at `now`. */
static inline struct camera_packet camera_packet(struct camera *c, int layer, int64_t now,
                                                 size_t index, size_t count, bool key)
{
    struct camera_layer *l = &c->layers[layer];
    struct camera_packet packet;
    struct ic_writer w = ic_writer_of(packet.bytes, sizeof packet.bytes);
    struct ic_vp8 vp8 = {.start = index == 0,
                         .has_picture_id = true,
                         .has_tl0 = true,
                         .has_tid = true,
                         .has_key_index = true,
                         .picture_id = l->picture,
                         .tl0 = l->tl0,
                         .key_index = l->key_index};
    const struct camera_tag tag = {(uint8_t)layer, l->epoch, key && index == 0, l->seq, c->frame};
    uint8_t descriptor[IC_VP8_DESCRIPTOR_MAX];
    bool ext = l->sent++ < CAMERA_EXTENSIONS_UNTIL;
    camera_header(&w, ext, (uint8_t)(CAMERA_PT | (index + 1 == count ? 0x80 : 0)), (uint16_t)l->seq,
                  l->timestamp_base + ic_rtp_ticks(now, 90000), l->ssrc);
    if (ext)
        camera_extension(&w, camera_rid(layer), camera_ext[IC_EXT_RID]);
    ic_write_bytes(&w, (struct ic_bytes){descriptor, ic_vp8_write(descriptor, &vp8)});
    camera_body(c, &w, &tag, index == 0, key);
    packet.len = w.len;
    l->kept[l->seq++ % CAMERA_KEPT] = packet;
    return packet;
}

/* Call before a layer's frame. */
static inline void camera_next_frame(struct camera *c, int layer, bool key)
{
    struct camera_layer *l = &c->layers[layer];
    l->picture = (l->picture + 1) & 0x7FFF;
    l->tl0++;
    l->key_index = (l->key_index + (key ? 1 : 0)) & 31;
}

/* The retransmission of `seq`; len 0 if it is gone. */
static inline struct camera_packet camera_resend(struct camera *c, int layer, uint16_t seq)
{
    struct camera_layer *l = &c->layers[layer];
    struct camera_packet packet = {.len = 0};
    struct ic_writer w = ic_writer_of(packet.bytes, sizeof packet.bytes);
    struct ic_rtp rtp;
    const struct camera_packet *kept = NULL;
    for (size_t i = 0; i < CAMERA_KEPT && !kept; i++)
        if (l->kept[i].len > 0 &&
            ic_rtp_parse(&rtp, (struct ic_bytes){l->kept[i].bytes, l->kept[i].len}) == IC_OK &&
            rtp.seq == seq)
            kept = &l->kept[i];
    if (!kept)
        return packet;
    camera_header(&w, true, (uint8_t)(CAMERA_RTX_PT | (rtp.marker ? 0x80 : 0)), l->rtx_seq++,
                  rtp.timestamp, l->rtx_ssrc);
    camera_extension(&w, camera_rid(layer), camera_ext[IC_EXT_RRID]);
    ic_write_uint(&w, seq, 2);
    ic_write_bytes(&w, rtp.payload);
    packet.len = w.bad ? 0 : w.len;
    return packet;
}

/* The camera's NTP clock is hours away from ours. */
static inline struct ic_rtcp_sr camera_report(const struct camera *c, int layer, int64_t now)
{
    const struct camera_layer *l = &c->layers[layer];
    return (struct ic_rtcp_sr){.ssrc = l->ssrc,
                               .ntp = ic_ntp_of_ns(now + 7200 * IC_NS_PER_SEC),
                               .timestamp = l->timestamp_base + ic_rtp_ticks(now, 90000)};
}

/* Negative if the SSRC is none of the camera's. */
static inline int camera_layer_of(const struct camera *c, uint32_t ssrc)
{
    for (int i = 0; i < IC_LAYERS; i++)
        if (c->layers[i].ssrc == ssrc)
            return i;
    return -1;
}
