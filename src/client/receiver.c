/* Slots of one connection. A slot shows somebody only where three agree: the server's assignment,
 * the sender's own word, and the key id inside the frame, which the core checks. */
#include "client/receiver.h"

#include <stdlib.h>

#include "client/pattern.h"
#include "media/nack.h"
#include "media/reception.h"
#include "media/red.h"
#include "media/rtcp.h"
#include "media/rtx.h"
#include "media/twcc.h"
#include "media/vp8.h"

enum { NACKS_MAX = 64, RTCP_SIZE = 1100 };
#define PATIENCE_AUDIO (60 * IC_NS_PER_MS)
#define PLI_EVERY (500 * IC_NS_PER_MS)
#define RETRY_HELD (10 * IC_NS_PER_MS)
#define REPORT_NS IC_NS_PER_SEC

struct slot {
    const struct ic_client_line *line;
    uint32_t ssrc, rtx_ssrc;
    struct ic_frame_receiver *open;
    bool pointed;
    uint32_t index; /* of whom it shows, if pointed */
    enum ic_stream stream;
    struct ic_reception reception;
    struct ic_nack nack;
    struct ic_jitter jitter;
    uint64_t dropped_before; /* of the jitter buffer, as counted already */
    bool heard;              /* a packet came since the slot was pointed */
    bool key_wanted;
    uint32_t size;   /* width and height of the last key frame, as it has them */
    int64_t pli_at;  /* next PLI while a key frame is wanted */
    int64_t held_at; /* next try to open a frame without a key; INT64_MAX: none */
    int32_t lost_before;
    uint32_t sr_middle; /* of the last sender report, and when it came */
    int64_t sr_at;
};

struct ic_receiver {
    struct ic_connect connect;
    struct ic_receiver_context context;
    uint8_t ext[IC_EXTENSIONS]; /* ids of the extensions that the server uses */
    struct ic_twcc_receiver twcc;
    int64_t report_at;
    size_t count;
    struct slot slots[];
};

static bool is_video(const struct slot *slot)
{
    return slot->line->line.codec == IC_CODEC_VP8;
}

static const struct ic_answer_line *answer_of(const struct ic_heard *answer, const char *mid)
{
    for (uint32_t i = 0; i < answer->line_count; i++)
        if (strcmp(answer->lines[i].mid, mid) == 0)
            return &answer->lines[i];
    return NULL;
}

static enum ic_err add_slot(struct ic_receiver *r, const struct ic_client_line *line,
                            const struct ic_answer_line *answer)
{
    struct slot *slot = &r->slots[r->count];
    bool video = line->line.codec == IC_CODEC_VP8;

    slot->line = line;
    slot->ssrc = answer->ssrc;
    slot->rtx_ssrc = line->line.rtx_pt ? answer->rtx_ssrc : 0;
    slot->held_at = INT64_MAX;
    ic_reception_init(&slot->reception, video ? 90000 : 48000);
    ic_nack_init(&slot->nack);
    ic_jitter_init(&slot->jitter, r->context.cells,
                   video ? IC_JITTER_PATIENCE_VIDEO : PATIENCE_AUDIO);
    slot->open = ic_frame_receiver_new(r->context.core, line->line.codec);
    r->count++;
    if (answer->extensions >> IC_EXT_TWCC & 1)
        r->ext[IC_EXT_TWCC] = line->line.ext[IC_EXT_TWCC];
    return slot->open ? IC_OK : IC_ERR_SYSTEM;
}

