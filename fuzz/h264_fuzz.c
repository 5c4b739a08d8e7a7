/* Where a key frame begins is told by the first four bytes at most. */
#include "media/h264.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool starts = ic_h264_key_start((struct ic_bytes){data, size});
    if (starts != ic_h264_key_start((struct ic_bytes){data, size < 4 ? size : 4}))
        __builtin_trap();
    return 0;
}
