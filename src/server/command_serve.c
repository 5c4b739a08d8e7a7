/* command_serve.c - `incamera serve`. */
#include <stdlib.h>
#include <sys/resource.h>

#include "server/command.h"
#include "server/serve.h"

/* A socket is a file; the usual soft limit of 1024 is less than limits.sockets. */
static void raise_file_limit(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int serve(const struct ic_config *config, const char *file)
{
    (void)file;
    raise_file_limit();
    return ic_serve(config) == IC_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}

const struct ic_command ic_command_serve = {
    .name = "serve",
    .summary = "serves pages and meetings until it is told to stop",
    .help = "incamera serve - serves the browser client, meetings and, through incamera-media,\n"
            "sealed sound and pictures. When ready it prints one start address on standard\n"
            "output and one JSON line on standard error. SIGTERM or SIGINT stops it in a second.",
    .checks_files = true,
    .run = serve,
};
