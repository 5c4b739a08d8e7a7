/* entering.c - into the group by a Welcome or an own commit, and in again on another socket. A
 * group that is not of the host that the link names is not entered. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/entering.h"
#include "e2ee/conference/founding.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/rejecting.h"
#include "e2ee/conference/returning.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/welcome_check.h"

void ic_entering_clear(struct ic_entering *entering)
{
    free(entering->card_buffer);
    if (entering->packed)
        ic_mls_own_package_clear(&entering->package);
    if (entering->packed_before)
        ic_mls_own_package_clear(&entering->older);
    ic_mls_message_clear(&entering->knock);
    ic_mls_message_clear(&entering->info);
    ic_outside_forget(entering);
    ic_secret_wipe(entering, sizeof *entering);
}

/* ---- The Welcome ---- */

enum ic_err ic_describe_entry(struct ic_door_entered *out, struct ic_identity_buffer *buffer,
                              struct ic_conference *c, const struct ic_mls_group *group,
                              int64_t now)
{
    struct ic_mls_identity identity;

    enum ic_err err = ic_own_identity(&identity, buffer, c, ic_mls_group_suite(group), now);
    if (err != IC_OK)
        return err;
    *out = (struct ic_door_entered){
        .meeting = c->options.meeting,
        .pin = c->pin,
        .now_ms = ic_wall_ms(c, now),
        .context = ic_mls_group_context(group),
        .tree = ic_mls_group_tree(group),
        .own = ic_mls_group_own_leaf(group),
        .own_profile = {buffer->profile, buffer->profile_len},
        .used_link_psk = c->psk_used,
    };
    return IC_OK;
}

static enum ic_err check_entry(struct ic_conference *c, enum ic_door_welcome_fault *fault,
                               const struct ic_mls_group *group, uint64_t epoch_before, int64_t now)
{
    struct ic_identity_buffer buffer;
    struct ic_door_entered entered;

    enum ic_err err = ic_describe_entry(&entered, &buffer, c, group, now);
    if (err != IC_OK)
        return err;
    if (!ic_mls_group_welcomed_by(group, &entered.info_signer)) {
        *fault = IC_DOOR_WELCOME_SIGNER;
        return IC_OK;
    }
    /* Also who asked for that, and then could go on without. */
    bool returning = c->entering.returning || c->group;
    entered.entry = returning ? IC_DOOR_ENTRY_RETURNING : IC_DOOR_ENTRY_ADMITTED;
    entered.epoch_before = epoch_before;
    *fault = ic_door_welcome_check(&entered);
    return IC_OK;
}

static enum ic_err join_with(struct ic_conference *c, struct ic_mls_group **group,
                             struct ic_bytes welcome, const struct ic_mls_own_package *package)
{
    struct ic_mls_application application = ic_application(c);
    struct ic_mls_group_join plan = {
        .welcome = welcome, .package = package, .application = &application};
    c->psk_used = false;
    return ic_mls_group_join(group, &plan);
}

static enum ic_err join(struct ic_conference *c, struct ic_mls_group **group,
                        struct ic_bytes welcome)
{
    enum ic_err err = join_with(c, group, welcome, &c->entering.package);
    if (err != IC_OK && err != IC_ERR_SYSTEM && c->entering.packed_before) {
        enum ic_err older = join_with(c, group, welcome, &c->entering.older);
        err = older == IC_ERR_NOT_FOUND ? err : older;
    }
    return err;
}

/* Epochs that we leave have the numbers of those that come, and other keys. */
static void forget_abandoned(struct ic_conference *c)
{
    if (c->ordering.abandoned)
        ic_e2ee_group_over(c->options.frames);
}

