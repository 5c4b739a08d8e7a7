/* commit_plan.c - the wishes of the moment as one commit: removals first, and nobody comes in with
 * the commit that changes the link, because the new link is known only after it. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/commit_plan.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/invites.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"

struct plan {
    struct ic_leaf removes[IC_AT_ONCE_MAX];
    struct ic_bytes adds[IC_AT_ONCE_MAX];
    size_t remove_count, add_count;
    struct ic_state_change change;
    bool changes_state, only_stops, rekey;
};

static void plan_remove(struct plan *plan, unsigned leaf)
{
    for (size_t i = 0; i < plan->remove_count; i++)
        if (plan->removes[i].n == leaf)
            return;
    if (leaf < IC_MEMBERS_MAX && plan->remove_count < IC_AT_ONCE_MAX)
        plan->removes[plan->remove_count++] = (struct ic_leaf){leaf};
}

static void plan_add(struct plan *plan, const struct ic_wish *wish)
{
    if (plan->add_count < IC_AT_ONCE_MAX)
        plan->adds[plan->add_count++] = ic_mls_message_bytes(&wish->key_package);
}

static bool is_used_here(const struct ic_state_change *change, uint32_t invite)
{
    for (size_t i = 0; i < change->use_count; i++)
        if (change->uses[i].invite == invite)
            return true;
    return change->withdrawn != 0;
}

/* The state says by which invite somebody came in, so that it goes with him. It knows one; so an
 * invite by which a human lets in a second goes at once. */
static void plan_invited(struct plan *plan, const struct ic_conference *c,
                         const struct ic_wish *wish)
{
    struct ic_state_change *change = &plan->change;
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&wish->key_package));
    struct ic_mls_key_package package;

    ic_mls_read_key_package(&r, &package);
    if (r.bad || is_used_here(change, wish->value) || plan->add_count >= IC_AT_ONCE_MAX)
        return; /* with the next commit */
    plan_add(plan, wish);
    plan->changes_state = true;
    if (ic_invite_is_free(c, wish->value))
        change->uses[change->use_count++] =
            (struct ic_invite_use){wish->value, package.leaf.signature_key};
    else
        change->withdrawn = wish->value;
}

static void plan_setting(struct ic_state_change *change, const struct ic_wish *wish)
{
    switch (wish->type) {
    case IC_WISH_LOCK:
        change->set_lock = true;
        change->locked = wish->value != 0;
        break;
    case IC_WISH_WAITING_ROOM:
        change->set_waiting_room = true;
        change->waiting_room = wish->value != 0;
        break;
    case IC_WISH_STRAIGHT_IN:
        change->set_straight_in = true;
        change->straight_in = wish->value != 0;
        break;
    case IC_WISH_EVERYONE:
        change->set_everyone = true;
        change->everyone = (uint16_t)wish->value;
        break;
    case IC_WISH_ALLOW:
        change->allowed = ic_wish_member(wish);
        change->allowed_to = (uint16_t)wish->value;
        break;
    case IC_WISH_PASSCODE:
        change->set_passcode = true;
        change->passcode_key = ic_wish_passcode(wish);
        break;
    case IC_WISH_TITLE:
        change->set_title = true;
        change->title = ic_mls_message_bytes(&wish->key_package);
        break;
    case IC_WISH_SHOW_TITLE:
        change->set_title_shown = true;
        change->title_shown = wish->value != 0;
        break;
    case IC_WISH_INVITE:
        change->invite_salt = ic_wish_salt(wish);
        break;
    case IC_WISH_WITHDRAW:
        change->withdrawn = wish->value;
        break;
    case IC_WISH_GRANT:
        change->member = ic_wish_member(wish);
        change->rights = (uint8_t)wish->value;
        break;
    default:
        break;
    }
}

/* The lock and what all may do: each for itself, and both stop a raid, with removals. */
static bool stops(const struct ic_wish *wish)
{
    return wish->type == IC_WISH_LOCK || wish->type == IC_WISH_EVERYONE;
}

/* One wish of those that change the state, since each is signed on what was before; but for those
 * that belong together. */
static void plan_state(struct plan *plan, const struct ic_wish *wish)
{
    struct ic_state_change *change = &plan->change;
    bool new_link = wish->type == IC_WISH_LINK || wish->type == IC_WISH_REMOVE;
    bool is_stop = new_link || stops(wish);
    if (plan->changes_state && !new_link && !(plan->only_stops && is_stop))
        return;
    plan->only_stops = is_stop && (!plan->changes_state || plan->only_stops);
    plan->changes_state = true;
    plan_setting(change, wish);
    if (new_link)
        change->new_link = true;
    if (wish->type != IC_WISH_REMOVE)
        return;
    if (change->member.len == 0)
        change->member = ic_wish_member(wish); /* with its rights, if it has any */
    if (change->expelled_count < IC_AT_ONCE_MAX)
        change->expelled[change->expelled_count++] = ic_wish_member(wish);
}

/* Who has rights is taken out with them, and there is place for one such change in a commit: of
 * two, the second would be out and a right-holder still. Beside a passcode there is place for
 * nothing: it leaves the link as it is, which no removal may. */
