/* door_profile_fuzz.c - a profile that is read is written back as the same bytes. */
#include "e2ee/door/profile.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    uint8_t room[IC_DOOR_PROFILE_MAX];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_door_profile profile;

    ic_door_read_profile(&r, &profile);
    if (r.bad)
        return 0;
    ic_door_write_profile(&w, &profile);
    if (w.bad || !ic_bytes_equal(ic_written(&w), (struct ic_bytes){data, size - r.rest.len}))
        abort();
    return 0;
}
