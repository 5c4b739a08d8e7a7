/* framing.h - packets over a TCP stream: two bytes of length before each (RFC 4571 section 2). */
#pragma once

#include "base/base.h"

enum {
    IC_FRAMING_HEAD_LEN = 2,
    IC_FRAMING_PACKET_MAX = 1500,
    IC_FRAMING_INPUT_SIZE = 4096, /* at least one whole frame */
};

/* What has come of a stream and was not yet taken out. */
struct ic_framing {
    uint8_t bytes[IC_FRAMING_INPUT_SIZE];
    size_t len;
    size_t taken;
};

/* Where the next bytes of the stream go, never empty after ic_framing_next() said there is no whole
 * frame left. Tell with ic_framing_grew() how many came. */
uint8_t *ic_framing_room(struct ic_framing *f, size_t *room_len);
void ic_framing_grew(struct ic_framing *f, size_t len);

/* The next whole packet; it lies in `f` and may be changed in place until ic_framing_room().
 * IC_ERR_NOT_FOUND: more must come first. IC_ERR_MALFORMED: a length of 0 or over
 * IC_FRAMING_PACKET_MAX: nothing after it can be trusted, close the connection. */
enum ic_err ic_framing_next(struct ic_framing *f, uint8_t **packet, size_t *len) IC_CHECKED;
