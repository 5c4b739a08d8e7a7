/* rejecting.c - a commit that we refused or could not open took our epoch, and a right-holder has
 * it taken back: it says so, signed, and names the commit by its hash. */
#include "crypto/hash.h"
#include "e2ee/conference/inside.h"

static bool is_hash_of(const uint8_t hash[IC_SHA256_LEN], struct ic_bytes bytes)
{
    uint8_t own[IC_SHA256_LEN];
    ic_sha256(own, bytes);
    return memcmp(own, hash, sizeof own) == 0;
}

void ic_epoch_taken(struct ic_ordering *o, struct ic_bytes sealed)
{
    o->taken = IC_EPOCH_TAKEN;
    ic_sha256(o->taken_by, sealed);
    memset(o->own_reject, 0, sizeof o->own_reject);
}

bool ic_was_taken_back(const struct ic_ordering *o, struct ic_bytes sealed)
{
    return o->taken == IC_EPOCH_TAKEN_BACK && is_hash_of(o->taken_by, sealed);
}

enum ic_err ic_reject_commit(struct ic_conference *c, enum ic_door_rule rule)
{
    struct ic_ordering *o = &c->ordering;
    struct ic_door_app_message message = {.type = IC_DOOR_APP_REJECT,
                                          .reject = {.epoch = ic_epoch_of(c),
                                                     .rule = (uint8_t)rule,
                                                     .commit = {o->taken_by, IC_SHA256_LEN}}};
    struct ic_mls_message sealed;

    if (!ic_may(c, ic_own_key(c), IC_DOOR_REMOVE))
        return IC_OK;
    enum ic_err err = ic_seal_app(&sealed, c, &message);
    if (err != IC_OK)
        return err;
    ic_sha256(o->own_reject, ic_mls_message_bytes(&sealed));
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_REJECT,
                                          .epoch = ic_epoch_of(c),
                                          .sealed = ic_mls_message_bytes(&sealed)});
    ic_mls_message_clear(&sealed);
    return IC_OK;
}

/* By a right-holder, of this epoch and the very commit that took it. */
static bool rejects(const struct ic_conference *c, const struct ic_mls_heard *heard)
{
    struct ic_door_app_message message;
    return heard->kind == IC_MLS_HEARD_TEXT && heard->epoch == ic_epoch_of(c) &&
           ic_door_app_read(&message, heard->text) == IC_OK && message.type == IC_DOOR_APP_REJECT &&
           message.reject.epoch == ic_epoch_of(c) &&
           ic_bytes_equal(message.reject.commit,
                          (struct ic_bytes){c->ordering.taken_by, IC_SHA256_LEN}) &&
           heard->sender.index < IC_MEMBERS_MAX &&
           c->people[heard->sender.index].rights & IC_DOOR_REMOVE;
}

/* An epoch that was entered is never opened again. */
enum ic_err ic_conference_hear_rejected(struct ic_conference *c, uint64_t epoch,
                                        struct ic_bytes sealed, int64_t now)
{
    struct ic_mls_heard heard;
    bool refusing = c->group &&
                    (c->stage == IC_CONFERENCE_IN || c->stage == IC_CONFERENCE_BEHIND) &&
                    c->ordering.taken == IC_EPOCH_TAKEN && epoch == ic_epoch_of(c);

    if (!refusing)
        return IC_OK;
    if (is_hash_of(c->ordering.own_reject, sealed))
        return ic_ordering_go_on(c, now);
    enum ic_err err = ic_mls_group_hear(&heard, c->group, sealed);
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    bool valid = rejects(c, &heard);
    ic_mls_heard_clear(&heard);
    return valid ? ic_ordering_go_on(c, now) : IC_OK;
}
