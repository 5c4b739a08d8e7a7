/* dependency.h - the Dependency Descriptor, a header extension that says of each frame, whatever
 * its codec, what it needs and who needs it (AV1 RTP specification v1.0, appendix A).
 *
 * A key frame brings a structure: templates, and for each decode target (a quality that a receiver
 * may choose) what a frame of each template is to it. Frames after it only name a template, so the
 * structure is kept, and the one before it too, for packets that come late. */
#pragma once

#include "base/base.h"

enum {
    IC_DEPENDENCY_LEN_MAX = 200,                         /* longer ones are refused */
    IC_DEPENDENCY_WRITE_MAX = IC_DEPENDENCY_LEN_MAX + 5, /* flags and a mask may be added */
    IC_DEPENDENCY_TEMPLATES = 64,
    IC_DEPENDENCY_TARGETS = 32,
    IC_DEPENDENCY_RUNGS = 3,
};

/* What a frame is to a decode target. */
enum ic_indication {
    IC_INDICATION_ABSENT,      /* no part of it */
    IC_INDICATION_DISCARDABLE, /* nobody needs it there */
    IC_INDICATION_SWITCH,      /* whoever can decode it can decode all that follows */
    IC_INDICATION_REQUIRED,
};

struct ic_dependency_template {
    uint64_t indications; /* two bits a target, target 0 lowest */
    uint16_t references;  /* bit n: the frame n + 1 numbers before */
    uint8_t spatial, temporal;
};

struct ic_dependency_structure {
    uint8_t first_id; /* template_id_offset */
    uint8_t template_count, target_count, chain_count;
    uint8_t spatial_max;
    uint16_t number; /* of the frame that brought it */
    uint8_t rung_count;
    uint8_t rungs[IC_DEPENDENCY_RUNGS]; /* decode targets, poorest first */
    uint8_t target_spatial[IC_DEPENDENCY_TARGETS], target_temporal[IC_DEPENDENCY_TARGETS];
    struct ic_dependency_template templates[IC_DEPENDENCY_TEMPLATES];
};

/* The structures of one stream. Zeroed at first. */
struct ic_dependency_cache {
    uint8_t count, newest;
    struct ic_dependency_structure structures[2];
};

/* One packet's descriptor. */
struct ic_dependency {
    bool start, end; /* first, last packet of its frame */
    uint16_t number;
    uint8_t template_id;
    uint8_t spatial, temporal;
    uint64_t indications;
    uint64_t references; /* bit n: the frame n + 1 numbers before */
    bool refers_further; /* than those */
    bool has_structure, has_targets;
    uint32_t targets; /* with either of these: those that the sender serves now */
    /* For writing it anew: bits from its start. */
    uint8_t custom; /* the three flags */
    uint8_t target_count;
    uint16_t structure_end, rest_at, rest_end;
    const struct ic_dependency_structure *structure; /* in the cache, until the next is taken */
};

/* Reads one and keeps the structure that comes with it. IC_ERR_NOT_FOUND: the structure that it
 * refers to is not here. On error `out` and `cache` are untouched. */
enum ic_err ic_dependency_read(struct ic_dependency *out, struct ic_dependency_cache *cache,
                               struct ic_bytes bytes) IC_CHECKED;

/* The same with a structure that was kept, without keeping anything; fit for what was read before.
 */
enum ic_err ic_dependency_read_again(struct ic_dependency *out,
                                     const struct ic_dependency_cache *cache,
                                     struct ic_bytes bytes) IC_CHECKED;

static inline enum ic_indication ic_dependency_indication(const struct ic_dependency *d,
                                                          uint8_t target)
{
    return (enum ic_indication)(d->indications >> 2 * target & 3);
}

/* Writes `d`, which was read from `bytes`, with another frame number, and with `targets` as those
 * that are served (0: as it was). Returns the length. */
size_t ic_dependency_write(uint8_t out[IC_DEPENDENCY_WRITE_MAX], const struct ic_dependency *d,
                           struct ic_bytes bytes, uint16_t number, uint32_t targets);
