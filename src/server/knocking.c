/* knocking.c - a bucket for each address, and one for all. */
#include "server/knocking.h"

#define OF_ADDRESS_NS IC_NS_PER_SEC
#define OF_ALL_NS (IC_NS_PER_SEC / IC_KNOCKS_A_SECOND)

static struct ic_knocking_address *find(struct ic_knocking *k,
                                        const uint8_t address[IC_ADDRESS_LEN])
{
    for (uint32_t i = 0; i < k->count; i++)
        if (ic_place_equal(k->addresses[i].address, address))
            return &k->addresses[i];
    return NULL;
}

/* When the table is full, the one that owes least makes way. */
static struct ic_knocking_address *note(struct ic_knocking *k,
                                        const uint8_t address[IC_ADDRESS_LEN])
{
    struct ic_knocking_address *place = find(k, address);

    if (place)
        return place;
    place = &k->addresses[0];
    for (uint32_t i = 1; i < k->count; i++)
        if (k->addresses[i].rate.filled < place->rate.filled)
            place = &k->addresses[i];
    if (k->count < IC_KNOCKING_ADDRESSES)
        place = &k->addresses[k->count++];
    *place = (struct ic_knocking_address){0};
    memcpy(place->address, address, IC_ADDRESS_LEN);
    return place;
}

uint32_t ic_knocking_wait(struct ic_knocking *k, const uint8_t address[IC_ADDRESS_LEN], int64_t now)
{
    struct ic_bucket *rate = &note(k, address)->rate;

    if (!ic_bucket_take(rate, IC_KNOCKS_OF_ADDRESS, OF_ADDRESS_NS, now))
        return ic_bucket_wait_ms(rate, IC_KNOCKS_OF_ADDRESS, OF_ADDRESS_NS, now);
    if (ic_bucket_take(&k->all, IC_KNOCKS_AT_ONCE, OF_ALL_NS, now))
        return 0;
    ic_bucket_give_back(rate, 1, OF_ADDRESS_NS);
    return ic_bucket_wait_ms(&k->all, IC_KNOCKS_AT_ONCE, OF_ALL_NS, now);
}

void ic_knocking_give_back(struct ic_knocking *k, const uint8_t address[IC_ADDRESS_LEN],
                           uint32_t knocks)
{
    struct ic_knocking_address *place = find(k, address);

    if (place)
        ic_bucket_give_back(&place->rate, knocks, OF_ADDRESS_NS);
    ic_bucket_give_back(&k->all, knocks, OF_ALL_NS);
}
