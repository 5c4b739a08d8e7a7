/* net_tcp.h - ICE-TCP connections that clients open to us (RFC 6544), packets framed by RFC 4571.
 *
 * For clients whose network carries no UDP. A fixed number of connections; when all are taken, the
 * oldest that did not authenticate makes room. A connection that does not keep up loses whole
 * packets, never parts. Used by net_io.c only. */
#pragma once

#include "worker/net_io.h"

struct ic_tcp;

/* Connections are registered in `epoll_fd` with `event_base` plus their number. */
enum ic_err ic_tcp_new(struct ic_tcp **out, int epoll_fd, uint64_t event_base) IC_CHECKED;
void ic_tcp_free(struct ic_tcp *tcp);

void ic_tcp_accept(struct ic_tcp *tcp, int listener);
void ic_tcp_event(struct ic_tcp *tcp, uint32_t number, uint32_t events,
                  struct ic_net_counts *counts, ic_net_receive *receive, void *context);

/* Keeps the connection when others need room. */
void ic_tcp_trust(struct ic_tcp *tcp, uint32_t number);

/* At once, with what waits for it here and in the kernel. */
void ic_tcp_close(struct ic_tcp *tcp, uint32_t number);

/* Queues one packet, or drops and counts it. ic_tcp_push() then sends what the kernel takes, of
 * what has not waited for too long. */
void ic_tcp_write(struct ic_tcp *tcp, uint32_t number, struct ic_bytes packet,
                  struct ic_net_counts *counts);
void ic_tcp_push(struct ic_tcp *tcp, uint32_t number, struct ic_net_counts *counts);

/* Connections that wait because their path queues: to be pushed every IC_FLIGHT_HOLD_MS. */
bool ic_tcp_holds(const struct ic_tcp *tcp);
void ic_tcp_push_held(struct ic_tcp *tcp, struct ic_net_counts *counts);
