/* door_app_fuzz.c - an application message that is read is written back as the same bytes. */
#include "e2ee/door/app_message.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_bytes bytes = {data, size};
    struct ic_door_app_message message;
    static uint8_t room[IC_DOOR_APP_MAX];
    struct ic_writer w = ic_writer_of(room, sizeof room);

    if (ic_door_app_read(&message, bytes) != IC_OK)
        return 0;
    ic_door_app_write(&w, &message);
    if (w.bad || !ic_bytes_equal(ic_written(&w), bytes))
        abort();
    return 0;
}