static bool must_wait(const struct plan *plan, const struct ic_conference *c,
                      const struct ic_wish *wish)
{
    unsigned leaf = ic_leaf_of_key(c, ic_wish_member(wish));
    if (plan->change.set_passcode)
        return true;
    return wish->type == IC_WISH_REMOVE && plan->change.member.len > 0 && leaf < IC_MEMBERS_MAX &&
           c->people[leaf].rights != 0;
}

static void plan_wish(struct plan *plan, const struct ic_conference *c, const struct ic_wish *wish)
{
    unsigned leaf = wish->member_len > 0 ? ic_leaf_of_key(c, ic_wish_member(wish)) : IC_MEMBERS_MAX;
    if (must_wait(plan, c, wish))
        return;
    switch (wish->type) {
    case IC_WISH_REMOVE:
        plan_remove(plan, leaf);
        plan_state(plan, wish);
        break;
    case IC_WISH_SEND_BACK:
    case IC_WISH_VANISHED:
        plan_remove(plan, leaf);
        break;
    case IC_WISH_RETURN:
        if (leaf != ic_own_leaf(c))
            plan_remove(plan, leaf);
        plan_add(plan, wish);
        break;
    case IC_WISH_ADD:
        if (wish->value != 0)
            plan_invited(plan, c, wish);
        else
            plan_add(plan, wish);
        break;
    case IC_WISH_LINK:
    case IC_WISH_LOCK:
    case IC_WISH_WAITING_ROOM:
    case IC_WISH_STRAIGHT_IN:
    case IC_WISH_EVERYONE:
    case IC_WISH_ALLOW:
    case IC_WISH_PASSCODE:
    case IC_WISH_INVITE:
    case IC_WISH_WITHDRAW:
    case IC_WISH_TITLE:
    case IC_WISH_SHOW_TITLE:
    case IC_WISH_GRANT:
        plan_state(plan, wish);
        break;
    case IC_WISH_REKEY:
        plan->rekey = true;
        break;
    case IC_WISHES:
        break;
    }
}

/* Those who take somebody out by right go alone with the change of the link; a lock goes alone too,
 * so that it never meets a newcomer in one commit. */
static bool comes_first(const struct ic_wish *wish)
{
    return wish->type <= IC_WISH_GRANT;
}

/* Where the next wish is kept that is due and belongs into the same commit; NULL: no more. */
static struct ic_wish **next_due(const struct ic_ordering *o, struct ic_wish **at, bool only_first,
                                 int64_t now)
{
    for (; *at; at = &(*at)->next)
        if (ic_wish_due(o, *at) <= now && (!only_first || comes_first(*at)))
            return at;
    return NULL;
}

static struct ic_wish **first_due(struct ic_conference *c, bool *state_first, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    struct ic_wish **at = next_due(o, &o->wishes, true, now);
    *state_first = at != NULL;
    return at ? at : next_due(o, &o->wishes, false, now);
}

static void make_plan(struct plan *plan, struct ic_conference *c, bool single, int64_t now)
{
    bool state_first;
    struct ic_wish **at = first_due(c, &state_first, now);
    while (at) {
        plan_wish(plan, c, *at);
        at = single ? NULL : next_due(&c->ordering, &(*at)->next, state_first, now);
    }
}

void ic_wish_give_up(struct ic_conference *c, int64_t now)
{
    bool state_first;
    struct ic_wish **at = first_due(c, &state_first, now);
    if (!at)
        return;
    struct ic_wish *wish = *at;
    *at = wish->next;
    ic_wish_free(wish);
}

static enum ic_err make_commit(struct ic_conference *c, struct plan *plan,
                               struct ic_mls_staged **out)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(c, id);
    struct ic_mls_message extensions = {0};
    enum ic_err err = IC_OK;

    if (plan->changes_state)
        err = ic_state_changed(c, &extensions, &plan->change);
    if (err != IC_OK)
        return err;
    struct ic_bytes new_extensions = ic_mls_message_bytes(&extensions);
    struct ic_mls_commit_plan commit = {
        .adds = plan->adds,
        .add_count = plan->add_count,
        .removes = plan->removes,
        .remove_count = plan->remove_count,
        .psks = &psk,
        .psk_count = plan->add_count > 0,
        .extensions = plan->changes_state ? &new_extensions : NULL,
        .force_path = true,
        .want_info = !plan->changes_state && ic_door_stands_open(c),
        .protection = {.private_message = true},
    };
    err = ic_mls_group_commit(out, c->group, &commit);
    ic_mls_message_clear(&extensions);
    return err;
}

enum ic_err ic_commit_wishes(struct ic_conference *c, struct ic_mls_staged **out, bool single,
                             int64_t now)
{
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan)
        return IC_ERR_SYSTEM;
    make_plan(plan, c, single, now);
    bool nothing =
        plan->add_count == 0 && plan->remove_count == 0 && !plan->changes_state && !plan->rekey;
    enum ic_err err = nothing ? IC_ERR_NOT_FOUND : make_commit(c, plan, out);
    ic_secret_wipe(plan, sizeof *plan);
    free(plan);
    return err;
}
