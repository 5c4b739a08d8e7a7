/* knocking.h - how fast knocks reach those who may let in, from one address and in all, so that
 * strangers who have the link cannot fill their path. Who is let in has cost nothing: a class
 * behind one address comes in as fast as it is let in. Pure bookkeeping, forgotten with the
 * meeting. */
#pragma once

#include "server/bucket.h"
#include "server/place.h"

enum {
    IC_KNOCKS_OF_ADDRESS = 100, /* at once, and one a second after that */
    IC_KNOCKS_AT_ONCE = 200,    /* in all, and ten a second after that */
    IC_KNOCKS_A_SECOND = 10,
    IC_KNOCKING_ADDRESSES = 256,
};

/* All zero: nobody has knocked. */
struct ic_knocking {
    struct ic_knocking_address {
        uint8_t address[IC_ADDRESS_LEN];
        struct ic_bucket rate;
    } addresses[IC_KNOCKING_ADDRESSES];
    uint32_t count;
    struct ic_bucket all;
};

/* May somebody of this address knock now? Counts it. 0: yes; else milliseconds until it may. */
uint32_t ic_knocking_wait(struct ic_knocking *k, const uint8_t address[IC_ADDRESS_LEN],
                          int64_t now);

/* Somebody of this address who knocked so often was let in. */
void ic_knocking_give_back(struct ic_knocking *k, const uint8_t address[IC_ADDRESS_LEN],
                           uint32_t knocks);
