/* Any text as a configuration file, and its lines as flags: every value in its range, or a sentence
 * about the first that is not. */
#include "server/config.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FLAGS_MAX = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load(const char *file, char *const *flags)
{
    static char *const nothing[] = {NULL};
    static struct ic_config config;
    struct ic_config_problem problem = {0};

    enum ic_err err = ic_config_load(&config, file, nothing, flags ? flags : nothing, &problem);
    if (err != IC_OK && (problem.text[0] == 0 || !memchr(problem.text, 0, sizeof problem.text)))
        abort();
    if (err == IC_OK && (config.limits.participants < 1 || config.limits.participants > 1000))
        abort();
}

static void load_file(const uint8_t *data, size_t size)
{
    static int file = -1;
    char path[32];

    if (file < 0)
        file = memfd_create("config", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (file < 0 || ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    load(path, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *rest = text, *flags[FLAGS_MAX + 1] = {0};

    if (!text)
        abort();
    load_file(data, size);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    for (size_t i = 0; i < FLAGS_MAX && rest; i++)
        flags[i] = strsep(&rest, "\n");
    load(NULL, flags);
    free(text);
    return 0;
}
