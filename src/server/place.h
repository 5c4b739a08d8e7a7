/* place.h - which addresses count as one: IPv6 by its /64, IPv4 (mapped into IPv6) as it is. */
#pragma once

#include "base/base.h"

enum { IC_ADDRESS_LEN = 16 };

static inline bool ic_place_is_ipv4(const uint8_t address[IC_ADDRESS_LEN])
{
    static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};
    return memcmp(address, prefix, sizeof prefix) == 0;
}

static inline bool ic_place_equal(const uint8_t a[IC_ADDRESS_LEN], const uint8_t b[IC_ADDRESS_LEN])
{
    return memcmp(a, b, ic_place_is_ipv4(a) ? IC_ADDRESS_LEN : 8) == 0;
}
