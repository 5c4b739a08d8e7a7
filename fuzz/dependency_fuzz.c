/* A row of descriptors, each behind its length; what is read is written to something that reads the
 * same. */
#include "media/dependency.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_and_read(const struct ic_dependency *d, const struct ic_dependency_cache *cache,
                           struct ic_bytes bytes)
{
    uint8_t out[IC_DEPENDENCY_WRITE_MAX];
    struct ic_dependency again;
    size_t len = ic_dependency_write(out, d, bytes, d->number, d->targets);
    if (len > IC_DEPENDENCY_WRITE_MAX)
        __builtin_trap();
    if (len > IC_DEPENDENCY_LEN_MAX)
        return;
    if (ic_dependency_read_again(&again, cache, (struct ic_bytes){out, len}) != IC_OK ||
        again.targets != d->targets || again.indications != d->indications ||
        again.references != d->references || again.has_structure != d->has_structure)
        __builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_dependency_cache cache = {0};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    while (r.rest.len > 0) {
        struct ic_dependency d;
        struct ic_bytes bytes = ic_read_bytes(&r, ic_read_uint(&r, 1));
        if (!r.bad && ic_dependency_read(&d, &cache, bytes) == IC_OK)
            write_and_read(&d, &cache, bytes);
    }
    return 0;
}
