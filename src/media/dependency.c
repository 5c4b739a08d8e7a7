/* dependency.c - field by field in the order and under the names of appendix A. Everything in it
 * counts bits. What is read is built on the stack and kept only when all of it was good. */
#include "media/dependency.h"

enum {
    MANDATORY_LEN = 3,
    NEXT_TEMPORAL = 1,
    NEXT_SPATIAL = 2,
    NEXT_NONE = 3,
    SPATIAL_MOST = 3, /* ids; as many as browsers have */
    TEMPORAL_MOST = 7,
    CUSTOM_DTIS = 4,
    CUSTOM_FDIFFS = 2,
    CUSTOM_CHAINS = 1,
    REFERENCES = 64,
    FAR = 1 << 14, /* frames after which a structure counts as younger than it is */
};

/* ---- bits ---- */

struct bits {
    struct ic_bytes bytes;
    size_t at;
    bool bad;
};

static uint32_t take(struct bits *b, unsigned count)
{
    uint32_t value = 0;
    if (b->bad || count > b->bytes.len * 8 - b->at) {
        b->bad = true;
        return 0;
    }
    for (unsigned i = 0; i < count; i++, b->at++)
        value = value << 1 | (b->bytes.at[b->at / 8] >> (7 - b->at % 8) & 1);
    return value;
}

/* ns(n): a number below `n` in as few bits as that takes. */
static uint32_t take_below(struct bits *b, uint32_t n)
{
    unsigned width = 0;
    for (uint32_t x = n; x != 0; x >>= 1)
        width++;
    uint32_t short_ones = (UINT32_C(1) << width) - n;
    uint32_t value = take(b, width - 1);
    return value < short_ones ? value : (value << 1) - short_ones + take(b, 1);
}

struct bits_out {
    uint8_t *at;
    size_t len; /* bits */
};

static void put(struct bits_out *out, uint32_t value, unsigned count)
{
    for (unsigned i = count; i-- > 0; out->len++) {
        if (out->len % 8 == 0)
            out->at[out->len / 8] = 0;
        out->at[out->len / 8] |= (uint8_t)((value >> i & 1) << (7 - out->len % 8));
    }
}

static void copy(struct bits_out *out, struct ic_bytes from, size_t start, size_t end)
{
    struct bits in = {.bytes = from, .at = start};
    while (in.at < end)
        put(out, take(&in, 1), 1);
}

/* ---- the structure ---- */

static void take_layers(struct bits *b, struct ic_dependency_structure *s)
{
    uint8_t spatial = 0, temporal = 0;
    uint32_t next = 0;
    while (next != NEXT_NONE && !b->bad) {
        if (s->template_count == IC_DEPENDENCY_TEMPLATES || spatial > SPATIAL_MOST ||
            temporal > TEMPORAL_MOST) {
            b->bad = true;
            return;
        }
        s->templates[s->template_count++] =
            (struct ic_dependency_template){.spatial = spatial, .temporal = temporal};
        next = take(b, 2);
        temporal = next == NEXT_SPATIAL ? 0 : (uint8_t)(temporal + (next == NEXT_TEMPORAL));
        spatial = (uint8_t)(spatial + (next == NEXT_SPATIAL));
    }
    s->spatial_max = spatial;
}

static uint64_t take_indications(struct bits *b, uint8_t targets)
{
    uint64_t indications = 0;
    for (uint8_t i = 0; i < targets && !b->bad; i++)
        indications |= (uint64_t)take(b, 2) << 2 * i;
    return indications;
}

static uint16_t take_references(struct bits *b)
{
    uint16_t references = 0;
    while (take(b, 1) == 1)
        references |= (uint16_t)(1u << take(b, 4));
    return references;
}

static void skip_chains(struct bits *b, struct ic_dependency_structure *s)
{
    s->chain_count = (uint8_t)take_below(b, s->target_count + 1u);
    if (s->chain_count == 0)
        return;
    for (uint8_t i = 0; i < s->target_count; i++)
        take_below(b, s->chain_count);
    for (unsigned i = 0; i < (unsigned)s->template_count * s->chain_count && !b->bad; i++)
        take(b, 4);
}

static void find_target_layers(struct ic_dependency_structure *s)
{
    for (uint8_t i = 0; i < s->template_count; i++) {
        const struct ic_dependency_template *t = &s->templates[i];
        for (uint8_t target = 0; target < s->target_count; target++) {
            if ((t->indications >> 2 * target & 3) == IC_INDICATION_ABSENT)
                continue;
            if (t->spatial > s->target_spatial[target])
                s->target_spatial[target] = t->spatial;
            if (t->temporal > s->target_temporal[target])
                s->target_temporal[target] = t->temporal;
        }
    }
}

