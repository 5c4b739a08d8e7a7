/* rejecting.c - a commit that we refused or could not open took our epoch, and a right-holder has
 * it taken back: it says so, signed, and names the commit by its hash. */
#include "e2ee/conference/rejecting.h"
#include "crypto/hash.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/returning.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/app_message.h"
#include "e2ee/door/validity.h"

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
    o->reject_again_at = 0;
}

bool ic_was_taken_back(const struct ic_ordering *o, struct ic_bytes sealed)
{
    return o->taken == IC_EPOCH_TAKEN_BACK && is_hash_of(o->taken_by, sealed);
}

/* Said again after that, or an old letter: then the server does not take the reject. */
enum ic_err ic_taken_again(struct ic_conference *c)
{
    c->ordering.taken = IC_EPOCH_TAKEN;
    return ic_reject_commit(c, IC_DOOR_VALID, false);
}

enum ic_err ic_reject_commit(struct ic_conference *c, enum ic_door_rule rule, bool later)
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
                                          .flag = later,
                                          .epoch = ic_epoch_of(c),
                                          .sealed = ic_mls_message_bytes(&sealed),
                                          .info = message.reject.commit});
    ic_mls_message_clear(&sealed);
    return IC_OK;
}

/* Is it a right-holder's word about a commit that ended this epoch? Then `hash` is that one's. */
static bool is_reject(const struct ic_conference *c, uint8_t hash[IC_SHA256_LEN],
                      const struct ic_mls_heard *heard, uint64_t epoch)
{
    struct ic_door_app_message message;
    if (heard->kind != IC_MLS_HEARD_TEXT || heard->epoch != epoch ||
        ic_door_app_read(&message, heard->text) != IC_OK || message.type != IC_DOOR_APP_REJECT ||
        message.reject.epoch != epoch || heard->sender.index >= IC_MEMBERS_MAX ||
        !(c->people[heard->sender.index].rights & IC_DOOR_REMOVE))
        return false;
    memcpy(hash, message.reject.commit.at, IC_SHA256_LEN);
    return true;
}

/* Of our epoch. Over one socket the commit comes first; if not, it is known when it comes. */
static enum ic_err free_epoch(struct ic_conference *c, const uint8_t hash[IC_SHA256_LEN],
                              int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    if (o->taken == IC_EPOCH_TAKEN)
        return memcmp(hash, o->taken_by, IC_SHA256_LEN) == 0 ? ic_ordering_go_on(c, now) : IC_OK;
    o->taken = IC_EPOCH_TAKEN_BACK;
    memcpy(o->taken_by, hash, IC_SHA256_LEN);
    return IC_OK;
}

/* We entered what others cannot, and they stay: an epoch that was entered is never opened again,
 * but we may ask those who are in the one that is theirs. */
static enum ic_err abandon(struct ic_conference *c, uint64_t shared, int64_t now)
{
    c->ordering.abandoned = true;
    c->ordering.shared = shared;
    return ic_ask_to_return(c, now);
}

static enum ic_err leave_epoch(struct ic_conference *c, uint64_t epoch,
                               const uint8_t hash[IC_SHA256_LEN], int64_t now)
{
    bool entered = memcmp(hash, c->ordering.entered_by[epoch % IC_ENTERED_MAX], IC_SHA256_LEN) == 0;
    return entered ? abandon(c, epoch, now) : IC_OK;
}

/* A Welcome took us past this epoch, so we can read no word of it, and have to take the server's.
 * It gains nothing by a lie: where we come to be we say nothing until a right-holder is heard
 * there. */
static bool was_passed_over(const struct ic_ordering *o, uint64_t epoch)
{
    return !o->abandoned && epoch >= o->brought_from && epoch < o->brought_to;
}

/* The server says the last ones again to who comes back. */
static bool is_first_time(struct ic_conference *c, struct ic_bytes sealed)
{
    for (size_t i = 0; i < IC_REJECTS_HEARD; i++)
        if (is_hash_of(c->rejects_heard[i], sealed))
            return false;
    memmove(c->rejects_heard[1], c->rejects_heard[0],
            sizeof c->rejects_heard - sizeof c->rejects_heard[0]);
    ic_sha256(c->rejects_heard[0], sealed);
    return true;
}

uint64_t ic_epoch_shared(const struct ic_conference *c)
{
    const struct ic_ordering *o = &c->ordering;
    if (!c->group)
        return 0;
    return o->abandoned ? o->shared : ic_epoch_of(c);
}

static enum ic_err hear_reject(struct ic_conference *c, uint64_t epoch, struct ic_bytes sealed,
                               int64_t now)
{
    uint8_t hash[IC_SHA256_LEN];
    struct ic_mls_heard heard;

    enum ic_err err = ic_mls_group_hear(&heard, c->group, sealed);
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    bool valid = is_reject(c, hash, &heard, epoch);
    ic_mls_heard_clear(&heard);
    if (!valid)
        return IC_OK;
    return epoch == ic_epoch_of(c) ? free_epoch(c, hash, now) : leave_epoch(c, epoch, hash, now);
}

enum ic_err ic_conference_hear_rejected(struct ic_conference *c, uint64_t epoch,
                                        struct ic_bytes sealed, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    bool in = c->stage == IC_CONFERENCE_IN;

    if (!c->group || (!in && c->stage != IC_CONFERENCE_BEHIND))
        return IC_OK;
    bool first = is_first_time(c, sealed);
    if (epoch > ic_epoch_of(c)) /* who was to take us in could not, and forgot it */
        return in ? IC_OK : ic_ask_to_return(c, now);
    if (epoch == ic_epoch_of(c)) {
        if (o->taken == IC_EPOCH_TAKEN && is_hash_of(o->own_reject, sealed))
            return ic_ordering_go_on(c, now);
        return hear_reject(c, epoch, sealed, now);
    }
    o->doubted |= in;
    if (first && was_passed_over(o, epoch))
        return abandon(c, o->brought_from, now);
    return ic_epoch_of(c) - epoch <= IC_ENTERED_MAX ? hear_reject(c, epoch, sealed, now) : IC_OK;
}
