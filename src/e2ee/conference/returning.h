/* returning.h - coming back into the group that we lost. */
#pragma once

#include "base/base.h"

struct ic_conference;

enum ic_err ic_ask_to_return(struct ic_conference *c, int64_t now) IC_CHECKED;
enum ic_err ic_returning_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
