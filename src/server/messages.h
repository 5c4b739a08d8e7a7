/* messages.h - what the server says, in the words of grammar.h. */
#pragma once

#include "server/http.h"
#include "server/meeting.h"

enum { IC_NO_WAIT = -1 };

/* What an `answer` tells besides the participant's lines. */
struct ic_answer_parts {
    const struct ic_ice_credentials *ours;
    const uint8_t *fingerprint; /* IC_FINGERPRINT_LEN bytes */
    const struct ic_addresses *addresses;
    uint16_t port;
};

void ic_say_created(struct ic_socket *to, const uint8_t meeting[IC_ID_LEN]);

/* `joined`, and `announced` for those that do not fit into one message. */
void ic_say_joined(struct ic_socket *to, const struct ic_meeting *meeting,
                   const struct ic_participant *self);
void ic_say_announced(struct ic_socket *to, const struct ic_participant *who);
void ic_say_left(struct ic_socket *to, const uint8_t participant[IC_ID_LEN]);
void ic_say_answer(struct ic_socket *to, const struct ic_participant *p,
                   const struct ic_answer_parts *parts);
void ic_say_restarted(struct ic_socket *to, uint32_t connection,
                      const struct ic_ice_credentials *ours);

/* Where each slot of `p` points. */
void ic_say_slots(struct ic_socket *to, const struct ic_participant *p);
void ic_say_voices(struct ic_socket *to, bool crowded);
void ic_say_reconnect(struct ic_socket *to);
void ic_say_ended(struct ic_socket *to);

/* `retry_after` in milliseconds, or IC_NO_WAIT. */
void ic_say_error(struct ic_socket *to, enum ic_refusal code, int retry_after);
