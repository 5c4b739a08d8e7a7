/* announcement.h - what a participant says about itself, before it is sealed and after it was
 * opened (docs/protocol.md, "Inside an announcement"). */
#pragma once

#include "base/base.h"
#include "e2ee/e2ee.h"

enum { IC_NAME_SIZE = 256 }; /* bytes of UTF-8, with the terminating zero */

struct ic_announcement {
    uint32_t index;
    struct ic_epoch epoch;
    uint32_t serial; /* only rises within an epoch */
    char name[IC_NAME_SIZE];
    uint32_t streams; /* bit of each enum ic_stream that is live */
    bool away;        /* the camera is paused, because nobody looks */
};

/* JSON into `text`; returns its length, or 0 if it does not fit. */
size_t ic_announcement_write(char *text, size_t size, const struct ic_announcement *announcement);

/* What was decrypted is still somebody else's word. On error `out` is untouched. */
enum ic_err ic_announcement_read(struct ic_announcement *out, struct ic_bytes text) IC_CHECKED;
