/* run.c - a run ends after the first packet shorter than its head, and before a longer one. */
#include "worker/run.h"

size_t ic_run_of(const uint16_t *lens, size_t count, bool segmenting)
{
    if (!segmenting || count < 2)
        return count > 0;

    size_t most = IC_RUN_BYTES_MAX / (lens[0] ? lens[0] : 1);
    if (most > IC_RUN_PACKETS_MAX)
        most = IC_RUN_PACKETS_MAX;
    if (most > count)
        most = count;

    size_t run = 1;
    while (run < most && lens[run] == lens[0])
        run++;
    if (run < most && lens[run] < lens[0])
        run++;
    return run;
}
