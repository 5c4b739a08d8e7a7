/* door_state_fuzz.c - the state of a stranger is read and verified. */
#include "e2ee/door/state.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t GROUP[IC_MEETING_LEN] = {7, 7, 7};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_door_state first;

    ic_door_read_state(&r, &first);
    if (r.bad)
        return 0;
    if (ic_door_state_verify(&first, (struct ic_bytes){GROUP, sizeof GROUP}) == IC_OK &&
        ic_door_rights_of(first.grants, first.signer) == 0)
        abort();
    return 0;
}
