/* shares.h - what crosses between the workers of a meeting that has several parts: each stream goes
 * from the worker of its sender to those where a slot takes it, once each, up to the highest layer
 * that a slot there asks for.
 *
 * What is taken is found anew each time from all points; what was said before is kept with each
 * sender, and only the difference is said. No I/O, no clock. */
#pragma once

#include "server/meeting.h"

enum ic_share_kind {
    IC_SHARE_SOURCE,    /* to the other worker: `who` may be a source there */
    IC_SHARE_LAYERS,    /* to the worker of `who`: these layers of a stream go there, 0 for none */
    IC_SHARE_NO_SOURCE, /* to the other worker: nothing comes from `who` any more */
};

struct ic_share {
    enum ic_share_kind kind;
    const struct ic_participant *who;
    uint32_t worker; /* the other one */
    uint8_t stream, layers;
};

typedef void ic_share_said(void *owner, const struct ic_share *share);

/* Finds what is taken where, from the points of all lines. */
void ic_shares_find(struct ic_meeting *meeting);

/* Says what crosses from now on and did not before; this goes out before the points that take it.
 */
void ic_shares_begin(struct ic_meeting *meeting, ic_share_said *say, void *owner);

/* Says what does not cross any more; this goes out behind the points that took it. */
void ic_shares_end(struct ic_meeting *meeting, ic_share_said *say, void *owner);

/* `p` loses its path: says where nothing comes from it any more. Its own worker needs no word. */
void ic_shares_drop(const struct ic_participant *p, ic_share_said *say, void *owner);

/* The other worker could not take it: what was said of `p` there is void, and is said again with
 * the next change of the meeting. Its own worker hears that nothing crosses. */
void ic_shares_refused(struct ic_participant *p, uint32_t worker, ic_share_said *say, void *owner);
