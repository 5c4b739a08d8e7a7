/* http_peer.h - who is at the other end of a connection. Like http.c it knows libwebsockets. */
#pragma once

#include <libwebsockets.h>

#include "server/forwarded.h"

/* The address that the socket is connected to; all zero if it is to none. */
void ic_http_peer_of(uint8_t peer[IC_PEER_LEN], int fd);

/* The address that the connection comes from; all zero if it is gone. */
void ic_http_peer(uint8_t peer[IC_PEER_LEN], struct lws *wsi);

/* The address that the request of `wsi` comes from: the connection's, or what trusted proxies say.
 */
void ic_http_asker(uint8_t peer[IC_PEER_LEN], struct lws *wsi, const struct ic_addresses *proxies);
