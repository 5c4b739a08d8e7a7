/* http_connections.c - a list in the order of activity. Each connection keeps its entry as the
 * library's opaque user data. */
#include "server/http_connections.h"

#include <stdlib.h>

#include "server/http_peer.h"

enum { IPV6_NETWORK_LEN = 8 };

struct ic_http_connection {
    struct ic_http_connection *next, **link; /* link is NULL while it is not in the list */
    struct lws *wsi;
    uint8_t from[IC_PEER_LEN]; /* of IPv6 only the network */
    uint32_t sockets;          /* WebSockets that it carries */
    bool is_proxy;
    bool closing;
};

void ic_http_connections_init(struct ic_http_connections *all, const struct ic_config *config)
{
    *all = (struct ic_http_connections){.config = config, .newest = &all->oldest};
}

static void unlist(struct ic_http_connections *all, struct ic_http_connection *c)
{
    if (!c->link)
        return;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    else
        all->newest = c->link;
    c->link = NULL;
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

/* Closed by the library soon; it does not count from now on. */
static void make_way(struct ic_http_connections *all, struct ic_http_connection *c)
{
    unlist(all, c);
    c->closing = true;
    lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_ASYNC);
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

bool ic_http_connections_add(struct ic_http_connections *all, struct lws *wsi)
{
    static const uint8_t ipv4[12] = {[10] = 0xff, [11] = 0xff};
    struct ic_http_connection *c = calloc(1, sizeof *c);

    if (!c)
        return false;
    c->wsi = wsi;
    ic_http_peer(c->from, wsi);
    c->is_proxy = ic_forwarded_is_trusted(c->from, &all->config->http.trusted_proxies);
    if (memcmp(c->from, ipv4, sizeof ipv4) != 0)
        memset(c->from + IPV6_NETWORK_LEN, 0, IC_PEER_LEN - IPV6_NETWORK_LEN);
    lws_set_opaque_user_data(wsi, c);
    list_last(all, c);
    keep_address_limit(all, c);
    if (all->count > all->config->limits.connections)
        make_way(all, all->oldest);
    return true;
}

static struct ic_http_connection *connection_of(struct lws *wsi)
{
    return lws_get_opaque_user_data(lws_get_network_wsi(wsi));
}

void ic_http_connections_touch(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (!c || !c->link)
        return;
    unlist(all, c);
    list_last(all, c);
}

void ic_http_connections_socket_opened(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (!c)
        return;
    c->sockets++;
    unlist(all, c);
}

void ic_http_connections_socket_closed(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = connection_of(wsi);

    if (!c || c->sockets == 0)
        return;
    c->sockets--;
    if (c->sockets == 0 && !c->closing)
        list_last(all, c);
}

void ic_http_connections_remove(struct ic_http_connections *all, struct lws *wsi)
{
    struct ic_http_connection *c = lws_get_opaque_user_data(wsi);

    if (!c || c->wsi != wsi)
        return;
    lws_set_opaque_user_data(wsi, NULL);
    unlist(all, c);
    free(c);
}
