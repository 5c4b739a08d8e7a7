/* slots.h - who is heard and seen where: pure functions of a meeting.
 *
 * Voice slots hold open microphones; when there are more of those than slots, people who speak come
 * before people who do not, and nobody is replaced without need. Stage and tiles hold what the
 * participant asked for with `show`. */
#pragma once

#include "server/meeting.h"

/* What each line of `p` should show now; lines that are no slots get nothing. Keeps in place what
 * `p->lines[].point` shows already. */
void ic_slots_assign(struct ic_point points[IC_LINES_MAX], const struct ic_meeting *meeting,
                     const struct ic_participant *p);

/* Is there somebody for whom more microphones are open than voice slots? */
bool ic_slots_crowded(const struct ic_meeting *meeting);

/* The smallest layer whose height is at least 0.9 of `wanted` pixels; else the biggest. `layers`
 * has a bit for each that is sent (0 l, 1 m, 2 h), 0 for a single encoding; `captured` is the
 * height of the whole, 0 if unknown. */
uint8_t ic_slots_layer(uint32_t layers, uint32_t captured, uint32_t wanted);
