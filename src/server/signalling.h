/* signalling.h - from a message to what it does. */
#pragma once

#include "server/http.h"
#include "server/store.h"

struct ic_signal;

struct ic_signal_parts {
    const struct ic_config *config;
    struct ic_store *store;
};

/* `parts` is copied; what it points to must live as long as `out`. */
enum ic_err ic_signal_new(struct ic_signal **out, const struct ic_signal_parts *parts) IC_CHECKED;
void ic_signal_free(struct ic_signal *signal);

/* To be called by the HTTP server, with the struct ic_signal as owner. */
extern const struct ic_http_events ic_signal_events;

/* Says to everybody that the server stops. */
void ic_signal_stop(struct ic_signal *signal);
