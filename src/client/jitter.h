/* jitter.h - puts the packets of one received stream back in order and finds whole frames.
 *
 * Packets wait in cells of a pool that all participants of the process share. A frame comes out
 * when all its packets are there and none before it is missing, or when what is missing has been
 * waited for long enough, or a whole key frame is there behind it. */
#pragma once

#include "base/base.h"
#include "base/stream.h"

enum {
    IC_CELL_SIZE = 1500,
    IC_JITTER_PLACES = 512, /* packets between the oldest wanted and the newest; a power of two */
};

#define IC_JITTER_PATIENCE_VIDEO (500 * IC_NS_PER_MS)

/* The cells. All zero but for what ic_cells_new() set up. */
struct ic_cells {
    uint8_t (*bytes)[IC_CELL_SIZE];
    uint32_t *free;
    uint32_t free_count;
};

/* IC_ERR_SYSTEM: no memory. Cells that are never used cost no memory. */
enum ic_err ic_cells_new(struct ic_cells *cells, uint32_t count) IC_CHECKED;
void ic_cells_free(struct ic_cells *cells);

/* One packet that arrived: its payload without the codec's descriptor. */
struct ic_jitter_packet {
    uint32_t seq; /* extended */
    uint32_t timestamp;
    int64_t arrived;      /* monotonic */
    int64_t arrived_wall; /* by the kernel's clock at the socket */
    bool first, last;     /* of its frame */
    bool key;             /* first of a key frame */
    bool copied;          /* came in a later packet: when it would have come is not known */
    struct ic_bytes payload;
};

struct ic_jitter_place {
    uint32_t seq;
    uint32_t cell; /* UINT32_MAX: empty */
    struct ic_jitter_packet packet;
};

struct ic_jitter {
    struct ic_cells *cells;
    int64_t patience_ns;
    bool started;
    bool broken;   /* frames were given up since the last key frame came out */
    uint32_t next; /* the oldest packet still wanted */
    uint32_t newest;
    bool any_key;
    uint32_t key;     /* where the newest key frame begins */
    uint64_t dropped; /* frames or parts of frames given up */
    struct ic_jitter_place places[IC_JITTER_PLACES];
};

/* `cells` must outlive it. `patience_ns`: how long a missing packet is waited for. */
void ic_jitter_init(struct ic_jitter *j, struct ic_cells *cells, int64_t patience_ns);
/* Gives back its cells. */
void ic_jitter_clear(struct ic_jitter *j);

/* Takes a packet, whose payload is copied. IC_ERR_REPLAYED: it is here, or too late.
 * IC_ERR_FULL: no cell is left. IC_ERR_MALFORMED: longer than a cell. A jump further than the
 * places reach begins anew. */
enum ic_err ic_jitter_put(struct ic_jitter *j, const struct ic_jitter_packet *packet) IC_CHECKED;

struct ic_jitter_frame {
    size_t len;
    uint32_t timestamp;
    int64_t arrived, arrived_wall; /* of its last packet to come */
    bool key, copied;
    bool broken; /* a frame before it was given up, with no key frame since */
};

/* Copies the next frame into `out`, and leaves it here until ic_jitter_done(). IC_ERR_NOT_FOUND:
 * none yet. IC_ERR_FULL: longer than `size`; it was dropped. */
enum ic_err ic_jitter_next(struct ic_jitter *j, int64_t now, uint8_t *out, size_t size,
                           struct ic_jitter_frame *frame) IC_CHECKED;
void ic_jitter_done(struct ic_jitter *j);

/* When ic_jitter_next() may say something new without another packet; INT64_MAX for never. */
int64_t ic_jitter_next_timeout(const struct ic_jitter *j);
