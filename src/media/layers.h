/* layers.h - which frames of a scalable stream one receiver gets.
 *
 * A scalable stream carries several qualities under one SSRC. We offer up to three of them, its
 * rungs: 0 is the poorest, and each holds all frames of those below it, so that going down needs
 * nothing but leaving frames out. What a frame is, its header extension or payload descriptor says,
 * never its content.
 *
 * What a receiver may have of a stream is a step: one of three sizes, and of its pictures all, half
 * or a quarter. */
#pragma once

#include "media/control.h"
#include "media/dependency.h"
#include "media/vp8.h"

enum {
    IC_RATES = IC_DEPENDENCY_RUNGS, /* a quarter, half and all of the pictures */
    IC_STEPS = IC_LAYERS * IC_RATES,
};

/* The poorest step is 0. */
static inline uint8_t ic_step(uint8_t size, uint8_t rate)
{
    return (uint8_t)(size * IC_RATES + rate);
}

/* The highest rung of a stream with so many rates that the share `rate` of its pictures allows:
 * what has no quarter is not halved for it. */
static inline uint8_t ic_rung_of_rate(uint8_t rung_count, uint8_t rate)
{
    uint8_t missing = (uint8_t)(IC_RATES - rung_count);
    return rate > missing ? (uint8_t)(rate - missing) : 0;
}

/* A frame, as one of its packets tells. Zeroed: nothing is known. */
struct ic_frame {
    bool known;
    bool key;            /* refers to nothing before it */
    bool opens;          /* first of its picture; only there a receiver changes its rung */
    bool by_step;        /* `switches` holds for a receiver that is one rung below */
    uint8_t rung;        /* the lowest that it is part of */
    uint8_t switches;    /* bit r: who decodes it can decode all of rung r that follows */
    uint8_t ends;        /* bit r: the packet is the last of the picture in rung r */
    uint16_t number;     /* counts frames */
    uint64_t references; /* as in struct ic_dependency */
    bool refers_further;
};

/* Zeroed at first, and where a stream begins anew. */
struct ic_layer_filter {
    bool began;
    uint8_t rung, rung_before;
    uint16_t newest, changed_at; /* frame numbers */
    uint64_t decided, passed;    /* bit n: the frame n numbers before the newest */
};

struct ic_frame ic_frame_of_dependency(const struct ic_dependency *d);

/* `number` is the picture id, extended. */
struct ic_frame ic_frame_of_vp8(const struct ic_vp8 *vp8, uint16_t number);

/* Shall a packet of `frame`, which is known, go to a receiver that is to have `target`? What was
 * said of a frame's first packet holds for all. `fresh`: this is the first that came of it. */
bool ic_layers_pass(struct ic_layer_filter *f, const struct ic_frame *frame, uint8_t target,
                    bool *fresh);

/* The rung at the time of that frame. */
uint8_t ic_layers_rung(const struct ic_layer_filter *f, uint16_t number);

/* The decode targets that make up a rung: for ic_dependency_write(). */
uint32_t ic_layers_targets(const struct ic_dependency_structure *s, uint8_t rung);
