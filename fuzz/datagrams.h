/* datagrams.h - one fuzzer input as many datagrams: each has its length, two bytes, before it. */
#pragma once

#include "base/base.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next datagram in memory of exactly its size, so that ASan sees a read past its end; NULL when
 * there is none. The caller frees it. */
static inline uint8_t *next_datagram(struct ic_reader *r, size_t *len)
{
    size_t wanted = (size_t)ic_read_uint(r, 2);
    if (r->bad || r->rest.len == 0)
        return NULL;
    *len = wanted < r->rest.len ? wanted : r->rest.len;
    struct ic_bytes bytes = ic_read_bytes(r, *len);
    uint8_t *copy = malloc(*len > 0 ? *len : 1);
    if (copy && *len > 0)
        memcpy(copy, bytes.at, *len);
    return copy;
}
