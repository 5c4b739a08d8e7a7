/* messages.h - what the server says, in the words of grammar.h. */
#pragma once

#include "server/grammar.h"
#include "server/http.h"

enum { IC_NO_WAIT = -1 };

void ic_say_created(struct ic_socket *to, const uint8_t meeting[IC_ID_LEN]);

/* `retry_after` in milliseconds, or IC_NO_WAIT. */
void ic_say_error(struct ic_socket *to, enum ic_refusal code, int retry_after);
