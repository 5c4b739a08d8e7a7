/* index.c - open addressing with linear probing. Removal closes the gap behind it, so there are no
 * tombstones and a probe ends at the first free place. */
#include "worker/index.h"

enum { MASK = IC_INDEX_SIZE - 1 };

/* Hashes that we are given may be poor in their low bits. */
static uint32_t home_of(uint32_t hash)
{
    return (hash * UINT32_C(2654435769)) >> 17 & MASK;
}

enum ic_err ic_index_add(struct ic_index *index, uint32_t hash, uint32_t value)
{
    uint32_t at = home_of(hash);

    if (index->count == IC_INDEX_ENTRIES_MAX)
        return IC_ERR_FULL;
    while (index->entries[at].value != 0)
        at = (at + 1) & MASK;
    index->entries[at] = (struct ic_index_entry){hash, value + 1};
    index->count++;
    return IC_OK;
}

/* An entry further on may move into the gap if the gap lies between its home and its place. */
static void close_gap(struct ic_index *index, uint32_t gap)
{
    for (uint32_t at = (gap + 1) & MASK; index->entries[at].value != 0; at = (at + 1) & MASK) {
        uint32_t home = home_of(index->entries[at].hash);
        if (((at - home) & MASK) >= ((at - gap) & MASK)) {
            index->entries[gap] = index->entries[at];
            gap = at;
        }
    }
    index->entries[gap] = (struct ic_index_entry){0};
}

void ic_index_remove(struct ic_index *index, uint32_t hash, uint32_t value)
{
    uint32_t at = home_of(hash);

    for (; index->entries[at].value != 0; at = (at + 1) & MASK) {
        if (index->entries[at].hash == hash && index->entries[at].value == value + 1) {
            close_gap(index, at);
            index->count--;
            return;
        }
    }
}

bool ic_index_next(const struct ic_index *index, uint32_t hash, uint32_t *cursor, uint32_t *value)
{
    uint32_t home = home_of(hash);

    for (;;) {
        const struct ic_index_entry *e = &index->entries[(home + *cursor) & MASK];
        if (e->value == 0)
            return false;
        (*cursor)++;
        if (e->hash == hash) {
            *value = e->value - 1;
            return true;
        }
    }
}
