/* Sends microphone, camera, screen and its sound. Sequence numbers are 48-bit indices here, as SRTP
 * wants them; the history keeps payloads by the low 32 bits. */
#include "client/sender.h"

#include <stdlib.h>

#include "client/clock.h"
#include "client/packetize.h"
#include "client/pattern.h"
#include "client/redundancy.h"
#include "crypto/random.h"
#include "media/history.h"
#include "media/rtcp.h"
#include "media/rtx.h"
#include "media/twcc.h"
#include "media/vp8.h"

enum {
    ENCODINGS_MAX = IC_LAYERS + 3, /* a camera's; microphone, screen and its sound have one each */
    HISTORY_COUNT = 512,
    HISTORY_BYTES = 512 << 10,
    NACKS_MAX = 128,
    TWCC_MAX = 1024,
    RTP_CLOCK_AUDIO = 48000,
    RTP_CLOCK_VIDEO = 90000,
};
#define REPORT_NS IC_NS_PER_SEC

struct encoding {
    const struct ic_line *line;
    uint8_t ext[IC_EXTENSIONS]; /* of the line, as far as the answer takes them */
    struct ic_source source;
    struct ic_frame_sender *seal; /* shared by the layers of a stream */
    char rid;
    bool rests; /* nobody shows it */
    uint32_t ssrc, rtx_ssrc;
    uint64_t next, rtx_next; /* packet indices */
    struct ic_vp8 vp8;       /* of the next frame */
    uint32_t rates, since_key;
    uint32_t clock_hz, timestamp_base, last_timestamp;
    int64_t last_due;
    uint32_t packets, bytes;
    struct ic_history history;
    uint8_t *kept;                    /* memory of the history */
    struct ic_redundancy *redundancy; /* NULL: the line takes none */
};

struct ic_sender {
    struct ic_connect connect;
    struct ic_stats *stats;
    struct ic_frame_buffers *buffers;
    const struct ic_tamper *tamper;
    struct ic_frame_sender *seals[IC_STREAMS];
    struct encoding encodings[ENCODINGS_MAX];
    size_t count;
    int64_t started_at, report_at;
    uint16_t twcc;
    uint32_t ssrc;
};

uint32_t ic_media_streams(const struct ic_media *media)
{
    bool microphone = media->audio || media->tone;
    bool camera = media->video_count > 0 || media->pattern_bps > 0;
    return (uint32_t)microphone << IC_STREAM_MICROPHONE | (uint32_t)camera << IC_STREAM_CAMERA |
           (uint32_t)(media->screen != NULL) << IC_STREAM_SCREEN |
           (uint32_t)(media->screen_audio != NULL) << IC_STREAM_SCREEN_AUDIO;
}

/* Bit rates of the pattern's layers: about the share of the pixels, with something on top for the
 * small ones, as encoders do it. */
static uint64_t layer_bps(uint64_t bps, uint32_t layers, uint32_t layer)
{
    static const uint64_t divisors[] = {1, 3, 10};
    return bps / divisors[layers - 1 - layer];
}

static uint32_t random_ssrc(void)
{
    uint32_t ssrc;
    do {
        ic_random_fill(&ssrc, sizeof ssrc);
    } while (ssrc == 0);
    return ssrc;
}

static enum ic_err init_encoding(struct ic_sender *s, const struct ic_line *line,
                                 const struct ic_answer_line *answer, const struct ic_clip *clip,
                                 uint64_t bps, char rid)
{
    struct encoding *e = &s->encodings[s->count];
    uint16_t start;

    ic_random_fill(&start, sizeof start);
    *e = (struct encoding){
        .line = line,
        .seal = s->seals[line->stream],
        .rid = rid,
        .ssrc = random_ssrc(),
        .rtx_ssrc = line->rtx_pt ? random_ssrc() : 0,
        .next = start >> 1, /* RFC 3711 section 3.3.1: a low start keeps the rollover count clear */
        .vp8.picture_id = (uint16_t)(start & 0x7FFF),
        .clock_hz = line->codec == IC_CODEC_VP8 ? RTP_CLOCK_VIDEO : RTP_CLOCK_AUDIO,
        .timestamp_base = random_ssrc(),
    };
    for (int i = 0; i < IC_EXTENSIONS; i++)
        if (answer->extensions >> i & 1)
            e->ext[i] = line->ext[i];
    ic_source_init(&e->source, line->codec, clip, bps, s->started_at);
    if (line->rtx_pt) {
        e->kept = calloc(1, ic_history_size(HISTORY_COUNT, HISTORY_BYTES));
        if (!e->kept)
            return IC_ERR_SYSTEM;
        ic_history_init(&e->history, e->kept, HISTORY_COUNT, HISTORY_BYTES);
    }
    if (line->red_pt) {
        e->redundancy = calloc(1, sizeof *e->redundancy);
        if (!e->redundancy)
            return IC_ERR_SYSTEM;
    }
    s->count++;
    return IC_OK;
}

