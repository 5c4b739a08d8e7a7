/* signalling.h - from a message to what it does: sessions, meetings, media paths. */
#pragma once

#include "server/http.h"
#include "server/metrics.h"
#include "server/relays.h"
#include "server/store.h"
#include "server/workers.h"

struct ic_signal;

struct ic_signal_parts {
    uv_loop_t *loop;
    const struct ic_config *config;
    struct ic_store *store;
    const struct ic_addresses *media_addresses;
    const struct ic_relays *relays;
};

/* `parts` is copied; what it points to must live as long as `out`. */
enum ic_err ic_signal_new(struct ic_signal **out, const struct ic_signal_parts *parts) IC_CHECKED;

/* The workers are started after this and told about it; to be called before the first message. */
void ic_signal_set_workers(struct ic_signal *signal, struct ic_workers *workers);

/* To be called by the HTTP server and the workers, with the struct ic_signal as owner. */
extern const struct ic_http_events ic_signal_events;
void ic_signal_worker_lost(struct ic_signal *signal, uint32_t worker);
void ic_signal_transport(struct ic_signal *signal, uint32_t worker, uint32_t transport,
                         enum ic_transport_state state);
/* Of a worker's answer: what is short on the way to a receiver. */
void ic_signal_path(struct ic_signal *signal, uint32_t worker, uint32_t transport,
                    const struct ic_transport_stats *path);
/* A worker has no room for somebody of another one. */
void ic_signal_source_refused(struct ic_signal *signal, uint32_t worker, uint32_t transport);

/* For the operator's metrics. */
void ic_signal_counts(const struct ic_signal *signal, struct ic_server_counts *out);

/* Says to everybody that the server stops. */
void ic_signal_stop(struct ic_signal *signal);
