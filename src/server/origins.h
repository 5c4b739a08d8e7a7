/* origins.h - the origins (scheme://host[:port]) that are this server, for links and for the check
 * of who may open a WebSocket. */
#pragma once

#include "server/config.h"

enum { IC_ORIGINS_MAX = 2 * IC_CONFIG_LISTEN_MAX + 1, IC_ORIGIN_SIZE = IC_CONFIG_TEXT_SIZE };

/* The first is the address that people open. */
struct ic_origins {
    char at[IC_ORIGINS_MAX][IC_ORIGIN_SIZE];
    uint32_t count;
};

/* `chosen_port` stands in for a configured port 0. */
void ic_origins_of(struct ic_origins *out, const struct ic_config *config, uint16_t chosen_port);

bool ic_origins_contain(const struct ic_origins *origins, const char *origin);
