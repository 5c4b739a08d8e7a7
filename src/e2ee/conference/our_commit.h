/* our_commit.h - our own commit, as it is said. */
#pragma once

#include "base/base.h"

struct ic_conference;

/* The one that is pending, for the first time or again. */
enum ic_err ic_say_our_commit(struct ic_conference *c, int64_t now) IC_CHECKED;
