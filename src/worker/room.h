/* room.h - who is in a room and which slots are pointed at whose streams.
 *
 * Pure bookkeeping: no packet, clock or socket. Each stream keeps a compact list of its takers, in
 * no order, which forwarding walks for every packet. Lists grow here, when a slot is pointed, and
 * never in between. */
#pragma once

#include "media/control.h"

enum { IC_SLOTS_MAX = 32 };

struct ic_member;

/* A slot that takes a stream. */
struct ic_taker {
    struct ic_member *member;
    uint32_t slot;
};

struct ic_fanout {
    struct ic_taker *takers;
    uint32_t count, size;
};

/* What a slot points at. */
struct ic_pointing {
    struct ic_member *source; /* NULL: nothing */
    uint32_t place;           /* in the fan-out of the source's stream */
    uint8_t stream;
};

struct ic_room {
    uint32_t id;
    uint32_t count;
    struct ic_member *first;
    struct ic_room *next;
};

/* Embedded in a transport, as its first field. Zeroed at first. */
struct ic_member {
    struct ic_room *room; /* NULL: in none */
    struct ic_member *next, *previous;
    struct ic_fanout fanouts[IC_STREAMS];
    struct ic_pointing pointings[IC_SLOTS_MAX];
};

/* All rooms of a worker. Zeroed at first. */
struct ic_rooms {
    struct ic_room *first;
    uint32_t count;
};

/* The first member makes the room, the last one's leaving ends it. IC_ERR_SYSTEM: no memory. */
enum ic_err ic_room_join(struct ic_rooms *rooms, uint32_t id, struct ic_member *member) IC_CHECKED;

/* Called for each slot that loses its source, before the list forgets it. */
typedef void ic_room_lost(void *context, struct ic_member *member, uint32_t slot);

/* Takes `member` out: its slots point at nothing, and so do the slots that took its streams. */
void ic_room_leave(struct ic_rooms *rooms, struct ic_member *member, ic_room_lost *lost,
                   void *context);

/* Points a slot at a stream of `source`, or with NULL at nothing. IC_ERR_FORBIDDEN: not in the same
 * room; IC_ERR_SYSTEM: no memory. On error the slot points at nothing. */
enum ic_err ic_room_point(struct ic_member *member, uint32_t slot, struct ic_member *source,
                          uint8_t stream) IC_CHECKED;
