/* lines.h - the m-sections of our connections: what a browser would write into its offer. */
#pragma once

#include "base/base.h"
#include "client/messages.h"

enum { IC_VOICE_SLOTS = 4 };

struct ic_lines_wanted {
    uint32_t streams; /* bit of each enum ic_stream that is sent */
    uint32_t layers;  /* of a camera; 1: no simulcast */
    bool slots;       /* receive lines too */
    uint32_t tiles;   /* at most IC_TILES_MAX; with 0 there is no stage either */
};

/* Fills the lines and their count; mids are "0", "1" ... */
void ic_lines_make(struct ic_connect *out, const struct ic_lines_wanted *wanted);
