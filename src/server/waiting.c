/* waiting.c - a list of those who wait, and a table of addresses. */
#include "server/waiting.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/secret.h"

enum { MEMBER_KNOCKS_AT_ONCE = 10, MEMBER_KNOCK_SECONDS = 60 };

void ic_waiting_put(struct ic_waiting *w, struct ic_waiter *waiter)
{
    struct ic_waiter **link = &w->first;

    while (*link)
        link = &(*link)->next;
    *link = waiter;
    waiter->next = NULL;
    w->count++;
}

/* So that one address cannot keep all others from the door. */
static bool has_its_share(const struct ic_waiting *w, uint32_t most,
                          const uint8_t address[IC_ADDRESS_LEN])
{
    uint32_t share = most / 2 > IC_PLACES_OF_ADDRESS ? most / 2 : IC_PLACES_OF_ADDRESS, count = 0;

    for (const struct ic_waiter *waiter = w->first; waiter; waiter = waiter->next)
        count += ic_place_equal(waiter->address, address);
    return count >= share;
}

enum ic_err ic_waiting_add(struct ic_waiting *w, struct ic_waiter **out, uint32_t most,
                           const uint8_t address[IC_ADDRESS_LEN])
{
    bool is_full = w->count >= most || has_its_share(w, most, address);
    struct ic_waiter *waiter = is_full ? NULL : calloc(1, sizeof *waiter);

    if (!waiter)
        return IC_ERR_FULL;
    ic_random_fill(waiter->id, sizeof waiter->id);
    ic_random_fill(waiter->resume, sizeof waiter->resume);
    memcpy(waiter->address, address, IC_ADDRESS_LEN);
    ic_waiting_put(w, waiter);
    *out = waiter;
    return IC_OK;
}

void ic_waiter_forget_knock(struct ic_waiter *waiter)
{
    ic_text_unref(waiter->knock);
    waiter->knock = NULL;
}

void ic_waiting_take(struct ic_waiting *w, struct ic_waiter *waiter)
{
    struct ic_waiter **link = &w->first;

    while (*link != waiter)
        link = &(*link)->next;
    *link = waiter->next;
    w->count--;
    waiter->next = NULL;
    waiter->knocks = 0;
    ic_waiter_forget_knock(waiter);
}

void ic_waiting_let_in(struct ic_waiting *w, struct ic_waiter *waiter)
{
    ic_knocking_give_back(&w->knocking, waiter->address, waiter->knocks);
    ic_waiting_take(w, waiter);
}

void ic_waiter_free(struct ic_waiter *waiter)
{
    if (!waiter)
        return;
    ic_waiter_forget_knock(waiter);
    ic_secret_wipe(waiter, sizeof *waiter);
    free(waiter);
}

void ic_waiting_clear(struct ic_waiting *w)
{
    while (w->first) {
        struct ic_waiter *waiter = w->first;
        ic_waiting_take(w, waiter);
        ic_waiter_free(waiter);
    }
    ic_secret_wipe(w, sizeof *w);
}

struct ic_waiter *ic_waiting_find(const struct ic_waiting *w, const uint8_t id[IC_ID_LEN])
{
    for (struct ic_waiter *waiter = w->first; waiter; waiter = waiter->next)
        if (memcmp(waiter->id, id, IC_ID_LEN) == 0)
            return waiter;
    return NULL;
}

struct ic_waiter *ic_waiting_find_resumable(const struct ic_waiting *w,
                                            const uint8_t resume[IC_TOKEN_LEN])
{
    for (struct ic_waiter *waiter = w->first; waiter; waiter = waiter->next)
        if (ic_secret_equal(waiter->resume, resume, IC_TOKEN_LEN))
            return waiter;
    return NULL;
}

static uint32_t member_knock_wait(struct ic_waiter *waiter, int64_t now)
{
    bool may = ic_bucket_take(&waiter->member_knock_rate, MEMBER_KNOCKS_AT_ONCE,
                              MEMBER_KNOCK_SECONDS * IC_NS_PER_SEC, now);
    return may ? 0 : MEMBER_KNOCK_SECONDS * 1000;
}

uint32_t ic_waiting_knock_wait(struct ic_waiting *w, struct ic_waiter *waiter, bool is_member,
                               int64_t now)
{
    if (!is_member && waiter->knocks >= IC_KNOCKS_MAX)
        return UINT32_MAX;
    if (!ic_bucket_take(&waiter->knock_rate, 1, IC_NS_PER_SEC, now))
        return ic_bucket_wait_ms(&waiter->knock_rate, 1, IC_NS_PER_SEC, now);
    if (is_member)
        return member_knock_wait(waiter, now);
    uint32_t wait_ms = ic_knocking_wait(&w->knocking, waiter->address, now);
    waiter->knocks += wait_ms == 0;
    return wait_ms;
}

void ic_waiter_set_knock(struct ic_waiter *waiter, const char *sealed, bool returning)
{
    ic_waiter_forget_knock(waiter);
    waiter->knock = ic_text_new("", sealed, "");
    waiter->returning = returning;
}

static const struct ic_sent_away *find_address(const struct ic_waiting *w,
                                               const uint8_t address[IC_ADDRESS_LEN])
{
    for (uint32_t i = 0; i < w->sent_away_count; i++)
        if (ic_place_equal(w->sent_away[i].address, address))
            return &w->sent_away[i];
    return NULL;
}

/* When the table is full, the one that was refused longest ago makes way. */
static struct ic_sent_away *note_address(struct ic_waiting *w,
                                         const uint8_t address[IC_ADDRESS_LEN])
{
    struct ic_sent_away *place = &w->sent_away[0];

    for (uint32_t i = 0; i < w->sent_away_count; i++) {
        if (ic_place_equal(w->sent_away[i].address, address))
            return &w->sent_away[i];
        if (w->sent_away[i].refused_at < place->refused_at)
            place = &w->sent_away[i];
    }
    if (w->sent_away_count < IC_REFUSED_ADDRESSES)
        place = &w->sent_away[w->sent_away_count++];
    *place = (struct ic_sent_away){0};
    memcpy(place->address, address, IC_ADDRESS_LEN);
    return place;
}

void ic_waiting_note_refusal(struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN],
                             int64_t now)
{
    struct ic_sent_away *place = note_address(w, address);
    place->refusals++;
    place->refused_at = now;
}

void ic_waiting_note_removal(struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN])
{
    note_address(w, address)->removals++;
}

uint32_t ic_waiting_before(const struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN])
{
    const struct ic_sent_away *place = find_address(w, address);
    uint32_t times = place ? place->refusals + place->removals : 0;
    return times < IC_BEFORE_MAX ? times : IC_BEFORE_MAX;
}

uint32_t ic_waiting_refused_wait(const struct ic_waiting *w, const uint8_t address[IC_ADDRESS_LEN],
                                 int64_t now)
{
    const struct ic_sent_away *place = find_address(w, address);

    if (!place || place->refusals < 2)
        return 0;
    int64_t left = place->refused_at + IC_REFUSED_WAIT_MS * IC_NS_PER_MS - now;
    return left > 0 ? (uint32_t)(left / IC_NS_PER_MS) + 1 : 0;
}
