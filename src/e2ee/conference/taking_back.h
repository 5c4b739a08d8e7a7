/* taking_back.h - a member who lost the group, as those inside hear it. */
#pragma once

#include "base/base.h"
#include "e2ee/e2ee.h"

struct ic_conference;
struct ic_mls_outlook;

enum ic_err ic_take_back(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                         struct ic_bytes sealed, int64_t now) IC_CHECKED;

/* Does this commit, which takes our leaf out, put us in again? Not another device of ours. */
bool ic_brings_us_back(const struct ic_conference *c, const struct ic_mls_outlook *outlook);
