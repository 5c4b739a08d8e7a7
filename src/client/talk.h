/* talk.h - between a conference and the messages of docs/protocol.md: what the server said, with
 * the binary values decoded, and what is to be said to it, as JSON. */
#pragma once

#include "client/messages.h"
#include "e2ee/conference/conference.h"

/* Hands on what concerns the group; the rest is IC_OK and changes nothing. Otherwise as the
 * conference says. */
enum ic_err ic_talk_hear(struct ic_conference *conference, const struct ic_heard *heard,
                         int64_t now) IC_CHECKED;

/* Of a message's type as docs/protocol.md writes it; IC_SAYS: no such. */
enum ic_say_type ic_talk_type(const char *word);

/* On the heap, for ic_signalling_say_take(). */
char *ic_talk_text(const struct ic_say *say);
