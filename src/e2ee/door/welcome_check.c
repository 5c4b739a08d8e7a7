/* welcome_check.c - the table of what a newcomer demands, each a function. */
#include "e2ee/door/welcome_check.h"

#include "crypto/secret.h"
#include "e2ee/door/profile.h"

struct view {
    const struct ic_door_entered *e;
    bool readable;
    struct ic_door_state state;
    const struct ic_mls_leaf_node *own, *signer;
};

static bool holds_meeting(const struct view *v)
{
    return ic_bytes_equal(v->e->context->group_id,
                          (struct ic_bytes){v->e->meeting, IC_MEETING_LEN});
}

static bool holds_state(const struct view *v)
{
    return v->readable;
}

static bool holds_root(const struct view *v)
{
    uint8_t pin[IC_DOOR_PIN_LEN];

    ic_door_pin(pin, v->state.root_key.at);
    return ic_secret_equal(pin, v->e->pin, sizeof pin);
}

static bool holds_state_signed(const struct view *v)
{
    return ic_door_state_verify(&v->state, v->e->context->group_id) == IC_OK;
}

/* External senders could propose, and so be a way in beside the door. */
static bool holds_context(const struct view *v)
{
    struct ic_bytes data;
    return !ic_mls_extension_find(v->e->context->extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data);
}

/* Only a right-holder brings a stranger in. */
static bool holds_signer(const struct view *v)
{
    return v->e->entry != IC_DOOR_ENTRY_ADMITTED ||
           (v->signer &&
            (ic_door_rights_of(v->state.grants, v->signer->signature_key) & IC_DOOR_ADMIT));
}

static bool holds_expiry(const struct view *v)
{
    return v->e->entry != IC_DOOR_ENTRY_ADMITTED ||
           !ic_door_grant_expired(v->state.grants, v->signer->signature_key, v->e->now_ms);
}

static bool holds_waiting_room(const struct view *v)
{
    return v->e->entry != IC_DOOR_ENTRY_EXTERNAL ||
           !(v->state.flags & (IC_DOOR_WAITING_ROOM | IC_DOOR_LOCKED));
}

static bool holds_suite(const struct view *v)
{
    const struct ic_suite *suite = ic_suite_find(v->e->context->suite);

    return suite && suite->strength_bits >= v->state.least_strength_bits &&
           (suite->post_quantum || !v->state.least_post_quantum);
}

static bool holds_psk(const struct view *v)
{
    return v->e->used_link_psk;
}

static bool is_only_one(const struct view *v, struct ic_leaf of,
                        const struct ic_door_profile *profile)
{
    for (struct ic_leaf l = {0}; l.n < of.n; l.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(v->e->tree, l);
        struct ic_door_profile other;
        if (leaf && ic_door_profile_of(&other, leaf->extensions) == IC_OK &&
            ic_bytes_equal(other.participant, profile->participant))
            return false;
    }
    return true;
}

/* Everybody in the tree can be shown, so nobody is hidden in it. */
static bool holds_profiles(const struct view *v)
{
    for (struct ic_leaf l = {0}; l.n < v->e->tree->leaves; l.n++) {
        const struct ic_mls_leaf_node *leaf = ic_mls_tree_leaf(v->e->tree, l);
        struct ic_door_profile profile;
        if (leaf && (ic_door_profile_of(&profile, leaf->extensions) != IC_OK ||
                     !is_only_one(v, l, &profile)))
            return false;
    }
    return true;
}

static bool holds_own_profile(const struct view *v)
{
    struct ic_bytes data;

    return v->own && ic_mls_extension_find(v->own->extensions, IC_DOOR_PROFILE_EXTENSION, &data) &&
           ic_bytes_equal(data, v->e->own_profile);
}

static bool holds_newer(const struct view *v)
{
    return v->e->entry != IC_DOOR_ENTRY_RETURNING || v->e->context->epoch > v->e->epoch_before;
}

static const struct {
    bool (*holds)(const struct view *v);
    const char *text;
} DEMANDS[IC_DOOR_WELCOME_FAULTS] = {
    [IC_DOOR_WELCOME_FINE] = {NULL, "Everything is as it must be."},
    [IC_DOOR_WELCOME_SILENT] = {NULL, "Nobody in charge has been heard in this epoch yet."},
    [IC_DOOR_WELCOME_MEETING] = {holds_meeting, "The group is of another meeting."},
    [IC_DOOR_WELCOME_STATE] = {holds_state, "The group has no state that can be read."},
    [IC_DOOR_WELCOME_ROOT] = {holds_root, "The host is not the one that the link names."},
    [IC_DOOR_WELCOME_STATE_FORGED] = {holds_state_signed,
                                      "The state was not signed by a right-holder."},
    [IC_DOOR_WELCOME_CONTEXT] = {holds_context, "The group listens to senders outside of it."},
    [IC_DOOR_WELCOME_SIGNER] = {holds_signer, "Who let us in may not admit anybody."},
    [IC_DOOR_WELCOME_EXPIRED] = {holds_expiry, "The right of who let us in has run out."},
    [IC_DOOR_WELCOME_WAITING_ROOM] = {holds_waiting_room,
                                      "The door is not open; nobody enters without being let in."},
    [IC_DOOR_WELCOME_SUITE] = {holds_suite, "The cipher suite is weaker than the meeting's least."},
    [IC_DOOR_WELCOME_PSK] = {holds_psk, "The link's pre-shared key was not used."},
    [IC_DOOR_WELCOME_PROFILES] = {holds_profiles,
                                  "Somebody in the group has no profile, or that of another."},
    [IC_DOOR_WELCOME_OWN_PROFILE] = {holds_own_profile, "Our own leaf says something else."},
    [IC_DOOR_WELCOME_OLD] = {holds_newer, "The group is older than when we were in it."},
};

const char *ic_door_welcome_text(enum ic_door_welcome_fault fault)
{
    return fault < IC_DOOR_WELCOME_FAULTS ? DEMANDS[fault].text : "An unknown fault.";
}

enum ic_door_welcome_fault ic_door_welcome_check(const struct ic_door_entered *entered)
{
    struct view v = {.e = entered};

    v.readable = ic_door_state_of(&v.state, entered->context->extensions) == IC_OK;
    v.own = ic_mls_tree_leaf(entered->tree, entered->own);
    v.signer = ic_mls_tree_leaf(entered->tree, entered->info_signer);
    for (int fault = IC_DOOR_WELCOME_SILENT + 1; fault < IC_DOOR_WELCOME_FAULTS; fault++)
        if (!DEMANDS[fault].holds(&v))
            return (enum ic_door_welcome_fault)fault;
    return entered->entry == IC_DOOR_ENTRY_ADMITTED ? IC_DOOR_WELCOME_FINE : IC_DOOR_WELCOME_SILENT;
}
