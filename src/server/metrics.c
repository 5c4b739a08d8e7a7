/* metrics.c - a table of all samples and a loop that writes them. Samples of one metric stand
 * together, and the first one has its type and meaning. */
#include "server/metrics.h"

#include <inttypes.h>

enum kind { U32, U64, SECONDS };

struct sample {
    const char *name, *type, *help; /* type and help: NULL as in the line above */
    const char *label, *value;      /* NULL: none */
    enum kind kind;
    size_t offset;
};

#define SERVER(member) offsetof(struct ic_metrics, member)
#define WORKER(member) offsetof(struct ic_metrics_worker, member)
#define COUNTED(member) offsetof(struct ic_metrics_worker, stats.member)

static const char counter[] = "counter", gauge[] = "gauge";

/* clang-format off */
static const struct sample of_server[] = {
    {"process_start_time_seconds", gauge, "When `incamera serve` started, in seconds since 1970.", NULL, NULL, SECONDS, SERVER(started_at)},
    {"process_cpu_seconds_total", counter, "Processor time of `incamera serve`.", NULL, NULL, SECONDS, SERVER(usage.cpu_seconds)},
    {"process_resident_memory_bytes", gauge, "Memory of `incamera serve`.", NULL, NULL, U64, SERVER(usage.resident_bytes)},
    {"process_open_fds", gauge, "Open files and connections of `incamera serve`.", NULL, NULL, U32, SERVER(open_files)},
    {"incamera_sockets", gauge, "Open WebSockets.", NULL, NULL, U32, SERVER(sockets)},
    {"incamera_meetings", gauge, "Meetings in memory.", NULL, NULL, U32, SERVER(counts.meetings)},
    {"incamera_meetings_spread", gauge, "Meetings that several media processes carry together.", NULL, NULL, U32, SERVER(counts.spread)},
    {"incamera_members", gauge, "People in all meetings.", NULL, NULL, U32, SERVER(counts.members)},
    {"incamera_waiting", gauge, "People who wait to be let in, at all meetings.", NULL, NULL, U32, SERVER(counts.waiting)},
    {"incamera_meetings_created_total", counter, "Meetings that were made.", NULL, NULL, U64, SERVER(counts.created)},
    {"incamera_joins_total", counter, "People who came in.", NULL, NULL, U64, SERVER(counts.joined)},
    {"incamera_returns_total", counter, "People who came back after their connection to the server broke.", NULL, NULL, U64, SERVER(counts.returned)},
    {"incamera_wrong_links_total", counter, "Links that opened nothing, and tries that came too fast.", NULL, NULL, U64, SERVER(counts.refused)},
    {"incamera_connects_total", counter, "Media connections that clients asked for.", NULL, NULL, U64, SERVER(counts.connected)},
    {"incamera_ice_restarts_total", counter, "Media connections that looked for another way.", NULL, NULL, U64, SERVER(counts.restarted)},
};

