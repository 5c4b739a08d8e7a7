/* feedback.c - RFC 3550, RFC 4585, RFC 5104. Due times of all transports lie on one grid, so that
 * one wake-up serves them all; where no media flows nothing is due and nobody wakes up. */
#include "worker/feedback.h"

#include "media/rtcp.h"
#include "worker/congestion.h"
#include "worker/far.h"
#include "worker/repair.h"
#include "worker/transport.h"
#include "worker/worker.h"

#define GRID_NS (15 * IC_NS_PER_MS)
#define TICK_NS (45 * IC_NS_PER_MS) /* near IC_SLOT_TICK, and on the grid */
#define QUIET_NS IC_NS_PER_SEC      /* without a packet; then the timers stop */

enum {
    NACKS_MAX = 128,     /* sequence numbers taken from one NACK */
    SOURCES_MAX = 32,    /* in one FIR */
    COMPOUND_MAX = 1200, /* bytes of RTCP in one packet, before sealing */
};

static const char cname[] = "incamera"; /* one clock for all that we send: RFC 7022 */

/* ---- in ---- */

static struct ic_slot *find_slot(struct ic_transport *t, uint32_t ssrc)
{
    for (uint32_t i = 0; i < t->slot_count; i++)
        if (t->slots[i].ssrc == ssrc)
            return &t->slots[i];
    return NULL;
}

static void take_reports(struct ic_transport *t, const struct ic_rtcp *packet, int64_t now)
{
    struct ic_rtcp_report reports[IC_RTCP_REPORTS_MAX];
    size_t count = ic_rtcp_read_reports(reports, packet);

    for (size_t i = 0; i < count; i++) {
        int64_t rtt = ic_rtcp_rtt(&reports[i], now);
        if (rtt > 0)
            t->rtt = t->rtt == 0 ? rtt : t->rtt + (rtt - t->rtt) / 8;
        struct ic_slot *slot = find_slot(t, reports[i].ssrc);
        if (slot && slot->upstream)
            ic_upstream_note_lost(slot->upstream, reports[i].fraction_lost, now);
    }
}

static void take_sender_report(struct ic_worker *w, struct ic_transport *t,
                               const struct ic_rtcp *packet)
{
    struct ic_rtcp_sr sr;

    if (t->publisher && ic_rtcp_read_sr(&sr, packet) == IC_OK) {
        ic_publisher_note_sr(t->publisher, &sr, w->now);
        ic_far_owe_reports(t, sr.ssrc);
    }
    take_reports(t, packet, w->now);
}

static void take_nack(struct ic_worker *w, struct ic_transport *t, const struct ic_rtcp *packet)
{
    uint16_t seqs[NACKS_MAX];
    uint32_t ssrc;
    struct ic_slot *slot = ic_rtcp_read_media_ssrc(&ssrc, packet) ? find_slot(t, ssrc) : NULL;

    if (!slot)
        return;
    w->stats.nacks_in++;
    size_t count = ic_rtcp_read_nack(seqs, NACKS_MAX, packet);
    for (size_t i = 0; i < count; i++)
        ic_repair_asked(w, t, (uint32_t)(slot - t->slots), seqs[i]);
}

static void want_key(struct ic_worker *w, struct ic_transport *t, uint32_t ssrc)
{
    struct ic_slot *slot = find_slot(t, ssrc);
    if (!slot)
        return;

    struct ic_member *source = t->member.pointings[slot - t->slots].source;
    w->stats.plis_in++;
    ic_slot_want_key(slot);
    if (source)
        ic_transport_hurry_feedback(w, ic_transport_of(source));
}

static void take_payload_feedback(struct ic_worker *w, struct ic_transport *t,
                                  const struct ic_rtcp *packet)
{
    uint32_t ssrcs[SOURCES_MAX], ssrc;

    if (packet->count == IC_RTCP_PLI && ic_rtcp_read_media_ssrc(&ssrc, packet))
        want_key(w, t, ssrc);
    if (packet->count == IC_RTCP_FIR) {
        size_t count = ic_rtcp_read_fir(ssrcs, SOURCES_MAX, packet);
        for (size_t i = 0; i < count; i++)
            want_key(w, t, ssrcs[i]);
    }
}

