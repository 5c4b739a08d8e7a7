/* link.h - the sockets to other workers, for meetings that have people on several.
 *
 * Records are gathered for each other worker and leave in one message at the end of a wake-up, or
 * when the message is full. Nothing waits: what a full socket refuses is counted and lost, as on
 * any way. The control process makes the sockets, and makes them anew when a worker starts again.
 */
#pragma once

#include "worker/crossing.h"

struct ic_worker;

/* Events of epoll: IC_LINK_EVENT_FIRST and the number of the other worker. */
#define IC_LINK_EVENT_FIRST (UINT64_C(1) << 16)

struct ic_link;

/* Takes a socket to worker `number` of fewer than IC_WORKERS_MAX; an older one is closed. On an
 * error it is closed as well. */
enum ic_err ic_link_open(struct ic_worker *w, uint32_t number, int fd) IC_CHECKED;
void ic_links_close(struct ic_worker *w);

/* Goes out with ic_links_flush(), or before. Without such a link it is counted as lost. */
void ic_link_say(struct ic_worker *w, uint32_t number, const struct ic_crossing_record *record);
void ic_links_flush(struct ic_worker *w);

/* Hands on what came. */
typedef void ic_link_heard(struct ic_worker *w, uint32_t number,
                           const struct ic_crossing_record *record);
void ic_link_event(struct ic_worker *w, uint32_t number, ic_link_heard *heard);
