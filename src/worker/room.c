/* room.c - both ends of a pointing know each other's place, so that it is undone in one step. */
#include "worker/room.h"

#include <assert.h>
#include <stdlib.h>

enum { TAKERS_FIRST = 8 };

static struct ic_room *find_or_make(struct ic_rooms *rooms, uint32_t id)
{
    for (struct ic_room *room = rooms->first; room; room = room->next)
        if (room->id == id)
            return room;
    struct ic_room *room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    room->id = id;
    room->next = rooms->first;
    rooms->first = room;
    rooms->count++;
    return room;
}

static void end(struct ic_rooms *rooms, struct ic_room *room)
{
    struct ic_room **link = &rooms->first;

    while (*link != room)
        link = &(*link)->next;
    *link = room->next;
    rooms->count--;
    free(room);
}

enum ic_err ic_room_join(struct ic_rooms *rooms, uint32_t id, struct ic_member *member)
{
    struct ic_room *room = find_or_make(rooms, id);
    if (!room)
        return IC_ERR_SYSTEM;

    member->room = room;
    member->previous = NULL;
    member->next = room->first;
    if (room->first)
        room->first->previous = member;
    room->first = member;
    room->count++;
    return IC_OK;
}

/* The last taker moves into the freed place. */
static void unpoint(struct ic_member *member, uint32_t slot)
{
    struct ic_pointing *p = &member->pointings[slot];
    if (!p->source)
        return;

    struct ic_fanout *f = &p->source->fanouts[p->stream];
    struct ic_taker moved = f->takers[--f->count];
    f->takers[p->place] = moved;
    moved.member->pointings[moved.slot].place = p->place;
    *p = (struct ic_pointing){0};
}

void ic_room_leave(struct ic_rooms *rooms, struct ic_member *member, ic_room_lost *lost,
                   void *context)
{
    struct ic_room *room = member->room;

    for (uint32_t slot = 0; slot < IC_SLOTS_MAX; slot++)
        unpoint(member, slot);
    for (size_t stream = 0; stream < IC_STREAMS; stream++) {
        struct ic_fanout *f = &member->fanouts[stream];
        while (f->count > 0) {
            struct ic_taker taker = f->takers[f->count - 1];
            lost(context, taker.member, taker.slot);
            unpoint(taker.member, taker.slot);
        }
        free(f->takers);
        *f = (struct ic_fanout){0};
    }
    if (member->previous)
        member->previous->next = member->next;
    else
        room->first = member->next;
    if (member->next)
        member->next->previous = member->previous;
    member->room = NULL;
    if (--room->count == 0)
        end(rooms, room);
}

static bool grow(struct ic_fanout *f)
{
    if (f->count < f->size)
        return true;
    uint32_t size = f->size ? 2 * f->size : TAKERS_FIRST;
    struct ic_taker *takers = realloc(f->takers, size * sizeof *takers);
    if (!takers)
        return false;
    f->takers = takers;
    f->size = size;
    return true;
}

enum ic_err ic_room_point(struct ic_member *member, uint32_t slot, struct ic_member *source,
                          uint8_t stream)
{
    assert(slot < IC_SLOTS_MAX && stream < IC_STREAMS);
    struct ic_pointing *p = &member->pointings[slot];

    if (source && p->source == source && p->stream == stream)
        return IC_OK;
    unpoint(member, slot);
    if (!source)
        return IC_OK;
    if (source->room != member->room)
        return IC_ERR_FORBIDDEN;
    struct ic_fanout *f = &source->fanouts[stream];
    if (!grow(f))
        return IC_ERR_SYSTEM;
    *p = (struct ic_pointing){.source = source, .place = f->count, .stream = stream};
    f->takers[f->count++] = (struct ic_taker){member, slot};
    return IC_OK;
}
