/* members.c - the roster: who is in the group by its tree, whether a commit may change it, and what
 * the person is told of it. */
#include "e2ee/conference/members.h"
#include "crypto/hash.h"
#include "e2ee/conference/admit_keys.h"
#include "e2ee/conference/hearing.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/invites.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/profile.h"
#include "e2ee/door/validity.h"

/* ---- May it be? ---- */

enum ic_door_rule ic_judge_commit(const struct ic_conference *c,
                                  const struct ic_mls_outlook *outlook)
{
    return ic_door_commit_check(ic_mls_group_context(c->group), ic_mls_group_tree(c->group),
                                outlook);
}

/* ---- Who is here ---- */

static struct ic_bytes key_of(const struct ic_person *person)
{
    return (struct ic_bytes){person->member, person->member_len};
}

unsigned ic_leaf_of_participant(const struct ic_conference *c,
                                const uint8_t participant[IC_PARTICIPANT_LEN])
{
    unsigned leaf = 0;
    while (leaf < IC_MEMBERS_MAX &&
           !(c->people[leaf].here &&
             memcmp(c->people[leaf].participant, participant, IC_PARTICIPANT_LEN) == 0))
        leaf++;
    return leaf;
}

unsigned ic_leaf_of_key(const struct ic_conference *c, struct ic_bytes member)
{
    unsigned leaf = 0;
    while (leaf < IC_MEMBERS_MAX &&
           !(c->people[leaf].here && ic_bytes_equal(key_of(&c->people[leaf]), member)))
        leaf++;
    return leaf;
}

