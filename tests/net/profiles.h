/* profiles.h - networks by name: what a link does, and when it changes.
 *
 * Those of Signal's call simulator (moderate, international, spiky, limited, loss, bursty) have its
 * figures, so that results can be compared; its correlations of jitter and order are left out. */
#pragma once

#include "tests/net/link.h"

enum { NET_STEPS_MAX = 6, NET_PROFILE_ABOUT_MAX = 96 };

struct net_step {
    uint32_t at_ms;
    struct net_shape up, down; /* up is away from the near end, the client */
};

struct net_profile {
    const char *name;
    const char *about;
    uint32_t repeat_ms; /* then it begins anew; 0: the last step stays */
    size_t count;
    struct net_step steps[NET_STEPS_MAX];
};

/* Counts from 0; NULL at the end. */
const struct net_profile *net_profile_at(size_t place);

/* NULL if there is none of that name. */
const struct net_profile *net_profile_find(const char *name);

/* The step that holds `elapsed_ms` after the start; `next_ms` is when the next begins, UINT64_MAX
 * for never. */
const struct net_step *net_profile_step(const struct net_profile *profile, uint64_t elapsed_ms,
                                        uint64_t *next_ms);