static enum ic_err init_camera(struct ic_sender *s, const struct ic_line *line,
                               const struct ic_answer_line *answer, const struct ic_media *media)
{
    static const char rids[IC_LAYERS] = {'l', 'm', 'h'};
    for (uint32_t layer = 0; layer < media->layers; layer++) {
        const struct ic_clip *clip =
            media->video_count == 0 ? NULL : media->videos[media->video_count == 1 ? 0 : layer];
        enum ic_err err = init_encoding(s, line, answer, clip,
                                        layer_bps(media->pattern_bps, media->layers, layer),
                                        media->layers > 1 ? rids[layer] : 0);
        if (err != IC_OK)
            return err;
        s->encodings[s->count - 1].rates = media->rates;
    }
    return IC_OK;
}

static enum ic_err init_line(struct ic_sender *s, const struct ic_line *line,
                             const struct ic_answer_line *answer, const struct ic_media *media)
{
    switch ((enum ic_stream)line->stream) {
    case IC_STREAM_MICROPHONE:
        return init_encoding(s, line, answer, media->audio, 0, 0);
    case IC_STREAM_CAMERA:
        return init_camera(s, line, answer, media);
    case IC_STREAM_SCREEN:
        return init_encoding(s, line, answer, media->screen, 0, 0);
    case IC_STREAM_SCREEN_AUDIO:
        return init_encoding(s, line, answer, media->screen_audio, 0, 0);
    case IC_STREAMS:
        break;
    }
    return IC_ERR_MALFORMED;
}

static const struct ic_answer_line *answer_of(const struct ic_heard *answer, const char *mid)
{
    for (uint32_t i = 0; i < answer->line_count; i++)
        if (strcmp(answer->lines[i].mid, mid) == 0)
            return &answer->lines[i];
    return NULL;
}

enum ic_err ic_sender_new(struct ic_sender **out, const struct ic_connect *connect,
                          const struct ic_heard *answer, const struct ic_media *media,
                          struct ic_e2ee *core, struct ic_stats *stats,
                          struct ic_frame_buffers *buffers, const struct ic_tamper *tamper,
                          int64_t now)
{
    struct ic_sender *s = calloc(1, sizeof *s);
    enum ic_err err = s ? IC_OK : IC_ERR_SYSTEM;
    if (err != IC_OK)
        return err;
    s->connect = *connect;
    s->stats = stats;
    s->buffers = buffers;
    s->tamper = tamper;
    s->started_at = now;
    s->report_at = now + REPORT_NS;
    s->ssrc = random_ssrc();
    for (uint32_t i = 0; i < s->connect.line_count && err == IC_OK; i++) {
        const struct ic_line *line = &s->connect.lines[i].line;
        const struct ic_answer_line *a = answer_of(answer, line->mid);
        if (line->is_slot || !a)
            continue;
        s->seals[line->stream] = ic_frame_sender_new(core, line->stream, line->codec);
        err = s->seals[line->stream] ? init_line(s, line, a, media) : IC_ERR_SYSTEM;
    }
    if (err != IC_OK) {
        ic_sender_free(s);
        return err;
    }
    if (s->count > 0)
        s->ssrc = s->encodings[0].ssrc;
    *out = s;
    return IC_OK;
}

void ic_sender_free(struct ic_sender *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < ENCODINGS_MAX; i++) {
        free(s->encodings[i].kept);
        free(s->encodings[i].redundancy);
    }
    for (int i = 0; i < IC_STREAMS; i++)
        ic_frame_sender_free(s->seals[i]);
    free(s);
}

uint32_t ic_sender_ssrc(const struct ic_sender *sender)
{
    return sender->ssrc;
}

