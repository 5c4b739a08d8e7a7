/* media_addresses.c - Firefox never connects to a loopback candidate, so a machine that has no
 * other address is worth a warning at start. */
#include "server/media_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

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
    }
    *reachable = false;
    for (uint32_t i = 0; i < out->count; i++)
        *reachable = *reachable || !ic_address_is_loopback(out->at[i]);
    return IC_OK;
}