/* The target with this layer and the most of the other kind; negative if there is none. */
static int best_target(const struct ic_dependency_structure *s, bool by_space, uint8_t layer)
{
    int best = -1;
    for (uint8_t i = 0; i < s->target_count; i++) {
        uint8_t this = by_space ? s->target_spatial[i] : s->target_temporal[i];
        uint8_t other = by_space ? s->target_temporal[i] : s->target_spatial[i];
        uint8_t most = best < 0 ? 0 : by_space ? s->target_temporal[best] : s->target_spatial[best];
        if (this == layer && (best < 0 || other > most))
            best = i;
    }
    return best;
}

/* Sizes if there are several, at their full rate; else rates. The poorest, and the two richest. */
static void find_rungs(struct ic_dependency_structure *s)
{
    bool by_space = s->spatial_max > 0;
    for (uint8_t layer = 0; layer <= TEMPORAL_MOST; layer++) {
        int target = best_target(s, by_space, layer);
        if (target < 0)
            continue;
        if (s->rung_count == IC_DEPENDENCY_RUNGS) {
            s->rungs[1] = s->rungs[2];
            s->rung_count--;
        }
        s->rungs[s->rung_count++] = (uint8_t)target;
    }
}

static void take_structure(struct bits *b, struct ic_dependency_structure *s, uint16_t number)
{
    memset(s, 0, sizeof *s);
    s->number = number;
    s->first_id = (uint8_t)take(b, 6);
    s->target_count = (uint8_t)(take(b, 5) + 1);
    take_layers(b, s);
    for (uint8_t i = 0; i < s->template_count && !b->bad; i++)
        s->templates[i].indications = take_indications(b, s->target_count);
    for (uint8_t i = 0; i < s->template_count && !b->bad; i++)
        s->templates[i].references = take_references(b);
    skip_chains(b, s);
    if (take(b, 1) == 1)
        for (uint8_t i = 0; i <= s->spatial_max; i++)
            take(b, 32); /* width and height */
    find_target_layers(s);
    find_rungs(s);
}

/* ---- the descriptor ---- */

/* The newest structure that is not of a later frame. */
static const struct ic_dependency_structure *structure_of(const struct ic_dependency_cache *cache,
                                                          uint16_t number)
{
    for (uint8_t back = 0; back < cache->count; back++) {
        const struct ic_dependency_structure *s = &cache->structures[(cache->newest + back) & 1];
        if ((int16_t)(uint16_t)(number - s->number) >= 0)
            return s;
    }
    return NULL;
}

static void take_custom_references(struct bits *b, struct ic_dependency *d)
{
    d->references = 0;
    for (uint32_t size = take(b, 2); size != 0 && !b->bad; size = take(b, 2)) {
        uint32_t less_one = take(b, 4 * size);
        if (less_one < REFERENCES)
            d->references |= UINT64_C(1) << less_one;
        else
            d->refers_further = true;
    }
}

static void take_frame(struct bits *b, struct ic_dependency *d)
{
    const struct ic_dependency_structure *s = d->structure;
    uint8_t index = (d->template_id - s->first_id) & (IC_DEPENDENCY_TEMPLATES - 1);
    if (index >= s->template_count) {
        b->bad = true;
        return;
    }
    const struct ic_dependency_template *t = &s->templates[index];
    d->spatial = t->spatial;
    d->temporal = t->temporal;
    d->indications = t->indications;
    d->references = t->references;
    if (d->custom & CUSTOM_DTIS)
        d->indications = take_indications(b, s->target_count);
    if (d->custom & CUSTOM_FDIFFS)
        take_custom_references(b, d);
    for (uint8_t i = 0; d->custom & CUSTOM_CHAINS && i < s->chain_count; i++)
        take(b, 8);
}

static void take_mandatory(struct bits *b, struct ic_dependency *d)
{
    d->start = take(b, 1);
    d->end = take(b, 1);
    d->template_id = (uint8_t)take(b, 6);
    d->number = (uint16_t)take(b, 16);
}

