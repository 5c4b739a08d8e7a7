/* http_private.h - what the files of the HTTP server share: http.c listens, http_pages.c answers
 * requests, http_socket.c speaks over WebSockets. */
#pragma once

#include <libwebsockets.h>

#include "server/http.h"
#include "server/http_connections.h"
#include "server/http_headers.h"
#include "server/origins.h"

#define IC_HTTP_SUBPROTOCOL "incamera.1"

enum {
    IC_HTTP_ANSWER_HEADERS = 4096, /* bytes */
    IC_HTTP_BODY_PIECE = 16 * 1024,
    IC_HTTP_RECEIVE_PIECE = 4096,
    IC_HTTP_VHOST_HEADERS_MAX = 16,
    IC_HTTP_VHOST_NAME_SIZE = 64,
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
    char names[IC_CONFIG_LISTEN_MAX][IC_HTTP_VHOST_NAME_SIZE]; /* libwebsockets keeps pointers */
    uint32_t name_count;
    struct ic_origins origins;
    struct lws_protocol_vhost_options headers[IC_HTTP_VHOST_HEADERS_MAX];
};

/* What is left to send of one answer. */
struct ic_http_answer {
    const uint8_t *at;
    size_t left;
    bool open; /* the end has not been said yet */
};

struct ic_http *ic_http_of(struct lws *wsi);

/* Copies a header; an absent one is empty. False: it does not fit. */
bool ic_http_header_text(struct lws *wsi, enum lws_token_indexes token, char *text,
                         int size) IC_CHECKED;

/* These return what libwebsockets wants of a call-back: 0, or -1 to close. */
int ic_http_write_headers(struct lws *wsi, unsigned status, const char *type, size_t len,
                          const char *etag);
int ic_http_serve(struct lws *wsi, struct ic_http_answer *answer, const char *path);
int ic_http_write_body(struct lws *wsi, struct ic_http_answer *answer);

/* The status that refuses a request to become a WebSocket; 0: it may. */
unsigned ic_http_upgrade_refusal(struct lws *wsi);

/* Of the protocol IC_HTTP_SUBPROTOCOL; the session is a struct ic_socket. */
int ic_http_on_socket(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                      size_t len);
