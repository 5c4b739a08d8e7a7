/* Any file either opens and ends, or is refused. */
#include "client/ivf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_ivf ivf;
    struct ic_ivf_frame frame;
    if (ic_ivf_open(&ivf, (struct ic_bytes){data, size}) != IC_OK)
        return 0;
    while (ic_ivf_next(&ivf, &frame) == IC_OK)
        if (frame.data.at < data || frame.data.at + frame.data.len > data + size)
            __builtin_trap();
    return 0;
}
