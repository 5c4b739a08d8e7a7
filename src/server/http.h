/* http.h - pages and WebSockets on our libuv loop.
 *
 * http*.c are the only files that know libwebsockets: HTTP/1.1, HTTP/2 and TLS are its
 * work; what is served, which Origin may open a WebSocket, how big a message and a queue may be are
 * ours. Every answer carries the headers of http_headers.h. All calls and call-backs are on the
 * loop's thread.
 */
#pragma once

#include <uv.h>

#include "server/config.h"
#include "server/forwarded.h"
#include "server/text.h"
#include "server/web_files.h"

enum {
    IC_MESSAGE_MAX = 64 * 1024,        /* bytes of one message, over all its fragments */
    IC_SOCKET_QUEUE_MAX = 1024 * 1024, /* bytes waiting for a reader that is slow */
    IC_PIECE_MAX = 16 * 1024,          /* a longer message leaves in fragments of so much */
};

/* RFC 6455 section 7.4.1, and one of our own. docs/protocol.md says when. */
enum ic_close_code {
    IC_CLOSE_NORMAL = 1000,
    IC_CLOSE_STOPPING = 1001,
    IC_CLOSE_NOT_TEXT = 1003,
    IC_CLOSE_POLICY = 1008,
    IC_CLOSE_TOO_BIG = 1009,
    IC_CLOSE_ELSEWHERE = 4001,
};

struct ic_http;
struct ic_socket; /* one WebSocket; lives from `opened` until `closed` returns */

struct ic_http_events {
    void (*opened)(void *owner, struct ic_socket *socket);
    /* A whole text message, zero-terminated; `text` is lent. Not after ic_socket_close(). */
    void (*message)(void *owner, struct ic_socket *socket, const char *text, size_t len);
    void (*closed)(void *owner, struct ic_socket *socket);
};

struct ic_http_settings {
    uv_loop_t *loop;
    const struct ic_config *config;
    const struct ic_web_files *files;
    const struct ic_http_events *events;
    void *owner;
    void (*write_metrics)(FILE *out, void *metrics_owner); /* for config->metrics.listen */
    void *metrics_owner;
};

/* Listens. `settings` and what it points to must live as long as `out`. The reason of a failure is
 * logged. */
enum ic_err ic_http_start(struct ic_http **out, const struct ic_http_settings *settings) IC_CHECKED;

/* The port of the first endpoint, after the system chose it. */
uint16_t ic_http_port(const struct ic_http *http);

/* The address to open: scheme://host[:port], without a slash at the end. */
const char *ic_http_public_url(const struct ic_http *http);

/* With TLS only: reads certificate and key again, for connections to come. If they are of no use
 * the present ones stay, and one line says why. */
void ic_http_renew_certificate(struct ic_http *http);

/* Accepts nothing new and closes every WebSocket after what is queued for it. There is no free: the
 * server listens as long as the process lives (http.c says why). */
void ic_http_stop(struct ic_http *http);
uint32_t ic_http_socket_count(const struct ic_http *http);

/* Queues a copy of `text`. A reader that lets too much pile up is closed. */
void ic_socket_send(struct ic_socket *socket, const char *text, size_t len);

/* Queues a reference to `text`: however many get it, it is in memory once. */
void ic_socket_send_text(struct ic_socket *socket, struct ic_text *text);

/* One message: a copy of `head`, then `rest`, which is shared. */
void ic_socket_send_with(struct ic_socket *socket, const char *head, size_t len,
                         struct ic_text *rest);

/* Other limits than IC_MESSAGE_MAX and IC_SOCKET_QUEUE_MAX, from now on. */
void ic_socket_allow(struct ic_socket *socket, size_t message_max, size_t queue_max);

/* Closes after what is queued; nothing more is received. The second call does nothing. */
void ic_socket_close(struct ic_socket *socket, enum ic_close_code code);

void ic_socket_set_data(struct ic_socket *socket, void *data);
void *ic_socket_data(const struct ic_socket *socket);

/* The address of who asks, IC_PEER_LEN bytes: for throttling only, never stored or logged. */
const uint8_t *ic_socket_peer(const struct ic_socket *socket);
