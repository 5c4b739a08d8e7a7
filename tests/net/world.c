/* world.c - one millisecond after the other. */
#include "tests/net/world.h"

#include <stdlib.h>

#include "media/rtcp.h"

enum {
    PACKET_LEN = 1200,
    OVERHEAD = 28, /* IP and UDP */
    FRAME_MS = 33,
    TICK_MS = 25,
    RESULTS_MAX = 4096,
    PADDING_LEN = 255,
    TCP_LEN = 1500,
    TCP_ACK_LEN = 40,
    TCP_REPEATS = 3,
};

/* What a packet of this world says. */
struct note {
    uint32_t number; /* TCP */
    uint16_t seq;
    uint8_t flow;
    int64_t sent_at;
};

void world_init(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    net_link_init(&w->bottleneck, seed);
}

void world_clear(struct world *w)
{
    net_link_clear(&w->bottleneck);
    for (size_t i = 0; i < w->count; i++) {
        net_link_clear(&w->flows[i].access);
        net_link_clear(&w->flows[i].back);
    }
}

static uint32_t delay_ms(const struct flow *f)
{
    return (uint32_t)(f->delay / IC_NS_PER_MS);
}

struct flow *world_add(struct world *w, struct flow settings)
{
    struct flow *f = &w->flows[w->count];
    struct net_shape shape = {.delay_ms = delay_ms(&settings)};

    *f = settings;
    f->ends_at = f->ends_at ? f->ends_at : INT64_MAX;
    f->random = 77 + w->count;
    f->window = 10;
    f->threshold = UINT32_MAX;
    net_link_init(&f->access, 1000 + w->count);
    net_link_init(&f->back, 2000 + w->count);
    net_link_reshape(&f->access, &shape, 0);
    w->count++;
    return f;
}

void world_shape(struct world *w, const struct net_shape *shape)
{
    net_link_reshape(&w->bottleneck, shape, w->now);
}

static size_t second(int64_t now)
{
    size_t s = (size_t)(now / IC_NS_PER_SEC);
    return s < WORLD_SECONDS_MAX ? s : WORLD_SECONDS_MAX - 1;
}

/* ---- the sending side ---- */

static void put_on_wire(struct world *w, struct flow *f, size_t len, uint32_t number)
{
    struct note note = {number, f->seq, (uint8_t)(f - w->flows), w->now};

    f->sent_packets[second(w->now)]++;
    net_link_send(&f->access, (struct ic_bytes){(uint8_t *)&note, sizeof note}, len, w->now);
}

static void send_media(struct world *w, struct flow *f, size_t len)
{
    ic_bwe_sent(&f->bwe, f->seq, len, 0, w->now);
    put_on_wire(w, f, len + OVERHEAD, 0);
    f->seq++;
}

static void offer(struct world *w, struct flow *f, size_t len)
{
    struct ic_paced waiting = {.len = (uint16_t)len};

    if (ic_pacer_pass(&f->pacer, IC_PACE_VIDEO, len, w->now))
        send_media(w, f, len);
    else if (ic_pacer_hold(&f->pacer, &waiting) != IC_OK)
        return; /* a frame with a hole; the estimate is what is tested here */
}

/* The highest layer that the estimate bears, with the same reluctance as alloc.h. */
static uint32_t layer_bps(struct world *w, struct flow *f)
{
    uint32_t estimate = ic_bwe_bps(&f->bwe), best = 0, next = 0;

    for (size_t i = 0; i < IC_COUNT(f->layers); i++) {
        bool rises = f->layers[i] > f->sent_bps;
        double needed = (rises ? 1.15 : 1) * f->layers[i];
        if (needed <= estimate && (!rises || w->now - f->downed_at > 4 * IC_NS_PER_SEC))
            best = f->layers[i];
        else if (next == 0)
            next = (uint32_t)needed;
    }
    ic_bwe_want(&f->bwe, next);
    if (best == 0)
        best = f->layers[0];
    f->switches += best != f->sent_bps && f->sent_bps != 0;
    if (best < f->sent_bps)
        f->downed_at = w->now;
    return best;
}

static uint32_t source_bps(struct world *w, struct flow *f)
{
    if (f->kind == FLOW_LAYERS)
        return layer_bps(w, f);
    ic_bwe_want(&f->bwe, f->most_bps);
    uint32_t bps = ic_bwe_bps(&f->bwe);
    return bps < f->most_bps ? bps : f->most_bps;
}

