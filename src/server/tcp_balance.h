/* tcp_balance.h - what the kernel counted of a TCP connection. */
#pragma once

#include "base/base.h"

struct ic_tcp_balance {
    uint64_t came;  /* bytes of the peer that were read */
    uint64_t taken; /* bytes of ours that it acknowledged */
};

/* False: `fd` is no TCP connection. */
bool ic_tcp_balance(struct ic_tcp_balance *out, int fd);
