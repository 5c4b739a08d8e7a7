/* The figures are the draft's and those in wide use: gain 4, threshold from 12.5 within 6 to 600,
 * adapted slowly upwards and fast downwards. */
#include "media/delay_trend.h"

#define GROUP_NS (5 * IC_NS_PER_MS)
#define BURST_NS (100 * IC_NS_PER_MS)
#define FLOOR_SPAN (10 * IC_NS_PER_SEC)
#define JUMP_MS 3000 /* a gap this long says nothing of a queue */

static const double smoothing = 0.9, gain = 4, counted_most = 60;
static const double threshold_start = 12.5, threshold_least = 6, threshold_most = 600;
static const double up = 0.0087, down = 0.039, outlier = 15, step_most_ms = 100;
static const double over_time_ms = 10;
static const double queue_least_ms = 20; /* above the floor; less is no queue */

void ic_delay_trend_init(struct ic_delay_trend *t)
{
    *t = (struct ic_delay_trend){.threshold = threshold_start};
}

static double ms_of(int64_t ns)
{
    return (double)ns / (double)IC_NS_PER_MS;
}

/* Through the points of the window, by least squares; delay over time. */
static double slope(const struct ic_delay_trend *t)
{
    double mean_x = 0, mean_y = 0, numerator = 0, denominator = 0;

    for (size_t i = 0; i < IC_TREND_POINTS; i++) {
        mean_x += t->at_ms[i] / IC_TREND_POINTS;
        mean_y += t->delays_ms[i] / IC_TREND_POINTS;
    }
    for (size_t i = 0; i < IC_TREND_POINTS; i++) {
        numerator += (t->at_ms[i] - mean_x) * (t->delays_ms[i] - mean_y);
        denominator += (t->at_ms[i] - mean_x) * (t->at_ms[i] - mean_x);
    }
    return denominator > 0 ? numerator / denominator : 0;
}

static double magnitude(double value)
{
    return value < 0 ? -value : value;
}

static void adapt_threshold(struct ic_delay_trend *t, double trend, double elapsed_ms)
{
    double apart = magnitude(trend) - t->threshold;

    if (apart > outlier)
        return;
    elapsed_ms = elapsed_ms > step_most_ms ? step_most_ms : elapsed_ms;
    t->threshold += (apart < 0 ? down : up) * apart * elapsed_ms;
    t->threshold = t->threshold < threshold_least ? threshold_least : t->threshold;
    t->threshold = t->threshold > threshold_most ? threshold_most : t->threshold;
}

static void note_floor(struct ic_delay_trend *t, int64_t arrived)
{
    if (t->floor_at == 0 || arrived - t->floor_at >= FLOOR_SPAN) {
        t->old_floor_ms = t->floor_at ? t->floor_ms : t->smoothed_ms;
        t->floor_ms = t->smoothed_ms;
        t->floor_at = arrived;
    }
    t->floor_ms = t->smoothed_ms < t->floor_ms ? t->smoothed_ms : t->floor_ms;
}

static double floor_of(const struct ic_delay_trend *t)
{
    return t->floor_ms < t->old_floor_ms ? t->floor_ms : t->old_floor_ms;
}

double ic_delay_trend_queue_ms(const struct ic_delay_trend *t)
{
    return t->smoothed_ms - floor_of(t);
}

double ic_delay_trend_newest_ms(const struct ic_delay_trend *t)
{
    return t->delay_ms - floor_of(t);
}

static bool has_queue(const struct ic_delay_trend *t)
{
    return ic_delay_trend_queue_ms(t) > queue_least_ms;
}

/* Over only if it has lasted, and is not about to end. */
static void judge(struct ic_delay_trend *t, double trend, double send_gap_ms)
{
    if (trend > t->threshold) {
        t->over_ms += t->over_count == 0 ? send_gap_ms / 2 : send_gap_ms;
        t->over_count++;
        if (t->over_ms > over_time_ms && t->over_count > 1 && trend >= t->trend && has_queue(t)) {
            t->over_ms = 0;
            t->over_count = 0;
            t->usage = IC_USAGE_OVER;
        }
        return;
    }
    t->over_ms = 0;
    t->over_count = 0;
    t->usage = trend < -t->threshold ? IC_USAGE_UNDER : IC_USAGE_NORMAL;
}

static void add_point(struct ic_delay_trend *t, double gradient_ms, double send_gap_ms,
                      int64_t arrived)
{
    uint32_t place = t->points % IC_TREND_POINTS;

    double lower = gradient_ms > 0 ? t->delay_ms : t->delay_ms + gradient_ms;
    t->delay_ms += gradient_ms;
    t->smoothed_ms = smoothing * t->smoothed_ms + (1 - smoothing) * lower;
    t->at_ms[place] = ms_of(arrived);
    t->delays_ms[place] = t->smoothed_ms;
    note_floor(t, arrived);
    if (++t->points < IC_TREND_POINTS)
        return;

    double counted = t->points < counted_most ? t->points : counted_most;
    double trend = slope(t) * counted * gain;
    judge(t, trend, send_gap_ms);
    adapt_threshold(t, trend, ms_of(arrived - t->judged_at));
    t->trend = trend;
    t->judged_at = arrived;
}

/* Compares the two groups that are complete. */
static void compare(struct ic_delay_trend *t)
{
    double send_gap = ms_of(t->current.last_sent - t->previous.last_sent);
    double arrival_gap = ms_of(t->current.last_arrived - t->previous.last_arrived);

    if (arrival_gap < 0)
        return; /* overtaken */
    if (send_gap > JUMP_MS || arrival_gap > JUMP_MS) {
        double threshold = t->threshold;
        ic_delay_trend_init(t);
        t->threshold = threshold;
        return;
    }
    add_point(t, arrival_gap - send_gap, send_gap, t->current.last_arrived);
}

/* A burst also is what arrives at once, however it was sent: something on the way held it. And what
 * was sent at once, as the packets of a picture are. */
static bool belongs(const struct ic_trend_group *g, int64_t sent, int64_t arrived)
{
    if (sent - g->first_sent <= GROUP_NS || sent == g->last_sent)
        return true;
    int64_t arrival_gap = arrived - g->last_arrived;
    return arrival_gap >= 0 && arrival_gap <= GROUP_NS && arrival_gap < sent - g->last_sent &&
           arrived - g->first_arrived < BURST_NS;
}

void ic_delay_trend_note(struct ic_delay_trend *t, int64_t sent, int64_t arrived)
{
    struct ic_trend_group *g = &t->current;

    if (g->used && sent < g->first_sent)
        return;
    if (g->used && belongs(g, sent, arrived)) {
        g->last_sent = sent > g->last_sent ? sent : g->last_sent;
        g->last_arrived = arrived > g->last_arrived ? arrived : g->last_arrived;
        return;
    }
    struct ic_trend_group next = {true, sent, sent, arrived, arrived};
    if (t->previous.used)
        compare(t);
    t->previous = t->current;
    t->current = next;
}
