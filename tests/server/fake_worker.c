/* fake_worker.c - stands in for incamera-media where a test is about the control process: says that
 * it is ready, and writes every order as a line of JSON on standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "media/control.h"

enum { CONTROL_FD = 3, FAKE_PORT = 4242 };

static void say(struct ic_control *m)
{
    if (send(CONTROL_FD, m, sizeof *m, MSG_NOSIGNAL) != (ssize_t)sizeof *m)
        exit(EXIT_FAILURE);
}

static void note(const char *event, const struct ic_control *m)
{
    ic_log(IC_LOG_INFO, "fake", IC_EVENT(event), IC_NUMBER("pid", getpid()),
           IC_NUMBER("room", m->room), IC_NUMBER("transport", m->transport),
           IC_NUMBER("lines", m->type == IC_CONTROL_TRANSPORT_ADD ? m->add.line_count : 0),
           IC_NUMBER("line", m->type == IC_CONTROL_SLOT_POINT ? m->point.line : 0),
           IC_NUMBER("source", m->type == IC_CONTROL_SLOT_POINT ? m->point.source : 0),
           IC_NUMBER("stream", m->type == IC_CONTROL_SLOT_POINT ? m->point.stream : 0),
           IC_NUMBER("layer", m->type == IC_CONTROL_SLOT_POINT ? m->point.layer : 0));
}

/* A client whose ufrag is "fails" gets a transport that fails at once. */
static void fail_if_told(const struct ic_control *m)
{
    struct ic_control failed = {.type = IC_CONTROL_TRANSPORT_STATE,
                                .room = m->room,
                                .transport = m->transport,
                                .state = {.state = IC_TRANSPORT_FAILED}};
    if (m->type == IC_CONTROL_TRANSPORT_ADD && strcmp(m->add.theirs.ufrag, "fails") == 0)
        say(&failed);
}

int main(void)
{
    static const char *const names[] = {
        [IC_CONTROL_TRANSPORT_ADD] = "add",       [IC_CONTROL_TRANSPORT_RESTART] = "restart",
        [IC_CONTROL_TRANSPORT_REMOVE] = "remove", [IC_CONTROL_SLOT_POINT] = "point",
        [IC_CONTROL_TRANSPORT_ASK] = "ask",       [IC_CONTROL_STOP] = "stop"};
    struct ic_control m = {.type = IC_CONTROL_READY, .ready = {.port = FAKE_PORT}};

    memset(m.ready.fingerprint, 0xab, sizeof m.ready.fingerprint);
    say(&m);
    while (recv(CONTROL_FD, &m, sizeof m, 0) == (ssize_t)sizeof m && m.type <= IC_CONTROL_STOP) {
        note(names[m.type], &m);
        if (m.type == IC_CONTROL_STOP)
            return EXIT_SUCCESS;
        fail_if_told(&m);
    }
    return EXIT_FAILURE;
}
