/* commit_plan.h - the wishes of the moment as one commit. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_mls_staged;

/* `single`: no more than one of them. */
enum ic_err ic_commit_wishes(struct ic_conference *c, struct ic_mls_staged **out, bool single,
                             int64_t now) IC_CHECKED;
/* Gives up the wish that ic_commit_wishes() takes first. */
void ic_wish_give_up(struct ic_conference *c, int64_t now);
