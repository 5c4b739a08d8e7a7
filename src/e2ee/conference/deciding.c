/* deciding.c - what somebody with rights decides about the meeting and its members: each is a wish,
 * of which commits are made (commit_plan.c). */
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/text.h"

/* May we decide this, and is there such a member, beside us? */
static enum ic_err may_decide(const struct ic_conference *c, unsigned leaf, uint8_t right)
{
    if (c->stage != IC_CONFERENCE_IN || !ic_may(c, ic_own_key(c), right))
        return IC_ERR_FORBIDDEN;
    bool other = leaf < IC_MEMBERS_MAX && c->people[leaf].here && leaf != ic_own_leaf(c);
    return other ? IC_OK : IC_ERR_NOT_FOUND;
}

static struct ic_wish wish_about(const struct ic_conference *c, enum ic_wish_type type,
                                 unsigned leaf, unsigned value, int64_t now)
{
    struct ic_wish wish = {
        .type = type, .value = value, .not_before = now, .member_len = c->people[leaf].member_len};
    memcpy(wish.member, c->people[leaf].member, wish.member_len);
    return wish;
}

static enum ic_err about_member(struct ic_conference *c, enum ic_wish_type type, unsigned leaf,
                                uint8_t right, unsigned value, int64_t now)
{
    enum ic_err err = may_decide(c, leaf, right);
    if (err != IC_OK)
        return err;
    struct ic_wish wish = wish_about(c, type, leaf, value, now);
    return ic_wish(c, &wish, now);
}

enum ic_err ic_conference_remove(struct ic_conference *c, unsigned leaf, int64_t now)
{
    return about_member(c, IC_WISH_REMOVE, leaf, IC_DOOR_REMOVE, 0, now);
}

enum ic_err ic_conference_grant(struct ic_conference *c, unsigned leaf, unsigned rights,
                                int64_t now)
{
    if (rights & ~(unsigned)IC_DOOR_ALL_RIGHTS)
        return IC_ERR_FORBIDDEN;
    return about_member(c, IC_WISH_GRANT, leaf, IC_DOOR_GRANT, rights, now);
}

static enum ic_err about_meeting(struct ic_conference *c, enum ic_wish_type type, uint8_t right,
                                 unsigned value, int64_t now)
{
    if (c->stage != IC_CONFERENCE_IN || (right && !ic_may(c, ic_own_key(c), right)))
        return IC_ERR_FORBIDDEN;
    struct ic_wish wish = {.type = type, .value = value, .not_before = now};
    return ic_wish(c, &wish, now);
}

enum ic_err ic_conference_lock(struct ic_conference *c, bool locked, int64_t now)
{
    return about_meeting(c, IC_WISH_LOCK, IC_DOOR_SETTINGS, locked, now);
}

enum ic_err ic_conference_replace_link(struct ic_conference *c, int64_t now)
{
    return about_meeting(c, IC_WISH_LINK, IC_DOOR_SETTINGS, c->link.version, now);
}

enum ic_err ic_conference_rekey(struct ic_conference *c, int64_t now)
{
    return about_meeting(c, IC_WISH_REKEY, 0, 0, now);
}

enum ic_err ic_conference_waiting_room(struct ic_conference *c, bool on, int64_t now)
{
    return about_meeting(c, IC_WISH_WAITING_ROOM, IC_DOOR_SETTINGS, on, now);
}

enum ic_err ic_conference_straight_in(struct ic_conference *c, bool on, int64_t now)
{
    return about_meeting(c, IC_WISH_STRAIGHT_IN, IC_DOOR_SETTINGS, on, now);
}

enum ic_err ic_conference_everyone_may(struct ic_conference *c, unsigned capabilities, int64_t now)
{
    if (capabilities & ~(unsigned)IC_DOOR_CAPABILITIES)
        return IC_ERR_FORBIDDEN;
    ic_wishes_drop(c, IC_WISH_EVERYONE); /* the last word holds */
    return about_meeting(c, IC_WISH_EVERYONE, IC_DOOR_SETTINGS, capabilities, now);
}