/* With a structure in it, that is read into `fresh`. */
static enum ic_err parse(struct ic_dependency *d, struct ic_dependency_structure *fresh,
                         const struct ic_dependency_cache *cache, struct ic_bytes bytes)
{
    struct bits b = {.bytes = bytes};
    bool extended = bytes.len > MANDATORY_LEN;
    if (bytes.len > IC_DEPENDENCY_LEN_MAX)
        return IC_ERR_MALFORMED;
    take_mandatory(&b, d);
    d->has_structure = extended && take(&b, 1);
    d->has_targets = extended && take(&b, 1);
    d->custom = extended ? (uint8_t)take(&b, 3) : 0;
    if (d->has_structure && !d->start)
        return IC_ERR_MALFORMED;
    if (d->has_structure)
        take_structure(&b, fresh, d->number);
    d->structure = d->has_structure ? fresh : structure_of(cache, d->number);
    if (b.bad || !d->structure)
        return b.bad ? IC_ERR_MALFORMED : IC_ERR_NOT_FOUND;
    d->structure_end = (uint16_t)b.at;
    d->target_count = d->structure->target_count;
    d->targets = UINT32_MAX >> (IC_DEPENDENCY_TARGETS - d->target_count);
    if (d->has_targets)
        d->targets = take(&b, d->target_count);
    d->rest_at = (uint16_t)b.at;
    take_frame(&b, d);
    d->rest_end = (uint16_t)b.at;
    return b.bad ? IC_ERR_MALFORMED : IC_OK;
}

/* Returns where it was put; NULL if it is older than both that are kept. */
static const struct ic_dependency_structure *keep(struct ic_dependency_cache *cache,
                                                  const struct ic_dependency_structure *fresh)
{
    uint8_t at = cache->newest;
    struct ic_dependency_structure *newest = &cache->structures[at];
    if (cache->count > 0 && newest->number != fresh->number) {
        bool newer = (int16_t)(uint16_t)(fresh->number - newest->number) > 0;
        const struct ic_dependency_structure *other = &cache->structures[at ^ 1];
        if (!newer && cache->count == 2 && (int16_t)(uint16_t)(fresh->number - other->number) < 0)
            return NULL;
        at ^= 1;
        cache->newest = newer ? at : cache->newest;
        cache->count = 2;
    }
    cache->count = cache->count == 0 ? 1 : cache->count;
    cache->structures[at] = *fresh;
    return &cache->structures[at];
}

/* A structure may serve for hours, frame numbers come round in minutes. */
static void keep_young(struct ic_dependency_cache *cache, uint16_t number)
{
    struct ic_dependency_structure *s = &cache->structures[cache->newest];
    if ((int16_t)(uint16_t)(number - s->number) <= FAR)
        return;
    s->number = (uint16_t)(number - FAR);
    cache->count = 1;
}

enum ic_err ic_dependency_read(struct ic_dependency *out, struct ic_dependency_cache *cache,
                               struct ic_bytes bytes)
{
    struct ic_dependency_structure fresh;
    struct ic_dependency d = {0};
    enum ic_err err = parse(&d, &fresh, cache, bytes);
    if (err == IC_OK && d.has_structure)
        d.structure = keep(cache, &fresh);
    if (err == IC_OK && !d.structure)
        err = IC_ERR_NOT_FOUND;
    if (err != IC_OK)
        return err;
    keep_young(cache, d.number);
    *out = d;
    return IC_OK;
}

enum ic_err ic_dependency_read_again(struct ic_dependency *out,
                                     const struct ic_dependency_cache *cache, struct ic_bytes bytes)
{
    struct ic_dependency_structure fresh;
    struct ic_dependency d = {0};
    enum ic_err err = parse(&d, &fresh, cache, bytes);
    if (err != IC_OK)
        return err;
    d.structure = structure_of(cache, d.number);
    if (!d.structure || d.structure->target_count != d.target_count)
        return IC_ERR_NOT_FOUND;
    *out = d;
    return IC_OK;
}

size_t ic_dependency_write(uint8_t out[IC_DEPENDENCY_WRITE_MAX], const struct ic_dependency *d,
                           struct ic_bytes bytes, uint16_t number, uint32_t targets)
{
    struct bits_out w = {.at = out};
    bool has_targets = d->has_targets || targets != 0;
    const unsigned flags_end = MANDATORY_LEN * 8 + 5;

    put(&w, d->start, 1);
    put(&w, d->end, 1);
    put(&w, d->template_id, 6);
    put(&w, number, 16);
    if (!d->has_structure && !has_targets && d->custom == 0)
        return MANDATORY_LEN;
    put(&w, d->has_structure, 1);
    put(&w, has_targets, 1);
    put(&w, d->custom, 3);
    if (d->has_structure)
        copy(&w, bytes, flags_end, d->structure_end);
    if (has_targets)
        put(&w, targets != 0 ? targets : d->targets, d->target_count);
    copy(&w, bytes, d->rest_at, d->rest_end);
    return (w.len + 7) / 8;
}
