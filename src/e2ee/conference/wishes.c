/* wishes.c - what this person wants of the group, kept until a commit makes it true or nothing can.
 * The newer one of two alike counts. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/doorkeeping.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"

static bool same_wish(const struct ic_wish *a, const struct ic_wish *b)
{
    return a->type == b->type && memcmp(a->participant, b->participant, IC_PARTICIPANT_LEN) == 0 &&
           a->member_len == b->member_len && memcmp(a->member, b->member, a->member_len) == 0;
}

static struct ic_wish **place_of(struct ic_conference *c, const struct ic_wish *wish, size_t *count)
{
    struct ic_wish **at = &c->ordering.wishes;
    *count = 0;
    while (*at && !same_wish(*at, wish)) {
        at = &(*at)->next;
        ++*count;
    }
    return at;
}

enum ic_err ic_wish_keep(struct ic_conference *c, const struct ic_wish *wish)
{
    size_t count;
    struct ic_wish **at = place_of(c, wish, &count);
    struct ic_wish *made = count < IC_WISHES_MAX ? calloc(1, sizeof *made) : NULL;
    if (!made) {
        struct ic_mls_message package = wish->key_package;
        ic_mls_message_clear(&package);
        return count < IC_WISHES_MAX ? IC_ERR_SYSTEM : IC_ERR_FULL;
    }
    *made = *wish;
    made->next = NULL;
    if (*at) {
        struct ic_wish *old = *at;
        made->next = old->next;
        ic_wish_free(old);
    }
    *at = made;
    return IC_OK;
}

int64_t ic_wish_due(const struct ic_ordering *o, const struct ic_wish *wish)
{
    bool adds = wish->type == IC_WISH_ADD && o->adds_at > wish->not_before;
    return adds ? o->adds_at : wish->not_before;
}

enum ic_err ic_wish(struct ic_conference *c, const struct ic_wish *wish, int64_t now)
{
    enum ic_err err = ic_wish_keep(c, wish);
    return err == IC_OK ? ic_ordering_run(c, now) : err;
}

enum ic_err ic_vanished(struct ic_conference *c, unsigned leaf, int64_t now)
{
    const struct ic_person *person = &c->people[leaf];
    struct ic_wish wish = {.type = IC_WISH_VANISHED,
                           .member_len = person->member_len,
                           .not_before = now + ic_own_rank(c, 0) * 150 * IC_NS_PER_MS};
    memcpy(wish.member, person->member, person->member_len);
    return ic_wish(c, &wish, now);
}

static bool has_right(const struct ic_conference *c, uint8_t right)
{
    return ic_may(c, ic_own_key(c), right);
}

static bool is_set(const struct ic_conference *c, uint8_t flag)
{
    struct ic_door_state state;
    return ic_state_now(c, &state) != IC_OK || (state.flags & flag) != 0;
}

static bool has_passcode(const struct ic_conference *c, const struct ic_wish *wish)
{
    struct ic_door_state state;
    return ic_state_now(c, &state) == IC_OK &&
           ic_bytes_equal(state.passcode_key, ic_wish_passcode(wish));
}

static bool has_title(const struct ic_conference *c, const struct ic_wish *wish)
{
    struct ic_door_state state;
    return ic_state_now(c, &state) == IC_OK &&
           ic_bytes_equal(state.title, ic_mls_message_bytes(&wish->key_package));
}

/* Is there room for one more invite, and this one is not there yet? */
static bool lacks_invite(const struct ic_conference *c, const struct ic_wish *wish)
{
    struct ic_door_state state;
    struct ic_door_invite invite;
    size_t count = 0;

    if (ic_state_now(c, &state) != IC_OK)
        return false;
    struct ic_reader list = ic_reader_of(state.invites);
    for (; ic_door_invite_next(&list, &invite); count++)
        if (ic_bytes_equal(invite.salt, ic_wish_salt(wish)))
            return false;
    return count < IC_DOOR_INVITES_MAX;
}

static bool has_invite(const struct ic_conference *c, uint32_t number)
{
    struct ic_door_state state;
    struct ic_door_invite invite;
    return ic_state_now(c, &state) == IC_OK && ic_door_invite_find(state.invites, number, &invite);
}

static bool is_in_group(const struct ic_conference *c, const struct ic_wish *wish)
{
    return ic_leaf_of_key(c, ic_wish_member(wish)) < IC_MEMBERS_MAX;
}

/* Who came back by this very key package has its leaf in the tree. Its id alone says nothing: who
 * lost the group may be on the socket that it always had. */
static bool is_away(const struct ic_conference *c, const struct ic_wish *wish)
{
    struct ic_leaf leaf = {ic_leaf_of_key(c, ic_wish_member(wish))};
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&wish->key_package));
    struct ic_mls_key_package package;

    if (leaf.n >= IC_MEMBERS_MAX)
        return ic_may(c, ic_wish_member(wish), IC_DOOR_ADMIT);
    ic_mls_read_key_package(&r, &package);
    const struct ic_mls_leaf_node *node = ic_mls_tree_leaf(ic_mls_group_tree(c->group), leaf);
    return !r.bad && node && !ic_bytes_equal(node->encryption_key, package.leaf.encryption_key);
}