static void show_person(struct ic_conference *c, enum ic_conference_event_type type, unsigned leaf,
                        int64_t number, struct ic_bytes name)
{
    struct ic_conference_event event = {.type = type, .leaf = leaf, .number = number, .text = name};
    memcpy(event.participant, c->people[leaf].participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

static void person_left(struct ic_conference *c, unsigned leaf, bool by_right)
{
    struct ic_person *person = &c->people[leaf];
    enum ic_leave_reason reason = person->sent_back ? IC_LEFT_SENT_BACK
                                  : by_right        ? IC_LEFT_REMOVED
                                  : person->goodbye ? IC_LEFT_BY_HIMSELF
                                                    : IC_LEFT_GONE;
    show_person(c, IC_EVENT_PERSON_LEFT, leaf, (int64_t)reason, (struct ic_bytes){0});
    ic_e2ee_leaf_left(c->options.frames, leaf);
    *person = (struct ic_person){0};
}

/* Knocks go to whom the server takes for a keeper. Any keeper may say so, and it may be said
 * twice. Our own place follows our rights: the keeper who gave them says it. */
static void say_keeper(struct ic_conference *c, unsigned leaf)
{
    bool keeper = (c->people[leaf].rights & IC_DOOR_ADMIT) != 0;
    struct ic_bytes participant = {c->people[leaf].participant, IC_PARTICIPANT_LEN};

    c->presence.admit_key_at = 0;
    if (leaf == ic_mls_group_own_leaf(c->group).n)
        c->keeper = keeper || c->options.link.kind == IC_DOOR_LINK_HOST;
    else if (c->keeper && ic_may(c, ic_own_key(c), IC_DOOR_ADMIT))
        ic_out_say(
            &c->says,
            &(struct ic_say){.type = IC_SAY_KEEPER, .flag = keeper, .participants = participant});
}

static enum ic_err person_came(struct ic_conference *c, unsigned leaf,
                               const struct ic_mls_leaf_node *node, uint8_t rights)
{
    struct ic_person *person = &c->people[leaf];
    struct ic_door_profile profile;

    enum ic_err err = ic_door_profile_of(&profile, node->extensions);
    if (err != IC_OK)
        return err; /* cannot be: `judge` looked at it */
    *person = (struct ic_person){.here = true,
                                 .rights = rights,
                                 .came_epoch = ic_epoch_of(c),
                                 .member_len = node->signature_key.len};
    memcpy(person->participant, profile.participant.at, IC_PARTICIPANT_LEN);
    memcpy(person->member, node->signature_key.at, node->signature_key.len);
    ic_knocker_drop(c, person->participant);
    show_person(c, IC_EVENT_PERSON, leaf, rights, profile.name);
    if (rights & IC_DOOR_ADMIT)
        say_keeper(c, leaf);
    return IC_OK;
}

static void rights_changed(struct ic_conference *c, unsigned leaf,
                           const struct ic_mls_leaf_node *node, uint8_t rights)
{
    struct ic_door_profile profile;
    if (c->people[leaf].rights == rights || ic_door_profile_of(&profile, node->extensions) != IC_OK)
        return;
    bool admits = (c->people[leaf].rights ^ rights) & IC_DOOR_ADMIT;
    c->people[leaf].rights = rights;
    show_person(c, IC_EVENT_PERSON, leaf, rights, profile.name);
    if (admits)
        say_keeper(c, leaf);
}

/* A leaf whose key or participant is another has changed hands. */
static bool same_person(const struct ic_person *person, const struct ic_mls_leaf_node *node)
{
    struct ic_door_profile profile;
    return person->here && ic_bytes_equal(key_of(person), node->signature_key) &&
           ic_door_profile_of(&profile, node->extensions) == IC_OK &&
           memcmp(profile.participant.at, person->participant, IC_PARTICIPANT_LEN) == 0;
}

static enum ic_err look_at_leaf(struct ic_conference *c, unsigned leaf,
                                const struct ic_door_state *state, bool by_right)
{
    const struct ic_mls_tree *tree = ic_mls_group_tree(c->group);
    const struct ic_mls_leaf_node *node =
        leaf < tree->leaves ? ic_mls_tree_leaf(tree, (struct ic_leaf){leaf}) : NULL;
    bool same = node && same_person(&c->people[leaf], node);

    if (c->people[leaf].here && !same)
        person_left(c, leaf, by_right);
    if (!node)
        return IC_OK;
    uint8_t rights = ic_door_rights_of(state->grants, node->signature_key);
    if (!same)
        return person_came(c, leaf, node, rights);
    rights_changed(c, leaf, node, rights);
    return IC_OK;
}

static void show_title(struct ic_conference *c, const struct ic_door_state *state)
{
    const struct ic_conference_event event = {.type = IC_EVENT_TITLE,
                                              .number = (state->flags & IC_DOOR_TITLE_SHOWN) != 0,
                                              .text = state->title};
    ic_out_event(&c->events, &event);
}

/* Whoever may let one person do more than others sees for whom that is so, whoever did it. */
static void show_what_each_may(struct ic_conference *c, const struct ic_door_state *state,
                               bool changed)
{
    unsigned own = ic_mls_group_own_leaf(c->group).n;
    bool may_change = (c->people[own].rights & IC_DOOR_SETTINGS) != 0;

    for (unsigned leaf = 0; may_change && leaf < IC_MEMBERS_MAX; leaf++) {
        struct ic_person *person = &c->people[leaf];
        if (!person->here || leaf == own || (person->may_shown && !changed))
            continue;
        uint16_t may = ic_door_capabilities_of(state, key_of(person));
        if (!person->may_shown || may != person->may)
            show_person(c, IC_EVENT_MAY, leaf, may, (struct ic_bytes){0});
        person->may_shown = true;
        person->may = may;
    }
}

static void show_state(struct ic_conference *c, const struct ic_door_state *state)
{
    if (state->version == c->state_version)
        return;
    c->state_version = state->version;
    struct ic_conference_event event = {
        .type = IC_EVENT_STATE,
        .epoch = state->link_version,
        .number = (state->flags & IC_DOOR_LOCKED ? IC_CONFERENCE_LOCKED : 0) |
                  (state->flags & IC_DOOR_WAITING_ROOM ? IC_CONFERENCE_WAITING_ROOM : 0) |
                  (state->flags & IC_DOOR_PASSCODE ? IC_CONFERENCE_PASSCODE : 0) |
                  (state->flags & IC_DOOR_INVITED_STRAIGHT_IN ? IC_CONFERENCE_STRAIGHT_IN : 0)};
    ic_out_event(&c->events, &event);
    show_title(c, state);
    ic_show_invites(c, state);
    ic_show(c, IC_EVENT_ALLOWED,
            state->everyone | ic_door_capabilities_of(state, ic_own_key(c)) << 16);
    ic_presence_allowed(c, state);
}

static void show_epoch(struct ic_conference *c, enum ic_conference_event_type type)
{
    struct ic_conference_event event = {.type = type,
                                        .leaf = ic_mls_group_own_leaf(c->group).n,
                                        .epoch = ic_mls_group_context(c->group)->epoch,
                                        .number = ic_mls_group_member_count(c->group)};
    memcpy(event.participant, c->participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

enum ic_err ic_members_changed(struct ic_conference *c, bool first, bool by_right)
{
    struct ic_door_state state;
    enum ic_err err = ic_state_now(c, &state);

    if (err != IC_OK)
        return err;
    if (first) { /* perhaps by another chain, whose state has the same version */
        memset(c->people, 0, IC_MEMBERS_MAX * sizeof *c->people);
        c->state_version = 0;
        show_epoch(c, IC_EVENT_ENTERED);
    }
    for (unsigned leaf = 0; leaf < IC_MEMBERS_MAX && err == IC_OK; leaf++)
        err = look_at_leaf(c, leaf, &state, by_right);
    bool changed = state.version != c->state_version;
    show_state(c, &state);
    show_what_each_may(c, &state, changed);
    show_epoch(c, IC_EVENT_EPOCH);
    return err == IC_OK ? ic_own_admit_key(c) : err;
}

/* ---- Who acts first ---- */

static void draw(uint8_t lot[IC_SHA256_LEN], const struct ic_conference *c, unsigned leaf)
{
    uint8_t number[4] = {0, 0, (uint8_t)(leaf >> 8), (uint8_t)leaf};
    struct ic_bytes parts[] = {ic_mls_group_epoch_authenticator(c->group), {number, sizeof number}};
    ic_hash(lot, IC_HASH_SHA256, parts, IC_COUNT(parts));
}

unsigned ic_own_rank(const struct ic_conference *c, uint8_t right)
{
    uint8_t own[IC_SHA256_LEN], other[IC_SHA256_LEN];
    unsigned own_leaf = ic_mls_group_own_leaf(c->group).n, rank = 0;

    draw(own, c, own_leaf);
    for (unsigned leaf = 0; leaf < IC_MEMBERS_MAX; leaf++) {
        if (!c->people[leaf].here || c->people[leaf].gone || c->people[leaf].silent ||
            leaf == own_leaf || (c->people[leaf].rights & right) != right)
            continue;
        draw(other, c, leaf);
        rank += memcmp(other, own, sizeof own) < 0;
    }
    return rank < 20 ? rank : 20; /* in the end everybody tries */
}