/* Frames vary by 20 % either way, as those of an encoder do. */
static void make_frame(struct world *w, struct flow *f)
{
    f->sent_bps = source_bps(w, f);
    double size = f->sent_bps / 8.0 * FRAME_MS / 1000 * (0.8 + 0.4 * net_random(&f->random));
    size_t left = (size_t)size;

    for (; left > PACKET_LEN; left -= PACKET_LEN)
        offer(w, f, PACKET_LEN);
    offer(w, f, left < 40 ? 40 : left);
}

static bool is_silent(const struct world *w, const struct flow *f)
{
    return w->now < f->starts_at || w->now >= f->ends_at ||
           (f->resumes_at > 0 && w->now >= f->pauses_at && w->now < f->resumes_at);
}

static void run_media(struct world *w, struct flow *f)
{
    struct ic_paced paced;

    if (!f->began) {
        f->began = true;
        ic_bwe_init(&f->bwe, f->remembered, IC_COUNT(f->remembered), w->now);
        ic_pacer_init(&f->pacer, ic_bwe_bps(&f->bwe), w->now);
        ic_twcc_init(&f->receiver);
        f->frame_at = w->now + (int64_t)(net_random(&f->random) * FRAME_MS) * IC_NS_PER_MS;
    }
    while (ic_pacer_take(&f->pacer, &paced, w->now)) {
        ic_pacer_spend(&f->pacer, paced.len, w->now);
        send_media(w, f, paced.len);
    }
    for (size_t due; (due = ic_bwe_padding_due(&f->bwe, w->now)) > 0;)
        send_media(w, f, PADDING_LEN);
    if (w->now >= f->frame_at) {
        double late = 2 * net_random(&f->random) - 1; /* an encoder takes its time */
        f->frame_at += (int64_t)((FRAME_MS + late) * (double)IC_NS_PER_MS);
        if (f->frame_at < w->now)
            f->frame_at = w->now;
        make_frame(w, f);
    }
    if (w->now >= f->tick_at) {
        f->tick_at = w->now + TICK_MS * IC_NS_PER_MS;
        ic_bwe_tick(&f->bwe, w->now);
        ic_pacer_set(&f->pacer, ic_bwe_bps(&f->bwe), ic_bwe_bps(&f->bwe), w->now);
    }
}

/* Reno, without time-outs shorter than a second and without headers that matter here. */
static void run_tcp(struct world *w, struct flow *f)
{
    if (f->sent - f->acked >= f->window && w->now - f->frame_at > IC_NS_PER_SEC) {
        f->sent = f->acked; /* time-out */
        f->threshold = (uint32_t)(f->window / 2) + 1;
        f->window = 2;
    }
    while (f->sent - f->acked < f->window) {
        put_on_wire(w, f, TCP_LEN, f->sent++);
        f->frame_at = w->now;
    }
}

/* ---- the receiving side ---- */

static void note_arrival(struct flow *f, const struct net_packet *p, const struct note *note)
{
    size_t s = second(p->arrived_at);
    double ms = (double)(p->arrived_at - note->sent_at - f->delay) / (double)IC_NS_PER_MS;

    f->received[s] += (uint32_t)p->wire_len;
    f->packets[s]++;
    f->delay_ms_sum[s] += ms;
    f->delay_ms_most[s] = ms > f->delay_ms_most[s] ? (uint32_t)ms : f->delay_ms_most[s];
}

/* The next number that it waits for; `acked` runs ahead of what the sender knows. */
static void receive_tcp(struct world *w, struct flow *f, const struct note *note)
{
    static uint32_t expected[WORLD_FLOWS_MAX];
    uint32_t *next = &expected[f - w->flows];

    if (note->number == 0)
        *next = 0;
    /* What came out of order counts as received; only a hole is asked for again. */
    if (note->number >= *next)
        *next = note->number == *next ? *next + 1 : *next;
    net_link_send(&f->back, (struct ic_bytes){(uint8_t *)next, sizeof *next}, TCP_ACK_LEN, w->now);
}

static void acknowledge_tcp(struct flow *f, uint32_t next)
{
    if (next > f->acked) {
        f->window += f->window < f->threshold ? next - f->acked : (next - f->acked) / f->window;
        f->acked = next;
        f->sent = f->sent < next ? next : f->sent;
        f->repeated = 0;
    } else if (++f->repeated == TCP_REPEATS && f->acked >= f->recovered) {
        f->threshold = (uint32_t)(f->window / 2) + 1;
        f->window = f->threshold;
        f->recovered = f->sent;
        f->sent = f->acked; /* go back: simple, and as hard on the queue */
    }
}

