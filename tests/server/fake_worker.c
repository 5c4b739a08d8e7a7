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

/* The numbers of an order, as far as its type has them. */
struct numbers {
    uint32_t lines, line, source, stream, layer, layers, worker;
};

static struct numbers numbers_of(const struct ic_control *m)
{
    switch ((enum ic_control_type)m->type) {
    case IC_CONTROL_TRANSPORT_ADD:
        return (struct numbers){.lines = m->add.line_count};
    case IC_CONTROL_SLOT_POINT:
        return (struct numbers){.line = m->point.line,
                                .source = m->point.source,
                                .stream = m->point.stream,
                                .layer = m->point.layer};
    case IC_CONTROL_LINK:
        return (struct numbers){.worker = m->link.worker};
    case IC_CONTROL_SOURCE_ADD:
        return (struct numbers){.worker = m->source.home, .lines = m->source.line_count};
    case IC_CONTROL_STREAM_SHARE:
        return (struct numbers){
            .worker = m->share.worker, .stream = m->share.stream, .layers = m->share.layers};
    default:
        return (struct numbers){0};
    }
}

static void note(const char *event, const struct ic_control *m, bool with_file)
{
    struct numbers n = numbers_of(m);

    ic_log(IC_LOG_INFO, "fake", IC_EVENT(event), IC_NUMBER("pid", getpid()),
           IC_NUMBER("room", m->room), IC_NUMBER("transport", m->transport),
           IC_NUMBER("lines", n.lines), IC_NUMBER("line", n.line), IC_NUMBER("source", n.source),
           IC_NUMBER("stream", n.stream), IC_NUMBER("layer", n.layer),
           IC_NUMBER("layers", n.layers), IC_NUMBER("worker", n.worker),
           IC_NUMBER("files", with_file));
}

/* False: it is over. Files that come with a message are only counted. */
static bool hear(struct ic_control *m, bool *with_file)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights;
    struct iovec whole = {m, sizeof *m};
    struct msghdr heard = {.msg_iov = &whole,
                           .msg_iovlen = 1,
                           .msg_control = rights.bytes,
                           .msg_controllen = sizeof rights.bytes};
    ssize_t len = recvmsg(CONTROL_FD, &heard, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *head = CMSG_FIRSTHDR(&heard);

    *with_file = head && head->cmsg_type == SCM_RIGHTS;
    return len == (ssize_t)sizeof *m && m->type <= IC_CONTROL_STOP;
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

static void say_path(const struct ic_control *m, uint32_t lowered, uint32_t dark)
{
    struct ic_control path = {.type = IC_CONTROL_TRANSPORT_STATS,
                              .room = m->room,
                              .transport = m->transport,
                              .transport_stats = {.lowered = lowered, .dark = dark}};
    say(&path);
}

/* What a process may say that was taken over, by the client's ufrag. */
static void lie_if_told(const struct ic_control *m)
{
    const char *ufrag = m->add.theirs.ufrag;
    struct ic_control lie = {.room = m->room, .transport = m->transport};

    if (m->type != IC_CONTROL_TRANSPORT_ADD || strncmp(ufrag, "lies", 4) != 0)
        return;
    if (strcmp(ufrag, "liesready") == 0) {
        lie.type = IC_CONTROL_READY;
        lie.ready.port = FAKE_PORT + 1;
        say(&lie);
    } else if (strcmp(ufrag, "liesstate") == 0) {
        lie.type = IC_CONTROL_TRANSPORT_STATE;
        lie.state.state = IC_TRANSPORT_FAILED + 1;
        say(&lie);
    } else if (strcmp(ufrag, "liestype") == 0) {
        lie.type = IC_CONTROL_TRANSPORT_ADD; /* which is for it to hear */
        say(&lie);
    } else if (strcmp(ufrag, "liessize") == 0) {
        lie.type = IC_CONTROL_TRANSPORT_STATE;
        send(CONTROL_FD, &lie, sizeof lie - 1, MSG_NOSIGNAL);
    } else if (strcmp(ufrag, "liesnobody") == 0) {
        lie.type = IC_CONTROL_TRANSPORT_STATE;
        lie.state.state = IC_TRANSPORT_FAILED;
        lie.transport = 0;
        say(&lie);
        lie.transport = 12345;
        say(&lie);
        say_path(m, 1, 2);
    } else if (strcmp(ufrag, "liespath") == 0) {
        say_path(m, IC_LINES_MAX, 0);
        say_path(m, 0, IC_LINES_MAX);
        say_path(&(struct ic_control){.transport = 12345}, 1, 0);
        say_path(&(struct ic_control){.transport = 0}, 1, 0);
        say_path(m, 1, 2);
    }
}

int main(void)
{
    static const char *const names[] = {[IC_CONTROL_TRANSPORT_ADD] = "add",
                                        [IC_CONTROL_TRANSPORT_RESTART] = "restart",
                                        [IC_CONTROL_TRANSPORT_REMOVE] = "remove",
                                        [IC_CONTROL_SLOT_POINT] = "point",
                                        [IC_CONTROL_TRANSPORT_ASK] = "ask",
                                        [IC_CONTROL_LINK] = "link",
                                        [IC_CONTROL_RELAYS] = "relays",
                                        [IC_CONTROL_SOURCE_ADD] = "source",
                                        [IC_CONTROL_SOURCE_REMOVE] = "no source",
                                        [IC_CONTROL_STREAM_SHARE] = "share",
                                        [IC_CONTROL_STOP] = "stop"};
    struct ic_control m = {.type = IC_CONTROL_READY, .ready = {.port = FAKE_PORT}};
    bool with_file;

    memset(m.ready.fingerprint, 0xab, sizeof m.ready.fingerprint);
    say(&m);
    while (hear(&m, &with_file)) {
        note(names[m.type], &m, with_file);
        if (m.type == IC_CONTROL_STOP)
            return EXIT_SUCCESS;
        fail_if_told(&m);
        lie_if_told(&m);
    }
    return EXIT_FAILURE;
}
