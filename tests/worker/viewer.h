/* viewer.h - a model of who watches one camera over a bad network: asks for what is missing, shows
 * frames in order, and counts how often the picture stands still.
 *
 * Two kinds. One is the headless client, of the client's own parts (nack.h, jitter.h). The other
 * does what Chromium does as far as it matters here: it asks at once and then every 100 ms, reports
 * arrivals every 50 ms, and shows a frame a round trip late once it has had to ask. */
#pragma once

#include "client/jitter.h"
#include "media/nack.h"
#include "media/reception.h"
#include "tests/worker/virtual.h"

enum { VIEWER_HOLES = 256 };

struct viewer_hole {
    uint32_t seq, tries;
    int64_t asked_at;
};

struct viewer_clock {
    uint32_t first_timestamp;
    int64_t fastest; /* when what has that would have come without any delay */
};

struct viewer {
    bool browser;
    bool lies;     /* that every second packet did not come */
    uint32_t ssrc; /* its retransmissions have the next */
    struct viewer_clock clock, voice_clock;
    struct person *person;
    struct ic_cells cells;
    struct ic_jitter jitter;
    struct ic_reception reception;
    struct ic_nack nack;
    struct viewer_hole holes[VIEWER_HOLES];
    size_t hole_count;
    struct ic_twcc_receiver twcc;
    int64_t reported_at, asked_at; /* last receiver report; last look at the holes */
    uint32_t sr_middle;
    int64_t sr_at;
    bool key_wanted;
    int64_t playout; /* how long after it was due at the earliest a frame is shown */

    int64_t watched_from; /* what is below counts from here on */
    int64_t shown_at;
    int64_t longest;
    int layer; /* of the last frame: the byte behind its first */
    uint32_t shown, freezes, switches, asked, resent, packets, voices;
    uint64_t bytes, voice_bytes, padding_bytes; /* the latter two in the first */
    int64_t voice_at, voice_gap;
    int64_t latest; /* the most that a packet of voice took, beyond what the fastest took */
};

void viewer_init(struct viewer *viewer, struct person *person, uint32_t ssrc, bool browser);
void viewer_clear(struct viewer *viewer);

/* Counts anew. */
void viewer_watch(struct viewer *viewer, int64_t now);

/* Every millisecond. */
void viewer_step(struct virtual_world *v, struct viewer *viewer);