static const struct sample of_worker[] = {
    {"incamera_media_up", gauge, "1 while the media process is ready.", NULL, NULL, U32, WORKER(ready)},
    {"incamera_media_starts_total", counter, "How often the media process was started.", NULL, NULL, U64, WORKER(starts)},
    {"incamera_media_cpu_seconds_total", counter, "Processor time of the media process.", NULL, NULL, SECONDS, WORKER(usage.cpu_seconds)},
    {"incamera_media_resident_memory_bytes", gauge, "Memory of the media process.", NULL, NULL, U64, WORKER(usage.resident_bytes)},
    {"incamera_media_packets_total", counter, "Packets, by UDP and TCP.", "direction", "in", U64, COUNTED(packets_in)},
    {"incamera_media_packets_total", NULL, NULL, "direction", "out", U64, COUNTED(packets_out)},
    {"incamera_media_bytes_total", counter, "Their bytes, without IP, UDP and TCP headers.", "direction", "in", U64, COUNTED(bytes_in)},
    {"incamera_media_bytes_total", NULL, NULL, "direction", "out", U64, COUNTED(bytes_out)},
    {"incamera_media_dropped_total", counter, "Packets that were dropped.", "reason", "malformed", U64, COUNTED(dropped_malformed)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "unknown", U64, COUNTED(dropped_unknown)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "bad_check", U64, COUNTED(dropped_checks)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "forged", U64, COUNTED(dropped_forged)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "replayed", U64, COUNTED(dropped_replayed)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "full", U64, COUNTED(dropped_full)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "too_much_sound", U64, COUNTED(dropped_policed[IC_TRAFFIC_SOUND])},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "too_many_pictures", U64, COUNTED(dropped_policed[IC_TRAFFIC_PICTURES])},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "too_many_reports", U64, COUNTED(dropped_policed[IC_TRAFFIC_REPORTS])},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "too_many_checks", U64, COUNTED(dropped_policed[IC_TRAFFIC_CHECKS])},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "too_many_handshakes", U64, COUNTED(dropped_policed[IC_TRAFFIC_HANDSHAKES])},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "link_full", U64, COUNTED(cross_lost)},
    {"incamera_media_dropped_total", NULL, NULL, "reason", "link_refused", U64, COUNTED(cross_refused)},
    {"incamera_media_crossed_total", counter, "Packets of meetings that several media processes carry, and what these ask of each other.", "direction", "in", U64, COUNTED(cross_in)},
    {"incamera_media_crossed_total", NULL, NULL, "direction", "out", U64, COUNTED(cross_out)},
    {"incamera_media_handshakes_total", counter, "DTLS handshakes that ended.", "result", "done", U64, COUNTED(handshakes_done)},
    {"incamera_media_handshakes_total", NULL, NULL, "result", "failed", U64, COUNTED(handshakes_failed)},
    {"incamera_media_nacks_total", counter, "Reports of missing packets.", "direction", "in", U64, COUNTED(nacks_in)},
    {"incamera_media_nacks_total", NULL, NULL, "direction", "out", U64, COUNTED(nacks_out)},
    {"incamera_media_retransmissions_total", counter, "Packets that were sent again.", "direction", "in", U64, COUNTED(rtx_in)},
    {"incamera_media_retransmissions_total", NULL, NULL, "direction", "out", U64, COUNTED(rtx_out)},
    {"incamera_media_key_frame_requests_total", counter, "Requests for a key frame, from receivers and to publishers.", "direction", "in", U64, COUNTED(plis_in)},
    {"incamera_media_key_frame_requests_total", NULL, NULL, "direction", "out", U64, COUNTED(plis_out)},
    {"incamera_media_turned_down_total", counter, "Times that a receiver got a smaller picture for want of bandwidth.", NULL, NULL, U64, COUNTED(downs)},
};

static const struct sample of_route[] = {
    {"incamera_media_connections", gauge, "Media connections of all processes, by the way they take. A relay is known by its address in turn.urls.", "route", "none", U32, IC_ROUTE_NONE},
    {"incamera_media_connections", NULL, NULL, "route", "udp", U32, IC_ROUTE_UDP},
    {"incamera_media_connections", NULL, NULL, "route", "tcp", U32, IC_ROUTE_TCP},
    {"incamera_media_connections", NULL, NULL, "route", "relay", U32, IC_ROUTE_RELAY},
};

static const char build[] = "incamera_build_info", build_help[] = "1, with the version.";
static const char estimates[] = "incamera_media_estimate_bits_per_second",
                  estimates_help[] = "What receivers' paths carry, each asked once a second while media flows.";
/* clang-format on */

