/* http.c - libwebsockets on a foreign libuv loop.
 *
 * Traps of the library that this file is shaped by: a message may arrive in pieces of any size, so
 * the limit is kept here; lws_write() may be called once per writable call-back; an Origin is
 * refused with a status only from CONFIRM_UPGRADE; and with a foreign loop and two listeners,
 * destroying the context sometimes ran into the library's own assertion (a vhost destroyed before
 * its listener), so a stopping server closes its WebSockets and leaves the rest to the end of the
 * process. */
#include "server/http.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"
#include "crypto/tls_identity.h"
#include "server/http_bind.h"
#include "server/http_connections.h"
#include "server/http_headers.h"
#include "server/http_metrics.h"
#include "server/http_peer.h"
#include "server/origins.h"

#define SUBPROTOCOL "incamera.1"
#define SOCKET_PATH "/ws"

enum {
    PING_SECONDS = 10,
    HANG_UP_SECONDS = 20,
    CLOSE_SECONDS = 2,   /* for a peer that does not read what is queued before the close */
    HEADER_BYTES = 4096, /* of a request */
    ANSWER_HEADER_BYTES = 4096,
    BODY_PIECE = 16 * 1024,
    RECEIVE_PIECE = 4096,
    VHOST_HEADERS_MAX = 16,
    VHOST_NAME_SIZE = 64,
};

/* A message: bytes of its own, then what it shares with others. */
struct queued {
    struct queued *next;
    struct ic_text *rest; /* or NULL */
    size_t len, written;  /* of both together */
    size_t head_len;
    char head[];
};

struct ic_socket {
    struct lws *wsi;
    struct ic_http *http;
    struct ic_socket *next, **link; /* in http->sockets */
    void *data;
    uint8_t peer[IC_PEER_LEN];
    char *in; /* the message that is arriving, with room for a zero */
    size_t in_len, in_size, in_max;
    struct queued *first, **last;
    size_t queued_bytes, queue_max;
    uint16_t close_code; /* 0: open */
};

struct ic_http {
    const struct ic_http_settings *settings;
    void *loop; /* libwebsockets keeps a pointer to this pointer */
    struct lws_context *context;
    struct ic_tls_identity *identity; /* NULL: no TLS */
    struct ic_http_connections connections;
    struct ic_socket *sockets;
    uint32_t socket_count;
    uint16_t port;
    bool stopping;
    char names[IC_CONFIG_LISTEN_MAX][VHOST_NAME_SIZE]; /* libwebsockets keeps pointers */
    uint32_t name_count;
    struct ic_origins origins;
    struct lws_protocol_vhost_options headers[VHOST_HEADERS_MAX];
};

/* What is left to send of one answer. */
struct answer {
    const uint8_t *at;
    size_t left;
    bool open; /* the end has not been said yet */
};

static struct ic_http *http_of(struct lws *wsi)
{
    return lws_context_user(lws_get_context(wsi));
}

/* Which requests may become a WebSocket. */

static bool header_text(struct lws *wsi, enum lws_token_indexes token, char *text, int size)
{
    text[0] = 0;
    return lws_hdr_total_length(wsi, token) == 0 || lws_hdr_copy(wsi, text, size, token) >= 0;
}

/* A client that is not a browser sends no Origin. A browser always does, so `null` and every other
 * site are refused (A19). */
static bool origin_is_ours(const struct ic_http *http, struct lws *wsi)
{
    char origin[IC_ORIGIN_SIZE];

    return header_text(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin) &&
           (origin[0] == 0 || ic_origins_contain(&http->origins, origin));
}

/* Over HTTP/2 the request is a CONNECT with a :path (RFC 8441). */
static bool path_is_for_sockets(struct lws *wsi)
{
    char path[16];
    bool http2 = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COLON_PATH) > 0;

    return header_text(wsi, http2 ? WSI_TOKEN_HTTP_COLON_PATH : WSI_TOKEN_GET_URI, path,
                       sizeof path) &&
           strcmp(path, SOCKET_PATH) == 0;
}

static unsigned upgrade_refusal(struct lws *wsi)
{
    const struct ic_http *http = http_of(wsi);
    char protocol[32];

    if (!path_is_for_sockets(wsi))
        return HTTP_STATUS_NOT_FOUND;
    if (!origin_is_ours(http, wsi))
        return HTTP_STATUS_FORBIDDEN;
    if (!header_text(wsi, WSI_TOKEN_PROTOCOL, protocol, sizeof protocol) ||
        strcmp(protocol, SUBPROTOCOL) != 0)
        return HTTP_STATUS_BAD_REQUEST;
    if (http->stopping || http->socket_count >= http->settings->config->limits.sockets)
        return HTTP_STATUS_SERVICE_UNAVAILABLE;
    return 0;
}

