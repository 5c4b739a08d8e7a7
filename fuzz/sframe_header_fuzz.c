/* sframe_header_fuzz.c - whatever is read as an SFrame header is written back as the same bytes. */
#include "e2ee/sframe.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_sframe_header header;
    uint8_t again[IC_SFRAME_HEADER_MAX];
    size_t len;
    if (ic_sframe_header_read(&header, &len, (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    if (ic_sframe_header_write(again, header) != len || memcmp(again, data, len) != 0)
        abort();
    return 0;
}
