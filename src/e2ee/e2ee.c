/* e2ee.c - which epochs of the group open frames, and which one seals them. */
#include "e2ee/e2ee.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/core.h"

struct ic_e2ee *ic_e2ee_new(void)
{
    return calloc(1, sizeof(struct ic_e2ee));
}

static void free_member(struct ic_member_keys *member)
{
    for (size_t stream = 0; member && stream < IC_STREAMS; stream++)
        ic_frame_key_clear(&member->of[stream]);
    free(member);
}

static void clear_epoch(struct ic_epoch *epoch)
{
    for (size_t i = 0; epoch->members && i < IC_MEMBERS_MAX; i++)
        free_member(epoch->members[i]);
    free(epoch->members);
    ic_secret_wipe(epoch, sizeof *epoch);
}

static void clear_own(struct ic_e2ee *core)
{
    for (size_t i = 0; i < IC_STREAMS; i++)
        ic_frame_key_clear(&core->own[i]);
    memset(core->counters, 0, sizeof core->counters);
}

void ic_e2ee_free(struct ic_e2ee *core)
{
    if (!core)
        return;
    for (size_t i = 0; i < IC_EPOCHS_ALIVE; i++)
        clear_epoch(&core->epochs[i]);
    clear_own(core);
    free(core);
}

/* Of two epochs whose numbers end alike only the newer one can be alive, so an id names one key. */
static struct ic_epoch *place_of(struct ic_e2ee *core, uint64_t number)
{
    return &core->epochs[number % IC_EPOCHS_ALIVE];
}

static struct ic_epoch *alive(struct ic_e2ee *core, uint8_t low_bits, int64_t now)
{
    struct ic_epoch *epoch = place_of(core, low_bits);
    bool here = epoch->installed && (uint8_t)epoch->number == low_bits && epoch->expires > now;
    return here ? epoch : NULL;
}

static struct ic_member_keys *member_of(struct ic_epoch *epoch, unsigned index)
{
    if (epoch->left[index / 64] >> index % 64 & 1)
        return NULL;
    if (!epoch->members[index])
        epoch->members[index] = calloc(1, sizeof *epoch->members[index]);
    return epoch->members[index];
}

struct ic_frame_key *ic_core_find_key(struct ic_e2ee *core, struct ic_key_id id, int64_t now)
{
    struct ic_epoch *epoch = alive(core, id.epoch, now);
    struct ic_member_keys *member = epoch ? member_of(epoch, id.index) : NULL;
    if (!member)
        return NULL;
    struct ic_frame_key *key = &member->of[id.stream];
    if (!key->aead && ic_frame_key_init(key, epoch->base_key, id, ++core->serials) != IC_OK)
        return NULL;
    return key;
}

static struct ic_frame_key *in_epoch(struct ic_epoch *epoch, uint64_t serial)
{
    for (size_t i = 0; epoch->members && i < IC_MEMBERS_MAX; i++) {
        struct ic_member_keys *member = epoch->members[i];
        for (size_t stream = 0; member && stream < IC_STREAMS; stream++)
            if (member->of[stream].aead && member->of[stream].serial == serial)
                return &member->of[stream];
    }
    return NULL;
}

struct ic_frame_key *ic_core_key_of_serial(struct ic_e2ee *core, uint64_t serial)
{
    struct ic_frame_key *found = NULL;
    for (size_t i = 0; i < IC_EPOCHS_ALIVE && !found; i++)
        found = in_epoch(&core->epochs[i], serial);
    return found;
}

void ic_e2ee_expire(struct ic_e2ee *core, int64_t now)
{
    for (size_t i = 0; i < IC_EPOCHS_ALIVE; i++)
        if (core->epochs[i].installed && core->epochs[i].expires <= now)
            clear_epoch(&core->epochs[i]);
}

