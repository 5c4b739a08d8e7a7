/* door_info_fuzz.c - what a server puts into the open door: nothing opens but what somebody with
 * the link sealed, and that opens as it was. */
#include "e2ee/door/info.h"

#include <stdlib.h>

enum { INFO_MAX = 4096 };
static const uint8_t MEETING[IC_MEETING_LEN] = {7, 7, 7}, SECRET[IC_LINK_SECRET_LEN] = {9};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buffer[INFO_MAX], sealed[INFO_MAX + IC_DOOR_INFO_OVERHEAD];
    struct ic_writer w = ic_writer_of(sealed, sizeof sealed);
    struct ic_bytes bytes = {data, size}, info;

    if (size > INFO_MAX)
        return 0;
    if (ic_door_info_open(&info, buffer, IC_DOOR_INFO, bytes, SECRET, MEETING) == IC_OK)
        abort();
    if (ic_door_info_seal(&w, IC_DOOR_INFO, bytes, SECRET, MEETING) != IC_OK ||
        ic_door_info_open(&info, buffer, IC_DOOR_INFO, ic_written(&w), SECRET, MEETING) != IC_OK ||
        !ic_bytes_equal(info, bytes))
        abort();
    return 0;
}
