/* media_addresses.c - Firefox never connects to a loopback candidate, so a machine that has no
 * other address is worth a warning at start. */
#include "server/media_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>

static bool is_known(const struct ic_addresses *all, const char *text)
{
    for (uint32_t i = 0; i < all->count; i++)
        if (strcmp(all->at[i], text) == 0)
            return true;
    return false;
}

static void add(struct ic_addresses *out, const char *text)
{
    if (out->count < IC_CONFIG_ADDRESSES_MAX && !is_known(out, text))
        strcpy(out->at[out->count++], text);
}

static bool text_of(char text[IC_ADDRESS_TEXT_SIZE], const struct sockaddr *address)
{
    if (address->sa_family == AF_INET)
        return inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr,
                         text, IC_ADDRESS_TEXT_SIZE) != NULL;
    if (address->sa_family != AF_INET6)
        return false;
    const struct in6_addr *ip = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return !IN6_IS_ADDR_LINKLOCAL(ip) && inet_ntop(AF_INET6, ip, text, IC_ADDRESS_TEXT_SIZE);
}

static void add_interfaces(struct ic_addresses *out, const struct ifaddrs *list, bool loopback)
{
    char text[IC_ADDRESS_TEXT_SIZE];

    for (; list; list = list->ifa_next)
        if (list->ifa_addr && list->ifa_flags & IFF_UP && text_of(text, list->ifa_addr) &&
            ic_address_is_loopback(text) == loopback)
            add(out, text);
}

/* Is the address that people open one of this machine for itself? */
static bool is_local(const struct ic_config *config)
{
    char host[IC_CONFIG_TEXT_SIZE];
    const char *url = config->http.public_url;

    if (url[0] == 0)
        return true; /* made from http.listen, which loopback addresses may be among */
    const char *start = strstr(url, "://") + 3;
    bool bracketed = start[0] == '[';
    start += bracketed;
    snprintf(host, sizeof host, "%.*s", (int)strcspn(start, bracketed ? "]" : ":"), start);
    return strcmp(host, "localhost") == 0 || ic_address_is_loopback(host);
}

void ic_media_addresses_narrow(struct ic_addresses *all, const struct ic_config *config)
{
    struct ic_addresses outer = {0};

    for (uint32_t i = 0; i < all->count; i++)
        if (!ic_address_is_loopback(all->at[i]))
            strcpy(outer.at[outer.count++], all->at[i]);
    if (outer.count > 0 && !is_local(config))
        *all = outer;
}

enum ic_err ic_media_addresses(struct ic_addresses *out, const struct ic_config *config,
                               bool *reachable)
{
    struct ifaddrs *list;

    *out = config->media.addresses;
    if (out->count == 0) {
        if (getifaddrs(&list) != 0)
            return IC_ERR_SYSTEM;
        add_interfaces(out, list, false);
        add_interfaces(out, list, true);
        freeifaddrs(list);
        ic_media_addresses_narrow(out, config);
    }
    *reachable = false;
    for (uint32_t i = 0; i < out->count; i++)
        *reachable = *reachable || !ic_address_is_loopback(out->at[i]);
    return IC_OK;
}
