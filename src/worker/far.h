/* far.h - a meeting that has people on several workers: what of a stream goes to which of them, and
 * what comes from there.
 *
 * Somebody of another worker is here a transport that has send lines only. Its packets come over a
 * link, opened, and go the way of all others: history, slots, layers, estimators. What it would be
 * asked by feedback goes back over the link: key frames, packets that were missed, the worst
 * loss. */
#pragma once

#include "worker/crossing.h"

struct ic_packet;
struct ic_transport;
struct ic_worker;

/* Of ours: these layers of a stream go to a worker from now on. IC_ERR_SYSTEM: no memory. */
enum ic_err ic_far_share(struct ic_transport *t, uint32_t worker, uint8_t stream,
                         uint8_t layers) IC_CHECKED;

/* A packet of ours, before it is forwarded here. */
void ic_far_cross(struct ic_worker *w, struct ic_transport *t, const struct ic_packet *packet);

/* A sender report of ours came: it goes behind the next packet. */
void ic_far_owe_reports(struct ic_transport *t, uint32_t ssrc);

/* A record came from that worker. */
void ic_far_heard(struct ic_worker *w, uint32_t worker, const struct ic_crossing_record *record);

/* Asks for what a far one is to send. */
void ic_far_ask(struct ic_worker *w, struct ic_transport *t);
