/* throttle.h - how fast somebody may be wrong (ACC-09).
 *
 * Every refused way in costs its address, and the meeting that was asked for whether or not it
 * exists. An address that has nothing left waits before it is even listened to. A meeting that has
 * nothing left makes each further wrong try cost its address more; a right proof still enters, so
 * nobody can lock others out by guessing. Addresses are in this table only, and forgotten when the
 * debt is paid. The size is fixed; when it is full, the smallest debt is forgotten first. */
#pragma once

#include "base/base.h"

enum { IC_THROTTLE_KEY_LEN = 16 };

struct ic_throttle;

struct ic_throttle *ic_throttle_new(void);
void ic_throttle_free(struct ic_throttle *throttle);

/* Milliseconds until `peer` (an IPv6 address, or IPv4 mapped into it; IPv6 counts by its /64) may
 * try again; 0: now. */
uint32_t ic_throttle_wait(struct ic_throttle *throttle, const uint8_t peer[IC_THROTTLE_KEY_LEN],
                          int64_t now);

/* Notes one wrong try; returns the milliseconds to wait, the same for a meeting that exists and one
 * that does not. */
uint32_t ic_throttle_fail(struct ic_throttle *throttle, const uint8_t peer[IC_THROTTLE_KEY_LEN],
                          const uint8_t meeting[IC_THROTTLE_KEY_LEN], int64_t now);
