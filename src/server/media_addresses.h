/* media_addresses.h - where browsers are told to send media. */
#pragma once

#include "server/config.h"

/* The configured addresses, else every interface's that is up, loopback last and only if
 * http.public_url is loopback or empty, or there is no other; link-local ones are left out.
 * `reachable`: there is one that is not loopback. */
enum ic_err ic_media_addresses(struct ic_addresses *out, const struct ic_config *config,
                               bool *reachable) IC_CHECKED;

/* Drops the loopback addresses of `all` where only other computers would be told of them: for each
 * of those they lead to itself. Keeps them when there are no others. */
void ic_media_addresses_narrow(struct ic_addresses *all, const struct ic_config *config);
