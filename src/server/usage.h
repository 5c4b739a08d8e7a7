/* usage.h - what processes of ours take of the machine. */
#pragma once

#include <sys/types.h>

#include "server/metrics.h"

/* Of a process that may have ended: then nothing. */
void ic_usage_of(struct ic_process_usage *out, pid_t pid);

/* Of this process. */
uint32_t ic_usage_open_files(void);
