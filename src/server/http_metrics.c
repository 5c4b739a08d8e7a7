/* http_metrics.c - few connections at a time, since few read metrics. */
#include "server/http_metrics.h"

#include <stdlib.h>

#include "base/log.h"
#include "server/http_bind.h"

#define METRICS_PATH "/metrics"
#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

enum { CONNECTIONS_MAX = 16, HEADERS_MAX = 4096, NAME_SIZE = 64 };

struct ic_http_metrics {
    struct ic_http_metrics_settings settings;
    uint32_t connections;
    char names[IC_CONFIG_LISTEN_MAX][NAME_SIZE]; /* libwebsockets keeps pointers */
};

/* An answer on its way: LWS_PRE unused bytes, then the text. */
struct metrics_answer {
    char *bytes;
    size_t len;
};

static struct ic_http_metrics *metrics_of(struct lws *wsi)
{
    return lws_vhost_user(lws_get_vhost(wsi));
}

static enum ic_err write_answer(struct metrics_answer *answer, const struct ic_http_metrics *m)
{
    static const char before[LWS_PRE];
    size_t size;
    FILE *out = open_memstream(&answer->bytes, &size);

    if (!out)
        return IC_ERR_SYSTEM;
    fwrite(before, 1, sizeof before, out);
    m->settings.write(out, m->settings.owner);
    if (fclose(out) != 0)
        return IC_ERR_SYSTEM;
    answer->len = size - sizeof before;
    return IC_OK;
}

static int begin(struct lws *wsi, struct metrics_answer *answer, const char *path)
{
    uint8_t buffer[LWS_PRE + HEADERS_MAX], *start = buffer + LWS_PRE, *at = start,
                                           *end = buffer + sizeof buffer - 1;
    bool good = strcmp(path, METRICS_PATH) == 0 && lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0;

    *answer = (struct metrics_answer){0};
    if (!good)
        return lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL) ||
                       lws_http_transaction_completed(wsi)
                   ? -1
                   : 0;
    if (write_answer(answer, metrics_of(wsi)) != IC_OK ||
        lws_add_http_common_headers(wsi, HTTP_STATUS_OK, METRICS_TYPE, answer->len, &at, end) ||
        lws_finalize_write_http_header(wsi, start, &at, end))
        return -1;
    lws_callback_on_writable(wsi);
    return 0;
}

static void forget(struct metrics_answer *answer)
{
    free(answer->bytes);
    *answer = (struct metrics_answer){0};
}

static int finish(struct lws *wsi, struct metrics_answer *answer)
{
    if (!answer->bytes)
        return 0;
    int written =
        lws_write(wsi, (unsigned char *)answer->bytes + LWS_PRE, answer->len, LWS_WRITE_HTTP_FINAL);
    bool whole = written >= (int)answer->len;
    forget(answer);
    return !whole || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_metrics(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len)
{
    (void)len;
    switch (reason) {
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return metrics_of(wsi)->connections >= CONNECTIONS_MAX;
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        metrics_of(wsi)->connections++;
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        metrics_of(wsi)->connections--;
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return -1;
    case LWS_CALLBACK_HTTP:
        return begin(wsi, user, in);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return finish(wsi, user);
    case LWS_CALLBACK_CLOSED_HTTP:
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
        if (user)
            forget(user);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "metrics",
     .callback = on_metrics,
     .per_session_data_size = sizeof(struct metrics_answer)},
    {0},
};

static enum ic_err listen_on(struct ic_http_metrics *m, uint32_t i)
{
    const struct ic_endpoint *at = &m->settings.endpoints->at[i];
    int failed = ic_http_bind_errno(at);

    if (failed != 0) {
        ic_http_say_cannot_listen(IC_LOG_ERROR, at, strerror(failed));
        return IC_ERR_SYSTEM;
    }
    snprintf(m->names[i], NAME_SIZE, "metrics/%s/%u", at->address, at->port);
    struct lws_context_creation_info info = {
        .vhost_name = m->names[i],
        .iface = at->address,
        .port = at->port,
        .protocols = protocols,
        .headers = m->settings.headers,
        .user = m,
        .keepalive_timeout = 30,
        .options = ic_http_family_options(at) | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
    };
    struct lws_vhost *vhost = lws_create_vhost(m->settings.context, &info);
    if (!vhost)
        return IC_ERR_SYSTEM;
    ic_log(IC_LOG_INFO, "http", IC_EVENT("metrics"), IC_TEXT("address", at->address),
           IC_NUMBER("port", lws_get_vhost_listen_port(vhost)));
    return IC_OK;
}

enum ic_err ic_http_metrics_listen(const struct ic_http_metrics_settings *settings)
{
    if (settings->endpoints->count == 0)
        return IC_OK;
    struct ic_http_metrics *m = calloc(1, sizeof *m); /* lives as long as the listener */
    if (!m)
        return IC_ERR_SYSTEM;
    m->settings = *settings;
    for (uint32_t i = 0; i < settings->endpoints->count; i++)
        if (listen_on(m, i) != IC_OK)
            return IC_ERR_SYSTEM; /* `m` stays: listeners that began have it */
    return IC_OK;
}