/* Pages. */

static int write_headers(struct lws *wsi, unsigned status, const char *type, size_t len,
                         const char *etag)
{
    uint8_t buffer[LWS_PRE + ANSWER_HEADER_BYTES], *start = buffer + LWS_PRE, *p = start,
                                                   *end = buffer + sizeof buffer - 1;
    static const char cache[] = "no-cache"; /* ask again each time; the ETag makes that cheap */

    if (lws_add_http_common_headers(wsi, status, type, len, &p, end) ||
        lws_add_http_header_by_name(wsi, (const uint8_t *)"cache-control:", (const uint8_t *)cache,
                                    (int)strlen(cache), &p, end) ||
        (etag && lws_add_http_header_by_name(wsi, (const uint8_t *)"etag:", (const uint8_t *)etag,
                                             (int)strlen(etag), &p, end)) ||
        lws_finalize_write_http_header(wsi, start, &p, end))
        return -1;
    return 0;
}

static int completed(struct lws *wsi)
{
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int begin_body(struct lws *wsi, struct answer *answer, const void *bytes, size_t len)
{
    *answer = (struct answer){bytes, len, true};
    lws_callback_on_writable(wsi);
    return 0;
}

/* Over HTTP/2 the library ends a stream only with data, so an empty piece has to be sent. */
static int without_body(struct lws *wsi, struct answer *answer)
{
    bool http2 = lws_get_network_wsi(wsi) != wsi;
    return http2 ? begin_body(wsi, answer, NULL, 0) : completed(wsi);
}

static int refuse(struct lws *wsi, struct answer *answer, unsigned status)
{
    static const char text[] = "incamera does not serve this.\n";

    if (write_headers(wsi, status, "text/plain; charset=utf-8", strlen(text), NULL) != 0)
        return -1;
    return begin_body(wsi, answer, text, strlen(text));
}

enum method { METHOD_GET, METHOD_HEAD, METHOD_OTHER };

static enum method method_of(struct lws *wsi)
{
    char method[8];

    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COLON_METHOD) > 0) { /* HTTP/2 */
        if (!header_text(wsi, WSI_TOKEN_HTTP_COLON_METHOD, method, sizeof method))
            return METHOD_OTHER;
        return strcmp(method, "GET") == 0    ? METHOD_GET
               : strcmp(method, "HEAD") == 0 ? METHOD_HEAD
                                             : METHOD_OTHER;
    }
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0)
        return METHOD_HEAD;
    return lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0 ? METHOD_GET : METHOD_OTHER;
}

static int serve(struct lws *wsi, struct answer *answer, const char *path)
{
    const struct ic_web_file *file = ic_web_files_find(http_of(wsi)->settings->files, path);
    enum method method = method_of(wsi);
    char known[IC_WEB_ETAG_SIZE];

    *answer = (struct answer){0};
    if (method == METHOD_OTHER)
        return refuse(wsi, answer, HTTP_STATUS_METHOD_NOT_ALLOWED);
    if (!file)
        return refuse(wsi, answer, HTTP_STATUS_NOT_FOUND);
    if (header_text(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, known, sizeof known) &&
        strcmp(known, file->etag) == 0)
        return write_headers(wsi, HTTP_STATUS_NOT_MODIFIED, file->type, file->bytes.len,
                             file->etag) != 0
                   ? -1
                   : without_body(wsi, answer);
    if (write_headers(wsi, HTTP_STATUS_OK, file->type, file->bytes.len, file->etag) != 0)
        return -1;
    if (method == METHOD_HEAD || file->bytes.len == 0)
        return without_body(wsi, answer);
    return begin_body(wsi, answer, file->bytes.at, file->bytes.len);
}