static void take_arrivals(struct world *w)
{
    struct net_packet p;
    struct note note;

    for (size_t i = 0; i < w->count; i++)
        while (net_link_take(&w->flows[i].access, &p, w->now)) {
            net_link_send(&w->bottleneck, (struct ic_bytes){p.bytes, p.len}, p.wire_len, w->now);
            free(p.bytes);
        }
    while (net_link_take(&w->bottleneck, &p, w->now)) {
        memcpy(&note, p.bytes, sizeof note);
        free(p.bytes);
        struct flow *f = &w->flows[note.flow];
        note_arrival(f, &p, &note);
        if (f->kind == FLOW_TCP)
            receive_tcp(w, f, &note);
        else
            ic_twcc_note(&f->receiver, note.seq, p.arrived_at);
    }
}

static void send_feedback(struct world *w, struct flow *f)
{
    uint8_t bytes[1200];

    for (bool more = ic_twcc_due(&f->receiver, w->now); more;) {
        struct ic_writer writer = ic_writer_of(bytes, sizeof bytes);
        more = ic_twcc_write(&f->receiver, &writer, 1, 2, w->now);
        if (writer.len > 0)
            net_link_send(&f->back, ic_written(&writer), writer.len + OVERHEAD, w->now);
    }
}

static void take_feedback(struct world *w, struct flow *f)
{
    static struct ic_twcc_result results[RESULTS_MAX];
    struct net_packet p;

    while (net_link_take(&f->back, &p, w->now)) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){p.bytes, p.len});
        struct ic_rtcp packet;
        size_t count;
        uint32_t next;
        if (f->kind == FLOW_TCP) {
            memcpy(&next, p.bytes, sizeof next);
            acknowledge_tcp(f, next);
        } else if (ic_rtcp_next(&r, &packet) &&
                   ic_twcc_read(results, RESULTS_MAX, &count, &packet) == IC_OK) {
            ic_bwe_feedback(&f->bwe, results, count, w->now);
        }
        free(p.bytes);
    }
}

/* ---- time ---- */

static void shape_back(struct world *w, struct flow *f)
{
    struct net_shape shape = w->back_shape ? *w->back_shape : (struct net_shape){0};

    shape.delay_ms += delay_ms(f) + w->bottleneck.shape.delay_ms;
    net_link_reshape(&f->back, &shape, w->now);
}

static void step(struct world *w)
{
    for (size_t i = 0; i < w->count; i++) {
        struct flow *f = &w->flows[i];
        if (w->now % IC_NS_PER_SEC == 0)
            shape_back(w, f);
        if (!is_silent(w, f) && f->kind == FLOW_TCP)
            run_tcp(w, f);
        if (!is_silent(w, f) && f->kind != FLOW_TCP)
            run_media(w, f);
    }
    take_arrivals(w);
    for (size_t i = 0; i < w->count; i++) {
        send_feedback(w, &w->flows[i]);
        take_feedback(w, &w->flows[i]);
        w->flows[i].estimates[second(w->now)] =
            w->flows[i].began ? ic_bwe_bps(&w->flows[i].bwe) : 0;
    }
}

void world_run(struct world *w, double until_s)
{
    int64_t until = (int64_t)(until_s * (double)IC_NS_PER_SEC);
    for (; w->now < until; w->now += IC_NS_PER_MS)
        step(w);
}

/* ---- what came of it ---- */

double flow_kbps(const struct flow *f, int from, int to)
{
    double bytes = 0;
    for (int s = from; s < to; s++)
        bytes += f->received[s];
    return bytes * 8 / 1000 / (to - from);
}

double flow_estimate_kbps(const struct flow *f, int from, int to)
{
    double sum = 0;
    for (int s = from; s < to; s++)
        sum += f->estimates[s];
    return sum / 1000 / (to - from);
}

double flow_delay_ms(const struct flow *f, int from, int to)
{
    double sum = 0, packets = 0;
    for (int s = from; s < to; s++) {
        sum += f->delay_ms_sum[s];
        packets += f->packets[s];
    }
    return packets > 0 ? sum / packets : 0;
}

double flow_most_delay_ms(const struct flow *f, int from, int to)
{
    double most = 0;
    for (int s = from; s < to; s++)
        most = f->delay_ms_most[s] > most ? f->delay_ms_most[s] : most;
    return most;
}

double flow_loss(const struct flow *f, int from, int to)
{
    double sent = 0, packets = 0;
    for (int s = from; s < to; s++) {
        sent += f->sent_packets[s];
        packets += f->packets[s];
    }
    return sent > packets ? 1 - packets / sent : 0;
}
