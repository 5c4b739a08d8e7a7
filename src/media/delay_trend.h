/* delay_trend.h - is a queue building up on the way? Told from how arrivals drift against sends.
 *
 * draft-ietf-rmcat-gcc-02 sections 5.1 to 5.4, with a line fitted through the last delays in place
 * of the Kalman filter. Packets sent within 5 ms are one group, since a burst waits for itself. A
 * drift counts only while the delay is also well above the least of the last seconds: larger frames
 * alone drift that far. */
#pragma once

#include "base/base.h"

enum { IC_TREND_POINTS = 20 };

enum ic_usage {
    IC_USAGE_NORMAL,
    IC_USAGE_OVER,  /* the queue grows */
    IC_USAGE_UNDER, /* it shrinks */
};

struct ic_trend_group {
    bool used;
    int64_t first_sent, last_sent;
    int64_t first_arrived, last_arrived;
};

struct ic_delay_trend {
    struct ic_trend_group current, previous;
    double delay_ms, smoothed_ms;  /* piled up since the start */
    double floor_ms, old_floor_ms; /* the least of this span and of the one before */
    int64_t floor_at;
    double at_ms[IC_TREND_POINTS], delays_ms[IC_TREND_POINTS];
    uint32_t points; /* ever */
    double trend;    /* last slope, scaled as the threshold is */
    double threshold;
    int64_t judged_at; /* arrival time of the last judgement */
    double over_ms;    /* how long the trend has been above the threshold */
    uint32_t over_count;
    enum ic_usage usage;
};

void ic_delay_trend_init(struct ic_delay_trend *t);

/* How much longer the delay is than the least of the last seconds. */
double ic_delay_trend_queue_ms(const struct ic_delay_trend *t);

/* The same of the newest burst alone, where that is about half a second behind. */
double ic_delay_trend_newest_ms(const struct ic_delay_trend *t);

/* One packet that arrived, in the order of sending as far as possible. `arrived` is on the
 * receiver's clock. */
void ic_delay_trend_note(struct ic_delay_trend *t, int64_t sent, int64_t arrived);
