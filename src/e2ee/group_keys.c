/* group_keys.c - which epochs of the group open frames, and which one seals them. */
#include "e2ee/group_keys.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/core.h"

static void clear_epoch(struct ic_group_epoch *epoch)
{
    for (size_t i = 0; epoch->members && i < IC_MEMBERS_MAX; i++) {
        struct ic_group_member_keys *member = epoch->members[i];
        for (size_t stream = 0; member && stream < IC_STREAMS; stream++)
            ic_frame_key_clear(&member->of[stream]);
        free(member);
    }
    free(epoch->members);
    ic_secret_wipe(epoch, sizeof *epoch);
}

static void clear_own(struct ic_group_keys *keys)
{
    for (size_t i = 0; i < IC_STREAMS; i++)
        ic_frame_key_clear(&keys->own[i]);
    memset(keys->counters, 0, sizeof keys->counters);
}

void ic_group_keys_init(struct ic_group_keys *keys, uint64_t *serials)
{
    *keys = (struct ic_group_keys){.on = true, .serials = serials};
}

void ic_group_keys_clear(struct ic_group_keys *keys)
{
    for (size_t i = 0; i < IC_GROUP_EPOCHS; i++)
        clear_epoch(&keys->epochs[i]);
    clear_own(keys);
    ic_secret_wipe(keys, sizeof *keys);
}

/* Of two epochs whose numbers end alike only the newer one can be alive, so an id names one key. */
static struct ic_group_epoch *place_of(struct ic_group_keys *keys, uint64_t number)
{
    return &keys->epochs[number % IC_GROUP_EPOCHS];
}

static struct ic_group_epoch *alive(struct ic_group_keys *keys, uint8_t low_bits, int64_t now)
{
    struct ic_group_epoch *epoch = place_of(keys, low_bits);
    bool here = epoch->installed && (uint8_t)epoch->number == low_bits && epoch->expires > now;
    return here ? epoch : NULL;
}

static struct ic_group_member_keys *member_of(struct ic_group_epoch *epoch, unsigned index)
{
    if (!epoch->members[index])
        epoch->members[index] = calloc(1, sizeof *epoch->members[index]);
    return epoch->members[index];
}

struct ic_frame_key *ic_group_find_key(struct ic_group_keys *keys, struct ic_key_id id, int64_t now)
{
    struct ic_group_epoch *epoch = alive(keys, id.epoch, now);
    struct ic_group_member_keys *member = epoch ? member_of(epoch, id.index) : NULL;
    if (!member)
        return NULL;
    struct ic_frame_key *key = &member->of[id.stream];
    if (!key->aead && ic_frame_key_init(key, epoch->base_key, id, ++*keys->serials) != IC_OK)
        return NULL;
    return key;
}

static struct ic_frame_key *in_epoch(struct ic_group_epoch *epoch, uint64_t serial)
{
    for (size_t i = 0; epoch->members && i < IC_MEMBERS_MAX; i++) {
        struct ic_group_member_keys *member = epoch->members[i];
        for (size_t stream = 0; member && stream < IC_STREAMS; stream++)
            if (member->of[stream].aead && member->of[stream].serial == serial)
                return &member->of[stream];
    }
    return NULL;
}

struct ic_frame_key *ic_group_key_of_serial(struct ic_group_keys *keys, uint64_t serial)
{
    struct ic_frame_key *found = NULL;
    for (size_t i = 0; i < IC_GROUP_EPOCHS && !found; i++)
        found = in_epoch(&keys->epochs[i], serial);
    return found;
}

void ic_group_expire(struct ic_group_keys *keys, int64_t now)
{
    for (size_t i = 0; i < IC_GROUP_EPOCHS; i++)
        if (keys->epochs[i].installed && keys->epochs[i].expires <= now)
            clear_epoch(&keys->epochs[i]);
}

/* What was newest, and what lived on beside it, has this long left. */
static void retire_all(struct ic_group_keys *keys, int64_t until)
{
    for (size_t i = 0; i < IC_GROUP_EPOCHS; i++)
        if (keys->epochs[i].expires > until)
            keys->epochs[i].expires = until;
}

enum ic_err ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                  const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                  int64_t keep_ns)
{
    struct ic_group_keys *keys = &core->group;
    bool first = !place_of(keys, keys->newest)->installed;
    if (!keys->on || (!first && number <= keys->newest))
        return IC_ERR_FORBIDDEN;
    struct ic_group_member_keys **members =
        calloc(IC_MEMBERS_MAX, sizeof(struct ic_group_member_keys *));
    if (!members)
        return IC_ERR_SYSTEM;
    retire_all(keys, now + keep_ns);
    struct ic_group_epoch *epoch = place_of(keys, number);
    clear_epoch(epoch);
    *epoch = (struct ic_group_epoch){
        .installed = true, .number = number, .expires = INT64_MAX, .members = members};
    memcpy(epoch->base_key, base_key, sizeof epoch->base_key);
    keys->newest = number;
    return IC_OK;
}

/* The own keys are apart from those that open: the epoch may expire while it still seals. */
enum ic_err ic_e2ee_epoch_send(struct ic_e2ee *core, uint64_t number, unsigned index)
{
    struct ic_group_keys *keys = &core->group;
    struct ic_group_epoch *epoch = place_of(keys, number);
    struct ic_frame_key made[IC_STREAMS] = {0};
    enum ic_err err = IC_OK;

    if (index >= IC_MEMBERS_MAX || (keys->sealing && number <= keys->sending))
        return IC_ERR_FORBIDDEN;
    if (!epoch->installed || epoch->number != number)
        return IC_ERR_NOT_FOUND;
    for (enum ic_stream stream = 0; stream < IC_STREAMS && err == IC_OK; stream++) {
        struct ic_key_id id = {stream, index, (uint8_t)number};
        err = ic_frame_key_init(&made[stream], epoch->base_key, id, ++*keys->serials);
    }
    if (err != IC_OK) {
        for (size_t i = 0; i < IC_STREAMS; i++)
            ic_frame_key_clear(&made[i]);
        return err;
    }
    clear_own(keys);
    memcpy(keys->own, made, sizeof keys->own);
    ic_secret_wipe(made, sizeof made);
    keys->sending = number;
    keys->sealing = true;
    keys->generation++;
    return IC_OK;
}

void ic_e2ee_hold_sending(struct ic_e2ee *core, bool held)
{
    core->group.held = held;
}

/* The generation goes on: a lease of the group before must not be taken for one of the next. */
void ic_e2ee_group_over(struct ic_e2ee *core)
{
    struct ic_group_keys *keys = &core->group;
    for (size_t i = 0; i < IC_GROUP_EPOCHS; i++)
        clear_epoch(&keys->epochs[i]);
    clear_own(keys);
    keys->newest = keys->sending = 0;
    keys->sealing = false;
    keys->generation++;
}
