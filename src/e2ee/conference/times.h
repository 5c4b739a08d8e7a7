/* times.h - how long members wait for each other. What docs/security.md says of these to people, a
 * test compares. */
#pragma once

#include "base/base.h"

enum { IC_FEW_MEMBERS = 16 }; /* up to these, the heart of everybody beats so often: */
#define IC_BEAT_NS (5 * IC_NS_PER_SEC)
#define IC_QUIET_NS (15 * IC_NS_PER_SEC)      /* nobody vouches for our epoch: stop sending */
#define IC_SEND_LATER_NS (400 * IC_NS_PER_MS) /* at the latest, sealing moves to a new epoch */
#define IC_KEEP_NS (10 * IC_NS_PER_SEC)       /* the epochs before go on opening */
#define IC_KEEP_AFTER_REMOVAL_NS (500 * IC_NS_PER_MS)
