/* counter.h - the frame counter of one key. A nonce is made of it (RFC 9605 section 4.4.3), and a
 * nonce used twice with one key gives away the authentication key: so the counter belongs to the
 * key and not to whoever seals with it, and it is handed out in blocks that never overlap. */
#pragma once

#include "base/base.h"

enum {
    IC_COUNTER_LIMIT = 1 << 24, /* frames of one key; at 90 a second that is two days */
    IC_COUNTER_BLOCK = 256,
};

struct ic_counter {
    uint64_t leased; /* all before it are somebody's */
};

/* [next, end) belongs to one sealer alone. */
struct ic_counter_lease {
    uint64_t next, end;
};

/* IC_ERR_EXHAUSTED: the key must not be used any more. */
enum ic_err ic_counter_lease(struct ic_counter *counter, struct ic_counter_lease *out) IC_CHECKED;
