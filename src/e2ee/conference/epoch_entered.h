/* epoch_entered.h - what follows from a commit when its epoch is entered. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_mls_outlook;

/* What a commit is about, looked at before its epoch is entered, ... */
struct ic_epoch_change {
    bool from_outside, was_open, addition, removal, by_right, ours, new_link;
    bool new_passcode; /* and nothing else: the link stays */
};
struct ic_epoch_change ic_epoch_change_of(const struct ic_conference *c,
                                          const struct ic_mls_outlook *outlook);
/* ... and what follows from it when we are in. */
enum ic_err ic_epoch_entered(struct ic_conference *c, const struct ic_epoch_change *change,
                             int64_t now) IC_CHECKED;
/* Who let itself in waits for the word of a right-holder: is it ours to give? */
bool ic_vouches_first(const struct ic_conference *c);