enum ic_err ic_receiver_new(struct ic_receiver **out, const struct ic_connect *connect,
                            const struct ic_heard *answer,
                            const struct ic_receiver_context *context, int64_t now)
{
    struct ic_receiver *r = calloc(1, sizeof *r + connect->line_count * sizeof r->slots[0]);
    enum ic_err err = r ? IC_OK : IC_ERR_SYSTEM;
    if (err != IC_OK)
        return err;
    r->connect = *connect;
    r->context = *context;
    r->report_at = now + REPORT_NS;
    ic_twcc_init(&r->twcc);
    for (uint32_t i = 0; i < connect->line_count && err == IC_OK; i++) {
        const struct ic_client_line *line = &r->connect.lines[i];
        const struct ic_answer_line *a = answer_of(answer, line->line.mid);
        if (line->line.is_slot && a && a->ssrc != 0)
            err = add_slot(r, line, a);
    }
    if (err != IC_OK) {
        ic_receiver_free(r);
        return err;
    }
    *out = r;
    return IC_OK;
}

void ic_receiver_free(struct ic_receiver *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++) {
        ic_jitter_clear(&r->slots[i].jitter);
        ic_frame_receiver_free(r->slots[i].open);
    }
    free(r);
}

/* The member that `slots` gives to this slot, if it says itself that it sends this stream. */
static struct ic_member *agreed(const struct ic_receiver *r, const struct slot *slot,
                                const struct ic_slot_pointer *slots, size_t count,
                                enum ic_stream *stream)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(slots[i].mid, slot->line->line.mid) != 0)
            continue;
        struct ic_member *member = ic_roster_find(r->context.roster, slots[i].participant);
        *stream = slots[i].stream;
        if (member && member->streams >> *stream & 1 &&
            ic_stream_is_video(*stream) == is_video(slot))
            return member;
    }
    return NULL;
}

static void point_slot(struct slot *slot, const struct ic_member *member, enum ic_stream stream,
                       int64_t now)
{
    bool same = member ? slot->pointed && slot->index == member->index && slot->stream == stream
                       : !slot->pointed;
    if (same)
        return;
    slot->pointed = member && ic_frame_receiver_expect(slot->open, member->index, stream) == IC_OK;
    if (!slot->pointed) {
        ic_frame_receiver_expect_nobody(slot->open);
        slot->key_wanted = false;
        return;
    }
    slot->index = member->index;
    slot->stream = stream;
    slot->size = 0;
    slot->heard = false;
    slot->key_wanted = is_video(slot);
    slot->pli_at = now + PLI_EVERY; /* the server asks by itself when it points a slot */
}

void ic_receiver_point(struct ic_receiver *r, const struct ic_slot_pointer *slots, size_t count,
                       int64_t now)
{
    for (size_t i = 0; i < r->count; i++) {
        enum ic_stream stream = IC_STREAM_MICROPHONE;
        struct ic_member *member = agreed(r, &r->slots[i], slots, count, &stream);
        point_slot(&r->slots[i], member, stream, now);
    }
}

static struct slot *slot_of(struct ic_receiver *r, uint32_t ssrc)
{
    for (size_t i = 0; i < r->count; i++)
        if (r->slots[i].ssrc == ssrc || (r->slots[i].rtx_ssrc == ssrc && ssrc != 0))
            return &r->slots[i];
    return NULL;
}

/* RFC 6386 section 9.1. */
static void note_size(struct ic_stats *stats, struct slot *slot, struct ic_bytes frame)
{
    enum { SIZE_AT = 6 };
    struct ic_reader r = ic_reader_of(frame);

    ic_read_bytes(&r, SIZE_AT);
    uint32_t size = (uint32_t)ic_read_uint(&r, sizeof size);
    if (r.bad)
        return;
    stats->now.switches += slot->size != 0 && size != slot->size;
    slot->size = size;
}

