/* http_connections.h - how many connections may be open that carry no WebSocket, from one address
 * and in all. Where there are too many, the one that has done nothing for the longest makes way, so
 * neither those that are slow nor those that are idle keep anybody out. Like http.c it knows
 * libwebsockets; all calls are on the loop's thread. */
#pragma once

#include <libwebsockets.h>

#include "server/config.h"

struct ic_http_connection;

struct ic_http_connections {
    const struct ic_config *config;
    struct ic_http_connection *oldest, **newest; /* by their last activity */
    uint32_t count;
};

/* `config` must live as long. */
void ic_http_connections_init(struct ic_http_connections *all, const struct ic_config *config);

/* A connection was accepted. False: no memory. */
bool ic_http_connections_add(struct ic_http_connections *all, struct lws *wsi) IC_CHECKED;

/* `wsi` is one of the connection's requests, or the connection. */
void ic_http_connections_touch(struct ic_http_connections *all, struct lws *wsi);
void ic_http_connections_socket_opened(struct ic_http_connections *all, struct lws *wsi);
void ic_http_connections_socket_closed(struct ic_http_connections *all, struct lws *wsi);

/* To be called for everything that ends; what is no connection is not minded. */
void ic_http_connections_remove(struct ic_http_connections *all, struct lws *wsi);
