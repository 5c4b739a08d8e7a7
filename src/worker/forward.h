/* forward.h - the packets of a publisher, to everybody who takes its stream.
 *
 * The packets of a frame come together, and are gathered: then each receiver in turn gets all of
 * them, so that its keys and its slot are fetched once and its run lies in one piece. For each slot
 * and packet the slot writes its header into the send slab, the body is copied behind it, both are
 * sealed in place and wait for the flush. No allocation, no lock, no log. */
#pragma once

#include "media/publisher.h"

struct ic_worker;
struct ic_transport;

/* Goes out with the next ic_forward_now(), or before, if anybody can take it. */
void ic_forward(struct ic_worker *w, struct ic_transport *source, const struct ic_packet *packet);

/* Whatever was gathered goes out: before anything is pointed elsewhere or leaves, and at the end of
 * each wake-up. */
void ic_forward_now(struct ic_worker *w);

/* The receiver missed packet `seq` of `slot`: sends it again, if it may and that was not done less
 * than `apart` (ns; 0 unknown) ago. How long it was; 0: it was not sent. */
size_t ic_forward_again(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq,
                        int64_t apart);

/* Sends packet `seq` of `slot`, which was written before but held back. */
void ic_forward_held(struct ic_worker *w, struct ic_transport *t, uint32_t slot, uint16_t seq);

/* Sends one packet of padding on some slot that can; returns its length, 0 if there is none. */
size_t ic_forward_padding(struct ic_worker *w, struct ic_transport *t);
