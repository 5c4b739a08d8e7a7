/* signalling_fuzz.c - any bytes as a message: a struct whose values are in bounds, or a refusal. */
#include <stdlib.h>

#include "server/connection.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static struct ic_message message;
    static struct ic_participant participant;

    if (ic_message_parse(&message, (const char *)data, len) != IC_OK)
        return 0;
    if (!ic_message_is_sayable((const char *)data, len))
        abort();
    if (message.type == IC_MSG_CONNECT && ic_connection_is_good(&message))
        ic_connection_take(&participant, &message);
    ic_message_clear(&message);
    return 0;
}
