/* grant.c - grants, their signatures, and the chains that lead to the host root key. */
#include "e2ee/door/grant.h"

#include "e2ee/mls/codec.h"

static const char LABEL[] = "incamera 2 grant";

static void read_grant(struct ic_reader *r, struct ic_door_grant *out)
{
    struct ic_reader start = *r;

    *out = (struct ic_door_grant){0};
    out->meeting = ic_read_bytes(r, IC_MEETING_LEN);
    out->rights = (uint8_t)ic_read_uint(r, 1);
    out->expiry_ms = ic_read_uint(r, 8);
    out->link_version = (uint32_t)ic_read_uint(r, 4);
    out->member = ic_mls_read_vector(r);
    out->giver = ic_mls_read_vector(r);
    out->signed_part = ic_mls_since(start, r);
    out->signature = ic_mls_read_vector(r);
    if (out->rights == 0 || out->rights > IC_DOOR_ALL_RIGHTS || !ic_door_is_key(out->member) ||
        (out->giver.len > 0 && !ic_door_is_key(out->giver)) ||
        out->signature.len > IC_SIGNATURE_MAX)
        *r = (struct ic_reader){.bad = true};
    out->encoded = ic_mls_since(start, r);
}

enum ic_err ic_door_write_grant(struct ic_writer *w, const struct ic_door_grant *grant,
                                const struct ic_door_pair *key)
{
    uint8_t signature[IC_SIGNATURE_MAX];
    size_t start = w->len, len;

    ic_write_bytes(w, grant->meeting);
    ic_write_uint(w, grant->rights, 1);
    ic_write_uint(w, grant->expiry_ms, 8);
    ic_write_uint(w, grant->link_version, 4);
    ic_mls_write_vector(w, grant->member);
    ic_mls_write_vector(w, grant->giver);
    if (w->bad)
        return IC_ERR_FULL;
    struct ic_bytes part = {w->at + start, w->len - start};
    enum ic_err err = ic_door_sign(signature, &len, key, LABEL, &part, 1);
    if (err != IC_OK)
        return err;
    ic_mls_write_vector(w, (struct ic_bytes){signature, len});
    return w->bad ? IC_ERR_FULL : IC_OK;
}

bool ic_door_grant_next(struct ic_reader *list, struct ic_door_grant *out)
{
    if (list->bad || list->rest.len == 0)
        return false;
    read_grant(list, out);
    return !list->bad;
}

bool ic_door_grant_find(struct ic_bytes grants, struct ic_bytes member, struct ic_door_grant *out)
{
    struct ic_reader list = ic_reader_of(grants);
    struct ic_door_grant grant;

    while (ic_door_grant_next(&list, &grant))
        if (ic_bytes_equal(grant.member, member)) {
            *out = grant;
            return true;
        }
    return false;
}

struct ic_bytes ic_door_read_grants(struct ic_reader *r)
{
    struct ic_bytes grants = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(grants);
    struct ic_bytes members[IC_DOOR_GRANTS_MAX];
    struct ic_door_grant grant;
    size_t count = 0;

    while (ic_door_grant_next(&list, &grant)) {
        bool refused = count == IC_DOOR_GRANTS_MAX;
        for (size_t i = 0; i < count && !refused; i++)
            refused = ic_bytes_equal(members[i], grant.member);
        if (refused) {
            list.bad = true;
            break;
        }
        members[count++] = grant.member;
    }
    if (list.bad)
        *r = (struct ic_reader){.bad = true};
    return r->bad ? (struct ic_bytes){0} : grants;
}

uint8_t ic_door_rights_of(struct ic_bytes grants, struct ic_bytes member)
{
    struct ic_door_grant grant;
    return ic_door_grant_find(grants, member, &grant) ? grant.rights : 0;
}

/* The grant above; false at the root, and at a giver that has none. */
static bool giver_of(struct ic_door_grant *giver, struct ic_bytes grants,
                     const struct ic_door_grant *grant)
{
    return grant->giver.len > 0 && ic_door_grant_find(grants, grant->giver, giver);
}

bool ic_door_grant_descends(struct ic_bytes grants, struct ic_bytes member, struct ic_bytes elder)
{
    struct ic_door_grant grant, above;

    if (!ic_door_grant_find(grants, member, &grant))
        return false;
    for (size_t step = 0; step < IC_DOOR_GRANTS_MAX && giver_of(&above, grants, &grant); step++) {
        if (ic_bytes_equal(above.member, elder))
            return true;
        grant = above;
    }
    return false;
}

/* Up to the root in fewer steps than there can be grants: a circle never gets there. */
static bool leads_to_root(struct ic_bytes grants, struct ic_door_grant grant)
{
    for (size_t step = 0; step < IC_DOOR_GRANTS_MAX; step++) {
        struct ic_door_grant above;
        if (grant.giver.len == 0)
            return true;
        if (!giver_of(&above, grants, &grant) || !(above.rights & IC_DOOR_GRANT) ||
            (grant.rights & ~above.rights) != 0)
            return false;
        grant = above;
    }
    return false;
}

enum ic_err ic_door_grants_verify(struct ic_bytes grants, struct ic_bytes meeting,
                                  struct ic_bytes root_key, uint32_t link_version)
{
    struct ic_reader list = ic_reader_of(grants);
    struct ic_door_grant grant;

    while (ic_door_grant_next(&list, &grant)) {
        if (!ic_bytes_equal(grant.meeting, meeting) || grant.link_version > link_version ||
            !leads_to_root(grants, grant))
            return IC_ERR_FORBIDDEN;
        struct ic_bytes signer = grant.giver.len > 0 ? grant.giver : root_key;
        if (ic_door_verify(signer, LABEL, &grant.signed_part, 1, grant.signature) != IC_OK)
            return IC_ERR_FORGED;
    }
    return list.bad ? IC_ERR_MALFORMED : IC_OK;
}

bool ic_door_grant_expired(struct ic_bytes grants, struct ic_bytes member, uint64_t now_ms)
{
    struct ic_door_grant grant;

    if (!ic_door_grant_find(grants, member, &grant))
        return true;
    for (size_t step = 0; step < IC_DOOR_GRANTS_MAX; step++) {
        if (grant.expiry_ms != 0 && grant.expiry_ms <= now_ms)
            return true;
        if (grant.giver.len == 0)
            return false;
        if (!giver_of(&grant, grants, &grant))
            return true;
    }
    return true;
}
