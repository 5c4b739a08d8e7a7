/* workers.c - one state a process: down (with a time to start it again), starting, ready.
 *
 * Each two workers that are ready get a socket to each other. */
#include "server/workers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "server/order_queue.h"
#include "server/usage.h"
#include "server/worker_process.h"

enum {
    MESSAGES_AT_ONCE = 256, /* of one worker; then the others' turn */
    TICK_MS = 100,
    READY_WITHIN_MS = 5000,
    BACK_OFF_FIRST_MS = 100,
    BACK_OFF_MOST_MS = 5000,
    FAILED_STARTS = 3,   /* in a row; a port may be held for a moment by the one before */
    LINK_ROOM = 1 << 20, /* bytes on the way from one worker to another */
    STEADY_MS = 10000,   /* alive so long: the next death starts with the short back-off again */
};

enum worker_state { WORKER_DOWN, WORKER_STARTING, WORKER_READY };

struct worker {
    struct ic_workers *all;
    uint32_t number;
    enum worker_state state;
    uv_process_t process;
    uv_poll_t poll;
    int fd;                       /* our end; -1: none */
    bool process_open, poll_open; /* libuv has the handle still */
    int64_t since;                /* of the state */
    int64_t back_off_ms;
    struct ic_order_queue orders;
    uint32_t rooms;
    uint64_t linked; /* with these, a bit each */
    uint64_t starts;
    struct ic_worker_stats stats; /* as it said last */
    uint32_t failed_starts;       /* in a row */
    bool end_is_logged;           /* we killed it and said why */
    uint16_t port;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
};

struct ic_workers {
    const struct ic_workers_settings *settings;
    uv_timer_t tick;
    uint32_t count;
    uint32_t last_room, last_transport;
    struct ic_control relays; /* what each is told when it is ready */
    bool stopping;
    struct worker at[IC_CONFIG_WORKERS_MAX];
};

static int64_t now_ns(void)
{
    return (int64_t)uv_hrtime();
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct worker *w = handle->data;
    w->poll_open = false;
    close(w->fd);
    w->fd = -1;
}

static void on_process_closed(uv_handle_t *handle)
{
    struct worker *w = handle->data;
    w->process_open = false;
}

static void start_failed(struct worker *w)
{
    if (++w->failed_starts == FAILED_STARTS && !w->all->stopping)
        w->all->settings->events->failed(w->all->settings->owner, w->number);
}

/* The other ends close by themselves. */
static void forget_links(struct worker *w)
{
    w->linked = 0;
    for (uint32_t i = 0; i < w->all->count; i++)
        w->all->at[i].linked &= ~(UINT64_C(1) << w->number);
}

/* What it had is gone; a tick starts the next one when libuv has let go of the handles. */
static void go_down(struct worker *w)
{
    enum worker_state before = w->state;
    int64_t now = now_ns();

    if (before == WORKER_DOWN)
        return;
    if (before == WORKER_READY && now - w->since > STEADY_MS * IC_NS_PER_MS)
        w->back_off_ms = BACK_OFF_FIRST_MS;
    else
        w->back_off_ms =
            w->back_off_ms * 2 < BACK_OFF_MOST_MS ? w->back_off_ms * 2 : BACK_OFF_MOST_MS;
    w->state = WORKER_DOWN;
    w->since = now;
    w->rooms = 0;
    forget_links(w);
    memset(&w->stats.now, 0, sizeof w->stats.now);
    ic_order_queue_clear(&w->orders);
    uv_close((uv_handle_t *)&w->poll, on_poll_closed);
    if (before == WORKER_READY && !w->all->stopping)
        w->all->settings->events->lost(w->all->settings->owner, w->number);
    if (before == WORKER_STARTING)
        start_failed(w);
}

static void on_died(uv_process_t *process, int64_t status, int number)
{
    struct worker *w = process->data;

    if (!w->all->stopping && !w->end_is_logged)
        ic_log(IC_LOG_WARNING, "workers", IC_EVENT("lost"), IC_NUMBER("worker", w->number),
               IC_NUMBER("status", status), IC_NUMBER("signal", number));
    uv_close((uv_handle_t *)process, on_process_closed);
    go_down(w);
}

