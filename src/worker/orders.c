/* orders.c - what an id names is looked up here; shapes were checked by channel.c. An order about
 * something that is gone is no error: it crossed our own message. */
#include "worker/orders.h"

#include "base/log.h"
#include "worker/channel.h"
#include "worker/congestion.h"
#include "worker/far.h"
#include "worker/link.h"
#include "worker/stats.h"
#include "worker/transport.h"
#include "worker/worker.h"

#define STATS_INTERVAL_NS IC_NS_PER_SEC
#define RETRY_NS (20 * IC_NS_PER_MS) /* when the control process does not keep up */

static void warn(const char *event, uint32_t transport)
{
    ic_log(IC_LOG_WARNING, "orders", IC_TEXT("event", event), IC_NUMBER("transport", transport));
}

static enum ic_err tell(struct ic_worker *w, const struct ic_control *m)
{
    enum ic_err err = ic_channel_send(w->control_fd, m);
    if (err == IC_ERR_SYSTEM)
        w->stopping = true;
    return err;
}

static void refuse(struct ic_worker *w, const struct ic_control *order)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_STATE,
                           .room = order->room,
                           .transport = order->transport,
                           .state.state = IC_TRANSPORT_FAILED};

    warn("transport refused", order->transport);
    if (tell(w, &m) != IC_OK)
        warn("refusal not told", order->transport);
}

static void add(struct ic_worker *w, const struct ic_control *order)
{
    if (ic_directory_find(&w->directory, order->transport)) {
        warn("transport id used twice", order->transport);
        return;
    }
    if (ic_transport_new(w, order) != IC_OK)
        refuse(w, order);
}

static void point(struct ic_worker *w, struct ic_transport *t, const struct ic_control *order)
{
    struct ic_transport *source = ic_directory_find(&w->directory, order->point.source);
    enum ic_err err = ic_transport_point(w, t, order->point.line, source, order->point.stream,
                                         order->point.layer);
    if (err != IC_OK)
        warn("slot not pointed", t->id);
}

bool ic_orders_tell_path(struct ic_worker *w, const struct ic_transport *t)
{
    struct ic_control m = {
        .type = IC_CONTROL_TRANSPORT_STATS, .room = t->member.room->id, .transport = t->id};

    if (t->congestion)
        ic_congestion_stats(t->congestion, &m.transport_stats);
    return tell(w, &m) == IC_OK;
}

static void link_with(struct ic_worker *w, const struct ic_control *order, int file)
{
    if (ic_link_open(w, order->link.worker, file) != IC_OK)
        warn("link not opened", 0);
}

static void add_source(struct ic_worker *w, const struct ic_control *order)
{
    struct ic_control refused = {
        .type = IC_CONTROL_SOURCE_REFUSED, .room = order->room, .transport = order->transport};

    if (ic_directory_find(&w->directory, order->transport)) {
        warn("source id used twice", order->transport);
        return;
    }
    if (ic_transport_new_far(w, order) == IC_OK)
        return;
    warn("source refused", order->transport);
    if (tell(w, &refused) != IC_OK)
        warn("refusal not told", order->transport);
}

static void carry_out(struct ic_worker *w, const struct ic_control *order, int file)
{
    struct ic_transport *named = ic_directory_find(&w->directory, order->transport);
    struct ic_transport *t = named && !named->is_far ? named : NULL;

    switch ((enum ic_control_type)order->type) {
    case IC_CONTROL_TRANSPORT_ADD:
        add(w, order);
        break;
    case IC_CONTROL_TRANSPORT_RESTART:
        if (t && ic_transport_restart(w, t, order) != IC_OK)
            warn("restart refused", t->id);
        break;
    case IC_CONTROL_TRANSPORT_REMOVE:
        if (t)
            ic_transport_free(w, t);
        break;
    case IC_CONTROL_SLOT_POINT:
        if (t)
            point(w, t, order);
        break;
    case IC_CONTROL_TRANSPORT_ASK:
        if (t && !ic_orders_tell_path(w, t))
            warn("question not answered", t->id);
        break;
    case IC_CONTROL_RELAYS:
        w->relay_count = order->relays.count;
        memcpy(w->relays, order->relays.addresses, sizeof w->relays);
        break;
    case IC_CONTROL_LINK:
        link_with(w, order, file);
        break;
    case IC_CONTROL_SOURCE_ADD:
        add_source(w, order);
        break;
    case IC_CONTROL_SOURCE_REMOVE:
        if (named && named->is_far)
            ic_transport_free(w, named);
        break;
    case IC_CONTROL_STREAM_SHARE:
        if (t &&
            ic_far_share(t, order->share.worker, order->share.stream, order->share.layers) != IC_OK)
            warn("stream not shared", t->id);
        break;
    case IC_CONTROL_STOP:
        w->stopping = true;
        break;
    case IC_CONTROL_READY:
    case IC_CONTROL_TRANSPORT_STATE:
    case IC_CONTROL_STATS:
    case IC_CONTROL_TRANSPORT_STATS:
    case IC_CONTROL_SOURCE_REFUSED:
        break; /* not let through by ic_channel_check() */
    }
}

void ic_orders_take(struct ic_worker *w)
{
    struct ic_control order;
    int file;

    while (!w->stopping) {
        enum ic_err err = ic_channel_receive(w->control_fd, &order, &file);
        if (err == IC_OK)
            carry_out(w, &order, file);
        else if (err == IC_ERR_MALFORMED)
            warn("order damaged", 0);
        else if (err == IC_ERR_NOT_FOUND)
            return;
        else
            w->stopping = true;
    }
}

void ic_orders_ready(struct ic_worker *w)
{
    struct ic_control m = {.type = IC_CONTROL_READY, .ready.port = ic_net_port(w->net)};

    ic_certificate_fingerprint(m.ready.fingerprint, w->certificate);
    if (tell(w, &m) != IC_OK)
        w->stopping = true;
}

/* False: not all could be told. */
static bool tell_states(struct ic_worker *w)
{
    for (uint32_t i = 0; i < w->directory.end; i++) {
        struct ic_transport *t = w->directory.changed[i] ? w->directory.transports[i] : NULL;
        if (!t)
            continue;
        struct ic_control m = {.type = IC_CONTROL_TRANSPORT_STATE,
                               .room = t->member.room->id,
                               .transport = t->id,
                               .state.state = (uint8_t)t->state};
        if (tell(w, &m) != IC_OK)
            return false;
        w->directory.changed[i] = false;
    }
    return true;
}

static void tell_stats(struct ic_worker *w)
{
    struct ic_control m = {.type = IC_CONTROL_STATS};

    ic_stats_sum(w, &m.stats);
    w->stats_due = w->now + STATS_INTERVAL_NS;
    w->busy = false;
    if (memcmp(&m.stats, &w->stats_told, sizeof m.stats) == 0)
        return;
    if (tell(w, &m) == IC_OK)
        w->stats_told = m.stats;
    else
        w->busy = true;
}

void ic_orders_tell(struct ic_worker *w, bool busy)
{
    w->busy = w->busy || busy;
    if (w->untold)
        w->untold = !tell_states(w);
    if (w->busy && w->now >= w->stats_due)
        tell_stats(w);
}

int64_t ic_orders_due(const struct ic_worker *w)
{
    if (w->untold)
        return w->now + RETRY_NS;
    return w->busy ? w->stats_due : INT64_MAX;
}
