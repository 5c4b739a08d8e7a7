/* load.c - frames of all senders are spread over the frame interval, as those of strangers are. */
#include "bench/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/certificate.h"

enum { EVENTS = 256, SOUND_HZ = 50, DRAIN_LEN = 64 * 1024 };

#define DRAINED UINT32_MAX         /* the event of `drained_fd` */
#define TICK_NS (5 * IC_NS_PER_MS) /* for what is due besides media */
#define SETTLE_NS (200 * IC_NS_PER_MS)
#define SETTLE_MOST_NS (4 * IC_NS_PER_SEC)

static struct bench_peer *add(struct bench_load *load, uint32_t room, uint32_t member)
{
    struct bench_peer *p = &load->peers[load->count];
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = load->count};

    const struct bench_scenario *s = load->scenario;
    *p = (struct bench_peer){.room = room,
                             .member = member,
                             .senders = s->senders,
                             .taken = s->taken,
                             .features = s->features};
    bench_peer_open(p, load->count);
    load->count++;
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, p->fd, &event) != 0)
        exit(EXIT_FAILURE);
    return p;
}

static void add_members(struct bench_load *load, bool split)
{
    const struct bench_scenario *s = load->scenario;
    for (uint32_t room = 0; room < s->rooms; room++)
        for (uint32_t member = 0; member < s->members; member++) {
            bool sends = member < s->senders, receives = !sends || s->senders > 1;
            struct bench_peer *p = add(load, room, member);
            p->sends = sends;
            p->receives = receives && !(split && sends);
            if (split && sends && receives)
                add(load, room, member)->receives = true;
        }
}

void bench_load_open(struct bench_load *load, const struct bench_scenario *scenario, bool split)
{
    load->scenario = scenario;
    load->count = 0;
    load->drained_fd = -1;
    load->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    load->peers = calloc(BENCH_PEERS_MAX, sizeof *load->peers);
    if (load->epoll_fd < 0 || !load->peers ||
        ic_certificate_new(&load->certificate, bench_wall_now() / IC_NS_PER_SEC) != IC_OK ||
        ic_dtls_context_new(&load->dtls, load->certificate) != IC_OK)
        exit(EXIT_FAILURE);
    ic_certificate_fingerprint(load->fingerprint, load->certificate);
    add_members(load, split);
}

void bench_load_close(struct bench_load *load)
{
    for (uint32_t i = 0; i < load->count; i++)
        bench_peer_close(&load->peers[i]);
    free(load->peers);
    close(load->epoll_fd);
    ic_dtls_context_free(load->dtls);
    ic_certificate_free(load->certificate);
}

bool bench_receives(const struct bench_peer *a, const struct bench_peer *b)
{
    return a->receives && b->sends && a->room == b->room && a->member != b->member &&
           (a->taken == 0 || (b->member + a->senders - a->member) % a->senders <= a->taken);
}

uint64_t bench_load_expected(const struct bench_load *load)
{
    const struct bench_scenario *s = load->scenario;
    uint64_t sent = 0;
    for (uint32_t i = 0; i < load->count; i++)
        sent += load->peers[i].sent;
    /* every sender has all others of the room as receivers, or as many as take him */
    return sent * (s->taken > 0 ? s->taken : s->members - 1);
}

uint64_t bench_load_received(const struct bench_load *load)
{
    uint64_t received = 0;
    for (uint32_t i = 0; i < load->count; i++)
        received += load->peers[i].received;
    return received;
}

void bench_load_drain(struct bench_load *load, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = DRAINED};
    load->drained_fd = fd;
    if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        exit(EXIT_FAILURE);
}

static void drain(struct bench_load *load)
{
    static uint8_t bytes[DRAIN_LEN];
    if (recv(load->drained_fd, bytes, sizeof bytes, MSG_DONTWAIT) == 0) {
        fputs("the measured process has gone\n", stderr);
        exit(EXIT_FAILURE);
    }
}

