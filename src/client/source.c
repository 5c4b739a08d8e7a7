/* Plays clips and makes patterns, a frame at a time. */
#include "client/source.h"

#include "client/pattern.h"

enum { TONE_FRAME_MS = 20 };
#define KEY_FRAME_LEAST (300 * IC_NS_PER_MS)

void ic_source_init(struct ic_source *source, enum ic_codec codec, const struct ic_clip *clip,
                    uint64_t pattern_bps, int64_t start)
{
    *source = (struct ic_source){.codec = codec,
                                 .clip = clip,
                                 .pattern_bps = pattern_bps,
                                 .clip_at = start,
                                 .due = start,
                                 .key_wanted = true,
                                 .key_at = start - KEY_FRAME_LEAST};
}

void ic_source_want_key(struct ic_source *source)
{
    source->key_wanted = true;
}

/* Moves to the clip's next key frame, as if it were due now. */
static void seek_key(struct ic_source *s)
{
    size_t at = s->next;
    for (size_t i = 0; i < s->clip->count; i++) {
        if (s->clip->frames[at].key)
            break;
        at = (at + 1) % s->clip->count;
    }
    s->next = at;
    s->clip_at = s->due - s->clip->frames[at].at_ns;
}

static void next_of_clip(struct ic_source *s, struct ic_source_frame *out)
{
    const struct ic_clip_frame *frame = &s->clip->frames[s->next];
    *out = (struct ic_source_frame){frame->data, s->due, frame->key};
    if (++s->next == s->clip->count) {
        s->next = 0;
        s->clip_at += s->clip->duration_ns;
    }
    s->due = s->clip_at + s->clip->frames[s->next].at_ns;
}

static void next_of_pattern(struct ic_source *s, struct ic_source_frame *out, uint8_t *scratch,
                            bool key, int64_t now, int64_t wall_now)
{
    bool video = s->codec == IC_CODEC_VP8;
    const struct ic_stamp stamp = {s->number, now, wall_now};
    size_t len = video ? ic_pattern_frame_len(s->pattern_bps, s->number, key) : IC_TONE_LEN;
    ic_pattern_fill(scratch, len,
                    !video ? IC_PATTERN_TONE
                    : key  ? IC_PATTERN_KEY
                           : IC_PATTERN_DELTA,
                    &stamp);
    *out = (struct ic_source_frame){{scratch, len}, s->due, video && key};
    s->due += video ? IC_NS_PER_SEC / IC_PATTERN_FPS : TONE_FRAME_MS * IC_NS_PER_MS;
}

bool ic_source_next(struct ic_source *source, struct ic_source_frame *out, uint8_t *scratch,
                    int64_t now, int64_t wall_now)
{
    struct ic_source *s = source;
    if (now < s->due)
        return false;
    if (now - s->due > IC_NS_PER_SEC) { /* the machine slept: go on from here */
        s->clip_at += now - s->due;
        s->due = now;
    }
    bool key = s->codec == IC_CODEC_VP8 && s->key_wanted && s->due - s->key_at >= KEY_FRAME_LEAST;
    if (s->clip && key)
        seek_key(s);
    if (s->clip)
        next_of_clip(s, out);
    else
        next_of_pattern(s, out, scratch, key, now, wall_now);
    if (out->key) {
        s->key_at = out->due;
        s->key_wanted = false;
    }
    s->number++;
    return true;
}
