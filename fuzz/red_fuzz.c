/* Blocks that parse lie in the packet, one behind the other, and their headers are written back. */
#include "media/red.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_red red, again;
    uint8_t header[IC_RED_HEADER_MAX];
    if (ic_red_parse(&red, (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    size_t at = red.header_len;
    for (uint8_t i = 0; i < red.count; i++)
        at += red.blocks[i].frame.len;
    size_t len = ic_red_write_header(header, &red, 111);
    if (at != size || len != red.header_len)
        __builtin_trap();
    uint8_t *copy = malloc(size);
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    memcpy(copy, header, len);
    if (ic_red_parse(&again, (struct ic_bytes){copy, size}) != IC_OK || again.count != red.count ||
        again.blocks[0].offset != red.blocks[0].offset)
        __builtin_trap();
    free(copy);
    return 0;
}
