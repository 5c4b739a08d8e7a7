/* srtp_streams.c - the replay lists of RFC 3711 section 3.3.2, found by SSRC. */
#include "media/srtp_streams.h"

#include <assert.h>

enum { SLOTS_PER_STREAM = 2 }; /* half full at most */

bool ic_srtp_stream_allows(const struct ic_srtp_stream *s, uint64_t index)
{
    if (!s->started || index > s->newest)
        return true;
    if (s->newest - index >= s->size)
        return false;
    uint64_t bit = index & (s->size - 1);
    return !(s->bits[bit / 64] >> bit % 64 & 1);
}

void ic_srtp_stream_mark(struct ic_srtp_stream *s, uint64_t index)
{
    if (!s->started || (index > s->newest && index - s->newest >= s->size)) {
        memset(s->bits, 0, s->size / 8);
        s->newest = index;
        s->started = true;
    }
    while (s->newest < index) {
        uint64_t bit = ++s->newest & (s->size - 1);
        s->bits[bit / 64] &= ~(UINT64_C(1) << bit % 64);
    }
    uint64_t bit = index & (s->size - 1);
    s->bits[bit / 64] |= UINT64_C(1) << bit % 64;
}

static size_t stride_of(uint32_t window_size)
{
    assert(window_size >= 64 && (window_size & (window_size - 1)) == 0);
    return sizeof(struct ic_srtp_stream) + window_size / 8;
}

/* Of the slots, so that the streams behind them are aligned. */
static size_t slots_size(size_t capacity)
{
    assert(capacity > 0 && capacity <= UINT16_MAX / SLOTS_PER_STREAM);
    return (capacity * SLOTS_PER_STREAM * sizeof(uint16_t) + 7) & ~(size_t)7;
}

size_t ic_srtp_streams_size(size_t capacity, uint32_t window_size)
{
    return slots_size(capacity) + capacity * stride_of(window_size);
}

/* Slots and streams lie behind each other and behind their owner: for each packet all three are
 * touched, and with many receivers none of them is in a cache. */
void ic_srtp_streams_init(struct ic_srtp_streams *s, uint8_t *memory, size_t capacity,
                          uint32_t window_size)
{
    s->slots = (uint16_t *)(void *)memory;
    s->memory = memory + slots_size(capacity);
    s->capacity = (uint16_t)capacity;
    s->slot_count = (uint16_t)(capacity * SLOTS_PER_STREAM);
    s->window_size = window_size;
    s->stride = (uint16_t)stride_of(window_size);
}

static struct ic_srtp_stream *stream_at(const struct ic_srtp_streams *s, uint32_t number)
{
    return (void *)(s->memory + (size_t)number * s->stride);
}

/* The slot of `ssrc`, or the free one where it would go. */
static uint16_t *slot_of(const struct ic_srtp_streams *s, uint32_t ssrc)
{
    uint32_t i = (uint32_t)((uint64_t)(ssrc * 2654435761u) * s->slot_count >> 32);

    while (s->slots[i] != 0 && stream_at(s, s->slots[i] - 1u)->ssrc != ssrc)
        i = i + 1 == s->slot_count ? 0 : i + 1;
    return &s->slots[i];
}

struct ic_srtp_stream *ic_srtp_streams_find(const struct ic_srtp_streams *s, uint32_t ssrc)
{
    uint16_t slot = *slot_of(s, ssrc);
    return slot != 0 ? stream_at(s, slot - 1u) : NULL;
}

struct ic_srtp_stream *ic_srtp_streams_add(struct ic_srtp_streams *s, uint32_t ssrc)
{
    uint16_t *slot = slot_of(s, ssrc);

    if (*slot == 0) {
        if (s->count == s->capacity)
            return NULL;
        struct ic_srtp_stream *stream = stream_at(s, s->count);
        stream->ssrc = ssrc;
        stream->size = s->window_size;
        *slot = ++s->count;
    }
    return stream_at(s, *slot - 1u);
}