/* Writes one packet into the outbox. `payload` comes in up to two parts. */
static void send_packet(struct ic_sender *s, struct encoding *e, struct ic_peer *peer,
                        struct ic_send_header *h, struct ic_bytes prefix, struct ic_bytes payload,
                        uint64_t index)
{
    uint8_t *cell = ic_peer_room(peer);
    h->ext = e->ext;
    h->mid = e->line->mid;
    h->rid = e->rid;
    h->seq = (uint16_t)index;
    h->twcc = e->ext[IC_EXT_TWCC] ? s->twcc++ : 0;
    size_t header_len = ic_send_header_write(cell, h);

    memcpy(cell + header_len, prefix.at, prefix.len);
    memcpy(cell + header_len + prefix.len, payload.at, payload.len);
    size_t len = header_len + prefix.len + payload.len;
    if (!ic_peer_send(peer, len, header_len, h->ssrc, index))
        return;
    s->stats->now.packets_out++;
    s->stats->now.bytes_out += len;
    e->bytes += (uint32_t)(prefix.len + payload.len);
}

/* Keeps a payload for those who may ask again: time stamp and marker in front of it. */
static void remember(struct encoding *e, uint32_t seq, uint32_t timestamp, bool marker,
                     struct ic_bytes prefix, struct ic_bytes payload)
{
    uint8_t kept[IC_RTP_PACKET_MAX];
    struct ic_writer w = ic_writer_of(kept, sizeof kept);
    ic_write_uint(&w, timestamp, 4);
    ic_write_uint(&w, marker, 1);
    ic_write_bytes(&w, prefix);
    ic_write_bytes(&w, payload);
    /* A payload that finds no place is one that cannot be sent again. */
    if (!e->kept || w.bad || ic_history_put(&e->history, seq, ic_written(&w)) != IC_OK)
        return;
}

/* A picture id, and where there are rates all that tells of them (RFC 7741 section 4.2). */
static void describe_frame(struct encoding *e, bool key)
{
    e->since_key = key ? 0 : e->since_key + 1;
    uint8_t rate = ic_pattern_rate(e->rates, e->since_key);
    e->vp8.picture_id = (e->vp8.picture_id + 1) & 0x7FFF;
    e->vp8.has_picture_id = true;
    e->vp8.has_tl0 = e->vp8.has_tid = e->rates > 1;
    e->vp8.tl0 = (uint8_t)(e->vp8.tl0 + (rate == 0));
    e->vp8.tid = rate;
    e->vp8.layer_sync = rate > 0;
}

static void send_frame(struct ic_sender *s, struct encoding *e, struct ic_peer *peer,
                       struct ic_bytes sealed, uint32_t timestamp)
{
    bool video = e->line->codec == IC_CODEC_VP8;
    size_t payload_max = IC_RTP_SEND_MAX - IC_RTP_HEADROOM;
    struct ic_cut cut = ic_cut_frame(sealed.len, payload_max);

    for (size_t i = 0; i < cut.count; i++) {
        uint8_t descriptor[IC_VP8_DESCRIPTOR_MAX];
        e->vp8.start = i == 0;
        struct ic_bytes prefix = {descriptor, video ? ic_vp8_write(descriptor, &e->vp8) : 0};
        struct ic_bytes part = ic_cut_part(&cut, sealed.at, i);
        struct ic_send_header h = {.pt = e->line->pt,
                                   .marker = video && i + 1 == cut.count,
                                   .timestamp = timestamp,
                                   .ssrc = e->ssrc};
        remember(e, (uint32_t)e->next, timestamp, h.marker, prefix, part);
        send_packet(s, e, peer, &h, prefix, part, e->next++);
        e->packets++;
    }
    s->stats->now.frames_out++;
}

/* RFC 2198. The marker is as with plain Opus: never set. */
static void send_redundant(struct ic_sender *s, struct encoding *e, struct ic_peer *peer,
                           struct ic_bytes sealed, uint32_t timestamp, int64_t now)
{
    uint8_t payload[IC_RTP_SEND_MAX];
    struct ic_send_header h = {.pt = e->line->red_pt, .timestamp = timestamp, .ssrc = e->ssrc};

