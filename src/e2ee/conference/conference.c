/* conference.c - a conference's life from new to over; what it is made of is in inside.h. */
#include "e2ee/conference/entering.h"
#include "e2ee/conference/founding.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/presence.h"
#include "e2ee/door/profile.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/door/text.h"

static enum ic_err read_link(struct ic_conference *c)
{
    const struct ic_door_link *link = &c->options.link;
    if (link->kind != IC_DOOR_LINK_HOST) {
        memcpy(c->pin, link->pin, sizeof c->pin);
        return IC_OK;
    }
    enum ic_err err = ic_door_host_keys(&c->host, link->root_seed);
    if (err == IC_OK)
        memcpy(c->pin, c->host.pin, sizeof c->pin);
    return err;
}

static enum ic_err init(struct ic_conference *c, const struct ic_conference_options *options)
{
    ic_out_init(&c->says);
    ic_out_init(&c->events);
    c->options = *options;
    memcpy(c->name, options->name.at, options->name.len);
    c->options.name.at = c->name;
    if (options->title.len > 0)
        memcpy(c->title, options->title.at, options->title.len);
    c->options.title.at = c->title;
    c->presence.send_at = c->presence.announce_at = c->presence.admit_key_at = INT64_MAX;
    c->people = calloc(IC_MEMBERS_MAX, sizeof *c->people);
    c->scratch = malloc(sizeof *c->scratch);
    if (!c->people || !c->scratch)
        return IC_ERR_SYSTEM;
    enum ic_err err = read_link(c);
    if (err != IC_OK)
        return err;
    if (options->link.kind != IC_DOOR_LINK_INVITE)
        ic_link_now_set(c, options->link.secret, 1);
    return ic_own_keys_init(c);
}

enum ic_err ic_conference_new(struct ic_conference **out,
                              const struct ic_conference_options *options)
{
    if (!ic_door_is_name(options->name, IC_DOOR_NAME_MAX) ||
        (options->title.len > 0 && !ic_door_is_name(options->title, IC_DOOR_TITLE_MAX)))
        return IC_ERR_FORBIDDEN;
    struct ic_conference *c = calloc(1, sizeof *c);
    if (!c)
        return IC_ERR_SYSTEM;
    enum ic_err err = init(c, options);
    if (err != IC_OK) {
        ic_conference_free(c);
        return err;
    }
    *out = c;
    return IC_OK;
}

void ic_conference_free(struct ic_conference *c)
{
    if (!c)
        return;
    ic_ordering_clear(c);
    ic_knockers_clear(c);
    ic_entering_clear(&c->entering);
    ic_mls_group_free(c->group);
    ic_out_clear(&c->says);
    ic_out_clear(&c->events);
    free(c->people);
    ic_founding_forget(&c->founding);
    free(c->scratch);
    ic_secret_wipe(c, sizeof *c);
    free(c);
}

enum ic_conference_stage ic_conference_stage(const struct ic_conference *c)
{
    return c->stage;
}

uint64_t ic_conference_epoch(const struct ic_conference *c)
{
    return c->group ? ic_mls_group_context(c->group)->epoch : 0;
}

void ic_conference_group_over(struct ic_conference *c)
{
    ic_ordering_clear(c);
    ic_mls_group_free(c->group);
    c->group = NULL;
    c->state_version = 0;
    ic_e2ee_group_over(c->options.frames);
}

/* Nothing can be heard or said any more; the keys go at once. */
void ic_conference_end(struct ic_conference *c)
{
    c->stage = IC_CONFERENCE_OVER;
    ic_conference_group_over(c);
    ic_founding_forget(&c->founding);
    ic_knockers_clear(c);
    ic_entering_clear(&c->entering);
}

void ic_show_participant(struct ic_conference *c, enum ic_conference_event_type type,
                         const uint8_t participant[IC_PARTICIPANT_LEN], int64_t number,
                         struct ic_bytes text)
{
    struct ic_conference_event event = {.type = type, .number = number, .text = text};
    memcpy(event.participant, participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

void ic_show_leaf(struct ic_conference *c, enum ic_conference_event_type type, unsigned leaf,
                  int64_t number, struct ic_bytes text)
{
    struct ic_conference_event event = {.type = type, .leaf = leaf, .number = number, .text = text};
    memcpy(event.participant, c->people[leaf].participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

void ic_show(struct ic_conference *c, enum ic_conference_event_type type, int64_t number)
{
    ic_out_event(&c->events, &(struct ic_conference_event){.type = type, .number = number});
}

const struct ic_say *ic_conference_next_say(struct ic_conference *c)
{
    const struct ic_out_node *node = ic_out_take(&c->says);
    return node ? &node->say : NULL;
}

const struct ic_conference_event *ic_conference_next_event(struct ic_conference *c)
{
    const struct ic_out_node *node = ic_out_take(&c->events);
    return node ? &node->event : NULL;
}

enum ic_err ic_conference_tick(struct ic_conference *c, int64_t now)
{
    ic_e2ee_expire(c->options.frames, now);
    enum ic_err err = ic_presence_tick(c, now);
    if (err == IC_OK)
        err = ic_ordering_run(c, now);
    if (err == IC_OK && (c->says.failed || c->events.failed))
        err = IC_ERR_SYSTEM;
    return err;
}

int64_t ic_conference_next_tick(const struct ic_conference *c)
{
    int64_t presence = ic_presence_next(c), ordering = ic_ordering_next(c);
    return presence < ordering ? presence : ordering;
}

enum ic_err ic_conference_safety(const struct ic_conference *c,
                                 const uint8_t participant[IC_PARTICIPANT_LEN],
                                 char text[IC_DOOR_SAFETY_SIZE])
{
    unsigned leaf = c->group ? ic_leaf_of_participant(c, participant) : IC_MEMBERS_MAX;
    if (leaf == IC_MEMBERS_MAX || leaf == ic_mls_group_own_leaf(c->group).n)
        return IC_ERR_NOT_FOUND;
    struct ic_bytes theirs = {c->people[leaf].member, c->people[leaf].member_len};
    ic_door_safety(text, c->options.meeting, ic_own_key(c), theirs);
    return IC_OK;
}

enum ic_err ic_conference_authenticator(const struct ic_conference *c,
                                        uint8_t out[IC_CONFERENCE_AUTHENTICATOR_LEN])
{
    if (!c->group)
        return IC_ERR_FORBIDDEN;
    struct ic_bytes authenticator = ic_mls_group_epoch_authenticator(c->group);
    ic_sha256(out, authenticator); /* of one length for every suite */
    return IC_OK;
}
