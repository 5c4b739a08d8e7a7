/* padding.h - zeros behind a content, so that its length says little. */
#pragma once

#include "base/base.h"

/* Makes what was written since `start` a multiple of `step` bytes long. */
static inline void ic_door_pad(struct ic_writer *w, size_t start, size_t step)
{
    size_t over = (w->len - start) % step, len = over > 0 ? step - over : 0;
    uint8_t *room = ic_write_room(w, len);
    if (room)
        memset(room, 0, len);
}

/* Bad unless all that is left is padding. */
static inline void ic_door_read_padding(struct ic_reader *r)
{
    struct ic_bytes rest = ic_read_bytes(r, r->rest.len);
    for (size_t i = 0; i < rest.len; i++)
        if (rest.at[i] != 0)
            r->bad = true;
}
