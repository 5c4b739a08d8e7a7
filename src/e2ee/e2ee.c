/* e2ee.c - epochs and members: which keys are installed, and when they go. */
#include "e2ee/e2ee.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/core.h"

static const int64_t KEEP_PREVIOUS_NS = 10 * IC_NS_PER_SEC;

struct ic_e2ee *ic_e2ee_new(const uint8_t link_secret[IC_LINK_SECRET_LEN],
                            const uint8_t meeting[IC_MEETING_LEN])
{
    struct ic_e2ee *core = calloc(1, sizeof *core);
    if (!core)
        return NULL;
    uint8_t key[IC_ANNOUNCEMENT_KEY_LEN];
    ic_link_keys_init(&core->source, link_secret, meeting);
    ic_link_announcement_key(&core->source, key);
    enum ic_err err = ic_aead_new(&core->announcements, key);
    ic_secret_wipe(key, sizeof key);
    if (err != IC_OK) {
        ic_e2ee_free(core);
        return NULL;
    }
    return core;
}

struct ic_e2ee *ic_e2ee_new_for_group(void)
{
    struct ic_e2ee *core = calloc(1, sizeof *core);
    if (core)
        ic_group_keys_init(&core->group, &core->serials);
    return core;
}

static void clear_epoch(struct ic_member_epoch *epoch)
{
    for (size_t i = 0; i < IC_STREAMS; i++)
        ic_frame_key_clear(&epoch->keys[i]);
    ic_secret_wipe(epoch, sizeof *epoch);
}

static void free_member(struct ic_member *member)
{
    if (!member)
        return;
    clear_epoch(&member->current);
    clear_epoch(&member->previous);
    free(member);
}

void ic_e2ee_free(struct ic_e2ee *core)
{
    if (!core)
        return;
    for (size_t i = 0; i < IC_MEMBERS_MAX; i++)
        free_member(core->members[i]);
    clear_epoch(&core->own.keys);
    ic_group_keys_clear(&core->group);
    ic_aead_free(core->announcements);
    ic_link_keys_clear(&core->source);
    ic_secret_wipe(core, sizeof *core);
    free(core);
}

static enum ic_err make_key(struct ic_e2ee *core, struct ic_frame_key *out, struct ic_key_id id,
                            const struct ic_epoch *epoch)
{
    uint8_t base_key[IC_SFRAME_BASE_KEY_LEN];

    ic_link_base_key(&core->source, base_key, epoch->nonce, id);
    enum ic_err err = ic_frame_key_init(out, base_key, id, ++core->serials);
    ic_secret_wipe(base_key, sizeof base_key);
    return err;
}

static enum ic_err make_epoch(struct ic_e2ee *core, struct ic_member_epoch *out, unsigned index,
                              const struct ic_epoch *epoch)
{
    struct ic_member_epoch made = {.installed = true, .epoch = *epoch};

    for (enum ic_stream stream = 0; stream < IC_STREAMS; stream++) {
        struct ic_key_id id = {stream, index, epoch->number};
        enum ic_err err = make_key(core, &made.keys[stream], id, epoch);
        if (err != IC_OK) {
            clear_epoch(&made);
            return err;
        }
    }
    *out = made;
    ic_secret_wipe(&made, sizeof made);
    return IC_OK;
}

/* The first number is random, so that a core which lost its state hardly ever repeats the last
 * one; the nonce alone makes the keys new. */
enum ic_err ic_e2ee_epoch_begin(struct ic_e2ee *core, unsigned index, struct ic_epoch *announce)
{
    struct ic_own_epoch *own = &core->own;
    struct ic_epoch epoch = {.number = (uint8_t)(own->keys.epoch.number + 1)};
    struct ic_member_epoch made;

    if (index >= IC_MEMBERS_MAX)
        return IC_ERR_FORBIDDEN;
    if (own->generation == 0)
        ic_random_fill(&epoch.number, 1);
    ic_random_fill(epoch.nonce, sizeof epoch.nonce);
    enum ic_err err = make_epoch(core, &made, index, &epoch);
    if (err != IC_OK)
        return err;

    ic_e2ee_member_remove(core, index); /* whoever had this index is gone */
    clear_epoch(&own->keys);
    *own = (struct ic_own_epoch){.generation = own->generation + 1, .index = index, .keys = made};
    ic_secret_wipe(&made, sizeof made);
    *announce = epoch;
    return IC_OK;
}

static bool same_nonce(const uint8_t *a, const uint8_t *b)
{
    return memcmp(a, b, IC_EPOCH_NONCE_LEN) == 0;
}

static bool same_epoch(const struct ic_epoch *a, const struct ic_epoch *b)
{
    return a->number == b->number && same_nonce(a->nonce, b->nonce);
}

/* An epoch that ended never comes back: the server could repeat an old announcement, and the
 * frames recorded with it. */
