/* far.c - a record about somebody whose worker is not the one that it came from, or not to be asked
 * by it, is dropped and counted: a worker that was taken over reaches no stream but its own. */
#include "worker/far.h"

#include <stdlib.h>

#include "worker/feedback.h"
#include "worker/forward.h"
#include "worker/link.h"
#include "worker/transport.h"
#include "worker/worker.h"

/* A report may have waited for the next packet of its stream. */
#define REPORT_AGE_MOST (3600 * IC_NS_PER_SEC)

/* ---- ours ---- */

enum ic_err ic_far_share(struct ic_transport *t, uint32_t worker, uint8_t stream, uint8_t layers)
{
    struct ic_upstream *up =
        t->publisher ? ic_publisher_upstream(t->publisher, (enum ic_stream)stream) : NULL;
    uint64_t bit = UINT64_C(1) << worker;

    if (!t->shares)
        t->shares = calloc(1, sizeof *t->shares);
    if (!t->shares)
        return IC_ERR_SYSTEM;
    for (uint8_t i = 0; up && i < IC_LAYERS; i++) {
        uint64_t *to = &t->shares->to[stream][i], *owed = &t->shares->reports_owed[stream][i];
        bool had = *to & bit, has = layers >> i & 1;
        if (had == has)
            continue;
        *to ^= bit;
        *owed = has ? *owed | bit : *owed & ~bit;
        up->layers[i].takers += has ? 1 : UINT32_MAX; /* or one fewer */
    }
    return IC_OK;
}

static void say_to(struct ic_worker *w, uint64_t workers, const struct ic_crossing_record *record)
{
    for (uint32_t i = 0; workers != 0; i++, workers >>= 1)
        if (workers & 1)
            ic_link_say(w, i, record);
}

static void say_packet(struct ic_worker *w, uint64_t workers, const struct ic_transport *t,
                       const struct ic_packet *packet, bool again)
{
    const struct ic_layer *layer = &packet->upstream->layers[packet->layer];
    struct ic_crossing_record record = {
        .kind = IC_CROSSING_PACKET,
        .transport = t->id,
        .stream = packet->upstream->stream,
        .layer = packet->layer,
        .packet = {.again = again, .rtp = ic_history_get(&layer->history, packet->seq)}};

    if (record.packet.rtp.len > 0 && record.packet.rtp.len <= IC_CROSSING_PACKET_MAX)
        say_to(w, workers, &record);
}

static void say_report(struct ic_worker *w, uint64_t workers, const struct ic_transport *t,
                       const struct ic_upstream *up, uint8_t layer)
{
    const struct ic_layer *l = &up->layers[layer];
    struct ic_crossing_record record = {
        .kind = IC_CROSSING_REPORT,
        .transport = t->id,
        .stream = up->stream,
        .layer = layer,
        .report = {.ntp = l->sr_ntp, .timestamp = l->sr_timestamp, .offset = up->clock->offset}};

    say_to(w, workers, &record);
}

void ic_far_cross(struct ic_worker *w, struct ic_transport *t, const struct ic_packet *packet)
{
    const struct ic_upstream *up = packet->upstream;
    uint64_t to = t->shares ? t->shares->to[up->stream][packet->layer] : 0;

    if (to == 0)
        return;
    uint64_t *owed = &t->shares->reports_owed[up->stream][packet->layer];
    say_packet(w, to, t, packet, !packet->newest);
    if (*owed == 0 || !up->layers[packet->layer].sr_known)
        return;
    say_report(w, *owed, t, up, packet->layer);
    *owed = 0;
}

void ic_far_owe_reports(struct ic_transport *t, uint32_t ssrc)
{
    for (int stream = 0; t->shares && stream < IC_STREAMS; stream++)
        for (int i = 0; i < IC_LAYERS; i++)
            if (t->publisher->upstreams[stream].layers[i].ssrc == ssrc)
                t->shares->reports_owed[stream][i] = t->shares->to[stream][i];
}

static void send_again(struct ic_worker *w, uint32_t worker, struct ic_transport *t,
                       struct ic_upstream *up, const struct ic_crossing_record *record)
{
    const struct ic_layer *layer = &up->layers[record->layer];
    struct ic_packet packet = {.upstream = up, .layer = record->layer};

    for (uint32_t i = 0; i < record->missed.count; i++)
        if (ic_reception_place(&layer->reception, &packet.seq, record->missed.seqs[i]))
            say_packet(w, UINT64_C(1) << worker, t, &packet, true);
}

