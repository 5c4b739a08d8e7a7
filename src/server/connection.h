/* connection.h - from an offer in JSON to the worker's transport: which lines are taken, with which
 * header extensions and SSRCs. No I/O; randomness is the only outside thing. */
#pragma once

#include "server/participant.h"

/* Do the offered lines fit together? At most one line per stream and per mid, 4 to send and 32
 * slots, codecs that fit, payload types that differ from RTCP's (RFC 5761). */
bool ic_connection_is_good(const struct ic_message *connect);

/* Fills `p->lines` from the offer, with new SSRCs, and takes its number. */
void ic_connection_take(struct ic_participant *p, const struct ic_message *connect);

/* New credentials of ours: characters that RFC 8839 allows, 64 and 128 random bits. */
void ic_connection_credentials(struct ic_ice_credentials *ours);
