/* history.c - a packet's entry is its number modulo the size, so finding it is one comparison. Its
 * bytes are still there as long as no more than the ring holds has been written since. */
#include "media/history.h"

#include <assert.h>

enum { BYTES_LEAST = 2048 };

static bool is_power_of_two(uint32_t n)
{
    return n > 0 && (n & (n - 1)) == 0;
}

void ic_history_init(struct ic_history *h, uint8_t *memory, uint32_t packets, uint32_t bytes)
{
    assert(is_power_of_two(packets) && is_power_of_two(bytes) && bytes >= BYTES_LEAST);
    assert((uintptr_t)memory % _Alignof(struct ic_history_entry) == 0);
    *h = (struct ic_history){.entries = (struct ic_history_entry *)(void *)memory,
                             .bytes = memory + packets * sizeof(struct ic_history_entry),
                             .mask = packets - 1,
                             .size = bytes};
}

/* Where `len` bytes go in one piece; what is left at the end of the ring is passed over. */
static uint32_t claim(struct ic_history *h, uint32_t len)
{
    uint32_t left = h->size - (h->end & (h->size - 1));

    if (left < len)
        h->end += left;
    h->end += len;
    return h->end - len;
}

enum ic_err ic_history_put(struct ic_history *h, uint32_t seq, struct ic_bytes packet)
{
    struct ic_history_entry *entry = &h->entries[seq & h->mask];
    if (packet.len == 0 || packet.len > IC_RTP_PACKET_MAX)
        return IC_ERR_MALFORMED;
    if (entry->len > 0 && (int32_t)(seq - entry->seq) <= 0)
        return IC_ERR_REPLAYED;
    entry->seq = seq;
    entry->at = claim(h, (uint32_t)packet.len);
    entry->len = (uint16_t)packet.len;
    memcpy(h->bytes + (entry->at & (h->size - 1)), packet.at, packet.len);
    return IC_OK;
}

struct ic_bytes ic_history_get(const struct ic_history *h, uint32_t seq)
{
    const struct ic_history_entry *entry = &h->entries[seq & h->mask];
    if (entry->len == 0 || entry->seq != seq || h->end - entry->at > h->size)
        return (struct ic_bytes){0};
    return (struct ic_bytes){h->bytes + (entry->at & (h->size - 1)), entry->len};
}

void ic_history_forget(struct ic_history *h)
{
    memset(h->entries, 0, (h->mask + 1) * sizeof *h->entries);
}
