/* workers.h - the media processes: started, watched, told what to do, started again.
 *
 * One incamera-media a core, each with its own port, and each linked with all others. What a worker
 * says is checked: it parses strangers' packets. All calls and call-backs are on the loop's thread.
 */
#pragma once

#include <uv.h>

#include "media/control.h"
#include "server/config.h"
#include "server/metrics.h"

struct ic_workers;

struct ic_workers_events {
    void (*ready)(void *owner, uint32_t worker);
    /* It died, and everything it had is gone; not called while stopping. */
    void (*lost)(void *owner, uint32_t worker);
    /* It could not be started several times in a row. It is tried again all the same. */
    void (*failed)(void *owner, uint32_t worker);
    void (*transport)(void *owner, uint32_t worker, uint32_t transport,
                      enum ic_transport_state state);
    void (*path)(void *owner, uint32_t worker, uint32_t transport,
                 const struct ic_transport_stats *path);
    /* It has no room for that transport of another worker. */
    void (*refused)(void *owner, uint32_t worker, uint32_t transport);
};

struct ic_workers_settings {
    uv_loop_t *loop;
    const struct ic_config *config;
    const char *program;
    const struct ic_workers_events *events;
    void *owner;
};

/* Starts the processes; `ready` is called later. `settings` must live as long as `out`. */
enum ic_err ic_workers_start(struct ic_workers **out,
                             const struct ic_workers_settings *settings) IC_CHECKED;

/* Tells them to stop and starts none again; those that do not go end with this process, whose side
 * of their socket closes. */
void ic_workers_stop(struct ic_workers *workers);

uint32_t ic_workers_count(const struct ic_workers *workers);
uint32_t ic_workers_ready_count(const struct ic_workers *workers);

/* Of the ready workers the one with the fewest rooms gets one more. `others` has a bit for each
 * that carries the same meeting; it is not one of them, and linked with all. IC_ERR_NOT_FOUND:
 * there is none. */
enum ic_err ic_workers_take_room(struct ic_workers *workers, uint64_t others, uint32_t *worker,
                                 uint32_t *room) IC_CHECKED;
void ic_workers_return_room(struct ic_workers *workers, uint32_t worker);

/* A number for a transport, never used before. */
uint32_t ic_workers_new_transport(struct ic_workers *workers);

/* Of a ready worker. */
uint16_t ic_workers_port(const struct ic_workers *workers, uint32_t worker);
const uint8_t *ic_workers_fingerprint(const struct ic_workers *workers, uint32_t worker);

/* What comes from there counts as relayed; of at most IC_RELAY_ADDRESSES_MAX in all. */
void ic_workers_add_relays(struct ic_workers *workers, const struct ic_address *addresses,
                           uint32_t count);

/* Fills in what is about workers. */
void ic_workers_metrics(const struct ic_workers *workers, struct ic_metrics *out);

/* Queues a copy. A worker that takes nothing for long is killed, and so becomes lost. */
void ic_workers_send(struct ic_workers *workers, uint32_t worker, const struct ic_control *m);
