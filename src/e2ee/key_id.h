/* key_id.h - what a key id of ours says: whose key, for which stream, of which epoch.
 *
 *    20      18 17                  8 7                0
 *   +----------+---------------------+------------------+
 *   |  stream  |        index        |   epoch number   |
 *   +----------+---------------------+------------------+
 *
 * The widths are fixed for the life of a meeting, so an id means the same to everybody however
 * many there are. */
#pragma once

#include "base/base.h"
#include "base/stream.h"

enum { IC_KEY_ID_BITS = 21, IC_KEY_ID_INDEX_BITS = 10 };

struct ic_key_id {
    enum ic_stream stream;
    unsigned index;
    uint8_t epoch;
};

static inline uint32_t ic_key_id_number(struct ic_key_id id)
{
    return (uint32_t)id.stream << 18 | (uint32_t)id.index << 8 | id.epoch;
}

/* False: no key of ours has this id. */
static inline bool ic_key_id_parse(struct ic_key_id *out, uint64_t number)
{
    if (number >> IC_KEY_ID_BITS != 0 || number >> 18 >= IC_STREAMS)
        return false;
    out->stream = (enum ic_stream)(number >> 18);
    out->index = (unsigned)(number >> 8) & ((1u << IC_KEY_ID_INDEX_BITS) - 1);
    out->epoch = (uint8_t)number;
    return true;
}
