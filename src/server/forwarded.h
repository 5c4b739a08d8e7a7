/* forwarded.h - for whom a proxy asks. Pure: addresses and a header in, an address out.
 *
 * Anybody can send an X-Forwarded-For, so only what a trusted proxy added to it counts: the list is
 * read from its end, as long as the address in hand is a trusted proxy's. */
#pragma once

#include "server/config.h"

enum { IC_PEER_LEN = 16 /* IPv6, or IPv4 mapped into it */ };

/* Is that one of `proxies`? */
bool ic_forwarded_is_trusted(const uint8_t peer[IC_PEER_LEN], const struct ic_addresses *proxies);

/* `peer` is whose connection it is, and becomes for whom that one asks. What is no list of
 * addresses is believed up to there, so `peer` is then a proxy's. */
void ic_forwarded_peer(uint8_t peer[IC_PEER_LEN], const struct ic_addresses *proxies,
                       const char *x_forwarded_for);
