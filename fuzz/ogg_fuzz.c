/* Any file either opens and ends, or is refused. */
#include "client/ogg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_ogg ogg;
    struct ic_bytes packet;
    if (ic_ogg_open(&ogg, (struct ic_bytes){data, size}, true) != IC_OK)
        return 0;
    while (ic_ogg_next(&ogg, &packet) == IC_OK)
        if (packet.len == 0 || ic_opus_duration(packet) > IC_OPUS_SAMPLES_MAX)
            __builtin_trap();
    return 0;
}
