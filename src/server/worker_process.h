/* worker_process.h - the program incamera-media as a child of ours. */
#pragma once

#include <uv.h>

#include "server/config.h"

struct ic_worker_program {
    uv_loop_t *loop;
    const struct ic_config *config;
    const char *path;
    uint32_t number; /* of the worker; its port counts with it */
    int control_fd;  /* its end of the socket; stays the caller's */
    uv_exit_cb on_died;
};

/* 0, or an error of libuv. `process` has to be closed also after an error. */
int ic_worker_process_start(uv_process_t *process, const struct ic_worker_program *program);
