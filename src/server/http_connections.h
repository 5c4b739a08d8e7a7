/* http_connections.h - how many connections may be open that carry no WebSocket, from one address
 * and in all. Where there are too many, the one that has done nothing for the longest makes way, so
 * neither those that are slow nor those that are idle keep anybody out. And who sends far more than
 * a client has to say is cut off: in HTTP/2 there is much that only makes work (pings, settings,
 * headers without end), and the library keeps each answer that is not read. Like http.c it knows
 * libwebsockets; all calls are on the loop's thread. */
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include "server/config.h"

struct ic_http_connection;

struct ic_http_connections {
    const struct ic_config *config;
    struct ic_http_connection *oldest, **newest; /* by their last activity */
    struct ic_http_connection *carrying;         /* those with WebSockets */
    struct ic_http_connection *closing, *dying;  /* those that make way */
    uint32_t count;
    uint32_t leaving; /* that make way */
    uv_timer_t closer, trimmer, watch;
};

/* `config` and `loop` must live as long. */
void ic_http_connections_init(struct ic_http_connections *all, const struct ic_config *config,
                              uv_loop_t *loop);

/* May this socket become a connection? Where so many come at once that those which make way are not
 * gone yet, no more are taken. */
bool ic_http_connections_may(const struct ic_http_connections *all, int fd);

/* A connection was accepted. False: no memory. */
bool ic_http_connections_add(struct ic_http_connections *all, struct lws *wsi) IC_CHECKED;

/* `wsi` is one of the connection's requests, or the connection. */
void ic_http_connections_touch(struct ic_http_connections *all, struct lws *wsi);
void ic_http_connections_socket_opened(struct ic_http_connections *all, struct lws *wsi);
/* Bytes of messages that came. */
void ic_http_connections_heard(struct lws *wsi, size_t len);
void ic_http_connections_socket_closed(struct ic_http_connections *all, struct lws *wsi);

/* To be called for everything that ends; what is no connection is not minded. */
void ic_http_connections_remove(struct ic_http_connections *all, struct lws *wsi);
