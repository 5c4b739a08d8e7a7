/* A client survives whatever its server says. */
#include "client/announcement.h"
#include "client/messages.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_heard heard;
    struct ic_announcement announcement;
    if (ic_heard_parse(&heard, (struct ic_bytes){data, size}) == IC_OK)
        ic_heard_clear(&heard);
    if (ic_announcement_read(&announcement, (struct ic_bytes){data, size}) == IC_OK &&
        announcement.index >= IC_MEMBERS_MAX)
        __builtin_trap();
    return 0;
}
