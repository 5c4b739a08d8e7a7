/* doorkeeping.h - at the door from inside: who may come in. */
#pragma once

#include "base/base.h"
#include "e2ee/e2ee.h"

struct ic_conference;
struct ic_door_profile;

/* May who knocked with this invite (0: with the link) enter without being asked about? */
bool ic_door_is_free(const struct ic_conference *c, uint32_t invite);
/* Lets in who may enter without being asked: by the state as it is. */
enum ic_err ic_knockers_admit_free(struct ic_conference *c, int64_t now) IC_CHECKED;
/* Is it a key package that we could add, of the participant that the server says? */
enum ic_err ic_knocker_package(const struct ic_conference *c, struct ic_door_profile *profile,
                               struct ic_bytes encoded,
                               const uint8_t participant[IC_PARTICIPANT_LEN]) IC_CHECKED;
