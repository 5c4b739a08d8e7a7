/* forwarded.c - X-Forwarded-For as proxies write it: addresses after commas, some with a port. */
#include "server/forwarded.h"

#include <arpa/inet.h>

enum { ITEM_SIZE = IC_ADDRESS_TEXT_SIZE + sizeof "[]:65535" };

static bool parse_address(uint8_t out[IC_PEER_LEN], const char *text)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct in_addr v4;
    struct in6_addr v6;

    if (inet_pton(AF_INET, text, &v4) == 1) {
        memcpy(out, mapped, sizeof mapped);
        memcpy(out + sizeof mapped, &v4, sizeof v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6) != 1)
        return false;
    memcpy(out, &v6, IC_PEER_LEN);
    return true;
}

/* 192.0.2.1, 192.0.2.1:4711, 2001:db8::1, [2001:db8::1] or [2001:db8::1]:4711 */
static bool parse_item(uint8_t out[IC_PEER_LEN], char *item)
{
    char *first_colon = strchr(item, ':');

    if (item[0] == '[') {
        char *end = strchr(item, ']');
        if (!end || (end[1] != 0 && end[1] != ':'))
            return false;
        *end = 0;
        return strchr(item, ':') && parse_address(out, item + 1);
    }
    if (first_colon && first_colon == strrchr(item, ':'))
        *first_colon = 0;
    return parse_address(out, item);
}

bool ic_forwarded_is_trusted(const uint8_t peer[IC_PEER_LEN], const struct ic_addresses *proxies)
{
    uint8_t proxy[IC_PEER_LEN];

    for (uint32_t i = 0; i < proxies->count; i++)
        if (parse_address(proxy, proxies->at[i]) && memcmp(proxy, peer, IC_PEER_LEN) == 0)
            return true;
    return false;
}

/* Copies the last item of the `*len` first characters, and leaves in `*len` what is before it. */
static bool take_last(char item[ITEM_SIZE], const char *list, size_t *len)
{
    size_t end = *len, start;

    for (start = end; start > 0 && list[start - 1] != ','; start--)
        ;
    *len = start > 0 ? start - 1 : 0;
    while (end > start && (list[end - 1] == ' ' || list[end - 1] == '\t'))
        end--;
    while (start < end && (list[start] == ' ' || list[start] == '\t'))
        start++;
    if (end - start >= ITEM_SIZE)
        return false;
    memcpy(item, list + start, end - start);
    item[end - start] = 0;
    return true;
}

void ic_forwarded_peer(uint8_t peer[IC_PEER_LEN], const struct ic_addresses *proxies,
                       const char *x_forwarded_for)
{
    size_t left = strlen(x_forwarded_for);
    uint8_t before[IC_PEER_LEN];
    char item[ITEM_SIZE];

    while (left > 0 && ic_forwarded_is_trusted(peer, proxies)) {
        if (!take_last(item, x_forwarded_for, &left) || !parse_item(before, item))
            return;
        memcpy(peer, before, IC_PEER_LEN);
    }
}
