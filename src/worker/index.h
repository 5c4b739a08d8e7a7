/* index.h - finds a transport by a hash: of a client's address, or of a ufrag.
 *
 * Several may share a hash, so the caller looks at each candidate. Fixed size, no I/O. */
#pragma once

#include "base/base.h"

enum {
    IC_INDEX_SIZE = 32768, /* places, a power of two */
    IC_INDEX_ENTRIES_MAX = IC_INDEX_SIZE / 2,
};

struct ic_index_entry {
    uint32_t hash;
    uint32_t value; /* plus one; 0: free */
};

/* Zeroed at first. */
struct ic_index {
    uint32_t count;
    struct ic_index_entry entries[IC_INDEX_SIZE];
};

enum ic_err ic_index_add(struct ic_index *index, uint32_t hash, uint32_t value) IC_CHECKED;

/* One entry with this hash and value, if there is one. */
void ic_index_remove(struct ic_index *index, uint32_t hash, uint32_t value);

/* The candidates for `hash`, one a call: begin with `*cursor` 0. False after the last. The index
 * must not change in between. */
bool ic_index_next(const struct ic_index *index, uint32_t hash, uint32_t *cursor, uint32_t *value);
