/* replay.h - which frames a receiver has seen, per key (RFC 9605 section 9.3).
 *
 * The windows of a slot of pictures are its own: one person may be in two at once. Those of sound
 * are one for all slots. There is a fixed number of them; what a window that has to go knew is
 * handed back, so that the key can remember it. */
#pragma once

#include "base/base.h"

enum {
    IC_REPLAY_SPAN = 256,   /* frames may overtake each other by less than this */
    IC_REPLAY_WINDOWS = 64, /* keys that a receiver remembers */
};

struct ic_replay_window {
    uint64_t key;  /* serial number of an installed key, from 1; 0: the window is free */
    uint64_t used; /* turn of its last use */
    uint64_t next; /* one more than the newest counter seen */
    uint64_t seen[IC_REPLAY_SPAN / 64]; /* bit counter % SPAN, for [next - SPAN, next) */
};

struct ic_replay {
    uint64_t turn;
    struct ic_replay_window windows[IC_REPLAY_WINDOWS];
};

struct ic_replay_lost {
    uint64_t key, next; /* key 0: nothing was lost */
};

/* Would ic_replay_claim() take this counter? `floor`: all before it is old, for a key of which
 * nothing is known here. */
bool ic_replay_fresh(const struct ic_replay *replay, uint64_t key, uint64_t counter,
                     uint64_t floor);

/* Marks a counter as seen, once its frame is authentic. IC_ERR_REPLAYED: it was, or is too old. */
enum ic_err ic_replay_claim(struct ic_replay *replay, uint64_t key, uint64_t counter,
                            uint64_t floor, struct ic_replay_lost *lost) IC_CHECKED;