static int write_body(struct lws *wsi, struct answer *answer)
{
    uint8_t buffer[LWS_PRE + BODY_PIECE];
    size_t piece = answer->left < BODY_PIECE ? answer->left : BODY_PIECE;
    lws_fileofs_t allowed = lws_get_peer_write_allowance(wsi); /* HTTP/2; -1: no limit */

    if (!answer->open)
        return 0;
    if (allowed == 0 && piece > 0)
        return 0; /* the peer's window update makes the stream writable again */
    if (allowed > 0 && (size_t)allowed < piece)
        piece = (size_t)allowed;
    if (piece > 0)
        memcpy(buffer + LWS_PRE, answer->at, piece);
    bool is_last = piece == answer->left;
    if (lws_write(wsi, buffer + LWS_PRE, piece, is_last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP) <
        (int)piece)
        return -1;
    answer->at += piece;
    answer->left -= piece;
    answer->open = !is_last;
    if (is_last)
        return completed(wsi);
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t len)
{
    struct ic_http *http = http_of(wsi);
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
        status = strcmp(in, "websocket") == 0 ? upgrade_refusal(wsi) : HTTP_STATUS_NOT_FOUND;
        if (status == 0)
            return 0;
        return write_headers(wsi, status, "text/plain; charset=utf-8", 0, NULL) != 0 ? -1 : 1;
    case LWS_CALLBACK_HTTP:
        ic_http_connections_touch(&http->connections, wsi);
        return serve(wsi, user, in);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        ic_http_connections_touch(&http->connections, wsi);
        return write_body(wsi, user);
    default:
        return 0;
    }
}

/* WebSockets. */

static void open_socket(struct ic_socket *s, struct lws *wsi)
{
    struct ic_http *http = http_of(wsi);

    *s = (struct ic_socket){.wsi = wsi,
                            .http = http,
                            .next = http->sockets,
                            .in_max = IC_MESSAGE_MAX,
                            .queue_max = IC_SOCKET_QUEUE_MAX};
    s->last = &s->first;
    s->link = &http->sockets;
    if (s->next)
        s->next->link = &s->next;
    http->sockets = s;
    http->socket_count++;
    ic_http_connections_socket_opened(&http->connections, wsi);
    ic_http_asker(s->peer, wsi, &http->settings->config->http.trusted_proxies);
    http->settings->events->opened(http->settings->owner, s);
}

static void forget_first(struct ic_socket *s)
{
    struct queued *q = s->first;

    s->first = q->next;
    if (!s->first)
        s->last = &s->first;
    s->queued_bytes -= q->len;
    ic_text_unref(q->rest);
    free(q);
}

static void forget_queue(struct ic_socket *s)
{
    while (s->first)
        forget_first(s);
}

static void close_socket(struct ic_socket *s)
{
    if (!s->http)
        return; /* never opened */
    s->http->settings->events->closed(s->http->settings->owner, s);
    forget_queue(s);
    free(s->in);
    *s->link = s->next;
    if (s->next)
        s->next->link = s->link;
    s->http->socket_count--;
    ic_http_connections_socket_closed(&s->http->connections, s->wsi);
    s->http = NULL;
}

static int cut(struct ic_socket *s, enum ic_close_code code)
{
    s->close_code = code;
    forget_queue(s);
    lws_close_reason(s->wsi, (enum lws_close_status)code, NULL, 0);
    return -1;
}

static bool make_room(struct ic_socket *s, size_t len)
{
    if (s->in_len + len < s->in_size)
        return true;
    size_t size = (s->in_len + len + RECEIVE_PIECE) / RECEIVE_PIECE * RECEIVE_PIECE;
    char *grown = realloc(s->in, size);
    if (!grown)
        return false;
    s->in = grown;
    s->in_size = size;
    return true;
}

static void deliver(struct ic_socket *s)
{
    s->in[s->in_len] = 0;
    s->http->settings->events->message(s->http->settings->owner, s, s->in, s->in_len);
    s->in_len = 0;
    if (s->in_size > RECEIVE_PIECE) {
        free(s->in);
        s->in = NULL;
        s->in_size = 0;
    }
}

static int receive(struct ic_socket *s, const void *in, size_t len)
{
    ic_http_connections_heard(s->wsi, len);
    if (s->close_code != 0)
        return 0;
    if (lws_frame_is_binary(s->wsi))
        return cut(s, IC_CLOSE_NOT_TEXT);
    if (s->in_len + len > s->in_max)
        return cut(s, IC_CLOSE_TOO_BIG);
    if (!make_room(s, len))
        return -1;
    if (len > 0)
        memcpy(s->in + s->in_len, in, len);
    s->in_len += len;
    if (lws_is_final_fragment(s->wsi) && lws_remaining_packet_payload(s->wsi) == 0)
        deliver(s);
    return 0;
}

