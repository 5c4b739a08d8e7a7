/* link.c - one SOCK_SEQPACKET socket for each other worker. */
#include "worker/link.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/worker.h"

enum {
    MESSAGE_MAX = 32 << 10, /* well below what a socket holds by default */
    MESSAGES_AT_ONCE = 32,  /* of one worker; then the others' turn */
};

struct ic_link {
    int fd;
    struct ic_writer out;
    uint32_t records; /* in `out` */
    uint8_t bytes[MESSAGE_MAX];
};

static void close_link(struct ic_worker *w, uint32_t number)
{
    struct ic_link *link = w->links[number];

    if (!link)
        return;
    w->stats.cross_lost += link->records;
    w->links[number] = NULL;
    w->links_untold &= ~(UINT64_C(1) << number);
    close(link->fd); /* epoll forgets it with that */
    free(link);
}

static void begin_message(struct ic_link *link)
{
    link->out = ic_writer_of(link->bytes, sizeof link->bytes);
    link->records = 0;
}

enum ic_err ic_link_open(struct ic_worker *w, uint32_t number, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = IC_LINK_EVENT_FIRST + number};
    struct ic_link *link = malloc(sizeof *link);

    close_link(w, number);
    if (!link || epoll_ctl(w->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(link);
        close(fd);
        return IC_ERR_SYSTEM;
    }
    link->fd = fd;
    begin_message(link);
    w->links[number] = link;
    return IC_OK;
}

void ic_links_close(struct ic_worker *w)
{
    for (uint32_t i = 0; i < IC_WORKERS_MAX; i++)
        close_link(w, i);
}

static void flush(struct ic_worker *w, struct ic_link *link)
{
    struct ic_bytes message = ic_written(&link->out);

    if (link->records == 0)
        return;
    if (send(link->fd, message.at, message.len, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        w->stats.cross_lost += link->records;
    else
        w->stats.cross_out += link->records;
    begin_message(link);
}

void ic_link_say(struct ic_worker *w, uint32_t number, const struct ic_crossing_record *record)
{
    struct ic_link *link = w->links[number];

    if (!link) {
        w->stats.cross_lost++;
        return;
    }
    if (sizeof link->bytes - link->out.len < IC_CROSSING_MAX)
        flush(w, link);
    ic_crossing_write(&link->out, record);
    link->records++;
    w->links_untold |= UINT64_C(1) << number;
}

void ic_links_flush(struct ic_worker *w)
{
    for (uint32_t i = 0; w->links_untold != 0 && i < IC_WORKERS_MAX; i++)
        if (w->links_untold >> i & 1)
            flush(w, w->links[i]);
    w->links_untold = 0;
}

static void read_message(struct ic_worker *w, uint32_t number, struct ic_bytes message,
                         ic_link_heard *heard)
{
    struct ic_reader r = ic_reader_of(message);
    struct ic_crossing_record record;

    while (ic_crossing_read(&r, &record)) {
        w->stats.cross_in++;
        heard(w, number, &record);
    }
    if (r.bad)
        w->stats.cross_refused++;
}

void ic_link_event(struct ic_worker *w, uint32_t number, ic_link_heard *heard)
{
    IC_UNCLEARED uint8_t bytes[MESSAGE_MAX];

    for (int i = 0; w->links[number] && i < MESSAGES_AT_ONCE; i++) {
        ssize_t len = recv(w->links[number]->fd, bytes, sizeof bytes, MSG_DONTWAIT | MSG_TRUNC);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (len <= 0)
            close_link(w, number); /* the other worker is gone */
        else if ((size_t)len > sizeof bytes)
            w->stats.cross_refused++;
        else
            read_message(w, number, (struct ic_bytes){bytes, (size_t)len}, heard);
    }
}
