/* door_reply_fuzz.c - no reply is believed that no right-holder signed. */
#include "e2ee/door/reply.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t MEETING[IC_MEETING_LEN] = {7, 7, 7};
    static const uint8_t PARTICIPANT[IC_PARTICIPANT_LEN] = {9}, PRIVATE[32] = {5};
    static const struct ic_door_knock_place PLACE = {MEETING, PARTICIPANT, 1};
    static uint8_t buffer[IC_DOOR_REPLY_MAX];
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_bytes grants = ic_door_read_grants(&r);
    struct ic_door_reply reply;

    if (r.bad || !ic_kem_available(IC_KEM_XWING))
        return 0;
    /* The grants of the seeds are genuine, their signatures are for another knock. */
    if (ic_door_reply_open(&reply, buffer, r.rest, &PLACE, ic_bytes_of_text("knock"),
                           (struct ic_bytes){PRIVATE, sizeof PRIVATE}, grants) == IC_OK)
        abort();
    return 0;
}
