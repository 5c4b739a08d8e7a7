/* commands.c - standard input on the loop. Its end is no command; a line too long is
 * dropped, with its rest. */
#include "client/commands.h"

#include <unistd.h>

static void end_line(struct ic_commands *c)
{
    c->text[c->len] = '\0';
    if (c->len > 0 && !c->bad)
        c->heard(c->owner, c->text);
    c->len = 0;
    c->bad = false;
}

void ic_commands_hear(struct ic_commands *c, struct ic_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.at[i] == '\n')
            end_line(c);
        else if (bytes.at[i] != 0 && c->len < sizeof c->text - 1)
            c->text[c->len++] = (char)bytes.at[i];
        else
            c->bad = true;
    }
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct ic_commands *c = poll->data;
    uint8_t bytes[4096];
    (void)events;
    ssize_t got = status < 0 ? 0 : read(STDIN_FILENO, bytes, sizeof bytes);
    if (got <= 0)
        uv_poll_stop(poll);
    else
        ic_commands_hear(c, (struct ic_bytes){bytes, (size_t)got});
}

enum ic_err ic_commands_start(struct ic_commands *c, uv_loop_t *loop,
                              void (*heard)(void *owner, const char *line), void *owner)
{
    if (uv_poll_init(loop, &c->poll, STDIN_FILENO) != 0)
        return IC_ERR_SYSTEM;
    c->poll.data = c;
    c->heard = heard;
    c->owner = owner;
    return uv_poll_start(&c->poll, UV_READABLE, on_readable) == 0 ? IC_OK : IC_ERR_SYSTEM;
}

void ic_commands_stop(struct ic_commands *c)
{
    if (c->poll.data)
        uv_close((uv_handle_t *)&c->poll, NULL);
}
