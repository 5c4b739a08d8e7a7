/* world.h - flows that share a bottleneck, in virtual time.
 *
 *     flow 0 --- own delay ---\                      /--- receiver 0
 *     flow 1 --- own delay ----+--- bottleneck link -+---- receiver 1
 *                              (net_link)            \--- ...
 *     feedback: own delay, and a link back if the world has one
 *
 * A media flow is the sending side of a media worker: estimator, pacer, and a source that follows
 * the estimate at once. Its receiver writes transport-wide feedback as browsers do. */
#pragma once

#include "media/bwe.h"
#include "media/pacer.h"
#include "tests/net/link.h"

enum { WORLD_FLOWS_MAX = 8, WORLD_SECONDS_MAX = 400 };

enum flow_kind {
    FLOW_MEDIA,
    FLOW_LAYERS, /* media of fixed steps, as simulcast has: the highest that fits */
    FLOW_TCP,    /* as much as loss allows */
};

struct flow {
    enum flow_kind kind;
    int64_t starts_at, ends_at; /* INT64_MAX: never */
    int64_t pauses_at, resumes_at;
    int64_t delay; /* one way, besides the bottleneck's */
    uint32_t most_bps;
    uint32_t layers[3]; /* of FLOW_LAYERS */

    struct ic_bwe bwe;
    struct ic_bwe_packet remembered[IC_BWE_SENT_MOST];
    struct ic_pacer pacer;
    struct ic_twcc_receiver receiver;
    struct net_link access, back;
    uint16_t seq;
    int64_t frame_at, tick_at;
    uint32_t sent_bps; /* of the layer now */
    uint32_t switches;
    int64_t switched_at, downed_at;
    uint64_t random;
    bool began;

    /* TCP */
    double window;
    uint32_t sent, acked, threshold, repeated, recovered;

    /* what came of it */
    uint32_t received[WORLD_SECONDS_MAX];   /* bytes, by second */
    uint32_t estimates[WORLD_SECONDS_MAX];  /* b/s at the end of each */
    double delay_ms_sum[WORLD_SECONDS_MAX]; /* beyond the least possible */
    uint32_t delay_ms_most[WORLD_SECONDS_MAX];
    uint32_t packets[WORLD_SECONDS_MAX];
    uint32_t sent_packets[WORLD_SECONDS_MAX];
};

struct world {
    int64_t now;
    struct net_link bottleneck;
    const struct net_shape *back_shape; /* NULL: feedback only takes its delay */
    struct flow flows[WORLD_FLOWS_MAX];
    size_t count;
};

void world_init(struct world *w, uint64_t seed);
void world_clear(struct world *w);

/* Its settings are set, all else is zero. Returns it, to be looked at later. */
struct flow *world_add(struct world *w, struct flow settings);

void world_shape(struct world *w, const struct net_shape *shape);

/* Goes on until `until_s` seconds after the start. */
void world_run(struct world *w, double until_s);

/* Means over the seconds from `from` until before `to`. */
double flow_kbps(const struct flow *f, int from, int to);
double flow_estimate_kbps(const struct flow *f, int from, int to);
double flow_delay_ms(const struct flow *f, int from, int to);
double flow_most_delay_ms(const struct flow *f, int from, int to);
double flow_loss(const struct flow *f, int from, int to);
