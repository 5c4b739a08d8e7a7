/* numbering.h - the numbers under which one receiver gets packets of ever other streams.
 *
 * A run is what is forwarded between two switches: one layer's packets, whose sequence numbers,
 * timestamps, picture ids, frame numbers and key indices all differ by the same amounts from ours.
 *
 *     layer l   ..41 42 43 44 45              41..44 go out as 100..103
 *     layer h             K7 8 9 10           the key frame at 7 begins a run: 7 is 104
 *     out       100 101 102 103 104 105 ..    45 is not forwarded, and 44 that comes late still is
 *
 * So a hole in our numbers is always a packet that has not come yet. Where frames are left out, the
 * numbers close up behind them, and a mark says how many were missing before it:
 *
 *     layer l   1  2  3  4  5  6  7       4 and 5 are left out: a mark (6, 2)
 *     out       1  2  .        4  5       3 has not come; if it then has to be left out too, an
 *                                         empty packet goes in its place */
#pragma once

#include "base/base.h"
#include "media/upstream.h"

enum {
    IC_RUNS = 4,   /* a power of two */
    IC_MARKS = 16, /* a power of two */
    IC_FILTERS = 2,
    IC_PICTURE_ID_MASK = 0x7FFF,
    IC_KEY_INDEX_MASK = 0x1F,
};

struct ic_run {
    bool used;
    uint8_t layer, epoch;
    uint8_t tl0_diff, key_index_diff;
    uint16_t frame_diff;
    uint16_t left_out, pictures;      /* packets and VP8 pictures, so far */
    uint32_t left_out_from;           /* these counts hold from here on */
    uint32_t first, newest;           /* extended numbers of the source */
    uint64_t index_diff;              /* out minus in, before any was left out */
    uint32_t timestamp_diff;          /* out minus in */
    uint16_t picture_in, picture_out; /* the same frame, before and after */
};

/* Packets were left out of a run: before `first`, so many. */
struct ic_mark {
    uint32_t first;
    uint16_t run;
    uint16_t left_out, pictures;
};

/* Zeroed at first, but for `index` and `timestamp`, with which it begins. */
struct ic_numbering {
    /* Newest that went out; an index is a rollover count above a sequence number (RFC 3711). */
    uint64_t index;
    uint32_t timestamp;
    uint16_t picture;
    uint16_t frame; /* number in the Dependency Descriptor */
    uint8_t tl0, key_index;
    bool began;    /* something was sent */
    uint16_t run;  /* counts switches; the index is its low bits */
    uint16_t mark; /* counts marks, likewise */
    struct ic_run runs[IC_RUNS];
    struct ic_layer_filter filters[IC_FILTERS]; /* of the present run and the one before */
    struct ic_mark marks[IC_MARKS];
};

static inline struct ic_run *ic_run_at(struct ic_numbering *n, uint16_t number)
{
    return &n->runs[number % IC_RUNS];
}

static inline struct ic_run *ic_run_now(struct ic_numbering *n)
{
    return ic_run_at(n, n->run);
}

/* Which frames of a run went out; NULL: it is not known any more. */
static inline struct ic_layer_filter *ic_filter_of(struct ic_numbering *n, uint16_t number)
{
    return (uint16_t)(n->run - number) < IC_FILTERS ? &n->filters[number % IC_FILTERS] : NULL;
}

static inline bool ic_run_is_newest(const struct ic_run *run, const struct ic_packet *packet)
{
    return (int32_t)(packet->seq - run->newest) > 0;
}

/* Another stream follows: late packets and resends of the one before are no more. */
void ic_numbering_forget(struct ic_numbering *n);

/* `packet` begins a run and goes out with `timestamp`. */
void ic_numbering_begin(struct ic_numbering *n, const struct ic_packet *packet, uint32_t timestamp);

/* Is the packet one of that run, at or behind its first? */
bool ic_run_has(const struct ic_run *run, const struct ic_packet *packet);

/* A run before the present one in which `packet` fills a hole. */
bool ic_numbering_find_earlier(struct ic_numbering *n, const struct ic_packet *packet,
                               uint16_t *number);

/* What a packet of a run goes out as, if it does. */
uint64_t ic_numbering_index(struct ic_numbering *n, uint16_t number, uint32_t seq);

/* The source's number of what went out as `index` in that run. */
uint32_t ic_numbering_source(struct ic_numbering *n, uint16_t number, uint64_t index);

/* The picture id to write, of VP8 or VP9. False if the packet has none. */
bool ic_numbering_picture(struct ic_numbering *n, uint16_t number, const struct ic_packet *packet,
                          uint16_t *picture);

/* The packet, the newest of its run, went out. */
void ic_numbering_sent(struct ic_numbering *n, uint16_t number, const struct ic_packet *packet);

/* Closes the numbers up behind the newest packet of the present run, which does not go out.
 * `fresh`: the first of its frame. What has not come before it keeps its numbers. */
void ic_numbering_leave_out(struct ic_numbering *n, const struct ic_packet *packet, bool fresh);
