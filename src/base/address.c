/* address.c - addresses from and to the form of the sockets interface. */
#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

static const uint8_t MAPPED_PREFIX[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* FNV-1a over the bytes. */
uint32_t ic_address_hash(const struct ic_address *address)
{
    const uint8_t *bytes = (const uint8_t *)address;
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < sizeof *address; i++)
        hash = (hash ^ bytes[i]) * 16777619u;
    return hash;
}

static void set_ipv6(struct ic_address *out, const uint8_t ip[16])
{
    bool mapped = memcmp(ip, MAPPED_PREFIX, sizeof MAPPED_PREFIX) == 0;

    out->family = mapped ? IC_IPV4 : IC_IPV6;
    memcpy(out->ip, mapped ? ip + sizeof MAPPED_PREFIX : ip, mapped ? 4 : 16);
}

enum ic_err ic_address_from_sockaddr(struct ic_address *out, const struct sockaddr *from)
{
    struct ic_address address = {0};

    if (from->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)from;
        address.family = IC_IPV4;
        address.port = ntohs(in->sin_port);
        memcpy(address.ip, &in->sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)from;
        address.port = ntohs(in6->sin6_port);
        set_ipv6(&address, in6->sin6_addr.s6_addr);
    } else {
        return IC_ERR_MALFORMED;
    }
    *out = address;
    return IC_OK;
}

socklen_t ic_address_to_sockaddr(struct sockaddr_storage *out, int socket_family,
                                 const struct ic_address *address)
{
    if (socket_family == AF_INET && address->family == IC_IPV4) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(address->port)};
        memcpy(&in.sin_addr, address->ip, 4);
        memcpy(out, &in, sizeof in);
        return sizeof in;
    }
    if (socket_family != AF_INET6 || address->family == IC_FAMILY_NONE)
        return 0;

    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(address->port)};
    if (address->family == IC_IPV4) {
        memcpy(in6.sin6_addr.s6_addr, MAPPED_PREFIX, sizeof MAPPED_PREFIX);
        memcpy(in6.sin6_addr.s6_addr + sizeof MAPPED_PREFIX, address->ip, 4);
    } else {
        memcpy(in6.sin6_addr.s6_addr, address->ip, 16);
    }
    memcpy(out, &in6, sizeof in6);
    return sizeof in6;
}

enum ic_err ic_address_parse(struct ic_address *out, const char *ip, uint16_t port)
{
    struct ic_address address = {.port = port};
    uint8_t bytes[16];

    if (inet_pton(AF_INET, ip, address.ip) == 1)
        address.family = IC_IPV4;
    else if (inet_pton(AF_INET6, ip, bytes) == 1)
        set_ipv6(&address, bytes);
    else
        return IC_ERR_MALFORMED;
    *out = address;
    return IC_OK;
}
