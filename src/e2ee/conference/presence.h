/* presence.h - what we show of ourselves to the members. */
#pragma once

#include "base/base.h"
#include "e2ee/conference/conference.h"

struct ic_conference;
struct ic_door_app_message;
struct ic_mls_message;

struct ic_presence {
    struct ic_conference_presence own;
    uint32_t number;
    int64_t announce_at;  /* again, for newcomers; INT64_MAX: no need */
    int64_t admit_key_at; /* when others are told where to knock; INT64_MAX: nowhere */
    int64_t heartbeat_at;
    int64_t send_at; /* when sealing moves to the epoch; INT64_MAX: it has */
    int64_t epoch_began;
    int64_t foreign_at; /* when there last was a message of our epoch that its keys do not open */
    bool silenced;
    bool unproven; /* brought back by an ordinary member: no frame is opened or sealed until a
                      right-holder is heard in this epoch or a later one */
};

/* Not while no one in charge vouches for our epoch: nobody knows who would hear it. */
bool ic_may_speak(const struct ic_conference *c);
enum ic_err ic_presence_epoch(struct ic_conference *c, bool first, bool removal, bool addition,
                              int64_t now) IC_CHECKED;
enum ic_err ic_presence_tick(struct ic_conference *c, int64_t now) IC_CHECKED;
int64_t ic_presence_next(const struct ic_conference *c);
enum ic_err ic_seal_app(struct ic_mls_message *out, struct ic_conference *c,
                        const struct ic_door_app_message *message) IC_CHECKED;
enum ic_err ic_say_app(struct ic_conference *c, const struct ic_door_app_message *message,
                       enum ic_say_type as) IC_CHECKED;
