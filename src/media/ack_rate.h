/* ack_rate.h - how many bits a second arrive at the receiver, by its own clock. */
#pragma once

#include "base/base.h"

enum { IC_ACK_BUCKETS = 10 };

#define IC_ACK_BUCKET (50 * IC_NS_PER_MS) /* so the window is half a second */

struct ic_ack_rate {
    bool started;
    int64_t first; /* number of the bucket of the first packet */
    int64_t newest;
    uint32_t bytes[IC_ACK_BUCKETS];
};

void ic_ack_rate_init(struct ic_ack_rate *r);
void ic_ack_rate_note(struct ic_ack_rate *r, size_t len, int64_t arrived);

/* 0 while too little has arrived to tell. */
uint32_t ic_ack_rate_bps(const struct ic_ack_rate *r);

/* More arrives just now than lately: who began to send more has not seen yet what gets through. */
bool ic_ack_rate_rises(const struct ic_ack_rate *r);
