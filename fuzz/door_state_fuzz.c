/* door_state_fuzz.c - states of strangers are read, verified and merged: two of them, the first as
 * base and winner, so that the result is what the second wants. */
#include "e2ee/door/state.h"

#include <stdlib.h>

static void merge(const struct ic_door_state *base, const struct ic_door_state *mine)
{
    static uint8_t room[4 * IC_DOOR_STATE_MAX];
    struct ic_writer lists = ic_writer_of(room, sizeof room);
    uint8_t hash[IC_DOOR_STATE_HASH_LEN];
    struct ic_door_state out;

    if (ic_door_state_merge(&out, hash, &lists, base, mine, base) != IC_OK)
        return;
    if (out.flags != mine->flags || out.everyone != mine->everyone ||
        !ic_bytes_equal(out.lines, mine->lines) || out.named.len != mine->named.len ||
        out.grants.len > mine->grants.len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t GROUP[IC_MEETING_LEN] = {7, 7, 7};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_door_state first, second;

    ic_door_read_state(&r, &first);
    if (r.bad)
        return 0;
    if (ic_door_state_verify(&first, (struct ic_bytes){GROUP, sizeof GROUP}) == IC_OK &&
        ic_door_rights_of(first.grants, first.signer) == 0)
        abort();
    ic_door_read_state(&r, &second);
    if (!r.bad)
        merge(&first, &second);
    return 0;
}
