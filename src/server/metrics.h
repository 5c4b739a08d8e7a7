/* metrics.h - what the operator's Prometheus reads: totals of the server and of each media process,
 * in the text exposition format 0.0.4. docs/operate.md has a row for each, and a test compares.
 *
 * People are counted for the whole server only. A label is one of the words in metrics.c or the
 * number of a media process: there is no place for a name, a meeting or an address. Pure. */
#pragma once

#include <stdio.h>

#include "media/control.h"
#include "server/config.h"

/* What the control process has counted since its start, and has now. */
struct ic_server_counts {
    uint64_t created;                            /* meetings */
    uint64_t joined;                             /* who waited became a member */
    uint64_t returned;                           /* a member or one who waits, over a new socket */
    uint64_t refused;                            /* wrong links */
    uint64_t connected;                          /* media paths asked for */
    uint64_t restarted;                          /* ICE restarts */
    uint32_t meetings, spread, members, waiting; /* spread: meetings on several media processes */
};

struct ic_process_usage {
    double cpu_seconds; /* user and system */
    uint64_t resident_bytes;
};

struct ic_metrics_worker {
    uint32_t ready;  /* 0 or 1 */
    uint64_t starts; /* of the process, the first one included */
    struct ic_process_usage usage;
    struct ic_worker_stats stats;
};

struct ic_metrics {
    double started_at; /* seconds since 1970 */
    struct ic_process_usage usage;
    uint32_t open_files, sockets;
    struct ic_server_counts counts;
    uint32_t worker_count;
    struct ic_metrics_worker workers[IC_CONFIG_WORKERS_MAX];
};

void ic_metrics_write(FILE *out, const struct ic_metrics *m);

/* Writes one Markdown table row per metric: name, type, labels, meaning. */
void ic_metrics_describe(FILE *out);
