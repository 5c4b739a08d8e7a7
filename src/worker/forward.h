/* forward.h - one packet of a publisher, to everybody who takes its stream.
 *
 * For each slot: the slot writes its header into the send slab, the body is copied behind it, both
 * are sealed in place and wait for the flush. No allocation, no lock, no log. */
#pragma once

#include "media/publisher.h"

struct ic_worker;
struct ic_transport;
struct ic_slot;

void ic_forward(struct ic_worker *w, struct ic_transport *source, const struct ic_packet *packet);

/* The receiver missed packet `seq` of `slot`: sends it again, if it may. */
void ic_forward_again(struct ic_worker *w, struct ic_transport *t, struct ic_slot *slot,
                      uint16_t seq);

/* Sends packet `seq` of `slot`, which was written before but held back. */
void ic_forward_held(struct ic_worker *w, struct ic_transport *t, struct ic_slot *slot,
                     uint16_t seq);

/* Sends one packet of padding on some slot that can; returns its length, 0 if there is none. */
size_t ic_forward_padding(struct ic_worker *w, struct ic_transport *t);
