/* control.h - for tests: steers one participant of a meeting with a group by lines, and tells what
 * its conference shows as JSON lines. Names are fine there and never in a log.
 *
 *   admit NAME | refuse NAME | remove NAME | ask NAME TEXT | answer TEXT | chat TEXT
 *   mute NAME (its microphone) | send-back NAME (to the waiting room) | safety NAME (its number)
 *   stop (everything of all others) | lock | unlock | open-room | close-room | replace-link | rekey
 *   make-host NAME | take-host NAME | invite | withdraw NUMBER | words | compare | same | different
 *   passcode TEXT (before: what is tried; inside: what it is from now on, none without TEXT)
 *   title TEXT (none without TEXT) | show-title | hide-title
 *   straight-in (who has an invite) | ask-first
 *
 * NAME may hold blanks, but in `ask` it is one word. */
#pragma once

#include <stdio.h>

#include "client/stats.h"
#include "e2ee/conference/conference.h"

struct ic_control;

/* `ordinal` says in each line whose it is. NULL: no memory. */
struct ic_control *ic_control_new(FILE *out, uint32_t ordinal) IC_CHECKED;
/* Whose passcodes are meant: before a line of commands. */
void ic_control_meeting(struct ic_control *control, const uint8_t meeting[IC_MEETING_LEN]);
void ic_control_free(struct ic_control *control);

/* Writes the event down, and remembers who it is about. */
void ic_control_show(struct ic_control *control, const struct ic_conference_event *event,
                     const struct ic_conference *conference);
/* An event that no conference shows. */
void ic_control_note(struct ic_control *control, const char *event);

/* What came so far, of the whole process. */
void ic_control_count(struct ic_control *control, const struct ic_stats *stats);

/* IC_ERR_MALFORMED: no such command; IC_ERR_NOT_FOUND: nobody of that name; else as the conference
 * says. What went wrong is told as an event too. */
enum ic_err ic_control_obey(struct ic_control *control, struct ic_conference *conference,
                            const char *line, int64_t now) IC_CHECKED;
