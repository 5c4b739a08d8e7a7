/* rejecting.h - a commit took our epoch, and we refused it or could not open it. */
#pragma once

#include "base/base.h"
#include "e2ee/door/validity.h"

struct ic_conference;
struct ic_ordering;

void ic_epoch_taken(struct ic_ordering *o, struct ic_bytes sealed);
/* Was it that one, and comes again? */
bool ic_was_taken_back(const struct ic_ordering *o, struct ic_bytes sealed);
enum ic_err ic_taken_again(struct ic_conference *c) IC_CHECKED;
/* The last epoch that we know to be everybody's: ours, or the one before. */
uint64_t ic_epoch_shared(const struct ic_conference *c);
/* Has it taken back, if that is our right. `later`: with all that came after it. */
enum ic_err ic_reject_commit(struct ic_conference *c, enum ic_door_rule rule,
                             bool later) IC_CHECKED;
