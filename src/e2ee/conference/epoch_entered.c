/* epoch_entered.c - an epoch is entered: the link of it, what the server's door is told, and who
 * may come in now. */
#include "e2ee/conference/epoch_entered.h"
#include "crypto/secret.h"
#include "e2ee/conference/doorkeeping.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"

struct ic_epoch_change ic_epoch_change_of(const struct ic_conference *c,
                                          const struct ic_mls_outlook *outlook)
{
    struct ic_epoch_change change = {.ours = outlook->is_ours, .addition = outlook->is_newcomer};
    change.from_outside = outlook->is_newcomer;
    change.was_open = ic_door_stands_open(c);
    struct ic_door_state before = {0}, after = {0};

    for (size_t i = 0; i < outlook->change_count; i++) {
        change.addition |= outlook->changes[i].proposal.type == IC_MLS_ADD;
        change.removal |= outlook->changes[i].proposal.type == IC_MLS_REMOVE;
    }
    if (ic_state_now(c, &before) == IC_OK &&
        ic_door_state_of(&after, outlook->context->extensions) == IC_OK)
        change.new_link = before.link_version != after.link_version;
    change.new_passcode = change.new_link && !change.removal &&
                          !ic_bytes_equal(before.passcode_key, after.passcode_key);
    change.by_right = change.removal && change.new_link;
    return change;
}

/* Who was removed cannot know the secret of the epoch after, and so not the new link either. */
static enum ic_err take_new_link(struct ic_conference *c, bool only_passcode)
{
    uint8_t secret[IC_LINK_SECRET_LEN], version[4];
    struct ic_door_state state;

    enum ic_err err = ic_state_now(c, &state);
    if (err != IC_OK)
        return err;
    if (only_passcode)
        ic_link_keep_older(c);
    else
        ic_link_forget_older(c);
    ic_link_passcode(c, state.passcode_key);
    if (only_passcode) {
        memcpy(secret, c->link.secret, sizeof secret);
        ic_link_now_set(c, secret, state.link_version);
        ic_secret_wipe(secret, sizeof secret);
        return IC_OK;
    }
    struct ic_writer w = ic_writer_of(version, sizeof version);
    ic_write_uint(&w, state.link_version, sizeof version);
    err =
        ic_mls_group_export(secret, sizeof secret, c->group, IC_DOOR_LINK_EXPORTER, ic_written(&w));
    if (err == IC_OK) {
        ic_link_now_set(c, secret, state.link_version);
        if (c->options.link.kind != IC_DOOR_LINK_INVITE) /* what we knock with next time */
            memcpy(c->options.link.secret, secret, sizeof secret);
        ic_show_link(c);
    }
    ic_secret_wipe(secret, sizeof secret);
    return err;
}

/* The server's door follows what the group decided; who decided says so. */
static enum ic_err tell_the_door(struct ic_conference *c, const struct ic_epoch_change *change)
{
    if (!change->ours)
        return IC_OK;
    c->door_due = change->was_open || ic_door_stands_open(c);
    enum ic_err err = ic_conference_say_admissions(c);
    return err == IC_OK ? ic_conference_say_card(c) : err;
}

bool ic_vouches_first(const struct ic_conference *c)
{
    return ic_may(c, ic_own_key(c), IC_DOOR_ADMIT) && ic_own_rank(c, IC_DOOR_ADMIT) == 0;
}

enum ic_err ic_epoch_entered(struct ic_conference *c, const struct ic_epoch_change *change,
                             int64_t now)
{
    uint64_t version = c->state_version;
    enum ic_err err = change->new_link ? take_new_link(c, change->new_passcode) : IC_OK;

    if (change->new_link)
        ic_knockers_expire(c);
    if (err == IC_OK)
        err = ic_members_changed(c, false, change->by_right);
    if (err == IC_OK)
        err = ic_presence_epoch(c, false, change->removal, change->addition, now);
    if (err == IC_OK && c->state_version != version)
        err = tell_the_door(c, change);
    if (change->from_outside && ic_vouches_first(c))
        c->presence.heartbeat_at = now;
    if (change->ours)
        ic_wishes_drop(c, IC_WISH_REKEY);
    ic_wishes_prune(c);
    bool frees =
        c->state_version != version || change->removal; /* perhaps an invite's user is gone */
    return err == IC_OK && frees ? ic_knockers_admit_free(c, now) : err;
}
