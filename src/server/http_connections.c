/* http_connections.c - a list in the order of activity. Each connection keeps its entry as the
 * library's opaque user data.
 *
 * The library's own way to close one later waits for a moment in which nothing happens: in a flood
 * there is none, and eight times as many were open as may be. */
#include "server/http_connections.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "server/http_peer.h"
#include "server/place.h"
#include "server/tcp_balance.h"

enum {
    IPV6_NETWORK_LEN = 8,
    LEAVING_MAX = 64, /* of one address, and four times as many of all */
    TRIM_MS = 5000,
    WATCH_MS = 500,
    AHEAD_MAX = 256 * 1024, /* what one may have said more than it took, in bytes */
    AHEAD_OF_SOCKETS = 1024 * 1024,
    AHEAD_A_SECOND = 4096, /* for what frames the messages of one that says little and often */
};

struct ic_http_connection {
    struct ic_http_connection *next, **link;
    int64_t since;  /* when it came, ns */
    uint64_t heard; /* bytes of messages */
    struct lws *wsi;
    uint8_t from[IC_PEER_LEN]; /* of IPv6 only the network */
    uint32_t sockets;          /* WebSockets that it carries */
    bool is_proxy;
    bool closing;
};

/* To the front of `list`, which is one of the others. */
static void push(struct ic_http_connection **list, struct ic_http_connection *c)
{
    c->next = *list;
    c->link = list;
    if (c->next)
        c->next->link = &c->next;
    *list = c;
}

static void pull(struct ic_http_connection *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
}

/* From the loop, where no call of the library is under way. One that shakes hands or has answers
 * left would be kept for seconds, for the peer to end it: cut off, there is nothing to wait for. */
static void close_those(uv_timer_t *timer)
{
    struct ic_http_connections *all = timer->data;

    while (all->closing) {
        struct ic_http_connection *c = all->closing;
        pull(c);
        push(&all->dying, c);
        shutdown(lws_get_socket_fd(c->wsi), SHUT_RDWR);
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
    }
}

/* What connections took is given back to the system: left alone, the allocator keeps all that a
 * flood ever needed. */
static void give_memory_back(uv_timer_t *timer)
{
    (void)timer;
    malloc_trim(0);
}

static void unlist(struct ic_http_connections *all, struct ic_http_connection *c)
{
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    else
        all->newest = c->link;
    all->count--;
}

static void list_last(struct ic_http_connections *all, struct ic_http_connection *c)
{
    c->next = NULL;
    c->link = all->newest;
    *all->newest = c;
    all->newest = &c->next;
    all->count++;
}

/* Closed before anything else is accepted; it does not count from now on. */
static void make_way(struct ic_http_connections *all, struct ic_http_connection *c)
{
    if (c->sockets > 0)
        pull(c);
    else
        unlist(all, c);
    c->closing = true;
    push(&all->closing, c);
    all->leaving++;
    uv_timer_start(&all->closer, close_those, 0, 0);
}

/* Answers are longer than what asks for them, so that a client has never said much more than it has
 * taken, but for the messages of its WebSockets. */
static bool says_too_much(const struct ic_http_connection *c, int64_t now)
{
    struct ic_tcp_balance b;
    uint64_t allowed = AHEAD_MAX;

    if (c->is_proxy || !ic_tcp_balance(&b, lws_get_socket_fd(c->wsi)))
        return false;
    if (c->heard > 0)
        allowed = AHEAD_OF_SOCKETS + 2 * c->heard +
                  AHEAD_A_SECOND * (uint64_t)((now - c->since) / IC_NS_PER_SEC);
    return b.came > b.taken + allowed;
}

static void cut_off(struct ic_http_connections *all, struct ic_http_connection *list, int64_t now)
{
    for (struct ic_http_connection *c = list, *next; c; c = next) {
        next = c->next;
        if (says_too_much(c, now))
            make_way(all, c);
    }
}

static void watch(uv_timer_t *timer)
{
    struct ic_http_connections *all = timer->data;
    int64_t now = (int64_t)uv_hrtime();

    cut_off(all, all->oldest, now);
    cut_off(all, all->carrying, now);
    if (!all->oldest && !all->carrying)
        uv_timer_stop(timer);
}

