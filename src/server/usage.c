/* usage.c - the clock that the kernel keeps for each process, and /proc. */
#include "server/usage.h"

#include <dirent.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

static double cpu_seconds(pid_t pid)
{
    clockid_t clock;
    struct timespec t;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (double)t.tv_sec + (double)t.tv_nsec / IC_NS_PER_SEC;
}

static uint64_t resident_bytes(pid_t pid)
{
    char path[32];
    uint64_t pages = 0;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (fscanf(file, "%*u %" SCNu64, &pages) != 1)
        pages = 0;
    fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

void ic_usage_of(struct ic_process_usage *out, pid_t pid)
{
    *out = (struct ic_process_usage){cpu_seconds(pid), resident_bytes(pid)};
}

uint32_t ic_usage_open_files(void)
{
    enum { NOT_FILES = 3 }; /* the two dots, and the folder while it is read */
    uint32_t count = 0;
    DIR *files = opendir("/proc/self/fd");

    if (!files)
        return 0;
    while (readdir(files))
        count++;
    closedir(files);
    return count > NOT_FILES ? count - NOT_FILES : 0;
}
