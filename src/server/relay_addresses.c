/* relay_addresses.c - the system's resolver, on libuv's threads. */
#include "server/relay_addresses.h"

#include <netdb.h>
#include <stdlib.h>

#include "base/log.h"

enum { HERE_MAX = 8 }; /* addresses of one relay */

struct question {
    uv_getaddrinfo_t request;
    ic_relay_address_found *found;
    void *owner;
};

/* `url` was checked by config_values.c: turn:HOST:PORT or turns:HOST:PORT, then perhaps a query;
 * IPv6 in brackets, which the resolver does not want. */
static void copy_host(char host[IC_RELAY_URL_SIZE], const char *url)
{
    const char *start = strchr(url, ':') + 1, *query = strchr(start, '?');
    const char *end = memrchr(start, ':', query ? (size_t)(query - start) : strlen(start));

    if (*start == '[' && end[-1] == ']') {
        start++;
        end--;
    }
    size_t len = (size_t)(end - start);
    memcpy(host, start, len);
    host[len] = 0;
}

static void on_answer(uv_getaddrinfo_t *request, int status, struct addrinfo *all)
{
    struct question *q = request->data;
    struct ic_address addresses[HERE_MAX];
    uint32_t count = 0;

    for (const struct addrinfo *a = all; a && count < HERE_MAX; a = a->ai_next)
        count += ic_address_from_sockaddr(&addresses[count], a->ai_addr) == IC_OK;
    if (status == 0)
        q->found(q->owner, addresses, count);
    else
        ic_log(IC_LOG_WARNING, "relays", IC_EVENT("relay_not_found"),
               IC_TEXT("meaning", "metrics count who comes through it as coming by UDP"),
               IC_TEXT("reason", uv_strerror(status)));
    uv_freeaddrinfo(all);
    free(q);
}

static void ask(uv_loop_t *loop, const char *url, ic_relay_address_found *found, void *owner)
{
    static const struct addrinfo hints = {.ai_socktype = SOCK_DGRAM};
    struct question *q = malloc(sizeof *q);
    char host[IC_RELAY_URL_SIZE];

    if (!q)
        return;
    *q = (struct question){.found = found, .owner = owner};
    q->request.data = q;
    copy_host(host, url);
    if (uv_getaddrinfo(loop, &q->request, on_answer, host, NULL, &hints) != 0)
        free(q);
}

void ic_relay_addresses_find(uv_loop_t *loop, const struct ic_relay_urls *urls,
                             ic_relay_address_found *found, void *owner)
{
    for (uint32_t i = 0; i < urls->count; i++)
        ask(loop, urls->at[i], found, owner);
}
