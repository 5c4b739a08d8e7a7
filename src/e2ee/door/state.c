/* state.c - GroupContext extension 0xF1C2, read, signed and verified. */
#include "e2ee/door/state.h"

#include "crypto/hash.h"
#include "e2ee/door/text.h"
#include "e2ee/mls/codec.h"

enum { FORMAT = 1, LINE_LEN = 6 };
static const char LABEL[] = "incamera 2 state";

bool ic_door_named_next(struct ic_reader *list, struct ic_door_named *out)
{
    if (list->bad || list->rest.len == 0)
        return false;
    out->member = ic_mls_read_vector(list);
    out->capabilities = (uint16_t)ic_read_uint(list, 2);
    return !list->bad;
}

void ic_door_write_named(struct ic_writer *w, const struct ic_door_named *named)
{
    ic_mls_write_vector(w, named->member);
    ic_write_uint(w, named->capabilities, 2);
}

static struct ic_bytes read_named(struct ic_reader *r)
{
    struct ic_bytes list = ic_mls_read_vector(r), members[IC_DOOR_NAMED_MAX];
    struct ic_reader names = ic_reader_of(list);
    struct ic_door_named named;
    size_t count = 0;

    while (ic_door_named_next(&names, &named)) {
        bool refused = count == IC_DOOR_NAMED_MAX || !ic_door_is_key(named.member) ||
                       named.capabilities > IC_DOOR_CAPABILITIES;
        for (size_t i = 0; i < count && !refused; i++)
            refused = ic_bytes_equal(members[i], named.member);
        if (refused) {
            names.bad = true;
            break;
        }
        members[count++] = named.member;
    }
    if (names.bad)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? (struct ic_bytes){0} : list;
}

static struct ic_bytes read_lines(struct ic_reader *r)
{
    struct ic_bytes list = ic_mls_read_vector(r);
    struct ic_reader lines = ic_reader_of(list);
    uint64_t least = 0;

    while (lines.rest.len > 0) {
        uint64_t key = ic_read_uint(&lines, 2);
        ic_read_uint(&lines, 4);
        if (key < least)
            lines.bad = true;
        least = key + 1;
    }
    if (lines.bad || list.len > (size_t)IC_DOOR_LINES_MAX * LINE_LEN)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? (struct ic_bytes){0} : list;
}

/* Booleans and bits that nobody has given a meaning to are refused, so a state has one spelling. */
static uint64_t read_bits(struct ic_reader *r, size_t size, uint64_t known)
{
    uint64_t bits = ic_read_uint(r, size);
    if (bits & ~known)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? 0 : bits;
}

static void read_rules(struct ic_reader *r, struct ic_door_state *out)
{
    out->flags = (uint8_t)read_bits(r, 1, IC_DOOR_STATE_FLAGS);
    out->link_version = (uint32_t)ic_read_uint(r, 4);
    out->least_strength_bits = (uint16_t)ic_read_uint(r, 2);
    out->least_post_quantum = read_bits(r, 1, 1) == 1;
    out->preset = (uint16_t)ic_read_uint(r, 2);
    out->lines = read_lines(r);
    out->everyone = (uint16_t)read_bits(r, 2, IC_DOOR_CAPABILITIES);
    out->named = read_named(r);
    out->grants = ic_door_read_grants(r);
    out->recorder = ic_mls_read_vector(r);
    out->passcode_key = ic_mls_read_vector(r);
    out->invites = ic_door_read_invites(r);
    out->title = ic_mls_read_vector(r);
    out->signer = ic_mls_read_vector(r);
}

static bool is_sound(const struct ic_door_state *state)
{
    static const uint8_t NONE[IC_DOOR_STATE_HASH_LEN];
    bool first = ic_bytes_equal(state->previous, (struct ic_bytes){NONE, sizeof NONE});

    return state->version > 0 && first == (state->version == 1) && state->link_version > 0 &&
           state->passcode_key.len == (state->flags & IC_DOOR_PASSCODE ? IC_DOOR_PSK_LEN : 0) &&
           (state->title.len == 0 || ic_door_is_name(state->title, IC_DOOR_TITLE_MAX)) &&
           (state->recorder.len == 0 || ic_door_is_key(state->recorder)) &&
           ic_door_is_key(state->signer) && state->encoded.len <= IC_DOOR_STATE_MAX;
}

static void read_state(struct ic_reader *r, struct ic_door_state *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_door_state){0};
    if (ic_read_uint(r, 1) != FORMAT)
        r->bad = true;
    out->version = ic_read_uint(r, 8);
    out->previous = ic_read_bytes(r, IC_DOOR_STATE_HASH_LEN);
    out->root_key = ic_read_bytes(r, IC_DOOR_ROOT_LEN);
    read_rules(r, out);
    out->signed_part = ic_mls_since(start, r);
    out->signature = ic_mls_read_vector(r);
    out->encoded = ic_mls_since(start, r);
}

