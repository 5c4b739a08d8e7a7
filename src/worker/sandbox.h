/* sandbox.h - what a media worker may still ask of the kernel once its sockets are open: to wait,
 * to receive and send on them, to accept TCP connections, memory, time, randomness, and to end.
 *
 * A filter of system calls (seccomp) refuses the rest; what only an attacker would do, such as
 * starting a program or tracing another process, ends the worker. Landlock closes all files and new
 * TCP connections once more, by another mechanism. Nothing of it costs per packet. */
#pragma once

#include "base/base.h"

struct ic_sandbox {
    int control_fd;        /* nobody else can hand over a file: sockets to other workers */
    bool allow_unconfined; /* run, with a warning, where the kernel has no seccomp */
    bool sanitized; /* built with AddressSanitizer, whose leak check traces and reads /proc */
};

/* For good. Logs one line about everything that is not as it should be. A kernel without Landlock
 * is a warning, since the filter closes files by itself; without seccomp, or when either refuses,
 * IC_ERR_SYSTEM unless `allow_unconfined`. */
enum ic_err ic_sandbox_enter(const struct ic_sandbox *sandbox) IC_CHECKED;

/* Was this file compiled with AddressSanitizer? */
#if defined(__SANITIZE_ADDRESS__)
#define IC_SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IC_SANITIZED true
#endif
#endif
#ifndef IC_SANITIZED
#define IC_SANITIZED false
#endif