/* What was newest, and what lived on beside it, has this long left. */
static void retire_all(struct ic_e2ee *core, int64_t until)
{
    for (size_t i = 0; i < IC_EPOCHS_ALIVE; i++)
        if (core->epochs[i].expires > until)
            core->epochs[i].expires = until;
}

enum ic_err ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                  const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                  int64_t keep_ns)
{
    bool first = !place_of(core, core->newest)->installed;
    if (!first && number <= core->newest)
        return IC_ERR_FORBIDDEN;
    struct ic_member_keys **members = calloc(IC_MEMBERS_MAX, sizeof(struct ic_member_keys *));
    if (!members)
        return IC_ERR_SYSTEM;
    retire_all(core, now + keep_ns);
    struct ic_epoch *epoch = place_of(core, number);
    clear_epoch(epoch);
    *epoch = (struct ic_epoch){
        .installed = true, .number = number, .expires = INT64_MAX, .members = members};
    memcpy(epoch->base_key, base_key, sizeof epoch->base_key);
    core->newest = number;
    return IC_OK;
}

void ic_e2ee_leaf_left(struct ic_e2ee *core, unsigned index)
{
    for (size_t i = 0; index < IC_MEMBERS_MAX && i < IC_EPOCHS_ALIVE; i++) {
        struct ic_epoch *epoch = &core->epochs[i];
        if (!epoch->installed)
            continue;
        free_member(epoch->members[index]);
        epoch->members[index] = NULL;
        epoch->left[index / 64] |= UINT64_C(1) << index % 64;
    }
}

/* Of all streams, or of none. */
static enum ic_err make_own(struct ic_frame_key made[IC_STREAMS], struct ic_e2ee *core,
                            const struct ic_epoch *epoch, unsigned index)
{
    for (enum ic_stream stream = 0; stream < IC_STREAMS; stream++) {
        struct ic_key_id id = {stream, index, (uint8_t)epoch->number};
        enum ic_err err = ic_frame_key_init(&made[stream], epoch->base_key, id, ++core->serials);
        if (err == IC_OK)
            continue;
        for (size_t i = 0; i < stream; i++)
            ic_frame_key_clear(&made[i]);
        return err;
    }
    return IC_OK;
}

/* The own keys are apart from those that open: the epoch may expire while it still seals. */
enum ic_err ic_e2ee_epoch_send(struct ic_e2ee *core, uint64_t number, unsigned index)
{
    struct ic_epoch *epoch = place_of(core, number);
    struct ic_frame_key made[IC_STREAMS] = {0};

    if (index >= IC_MEMBERS_MAX || (core->sealing && number <= core->sending))
        return IC_ERR_FORBIDDEN;
    if (!epoch->installed || epoch->number != number)
        return IC_ERR_NOT_FOUND;
    enum ic_err err = make_own(made, core, epoch, index);
    if (err != IC_OK)
        return err;
    clear_own(core);
    memcpy(core->own, made, sizeof core->own);
    ic_secret_wipe(made, sizeof made);
    core->sending = number;
    core->sealing = true;
    core->generation++;
    return IC_OK;
}

void ic_e2ee_hold_sending(struct ic_e2ee *core, bool held)
{
    core->held = held;
}

/* The generation goes on: a lease of the group before must not be taken for one of the next. */
void ic_e2ee_group_over(struct ic_e2ee *core)
{
    for (size_t i = 0; i < IC_EPOCHS_ALIVE; i++)
        clear_epoch(&core->epochs[i]);
    clear_own(core);
    core->newest = core->sending = 0;
    core->sealing = false;
    core->generation++;
}

enum ic_err ic_core_lease(struct ic_e2ee *core, enum ic_stream stream,
                          struct ic_counter_lease *lease, const struct ic_frame_key **key)
{
    if (!core->sealing)
        return IC_ERR_NOT_FOUND;
    enum ic_err err = ic_counter_lease(&core->counters[stream], lease);
    if (err == IC_OK)
        *key = &core->own[stream];
    return err;
}
