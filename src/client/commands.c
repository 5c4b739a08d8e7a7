/* commands.c - standard input on the loop. Its end is no command; a line too long is dropped. */
#include "client/commands.h"

#include <unistd.h>

static void take_lines(struct ic_commands *c)
{
    char *line = c->text, *end;
    while ((end = memchr(line, '\n', c->len - (size_t)(line - c->text)))) {
        *end = '\0';
        if (*line)
            c->heard(c->owner, line);
        line = end + 1;
    }
    c->len -= (size_t)(line - c->text);
    memmove(c->text, line, c->len);
    if (c->len == sizeof c->text)
        c->len = 0;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct ic_commands *c = poll->data;
    (void)events;
    ssize_t got = status < 0 ? 0 : read(STDIN_FILENO, c->text + c->len, sizeof c->text - c->len);
    if (got <= 0) {
        uv_poll_stop(poll);
        return;
    }
    c->len += (size_t)got;
    take_lines(c);
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
