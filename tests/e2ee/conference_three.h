/* conference_three.h - the host, an honest member and Mallory in a meeting. */
#pragma once

#include "tests/e2ee/conference_rig.h"

static unsigned layla, mallory;

static inline void start_three(void)
{
    start();
    layla = come_in("Layla Rahman");
    mallory = come_in("Mallory");
    courier_run(&s, SECOND);
}
