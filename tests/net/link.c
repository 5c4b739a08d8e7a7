/* link.c - a queue that drains at the rate, then a heap of packets by their time of arrival. */
#include "tests/net/link.h"

#include <math.h>
#include <stdlib.h>

enum { PER_MILLE = 1000, FIRST_SIZE = 64 };

struct net_entry {
    struct net_packet packet;
    uint64_t order; /* those of equal time stay in order */
};

/* SplitMix64. */
double net_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    z ^= z >> 31;
    return (double)(z >> 11) / (double)(UINT64_C(1) << 53);
}

static bool happens(struct net_link *link, uint16_t per_mille)
{
    return per_mille > 0 && net_random(&link->random) * PER_MILLE < per_mille;
}

/* With mean 0; the width or standard deviation is 1. */
static double deviation(struct net_link *link)
{
    double sum = -6;

    switch (link->shape.jitter) {
    case NET_JITTER_UNIFORM:
        return 2 * net_random(&link->random) - 1;
    case NET_JITTER_NORMAL:
        for (int i = 0; i < 12; i++)
            sum += net_random(&link->random);
        return sum;
    case NET_JITTER_PARETO:
        break;
    }
    /* Shape 3: mean 3/2, variance 3/4. Cut where netem's table ends. */
    double x = (pow(1 - net_random(&link->random), -1.0 / 3) - 1.5) / sqrt(0.75);
    return x < 4 ? x : 4;
}

void net_link_init(struct net_link *link, uint64_t seed)
{
    *link = (struct net_link){.random = seed};
}

void net_link_clear(struct net_link *link)
{
    for (size_t i = 0; i < link->queue_count; i++)
        free(link->queue[(link->queue_at + i) % link->queue_size].packet.bytes);
    for (size_t i = 0; i < link->travelling_count; i++)
        free(link->travelling[i].packet.bytes);
    free(link->queue);
    free(link->travelling);
    *link = (struct net_link){0};
}

/* ---- the heap of those that travel ---- */

static bool earlier(const struct net_entry *a, const struct net_entry *b)
{
    if (a->packet.arrived_at != b->packet.arrived_at)
        return a->packet.arrived_at < b->packet.arrived_at;
    return a->order < b->order;
}

static void swap(struct net_entry *a, struct net_entry *b)
{
    struct net_entry held = *a;
    *a = *b;
    *b = held;
}

static struct net_entry *grow(struct net_entry *entries, size_t *size)
{
    *size = *size ? 2 * *size : FIRST_SIZE;
    entries = realloc(entries, *size * sizeof *entries);
    if (!entries)
        abort();
    return entries;
}

static void start_travel(struct net_link *link, struct net_packet packet)
{
    if (link->travelling_count == link->travelling_size)
        link->travelling = grow(link->travelling, &link->travelling_size);
    struct net_entry *heap = link->travelling;
    size_t at = link->travelling_count++;
    heap[at] = (struct net_entry){packet, link->order++};
    for (; at > 0 && earlier(&heap[at], &heap[(at - 1) / 2]); at = (at - 1) / 2)
        swap(&heap[at], &heap[(at - 1) / 2]);
}

static struct net_packet end_travel(struct net_link *link)
{
    struct net_entry *heap = link->travelling;
    struct net_packet first = heap[0].packet;
    size_t count = --link->travelling_count;

    heap[0] = heap[count];
    for (size_t at = 0, child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && earlier(&heap[child + 1], &heap[child]))
            child++;
        if (!earlier(&heap[child], &heap[at]))
            break;
        swap(&heap[at], &heap[child]);
    }
    return first;
}

/* ---- rate and queue ---- */

static int64_t transmission_ns(const struct net_link *link, size_t wire_len)
{
    uint32_t rate = link->shape.rate_bps;
    return rate ? (int64_t)wire_len * 8 * IC_NS_PER_SEC / rate : 0;
}

/* The packet has left the queue. */
static void travel(struct net_link *link, struct net_packet packet, int64_t left_at)
{
    const struct net_shape *s = &link->shape;
    int64_t due = left_at;

    if (!happens(link, s->reordered)) {
        due += s->delay_ms * IC_NS_PER_MS;
        if (s->jitter_ms > 0)
            due += (int64_t)(deviation(link) * s->jitter_ms * (double)IC_NS_PER_MS);
        if (due < left_at)
            due = left_at;
        if (!s->overtaking && due < link->last_due)
            due = link->last_due;
        link->last_due = due > link->last_due ? due : link->last_due;
    }
    packet.arrived_at = due;
    start_travel(link, packet);
}

static struct net_entry *queued(const struct net_link *link, size_t place)
{
    return &link->queue[(link->queue_at + place) % link->queue_size];
}