/* Copies what comes next of a message, at most a piece; returns how much. */
static size_t next_piece(const struct queued *q, unsigned char *out)
{
    size_t len = q->len - q->written, copied = 0;

    if (len > IC_PIECE_MAX)
        len = IC_PIECE_MAX;
    if (q->written < q->head_len) {
        copied = q->head_len - q->written < len ? q->head_len - q->written : len;
        memcpy(out, q->head + q->written, copied);
    }
    if (copied < len)
        memcpy(out + copied, q->rest->at + (q->written + copied - q->head_len), len - copied);
    return len;
}

/* In pieces, because the library keeps a copy of what a socket does not take at once. */
static int write_next(struct ic_socket *s)
{
    unsigned char buffer[LWS_PRE + IC_PIECE_MAX];
    struct queued *q = s->first;

    if (!q)
        return 0;
    size_t len = next_piece(q, buffer + LWS_PRE);
    int kind = q->written == 0 ? LWS_WRITE_TEXT : LWS_WRITE_CONTINUATION;
    bool is_last = q->written + len == q->len;
    if (!is_last)
        kind |= LWS_WRITE_NO_FIN;
    if (lws_write(s->wsi, buffer + LWS_PRE, len, (enum lws_write_protocol)kind) < (int)len)
        return -1;
    q->written += len;
    if (is_last)
        forget_first(s);
    if (s->first)
        lws_callback_on_writable(s->wsi);
    else if (s->close_code != 0)
        lws_set_timer_usecs(s->wsi, 1);
    return 0;
}

static int close_now(struct ic_socket *s)
{
    lws_close_reason(s->wsi, (enum lws_close_status)s->close_code, NULL, 0);
    return -1;
}

static int on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                     size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        /* HTTP/2 comes by here only. Answering with a status, too, made the library send on a
         * closed stream, which costs the whole connection. */
        return upgrade_refusal(wsi) == 0 ? 0 : -1;
    case LWS_CALLBACK_ESTABLISHED:
        open_socket(user, wsi);
        return 0;
    case LWS_CALLBACK_RECEIVE:
        return receive(user, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return write_next(user);
    case LWS_CALLBACK_TIMER:
        return close_now(user);
    case LWS_CALLBACK_CLOSED:
        close_socket(user);
        return 0;
    default:
        return 0;
    }
}

void ic_socket_send_with(struct ic_socket *s, const char *head, size_t head_len,
                         struct ic_text *rest)
{
    size_t len = head_len + (rest ? rest->len : 0);

    if (s->close_code != 0)
        return;
    struct queued *q = s->queued_bytes + len <= s->queue_max ? malloc(sizeof *q + head_len) : NULL;
    if (!q) {
        forget_queue(s);
        ic_socket_close(s, IC_CLOSE_POLICY);
        return;
    }
    *q = (struct queued){.rest = ic_text_ref(rest), .len = len, .head_len = head_len};
    memcpy(q->head, head, head_len);
    *s->last = q;
    s->last = &q->next;
    s->queued_bytes += len;
    lws_callback_on_writable(s->wsi);
}

void ic_socket_send(struct ic_socket *s, const char *text, size_t len)
{
    ic_socket_send_with(s, text, len, NULL);
}

void ic_socket_send_text(struct ic_socket *s, struct ic_text *text)
{
    ic_socket_send_with(s, "", 0, text);
}

void ic_socket_allow(struct ic_socket *s, size_t message_max, size_t queue_max)
{
    s->in_max = message_max;
    s->queue_max = queue_max;
}

void ic_socket_close(struct ic_socket *s, enum ic_close_code code)
{
    if (s->close_code != 0)
        return;
    s->close_code = code;
    lws_set_timeout(s->wsi, PENDING_TIMEOUT_USER_REASON_BASE, CLOSE_SECONDS);
    if (!s->first)
        lws_set_timer_usecs(s->wsi, 1);
}

void ic_socket_set_data(struct ic_socket *s, void *data)
{
    s->data = data;
}

void *ic_socket_data(const struct ic_socket *s)
{
    return s->data;
}

const uint8_t *ic_socket_peer(const struct ic_socket *s)
{
    return s->peer;
}

/* Starting and stopping. */

static const struct lws_protocols protocols[] = {
    {.name = "http", .callback = on_http, .per_session_data_size = sizeof(struct answer)},
    {.name = SUBPROTOCOL,
     .callback = on_socket,
     .per_session_data_size = sizeof(struct ic_socket),
     .rx_buffer_size = RECEIVE_PIECE},
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

    snprintf(name, VHOST_NAME_SIZE, "%s/%u", at->address, port);
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
        .pt_serv_buf_size = BODY_PIECE,
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
