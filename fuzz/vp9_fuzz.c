/* A front that parses is written back to one that parses to the same. */
#include "media/vp9.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_vp9 vp9, again;
    uint8_t out[IC_VP9_FRONT_MAX + 1];
    if (ic_vp9_parse(&vp9, (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    size_t len = ic_vp9_write(out, &vp9, vp9.picture_id, vp9.tl0);
    if (len != vp9.len || len > IC_VP9_FRONT_MAX || memcmp(out, data, len) != 0)
        __builtin_trap();
    out[len] = data[len];
    if (ic_vp9_parse(&again, (struct ic_bytes){out, len + 1}) != IC_OK ||
        again.picture_id != vp9.picture_id || again.tl0 != vp9.tl0 ||
        again.key_start != vp9.key_start)
        __builtin_trap();
    return 0;
}
