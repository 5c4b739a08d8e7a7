/* vouching.h - who shows to be alive and in our epoch, and what follows when nobody does. */
#pragma once

#include "base/base.h"

struct ic_conference;

bool ic_all_vouched(const struct ic_conference *c);
/* Holds frames back while nobody vouches for our epoch. */
void ic_watch_silence(struct ic_conference *c, int64_t now);
/* Shows who seems to be in a fork. */
void ic_watch_elsewhere(struct ic_conference *c, int64_t now);
/* Takes out whose heart has stopped. */
enum ic_err ic_watch_hearts(struct ic_conference *c, int64_t now) IC_CHECKED;
