/* rtx.h - the packet inside a retransmission (RFC 4588 section 4). */
#pragma once

#include "base/base.h"
#include "media/rtp.h"

enum { IC_RTX_OSN_LEN = 2 }; /* the original sequence number in front of the payload */

/* Turns a retransmission into the packet it repeats, in place, two bytes further on. `rtp` is the
 * view of `packet`, and becomes that of the result, which has this `ssrc` and `pt`.
 * IC_ERR_NOT_FOUND: only padding, sent to probe the path. On error nothing has changed. */
enum ic_err ic_rtx_unwrap(uint8_t *packet, struct ic_rtp *rtp, uint32_t ssrc,
                          uint8_t pt) IC_CHECKED;
