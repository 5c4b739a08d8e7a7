/* directory.h - all transports of a worker: by id, by a client's address, by ufrag, by when they
 * need attention.
 *
 * An address leads to a transport only after an authenticated connectivity check came from it. */
#pragma once

#include "base/address.h"
#include "worker/index.h"

enum { IC_TRANSPORTS_MAX = 4096 };

struct ic_transport;

/* Zeroed at first, then ic_directory_init(). */
struct ic_directory {
    uint32_t count;
    uint32_t end; /* places in use are below */
    struct ic_transport *transports[IC_TRANSPORTS_MAX];
    uint32_t ids[IC_TRANSPORTS_MAX];
    int64_t due[IC_TRANSPORTS_MAX];  /* in a row of their own: they are all looked at */
    bool changed[IC_TRANSPORTS_MAX]; /* its state is not what the control process knows */
    int64_t next_due;                /* none is due before */
    struct ic_index addresses;
    struct ic_index ufrags;
};

void ic_directory_init(struct ic_directory *d);
void ic_directory_clear(struct ic_directory *d);

/* Sets `*place`, the transport's number while it lives. IC_ERR_FULL. */
enum ic_err ic_directory_add(struct ic_directory *d, struct ic_transport *t, uint32_t id,
                             uint32_t *place) IC_CHECKED;
/* Its addresses and ufrags must have been removed. */
void ic_directory_remove(struct ic_directory *d, uint32_t place);

/* NULL if there is none. */
struct ic_transport *ic_directory_find(const struct ic_directory *d, uint32_t id);
struct ic_transport *ic_directory_by_ufrag(const struct ic_directory *d, struct ic_bytes ufrag);

/* All that a check came to from this address, one a call: with `*cursor` 0 the first. */
struct ic_transport *ic_directory_next(const struct ic_directory *d,
                                       const struct ic_address *address, uint32_t *cursor);

uint32_t ic_directory_ufrag_hash(struct ic_bytes ufrag);

/* The transport wants attention no later than `when`. */
void ic_directory_schedule(struct ic_directory *d, uint32_t place, int64_t when);

/* Hands every transport that is due to `attend`, which returns when it wants to be called next. */
typedef int64_t ic_directory_attend(void *context, struct ic_transport *t);
void ic_directory_run(struct ic_directory *d, int64_t now, ic_directory_attend *attend,
                      void *context);
