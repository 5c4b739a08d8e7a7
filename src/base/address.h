/* address.h - where a datagram comes from or goes to. */
#pragma once

#include "base/base.h"

#include <sys/socket.h>

enum ic_family { IC_FAMILY_NONE = 0, IC_IPV4 = 4, IC_IPV6 = 6 };
enum ic_protocol { IC_UDP, IC_TCP };

/* No padding and unused bytes zero, so that two may be compared as bytes. All zero is no address.
 */
struct ic_address {
    uint8_t ip[16];      /* network order; IPv4 uses the first four */
    uint16_t port;       /* host order */
    uint8_t family;      /* enum ic_family; an IPv4-mapped IPv6 address is always IC_IPV4 */
    uint8_t protocol;    /* enum ic_protocol */
    uint32_t connection; /* TCP: the owner's number of the connection; UDP: 0 */
};

static inline bool ic_address_equal(const struct ic_address *a, const struct ic_address *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* For tables keyed by address; not for untrusted keys where a flood of collisions matters. */
uint32_t ic_address_hash(const struct ic_address *address);

/* A UDP address; set protocol and connection yourself for TCP. Another family than IPv4 or IPv6
 * gives IC_ERR_MALFORMED. */
enum ic_err ic_address_from_sockaddr(struct ic_address *out,
                                     const struct sockaddr *from) IC_CHECKED;

/* Fills `out` for a socket of `socket_family` (AF_INET or AF_INET6; the latter takes IPv4 as a
 * mapped address) and returns its length, or 0 if that family cannot carry the address. */
socklen_t ic_address_to_sockaddr(struct sockaddr_storage *out, int socket_family,
                                 const struct ic_address *address);

/* "192.0.2.1" or "2001:db8::1", never a name. */
enum ic_err ic_address_parse(struct ic_address *out, const char *ip, uint16_t port) IC_CHECKED;