static void write_head(FILE *out, const char *name, const char *type, const char *help)
{
    if (type)
        fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_value(FILE *out, enum kind kind, const void *at)
{
    switch (kind) {
    case U32:
        fprintf(out, " %" PRIu32 "\n", *(const uint32_t *)at);
        break;
    case U64:
        fprintf(out, " %" PRIu64 "\n", *(const uint64_t *)at);
        break;
    case SECONDS:
        fprintf(out, " %.3f\n", *(const double *)at);
        break;
    }
}

static const void *member(const void *base, size_t offset)
{
    return (const char *)base + offset;
}

static void write_of_server(FILE *out, const struct ic_metrics *m)
{
    write_head(out, build, gauge, build_help);
    fprintf(out, "%s{version=\"%s\"} 1\n", build, IC_VERSION);
    for (size_t i = 0; i < IC_COUNT(of_server); i++) {
        const struct sample *s = &of_server[i];
        write_head(out, s->name, s->type, s->help);
        fputs(s->name, out);
        write_value(out, s->kind, member(m, s->offset));
    }
}

static void write_of_workers(FILE *out, const struct ic_metrics *m, const struct sample *s)
{
    for (uint32_t i = 0; i < m->worker_count; i++) {
        fprintf(out, "%s{worker=\"%" PRIu32 "\"", s->name, i);
        if (s->label)
            fprintf(out, ",%s=\"%s\"", s->label, s->value);
        fputc('}', out);
        write_value(out, s->kind, member(&m->workers[i], s->offset));
    }
}

/* The same of all workers, so that a meeting is not seen in the numbers of its process. */
static void write_routes(FILE *out, const struct ic_metrics *m)
{
    for (size_t i = 0; i < IC_COUNT(of_route); i++) {
        const struct sample *s = &of_route[i];
        uint32_t sum = 0;
        for (uint32_t w = 0; w < m->worker_count; w++)
            sum += m->workers[w].stats.now.routes[s->offset];
        write_head(out, s->name, s->type, s->help);
        fprintf(out, "%s{%s=\"%s\"} %" PRIu32 "\n", s->name, s->label, s->value, sum);
    }
}

static void write_bucket(FILE *out, size_t bucket, uint64_t count)
{
    if (bucket < IC_COUNT(ic_estimate_bounds_bps))
        fprintf(out, "%s_bucket{le=\"%" PRIu32 "\"} %" PRIu64 "\n", estimates,
                ic_estimate_bounds_bps[bucket], count);
    else
        fprintf(out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", estimates, count);
}

/* Buckets of the format hold all that is below, too. */
static void write_estimates(FILE *out, const struct ic_metrics *m)
{
    uint64_t count = 0, sum = 0;

    write_head(out, estimates, "histogram", estimates_help);
    for (size_t bucket = 0; bucket < IC_ESTIMATE_BUCKETS; bucket++) {
        for (uint32_t w = 0; w < m->worker_count; w++)
            count += m->workers[w].stats.estimates[bucket];
        write_bucket(out, bucket, count);
    }
    for (uint32_t w = 0; w < m->worker_count; w++)
        sum += m->workers[w].stats.estimates_bps;
    fprintf(out, "%s_sum %" PRIu64 "\n%s_count %" PRIu64 "\n", estimates, sum, estimates, count);
}

void ic_metrics_write(FILE *out, const struct ic_metrics *m)
{
    write_of_server(out, m);
    for (size_t i = 0; i < IC_COUNT(of_worker); i++) {
        const struct sample *s = &of_worker[i];
        write_head(out, s->name, s->type, s->help);
        write_of_workers(out, m, s);
    }
    write_routes(out, m);
    write_estimates(out, m);
}

static void describe(FILE *out, const struct sample *samples, size_t count, const char *also)
{
    for (size_t i = 0; i < count; i++) {
        const struct sample *s = &samples[i];
        if (!s->type)
            continue;
        fprintf(out, "| `%s` | %s | %s", s->name, s->type, also);
        if (s->label)
            fprintf(out, "%s`%s`: %s", also[0] ? ", " : "", s->label, s->value);
        for (size_t k = i + 1; k < count && !samples[k].type; k++)
            fprintf(out, ", %s", samples[k].value);
        fprintf(out, " | %s |\n", s->help);
    }
}

void ic_metrics_describe(FILE *out)
{
    fprintf(out, "| `%s` | gauge | `version` | %s |\n", build, build_help);
    describe(out, of_server, IC_COUNT(of_server), "");
    describe(out, of_worker, IC_COUNT(of_worker), "`worker`");
    describe(out, of_route, IC_COUNT(of_route), "");
    fprintf(out, "| `%s` | histogram | `le` | %s |\n", estimates, estimates_help);
}
