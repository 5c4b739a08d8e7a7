/* The JSON lines of incamera-client. Written by hand: numbers only, so nothing needs escaping. */
#include "client/stats.h"

#include <inttypes.h>

/* What is a sum. The two gaps are longest times and are handled apart. */
/* clang-format off */
static const struct {
    const char *name;
    size_t at;
} sums[] = {
#define SUM(member) {#member, offsetof(struct ic_counters, member)}
    SUM(frames_in), SUM(decrypted), SUM(failed), SUM(unexpected), SUM(repeated), SUM(dropped), SUM(audio_in),
    SUM(video_in), SUM(freezes), SUM(switches), SUM(frames_out), SUM(packets_in), SUM(packets_out), SUM(bytes_in),
    SUM(bytes_out), SUM(lost), SUM(resent_in), SUM(copied_in), SUM(resent_out), SUM(nacks_out), SUM(nacks_in),
    SUM(plis_out), SUM(plis_in), SUM(feedback_in), SUM(feedback_lost),
    SUM(srtp_gcm), SUM(srtp_sha1), SUM(socket_drops),
#undef SUM
};
/* clang-format on */

static const uint64_t *sum_of(const struct ic_counters *c, size_t i)
{
    return (const uint64_t *)(const void *)((const char *)c + sums[i].at);
}

static void add(struct ic_counters *to, const struct ic_counters *from)
{
    for (size_t i = 0; i < IC_COUNT(sums); i++)
        *(uint64_t *)(void *)((char *)to + sums[i].at) += *sum_of(from, i);
    if (from->audio_gap_ns > to->audio_gap_ns)
        to->audio_gap_ns = from->audio_gap_ns;
    if (from->video_gap_ns > to->video_gap_ns)
        to->video_gap_ns = from->video_gap_ns;
}

void ic_stats_init(struct ic_stats *stats, int64_t now)
{
    memset(stats, 0, sizeof *stats);
    stats->started_at = now;
}

void ic_stats_gap(struct ic_stats *stats, bool video, int64_t gap_ns)
{
    int64_t *longest = video ? &stats->now.video_gap_ns : &stats->now.audio_gap_ns;
    if (gap_ns > *longest)
        *longest = gap_ns;
}

static void write_line(const struct ic_stats *s, const struct ic_counters *c,
                       const struct ic_histogram *latency, bool final, FILE *out, int64_t now)
{
    fprintf(out, "{\"seconds\":%.1f,\"final\":%s,\"participants\":%u,\"joined\":%u,\"people\":%u",
            (double)(now - s->started_at) / 1e9, final ? "true" : "false", s->participants,
            s->joined, s->people);
    for (size_t i = 0; i < IC_COUNT(sums); i++)
        fprintf(out, ",\"%s\":%" PRIu64, sums[i].name, *sum_of(c, i));
    fprintf(out, ",\"audio_gap_ms\":%.1f,\"video_gap_ms\":%.1f", (double)c->audio_gap_ns / 1e6,
            (double)c->video_gap_ns / 1e6);
    fprintf(out, ",\"latency_count\":%" PRIu64 ",\"latency_p50_ms\":%.3f,\"latency_p99_ms\":%.3f",
            latency->count, ic_histogram_ms(latency, 50), ic_histogram_ms(latency, 99));
    fprintf(out,
            ",\"joins\":%" PRIu64
            ",\"join_p50_ms\":%.1f,\"join_p99_ms\":%.1f,\"failed_joins\":%u,\"reconnects\":%u}\n",
            s->joins.count, ic_histogram_ms(&s->joins, 50), ic_histogram_ms(&s->joins, 99),
            s->failed_joins, s->reconnects);
    fflush(out);
}

void ic_stats_line(struct ic_stats *stats, FILE *out, int64_t now)
{
    write_line(stats, &stats->now, &stats->latency, false, out, now);
    add(&stats->total, &stats->now);
    ic_histogram_merge(&stats->latency_total, &stats->latency);
    memset(&stats->now, 0, sizeof stats->now);
    memset(&stats->latency, 0, sizeof stats->latency);
}

void ic_stats_final(const struct ic_stats *stats, FILE *out, int64_t now)
{
    write_line(stats, &stats->total, &stats->latency_total, true, out, now);
}
