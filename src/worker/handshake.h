/* handshake.h - drives a transport's DTLS handshake and makes its SRTP sessions from the result.
 *
 * A handshake costs as much as hundreds of packets, so each wake-up does few and the rest wait,
 * in a queue of fixed size, lest a crowd that joins stops the media of those who are in. */
#pragma once

#include "worker/net_io.h"

struct ic_worker;
struct ic_transport;
struct ic_handshakes;

enum ic_err ic_handshakes_new(struct ic_handshakes **out) IC_CHECKED;
void ic_handshakes_free(struct ic_handshakes *h);

/* A DTLS datagram from an address that passed an authenticated check. IC_ERR_FULL: too many wait,
 * in all or of this client, so that one that floods does not shut out the others. */
enum ic_err ic_handshake_receive(struct ic_worker *w, struct ic_transport *t,
                                 struct ic_bytes datagram) IC_CHECKED;

/* One with ourselves, before anybody is let in: a worker that cannot is of no use, and the first
 * client does not wait for the library's pages. */
enum ic_err ic_handshakes_rehearse(struct ic_worker *w) IC_CHECKED;

/* A transport or its handshake went away: its memory goes back to the system soon. */
void ic_handshakes_freed(struct ic_worker *w);

/* When ic_handshakes_run() has that to do; INT64_MAX: never. */
int64_t ic_handshakes_due(const struct ic_handshakes *h);

/* Takes what this wake-up can take of those that wait. */
void ic_handshakes_run(struct ic_worker *w);

/* Do any still wait? Then do not sleep. */
bool ic_handshakes_wait(const struct ic_handshakes *h);

/* Repeats a flight that is due. */
void ic_handshake_attend(struct ic_worker *w, struct ic_transport *t);
