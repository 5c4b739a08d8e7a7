/* Any packet from a client that authenticated, or from a stranger: the first-byte demultiplexer and
 * all that stands before the keys. The first byte of the input chooses who sends. */
#include "fuzz/media_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct media_rig *r = media_rig();

    if (len > 0)
        media_rig_feed(r, &r->paths[data[0] % 3], (struct ic_bytes){data + 1, len - 1});
    return 0;
}
