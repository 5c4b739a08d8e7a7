/* http_bind.h - what libwebsockets does not say of an address that it cannot listen on. */
#pragma once

#include "base/log.h"
#include "server/config.h"

/* Why binding to `at` fails now, as errno; 0: it does not. */
int ic_http_bind_errno(const struct ic_endpoint *at);

void ic_http_say_cannot_listen(enum ic_log_level level, const struct ic_endpoint *at,
                               const char *reason);

/* The options of a listener that takes its own family of addresses only. */
uint64_t ic_http_family_options(const struct ic_endpoint *at);
