/* loop.c - there is no periodic tick: with nobody connected it sleeps without end. */
#include "worker/loop.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/far.h"
#include "worker/flight.h"
#include "worker/forward.h"
#include "worker/handshake.h"
#include "worker/ingress.h"
#include "worker/link.h"
#include "worker/orders.h"
#include "worker/transport.h"
#include "worker/worker.h"

enum { EVENTS_MAX = 64 };
enum { EVENT_CONTROL, EVENT_SIGNAL }; /* below IC_NET_EVENT_FIRST */

static int64_t clock_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * IC_NS_PER_SEC + t.tv_nsec;
}

static enum ic_err watch(struct ic_worker *w, int fd, uint64_t data)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = data};
    return fd >= 0 && epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0 ? IC_OK
                                                                             : IC_ERR_SYSTEM;
}

/* SIGINT of a terminal goes to the control process too, which stops us in its own time. */
static int open_signals(void)
{
    sigset_t term;

    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    return signalfd(-1, &term, SFD_NONBLOCK | SFD_CLOEXEC);
}

static enum ic_err open_parts(struct ic_worker *w, const struct ic_net_config *net)
{
    struct ic_net_config config = *net;

    w->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    w->signal_fd = open_signals();
    config.epoll_fd = w->epoll_fd;
    if (watch(w, w->control_fd, EVENT_CONTROL) != IC_OK ||
        watch(w, w->signal_fd, EVENT_SIGNAL) != IC_OK)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_certificate_new(&w->certificate, clock_ns(CLOCK_REALTIME) / IC_NS_PER_SEC);
    if (err == IC_OK)
        err = ic_dtls_context_new(&w->dtls, w->certificate);
    if (err == IC_OK)
        err = ic_handshakes_new(&w->handshakes);
    if (err == IC_OK)
        err = ic_handshakes_rehearse(w);
    if (err == IC_OK)
        err = ic_net_new(&w->net, &config);
    return err;
}

enum ic_err ic_worker_new(struct ic_worker **out, const struct ic_net_config *net, int control_fd)
{
    struct ic_worker *w = calloc(1, sizeof *w);
    if (!w)
        return IC_ERR_SYSTEM;

    w->epoll_fd = w->signal_fd = -1;
    w->control_fd = control_fd;
    ic_directory_init(&w->directory);
    enum ic_err err = open_parts(w, net);
    if (err != IC_OK) {
        ic_log(IC_LOG_ERROR, "worker", IC_EVENT("cannot start"));
        ic_worker_free(w);
        return err;
    }
    *out = w;
    return IC_OK;
}

void ic_worker_free(struct ic_worker *w)
{
    if (!w)
        return;
    for (uint32_t i = w->directory.end; i-- > 0;)
        if (w->directory.transports[i])
            ic_transport_free(w, w->directory.transports[i]);
    ic_links_close(w);
    ic_directory_clear(&w->directory);
    ic_net_free(w->net);
    ic_handshakes_free(w->handshakes);
    ic_dtls_context_free(w->dtls);
    ic_certificate_free(w->certificate);
    if (w->signal_fd >= 0)
        close(w->signal_fd);
    if (w->epoll_fd >= 0)
        close(w->epoll_fd);
    free(w);
}

static int64_t attend(void *context, struct ic_transport *t)
{
    return ic_transport_attend(context, t);
}

static void take_event(struct ic_worker *w, const struct epoll_event *event)
{
    uint64_t link = event->data.u64 - IC_LINK_EVENT_FIRST;

    if (link < IC_WORKERS_MAX)
        ic_link_event(w, (uint32_t)link, ic_far_heard);
    else if (event->data.u64 >= IC_NET_EVENT_FIRST)
        ic_net_event(w->net, event->data.u64, event->events, ic_ingress, w);
    else if (event->data.u64 == EVENT_SIGNAL)
        w->stopping = true;
}

/* Before all packets: a client may be as fast as the order that lets it in. */
static void take_orders(struct ic_worker *w, const struct epoll_event *events, int count)
{
    for (int i = 0; i < count; i++)
        if (events[i].data.u64 == EVENT_CONTROL)
            ic_orders_take(w);
}

/* For epoll: rounded up, so that a wake-up is never too early to do what it is for. */
static int timeout_ms(const struct ic_worker *w)
{
    int64_t due = ic_orders_due(w);

    if (ic_handshakes_wait(w->handshakes))
        return 0;
    if (w->directory.next_due < due)
        due = w->directory.next_due;
    if (ic_handshakes_due(w->handshakes) < due)
        due = ic_handshakes_due(w->handshakes);
    if (due == INT64_MAX)
        return ic_net_holds(w->net) ? IC_FLIGHT_HOLD_MS : -1;
    int64_t left_ns = due - clock_ns(CLOCK_MONOTONIC);
    int64_t left_ms = left_ns <= 0 ? 0 : (left_ns + IC_NS_PER_MS - 1) / IC_NS_PER_MS;
    return ic_net_holds(w->net) && left_ms > IC_FLIGHT_HOLD_MS ? IC_FLIGHT_HOLD_MS : (int)left_ms;
}

void ic_worker_finish(struct ic_worker *w, bool busy)
{
    ic_forward_now(w);
    ic_handshakes_run(w);
    ic_directory_run(&w->directory, w->now, attend, w);
    ic_links_flush(w);
    ic_net_flush(w->net);
    ic_orders_tell(w, busy);
}

static void wake(struct ic_worker *w, const struct epoll_event *events, int count)
{
    w->now = clock_ns(CLOCK_MONOTONIC);
    take_orders(w, events, count);
    for (int i = 0; i < count; i++)
        take_event(w, &events[i]);
    ic_worker_finish(w, count > 0);
}

void ic_worker_run(struct ic_worker *w)
{
    struct epoll_event events[EVENTS_MAX];

    w->now = clock_ns(CLOCK_MONOTONIC);
    ic_orders_ready(w);
    while (!w->stopping) {
        int count = epoll_wait(w->epoll_fd, events, EVENTS_MAX, timeout_ms(w));
        wake(w, events, count);
    }
}
