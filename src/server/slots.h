/* slots.h - who is heard and seen where: pure functions of a meeting.
 *
 * Voice slots hold open microphones; when there are more of those than slots, who speaks displaces
 * at once whoever has been silent longest. When all in the slots speak, who has spoken unheard for
 * IC_SLOTS_TURN_MS displaces whoever has been in a slot longest, one each IC_SLOTS_TURN_MS, so that
 * all are heard in turn. Stage and tiles hold what the participant asked for with `show`. Who comes
 * into a voice slot comes into the one beside the own tile (first with first, and so on), if that
 * is free: browsers keep those two in step. */
#pragma once

#include "server/meeting.h"

enum { IC_SLOTS_TURN_MS = 1500 };

/* Who sends something that is heard, in the order of joining. In a meeting of many listeners they
 * are few, and are found once for all. */
struct ic_slots_heard {
    uint32_t count;
    const struct ic_participant *who[IC_PEOPLE_MAX];
};

void ic_slots_find_heard(struct ic_slots_heard *heard, const struct ic_meeting *meeting);

/* What each line of `p` should show now; lines that are no slots get nothing. Keeps in place what
 * `p->lines[].point` shows already, unless somebody else's turn has come. */
void ic_slots_assign(struct ic_point points[IC_LINES_MAX], const struct ic_meeting *meeting,
                     const struct ic_slots_heard *heard, const struct ic_participant *p,
                     int64_t now);

/* May the passing of time alone change what ic_slots_assign() says for somebody: is it crowded, and
 * have more people spoken for a turn's time than there are slots? */
bool ic_slots_contended(const struct ic_meeting *meeting, int64_t now);

/* Is there somebody for whom more microphones are open than voice slots? */
bool ic_slots_crowded(const struct ic_meeting *meeting);

/* The smallest layer whose height is at least 0.9 of `wanted` pixels; else the biggest. `layers`
 * has a bit for each that is sent (0 l, 1 m, 2 h), 0 for a single encoding; `captured` is the
 * height of the whole, 0 if unknown. */
uint8_t ic_slots_layer(uint32_t layers, uint32_t captured, uint32_t wanted);