    size_t len = ic_redundancy_payload(e->redundancy, payload, sealed, timestamp, e->line->pt, now);
    send_packet(s, e, peer, &h, (struct ic_bytes){payload, 0}, (struct ic_bytes){payload, len},
                e->next++);
    e->packets++;
    s->stats->now.frames_out++;
}

/* Longer frames (music at a high rate) would not fit into a packet twice. */
static bool is_redundant(const struct encoding *e, size_t sealed_len)
{
    return e->redundancy && sealed_len + IC_REDUNDANT_MAX <= IC_RTP_SEND_MAX - IC_RTP_HEADROOM;
}

/* Seals and sends one frame; IC_ERR_EXHAUSTED goes to the caller, other errors drop the frame. */
static enum ic_err seal_and_send(struct ic_sender *s, struct encoding *e, struct ic_peer *peer,
                                 const struct ic_source_frame *frame)
{
    size_t len = 0;
    enum ic_err err = ic_frame_seal(e->seal, s->buffers->sealed, &len, frame->data);
    if (err != IC_OK)
        return err == IC_ERR_EXHAUSTED ? err : IC_OK;
    if (s->tamper && s->tamper->frame)
        len = s->tamper->frame(s->tamper->owner, e->line->stream, frame->data, s->buffers->sealed,
                               len);
    if (len == 0)
        return IC_OK;
    uint64_t elapsed = (uint64_t)(frame->due - s->started_at);
    e->last_timestamp = e->timestamp_base + (uint32_t)(elapsed / 1000 * e->clock_hz / 1000000);
    e->last_due = frame->due;
    struct ic_bytes sealed = {s->buffers->sealed, len};
    describe_frame(e, frame->key);
    if (is_redundant(e, len))
        send_redundant(s, e, peer, sealed, e->last_timestamp, frame->due);
    else
        send_frame(s, e, peer, sealed, e->last_timestamp);
    return IC_OK;
}

/* Sender reports of all encodings, in one compound (RFC 3550 section 6.4.1). */
static void send_reports(struct ic_sender *s, struct ic_peer *peer, int64_t now)
{
    uint8_t bytes[1024];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    for (size_t i = 0; i < s->count; i++) {
        struct encoding *e = &s->encodings[i];
        if (e->packets == 0)
            continue;
        const struct ic_rtcp_sr sr = {
            .ssrc = e->ssrc,
            .ntp = ic_ntp_of_ns(now),
            .timestamp = e->last_timestamp +
                         (uint32_t)((now - e->last_due) / 1000 * (int64_t)e->clock_hz / 1000000),
            .packets = e->packets,
            .bytes = e->bytes,
        };
        ic_rtcp_write_sr(&w, &sr);
        ic_rtcp_write_cname(&w, e->ssrc, "incamera");
    }
    ic_peer_send_rtcp(peer, ic_written(&w));
}

void ic_sender_want(struct ic_sender *s, enum ic_stream stream, uint32_t layers)
{
    uint32_t layer = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct encoding *e = &s->encodings[i];
        if (e->line->stream != stream)
            continue;
        bool rests = layer++ >= layers;
        if (e->rests && !rests)
            ic_source_want_key(&e->source);
        e->rests = rests;
    }
}

enum ic_err ic_sender_advance(struct ic_sender *s, struct ic_peer *peer, int64_t now)
{
    enum ic_err err = IC_OK;
    for (size_t i = 0; i < s->count && err == IC_OK; i++) {
        struct encoding *e = &s->encodings[i];
        struct ic_source_frame frame;
        while (err == IC_OK &&
               ic_source_next(&e->source, &frame, s->buffers->plain, now, ic_clock_wall()))
            if (!e->rests)
                err = seal_and_send(s, e, peer, &frame);
    }
    ic_peer_flush(peer);
    if (now >= s->report_at) {
        s->report_at = now + REPORT_NS;
        send_reports(s, peer, now);
    }
    return err;
}

int64_t ic_sender_next_timeout(const struct ic_sender *s)
{
    int64_t due = s->count > 0 ? s->report_at : INT64_MAX;
    for (size_t i = 0; i < s->count; i++)
        if (s->encodings[i].source.due < due)
            due = s->encodings[i].source.due;
    return due;
}

static struct encoding *encoding_of(struct ic_sender *s, uint32_t ssrc)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->encodings[i].ssrc == ssrc)
            return &s->encodings[i];
    return NULL;
}

