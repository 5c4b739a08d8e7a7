/* door_grants_fuzz.c - a list of grants, circles included, is judged in finite time, and whoever
 * has a right in a verified list stands in it. */
#include "e2ee/door/grant.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_bytes root = ic_read_bytes(&r, 32), meeting = ic_read_bytes(&r, IC_MEETING_LEN);
    struct ic_bytes grants = ic_door_read_grants(&r);
    struct ic_reader list = ic_reader_of(grants);
    struct ic_door_grant grant;

    if (r.bad)
        return 0;
    bool verified = ic_door_grants_verify(grants, meeting, root, UINT32_MAX) == IC_OK;
    while (ic_door_grant_next(&list, &grant)) {
        if (ic_door_rights_of(grants, grant.member) != grant.rights)
            abort();
        bool descends = ic_door_grant_descends(grants, grant.member, grant.giver);
        bool expired = ic_door_grant_expired(grants, grant.member, 0);
        if (verified && (expired || descends != (grant.giver.len > 0)))
            abort();
    }
    return 0;
}
