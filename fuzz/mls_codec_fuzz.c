/* mls_codec_fuzz.c - whatever is read as a vector is written back as the same bytes. */
#include "e2ee/mls/codec.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader start = ic_reader_of((struct ic_bytes){data, size}), r = start;
    struct ic_bytes vector = ic_mls_read_vector(&r);
    if (r.bad)
        return 0;
    uint8_t *again = malloc(size);
    struct ic_writer w = ic_writer_of(again, size);
    ic_mls_write_vector(&w, vector);
    if (w.bad || !ic_bytes_equal(ic_written(&w), ic_mls_since(start, &r)))
        abort();
    free(again);
    return 0;
}
