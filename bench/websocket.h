/* websocket.h - just enough of RFC 6455 to speak with a server on this machine, one message after
 * the other: blocking, no TLS, no extensions. */
#pragma once

#include "base/base.h"

enum { BENCH_WEBSOCKET_MAX = 256 * 1024 };

/* Returns a descriptor, or -1 while nobody listens. */
int bench_websocket_open(uint16_t port, const char *protocol);

bool bench_websocket_send(int fd, const char *text);

/* The next text message, zero-terminated, until the next call; NULL when the connection ends or
 * nothing came for 10 s. */
const char *bench_websocket_receive(int fd);