static void wait_until(struct bench_load *load, int64_t due)
{
    struct epoll_event events[EVENTS];
    int64_t now = bench_now(), left = due > now ? due - now : 0;
    struct timespec timeout = {left / IC_NS_PER_SEC, left % IC_NS_PER_SEC};
    int count = epoll_pwait2(load->epoll_fd, events, EVENTS, &timeout, NULL);

    now = bench_now();
    for (int i = 0; i < count; i++) {
        if (events[i].data.u32 == DRAINED)
            drain(load);
        else
            bench_peer_receive(&load->peers[events[i].data.u32], load->dtls, now, &load->samples);
    }
}

static uint32_t frame_packets(const struct bench_scenario *s, uint32_t frame)
{
    static const uint32_t more[] = {2, 3, 4, 1, 2, 0}; /* averages two */
    return s->packets == 1 ? 1 : s->packets - 2 + more[frame % IC_COUNT(more)];
}

/* Sends what is due; returns when the next is. */
static int64_t send_due(struct bench_load *load, int64_t now)
{
    const struct bench_scenario *s = load->scenario;
    int64_t next = INT64_MAX;

    for (uint32_t i = 0; i < load->count; i++) {
        struct bench_peer *p = &load->peers[i];
        if (!p->sends)
            continue;
        if (s->packets > 0 && now >= p->video_at) {
            bench_peer_send_frame(p, frame_packets(s, p->frame));
            p->video_at += IC_NS_PER_SEC / s->fps;
        }
        if (now >= p->audio_at) {
            bench_peer_send_sound(p);
            p->audio_at += IC_NS_PER_SEC / SOUND_HZ;
        }
        if (s->packets > 0)
            next = p->video_at < next ? p->video_at : next;
        next = p->audio_at < next ? p->audio_at : next;
    }
    return next;
}

static void set_phases(struct bench_load *load, int64_t now)
{
    uint32_t senders = load->scenario->rooms * load->scenario->senders, k = 0;
    for (uint32_t i = 0; i < load->count; i++) {
        struct bench_peer *p = &load->peers[i];
        if (!p->sends)
            continue;
        p->video_at = now + IC_NS_PER_SEC / load->scenario->fps * k / senders;
        p->audio_at = now + IC_NS_PER_SEC / SOUND_HZ * k / senders + IC_NS_PER_MS;
        k++;
    }
}

static void advance(struct bench_load *load, int64_t now)
{
    for (uint32_t i = 0; i < load->count; i++)
        bench_peer_advance(&load->peers[i], load->dtls, now);
}

static void run(struct bench_load *load, int64_t ns, bool sending)
{
    int64_t now = bench_now(), end = now + ns, tick = now;

    while (now < end) {
        int64_t due = sending ? send_due(load, now) : INT64_MAX;
        if (now >= tick) {
            advance(load, now);
            tick = now + TICK_NS;
        }
        due = tick < due ? tick : due;
        wait_until(load, due < end ? due : end);
        now = bench_now();
    }
}

void bench_load_run(struct bench_load *load, int64_t ns, bool sending)
{
    set_phases(load, bench_now());
    run(load, ns, sending);
}

void bench_load_continue(struct bench_load *load, int64_t ns)
{
    run(load, ns, true);
}

void bench_load_settle(struct bench_load *load)
{
    uint64_t before;
    int64_t end = bench_now() + SETTLE_MOST_NS;

    do {
        before = bench_load_received(load);
        bench_load_run(load, SETTLE_NS, false);
    } while (bench_load_received(load) != before && bench_now() < end);
}

bool bench_load_connect(struct bench_load *load, int64_t ns)
{
    int64_t end = bench_now() + ns;
    bool all_up = false;

    while (!all_up && bench_now() < end) {
        bench_load_run(load, TICK_NS, false);
        all_up = true;
        for (uint32_t i = 0; i < load->count; i++) {
            const struct bench_peer *p = &load->peers[i];
            if (p->failed)
                return false;
            all_up = all_up && (!p->started || bench_peer_up(p));
        }
    }
    return all_up;
}

void bench_load_clear(struct bench_load *load)
{
    for (uint32_t i = 0; i < load->count; i++)
        load->peers[i].sent = load->peers[i].received = 0;
    load->samples.count = 0;
}