static void retire(struct ic_e2ee *core, const struct ic_member_epoch *epoch)
{
    if (epoch->installed)
        memcpy(core->retired[core->retired_count++ % IC_RETIRED_NONCES], epoch->epoch.nonce,
               IC_EPOCH_NONCE_LEN);
}

static bool is_retired(const struct ic_e2ee *core, const struct ic_epoch *epoch)
{
    for (size_t i = 0; i < IC_RETIRED_NONCES && i < core->retired_count; i++)
        if (same_nonce(core->retired[i], epoch->nonce))
            return true;
    return false;
}

/* Two installed epochs of a member never share a number: an id names one key. */
static void follow(struct ic_e2ee *core, struct ic_member *member, struct ic_member_epoch *made,
                   int64_t now)
{
    retire(core, &member->current);
    clear_epoch(&member->previous);
    if (member->current.installed && member->current.epoch.number != made->epoch.number) {
        member->previous = member->current;
        member->previous.expires = now + KEEP_PREVIOUS_NS;
        ic_secret_wipe(&member->current, sizeof member->current);
    } else {
        clear_epoch(&member->current);
    }
    member->current = *made;
    ic_secret_wipe(made, sizeof *made);
}

enum ic_err ic_e2ee_member_install(struct ic_e2ee *core, unsigned index,
                                   const struct ic_epoch *epoch, int64_t now)
{
    if (index >= IC_MEMBERS_MAX || (core->own.generation > 0 && index == core->own.index))
        return IC_ERR_FORBIDDEN;
    struct ic_member *member = core->members[index];
    if (member && same_epoch(&member->current.epoch, epoch))
        return IC_OK;
    if (is_retired(core, epoch))
        return IC_ERR_REPLAYED;

    struct ic_member_epoch made;
    enum ic_err err = make_epoch(core, &made, index, epoch);
    if (err != IC_OK)
        return err;
    if (!member)
        member = core->members[index] = calloc(1, sizeof *member);
    if (!member) {
        clear_epoch(&made);
        return IC_ERR_SYSTEM;
    }
    follow(core, member, &made, now);
    return IC_OK;
}

void ic_e2ee_member_remove(struct ic_e2ee *core, unsigned index)
{
    if (index >= IC_MEMBERS_MAX || !core->members[index])
        return;
    retire(core, &core->members[index]->current);
    free_member(core->members[index]);
    core->members[index] = NULL;
}

void ic_e2ee_expire(struct ic_e2ee *core, int64_t now)
{
    ic_group_expire(&core->group, now);
    for (size_t i = 0; i < IC_MEMBERS_MAX; i++) {
        struct ic_member *member = core->members[i];
        if (member && member->previous.installed && member->previous.expires <= now)
            clear_epoch(&member->previous);
    }
}

struct ic_frame_key *ic_core_find_key(struct ic_e2ee *core, struct ic_key_id id, int64_t now)
{
    if (core->group.on)
        return ic_group_find_key(&core->group, id, now);
    struct ic_member *member = id.index < IC_MEMBERS_MAX ? core->members[id.index] : NULL;
    if (!member)
        return NULL;
    if (member->current.epoch.number == id.epoch)
        return &member->current.keys[id.stream];
    struct ic_member_epoch *previous = &member->previous;
    if (previous->installed && previous->expires > now && previous->epoch.number == id.epoch)
        return &previous->keys[id.stream];
    return NULL;
}

static struct ic_frame_key *key_of_serial(struct ic_member_epoch *epoch, uint64_t serial)
{
    for (size_t i = 0; epoch->installed && i < IC_STREAMS; i++)
        if (epoch->keys[i].serial == serial)
            return &epoch->keys[i];
    return NULL;
}

struct ic_frame_key *ic_core_key_of_serial(struct ic_e2ee *core, uint64_t serial)
{
    if (core->group.on)
        return ic_group_key_of_serial(&core->group, serial);
    for (size_t i = 0; i < IC_MEMBERS_MAX; i++) {
        struct ic_member *member = core->members[i];
        struct ic_frame_key *key = member ? key_of_serial(&member->current, serial) : NULL;
        if (member && !key)
            key = key_of_serial(&member->previous, serial);
        if (key)
            return key;
    }
    return NULL;
}

uint64_t ic_core_generation(const struct ic_e2ee *core)
{
    return core->group.on ? core->group.generation : core->own.generation;
}

enum ic_err ic_core_lease(struct ic_e2ee *core, enum ic_stream stream,
                          struct ic_counter_lease *lease, const struct ic_frame_key **key)
{
    bool group = core->group.on;
    if (group ? !core->group.sealing : core->own.generation == 0)
        return IC_ERR_NOT_FOUND;
    enum ic_err err = ic_counter_lease(
        group ? &core->group.counters[stream] : &core->own.counters[stream], lease);
    if (err == IC_OK)
        *key = group ? &core->group.own[stream] : &core->own.keys.keys[stream];
    return err;
}
