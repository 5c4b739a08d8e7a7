/* message.h - bytes that the library made and the caller sends: on the heap, to be cleared. */
#pragma once

#include "base/base.h"

struct ic_mls_message {
    uint8_t *at;
    size_t len;
};

static inline struct ic_bytes ic_mls_message_bytes(const struct ic_mls_message *message)
{
    return (struct ic_bytes){message->at, message->len};
}

/* A copy on the heap. IC_ERR_SYSTEM when there is no memory. */
enum ic_err ic_mls_message_copy(struct ic_mls_message *out, struct ic_bytes bytes) IC_CHECKED;

/* The same behind its size, as an opaque vector of MLS. IC_ERR_FULL when it is too long. */
enum ic_err ic_mls_message_vector(struct ic_mls_message *out, struct ic_bytes bytes) IC_CHECKED;

/* Wipes and frees; an empty one is fine. */
void ic_mls_message_clear(struct ic_mls_message *message);