/* A frame was opened: is it of use, and what does it tell? */
static void use_frame(struct ic_receiver *r, struct slot *slot, const struct ic_jitter_frame *frame,
                      const struct ic_opened_frame *opened, int64_t now)
{
    struct ic_stats *stats = r->context.stats;
    struct ic_member *member = r->context.roster->members[opened->index];
    struct ic_stamp stamp;

    stats->now.decrypted++;
    if (is_video(slot))
        stats->now.video_in++;
    else
        stats->now.audio_in++;
    if (!frame->copied && ic_pattern_read(&stamp, opened->frame))
        ic_histogram_add(&stats->latency, frame->arrived_wall
                                              ? frame->arrived_wall - stamp.wall_ns
                                              : frame->arrived - stamp.monotonic_ns);
    if (frame->key) {
        slot->key_wanted = false;
        note_size(stats, slot, opened->frame);
    }
    if (frame->broken && is_video(slot))
        slot->key_wanted = true;
    if (slot->key_wanted)
        stats->now.dropped++;
    else if (member)
        ic_roster_frame(r->context.roster, member, opened->stream,
                        (enum ic_codec)slot->line->line.codec, opened->frame, frame->timestamp,
                        stats, now);
}

/* True if the frame is done with; false if it waits for its key. */
static bool open_frame(struct ic_receiver *r, struct slot *slot,
                       const struct ic_jitter_frame *frame, int64_t now)
{
    struct ic_counters *c = &r->context.stats->now;
    int64_t hold = is_video(slot) ? IC_HOLD_VIDEO_NS : IC_HOLD_AUDIO_NS;
    struct ic_opened_frame opened;
    enum ic_err err =
        ic_frame_open(slot->open, &opened, r->context.buffers->sealed, frame->len, now);

    if (err == IC_ERR_NOT_FOUND && now - frame->arrived < hold)
        return false;
    c->frames_in++;
    if (err == IC_OK)
        use_frame(r, slot, frame, &opened, now);
    else if (err == IC_ERR_REPLAYED)
        c->repeated++;
    else if (err == IC_ERR_NOT_FOUND || err == IC_ERR_FORBIDDEN)
        c->unexpected++;
    else
        c->failed++;
    if (err != IC_OK && err != IC_ERR_REPLAYED && is_video(slot) && slot->pointed)
        slot->key_wanted = true;
    return true;
}

static void open_frames(struct ic_receiver *r, struct slot *slot, int64_t now)
{
    struct ic_frame_buffers *buffers = r->context.buffers;
    struct ic_jitter_frame frame;
    enum ic_err err;

    slot->held_at = INT64_MAX;
    while ((err = ic_jitter_next(&slot->jitter, now, buffers->sealed, sizeof buffers->sealed,
                                 &frame)) != IC_ERR_NOT_FOUND) {
        if (err != IC_OK)
            continue;
        if (!open_frame(r, slot, &frame, now)) {
            slot->held_at = now + RETRY_HELD;
            break;
        }
        ic_jitter_done(&slot->jitter);
    }
    if (slot->jitter.started)
        ic_nack_forget(&slot->nack, slot->jitter.next);
    r->context.stats->now.dropped += slot->jitter.dropped - slot->dropped_before;
    slot->dropped_before = slot->jitter.dropped;
    if (slot->jitter.broken && is_video(slot) && slot->pointed)
        slot->key_wanted = true;
}

/* Places a packet of the stream by its number; false if it is of no use. */
static bool place(struct slot *slot, const struct ic_rtp *rtp, int64_t now, uint32_t *seq)
{
    uint32_t newest = slot->reception.newest;
    switch (ic_reception_note(&slot->reception, seq, rtp->seq, rtp->timestamp, now)) {
    case IC_ARRIVAL_FIRST:
        ic_nack_init(&slot->nack);
        ic_jitter_clear(&slot->jitter);
        return true;
    case IC_ARRIVAL_NEWEST:
        if (slot->rtx_ssrc && *seq - newest > 1 &&
            ic_nack_missed(&slot->nack, newest + 1, *seq, now) != IC_OK)
            slot->key_wanted = true;
        return true;
    case IC_ARRIVAL_LATE:
        ic_nack_overtaken(&slot->nack, *seq, now);
        return true;
    case IC_ARRIVAL_REFUSED:
        break;
    }
    return false;
}

