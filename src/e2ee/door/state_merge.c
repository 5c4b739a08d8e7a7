/* state_merge.c - what a change that lost the race wants, done to the state that won. */
#include "e2ee/door/state.h"

#include "e2ee/mls/codec.h"

/* A list whose entries have a key, as the three lists of a state are. */
struct entry {
    struct ic_bytes key, encoded;
};
typedef bool next_entry(struct ic_reader *list, struct entry *out);

static bool next_line(struct ic_reader *list, struct entry *out)
{
    struct ic_reader start = *list;
    if (list->bad || list->rest.len == 0)
        return false;
    out->key = ic_read_bytes(list, 2);
    ic_read_uint(list, 4);
    out->encoded = ic_mls_since(start, list);
    return !list->bad;
}

static bool next_named(struct ic_reader *list, struct entry *out)
{
    struct ic_reader start = *list;
    struct ic_door_named named;
    if (!ic_door_named_next(list, &named))
        return false;
    *out = (struct entry){named.member, ic_mls_since(start, list)};
    return true;
}

static bool next_grant(struct ic_reader *list, struct entry *out)
{
    struct ic_door_grant grant;
    if (!ic_door_grant_next(list, &grant))
        return false;
    *out = (struct entry){grant.member, grant.encoded};
    return true;
}

/* The encoded entry, or nothing. */
static struct ic_bytes find(struct ic_bytes list, next_entry *next, struct ic_bytes key)
{
    struct ic_reader r = ic_reader_of(list);
    struct entry entry;

    while (next(&r, &entry))
        if (ic_bytes_equal(entry.key, key))
            return entry.encoded;
    return (struct ic_bytes){0};
}

/* One entry by the rule of the three: mine if I changed it, else the winner's. */
static struct ic_bytes choose(struct ic_bytes base, struct ic_bytes mine, struct ic_bytes winner)
{
    return ic_bytes_equal(base, mine) ? winner : mine;
}

struct three {
    struct ic_bytes base, mine, winner;
    next_entry *next;
};

/* The entries whose key the list `of` has, and `but` has not. */
static void write_chosen(struct ic_writer *w, const struct three *lists, struct ic_bytes of,
                         struct ic_bytes but)
{
    struct ic_reader r = ic_reader_of(of);
    struct entry entry;

    while (lists->next(&r, &entry))
        if (find(but, lists->next, entry.key).len == 0)
            ic_write_bytes(w, choose(find(lists->base, lists->next, entry.key),
                                     find(lists->mine, lists->next, entry.key),
                                     find(lists->winner, lists->next, entry.key)));
}

static struct ic_bytes merge_list(struct ic_writer *w, const struct three *lists)
{
    size_t start = w->len;

    write_chosen(w, lists, lists->winner, (struct ic_bytes){0});
    write_chosen(w, lists, lists->mine, lists->winner);
    return w->bad ? (struct ic_bytes){0} : (struct ic_bytes){w->at + start, w->len - start};
}

/* The first key of a list of lines that is at least `least`, or `best`, whichever is lower. */
static uint32_t lower_key(uint32_t best, struct ic_bytes lines, uint32_t least)
{
    struct ic_reader r = ic_reader_of(lines);
    struct entry entry;

    while (next_line(&r, &entry)) {
        uint32_t key = (uint32_t)(entry.key.at[0] << 8 | entry.key.at[1]);
        if (key >= least && key < best)
            best = key;
    }
    return best;
}

/* Lines stand in rising order of their keys. */
static struct ic_bytes merge_lines(struct ic_writer *w, const struct three *lists)
{
    size_t start = w->len;
    uint32_t least = 0, key;

    while ((key = lower_key(lower_key(UINT32_MAX, lists->mine, least), lists->winner, least)) !=
           UINT32_MAX) {
        const uint8_t bytes[] = {(uint8_t)(key >> 8), (uint8_t)key};
        const struct ic_bytes wanted = {bytes, sizeof bytes};
        ic_write_bytes(w, choose(find(lists->base, lists->next, wanted),
                                 find(lists->mine, lists->next, wanted),
                                 find(lists->winner, lists->next, wanted)));
        least = key + 1;
    }
    return w->bad ? (struct ic_bytes){0} : (struct ic_bytes){w->at + start, w->len - start};
}

