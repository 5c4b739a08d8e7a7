/* worker_process.c - what the child gets: the control socket, our standard error and no more. */
#include "server/worker_process.h"

#include <stdio.h>
#include <unistd.h>

enum { CONTROL_FD = 3 };

int ic_worker_process_start(uv_process_t *process, const struct ic_worker_program *program)
{
    const struct ic_config *config = program->config;
    char port[8];
    snprintf(port, sizeof port, "%u",
             config->media.port ? config->media.port + program->number : 0);
    char *arguments[] = {(char *)program->path,
                         "--control-fd",
                         "3",
                         "--port",
                         port,
                         config->media.allow_unconfined ? "--allow-unconfined" : NULL,
                         NULL};
    uv_stdio_container_t files[CONTROL_FD + 1] = {
        [0] = {.flags = UV_IGNORE},
        [1] = {.flags = UV_IGNORE},
        [2] = {.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
        [CONTROL_FD] = {.flags = UV_INHERIT_FD, .data.fd = program->control_fd},
    };
    /* Detached, so that Ctrl-C reaches only us and we stop them in order. */
    uv_process_options_t options = {
        .file = arguments[0],
        .args = arguments,
        .stdio = files,
        .stdio_count = CONTROL_FD + 1,
        .exit_cb = program->on_died,
        .flags = UV_PROCESS_DETACHED,
    };
    return uv_spawn(program->loop, process, &options);
}
