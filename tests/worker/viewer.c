/* viewer.c - see viewer.h. */
#include "tests/worker/viewer.h"

#include "media/rtcp.h"
#include "media/rtp.h"
#include "media/rtx.h"
#include "media/vp8.h"
#include "tests/test.h"

enum {
    CELLS = 1024,
    NACKS_MAX = 64,
    TRIES_MOST = 10,
    CLOCK_HZ = 90000,
    VOICE_HZ = 48000,
    FRAME_MAX = 100000
};
#define FREEZE (200 * IC_NS_PER_MS)
#define BROWSER_RETRY (100 * IC_NS_PER_MS)
#define BROWSER_LOOKS (20 * IC_NS_PER_MS)
#define BROWSER_FEEDBACK (50 * IC_NS_PER_MS)
#define BROWSER_PATIENCE (3 * IC_NS_PER_SEC)
#define BROWSER_LATE (70 * IC_NS_PER_MS)

void viewer_watch(struct viewer *viewer, int64_t now)
{
    viewer->watched_from = now;
    viewer->longest = viewer->voice_gap = viewer->latest = 0;
    viewer->shown = viewer->freezes = viewer->asked = viewer->resent = viewer->packets = 0;
    viewer->voices = viewer->switches = 0;
    viewer->bytes = viewer->voice_bytes = viewer->padding_bytes = 0;
}

/* ---- frames ---- */

static void show(struct viewer *viewer, int64_t at)
{
    int64_t gap = at - viewer->shown_at;

    viewer->shown++;
    viewer->freezes += gap > FREEZE;
    viewer->longest = gap > viewer->longest ? gap : viewer->longest;
    viewer->shown_at = at;
}

static void note_layer(struct viewer *viewer, int layer)
{
    viewer->switches += layer != viewer->layer;
    viewer->layer = layer;
}

/* When what has this timestamp would have come if it had been as fast as the fastest of all. */
static int64_t earliest(struct viewer_clock *clock, uint32_t timestamp, int64_t now, int64_t hz)
{
    if (clock->fastest == 0) {
        clock->first_timestamp = timestamp;
        clock->fastest = now;
    }
    int64_t since = (int32_t)(timestamp - clock->first_timestamp) * IC_NS_PER_SEC / hz;
    clock->fastest = now - since < clock->fastest ? now - since : clock->fastest;
    return clock->fastest + since;
}

static void show_frames(struct viewer *viewer, int64_t now)
{
    static uint8_t bytes[FRAME_MAX];
    struct ic_jitter_frame frame;

    while (ic_jitter_next(&viewer->jitter, now, bytes, sizeof bytes, &frame) == IC_OK) {
        int64_t due = earliest(&viewer->clock, frame.timestamp, now, CLOCK_HZ) + viewer->playout;
        ic_jitter_done(&viewer->jitter);
        viewer->key_wanted = frame.broken || (viewer->key_wanted && !frame.key);
        if (!viewer->key_wanted)
            note_layer(viewer, bytes[1]);
        if (!viewer->key_wanted)
            show(viewer, due > now ? due : now);
    }
    ic_nack_forget(&viewer->nack, viewer->jitter.next);
}

/* ---- packets ---- */

static void open_holes(struct viewer *viewer, uint32_t first, uint32_t end, int64_t now)
{
    if (!viewer->browser) {
        if (ic_nack_missed(&viewer->nack, first, end, now) != IC_OK)
            viewer->key_wanted = true;
        return;
    }
    for (uint32_t seq = first; seq != end && viewer->hole_count < VIEWER_HOLES; seq++)
        viewer->holes[viewer->hole_count++] = (struct viewer_hole){.seq = seq, .asked_at = 0};
    viewer->asked_at = 0; /* at once */
}

static void close_hole(struct viewer *viewer, uint32_t seq)
{
    size_t kept = 0;

    for (size_t i = 0; i < viewer->hole_count; i++)
        if (viewer->holes[i].seq != seq)
            viewer->holes[kept++] = viewer->holes[i];
    viewer->hole_count = kept;
}

