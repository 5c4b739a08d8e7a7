/* messages.h - what the server says, in the words of grammar.h. What goes to many is a text of its
 * own; what is long and sealed is shared behind a head of the receiver's own. */
#pragma once

#include "server/http.h"
#include "server/meeting.h"
#include "server/relays.h"

enum { IC_NO_WAIT = -1 };

/* The end of a message whose last value is `sealed`, with its closing bracket. */
struct ic_text *ic_said_ending(const char *sealed);

/* For several receivers; the caller lets go of them. */
struct ic_text *ic_said_attended(bool attended);
struct ic_text *ic_said_carded(const char *sealed);
struct ic_text *ic_said_knocked(const struct ic_waiter *who, uint32_t before);
struct ic_text *ic_said_unknocked(const uint8_t participant[IC_ID_LEN]);
struct ic_text *ic_said_entered(const uint8_t participant[IC_ID_LEN]);
struct ic_text *ic_said_committed(uint32_t epoch, const uint8_t from[IC_ID_LEN],
                                  const char *sealed);
struct ic_text *ic_said_rejected(uint32_t epoch, const char *sealed);
struct ic_text *ic_said_message(const uint8_t from[IC_ID_LEN], const char *sealed);
struct ic_text *ic_said_left(const uint8_t participant[IC_ID_LEN], bool gone);

/* At the door. */
void ic_say_created(struct ic_socket *to, const uint8_t meeting[IC_ID_LEN]);
void ic_say_waiting(struct ic_socket *to, const struct ic_waiter *self,
                    const struct ic_group *group);
void ic_say_opened(struct ic_socket *to, const struct ic_group *group);
void ic_say_replied(struct ic_socket *to, const char *sealed, bool final);
void ic_say_replaced(struct ic_socket *to);

/* `welcome` is an ending, or NULL. */
void ic_say_joined(struct ic_socket *to, const struct ic_meeting *meeting,
                   const struct ic_participant *self, uint32_t epoch, struct ic_text *welcome);
/* It cannot follow from where it was. */
void ic_say_joined_behind(struct ic_socket *to, const struct ic_meeting *meeting,
                          const struct ic_participant *self);

/* `info` is an ending, or NULL. */
void ic_say_conflict(struct ic_socket *to, uint32_t head, struct ic_text *info);
void ic_say_removed(struct ic_socket *to);

/* What an `answer` tells besides the participant's lines. */
struct ic_answer_parts {
    const struct ic_ice_credentials *ours;
    const uint8_t *fingerprint; /* IC_FINGERPRINT_LEN bytes */
    const struct ic_addresses *addresses;
    uint16_t port;
};

/* Media. */
void ic_say_answer(struct ic_socket *to, const struct ic_participant *p,
                   const struct ic_answer_parts *parts);
void ic_say_restarted(struct ic_socket *to, uint32_t connection,
                      const struct ic_ice_credentials *ours);
void ic_say_relays(struct ic_socket *to, const struct ic_relays *relays,
                   const struct ic_relay_credentials *credentials);
/* Where each slot of `p` points. */
void ic_say_slots(struct ic_socket *to, const struct ic_participant *p);
void ic_say_voices(struct ic_socket *to, bool crowded);
/* `parts->ours`: of `count` ways. `credentials`: of the relays, if there are any. */
void ic_say_tried(struct ic_socket *to, const struct ic_answer_parts *parts, uint32_t count,
                  const struct ic_relays *relays, const struct ic_relay_credentials *credentials);
void ic_say_path(struct ic_socket *to, const struct ic_transport_stats *path);
void ic_say_wanted(struct ic_socket *to, enum ic_stream stream, uint8_t layers,
                   enum ic_codec codec);
void ic_say_reconnect(struct ic_socket *to);

void ic_say_ended(struct ic_socket *to);

/* `retry_after` in milliseconds, or IC_NO_WAIT. */
void ic_say_error(struct ic_socket *to, enum ic_refusal code, int retry_after);
void ic_say_error_of(struct ic_socket *to, enum ic_refusal code, enum ic_message_type of,
                     int retry_after);
