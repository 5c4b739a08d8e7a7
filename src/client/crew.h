/* crew.h - all participants of one process: starts them one after the other, prints the lines, and
 * ends them. */
#pragma once

#include <stdio.h>

#include "base/base.h"
#include "client/options.h"
#include "client/tamper.h"

/* Runs until all have finished, the time is up, or a signal came. Lines go to `out`, complaints to
 * standard error. Returns the exit status: 0 if everybody could join, 2 for a bad link,
 * start address or host proof, else 1. `tamper` may be NULL.
 */
int ic_crew_run(const struct ic_options *options, const struct ic_tamper *tamper, FILE *out);