static enum ic_err enter(struct ic_conference *c, struct ic_mls_group *group, int64_t now)
{
    struct ic_bytes own = ic_own_key(c);
    uint64_t to = ic_mls_group_context(group)->epoch, from = c->group ? ic_epoch_shared(c) : to;
    forget_abandoned(c);
    ic_ordering_restart(c);
    c->ordering.brought_from = from;
    c->ordering.brought_to = to;
    ic_wishes_drop(c, IC_WISH_RETURN); /* of the epoch that we were in; others are here */
    ic_mls_group_free(c->group);
    c->group = group;
    c->stage = IC_CONFERENCE_IN;
    ic_entering_clear(&c->entering);
    ic_founding_forget(&c->founding);
    ic_link_forget_older(c);
    c->link.followed = true;
    enum ic_err err = ic_members_changed(c, true, false);
    if (err == IC_OK)
        err = ic_presence_epoch(c, true, false, false, now);
    if (c->link.secret_known)
        ic_show_link(c);
    c->door_due = ic_door_stands_open(c); /* who may not say it, will not */
    return err == IC_OK && ic_may(c, own, IC_DOOR_SETTINGS) ? ic_conference_say_card(c) : err;
}

/* A Welcome that is not of the host's meeting is as good as none. */
static enum ic_err welcomed(struct ic_conference *c, struct ic_bytes welcome, int64_t now)
{
    enum ic_door_welcome_fault fault = IC_DOOR_WELCOME_FINE;
    uint64_t before = ic_epoch_shared(c);
    struct ic_mls_group *group;

    if (!c->entering.packed)
        return IC_OK;
    enum ic_err err = join(c, &group, welcome);
    if (err == IC_ERR_SYSTEM)
        return err;
    if (err == IC_ERR_NOT_FOUND && !c->group)
        return ic_ask_to_return(c, now); /* let in by a package that we have no more */
    if (err == IC_OK) {
        err = check_entry(c, &fault, group, before, now);
        /* What an ordinary member brought us back to may be an old group that the server keeps
         * alive. The host knows the newest link, and with it the newest group's key. */
        c->presence.unproven = fault == IC_DOOR_WELCOME_SILENT && !ic_is_host(c);
        if (err == IC_OK && fault <= IC_DOOR_WELCOME_SILENT)
            return enter(c, group, now);
        ic_mls_group_free(group);
    }
    ic_show(c, IC_EVENT_CARD_BAD, err != IC_OK ? (int64_t)err : 100 + (int64_t)fault);
    return err == IC_ERR_SYSTEM ? err : IC_OK;
}

/* ---- In, at last, or in again on another socket ---- */

/* The commits that we missed follow, ours perhaps among them; if it did not arrive, it is said
 * again now, and if another's came first, the server answers that. */
static enum ic_err resumed(struct ic_conference *c, const struct ic_conference_joined *joined,
                           int64_t now)
{
    if (joined->behind || joined->epoch != ic_mls_group_context(c->group)->epoch ||
        c->stage == IC_CONFERENCE_BEHIND)
        return ic_ask_to_return(c, now);
    c->ordering.doubted = c->ordering.resumed = true;
    return ic_ordering_say_again(c, now);
}

/* Our own commit was taken. The group may be one that the server keeps alive for us, so nothing is
 * said or shown in it until a right-holder is heard. */
static bool is_in_by_itself(const struct ic_conference *c,
                            const struct ic_conference_joined *joined)
{
    const struct ic_mls_group *outside = c->entering.outside;
    return outside && !joined->behind && ic_mls_group_context(outside)->epoch == joined->epoch;
}

static enum ic_err enter_by_itself(struct ic_conference *c, int64_t now)
{
    struct ic_mls_group *group = c->entering.outside;
    c->entering.outside = NULL;
    c->presence.unproven = true;
    return enter(c, group, now);
}

enum ic_err ic_conference_hear_joined(struct ic_conference *c,
                                      const struct ic_conference_joined *joined, int64_t now)
{
    if (c->stage == IC_CONFERENCE_OVER)
        return IC_OK;
    c->keeper = joined->keeper;
    if (joined->welcome.len > 0)
        return welcomed(c, joined->welcome, now);
    memcpy(c->participant, joined->participant, sizeof c->participant);
    if (is_in_by_itself(c, joined))
        return enter_by_itself(c, now);
    bool empty = joined->people == 0 && joined->epoch == 0 && !joined->behind;
    if (c->group && !(empty && ic_mls_group_context(c->group)->epoch > 0))
        return resumed(c, joined, now);
    return empty ? ic_found(c, joined->card, now)
                 : ic_ask_to_return(c, now); /* its Welcome is lost */
}