void ic_http_connections_init(struct ic_http_connections *all, const struct ic_config *config,
                              uv_loop_t *loop)
{
    *all = (struct ic_http_connections){.config = config, .newest = &all->oldest};
    uv_timer_init(loop, &all->closer);
    uv_timer_init(loop, &all->trimmer);
    uv_timer_init(loop, &all->watch);
    all->closer.data = all->trimmer.data = all->watch.data = all;
}

/* A proxy's connections are many people's. */
static void keep_address_limit(struct ic_http_connections *all,
                               const struct ic_http_connection *added)
{
    struct ic_http_connection *oldest = NULL;
    uint32_t count = 0;

    if (added->is_proxy)
        return;
    for (struct ic_http_connection *c = all->oldest; c; c = c->next) {
        if (memcmp(c->from, added->from, IC_PEER_LEN) != 0)
            continue;
        count++;
        if (!oldest)
            oldest = c;
    }
    if (count > all->config->limits.connections_per_address)
        make_way(all, oldest);
}

/* The address as it counts: of IPv6 only the network. */
static void count_as(uint8_t from[IC_PEER_LEN])
{
    if (!ic_place_is_ipv4(from))
        memset(from + IPV6_NETWORK_LEN, 0, IC_PEER_LEN - IPV6_NETWORK_LEN);
}

static uint32_t count_from(const struct ic_http_connection *list, const uint8_t from[IC_PEER_LEN])
{
    uint32_t count = 0;

    for (; list; list = list->next)
        count += memcmp(list->from, from, IC_PEER_LEN) == 0;
    return count;
}

bool ic_http_connections_may(const struct ic_http_connections *all, int fd)
{
    uint8_t from[IC_PEER_LEN];

    if (all->leaving >= 4 * LEAVING_MAX)
        return false;
    if (all->leaving < LEAVING_MAX)
        return true;
    ic_http_peer_of(from, fd);
    count_as(from);
    return count_from(all->closing, from) + count_from(all->dying, from) < LEAVING_MAX;
}

bool ic_http_connections_add(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = calloc(1, sizeof *c);

    if (!c)
        return false;
    c->wsi = wsi;
    c->since = (int64_t)uv_hrtime();
    ic_http_peer(c->from, wsi);
    c->is_proxy = ic_forwarded_is_trusted(c->from, &all->config->http.trusted_proxies);
    count_as(c->from);
    lws_set_opaque_user_data(wsi, c);
    list_last(all, c);
    keep_address_limit(all, c);
    if (all->count > all->config->limits.connections)
        make_way(all, all->oldest);
    if (!uv_is_active((uv_handle_t *)&all->watch))
        uv_timer_start(&all->watch, watch, WATCH_MS, WATCH_MS);
    return true;
}

static struct ic_http_connection *connection_of(struct lws *wsi)
{
    return lws_get_opaque_user_data(lws_get_network_wsi(wsi));
}

void ic_http_connections_touch(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (!c || c->closing || c->sockets > 0)
        return;
    unlist(all, c);
    list_last(all, c);
}

void ic_http_connections_socket_opened(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (!c)
        return;
    if (c->sockets++ > 0 || c->closing)
        return;
    unlist(all, c);
    push(&all->carrying, c);
}

void ic_http_connections_heard(struct lws *wsi, size_t len)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (c)
        c->heard += len;
}

void ic_http_connections_socket_closed(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (!c || c->sockets == 0)
        return;
    if (--c->sockets > 0 || c->closing)
        return;
    pull(c);
    list_last(all, c);
}

void ic_http_connections_remove(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = lws_get_opaque_user_data(wsi);

    if (!c || c->wsi != wsi)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    all->leaving -= c->closing;
    if (c->closing || c->sockets > 0)
        pull(c);
    else
        unlist(all, c);
    free(c);
    if (!uv_is_active((uv_handle_t *)&all->trimmer))
        uv_timer_start(&all->trimmer, give_memory_back, TRIM_MS, 0);
}