/* `reason` may be NULL: it is dying by itself, and on_died() will say how. */
static void kill_worker(struct worker *w, const char *reason)
{
    if (reason && !w->all->stopping)
        ic_log(IC_LOG_WARNING, "workers", IC_EVENT("killed"), IC_NUMBER("worker", w->number),
               IC_TEXT("reason", reason));
    w->end_is_logged = reason != NULL;
    uv_process_kill(&w->process, SIGKILL);
    go_down(w);
}

/* What it is told. */

static void on_poll(uv_poll_t *poll, int status, int events);

static void write_all(struct worker *w)
{
    ic_order_queue_send(&w->orders, w->fd);
    bool more = !ic_order_queue_is_empty(&w->orders);
    uv_poll_start(&w->poll, UV_READABLE | (more ? UV_WRITABLE : 0), on_poll);
}

/* Takes `fd` if it returns true. */
static bool queue(struct worker *w, const struct ic_control *m, int fd)
{
    if (w->state == WORKER_DOWN)
        return false; /* its rooms are being told that they lost their media path */
    bool all_sent = ic_order_queue_is_empty(&w->orders);
    if (ic_order_queue_put(&w->orders, m, fd) != IC_OK) {
        /* Its end is noticed on the loop, so that no caller loses its meeting here. */
        uv_process_kill(&w->process, SIGKILL);
        return false;
    }
    if (all_sent)
        write_all(w);
    return true;
}

void ic_workers_send(struct ic_workers *workers, uint32_t worker, const struct ic_control *m)
{
    (void)queue(&workers->at[worker], m, -1);
}

/* What a worker says. */

static void tell_relays(struct worker *w)
{
    if (w->all->relays.relays.count > 0)
        ic_workers_send(w->all, w->number, &w->all->relays);
}

static void say_link(struct worker *to, const struct worker *other, int fd)
{
    struct ic_control m = {.type = IC_CONTROL_LINK, .link.worker = other->number};

    if (!queue(to, &m, fd))
        close(fd);
}

/* What waits while the other worker is busy with its receivers. The kernel gives what it allows
 * (net.core.wmem_max): less is not worth a word. */
static void widen(int fd)
{
    int room = LINK_ROOM;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
}

/* Without a link the two carry no meeting together. */
static void link_workers(struct worker *a, struct worker *b)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0) {
        ic_log(IC_LOG_ERROR, "workers", IC_EVENT("cannot_link"), IC_NUMBER("worker", a->number),
               IC_NUMBER("other", b->number), IC_TEXT("reason", strerror(errno)));
        return;
    }
    widen(pair[0]);
    widen(pair[1]);
    a->linked |= UINT64_C(1) << b->number;
    b->linked |= UINT64_C(1) << a->number;
    say_link(a, b, pair[0]);
    say_link(b, a, pair[1]);
}

static void link_with_all(struct worker *w)
{
    for (uint32_t i = 0; i < w->all->count; i++)
        if (i != w->number && w->all->at[i].state == WORKER_READY)
            link_workers(w, &w->all->at[i]);
}

static void on_ready(struct worker *w, const struct ic_control *m)
{
    if (w->state != WORKER_STARTING || m->ready.port == 0) {
        kill_worker(w, "it was ready twice or without a port");
        return;
    }
    w->state = WORKER_READY;
    w->since = now_ns();
    w->failed_starts = 0;
    w->port = m->ready.port;
    memcpy(w->fingerprint, m->ready.fingerprint, sizeof w->fingerprint);
    ic_log(IC_LOG_INFO, "workers", IC_EVENT("ready"), IC_NUMBER("worker", w->number),
           IC_NUMBER("pid", w->process.pid), IC_NUMBER("port", w->port));
    tell_relays(w);
    link_with_all(w);
    w->all->settings->events->ready(w->all->settings->owner, w->number);
}