static bool place_resent(struct slot *slot, uint8_t *packet, struct ic_rtp *rtp, uint32_t *seq)
{
    if (ic_rtx_unwrap(packet, rtp, slot->ssrc, slot->line->line.pt) != IC_OK ||
        !ic_reception_place(&slot->reception, seq, rtp->seq))
        return false;
    ic_nack_repaired(&slot->nack, *seq);
    return true;
}

static bool describe(struct ic_jitter_packet *out, const struct slot *slot,
                     const struct ic_rtp *rtp, uint32_t seq)
{
    *out = (struct ic_jitter_packet){.seq = seq,
                                     .timestamp = rtp->timestamp,
                                     .first = true,
                                     .last = true,
                                     .payload = rtp->payload};
    if (!is_video(slot))
        return true;
    struct ic_vp8 vp8;
    if (ic_vp8_parse(&vp8, rtp->payload) != IC_OK)
        return false;
    out->first = vp8.start && vp8.partition == 0;
    out->last = rtp->marker;
    out->key = vp8.key_start;
    out->payload = (struct ic_bytes){rtp->payload.at + vp8.len, rtp->payload.len - vp8.len};
    return true;
}

static void note_twcc(struct ic_receiver *r, const struct ic_rtp *rtp, int64_t now)
{
    struct ic_bytes values[IC_EXTENSIONS];
    if (r->ext[IC_EXT_TWCC] == 0)
        return;
    ic_rtp_extensions(rtp, r->ext, values);
    if (values[IC_EXT_TWCC].len == 2)
        ic_twcc_note(&r->twcc,
                     (uint16_t)(values[IC_EXT_TWCC].at[0] << 8 | values[IC_EXT_TWCC].at[1]), now);
}

/* The older frames of a redundant packet go to the places of the packets that they were sent in: a
 * frame that came is there already. Leaves the newest in `out`. */
static bool take_older(struct ic_receiver *r, struct slot *slot, struct ic_jitter_packet *out)
{
    struct ic_red red;
    if (ic_red_parse(&red, out->payload) != IC_OK)
        return false;
    for (uint8_t i = 0; i + 1 < red.count; i++) {
        struct ic_jitter_packet older = *out;
        older.copied = true;
        older.seq = out->seq - (uint32_t)(red.count - 1 - i);
        older.timestamp = out->timestamp - red.blocks[i].offset;
        older.payload = red.blocks[i].frame;
        if (slot->jitter.started && ic_jitter_put(&slot->jitter, &older) == IC_OK)
            r->context.stats->now.copied_in++;
    }
    out->payload = ic_red_newest(&red);
    return true;
}

void ic_receiver_rtp(struct ic_receiver *r, uint8_t *packet, size_t len, int64_t now,
                     int64_t arrived_wall)
{
    struct ic_counters *c = &r->context.stats->now;
    struct ic_jitter_packet out;
    struct ic_rtp rtp;
    uint32_t seq;

    if (ic_rtp_parse(&rtp, (struct ic_bytes){packet, len}) != IC_OK)
        return;
    c->packets_in++;
    c->bytes_in += len;
    note_twcc(r, &rtp, now);
    struct slot *slot = slot_of(r, rtp.ssrc);
    if (!slot || rtp.payload.len == 0)
        return;
    bool resent = rtp.ssrc == slot->rtx_ssrc;
    if (resent ? !place_resent(slot, packet, &rtp, &seq) : !place(slot, &rtp, now, &seq))
        return;
    c->resent_in += resent;
    slot->heard = true;
    if (!describe(&out, slot, &rtp, seq))
        return;
    out.arrived = now;
    out.arrived_wall = arrived_wall;
    if (slot->line->line.red_pt != 0 && rtp.pt == slot->line->line.red_pt &&
        !take_older(r, slot, &out))
        return;
    if (ic_jitter_put(&slot->jitter, &out) == IC_OK)
        open_frames(r, slot, now);
}

