/* index.h - finds a transport by a hash: of a client's address, or of a ufrag.
 *
 * Several may share a hash, so the caller looks at each candidate. The table grows with what is in
 * it, up to a fixed size, since its entries lie all over it: few transports should touch few pages.
 */
#pragma once

#include "base/base.h"

enum {
    IC_INDEX_ENTRIES_MAX = 16384, /* a power of two */
};

struct ic_index_entry {
    uint32_t hash;
    uint32_t value; /* plus one; 0: free */
};

/* Zeroed at first. */
struct ic_index {
    uint32_t count;
    uint32_t size;                  /* places: 0 or a power of two, at least half of them free */
    struct ic_index_entry *entries; /* NULL: none */
};

void ic_index_clear(struct ic_index *index);

/* IC_ERR_FULL; IC_ERR_SYSTEM: no memory. */
enum ic_err ic_index_add(struct ic_index *index, uint32_t hash, uint32_t value) IC_CHECKED;

/* One entry with this hash and value, if there is one. */
void ic_index_remove(struct ic_index *index, uint32_t hash, uint32_t value);

/* The candidates for `hash`, one a call: begin with `*cursor` 0. False after the last. The index
 * must not change in between. */
bool ic_index_next(const struct ic_index *index, uint32_t hash, uint32_t *cursor, uint32_t *value);
