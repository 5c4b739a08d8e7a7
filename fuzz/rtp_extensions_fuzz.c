/* The first byte chooses the profile, the rest are elements: every value found lies among them. */
#include "media/rtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint16_t profiles[] = {0xBEDE, 0x1000, 0x100F, 0x1234};
    const uint8_t ids[IC_EXTENSIONS] = {1, 2, 3, 14, 0};
    struct ic_bytes values[IC_EXTENSIONS];
    if (size == 0)
        return 0;
    struct ic_rtp rtp = {.extension_profile = profiles[data[0] % 4],
                         .extensions = {data + 1, size - 1}};
    ic_rtp_extensions(&rtp, ids, values);
    for (size_t i = 0; i < IC_EXTENSIONS; i++)
        if (values[i].at && (values[i].at <= data || values[i].at + values[i].len > data + size))
            __builtin_trap();
    return 0;
}
