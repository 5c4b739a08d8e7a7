/* Everything that is kept is copied: the sealed frame's buffer is used again for the next. */
#include "client/redundancy.h"

/* With one older frame every twentieth packet lost makes one in 400 missing. */
enum { MUCH_LOST = 256 * 3 / 100 };
#define MUCH_LOST_HOLDS (10 * IC_NS_PER_SEC)

void ic_redundancy_lost(struct ic_redundancy *r, uint8_t fraction, int64_t now)
{
    if (fraction >= MUCH_LOST)
        r->lossy_until = now + MUCH_LOST_HOLDS;
}

static void add_block(struct ic_red *red, uint32_t offset, struct ic_bytes frame)
{
    red->blocks[red->count++] = (struct ic_red_block){(uint16_t)offset, frame};
}

static struct ic_red blocks_of(const struct ic_redundancy *r, struct ic_bytes frame,
                               uint32_t timestamp, int64_t now)
{
    struct ic_red red = {0};
    for (size_t i = now < r->lossy_until ? 0 : 1; i < IC_OLDER_MAX; i++) {
        const struct ic_older_frame *older = &r->older[i];
        uint32_t offset = timestamp - older->timestamp;
        if (older->len > 0 && offset <= IC_RED_OFFSET_MAX)
            add_block(&red, offset, (struct ic_bytes){older->bytes, older->len});
    }
    add_block(&red, 0, frame);
    return red;
}

static void remember(struct ic_redundancy *r, struct ic_bytes frame, uint32_t timestamp)
{
    struct ic_older_frame *newest = &r->older[IC_OLDER_MAX - 1];
    memmove(r->older, r->older + 1, (IC_OLDER_MAX - 1) * sizeof r->older[0]);
    newest->timestamp = timestamp;
    newest->len = frame.len <= IC_OLDER_LEN_MAX ? (uint16_t)frame.len : 0;
    memcpy(newest->bytes, frame.at, newest->len);
}

size_t ic_redundancy_payload(struct ic_redundancy *r, uint8_t *out, struct ic_bytes frame,
                             uint32_t timestamp, uint8_t pt, int64_t now)
{
    struct ic_red red = blocks_of(r, frame, timestamp, now);
    size_t len = ic_red_write_header(out, &red, pt);
    for (uint8_t i = 0; i < red.count; i++) {
        memcpy(out + len, red.blocks[i].frame.at, red.blocks[i].frame.len);
        len += red.blocks[i].frame.len;
    }
    remember(r, frame, timestamp);
    return len;
}
