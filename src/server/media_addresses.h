/* media_addresses.h - where browsers are told to send media. */
#pragma once

#include "server/config.h"

/* The configured addresses, else every interface's that is up, loopback last; link-local ones are
 * left out. `reachable`: there is one that is not loopback. */
enum ic_err ic_media_addresses(struct ic_addresses *out, const struct ic_config *config,
                               bool *reachable) IC_CHECKED;
