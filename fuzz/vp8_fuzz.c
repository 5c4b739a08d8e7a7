/* A descriptor that parses is written back to one that parses to the same. */
#include "media/vp8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_vp8 vp8, again;
    uint8_t out[IC_VP8_DESCRIPTOR_MAX + 1];
    if (ic_vp8_parse(&vp8, (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    size_t len = ic_vp8_write(out, &vp8);
    if (vp8.len >= size || len > IC_VP8_DESCRIPTOR_MAX)
        __builtin_trap();
    out[len] = data[vp8.len];
    if (ic_vp8_parse(&again, (struct ic_bytes){out, len + 1}) != IC_OK || again.len != len ||
        again.picture_id != vp8.picture_id || again.tl0 != vp8.tl0 ||
        again.key_start != vp8.key_start || again.key_index != vp8.key_index)
        __builtin_trap();
    return 0;
}