static bool place(struct viewer *viewer, const struct ic_rtp *rtp, int64_t now, uint32_t *seq)
{
    uint32_t newest = viewer->reception.newest;

    switch (ic_reception_note(&viewer->reception, seq, rtp->seq, rtp->timestamp, now)) {
    case IC_ARRIVAL_FIRST:
        return true;
    case IC_ARRIVAL_NEWEST:
        open_holes(viewer, newest + 1, *seq, now);
        return true;
    case IC_ARRIVAL_LATE:
        ic_nack_overtaken(&viewer->nack, *seq, now);
        close_hole(viewer, *seq);
        return true;
    case IC_ARRIVAL_REFUSED:
        break;
    }
    return false;
}

static void take_picture(struct viewer *viewer, const struct ic_rtp *rtp, uint32_t seq, int64_t now)
{
    struct ic_vp8 vp8;

    if (ic_vp8_parse(&vp8, rtp->payload) != IC_OK)
        return;
    struct ic_jitter_packet packet = {
        .seq = seq,
        .timestamp = rtp->timestamp,
        .arrived = now,
        .first = vp8.start && vp8.partition == 0,
        .last = rtp->marker,
        .key = vp8.key_start,
        .payload = {rtp->payload.at + vp8.len, rtp->payload.len - vp8.len}};
    if (ic_jitter_put(&viewer->jitter, &packet) == IC_OK)
        show_frames(viewer, now);
}

static void note_arrival(struct viewer *viewer, const struct ic_rtp *rtp, int64_t now)
{
    static const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_TWCC] = VIRTUAL_TWCC_ID};
    struct ic_bytes values[IC_EXTENSIONS];

    ic_rtp_extensions(rtp, ids, values);
    if (values[IC_EXT_TWCC].len == 2)
        ic_twcc_note(&viewer->twcc,
                     (uint16_t)(values[IC_EXT_TWCC].at[0] << 8 | values[IC_EXT_TWCC].at[1]), now);
}

static void hear_voice(struct viewer *viewer, uint32_t timestamp, int64_t now)
{
    struct viewer_clock *clock = &viewer->voice_clock;
    int64_t late = now - earliest(clock, timestamp, now, VOICE_HZ);

    viewer->latest = late > viewer->latest ? late : viewer->latest;
    if (now - viewer->voice_at > viewer->voice_gap && viewer->voice_at >= viewer->watched_from)
        viewer->voice_gap = now - viewer->voice_at;
    viewer->voice_at = now;
    viewer->voices++;
}

static void take_rtp(struct virtual_world *v, struct person *p, uint8_t *bytes, size_t len)
{
    struct viewer *viewer = p->owner;
    int64_t now = v->worker->now;
    struct ic_rtp rtp;
    uint32_t seq;

    if (ic_rtp_parse(&rtp, (struct ic_bytes){bytes, len}) != IC_OK)
        return;
    viewer->packets++;
    viewer->bytes += len + VIRTUAL_IP_UDP;
    bool resent = rtp.ssrc == viewer->ssrc + 1, voice = rtp.ssrc != viewer->ssrc && !resent;
    viewer->voice_bytes += voice ? len + VIRTUAL_IP_UDP : 0;
    viewer->padding_bytes += rtp.payload.len == 0 ? len + VIRTUAL_IP_UDP : 0;
    if (viewer->lies && viewer->packets % 2 == 0)
        return;
    note_arrival(viewer, &rtp, now);
    if (voice)
        hear_voice(viewer, rtp.timestamp, now);
    if (voice || rtp.payload.len == 0)
        return;
    if (!resent && !place(viewer, &rtp, now, &seq))
        return;
    if (resent) {
        if (ic_rtx_unwrap(bytes, &rtp, viewer->ssrc, VIRTUAL_VIDEO_PT) != IC_OK ||
            !ic_reception_place(&viewer->reception, &seq, rtp.seq))
            return;
        ic_nack_repaired(&viewer->nack, seq);
        close_hole(viewer, seq);
        viewer->resent++;
    }
    take_picture(viewer, &rtp, seq, now);
}

