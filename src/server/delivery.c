/* delivery.c - a ring of the last commits, by epoch. */
#include "server/delivery.h"

#include <stdlib.h>

static size_t bytes_of(const struct ic_delivered *commit)
{
    return commit->committed->len + (commit->welcome ? commit->welcome->len : 0);
}

enum ic_offer ic_delivery_offer(struct ic_delivery *d, uint32_t epoch, bool by_keeper, int64_t now)
{
    enum ic_offer offer = IC_OFFER_TAKEN;

    if (epoch != d->head || d->head == IC_EPOCH_MAX)
        offer = IC_OFFER_CONFLICT;
    else if (!by_keeper && now < d->keepers_until)
        offer = IC_OFFER_TOO_FAST;
    else if (!ic_bucket_take(&d->rate, IC_COMMITS_AT_ONCE, IC_NS_PER_SEC / IC_COMMITS_A_SECOND,
                             now))
        offer = IC_OFFER_TOO_FAST;
    if (by_keeper && offer != IC_OFFER_TAKEN)
        d->keepers_until = now + IC_KEEPERS_FIRST_MS * IC_NS_PER_MS;
    return offer;
}

void ic_delivered_clear(struct ic_delivered *commit)
{
    ic_text_unref(commit->committed);
    ic_text_unref(commit->welcome);
    free(commit->brought);
    *commit = (struct ic_delivered){0};
}

static void drop_oldest(struct ic_delivery *d)
{
    struct ic_delivered *oldest = &d->log[(d->head - d->count) % IC_LOG_MAX];

    d->bytes -= bytes_of(oldest);
    d->count--;
    ic_delivered_clear(oldest);
}

void ic_delivery_add_take(struct ic_delivery *d, struct ic_delivered *commit)
{
    if (d->count == IC_LOG_MAX)
        drop_oldest(d);
    d->log[d->head % IC_LOG_MAX] = *commit;
    d->bytes += bytes_of(commit);
    d->head++;
    d->count++;
    while (d->bytes > IC_LOG_BYTES_MAX && d->count > 1)
        drop_oldest(d);
    *commit = (struct ic_delivered){0};
}

bool ic_delivery_reaches(const struct ic_delivery *d, uint32_t epoch)
{
    return epoch <= d->head && d->head - epoch <= d->count;
}

const struct ic_delivered *ic_delivery_at(const struct ic_delivery *d, uint32_t epoch)
{
    return epoch < d->head && ic_delivery_reaches(d, epoch) ? &d->log[epoch % IC_LOG_MAX] : NULL;
}

bool ic_delivery_was_ended(const struct ic_delivery *d, uint32_t epoch,
                           const uint8_t hash[IC_TOKEN_LEN])
{
    const struct ic_delivered *commit = ic_delivery_at(d, epoch);
    return commit && memcmp(commit->hash, hash, IC_TOKEN_LEN) == 0;
}

bool ic_delivery_take_back(struct ic_delivery *d, struct ic_delivered *commit)
{
    if (d->count == 0)
        return false;
    struct ic_delivered *last = &d->log[--d->head % IC_LOG_MAX];
    d->count--;
    d->bytes -= bytes_of(last);
    *commit = *last;
    *last = (struct ic_delivered){0};
    return true;
}

void ic_delivery_rejected_take(struct ic_delivery *d, uint32_t epoch, struct ic_text *rejected)
{
    ic_text_unref(d->rejects[0].rejected);
    memmove(d->rejects, d->rejects + 1, sizeof d->rejects - sizeof d->rejects[0]);
    d->rejects[IC_REJECTS_KEPT - 1] = (struct ic_delivery_reject){epoch, rejected};
}

static bool brought(const struct ic_delivered *commit, const uint8_t id[IC_ID_LEN])
{
    for (uint32_t i = 0; i < commit->brought_count; i++)
        if (memcmp(commit->brought[i], id, IC_ID_LEN) == 0)
            return true;
    return false;
}

const struct ic_delivered *ic_delivery_that_brought(const struct ic_delivery *d,
                                                    const uint8_t id[IC_ID_LEN], uint32_t *epoch)
{
    for (uint32_t back = 1; back <= d->count; back++) {
        const struct ic_delivered *commit = ic_delivery_at(d, d->head - back);
        if (brought(commit, id)) {
            *epoch = d->head - back;
            return commit;
        }
    }
    return NULL;
}

void ic_delivery_clear(struct ic_delivery *d)
{
    while (d->count > 0)
        drop_oldest(d);
    for (uint32_t i = 0; i < IC_REJECTS_KEPT; i++)
        ic_delivery_rejected_take(d, 0, NULL);
    d->head = 0;
    d->keepers_until = 0;
}
