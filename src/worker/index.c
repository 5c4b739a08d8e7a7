/* index.c - open addressing with linear probing. Removal closes the gap behind it, so there are no
 * tombstones and a probe ends at the first free place. */
#include "worker/index.h"

#include <stdlib.h>

enum { FIRST_SIZE = 64 };

static uint32_t mask_of(const struct ic_index *index)
{
    return index->size - 1;
}

/* Hashes that we are given may be poor in their low bits. */
static uint32_t home_of(const struct ic_index *index, uint32_t hash)
{
    return (hash * UINT32_C(2654435769)) >> 17 & mask_of(index);
}

static void put(struct ic_index *index, struct ic_index_entry entry)
{
    uint32_t at = home_of(index, entry.hash);

    while (index->entries[at].value != 0)
        at = (at + 1) & mask_of(index);
    index->entries[at] = entry;
    index->count++;
}

static enum ic_err grow(struct ic_index *index)
{
    struct ic_index larger = {.size = index->size ? 2 * index->size : FIRST_SIZE};

    larger.entries = calloc(larger.size, sizeof *larger.entries);
    if (!larger.entries)
        return IC_ERR_SYSTEM;
    for (uint32_t i = 0; i < index->size; i++)
        if (index->entries[i].value != 0)
            put(&larger, index->entries[i]);
    ic_index_clear(index);
    *index = larger;
    return IC_OK;
}

void ic_index_clear(struct ic_index *index)
{
    free(index->entries);
    *index = (struct ic_index){0};
}

enum ic_err ic_index_add(struct ic_index *index, uint32_t hash, uint32_t value)
{
    if (index->count == IC_INDEX_ENTRIES_MAX)
        return IC_ERR_FULL;
    enum ic_err err = 2 * index->count == index->size ? grow(index) : IC_OK;
    if (err == IC_OK)
        put(index, (struct ic_index_entry){hash, value + 1});
    return err;
}

/* An entry further on may move into the gap if the gap lies between its home and its place. */
static void close_gap(struct ic_index *index, uint32_t gap)
{
    const uint32_t mask = mask_of(index);

    for (uint32_t at = (gap + 1) & mask; index->entries[at].value != 0; at = (at + 1) & mask) {
        uint32_t home = home_of(index, index->entries[at].hash);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            index->entries[gap] = index->entries[at];
            gap = at;
        }
    }
    index->entries[gap] = (struct ic_index_entry){0};
}

void ic_index_remove(struct ic_index *index, uint32_t hash, uint32_t value)
{
    if (index->count == 0)
        return;
    for (uint32_t at = home_of(index, hash); index->entries[at].value != 0;
         at = (at + 1) & mask_of(index)) {
        if (index->entries[at].hash == hash && index->entries[at].value == value + 1) {
            close_gap(index, at);
            index->count--;
            return;
        }
    }
}

bool ic_index_next(const struct ic_index *index, uint32_t hash, uint32_t *cursor, uint32_t *value)
{
    if (index->count == 0)
        return false;
    for (;;) {
        uint32_t at = (home_of(index, hash) + *cursor) & mask_of(index);
        const struct ic_index_entry *e = &index->entries[at];
        if (e->value == 0)
            return false;
        (*cursor)++;
        if (e->hash == hash) {
            *value = e->value - 1;
            return true;
        }
    }
}
