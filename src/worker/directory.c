/* directory.c - places are few and dense, so that what is done once a join may look at all of
 * them; what is done for each packet goes through an index. */
#include "worker/directory.h"

#include "worker/transport.h"

void ic_directory_init(struct ic_directory *d)
{
    d->next_due = INT64_MAX;
}

void ic_directory_clear(struct ic_directory *d)
{
    ic_index_clear(&d->addresses);
    ic_index_clear(&d->ufrags);
}

enum ic_err ic_directory_add(struct ic_directory *d, struct ic_transport *t, uint32_t id,
                             uint32_t *place)
{
    uint32_t i = 0;

    while (i < d->end && d->transports[i])
        i++;
    if (i == IC_TRANSPORTS_MAX)
        return IC_ERR_FULL;
    if (i == d->end)
        d->end++;
    d->transports[i] = t;
    d->ids[i] = id;
    d->due[i] = INT64_MAX;
    d->changed[i] = false;
    d->count++;
    *place = i;
    return IC_OK;
}

void ic_directory_remove(struct ic_directory *d, uint32_t place)
{
    d->transports[place] = NULL;
    d->ids[place] = 0;
    d->due[place] = INT64_MAX;
    d->count--;
    while (d->end > 0 && !d->transports[d->end - 1])
        d->end--;
}

struct ic_transport *ic_directory_find(const struct ic_directory *d, uint32_t id)
{
    for (uint32_t i = 0; i < d->end; i++)
        if (d->ids[i] == id && id != 0)
            return d->transports[i];
    return NULL;
}

struct ic_transport *ic_directory_next(const struct ic_directory *d,
                                       const struct ic_address *address, uint32_t *cursor)
{
    uint32_t hash = ic_address_hash(address), place;

    while (ic_index_next(&d->addresses, hash, cursor, &place))
        if (ic_transport_path(d->transports[place], address))
            return d->transports[place];
    return NULL;
}

struct ic_transport *ic_directory_by_ufrag(const struct ic_directory *d, struct ic_bytes ufrag)
{
    uint32_t hash = ic_directory_ufrag_hash(ufrag), cursor = 0, place;

    while (ic_index_next(&d->ufrags, hash, &cursor, &place))
        if (ic_ice_has_ufrag(&d->transports[place]->ice, ufrag))
            return d->transports[place];
    return NULL;
}

/* FNV-1a. The control process chooses ufrags at random, so nobody can aim at a collision. */
uint32_t ic_directory_ufrag_hash(struct ic_bytes ufrag)
{
    uint32_t hash = UINT32_C(2166136261);

    for (size_t i = 0; i < ufrag.len; i++)
        hash = (hash ^ ufrag.at[i]) * UINT32_C(16777619);
    return hash;
}

void ic_directory_schedule(struct ic_directory *d, uint32_t place, int64_t when)
{
    if (when < d->due[place])
        d->due[place] = when;
    if (when < d->next_due)
        d->next_due = when;
}

void ic_directory_run(struct ic_directory *d, int64_t now, ic_directory_attend *attend,
                      void *context)
{
    if (now < d->next_due)
        return;
    for (uint32_t i = 0; i < d->end; i++) {
        if (d->due[i] > now)
            continue;
        d->due[i] = INT64_MAX;
        int64_t next = attend(context, d->transports[i]);
        if (next < d->due[i])
            d->due[i] = next;
    }
    d->next_due = INT64_MAX;
    for (uint32_t i = 0; i < d->end; i++)
        if (d->due[i] < d->next_due)
            d->next_due = d->due[i];
}
