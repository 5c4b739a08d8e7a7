/* A packet's place is its number modulo the size, so finding it is one comparison. */
#include "media/history.h"

#include <assert.h>

void ic_history_init(struct ic_history *h, struct ic_history_cell *cells, uint32_t count)
{
    assert(count > 0 && (count & (count - 1)) == 0);
    *h = (struct ic_history){cells, count - 1};
}

enum ic_err ic_history_put(struct ic_history *h, uint32_t seq, struct ic_bytes packet)
{
    struct ic_history_cell *cell = &h->cells[seq & h->mask];
    if (packet.len == 0 || packet.len > IC_RTP_PACKET_MAX)
        return IC_ERR_MALFORMED;
    if (cell->len > 0 && (int32_t)(seq - cell->seq) <= 0)
        return IC_ERR_REPLAYED;
    cell->seq = seq;
    cell->len = (uint16_t)packet.len;
    memcpy(cell->bytes, packet.at, packet.len);
    return IC_OK;
}

struct ic_bytes ic_history_get(const struct ic_history *h, uint32_t seq)
{
    const struct ic_history_cell *cell = &h->cells[seq & h->mask];
    if (cell->len == 0 || cell->seq != seq)
        return (struct ic_bytes){0};
    return (struct ic_bytes){cell->bytes, cell->len};
}

void ic_history_forget(struct ic_history *h)
{
    for (uint32_t i = 0; i <= h->mask; i++)
        h->cells[i].len = 0;
}
