/* order_queue.h - orders to one worker that wait until its socket takes them: pointing the slots of
 * a big meeting is more than a socket holds at once. */
#pragma once

#include "base/base.h"
#include "media/control.h"

struct ic_order;

struct ic_order_queue {
    struct ic_order *first, **last;
    uint32_t count;
};

void ic_order_queue_init(struct ic_order_queue *queue);
void ic_order_queue_clear(struct ic_order_queue *queue);
bool ic_order_queue_is_empty(const struct ic_order_queue *queue);

/* A copy of `m`; `fd` goes with it and is the queue's then, -1: none. IC_ERR_FULL: the worker takes
 * nothing for long; IC_ERR_SYSTEM: no memory. On error `fd` stays the caller's. */
enum ic_err ic_order_queue_put(struct ic_order_queue *queue, const struct ic_control *m,
                               int fd) IC_CHECKED;

/* As many as the socket takes. One that is closed takes none: reading will tell. */
void ic_order_queue_send(struct ic_order_queue *queue, int to);
