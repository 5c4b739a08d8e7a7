/* A client survives whatever its server says. */
#include "client/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_heard heard;
    if (ic_heard_parse(&heard, (struct ic_bytes){data, size}) == IC_OK)
        ic_heard_clear(&heard);
    return 0;
}
