/* stats.c - adds up what the parts count each for itself. */
#include "worker/stats.h"

#include "worker/congestion.h"
#include "worker/transport.h"
#include "worker/worker.h"

static bool is_relay(const struct ic_worker *w, const struct ic_address *address)
{
    for (uint32_t i = 0; i < w->relay_count; i++)
        if (w->relays[i].family == address->family &&
            memcmp(w->relays[i].ip, address->ip, sizeof address->ip) == 0)
            return true;
    return false;
}

static enum ic_route route_of(const struct ic_worker *w, const struct ic_transport *t)
{
    const struct ic_address *remote = &t->outbox.path.remote;

    if (!t->sendable)
        return IC_ROUTE_NONE;
    if (is_relay(w, remote))
        return IC_ROUTE_RELAY;
    return remote->protocol == IC_TCP ? IC_ROUTE_TCP : IC_ROUTE_UDP;
}

static void observe_estimate(struct ic_worker_stats *stats, uint32_t bps)
{
    size_t bucket = 0;

    while (bucket < IC_COUNT(ic_estimate_bounds_bps) && bps > ic_estimate_bounds_bps[bucket])
        bucket++;
    stats->estimates[bucket]++;
    stats->estimates_bps += bps;
}

static void observe(struct ic_worker *w)
{
    for (uint32_t i = 0; i < w->directory.end; i++) {
        const struct ic_transport *t = w->directory.transports[i];
        if (t && t->sendable && t->congestion && t->congestion->heard_at != 0)
            observe_estimate(&w->stats, ic_bwe_bps(&t->congestion->bwe));
    }
}

static void add_net(struct ic_worker_stats *sum, const struct ic_net_counts *net)
{
    sum->packets_in = net->packets_in;
    sum->packets_out = net->packets_out;
    sum->bytes_in = net->bytes_in;
    sum->bytes_out = net->bytes_out;
    sum->dropped_malformed += net->oversize + net->unframed;
    sum->dropped_full += net->unsent + net->unread;
}

static void add_transport(const struct ic_worker *w, struct ic_worker_stats *sum,
                          const struct ic_transport *t)
{
    if (t->is_far)
        return;
    sum->now.transports++;
    sum->now.routes[route_of(w, t)]++;
    if (!t->publisher)
        return;
    sum->nacks_out += t->publisher->nacks;
    sum->plis_out += t->publisher->plis;
    sum->rtx_in += t->publisher->resent;
}

void ic_stats_sum(struct ic_worker *w, struct ic_worker_stats *sum)
{
    observe(w);
    *sum = w->stats;
    add_net(sum, ic_net_counts(w->net));
    sum->now.rooms = w->rooms.count;
    for (uint32_t i = 0; i < w->directory.end; i++)
        if (w->directory.transports[i])
            add_transport(w, sum, w->directory.transports[i]);
}
