/* A ring of places by sequence number:
 *
 *     next                newest
 *       |                   |
 *     [ A1 ][ A2 ][    ][ B2 ]      A is whole and comes out; B waits for its first packet
 */
#include "client/jitter.h"

#include <stdlib.h>

#define NO_CELL UINT32_MAX

enum ic_err ic_cells_new(struct ic_cells *cells, uint32_t count)
{
    struct ic_cells c = {malloc(count * sizeof *c.bytes), malloc(count * sizeof *c.free), count};
    if (!c.bytes || !c.free) {
        ic_cells_free(&c);
        return IC_ERR_SYSTEM;
    }
    for (uint32_t i = 0; i < count; i++)
        c.free[i] = count - 1 - i; /* low cells first, so that few pages are touched */
    *cells = c;
    return IC_OK;
}

void ic_cells_free(struct ic_cells *cells)
{
    free(cells->bytes);
    free(cells->free);
    *cells = (struct ic_cells){0};
}

static struct ic_jitter_place *place_of(struct ic_jitter *j, uint32_t seq)
{
    return &j->places[seq & (IC_JITTER_PLACES - 1)];
}

/* The packet `seq` if it is here. */
static const struct ic_jitter_packet *packet_of(const struct ic_jitter *j, uint32_t seq)
{
    const struct ic_jitter_place *p = &j->places[seq & (IC_JITTER_PLACES - 1)];
    return p->cell != NO_CELL && p->seq == seq ? &p->packet : NULL;
}

static void empty(struct ic_jitter *j, struct ic_jitter_place *place)
{
    if (place->cell == NO_CELL)
        return;
    j->cells->free[j->cells->free_count++] = place->cell;
    place->cell = NO_CELL;
}

void ic_jitter_init(struct ic_jitter *j, struct ic_cells *cells, int64_t patience_ns)
{
    memset(j, 0, sizeof *j);
    j->cells = cells;
    j->patience_ns = patience_ns;
    for (size_t i = 0; i < IC_JITTER_PLACES; i++)
        j->places[i].cell = NO_CELL;
}

void ic_jitter_clear(struct ic_jitter *j)
{
    for (size_t i = 0; i < IC_JITTER_PLACES; i++)
        empty(j, &j->places[i]);
    j->started = false;
}

/* `next` moves on to `seq`; what is left behind is gone. */
static void move_to(struct ic_jitter *j, uint32_t seq)
{
    for (; j->next != seq; j->next++) {
        struct ic_jitter_place *place = place_of(j, j->next);
        if (place->seq == j->next)
            empty(j, place);
    }
}

static void begin(struct ic_jitter *j, uint32_t seq)
{
    if (j->started) {
        j->dropped++;
        j->broken = true;
    }
    ic_jitter_clear(j);
    j->started = true;
    j->any_key = false;
    j->next = j->newest = seq;
}

enum ic_err ic_jitter_put(struct ic_jitter *j, const struct ic_jitter_packet *packet)
{
    if (packet->payload.len > IC_CELL_SIZE)
        return IC_ERR_MALFORMED;
    if (!j->started || packet->seq - j->next >= IC_JITTER_PLACES) {
        bool late = j->started && (int32_t)(packet->seq - j->next) < 0;
        if (late)
            return IC_ERR_REPLAYED;
        begin(j, packet->seq);
    }
    struct ic_jitter_place *place = place_of(j, packet->seq);
    if (place->cell != NO_CELL)
        return IC_ERR_REPLAYED;
    if (j->cells->free_count == 0)
        return IC_ERR_FULL;

    place->cell = j->cells->free[--j->cells->free_count];
    place->seq = packet->seq;
    place->packet = *packet;
    place->packet.payload.at = j->cells->bytes[place->cell];
    if (packet->payload.len > 0)
        memcpy(j->cells->bytes[place->cell], packet->payload.at, packet->payload.len);
    if ((int32_t)(packet->seq - j->newest) > 0)
        j->newest = packet->seq;
    if (packet->key && (!j->any_key || (int32_t)(packet->seq - j->key) > 0)) {
        j->any_key = true;
        j->key = packet->seq;
    }
    return IC_OK;
}

