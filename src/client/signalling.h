/* signalling.h - the WebSocket of each participant, all on one libuv loop.
 *
 * The call-backs run on the loop's thread. Nothing here knows what the messages mean. */
#pragma once

#include <uv.h>

#include "base/base.h"
#include "client/messages.h"

/* One per process: the library's context. */
struct ic_signalling_hub;

/* `insecure`: any certificate of the server will do; also saves reading those of the authorities
 * where no server uses TLS. IC_ERR_SYSTEM when the library refuses. */
enum ic_err ic_signalling_hub_new(struct ic_signalling_hub **out, uv_loop_t *loop,
                                  bool insecure) IC_CHECKED;
/* Sockets must be free. Runs the loop until the library has let go of it, for a second at most. */
void ic_signalling_hub_free(struct ic_signalling_hub *hub);

/* `owner` is what ic_signalling_new() was given. */
struct ic_signalling_events {
    void (*opened)(void *owner);
    /* `heard` is valid during the call. */
    void (*heard)(void *owner, const struct ic_heard *heard);
    /* The socket is gone, or never came to be; `why` is one sentence. May be opened again. */
    void (*closed)(void *owner, const char *why);
};

struct ic_signalling;

/* `events` and `server` must outlive it. IC_ERR_SYSTEM: no memory. */
enum ic_err ic_signalling_new(struct ic_signalling **out, struct ic_signalling_hub *hub,
                              const struct ic_server_address *server,
                              const struct ic_signalling_events *events, void *owner) IC_CHECKED;
/* Closes without a call-back. */
void ic_signalling_free(struct ic_signalling *signalling);

/* Begins to connect; `opened` or `closed` follows. Only while closed. */
void ic_signalling_open(struct ic_signalling *signalling);

/* Queues a message and frees it. False: it is dropped, since the socket is not open. */
bool ic_signalling_say_take(struct ic_signalling *signalling, char *text);

/* Gives up the socket, whatever state it is in; `closed` follows. */
void ic_signalling_drop(struct ic_signalling *signalling);
