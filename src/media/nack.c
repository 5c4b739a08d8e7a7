/* Holes stay sorted: gaps open at the newest end only. */
#include "media/nack.h"

enum { WAIT_FADES = 16 };

void ic_nack_init(struct ic_nack *n)
{
    n->count = n->wait = 0;
}

static uint16_t low_ms(int64_t now)
{
    return (uint16_t)(now / IC_NS_PER_MS);
}

enum ic_err ic_nack_missed(struct ic_nack *n, uint32_t first, uint32_t end, int64_t now)
{
    if (end - first > IC_NACK_HOLES - n->count) {
        n->count = 0;
        return IC_ERR_FULL;
    }
    for (uint32_t seq = first; seq != end; seq++)
        n->holes[n->count++] = (struct ic_nack_hole){
            .due = now + IC_NACK_WAIT_LEAST + n->wait, .seq = seq, .opened_ms = low_ms(now)};
    return IC_OK;
}

/* The first hole not before `seq`. */
static uint32_t find(const struct ic_nack *n, uint32_t seq)
{
    uint32_t low = 0, high = n->count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if ((int32_t)(n->holes[middle].seq - seq) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void remove_holes(struct ic_nack *n, uint32_t at, uint32_t count)
{
    n->count -= count;
    memmove(&n->holes[at], &n->holes[at + count], (n->count - at) * sizeof n->holes[0]);
}

void ic_nack_repaired(struct ic_nack *n, uint32_t seq)
{
    uint32_t at = find(n, seq);
    if (at == n->count || n->holes[at].seq != seq)
        return;
    remove_holes(n, at, 1);
    n->wait -= n->wait / WAIT_FADES;
}

void ic_nack_overtaken(struct ic_nack *n, uint32_t seq, int64_t now)
{
    const int64_t most = IC_NACK_WAIT_MOST - IC_NACK_WAIT_LEAST;
    uint32_t at = find(n, seq);
    if (at == n->count || n->holes[at].seq != seq)
        return;
    int64_t late = (uint16_t)(low_ms(now) - n->holes[at].opened_ms) * IC_NS_PER_MS;
    late = late < most ? late : most;
    n->wait = late > n->wait ? (uint32_t)late : n->wait;
    remove_holes(n, at, 1);
}

void ic_nack_forget(struct ic_nack *n, uint32_t seq)
{
    remove_holes(n, 0, find(n, seq));
}

static int64_t retry_after(int64_t rtt)
{
    if (rtt == 0)
        return IC_NACK_RETRY_UNKNOWN;
    if (rtt < IC_NACK_RETRY_LEAST)
        return IC_NACK_RETRY_LEAST;
    return rtt > IC_NACK_RETRY_MOST ? IC_NACK_RETRY_MOST : rtt;
}

size_t ic_nack_due(struct ic_nack *n, int64_t now, int64_t rtt, uint16_t *seqs, size_t max)
{
    int64_t retry = retry_after(rtt);
    size_t count = 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n->count; i++) {
        struct ic_nack_hole hole = n->holes[i];
        if (hole.due <= now && count < max) {
            if (hole.tries == IC_NACK_TRIES)
                continue;
            seqs[count++] = (uint16_t)hole.seq;
            hole.due = now + (hole.tries == 0 ? IC_NACK_ECHO : retry);
            hole.tries++;
        }
        n->holes[kept++] = hole;
    }
    n->count = kept;
    return count;
}
