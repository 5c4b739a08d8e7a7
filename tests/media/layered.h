/* layered.h - Dependency Descriptors of an encoder with spatial and temporal layers, for tests.
 *
 * Pictures of three rates come as 0 2 1 2, of two as 0 1. With `key_only` a larger size refers to
 * the smaller one on key pictures alone (k-SVC), else always. Decode target s * rates + t has
 * sizes up to s and rates up to t. */
#pragma once

#include "media/dependency.h"

struct layered {
    uint8_t sizes, rates;
    bool key_only;
    uint16_t number; /* of the next frame */
    uint8_t place;   /* of the next picture in the pattern */
    bool key_next;
};

struct layered_frame {
    uint8_t size, rate;
    bool key; /* of a key picture */
    uint16_t number;
};

struct layered_bits {
    uint8_t bytes[256];
    size_t len;
};

static inline void layered_put(struct layered_bits *b, uint32_t value, unsigned count)
{
    for (unsigned i = count; i-- > 0; b->len++)
        b->bytes[b->len / 8] |= (uint8_t)((value >> i & 1) << (7 - b->len % 8));
}

static inline uint8_t layered_pattern(const struct layered *e)
{
    static const uint8_t three[] = {0, 2, 1, 2}, two[] = {0, 1};
    return e->rates == 3 ? three[e->place] : e->rates == 2 ? two[e->place] : 0;
}

/* What a frame is to target (size, rate). */
static inline enum ic_indication layered_indication(const struct layered *e, uint8_t size,
                                                    uint8_t rate, bool key, uint8_t target)
{
    uint8_t to_size = target / e->rates, to_rate = target % e->rates;
    if (rate > to_rate || size > to_size || (e->key_only && !key && size != to_size))
        return IC_INDICATION_ABSENT;
    if (key)
        return IC_INDICATION_SWITCH;
    if (size < to_size)
        return IC_INDICATION_REQUIRED;
    return rate > 0 && rate == to_rate ? IC_INDICATION_DISCARDABLE : IC_INDICATION_SWITCH;
}

/* Template of a frame: by size first; in each the key one, then by rate. */
static inline uint8_t layered_template(const struct layered *e, uint8_t size, uint8_t rate,
                                       bool key)
{
    return (uint8_t)(size * (e->rates + 1) + (key ? 0 : 1 + rate));
}

static inline void layered_put_references(const struct layered *e, struct layered_bits *b,
                                          uint8_t size, uint8_t rate, bool key)
{
    unsigned pictures = rate == 0                    ? (e->rates == 3 ? 4 : e->rates)
                        : e->rates == 3 && rate == 1 ? 2
                                                     : 1;
    if (size > 0 && (key || !e->key_only))
        layered_put(b, 1 << 4 | 0, 5);
    if (!key)
        layered_put(b, 1 << 4 | (pictures * e->sizes - 1), 5);
    layered_put(b, 0, 1);
}

static inline void layered_put_structure(const struct layered *e, struct layered_bits *b)
{
    uint8_t targets = e->sizes * e->rates;
    layered_put(b, 0, 6);
    layered_put(b, targets - 1u, 5);
    for (uint8_t s = 0; s < e->sizes; s++) {
        layered_put(b, 0, 2); /* key, then the lowest rate */
        for (uint8_t t = 1; t < e->rates; t++)
            layered_put(b, 1, 2);
        layered_put(b, s + 1 < e->sizes ? 2 : 3, 2);
    }
    for (uint8_t s = 0; s < e->sizes; s++)
        for (uint8_t i = 0; i <= e->rates; i++)
            for (uint8_t target = 0; target < targets; target++)
                layered_put(b, layered_indication(e, s, i == 0 ? 0 : i - 1, i == 0, target), 2);
    for (uint8_t s = 0; s < e->sizes; s++)
        for (uint8_t i = 0; i <= e->rates; i++)
            layered_put_references(e, b, s, i == 0 ? 0 : i - 1, i == 0);
    unsigned width = 0;
    for (unsigned x = targets + 1u; x != 0; x >>= 1)
        width++;
    layered_put(b, 0, width - 1); /* no chains */
    layered_put(b, 0, 1);         /* no resolutions */
}

/* The descriptor of a packet of `f`; a structure only on the first packet of a key picture. */
static inline struct ic_bytes layered_descriptor(const struct layered *e, struct layered_bits *b,
                                                 const struct layered_frame *f, bool start,
                                                 bool end)
{
    bool structure = start && f->key && f->size == 0;
    memset(b, 0, sizeof *b);
    layered_put(b, start, 1);
    layered_put(b, end, 1);
    layered_put(b, layered_template(e, f->size, f->rate, f->key), 6);
    layered_put(b, f->number, 16);
    if (structure) {
        layered_put(b, 16, 5);
        layered_put_structure(e, b);
    }
    return (struct ic_bytes){b->bytes, (b->len + 7) / 8};
}

/* The frames of the next picture, one a size. */
static inline void layered_picture(struct layered *e, struct layered_frame frames[4])
{
    bool key = e->key_next;
    e->key_next = false;
    e->place = key ? 0 : e->place;
    for (uint8_t s = 0; s < e->sizes; s++)
        frames[s] = (struct layered_frame){s, layered_pattern(e), key, e->number++};
    e->place = (uint8_t)((e->place + 1) % (e->rates == 3 ? 4 : e->rates));
}