static bool is_said_of_all(const struct ic_conference *c, uint16_t capabilities)
{
    struct ic_door_state state;
    return ic_state_now(c, &state) == IC_OK && state.everyone == capabilities &&
           state.named.len == 0;
}

static bool is_allowed(const struct ic_conference *c, struct ic_bytes member, uint16_t capabilities)
{
    struct ic_door_state state;
    return ic_state_now(c, &state) == IC_OK &&
           ic_door_capabilities_of(&state, member) == capabilities;
}

static bool differs(const struct ic_conference *c, uint8_t flag, const struct ic_wish *wish)
{
    return is_set(c, flag) != (wish->value != 0);
}

/* A wish about the settings: would the state be another? */
static bool changes_setting(const struct ic_conference *c, const struct ic_wish *wish)
{
    switch (wish->type) {
    case IC_WISH_LOCK:
        return differs(c, IC_DOOR_LOCKED, wish);
    case IC_WISH_WAITING_ROOM:
        return differs(c, IC_DOOR_WAITING_ROOM, wish);
    case IC_WISH_STRAIGHT_IN:
        return differs(c, IC_DOOR_INVITED_STRAIGHT_IN, wish);
    case IC_WISH_SHOW_TITLE:
        return differs(c, IC_DOOR_TITLE_SHOWN, wish);
    case IC_WISH_TITLE:
        return !has_title(c, wish);
    case IC_WISH_PASSCODE:
        return !has_passcode(c, wish);
    case IC_WISH_EVERYONE:
        return !is_said_of_all(c, (uint16_t)wish->value);
    case IC_WISH_ALLOW:
        return is_in_group(c, wish) && !is_allowed(c, ic_wish_member(wish), (uint16_t)wish->value);
    case IC_WISH_INVITE:
        return lacks_invite(c, wish);
    case IC_WISH_WITHDRAW:
        return has_invite(c, wish->value);
    default:
        return false;
    }
}

/* On the socket that it asked on: it is in a later epoch by now. */
static bool came_back(const struct ic_conference *c, const struct ic_wish *wish, unsigned leaf)
{
    return leaf < IC_MEMBERS_MAX && c->people[leaf].vouched_epoch > wish->value &&
           memcmp(c->people[leaf].participant, wish->participant, IC_PARTICIPANT_LEN) == 0;
}

/* A wish about one person who is in the group, or comes. */
static bool concerns_person(const struct ic_conference *c, const struct ic_wish *wish)
{
    bool in = ic_leaf_of_participant(c, wish->participant) < IC_MEMBERS_MAX;
    unsigned leaf = ic_leaf_of_key(c, ic_wish_member(wish));
    switch (wish->type) {
    case IC_WISH_REMOVE:
    case IC_WISH_SEND_BACK:
        return has_right(c, IC_DOOR_REMOVE) && leaf < IC_MEMBERS_MAX;
    case IC_WISH_VANISHED:
        return leaf < IC_MEMBERS_MAX && (c->people[leaf].gone || c->people[leaf].silent);
    case IC_WISH_GRANT:
        return has_right(c, IC_DOOR_GRANT) && leaf < IC_MEMBERS_MAX &&
               c->people[leaf].rights != wish->value;
    case IC_WISH_RETURN:
        return is_away(c, wish) && (!in || leaf < IC_MEMBERS_MAX) && !came_back(c, wish, leaf);
    case IC_WISH_ADD:
        return !in && has_right(c, IC_DOOR_ADMIT) &&
               (wish->value == 0 || has_invite(c, wish->value)) &&
               (!wish->unasked || ic_door_is_free(c, wish->value));
    default:
        return false;
    }
}

/* Could it still become true? What is true already, or has lost its object or its right, cannot. */
static bool still_wanted(const struct ic_conference *c, const struct ic_wish *wish)
{
    switch (wish->type) {
    case IC_WISH_REMOVE:
    case IC_WISH_SEND_BACK:
    case IC_WISH_VANISHED:
    case IC_WISH_GRANT:
    case IC_WISH_RETURN:
    case IC_WISH_ADD:
        return concerns_person(c, wish);
    case IC_WISH_LINK:
        return wish->value == c->link.version &&
               (has_right(c, IC_DOOR_SETTINGS) || has_right(c, IC_DOOR_REMOVE));
    case IC_WISH_REKEY:
        return true;
    default:
        return has_right(c, IC_DOOR_SETTINGS) && changes_setting(c, wish);
    }
}

void ic_wish_free(struct ic_wish *wish)
{
    ic_mls_message_clear(&wish->key_package);
    ic_secret_wipe(wish, sizeof *wish);
    free(wish);
}

static void drop_unless(struct ic_conference *c, enum ic_wish_type type,
                        bool (*stays)(const struct ic_conference *, const struct ic_wish *))
{
    struct ic_wish **at = &c->ordering.wishes;
    while (*at) {
        struct ic_wish *wish = *at;
        if (wish->type != type && stays(c, wish)) {
            at = &wish->next;
        } else {
            *at = wish->next;
            ic_wish_free(wish);
        }
    }
}

static bool every(const struct ic_conference *c, const struct ic_wish *wish)
{
    return c && wish;
}

void ic_wishes_prune(struct ic_conference *c)
{
    drop_unless(c, IC_WISHES, still_wanted);
}

void ic_wishes_drop(struct ic_conference *c, enum ic_wish_type type)
{
    drop_unless(c, type, every);
}
