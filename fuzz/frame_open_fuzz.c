/* frame_open_fuzz.c - no bytes that were not sealed with the key open in a slot. */
#include "e2ee/e2ee.h"

#include <stdlib.h>

static struct ic_frame_receiver *receiver_of(enum ic_codec codec, enum ic_stream stream)
{
    static const uint8_t base_key[IC_BASE_KEY_LEN] = {1};
    struct ic_e2ee *core = ic_e2ee_new();
    struct ic_frame_receiver *receiver = core ? ic_frame_receiver_new(core, codec) : NULL;
    if (!receiver || ic_e2ee_epoch_install(core, 7, base_key, 0, 0) != IC_OK ||
        ic_frame_receiver_expect(receiver, 3, stream) != IC_OK)
        abort();
    return receiver;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_frame_receiver *receivers[2];
    struct ic_opened_frame opened;
    if (!receivers[0]) {
        receivers[0] = receiver_of(IC_CODEC_VP8, IC_STREAM_CAMERA);
        receivers[1] = receiver_of(IC_CODEC_OPUS, IC_STREAM_MICROPHONE);
    }
    uint8_t *copy = malloc(size ? size : 1);
    for (size_t i = 0; copy && i < IC_COUNT(receivers); i++) {
        if (size > 0)
            memcpy(copy, data, size);
        if (ic_frame_open(receivers[i], &opened, copy, size, 0) == IC_OK)
            abort();
    }
    free(copy);
    return 0;
}
