/* messages_group.h - what the server says in a meeting with a group. What goes to many is a text of
 * its own; what is long and sealed is shared behind a head of the receiver's own. */
#pragma once

#include "server/group.h"
#include "server/http.h"
#include "server/meeting.h"

/* The end of a message whose last value is `sealed`, with its closing bracket. */
struct ic_text *ic_group_ending(const char *sealed);

/* For several receivers; the caller lets go of them. */
struct ic_text *ic_group_attended(bool attended);
struct ic_text *ic_group_carded(const char *sealed);
struct ic_text *ic_group_knocked(const struct ic_waiter *who, uint32_t before);
struct ic_text *ic_group_unknocked(const uint8_t participant[IC_ID_LEN]);
struct ic_text *ic_group_entered(const uint8_t participant[IC_ID_LEN]);
struct ic_text *ic_group_committed(uint32_t epoch, const uint8_t from[IC_ID_LEN],
                                   const char *sealed);
struct ic_text *ic_group_rejected(uint32_t epoch, const char *sealed);
struct ic_text *ic_group_message(const uint8_t from[IC_ID_LEN], const char *sealed);
struct ic_text *ic_group_left(const uint8_t participant[IC_ID_LEN], bool gone);

void ic_say_waiting(struct ic_socket *to, const struct ic_waiter *self,
                    const struct ic_group *group);
void ic_say_opened(struct ic_socket *to, const struct ic_group *group);
void ic_say_replied(struct ic_socket *to, const char *sealed, bool final);

/* `welcome` is an ending, or NULL. */
void ic_say_joined_group(struct ic_socket *to, const struct ic_meeting *meeting,
                         const struct ic_participant *self, uint32_t epoch,
                         struct ic_text *welcome);
/* It cannot follow from where it was. */
void ic_say_joined_behind(struct ic_socket *to, const struct ic_meeting *meeting,
                          const struct ic_participant *self);

/* `info` is an ending, or NULL. */
void ic_say_conflict(struct ic_socket *to, uint32_t head, struct ic_text *info);
void ic_say_removed(struct ic_socket *to);
void ic_say_replaced(struct ic_socket *to);
void ic_say_error_of(struct ic_socket *to, enum ic_refusal code, enum ic_message_type of,
                     int retry_after);
