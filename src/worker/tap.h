/* tap.h - a test build's record of every payload that the worker handles (SEC-01).
 *
 * Exists only with the meson option `payload_tap`, which a release build refuses. */
#pragma once

#include "media/publisher.h"

#ifdef IC_PAYLOAD_TAP

/* Reads the environment: INCAMERA_PAYLOAD_TAP names the file to append to; INCAMERA_PAYLOAD_NOISE=1
 * asks for noise. */
void ic_tap_open(void);

/* One decrypted RTP packet. With noise, its payload is overwritten, but for what an end-to-end
 * encrypted frame shows: payload descriptor and constant header. */
void ic_tap_packet(const struct ic_publisher *from, uint8_t *bytes, size_t len);

#else

static inline void ic_tap_open(void)
{
}

static inline void ic_tap_packet(const struct ic_publisher *from, uint8_t *bytes, size_t len)
{
    (void)from;
    (void)bytes;
    (void)len;
}

#endif
