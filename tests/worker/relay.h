/* relay.h - coturn on this computer, between a peer of the rig and the worker (RFC 8656). */
#pragma once

#include "tests/worker/rig.h"

struct relay {
    pid_t pid;
    uint16_t port;
    char folder[32];
};

void relay_start(struct relay *relay);
void relay_stop(struct relay *relay);

/* From now on this peer speaks over the relay, which the worker sees in its place. */
void relay_use(const struct relay *relay, const struct rig *rig, struct peer *p);