static void hear(struct worker *w, const struct ic_control *m)
{
    const struct ic_workers_settings *s = w->all->settings;

    if (m->type == IC_CONTROL_READY)
        on_ready(w, m);
    else if (m->type == IC_CONTROL_TRANSPORT_STATE && m->state.state <= IC_TRANSPORT_FAILED)
        s->events->transport(s->owner, w->number, m->transport,
                             (enum ic_transport_state)m->state.state);
    else if (m->type == IC_CONTROL_STATS)
        w->stats = m->stats;
    else if (m->type == IC_CONTROL_TRANSPORT_STATS)
        s->events->path(s->owner, w->number, m->transport, &m->transport_stats);
    else if (m->type == IC_CONTROL_SOURCE_REFUSED)
        s->events->refused(s->owner, w->number, m->transport);
    else
        kill_worker(w, "it said something unknown");
}

/* What is left makes the loop call again. */
static void read_some(struct worker *w)
{
    struct ic_control m;

    for (int i = 0; i < MESSAGES_AT_ONCE && w->state != WORKER_DOWN; i++) {
        ssize_t len = recv(w->fd, &m, sizeof m, MSG_DONTWAIT | MSG_TRUNC);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (len == (ssize_t)sizeof m)
            hear(w, &m);
        else if (len <= 0)
            kill_worker(w, NULL);
        else
            kill_worker(w, "it sent a message of another size");
    }
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    struct worker *w = poll->data;

    if (w->state == WORKER_DOWN)
        return;
    if (status < 0 || events & UV_READABLE)
        read_some(w);
    if (w->state != WORKER_DOWN && events & UV_WRITABLE)
        write_all(w);
}

/* Starting. */

static int spawn(struct worker *w, int their_fd)
{
    const struct ic_workers_settings *settings = w->all->settings;
    const struct ic_worker_program program = {.loop = settings->loop,
                                              .config = settings->config,
                                              .path = settings->program,
                                              .number = w->number,
                                              .control_fd = their_fd,
                                              .on_died = on_died};
    int failed = ic_worker_process_start(&w->process, &program);
    w->process_open = true;
    w->process.data = w;
    return failed;
}

static void start(struct worker *w)
{
    int pair[2];

    w->since = now_ns();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return;
    int failed = spawn(w, pair[1]);
    close(pair[1]);
    if (failed) {
        ic_log(IC_LOG_ERROR, "workers", IC_EVENT("cannot_start"),
               IC_TEXT("program", w->all->settings->program),
               IC_TEXT("reason", uv_strerror(failed)));
        uv_close((uv_handle_t *)&w->process, on_process_closed);
        close(pair[0]);
        w->back_off_ms *= 2;
        start_failed(w);
        return;
    }
    w->fd = pair[0];
    w->state = WORKER_STARTING;
    w->starts++;
    w->stats = (struct ic_worker_stats){0};
    w->end_is_logged = false;
    fcntl(w->fd, F_SETFL, O_NONBLOCK);
    uv_poll_init(w->all->settings->loop, &w->poll, w->fd);
    w->poll_open = true;
    w->poll.data = w;
    uv_poll_start(&w->poll, UV_READABLE, on_poll);
}

static void on_tick(uv_timer_t *timer)
{
    struct ic_workers *all = timer->data;

    for (uint32_t i = 0; i < all->count && !all->stopping; i++) {
        struct worker *w = &all->at[i];
        int64_t age_ms = (now_ns() - w->since) / IC_NS_PER_MS;
        bool free_to_start = !w->process_open && !w->poll_open;
        if (w->state == WORKER_DOWN && free_to_start && age_ms >= w->back_off_ms)
            start(w);
        else if (w->state == WORKER_STARTING && age_ms > READY_WITHIN_MS)
            kill_worker(w, "it was not ready in time");
    }
}