static void take_rtcp(struct virtual_world *v, struct person *p, uint8_t *bytes, size_t len)
{
    struct viewer *viewer = p->owner;
    struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, len});
    struct ic_rtcp packet;
    struct ic_rtcp_sr sr;

    while (ic_rtcp_next(&r, &packet))
        if (packet.type == IC_RTCP_SR && ic_rtcp_read_sr(&sr, &packet) == IC_OK &&
            sr.ssrc == viewer->ssrc) {
            viewer->sr_middle = (uint32_t)(sr.ntp >> 16);
            viewer->sr_at = v->worker->now;
        }
}

void viewer_init(struct viewer *viewer, struct person *person, uint32_t ssrc, bool browser)
{
    *viewer = (struct viewer){.browser = browser, .ssrc = ssrc, .person = person};
    viewer->playout = browser ? BROWSER_LATE : 0;
    person->on_rtp = take_rtp;
    person->on_rtcp = take_rtcp;
    person->owner = viewer;
    assert_int_equal(ic_cells_new(&viewer->cells, CELLS), IC_OK);
    ic_jitter_init(&viewer->jitter, &viewer->cells,
                   browser ? BROWSER_PATIENCE : IC_JITTER_PATIENCE_VIDEO);
    ic_reception_init(&viewer->reception, CLOCK_HZ);
    ic_nack_init(&viewer->nack);
    ic_twcc_init(&viewer->twcc);
}

void viewer_clear(struct viewer *viewer)
{
    ic_jitter_clear(&viewer->jitter);
    ic_cells_free(&viewer->cells);
}

/* ---- reports ---- */

static size_t due_holes(struct viewer *viewer, int64_t now, uint16_t seqs[NACKS_MAX])
{
    size_t count = 0, kept = 0;

    if (!viewer->browser)
        return ic_nack_due(&viewer->nack, now, 0, seqs, NACKS_MAX);
    if (now - viewer->asked_at < BROWSER_LOOKS)
        return 0;
    viewer->asked_at = now;
    for (size_t i = 0; i < viewer->hole_count; i++) {
        struct viewer_hole hole = viewer->holes[i];
        if (count < NACKS_MAX && (hole.asked_at == 0 || now - hole.asked_at >= BROWSER_RETRY)) {
            seqs[count++] = (uint16_t)hole.seq;
            hole.asked_at = now;
            hole.tries++;
        }
        if (hole.tries < TRIES_MOST)
            viewer->holes[kept++] = hole;
    }
    viewer->hole_count = kept;
    return count;
}

static void report(struct viewer *viewer, struct ic_writer *w, int64_t now)
{
    struct ic_rtcp_report r = {0};
    size_t count = viewer->reception.started;

    if (now - viewer->reported_at < IC_NS_PER_SEC)
        return;
    viewer->reported_at = now;
    if (count > 0)
        ic_reception_report(&viewer->reception, &r);
    r.ssrc = viewer->ssrc;
    r.lsr = viewer->sr_middle;
    r.dlsr = viewer->sr_at ? (uint32_t)((now - viewer->sr_at) * 65536 / IC_NS_PER_SEC) : 0;
    ic_rtcp_write_rr(w, 1, &r, count);
}

static void send_out(struct virtual_world *v, struct viewer *viewer, struct ic_writer *w)
{
    if (w->len > 0)
        virtual_report(v, viewer->person, ic_written(w));
    w->len = 0;
}

void viewer_step(struct virtual_world *v, struct viewer *viewer)
{
    int64_t now = v->worker->now;
    uint16_t seqs[NACKS_MAX];
    uint8_t bytes[1200];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    if (now < viewer->person->busy_until)
        return;
    if (now >= ic_jitter_next_timeout(&viewer->jitter))
        show_frames(viewer, now);
    report(viewer, &w, now);
    send_out(v, viewer, &w);
    size_t count = due_holes(viewer, now, seqs);
    if (count > 0)
        ic_rtcp_write_nack(&w, 1, viewer->ssrc, seqs, count);
    viewer->asked += count > 0;
    send_out(v, viewer, &w);
    int64_t interval = viewer->browser ? BROWSER_FEEDBACK : IC_TWCC_INTERVAL;
    if (viewer->twcc.dirty && now - viewer->twcc.written_at >= interval)
        ic_twcc_write(&viewer->twcc, &w, 1, 1, now);
    send_out(v, viewer, &w);
}
