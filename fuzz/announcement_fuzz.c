/* announcement_fuzz.c - no bytes that were not sealed with the link's key open as an announcement.
 */
#include "e2ee/e2ee.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[IC_LINK_SECRET_LEN] = {1}, meeting[IC_MEETING_LEN] = {2};
    static const uint8_t participant[IC_PARTICIPANT_LEN] = {3};
    static uint8_t text[IC_ANNOUNCEMENT_TEXT_MAX];
    static struct ic_e2ee *core;
    size_t len;
    if (!core)
        core = ic_e2ee_new(secret, meeting);
    if (!core || ic_e2ee_announcement_open(core, text, &len, participant,
                                           (struct ic_bytes){data, size}) == IC_OK)
        abort();
    return 0;
}
