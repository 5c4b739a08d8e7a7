/* relay_addresses.h - where the TURN servers' names lead, so that a media process can tell which
 * clients come through one. For metrics only: nothing waits for it or depends on it. */
#pragma once

#include <uv.h>

#include "base/address.h"
#include "server/config.h"

/* Called once per relay whose name was found. */
typedef void ic_relay_address_found(void *owner, const struct ic_address *addresses,
                                    uint32_t count);

/* Looks all of them up, once. `urls` and `owner` must outlive the loop. */
void ic_relay_addresses_find(uv_loop_t *loop, const struct ic_relay_urls *urls,
                             ic_relay_address_found *found, void *owner);
