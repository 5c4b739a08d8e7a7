/* srtp_streams.h - which indexes of each SSRC were used (RFC 3711 section 3.3.2), in a table of
 * fixed size. One thread at a time. */
#pragma once

#include "base/base.h"

/* Bit `index % size` of `bits` tells of the last `size` indexes. */
struct ic_srtp_stream {
    uint32_t ssrc;
    bool started;
    uint32_t size; /* of the window, in bits; a power of two */
    uint64_t newest;
    uint64_t bits[];
};

struct ic_srtp_streams {
    uint8_t *memory; /* `count` of `capacity` streams, `stride` bytes apart: each in one place */
    uint16_t *slots; /* number of a stream plus one, 0: free; open addressing */
    uint32_t window_size;
    uint16_t count, capacity, stride, slot_count;
};

/* Bytes of `capacity` streams with windows of so many bits. */
size_t ic_srtp_streams_size(size_t capacity, uint32_t window_size);
/* In `memory`, which is zeroed, ic_srtp_streams_size() long and outlives the table. */
void ic_srtp_streams_init(struct ic_srtp_streams *s, uint8_t *memory, size_t capacity,
                          uint32_t window_size);

/* NULL when there is none. */
struct ic_srtp_stream *ic_srtp_streams_find(const struct ic_srtp_streams *s, uint32_t ssrc);
/* New if need be; NULL when the table is full. */
struct ic_srtp_stream *ic_srtp_streams_add(struct ic_srtp_streams *s, uint32_t ssrc);

/* Was the index not used, and is it not behind the window? */
bool ic_srtp_stream_allows(const struct ic_srtp_stream *s, uint64_t index);
void ic_srtp_stream_mark(struct ic_srtp_stream *s, uint64_t index);