/* The last packet of the frame that begins at `seq`, if all of it is here. */
static bool whole_from(const struct ic_jitter *j, uint32_t seq, uint32_t *last)
{
    const struct ic_jitter_packet *first = packet_of(j, seq);
    if (!first || !first->first)
        return false;
    for (uint32_t at = seq; (int32_t)(j->newest - at) >= 0; at++) {
        const struct ic_jitter_packet *p = packet_of(j, at);
        if (!p || p->timestamp != first->timestamp)
            return false;
        if (p->last) {
            *last = at;
            return true;
        }
    }
    return false;
}

/* The oldest arrival of what waits, which is what patience is counted from. */
static int64_t waiting_since(const struct ic_jitter *j)
{
    int64_t since = INT64_MAX;
    for (uint32_t at = j->next; j->started && (int32_t)(j->newest - at) >= 0; at++) {
        const struct ic_jitter_packet *p = packet_of(j, at);
        if (p && p->arrived < since)
            since = p->arrived;
    }
    return since;
}

/* Nothing whole at `next`: give up what has been waited for too long, up to the next whole frame,
 * or everything if there is none. */
static bool give_up(struct ic_jitter *j, int64_t now)
{
    uint32_t last, at = j->next;
    int64_t since = waiting_since(j);
    if (since == INT64_MAX || now - since < j->patience_ns)
        return false;
    while ((int32_t)(j->newest - at) >= 0 && (at == j->next || !whole_from(j, at, &last)))
        at++;
    move_to(j, at);
    j->dropped++;
    j->broken = true;
    if ((int32_t)(j->newest - j->next) < 0)
        j->newest = j->next - 1;
    return true;
}

/* Nothing whole at `next`, but a key frame behind it: nobody needs to wait for what it replaces. */
static bool skip_to_key(struct ic_jitter *j)
{
    uint32_t last;
    if (!j->any_key || (int32_t)(j->key - j->next) <= 0 || !whole_from(j, j->key, &last))
        return false;
    move_to(j, j->key);
    j->dropped++;
    return true;
}

static void describe(struct ic_jitter_frame *frame, const struct ic_jitter_packet *p)
{
    frame->len += p->payload.len;
    frame->copied = frame->copied || p->copied;
    if (p->arrived > frame->arrived) {
        frame->arrived = p->arrived;
        frame->arrived_wall = p->arrived_wall;
    }
}

enum ic_err ic_jitter_next(struct ic_jitter *j, int64_t now, uint8_t *out, size_t size,
                           struct ic_jitter_frame *frame)
{
    uint32_t last;
    if (!j->started)
        return IC_ERR_NOT_FOUND;
    while (!whole_from(j, j->next, &last))
        if (!skip_to_key(j) && !give_up(j, now))
            return IC_ERR_NOT_FOUND;

    const struct ic_jitter_packet *first = packet_of(j, j->next);
    struct ic_jitter_frame f = {.timestamp = first->timestamp,
                                .key = first->key,
                                .arrived = INT64_MIN,
                                .broken = j->broken && !first->key};
    for (uint32_t at = j->next; at != last + 1; at++)
        describe(&f, packet_of(j, at));
    if (f.len > size) {
        ic_jitter_done(j);
        j->dropped++;
        j->broken = true;
        return IC_ERR_FULL;
    }
    size_t copied = 0;
    for (uint32_t at = j->next; at != last + 1; at++) {
        const struct ic_jitter_packet *p = packet_of(j, at);
        if (p->payload.len > 0)
            memcpy(out + copied, p->payload.at, p->payload.len);
        copied += p->payload.len;
    }
    *frame = f;
    return IC_OK;
}

void ic_jitter_done(struct ic_jitter *j)
{
    uint32_t last;
    if (!j->started || !whole_from(j, j->next, &last))
        return;
    if (packet_of(j, j->next)->key)
        j->broken = false;
    move_to(j, last + 1);
}

int64_t ic_jitter_next_timeout(const struct ic_jitter *j)
{
    int64_t since = waiting_since(j);
    return since == INT64_MAX ? INT64_MAX : since + j->patience_ns;
}
