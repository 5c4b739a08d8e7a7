/* demand.h - how many layers of a picture its sender should send: as many as the largest slot that
 * shows it takes. No I/O, no clock.
 *
 * All of them when the stream begins. More again at once, fewer when the rest was spare for
 * IC_DEMAND_PATIENCE, so that a change of layout does not cost a key frame. Never none: the
 * smallest picture is ready for whoever looks next, and nobody learns from silence that nobody
 * looks. */
#pragma once

#include "server/meeting.h"

#define IC_DEMAND_PATIENCE (5 * IC_NS_PER_SEC)

uint8_t ic_demand_layers(const struct ic_demand *d);

/* A slot takes the lowest `layers` layers. True: more are asked for than before. */
bool ic_demand_raise(struct ic_demand *d, uint8_t layers);

/* The largest slot takes `needed` layers now, 0 for no slot. True: fewer are asked for than
 * before. Call it about once a second. */
bool ic_demand_settle(struct ic_demand *d, uint8_t needed, int64_t now);

/* The best codec that the line of `who` can send and every slot of pictures in the meeting takes:
 * nobody ever gets one that he cannot show. Of several, AV1 before VP9 before
 * H.264 before the line's own. */
enum ic_codec ic_demand_codec(const struct ic_meeting *meeting, const struct ic_participant *who,
                              const struct ic_line *line);

/* What the slots of all others take of a stream of `who`. */
uint8_t ic_demand_needed(const struct ic_meeting *meeting, const struct ic_participant *who,
                         enum ic_stream stream);
