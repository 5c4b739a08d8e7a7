/* commands.h - lines of standard input, one call-back each, for --control. */
#pragma once

#include <uv.h>

#include "base/base.h"

enum { IC_COMMAND_SIZE = 8192 };

struct ic_commands {
    uv_poll_t poll;
    void (*heard)(void *owner, const char *line);
    void *owner;
    size_t len;
    bool bad; /* too long, or with a zero in it: all of the line is dropped */
    char text[IC_COMMAND_SIZE];
};

/* IC_ERR_SYSTEM: it cannot be waited for; it is a file, perhaps. */
enum ic_err ic_commands_start(struct ic_commands *commands, uv_loop_t *loop,
                              void (*heard)(void *owner, const char *line), void *owner) IC_CHECKED;
/* Of bytes that came: calls back for each whole line, but an empty one. */
void ic_commands_hear(struct ic_commands *commands, struct ic_bytes bytes);
/* Needs another turn of the loop. Without effect when it did not start. */
void ic_commands_stop(struct ic_commands *commands);