void ic_receiver_rtcp(struct ic_receiver *r, const struct ic_rtcp *packet, int64_t now)
{
    struct ic_rtcp_sr sr;
    if (packet->type != IC_RTCP_SR || ic_rtcp_read_sr(&sr, packet) != IC_OK)
        return;
    struct slot *slot = slot_of(r, sr.ssrc);
    if (slot) {
        slot->sr_middle = (uint32_t)(sr.ntp >> 16);
        slot->sr_at = now;
    }
}

static void ask_again(struct ic_receiver *r, struct slot *slot, struct ic_writer *w, uint32_t ssrc,
                      int64_t now)
{
    uint16_t seqs[NACKS_MAX];
    size_t count = slot->rtx_ssrc ? ic_nack_due(&slot->nack, now, 0, seqs, NACKS_MAX) : 0;
    if (count > 0) {
        ic_rtcp_write_nack(w, ssrc, slot->ssrc, seqs, count);
        r->context.stats->now.nacks_out++;
    }
    if (slot->key_wanted && slot->heard && now >= slot->pli_at) {
        ic_rtcp_write_pli(w, ssrc, slot->ssrc);
        slot->pli_at = now + PLI_EVERY;
        r->context.stats->now.plis_out++;
    }
}

static void report(struct ic_receiver *r, struct slot *slot, struct ic_rtcp_report *out,
                   int64_t now)
{
    ic_reception_report(&slot->reception, out);
    out->ssrc = slot->ssrc;
    out->lsr = slot->sr_middle;
    out->dlsr = slot->sr_at ? (uint32_t)((now - slot->sr_at) * 65536 / IC_NS_PER_SEC) : 0;
    if (out->lost > slot->lost_before) {
        r->context.stats->now.lost += (uint64_t)(out->lost - slot->lost_before);
        slot->lost_before = out->lost;
    }
}

static void write_reports(struct ic_receiver *r, struct ic_writer *w, uint32_t ssrc, int64_t now)
{
    struct ic_rtcp_report reports[IC_RTCP_REPORTS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < r->count && count < IC_RTCP_REPORTS_MAX; i++)
        if (r->slots[i].reception.started)
            report(r, &r->slots[i], &reports[count++], now);
    ic_rtcp_write_rr(w, ssrc, reports, count);
}

void ic_receiver_advance(struct ic_receiver *r, struct ic_peer *peer, uint32_t ssrc, int64_t now)
{
    uint8_t bytes[RTCP_SIZE];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    if (now >= r->report_at) {
        r->report_at = now + REPORT_NS;
        write_reports(r, &w, ssrc, now);
        ic_peer_send_rtcp(peer, ic_written(&w));
        w.len = 0;
    }
    for (size_t i = 0; i < r->count; i++) {
        struct slot *slot = &r->slots[i];
        if (now >= slot->held_at || now >= ic_jitter_next_timeout(&slot->jitter))
            open_frames(r, slot, now);
        ask_again(r, slot, &w, ssrc, now);
    }
    while (ic_twcc_due(&r->twcc, now))
        if (!ic_twcc_write(&r->twcc, &w, ssrc, 0, now))
            break;
    ic_peer_send_rtcp(peer, ic_written(&w));
}

int64_t ic_receiver_next_timeout(const struct ic_receiver *r)
{
    int64_t due = r->report_at;
    for (size_t i = 0; i < r->count; i++) {
        const struct slot *slot = &r->slots[i];
        int64_t jitter = ic_jitter_next_timeout(&slot->jitter);
        due = slot->held_at < due ? slot->held_at : due;
        due = jitter < due ? jitter : due;
        if (slot->key_wanted && slot->heard && slot->pli_at < due)
            due = slot->pli_at;
        for (uint32_t h = 0; h < slot->nack.count; h++)
            due = slot->nack.holes[h].due < due ? slot->nack.holes[h].due : due;
    }
    if (r->twcc.dirty && r->twcc.written_at + IC_TWCC_INTERVAL < due)
        due = r->twcc.written_at + IC_TWCC_INTERVAL;
    return due;
}
