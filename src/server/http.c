/* http.c - libwebsockets on a foreign libuv loop: listens, and says who answers.
 *
 * Traps of the library that this file is shaped by: an Origin is refused with a status only from
 * CONFIRM_UPGRADE; and with a foreign loop and two listeners, destroying the context sometimes ran
 * into the library's own assertion (a vhost destroyed before its listener), so a stopping server
 * closes its WebSockets and leaves the rest to the end of the process. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "crypto/tls_identity.h"
#include "server/http_bind.h"
#include "server/http_metrics.h"
#include "server/http_private.h"

enum {
    PING_SECONDS = 10,
    HANG_UP_SECONDS = 20,
    HEADER_BYTES = 4096, /* of a request */
};

struct ic_http *ic_http_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

bool ic_http_header_text(struct lws *wsi, enum lws_token_indexes token, char *text, int size)
{
    text[0] = 0;
    return lws_hdr_total_length(wsi, token) == 0 || lws_hdr_copy(wsi, text, size, token) >= 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct ic_http *http = ic_http_of(wsi);
    unsigned status;
    (void)len;

    switch (reason) {
    case LWS_CALLBACK_OPENSSL_LOAD_EXTRA_SERVER_VERIFY_CERTS: /* the SSL_CTX of a listener */
        ic_tls_identity_use(http->identity, user);
        return 0;
    case LWS_CALLBACK_FILTER_NETWORK_CONNECTION:
        return http->stopping || !ic_http_connections_may(&http->connections, (int)(intptr_t)in);
    case LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED:
        if (!ic_http_connections_add(&http->connections, wsi))
            lws_set_timeout(wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        ic_http_connections_remove(&http->connections, wsi);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        status =
            strcmp(in, "websocket") == 0 ? ic_http_upgrade_refusal(wsi) : HTTP_STATUS_NOT_FOUND;
        if (status == 0)
            return 0;
        return ic_http_write_headers(wsi, status, "text/plain; charset=utf-8", 0, NULL) != 0 ? -1
                                                                                             : 1;
    case LWS_CALLBACK_HTTP:
        ic_http_connections_touch(&http->connections, wsi);
        return ic_http_serve(wsi, user, in);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        ic_http_connections_touch(&http->connections, wsi);
        return ic_http_write_body(wsi, user);
    default:
        return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http, .per_session_data_size = sizeof(struct ic_http_answer)},
    {.name = IC_HTTP_SUBPROTOCOL,
     .callback = ic_http_on_socket,
     .per_session_data_size = sizeof(struct ic_socket),
     .rx_buffer_size = IC_HTTP_RECEIVE_PIECE},
    {0},
};

static const lws_retry_bo_t keep_alive = {
    .secs_since_valid_ping = PING_SECONDS,
    .secs_since_valid_hangup = HANG_UP_SECONDS,
};

static void on_library_line(int level, const char *line)
{
    (void)level;
    char text[160];
    snprintf(text, sizeof text, "%.*s", (int)strcspn(line, "\r\n"), line);
    ic_log(IC_LOG_DEBUG, "http", IC_EVENT("library"), IC_TEXT("line", text));
}

static void note_headers(struct ic_http *http, bool tls)
{
    size_t count = 0;
    for (const struct ic_http_header *h = ic_http_headers; h->name; h++) {
        if (h->tls_only && !tls)
            continue;
        http->headers[count] =
            (struct lws_protocol_vhost_options){.name = h->name, .value = h->value};
        if (count > 0)
            http->headers[count - 1].next = &http->headers[count];
        count++;
    }
}

static enum ic_err listen_on(struct ic_http *http, const struct ic_endpoint *at, uint16_t port)
{
    const struct ic_config *config = http->settings->config;
    char *name = http->names[http->name_count++];

    snprintf(name, IC_HTTP_VHOST_NAME_SIZE, "%s/%u", at->address, port);
    struct lws_context_creation_info info = {
        .vhost_name = name,
        .iface = at->address,
        .port = port,
        .protocols = protocols,
        .headers = http->headers,
        .retry_and_idle_policy = &keep_alive,
        .keepalive_timeout = 30,
        .options = ic_http_family_options(at) | LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND,
    };
    if (config->tls.certificate[0]) {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        info.ssl_cert_filepath = config->tls.certificate;
        info.ssl_private_key_filepath = config->tls.key;
        info.ssl_cipher_list = "ECDHE+AESGCM:ECDHE+CHACHA20"; /* TLS 1.2; 1.3 has no others */
        info.alpn = "h2,http/1.1";
    }
    struct lws_vhost *vhost = lws_create_vhost(http->context, &info);
    if (!vhost)
        return IC_ERR_SYSTEM;
    if (http->port == 0)
        http->port = (uint16_t)lws_get_vhost_listen_port(vhost);
    return IC_OK;
}

/* A machine without IPv6 still serves on the others. */
static enum ic_err listen_on_all(struct ic_http *http)
{
    const struct ic_endpoints *all = &http->settings->config->http.listen;
    int missing[IC_CONFIG_LISTEN_MAX] = {0};
    uint32_t listening = 0;

    for (uint32_t i = 0; i < all->count; i++) {
        struct ic_endpoint at = all->at[i];
        if (at.port == 0)
            at.port = http->port; /* the system's choice for the first one serves all */
        int failed = ic_http_bind_errno(&at);
        if (failed == EADDRNOTAVAIL || failed == EAFNOSUPPORT) {
            missing[i] = failed;
            continue;
        }
        if (failed != 0 || listen_on(http, &all->at[i], at.port) != IC_OK) {
            ic_http_say_cannot_listen(
                IC_LOG_ERROR, &at,
                failed ? strerror(failed) : "is tls.certificate readable and is tls.key its key?");
            return IC_ERR_SYSTEM;
        }
        listening++;
    }
    for (uint32_t i = 0; i < all->count; i++)
        if (missing[i])
            ic_http_say_cannot_listen(listening ? IC_LOG_WARNING : IC_LOG_ERROR, &all->at[i],
                                      strerror(missing[i]));
    return listening > 0 ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err load_identity(struct ic_http *http, struct ic_certificate_problem *problem)
{
    const struct ic_config *config = http->settings->config;

    return ic_tls_identity_load(http->identity, config->tls.certificate, config->tls.key,
                                (int64_t)time(NULL), problem);
}

static enum ic_err start_identity(struct ic_http *http)
{
    struct ic_certificate_problem problem;

    if (http->settings->config->tls.certificate[0] == 0)
        return IC_OK;
    http->identity = ic_tls_identity_new();
    if (!http->identity)
        return IC_ERR_SYSTEM;
    enum ic_err err = load_identity(http, &problem);
    if (err != IC_OK)
        ic_log(IC_LOG_ERROR, "http", IC_EVENT("no_certificate"), IC_TEXT("reason", problem.text));
    return err;
}

void ic_http_renew_certificate(struct ic_http *http)
{
    struct ic_certificate_problem problem;

    if (load_identity(http, &problem) == IC_OK)
        ic_log(IC_LOG_INFO, "http", IC_EVENT("certificate_renewed"));
    else
        ic_log(IC_LOG_ERROR, "http", IC_EVENT("certificate_kept"), IC_TEXT("reason", problem.text));
}

enum ic_err ic_http_start(struct ic_http **out, const struct ic_http_settings *settings)
{
    struct ic_http *http = calloc(1, sizeof *http);

    if (!http)
        return IC_ERR_SYSTEM;
    http->settings = settings;
    http->loop = settings->loop;
    ic_http_connections_init(&http->connections, settings->config, settings->loop);
    lws_set_log_level(LLL_ERR | LLL_WARN, on_library_line);
    note_headers(http, settings->config->tls.certificate[0] != 0 ||
                           strncmp(settings->config->http.public_url, "https:", 6) == 0);
    struct lws_context_creation_info info = {
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
        .foreign_loops = &http->loop,
        .user = http,
        .server_string = "incamera",
        .pt_serv_buf_size = IC_HTTP_BODY_PIECE,
        .max_http_header_data = HEADER_BYTES,
        .max_http_header_pool = 0, /* all that connect: with fewer, the slow keep out the others */
        .uid = -1,
        .gid = -1,
    };
    http->context = lws_create_context(&info);
    enum ic_err err = http->context ? start_identity(http) : IC_ERR_SYSTEM;
    if (err == IC_OK)
        err = listen_on_all(http);
    if (err == IC_OK)
        err = ic_http_metrics_listen(&(struct ic_http_metrics_settings){
            .context = http->context,
            .endpoints = &settings->config->metrics.listen,
            .headers = http->headers,
            .write = settings->write_metrics,
            .owner = settings->metrics_owner,
        });
    *out = http; /* also on failure: what was started has to be stopped */
    if (err == IC_OK)
        ic_origins_of(&http->origins, settings->config, http->port);
    return err;
}

uint16_t ic_http_port(const struct ic_http *http)
{
    return http->port;
}

const char *ic_http_public_url(const struct ic_http *http)
{
    return http->origins.at[0];
}

uint32_t ic_http_socket_count(const struct ic_http *http)
{
    return http->socket_count;
}

void ic_http_stop(struct ic_http *http)
{
    http->stopping = true;
    for (struct ic_socket *s = http->sockets; s; s = s->next)
        ic_socket_close(s, IC_CLOSE_STOPPING);
}