void ic_door_read_state(struct ic_reader *r, struct ic_door_state *out)
{
    read_state(r, out);
    if (r->bad || !is_sound(out) || out->signature.len > IC_SIGNATURE_MAX)
        *r = (struct ic_reader){.bad = true};
}

static void write_body(struct ic_writer *w, const struct ic_door_state *state)
{
    ic_write_uint(w, FORMAT, 1);
    ic_write_uint(w, state->version, 8);
    ic_write_bytes(w, state->previous);
    ic_write_bytes(w, state->root_key);
    ic_write_uint(w, state->flags, 1);
    ic_write_uint(w, state->link_version, 4);
    ic_write_uint(w, state->least_strength_bits, 2);
    ic_write_uint(w, state->least_post_quantum, 1);
    ic_write_uint(w, state->preset, 2);
    ic_mls_write_vector(w, state->lines);
    ic_write_uint(w, state->everyone, 2);
    ic_mls_write_vector(w, state->named);
    ic_mls_write_vector(w, state->grants);
    ic_mls_write_vector(w, state->recorder);
    ic_mls_write_vector(w, state->passcode_key);
    ic_mls_write_vector(w, state->invites);
    ic_mls_write_vector(w, state->title);
    ic_mls_write_vector(w, state->signer);
}

static enum ic_err sign_body(struct ic_writer *w, size_t start, struct ic_bytes group_id,
                             const struct ic_door_pair *key)
{
    const struct ic_bytes parts[] = {group_id, {w->at + start, w->len - start}};
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t len;

    enum ic_err err = ic_door_sign(signature, &len, key, LABEL, parts, IC_COUNT(parts));
    if (err == IC_OK)
        ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return err == IC_OK && w->bad ? IC_ERR_FULL : err;
}

enum ic_err ic_door_write_state(struct ic_writer *w, const struct ic_door_state *state,
                                struct ic_bytes group_id, const struct ic_door_pair *key)
{
    size_t start = w->len;
    struct ic_door_state again;

    if (group_id.len != IC_MEETING_LEN)
        return IC_ERR_MALFORMED;
    write_body(w, state);
    if (w->bad)
        return IC_ERR_FULL;
    enum ic_err err = sign_body(w, start, group_id, key);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of((struct ic_bytes){w->at + start, w->len - start});
    ic_door_read_state(&r, &again);
    return ic_mls_finish(&r);
}

enum ic_err ic_door_state_of(struct ic_door_state *out, struct ic_bytes extensions)
{
    struct ic_door_state state;
    struct ic_bytes data;

    if (!ic_mls_extension_find(extensions, IC_DOOR_STATE_EXTENSION, &data))
        return IC_ERR_NOT_FOUND;
    struct ic_reader r = ic_reader_of(data);
    ic_door_read_state(&r, &state);
    if (ic_mls_finish(&r) != IC_OK)
        return IC_ERR_MALFORMED;
    *out = state;
    return IC_OK;
}

void ic_door_state_hash(uint8_t hash[IC_DOOR_STATE_HASH_LEN], struct ic_bytes encoded)
{
    ic_sha256(hash, encoded);
}

enum ic_err ic_door_state_verify_signature(const struct ic_door_state *state,
                                           struct ic_bytes group_id)
{
    const struct ic_bytes parts[] = {group_id, state->signed_part};

    if (group_id.len != IC_MEETING_LEN ||
        ic_door_verify(state->signer, LABEL, parts, IC_COUNT(parts), state->signature) != IC_OK)
        return IC_ERR_FORGED;
    return IC_OK;
}

enum ic_err ic_door_state_verify(const struct ic_door_state *state, struct ic_bytes group_id)
{
    if (!(ic_door_rights_of(state->grants, state->signer) & IC_DOOR_ALL_RIGHTS))
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_door_state_verify_signature(state, group_id);
    if (err != IC_OK)
        return err;
    return ic_door_grants_verify(state->grants, group_id, state->root_key, state->link_version);
}

uint16_t ic_door_capabilities_of(const struct ic_door_state *state, struct ic_bytes member)
{
    struct ic_reader list = ic_reader_of(state->named);
    struct ic_door_named named;

    if (ic_door_rights_of(state->grants, member) & IC_DOOR_SETTINGS)
        return IC_DOOR_CAPABILITIES;
    while (ic_door_named_next(&list, &named))
        if (ic_bytes_equal(named.member, member))
            return named.capabilities;
    return state->everyone;
}