void ic_feedback_receive(struct ic_worker *w, struct ic_transport *t, struct ic_bytes compound)
{
    struct ic_reader r = ic_reader_of(compound);
    struct ic_rtcp packet;

    while (ic_rtcp_next(&r, &packet)) {
        if (t->congestion && packet.count == IC_RTCP_TWCC) /* as that of REMB */
            ic_congestion_feedback(w, t, &packet);
        if (packet.type == IC_RTCP_SR)
            take_sender_report(w, t, &packet);
        else if (packet.type == IC_RTCP_RR)
            take_reports(t, &packet, w->now);
        else if (packet.type == IC_RTCP_TRANSPORT_FEEDBACK && packet.count == IC_RTCP_NACK)
            take_nack(w, t, &packet);
        else if (packet.type == IC_RTCP_PAYLOAD_FEEDBACK)
            take_payload_feedback(w, t, &packet);
    }
    if (r.bad)
        w->stats.dropped_malformed++;
}

/* ---- out ---- */

static int64_t on_grid(int64_t now, int64_t interval_ns)
{
    return (now / interval_ns + 1) * interval_ns;
}

void ic_feedback_wake(struct ic_worker *w, struct ic_transport *t)
{
    if (t->feedback_due != INT64_MAX)
        return;
    t->feedback_due = on_grid(w->now, GRID_NS);
    ic_directory_schedule(&w->directory, t->place, t->feedback_due);
}

void ic_feedback_wake_slots(struct ic_worker *w, struct ic_transport *t)
{
    if (t->tick_due != INT64_MAX)
        return;
    t->tick_due = on_grid(w->now, TICK_NS);
    ic_directory_schedule(&w->directory, t->place, t->tick_due);
}

static void send_rtcp(struct ic_worker *w, struct ic_transport *t, struct ic_bytes compound)
{
    size_t len = compound.len;

    if (len == 0 || !t->sendable)
        return;
    uint8_t *room = ic_net_room(w->net, IC_DATAGRAM_MAX);
    memcpy(room, compound.at, len);
    if (ic_srtcp_seal(t->sender, room, &len) == IC_OK)
        ic_net_append(w->net, &t->outbox, len);
    else
        w->stats.dropped_full++;
}

static void send_feedback(struct ic_worker *w, struct ic_transport *t)
{
    IC_UNCLEARED uint8_t bytes[COMPOUND_MAX];
    bool more = true;

    while (more) {
        struct ic_writer writer = ic_writer_of(bytes, sizeof bytes);
        more = ic_publisher_write_feedback(t->publisher, &writer, t->rtt, w->now) && writer.len > 0;
        send_rtcp(w, t, ic_written(&writer));
    }
}

static bool write_report(struct ic_writer *writer, const struct ic_rtcp_sr *sr)
{
    struct ic_writer before = *writer;

    ic_rtcp_write_sr(writer, sr);
    ic_rtcp_write_cname(writer, sr->ssrc, cname);
    if (!writer->bad)
        return true;
    *writer = before;
    return false;
}

/* Returns whether any slot has something to show. */
static bool tick_slots(struct ic_worker *w, struct ic_transport *t)
{
    IC_UNCLEARED uint8_t bytes[COMPOUND_MAX];
    struct ic_writer writer = ic_writer_of(bytes, sizeof bytes);
    bool busy = false;

    for (uint32_t i = 0; i < t->slot_count; i++) {
        struct ic_slot *slot = &t->slots[i];
        struct ic_rtcp_sr sr;
        if (!slot->upstream)
            continue;
        busy = busy || w->now - slot->upstream->arrived_at < QUIET_NS;
        ic_slot_tick(slot);
        if (!ic_slot_report(slot, &sr, w->now) || write_report(&writer, &sr))
            continue;
        send_rtcp(w, t, ic_written(&writer));
        writer = ic_writer_of(bytes, sizeof bytes);
        write_report(&writer, &sr);
    }
    send_rtcp(w, t, ic_written(&writer));
    return busy;
}

void ic_feedback_attend(struct ic_worker *w, struct ic_transport *t)
{
    if (w->now >= t->feedback_due) {
        bool busy = w->now - t->heard_at < QUIET_NS;
        t->feedback_due = busy ? on_grid(w->now, GRID_NS) : INT64_MAX;
        if (t->is_far)
            ic_far_ask(w, t);
        else if (t->publisher)
            send_feedback(w, t);
    }
    if (w->now >= t->tick_due) {
        if (t->congestion)
            ic_congestion_tick(w, t);
        t->tick_due = tick_slots(w, t) ? on_grid(w->now, TICK_NS) : INT64_MAX;
    }
}