/* The newest index whose low 16 bits are `seq`. */
static uint64_t index_of(const struct encoding *e, uint16_t seq)
{
    return e->next - 1 - (uint16_t)(e->next - 1 - seq);
}

/* RFC 4588 section 4: its own SSRC and numbers, the original number in front. */
static void resend(struct ic_sender *s, struct encoding *e, struct ic_peer *peer, uint16_t seq)
{
    struct ic_reader kept = ic_reader_of(ic_history_get(&e->history, (uint32_t)index_of(e, seq)));
    uint32_t timestamp = (uint32_t)ic_read_uint(&kept, 4);
    bool marker = ic_read_uint(&kept, 1);
    if (kept.bad)
        return;
    uint8_t original[IC_RTX_OSN_LEN] = {(uint8_t)(seq >> 8), (uint8_t)seq};
    struct ic_send_header h = {.pt = e->line->rtx_pt,
                               .marker = marker,
                               .timestamp = timestamp,
                               .ssrc = e->rtx_ssrc,
                               .repaired = true};
    send_packet(s, e, peer, &h, (struct ic_bytes){original, sizeof original}, kept.rest,
                e->rtx_next++);
    s->stats->now.resent_out++;
}

static void on_nack(struct ic_sender *s, struct ic_peer *peer, const struct ic_rtcp *packet)
{
    uint16_t seqs[NACKS_MAX];
    uint32_t media;
    struct encoding *e = ic_rtcp_read_media_ssrc(&media, packet) ? encoding_of(s, media) : NULL;
    if (!e)
        return;
    size_t count = ic_rtcp_read_nack(seqs, NACKS_MAX, packet);
    s->stats->now.nacks_in++;
    for (size_t i = 0; i < count && e->kept; i++)
        resend(s, e, peer, seqs[i]);
    ic_peer_flush(peer);
}

static void want_key(struct ic_sender *s, uint32_t ssrc)
{
    struct encoding *e = encoding_of(s, ssrc);
    if (e) {
        s->stats->now.plis_in++;
        ic_source_want_key(&e->source);
    }
}

static void on_payload_feedback(struct ic_sender *s, const struct ic_rtcp *packet)
{
    uint32_t media[ENCODINGS_MAX];
    if (packet->count == IC_RTCP_PLI && ic_rtcp_read_media_ssrc(&media[0], packet))
        want_key(s, media[0]);
    if (packet->count == IC_RTCP_FIR) {
        size_t count = ic_rtcp_read_fir(media, ENCODINGS_MAX, packet);
        for (size_t i = 0; i < count; i++)
            want_key(s, media[i]);
    }
}

static void on_twcc(struct ic_sender *s, const struct ic_rtcp *packet)
{
    static struct ic_twcc_result results[TWCC_MAX];
    size_t count;
    if (ic_twcc_read(results, TWCC_MAX, &count, packet) != IC_OK)
        return;
    s->stats->now.feedback_in += count;
    for (size_t i = 0; i < count; i++)
        s->stats->now.feedback_lost += !results[i].arrived;
}

static void on_reports(struct ic_sender *s, const struct ic_rtcp *packet, int64_t now)
{
    struct ic_rtcp_report reports[IC_RTCP_REPORTS_MAX];
    size_t count = ic_rtcp_read_reports(reports, packet);
    for (size_t i = 0; i < count; i++) {
        struct encoding *e = encoding_of(s, reports[i].ssrc);
        if (e && e->redundancy)
            ic_redundancy_lost(e->redundancy, reports[i].fraction_lost, now);
    }
}

void ic_sender_feedback(struct ic_sender *s, struct ic_peer *peer, const struct ic_rtcp *packet,
                        int64_t now)
{
    if (packet->type == IC_RTCP_RR)
        on_reports(s, packet, now);
    else if (packet->type == IC_RTCP_TRANSPORT_FEEDBACK && packet->count == IC_RTCP_NACK)
        on_nack(s, peer, packet);
    else if (packet->type == IC_RTCP_TRANSPORT_FEEDBACK && packet->count == IC_RTCP_TWCC)
        on_twcc(s, packet);
    else if (packet->type == IC_RTCP_PAYLOAD_FEEDBACK)
        on_payload_feedback(s, packet);
}