/* Lets out what the rate has carried by `now`. */
static void drain(struct net_link *link, int64_t now)
{
    while (link->queue_count > 0 && link->head_done <= now) {
        struct net_packet packet = queued(link, 0)->packet;
        int64_t left_at = link->head_done;
        link->queue_at = (link->queue_at + 1) % link->queue_size;
        if (--link->queue_count > 0)
            link->head_done += transmission_ns(link, queued(link, 0)->packet.wire_len);
        travel(link, packet, left_at);
    }
}

static void straighten(struct net_link *link)
{
    size_t size = link->queue_size, old = link->queue_size;
    struct net_entry *entries = grow(NULL, &size);

    for (size_t i = 0; i < link->queue_count; i++)
        entries[i] = link->queue[(link->queue_at + i) % old];
    free(link->queue);
    link->queue = entries;
    link->queue_size = size;
    link->queue_at = 0;
}

static bool overflows(const struct net_link *link, int64_t now)
{
    const struct net_shape *s = &link->shape;
    return (s->queue_packets > 0 && link->queue_count >= s->queue_packets) ||
           (s->queue_ms > 0 && net_link_backlog_ns(link, now) > s->queue_ms * IC_NS_PER_MS);
}

static void enqueue(struct net_link *link, struct net_packet packet, int64_t now)
{
    if (link->shape.rate_bps == 0 && link->queue_count == 0) {
        travel(link, packet, now);
        return;
    }
    if (link->queue_count == link->queue_size)
        straighten(link);
    if (link->queue_count == 0)
        link->head_done = now + transmission_ns(link, packet.wire_len);
    *queued(link, link->queue_count++) = (struct net_entry){.packet = packet};
}

int64_t net_link_backlog_ns(const struct net_link *link, int64_t now)
{
    if (link->queue_count == 0)
        return 0;
    int64_t wait = link->head_done > now ? link->head_done - now : 0;
    for (size_t i = 1; i < link->queue_count; i++)
        wait += transmission_ns(link, queued(link, i)->packet.wire_len);
    return wait;
}

void net_link_reshape(struct net_link *link, const struct net_shape *shape, int64_t now)
{
    drain(link, now);
    uint32_t before = link->shape.rate_bps;
    link->shape = *shape;
    if (link->queue_count > 0 && before != shape->rate_bps) {
        double left = (double)(link->head_done - now);
        double ratio = shape->rate_bps ? (double)before / shape->rate_bps : 0;
        link->head_done = now + (int64_t)(left * ratio);
    }
}

/* ---- in and out ---- */

static bool is_lost(struct net_link *link)
{
    const struct net_shape *s = &link->shape;

    if (happens(link, link->bad ? s->to_good : s->to_bad))
        link->bad = !link->bad;
    return s->down || happens(link, link->bad ? s->loss_bad : s->loss_good);
}

static void send_one(struct net_link *link, struct ic_bytes bytes, size_t wire_len, int64_t now)
{
    struct net_packet packet = {
        .bytes = malloc(bytes.len ? bytes.len : 1),
        .len = bytes.len,
        .wire_len = wire_len,
        .sent_at = now,
        .address = link->shape.address,
    };

    if (!packet.bytes)
        abort();
    if (bytes.len > 0)
        memcpy(packet.bytes, bytes.at, bytes.len);
    enqueue(link, packet, now);
}

void net_link_send(struct net_link *link, struct ic_bytes bytes, size_t wire_len, int64_t now)
{
    drain(link, now);
    link->counts.offered++;
    link->counts.bytes_offered += wire_len;
    if (is_lost(link)) {
        link->counts.lost++;
        return;
    }
    if (overflows(link, now)) {
        link->counts.overflowed++;
        return;
    }
    send_one(link, bytes, wire_len, now);
    if (happens(link, link->shape.duplicated)) {
        link->counts.duplicated++;
        send_one(link, bytes, wire_len, now);
    }
}

bool net_link_take(struct net_link *link, struct net_packet *out, int64_t now)
{
    drain(link, now);
    if (link->travelling_count == 0 || link->travelling[0].packet.arrived_at > now)
        return false;
    *out = end_travel(link);
    link->counts.delivered++;
    link->counts.bytes_delivered += out->wire_len;
    return true;
}

/* A packet that leaves the queue then may still have to travel: an early call finds nothing. */
int64_t net_link_next(const struct net_link *link)
{
    int64_t next = link->queue_count > 0 ? link->head_done : INT64_MAX;
    if (link->travelling_count > 0 && link->travelling[0].packet.arrived_at < next)
        next = link->travelling[0].packet.arrived_at;
    return next;
}
