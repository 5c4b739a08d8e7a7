/* unreadable.h - a commit took our epoch and spoilt what it holds for us. */
#pragma once

#include "base/base.h"

struct ic_conference;

enum ic_err ic_unreadable_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