enum ic_err ic_workers_start(struct ic_workers **out, const struct ic_workers_settings *settings)
{
    struct ic_workers *all = calloc(1, sizeof *all);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (!all)
        return IC_ERR_SYSTEM;
    all->settings = settings;
    all->count = settings->config->media.workers ? settings->config->media.workers
                 : cores < 1                     ? 1
                 : cores > IC_CONFIG_WORKERS_MAX ? IC_CONFIG_WORKERS_MAX
                                                 : (uint32_t)cores;
    for (uint32_t i = 0; i < all->count; i++) {
        struct worker *w = &all->at[i];
        *w = (struct worker){.all = all, .number = i, .fd = -1, .back_off_ms = BACK_OFF_FIRST_MS};
        ic_order_queue_init(&w->orders);
        start(w);
    }
    uv_timer_init(settings->loop, &all->tick);
    all->tick.data = all;
    uv_timer_start(&all->tick, on_tick, TICK_MS, TICK_MS);
    *out = all;
    return IC_OK;
}

void ic_workers_stop(struct ic_workers *workers)
{
    struct ic_control stop = {.type = IC_CONTROL_STOP};

    workers->stopping = true;
    for (uint32_t i = 0; i < workers->count; i++)
        if (workers->at[i].state != WORKER_DOWN)
            ic_workers_send(workers, i, &stop);
}

uint32_t ic_workers_count(const struct ic_workers *workers)
{
    return workers->count;
}

uint32_t ic_workers_ready_count(const struct ic_workers *workers)
{
    uint32_t ready = 0;
    for (uint32_t i = 0; i < workers->count; i++)
        ready += workers->at[i].state == WORKER_READY;
    return ready;
}

static bool may_join(const struct worker *w, uint64_t others)
{
    return w->state == WORKER_READY && !(others >> w->number & 1) && (others & ~w->linked) == 0;
}

enum ic_err ic_workers_take_room(struct ic_workers *workers, uint64_t others, uint32_t *worker,
                                 uint32_t *room)
{
    struct worker *least = NULL;

    for (uint32_t i = 0; i < workers->count; i++) {
        struct worker *w = &workers->at[i];
        if (may_join(w, others) && (!least || w->rooms < least->rooms))
            least = w;
    }
    if (!least)
        return IC_ERR_NOT_FOUND;
    least->rooms++;
    *worker = least->number;
    *room = ++workers->last_room;
    return IC_OK;
}

void ic_workers_return_room(struct ic_workers *workers, uint32_t worker)
{
    if (workers->at[worker].rooms > 0)
        workers->at[worker].rooms--;
}

uint32_t ic_workers_new_transport(struct ic_workers *workers)
{
    return ++workers->last_transport;
}

uint16_t ic_workers_port(const struct ic_workers *workers, uint32_t worker)
{
    return workers->at[worker].port;
}

const uint8_t *ic_workers_fingerprint(const struct ic_workers *workers, uint32_t worker)
{
    return workers->at[worker].fingerprint;
}

void ic_workers_add_relays(struct ic_workers *workers, const struct ic_address *addresses,
                           uint32_t count)
{
    struct ic_control *m = &workers->relays;

    m->type = IC_CONTROL_RELAYS;
    for (uint32_t i = 0; i < count && m->relays.count < IC_RELAY_ADDRESSES_MAX; i++)
        m->relays.addresses[m->relays.count++] = addresses[i];
    for (uint32_t i = 0; i < workers->count; i++)
        if (workers->at[i].state == WORKER_READY)
            tell_relays(&workers->at[i]);
}

void ic_workers_metrics(const struct ic_workers *workers, struct ic_metrics *out)
{
    out->worker_count = workers->count;
    for (uint32_t i = 0; i < workers->count; i++) {
        const struct worker *w = &workers->at[i];
        out->workers[i] = (struct ic_metrics_worker){
            .ready = w->state == WORKER_READY, .starts = w->starts, .stats = w->stats};
        if (w->state != WORKER_DOWN)
            ic_usage_of(&out->workers[i].usage, w->process.pid);
    }
}