/* What another worker asks of somebody of ours; it may, of what goes there. */
static bool take_question(struct ic_worker *w, uint32_t worker, struct ic_transport *t,
                          const struct ic_crossing_record *record)
{
    struct ic_upstream *up =
        t->publisher ? ic_publisher_upstream(t->publisher, (enum ic_stream)record->stream) : NULL;

    if (!up || !t->shares || !(t->shares->to[record->stream][record->layer] >> worker & 1))
        return false;
    if (record->kind == IC_CROSSING_KEY) {
        ic_upstream_want_key(up, record->layer);
        ic_transport_hurry_feedback(w, t);
    } else if (record->kind == IC_CROSSING_MISSED)
        send_again(w, worker, t, up, record);
    else if (record->kind == IC_CROSSING_LOSS)
        ic_upstream_note_lost(up, record->loss, w->now);
    else
        return false;
    return true;
}

/* ---- theirs ---- */

static bool take_packet(struct ic_worker *w, struct ic_transport *t,
                        const struct ic_crossing_record *record)
{
    struct ic_packet packet;

    t->heard_at = w->now;
    ic_feedback_wake(w, t);
    enum ic_err err = ic_publisher_take(t->publisher, (enum ic_stream)record->stream, record->layer,
                                        record->packet.again, record->packet.rtp, w->now, &packet);
    if (err == IC_OK)
        ic_forward(w, t, &packet);
    return err == IC_OK || err == IC_ERR_REPLAYED;
}

/* The sender's time in ours is the time of its report. Anything else would be of a worker that
 * lies, and the sums that are made of it later would have no end. */
static bool is_clock(const struct ic_rtcp_sr *sr, int64_t offset, int64_t now)
{
    int64_t told = ic_ns_of_ntp(sr->ntp);

    return offset > now - told - REPORT_AGE_MOST && offset < now - told + REPORT_AGE_MOST;
}

static bool take_report(struct ic_worker *w, struct ic_transport *t,
                        const struct ic_crossing_record *record)
{
    struct ic_upstream *up = ic_publisher_upstream(t->publisher, (enum ic_stream)record->stream);
    struct ic_rtcp_sr sr = {.ntp = record->report.ntp, .timestamp = record->report.timestamp};

    if (!up || !is_clock(&sr, record->report.offset, w->now))
        return false;
    ic_upstream_take_report(up, record->layer, &sr, record->report.offset, w->now);
    return true;
}

void ic_far_heard(struct ic_worker *w, uint32_t worker, const struct ic_crossing_record *record)
{
    struct ic_transport *t = ic_directory_find(&w->directory, record->transport);
    bool taken = false;

    if (t && !t->is_far)
        taken = take_question(w, worker, t, record);
    else if (t && t->home == worker && record->kind == IC_CROSSING_PACKET)
        taken = take_packet(w, t, record);
    else if (t && t->home == worker && record->kind == IC_CROSSING_REPORT)
        taken = take_report(w, t, record);
    w->stats.cross_refused += !taken;
}

static void ask_of_layer(struct ic_worker *w, struct ic_transport *t, struct ic_upstream *up,
                         uint8_t layer)
{
    struct ic_crossing_record record = {
        .kind = IC_CROSSING_KEY, .transport = t->id, .stream = up->stream, .layer = layer};

    if (ic_upstream_take_pli(up, layer, w->now))
        ic_link_say(w, t->home, &record);
    record.kind = IC_CROSSING_MISSED;
    record.missed.count = (uint32_t)ic_nack_due(&up->layers[layer].nack, w->now, t->rtt,
                                                record.missed.seqs, IC_CROSSING_MISSED_MAX);
    if (record.missed.count > 0)
        ic_link_say(w, t->home, &record);
}

static void say_losses(struct ic_worker *w, struct ic_transport *t)
{
    if (w->now - t->publisher->reported_at < IC_REPORT_INTERVAL)
        return;
    t->publisher->reported_at = w->now;
    for (uint8_t stream = 0; stream < IC_STREAMS; stream++) {
        struct ic_upstream *up = ic_publisher_upstream(t->publisher, (enum ic_stream)stream);
        struct ic_crossing_record record = {
            .kind = IC_CROSSING_LOSS, .transport = t->id, .stream = stream};
        record.loss = up ? ic_upstream_worst_lost(up, w->now) : 0;
        if (record.loss > 0)
            ic_link_say(w, t->home, &record);
    }
}

void ic_far_ask(struct ic_worker *w, struct ic_transport *t)
{
    for (uint8_t stream = 0; stream < IC_STREAMS; stream++) {
        struct ic_upstream *up = ic_publisher_upstream(t->publisher, (enum ic_stream)stream);
        for (uint8_t i = 0; up && i < IC_LAYERS; i++)
            if (up->layers[i].seen)
                ask_of_layer(w, t, up, i);
    }
    say_losses(w, t);
}
