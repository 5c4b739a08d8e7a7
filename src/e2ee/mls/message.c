/* message.c - bytes on the heap. */
#include "e2ee/mls/message.h"

#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"

enum ic_err ic_mls_message_copy(struct ic_mls_message *out, struct ic_bytes bytes)
{
    uint8_t *at = malloc(bytes.len > 0 ? bytes.len : 1);
    if (!at)
        return IC_ERR_SYSTEM;
    if (bytes.len > 0)
        memcpy(at, bytes.at, bytes.len);
    *out = (struct ic_mls_message){at, bytes.len};
    return IC_OK;
}

enum ic_err ic_mls_message_vector(struct ic_mls_message *out, struct ic_bytes bytes)
{
    if (bytes.len > IC_MLS_SIZE_MAX)
        return IC_ERR_FULL;
    size_t size = ic_mls_header_len(bytes.len) + bytes.len;
    uint8_t *at = malloc(size);
    if (!at)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(at, size);
    ic_mls_write_vector(&w, bytes);
    *out = (struct ic_mls_message){at, w.len};
    return IC_OK;
}

void ic_mls_message_clear(struct ic_mls_message *message)
{
    if (message->at)
        ic_secret_wipe(message->at, message->len);
    free(message->at);
    *message = (struct ic_mls_message){0};
}
