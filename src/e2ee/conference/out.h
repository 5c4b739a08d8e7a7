/* out.h - inside a conference: what is to be said and shown, in order, until the caller takes it.
 */
#pragma once

#include "e2ee/conference/conference.h"

struct ic_out_node {
    struct ic_out_node *next;
    struct ic_say say;                /* in the queue of says; its bytes follow the node */
    struct ic_conference_event event; /* in that of events */
};

struct ic_out_queue {
    struct ic_out_node *first, **last;
    struct ic_out_node *taken; /* lent to the caller */
    bool failed;               /* memory ran out: something is missing */
};

void ic_out_init(struct ic_out_queue *queue);
/* Wipes what is left. */
void ic_out_clear(struct ic_out_queue *queue);

/* Copies all bytes. Without memory `failed` is set, for the caller of the conference to hear. */
void ic_out_say(struct ic_out_queue *queue, const struct ic_say *say);
void ic_out_event(struct ic_out_queue *queue, const struct ic_conference_event *event);

/* The oldest one, which lives until the next take; NULL when there is none. */
const struct ic_out_node *ic_out_take(struct ic_out_queue *queue);