/* Drops grants whose giver has none any more, until none is left; in place. */
static struct ic_bytes drop_orphans(uint8_t *at, struct ic_bytes grants)
{
    size_t len;

    do {
        struct ic_reader r = ic_reader_of(grants);
        struct ic_door_grant grant, giver;
        len = grants.len;
        while (ic_door_grant_next(&r, &grant))
            if (grant.giver.len > 0 && !ic_door_grant_find(grants, grant.giver, &giver)) {
                size_t after = r.rest.len;
                memmove(at + grants.len - after - grant.encoded.len, at + grants.len - after,
                        after);
                grants.len -= grant.encoded.len;
                break;
            }
    } while (grants.len != len);
    return grants;
}

static bool has_past_grant(const struct ic_door_state *merged, const struct ic_door_state *winner)
{
    struct ic_reader r = ic_reader_of(merged->grants);
    struct ic_door_grant grant;

    while (ic_door_grant_next(&r, &grant))
        if (!ic_bytes_equal(find(winner->grants, next_grant, grant.member), grant.encoded) &&
            grant.link_version < winner->link_version)
            return true;
    return false;
}

static bool are_readable(const struct ic_door_state *merged)
{
    size_t counts[3] = {0};
    const struct {
        struct ic_bytes list;
        next_entry *next;
        size_t max;
    } lists[] = {{merged->lines, next_line, IC_DOOR_LINES_MAX},
                 {merged->named, next_named, IC_DOOR_NAMED_MAX},
                 {merged->grants, next_grant, IC_DOOR_GRANTS_MAX}};

    for (size_t i = 0; i < IC_COUNT(lists); i++) {
        struct ic_reader r = ic_reader_of(lists[i].list);
        struct entry entry;
        while (lists[i].next(&r, &entry))
            counts[i]++;
        if (counts[i] > lists[i].max)
            return false;
    }
    return true;
}

/* The field, or where it is a set of bits each of them, by the same rule of the three. */
#define CHOOSE(field) (mine->field != base->field ? mine->field : winner->field)
#define CHOOSE_BITS(field)                                                                         \
    ((winner->field & ~(base->field ^ mine->field)) | (mine->field & (base->field ^ mine->field)))

static void merge_fields(struct ic_door_state *out, const struct ic_door_state *base,
                         const struct ic_door_state *mine, const struct ic_door_state *winner)
{
    out->flags = (uint8_t)CHOOSE_BITS(flags);
    out->everyone = (uint16_t)CHOOSE_BITS(everyone);
    out->link_version = winner->link_version + (mine->link_version != base->link_version);
    out->least_strength_bits = CHOOSE(least_strength_bits);
    out->least_post_quantum = CHOOSE(least_post_quantum);
    out->preset = CHOOSE(preset);
    out->recorder = choose(base->recorder, mine->recorder, winner->recorder);
}

enum ic_err ic_door_state_merge(struct ic_door_state *out, uint8_t hash[IC_DOOR_STATE_HASH_LEN],
                                struct ic_writer *lists, const struct ic_door_state *base,
                                const struct ic_door_state *mine,
                                const struct ic_door_state *winner)
{
    struct ic_door_state merged = {.version = winner->version + 1, .root_key = winner->root_key};

    merge_fields(&merged, base, mine, winner);
    merged.lines =
        merge_lines(lists, &(struct three){base->lines, mine->lines, winner->lines, next_line});
    merged.named =
        merge_list(lists, &(struct three){base->named, mine->named, winner->named, next_named});
    size_t start = lists->len;
    merged.grants =
        merge_list(lists, &(struct three){base->grants, mine->grants, winner->grants, next_grant});
    if (lists->bad)
        return IC_ERR_FULL;
    merged.grants = drop_orphans(lists->at + start, merged.grants);
    if (!are_readable(&merged))
        return IC_ERR_FULL;
    if (has_past_grant(&merged, winner))
        return IC_ERR_EXHAUSTED;
    ic_door_state_hash(hash, winner->encoded);
    merged.previous = (struct ic_bytes){hash, IC_DOOR_STATE_HASH_LEN};
    *out = merged;
    return IC_OK;
}
