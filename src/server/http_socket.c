/* http_socket.c - WebSockets: which requests may become one, whole messages in, queued messages
 * out.
 *
 * Traps of the library that this file is shaped by: a message may arrive in pieces of any size, so
 * the limit is kept here; lws_write() may be called once per writable call-back. */
#include <stdlib.h>
#include <string.h>

#include "server/http_peer.h"
#include "server/http_private.h"

#define SOCKET_PATH "/ws"

enum { CLOSE_SECONDS = 2 }; /* for a peer that does not read what is queued before the close */

/* A client that is not a browser sends no Origin. A browser always does, so `null` and every other
 * site are refused (A19). */
static bool origin_is_ours(const struct ic_http *http, struct lws *wsi)
{
    char origin[IC_ORIGIN_SIZE];

    return ic_http_header_text(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin) &&
           (origin[0] == 0 || ic_origins_contain(&http->origins, origin));
}

/* Over HTTP/2 the request is a CONNECT with a :path (RFC 8441). */
static bool path_is_for_sockets(struct lws *wsi)
{
    char path[16];
    bool http2 = lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_COLON_PATH) > 0;

    return ic_http_header_text(wsi, http2 ? WSI_TOKEN_HTTP_COLON_PATH : WSI_TOKEN_GET_URI, path,
                               sizeof path) &&
           strcmp(path, SOCKET_PATH) == 0;
}

unsigned ic_http_upgrade_refusal(struct lws *wsi)
{
    const struct ic_http *http = ic_http_of(wsi);
    char protocol[32];

    if (!path_is_for_sockets(wsi))
        return HTTP_STATUS_NOT_FOUND;
    if (!origin_is_ours(http, wsi))
        return HTTP_STATUS_FORBIDDEN;
    if (!ic_http_header_text(wsi, WSI_TOKEN_PROTOCOL, protocol, sizeof protocol) ||
        strcmp(protocol, IC_HTTP_SUBPROTOCOL) != 0)
        return HTTP_STATUS_BAD_REQUEST;
    if (http->stopping || http->socket_count >= http->settings->config->limits.sockets)
        return HTTP_STATUS_SERVICE_UNAVAILABLE;
    return 0;
}

static void open_socket(struct ic_socket *s, struct lws *wsi)
{
    struct ic_http *http = ic_http_of(wsi);

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
    size_t size =
        (s->in_len + len + IC_HTTP_RECEIVE_PIECE) / IC_HTTP_RECEIVE_PIECE * IC_HTTP_RECEIVE_PIECE;
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
    if (s->in_size > IC_HTTP_RECEIVE_PIECE) {
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
    IC_UNCLEARED unsigned char buffer[LWS_PRE + IC_PIECE_MAX];
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

int ic_http_on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len)
{
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        /* HTTP/2 comes by here only. Answering with a status, too, made the library send on a
         * closed stream, which costs the whole connection. */
        return ic_http_upgrade_refusal(wsi) == 0 ? 0 : -1;
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
    if (s->first)
        return;
    lws_set_timer_usecs(s->wsi, 1);
    /* Else the timer would run with the library's next event: a ping, which overwrites the code. */
    lws_callback_on_writable(s->wsi);
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
