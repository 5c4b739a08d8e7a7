/* inside.h - what a conference is made of. Each file of this folder knows its own part. */
#pragma once

#include "e2ee/conference/admit_keys.h"
#include "e2ee/conference/conference.h"
#include "e2ee/conference/entering.h"
#include "e2ee/conference/founding.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/out.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/app_message.h"
#include "e2ee/door/card.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/group.h"

/* For what is written only to be copied: large things do not belong on a browser's stack. */
struct ic_scratch {
    uint8_t a[65536], b[65536], c[32768], d[16384];
};

struct ic_conference {
    enum ic_conference_stage stage;
    struct ic_conference_options options; /* `name` and `title` are below */
    uint8_t name[4 * IC_DOOR_NAME_MAX], title[4 * IC_DOOR_TITLE_MAX];
    struct ic_own_keys keys;
    struct ic_door_host_keys host; /* of a host's link */
    uint8_t pin[IC_DOOR_PIN_LEN];
    uint8_t participant[IC_PARTICIPANT_LEN];
    bool keeper;
    struct ic_link_now link;
    struct ic_entering entering;
    struct ic_knocker *knockers;
    struct ic_admit_key_of admit_keys[IC_DOOR_ADMIT_KEYS_MAX - 1];
    struct ic_founding founding;
    struct ic_mls_group *group;
    struct ic_ordering ordering;
    uint8_t rejects_heard[IC_REJECTS_HEARD][IC_SHA256_LEN]; /* the last first */
    struct ic_presence presence;
    struct ic_person *people; /* IC_MEMBERS_MAX of them */
    uint64_t state_version;   /* that was last shown */
    uint32_t invites_shown[IC_DOOR_INVITES_MAX];
    size_t invite_count;
    bool door_due;        /* the server is to hear how the door stands */
    int64_t door_said_at; /* and heard it last */
    bool psk_used;        /* MLS asked for the link's key while it joined */
    struct ic_scratch *scratch;
    struct ic_out_queue says, events;
};

static inline struct ic_bytes ic_own_key(const struct ic_conference *c)
{
    return (struct ic_bytes){c->keys.signature_public, c->keys.public_len};
}
static inline struct ic_door_pair ic_own_pair(const struct ic_conference *c)
{
    return (struct ic_door_pair){ic_own_key(c), {c->keys.signature_private, c->keys.private_len}};
}
static inline uint64_t ic_wall_ms(const struct ic_conference *c, int64_t now)
{
    return c->options.wall_ms_at_zero + (uint64_t)(now / IC_NS_PER_MS);
}
/* Of the group that we are in. */
static inline uint64_t ic_epoch_of(const struct ic_conference *c)
{
    return ic_mls_group_context(c->group)->epoch;
}
static inline unsigned ic_own_leaf(const struct ic_conference *c)
{
    return ic_mls_group_own_leaf(c->group).n;
}
/* Places for people: nobody sits beyond. */
static inline unsigned ic_leaf_count(const struct ic_conference *c)
{
    uint32_t leaves = ic_mls_group_tree(c->group)->leaves;
    return leaves < IC_MEMBERS_MAX ? leaves : IC_MEMBERS_MAX;
}
/* Its leaf's key follows from its link, so it comes back to a meeting that goes on. */
static inline bool ic_is_host(const struct ic_conference *c)
{
    return c->options.link.kind == IC_DOOR_LINK_HOST;
}
void ic_show(struct ic_conference *c, enum ic_conference_event_type type, int64_t number);
void ic_show_participant(struct ic_conference *c, enum ic_conference_event_type type,
                         const uint8_t participant[IC_PARTICIPANT_LEN], int64_t number,
                         struct ic_bytes text);
void ic_show_leaf(struct ic_conference *c, enum ic_conference_event_type type, unsigned leaf,
                  int64_t number, struct ic_bytes text);
void ic_conference_end(struct ic_conference *c);
/* The group that we are in is over: its keys go. */
void ic_conference_group_over(struct ic_conference *c);
