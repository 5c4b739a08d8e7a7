/* stats.h - the totals of a worker that the operator sees (docs/operate.md, "Metrics"). */
#pragma once

#include "media/control.h"

struct ic_worker;

/* All that has been counted so far. Each call is one observation of every receiver's estimate, so
 * it belongs where the totals are told, once a second. */
void ic_stats_sum(struct ic_worker *w, struct ic_worker_stats *sum);
