/* taking_back.c - a member who lost the group asks to be taken in again (returning.c), as those
 * inside hear it. */
#include "e2ee/conference/taking_back.h"
#include "e2ee/conference/door_replies.h"
#include "e2ee/conference/doorkeeping.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/profile.h"
#include "e2ee/door/returning.h"

static bool is_same_socket(const struct ic_conference *c, unsigned leaf, const uint8_t *participant)
{
    return memcmp(c->people[leaf].participant, participant, IC_PARTICIPANT_LEN) == 0;
}

/* It names the link's version that it knows. One before this is good only where nothing but the
 * passcode is another since. */
static enum ic_err open_returning(struct ic_conference *c, struct ic_door_returning *out,
                                  struct ic_door_knock_place *where, struct ic_bytes sealed)
{
    struct ic_door_profile profile;
    enum ic_err err = ic_door_returning_link_version(&where->link_version, sealed);
    const uint8_t *psk = err == IC_OK ? ic_link_psk_of(c, where->link_version) : NULL;

    if (!psk)
        return IC_ERR_FORGED;
    err = ic_door_returning_open(out, c->scratch->a, sealed, where, psk);
    return err == IC_OK ? ic_knocker_package(c, &profile, out->key_package, where->participant)
                        : err;
}

/* Without the new key it could not use the Welcome. It believes who may admit. */
static enum ic_err give_missed_keys(struct ic_conference *c,
                                    const struct ic_door_knock_place *where, struct ic_bytes sealed,
                                    const uint8_t *reply_key)
{
    if (where->link_version == c->link.version || !ic_may(c, ic_own_key(c), IC_DOOR_ADMIT))
        return IC_OK;
    return ic_reply_with_keys(c, where, sealed, reply_key);
}

/* The host's link is open on a second device. The others put that one in our place; where there is
 * nobody else we go, since nobody takes out himself. */
static enum ic_err opened_again(struct ic_conference *c)
{
    bool alone = ic_mls_group_member_count(c->group) == 1;

    ic_show(c, IC_EVENT_OPENED_AGAIN, alone);
    if (alone)
        ic_conference_end(c);
    return IC_OK;
}

/* A member comes back: anybody in the group may take it in again, the lowest rank first. While we
 * have lost it ourselves, only who else has is of use (unreadable.c). */
enum ic_err ic_take_back(struct ic_conference *c, const uint8_t participant[IC_PARTICIPANT_LEN],
                         struct ic_bytes sealed, int64_t now)
{
    struct ic_door_returning returning;
    struct ic_door_knock_place where = ic_knocker_place(c, participant);

    enum ic_err err = open_returning(c, &returning, &where, sealed);
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    unsigned leaf = ic_leaf_of_key(c, returning.signature_key);
    if (c->stage == IC_CONFERENCE_BEHIND) {
        if (leaf < IC_MEMBERS_MAX && is_same_socket(c, leaf, participant))
            c->people[leaf].lost_epoch = returning.epoch + 1;
        return IC_OK;
    }
    if (leaf == IC_MEMBERS_MAX && !ic_may(c, returning.signature_key, IC_DOOR_ADMIT))
        return IC_OK;
    if (leaf < IC_MEMBERS_MAX && is_same_socket(c, leaf, participant) &&
        c->people[leaf].vouched_epoch > returning.epoch)
        return IC_OK; /* it has come back long ago, and this is an old request */
    if (leaf == ic_own_leaf(c))
        return is_same_socket(c, leaf, participant) ? IC_OK : opened_again(c);
    struct ic_wish wish = {.type = IC_WISH_RETURN,
                           .value = (unsigned)returning.epoch,
                           .member_len = returning.signature_key.len,
                           .not_before = now + ic_own_rank(c, 0) * 150 * IC_NS_PER_MS};
    memcpy(wish.participant, participant, sizeof wish.participant);
    memcpy(wish.member, returning.signature_key.at, returning.signature_key.len);
    err = give_missed_keys(c, &where, sealed, returning.reply_key.at);
    if (err == IC_OK)
        err = ic_mls_message_copy(&wish.key_package, returning.key_package);
    return err == IC_OK ? ic_wish(c, &wish, now) : err;
}

bool ic_brings_us_back(const struct ic_conference *c, const struct ic_mls_outlook *outlook)
{
    struct ic_door_profile profile;

    for (size_t i = 0; i < outlook->change_count; i++) {
        const struct ic_mls_change *change = &outlook->changes[i];
        const struct ic_mls_leaf_node *leaf = change->proposal.type == IC_MLS_ADD
                                                  ? ic_mls_tree_leaf(outlook->tree, change->leaf)
                                                  : NULL;
        if (leaf && ic_door_profile_of(&profile, leaf->extensions) == IC_OK &&
            memcmp(profile.participant.at, c->participant, IC_PARTICIPANT_LEN) == 0)
            return true;
    }
    return false;
}
