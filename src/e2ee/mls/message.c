/* message.c - bytes on the heap. */
#include "e2ee/mls/message.h"

#include <stdlib.h>

#include "crypto/secret.h"

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

void ic_mls_message_clear(struct ic_mls_message *message)
{
    if (message->at)
        ic_secret_wipe(message->at, message->len);
    free(message->at);
    *message = (struct ic_mls_message){0};
}
