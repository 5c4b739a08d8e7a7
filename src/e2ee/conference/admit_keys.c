/* admit_keys.c - where right-holders want to be knocked at: each makes a key when it may admit, and
 * tells the others, so that whoever says the card names all of them. */
#include "e2ee/conference/admit_keys.h"
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knockers.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/app_message.h"
#include "e2ee/door/card.h"

static const int64_t AGAIN_NS = 60 * IC_NS_PER_SEC; /* somebody may have been away */

static struct ic_bytes xwing_public(const uint8_t *key)
{
    return (struct ic_bytes){key, ic_kem_lengths(IC_KEM_XWING).public_len};
}

/* The host's comes from its link, and stays: it will have its rights again. */
enum ic_err ic_own_admit_key(struct ic_conference *c)
{
    struct ic_own_keys *keys = &c->keys;
    bool may = ic_may(c, ic_own_key(c), IC_DOOR_ADMIT);

    if (c->options.link.kind == IC_DOOR_LINK_HOST || may == keys->can_admit)
        return IC_OK;
    keys->can_admit = may;
    if (may)
        return ic_kem_generate(keys->admit_private, keys->admit_public, IC_KEM_XWING);
    ic_secret_wipe(keys->admit_private, sizeof keys->admit_private);
    ic_knockers_expire(c);
    return IC_OK;
}

enum ic_err ic_say_admit_key(struct ic_conference *c, int64_t now)
{
    const struct ic_door_app_message message = {.type = IC_DOOR_APP_ADMIT_KEY,
                                                .admit_key = xwing_public(c->keys.admit_public)};
    bool may = c->keys.can_admit && ic_may(c, ic_own_key(c), IC_DOOR_ADMIT);

    c->presence.admit_key_at = may ? now + AGAIN_NS : INT64_MAX;
    return may && ic_mls_group_member_count(c->group) > 1 ? ic_say_app(c, &message, IC_SAY_MESSAGE)
                                                          : IC_OK;
}

static struct ic_bytes owner_of(const struct ic_admit_key_of *entry)
{
    return (struct ic_bytes){entry->owner, entry->owner_len};
}

/* The entry of this member, or one that nobody needs any more; NULL: there are too many. */
static struct ic_admit_key_of *place_of(struct ic_conference *c, struct ic_bytes owner)
{
    struct ic_admit_key_of *unused = NULL;
    for (size_t i = 0; i < IC_COUNT(c->admit_keys); i++) {
        struct ic_admit_key_of *entry = &c->admit_keys[i];
        if (ic_bytes_equal(owner_of(entry), owner))
            return entry;
        if (entry->owner_len == 0 || !ic_may(c, owner_of(entry), IC_DOOR_ADMIT))
            unused = entry;
    }
    return unused;
}

enum ic_err ic_admit_key_heard(struct ic_conference *c, unsigned leaf, struct ic_bytes key)
{
    const struct ic_person *person = &c->people[leaf];
    struct ic_bytes owner = {person->member, person->member_len};
    struct ic_admit_key_of *entry = place_of(c, owner);

    if (!(person->rights & IC_DOOR_ADMIT) || !entry ||
        (ic_bytes_equal(owner_of(entry), owner) && ic_bytes_equal(xwing_public(entry->key), key)))
        return IC_OK;
    memcpy(entry->owner, owner.at, owner.len);
    entry->owner_len = owner.len;
    memcpy(entry->key, key.at, key.len);
    return ic_conference_say_card(c);
}

static const struct ic_admit_key_of *find(const struct ic_conference *c, struct ic_bytes owner)
{
    for (size_t i = 0; i < IC_COUNT(c->admit_keys); i++)
        if (ic_bytes_equal(owner_of(&c->admit_keys[i]), owner))
            return &c->admit_keys[i];
    return NULL;
}

/* Of those in the group, in the order of their leaves, whoever writes it: who waits knocks anew
 * when this changes. */
void ic_write_admit_keys(struct ic_writer *w, const struct ic_conference *c)
{
    unsigned own = ic_mls_group_own_leaf(c->group).n, count = 0;
    const struct ic_mls_tree *tree = ic_mls_group_tree(c->group);

    for (struct ic_leaf l = {0}; l.n < tree->leaves && count < IC_DOOR_ADMIT_KEYS_MAX; l.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(tree, l);
        const struct ic_admit_key_of *entry = leaf ? find(c, leaf->signature_key) : NULL;
        if (!leaf || !(l.n == own || entry) || !ic_may(c, leaf->signature_key, IC_DOOR_ADMIT))
            continue;
        const uint8_t *key = l.n == own ? c->keys.admit_public : entry->key;
        ic_door_write_admit_key(
            w, &(struct ic_door_admit_key){leaf->signature_key, xwing_public(key)});
        count++;
    }
}