enum ic_err ic_conference_stop(struct ic_conference *c, unsigned capabilities,
                               const unsigned *leaves, size_t count, int64_t now)
{
    const struct ic_wish everyone = {
        .type = IC_WISH_EVERYONE, .value = capabilities, .not_before = now};
    if (c->stage != IC_CONFERENCE_IN || !ic_may(c, ic_own_key(c), IC_DOOR_SETTINGS) ||
        capabilities & ~(unsigned)IC_DOOR_CAPABILITIES)
        return IC_ERR_FORBIDDEN;
    enum ic_err err = IC_OK;
    for (size_t i = 0; err == IC_OK && i < count; i++)
        err = may_decide(c, leaves[i], IC_DOOR_REMOVE);
    if (err != IC_OK)
        return err;
    ic_wishes_drop(c, IC_WISH_EVERYONE);
    err = ic_wish_keep(c, &everyone);
    for (size_t i = 0; err == IC_OK && i < count; i++) {
        const struct ic_wish out = wish_about(c, IC_WISH_REMOVE, leaves[i], 0, now);
        err = ic_wish_keep(c, &out);
    }
    return err == IC_OK ? ic_conference_lock(c, true, now) : err;
}

enum ic_err ic_conference_allow(struct ic_conference *c, unsigned leaf, unsigned capabilities,
                                int64_t now)
{
    if (capabilities & ~(unsigned)IC_DOOR_CAPABILITIES)
        return IC_ERR_FORBIDDEN;
    return about_member(c, IC_WISH_ALLOW, leaf, IC_DOOR_SETTINGS, capabilities, now);
}

static enum ic_err about_setting(struct ic_conference *c, struct ic_wish *wish, int64_t now)
{
    if (c->stage != IC_CONFERENCE_IN || !ic_may(c, ic_own_key(c), IC_DOOR_SETTINGS))
        return IC_ERR_FORBIDDEN;
    wish->not_before = now;
    return ic_wish(c, wish, now);
}

enum ic_err ic_conference_set_passcode(struct ic_conference *c, const uint8_t *key, int64_t now)
{
    struct ic_wish wish = {.type = IC_WISH_PASSCODE, .value = key != NULL};
    if (key)
        memcpy(wish.passcode_key, key, sizeof wish.passcode_key);
    enum ic_err err = about_setting(c, &wish, now);
    ic_secret_wipe(&wish, sizeof wish);
    return err;
}

enum ic_err ic_conference_title(struct ic_conference *c, struct ic_bytes title, int64_t now)
{
    struct ic_wish wish = {.type = IC_WISH_TITLE};
    if (title.len > 0 && !ic_door_is_name(title, IC_DOOR_TITLE_MAX))
        return IC_ERR_MALFORMED;
    if (c->stage != IC_CONFERENCE_IN || !ic_may(c, ic_own_key(c), IC_DOOR_SETTINGS))
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_mls_message_copy(&wish.key_package, title);
    return err == IC_OK ? about_setting(c, &wish, now) : err;
}

enum ic_err ic_conference_show_title(struct ic_conference *c, bool shown, int64_t now)
{
    return about_meeting(c, IC_WISH_SHOW_TITLE, IC_DOOR_SETTINGS, shown, now);
}

static size_t count_invites(const struct ic_conference *c)
{
    struct ic_door_state state;
    struct ic_door_invite invite;
    size_t count = 0;

    if (!c->group || ic_state_now(c, &state) != IC_OK)
        return 0;
    struct ic_reader list = ic_reader_of(state.invites);
    while (ic_door_invite_next(&list, &invite))
        count++;
    for (const struct ic_wish *w = c->ordering.wishes; w; w = w->next)
        count += w->type == IC_WISH_INVITE;
    return count;
}

enum ic_err ic_conference_invite(struct ic_conference *c, int64_t now)
{
    struct ic_wish wish = {.type = IC_WISH_INVITE};
    if (count_invites(c) >= IC_DOOR_INVITES_MAX)
        return IC_ERR_FULL;
    ic_random_fill(wish.participant, IC_DOOR_INVITE_SALT_LEN);
    return about_setting(c, &wish, now);
}

enum ic_err ic_conference_withdraw(struct ic_conference *c, uint32_t invite, int64_t now)
{
    struct ic_wish wish = {.type = IC_WISH_WITHDRAW, .value = invite};
    struct ic_door_state state;
    struct ic_door_invite found;

    if (c->group && ic_state_now(c, &state) == IC_OK &&
        !ic_door_invite_find(state.invites, invite, &found))
        return IC_ERR_NOT_FOUND;
    memcpy(wish.participant, &invite, sizeof invite); /* each is a wish of its own */
    return about_setting(c, &wish, now);
}
