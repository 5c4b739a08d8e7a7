/* Down at the next picture; up where the sender says that one may, and the receiver has got all
 * that this frame refers to:
 *
 *     rung 2      .   o   .   o   .   o         up to 1 at T (a switch to 1, refers to a B)
 *     rung 1        T       T       T           up to 2 at the o behind it
 *     rung 0    B       B       B       B       a larger size: only at a key picture, since its
 *                                               frames refer to those that were left out */
#include "media/layers.h"

enum { REMEMBERED = 64, TOP = IC_DEPENDENCY_RUNGS - 1 };

struct ic_frame ic_frame_of_dependency(const struct ic_dependency *d)
{
    const struct ic_dependency_structure *s = d->structure;
    struct ic_frame frame = {
        .known = true,
        .key = d->spatial == 0 && d->references == 0 && !d->refers_further,
        .opens = d->spatial == 0,
        .rung = IC_DEPENDENCY_RUNGS,
        .number = d->number,
        .references = d->references,
        .refers_further = d->refers_further,
    };
    for (uint8_t r = s->rung_count; r-- > 0;) {
        enum ic_indication is = ic_dependency_indication(d, s->rungs[r]);
        if (is != IC_INDICATION_ABSENT)
            frame.rung = r;
        if (is == IC_INDICATION_SWITCH)
            frame.switches |= (uint8_t)(1u << r);
        if (d->end && d->spatial == s->target_spatial[s->rungs[r]])
            frame.ends |= (uint8_t)(1u << r);
    }
    return frame;
}

/* A frame with the Y bit refers to the base alone: with all frames of its own rate gone, and those
 * of the next lower one there, nothing is missing from then on. */
struct ic_frame ic_frame_of_vp8(const struct ic_vp8 *vp8, uint16_t number)
{
    return (struct ic_frame){
        .known = vp8->has_tid && vp8->has_picture_id,
        .key = vp8->key_start,
        .opens = true,
        .by_step = true,
        .rung = vp8->tid < TOP ? vp8->tid : TOP,
        .switches = vp8->layer_sync ? (uint8_t)(1u << vp8->tid) : 0,
        .number = number,
    };
}

static void change_to(struct ic_layer_filter *f, uint8_t rung)
{
    f->rung_before = f->rung;
    f->rung = rung;
    f->changed_at = f->newest;
}

static bool has_references(const struct ic_layer_filter *f, const struct ic_frame *frame)
{
    bool oldest = frame->references >> (REMEMBERED - 1);
    return !frame->refers_further && !oldest && (frame->references << 1 & ~f->passed) == 0;
}

static bool may_rise(const struct ic_layer_filter *f, const struct ic_frame *frame, uint8_t rung)
{
    bool reachable = !frame->by_step || rung == f->rung + 1;
    return frame->key || (frame->switches >> rung & 1 && reachable && has_references(f, frame));
}

/* At the newest frame. */
static void follow(struct ic_layer_filter *f, const struct ic_frame *frame, uint8_t target)
{
    if (target < f->rung)
        change_to(f, target);
    for (uint8_t rung = target; rung > f->rung; rung--)
        if (may_rise(f, frame, rung))
            change_to(f, rung);
}

/* All before it went out, as the stream was not known to be scalable. */
static void begin(struct ic_layer_filter *f, uint16_t number)
{
    *f = (struct ic_layer_filter){.began = true,
                                  .rung = TOP,
                                  .rung_before = TOP,
                                  .newest = (uint16_t)(number - 1),
                                  .changed_at = (uint16_t)(number - 1),
                                  .passed = UINT64_MAX};
}

static bool advance(struct ic_layer_filter *f, uint16_t number)
{
    int16_t ahead = (int16_t)(uint16_t)(number - f->newest);
    if (ahead <= 0)
        return false;
    f->decided = ahead < REMEMBERED ? f->decided << ahead : 0;
    f->passed = ahead < REMEMBERED ? f->passed << ahead : 0;
    f->newest = number;
    if ((uint16_t)(number - f->changed_at) > INT16_MAX / 2) /* numbers come round */
        f->changed_at = (uint16_t)(number - INT16_MAX / 2);
    return true;
}

bool ic_layers_pass(struct ic_layer_filter *f, const struct ic_frame *frame, uint8_t target,
                    bool *fresh)
{
    if (!f->began)
        begin(f, frame->number);
    bool newest = advance(f, frame->number);
    uint16_t age = (uint16_t)(f->newest - frame->number);
    *fresh = false;
    if (age >= REMEMBERED)
        return false;
    uint64_t bit = UINT64_C(1) << age;
    if (f->decided & bit)
        return f->passed & bit;
    if (newest && frame->opens)
        follow(f, frame, target);
    *fresh = true;
    f->decided |= bit;
    f->passed &= ~bit;
    if (frame->rung <= ic_layers_rung(f, frame->number))
        f->passed |= bit;
    return f->passed & bit;
}

uint8_t ic_layers_rung(const struct ic_layer_filter *f, uint16_t number)
{
    bool before = (int16_t)(uint16_t)(number - f->changed_at) < 0;
    return before ? f->rung_before : f->rung;
}

uint32_t ic_layers_targets(const struct ic_dependency_structure *s, uint8_t rung)
{
    uint8_t best = s->rungs[rung < s->rung_count ? rung : s->rung_count - 1];
    uint32_t targets = 0;
    for (uint8_t i = 0; i < s->target_count; i++)
        if (s->target_spatial[i] <= s->target_spatial[best] &&
            s->target_temporal[i] <= s->target_temporal[best])
            targets |= UINT32_C(1) << i;
    return targets;
}
