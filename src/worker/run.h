/* run.h - which of one receiver's waiting packets travel as one message.
 *
 * The kernel splits a UDP_SEGMENT message into datagrams of one size; only the last may be
 * shorter. A message of 16 costs little more than a message of one, so the packets of a
 * frame are handed over together. No I/O: net_io.c asks, and sends. */
#pragma once

#include "base/base.h"

enum {
    IC_RUN_PACKETS_MAX = 32,  /* the kernel takes 64; the gain is small after 16 */
    IC_RUN_BYTES_MAX = 65000, /* of a UDP datagram's 65,507 */
};

/* How many of the first `count` packets make one message: at least 1, given one packet. The order
 * of packets is kept. With `segmenting` false every packet travels alone. */
size_t ic_run_of(const uint16_t *lens, size_t count, bool segmenting);
