/* http_metrics.h - listens for the operator's Prometheus, apart from the pages: GET /metrics by
 * plain HTTP, nothing else. Like http.c it knows libwebsockets. */
#pragma once

#include <libwebsockets.h>
#include <stdio.h>

#include "server/config.h"

typedef void ic_http_metrics_writer(FILE *out, void *owner);

struct ic_http_metrics_settings {
    struct lws_context *context;
    const struct ic_endpoints *endpoints; /* none: nothing is done */
    const struct lws_protocol_vhost_options *headers;
    ic_http_metrics_writer *write;
    void *owner;
};

/* `settings` is copied; what it points to must live as long as the process. The reason of a failure
 * is logged. */
enum ic_err ic_http_metrics_listen(const struct ic_http_metrics_settings *settings) IC_CHECKED;
