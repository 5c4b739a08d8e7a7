/* frame_keys.h - the keys of frames move with the epochs. */
#pragma once

#include "base/base.h"

struct ic_conference;

/* Opens with the keys of our epoch from now on, and seals from `send_at`. */
enum ic_err ic_frame_keys_use(struct ic_conference *c, bool removal, int64_t send_at,
                              int64_t now) IC_CHECKED;
/* Seals with them, now. */
enum ic_err ic_frame_keys_seal(struct ic_conference *c) IC_CHECKED;
