/* roster.h - the others in the meeting, as one participant knows them: by the group's tree, by
 * their own word, and by what came of their streams. */
#pragma once

#include "base/base.h"
#include "client/recording.h"
#include "client/stats.h"
#include "e2ee/e2ee.h"

struct ic_member {
    uint8_t participant[IC_PARTICIPANT_LEN];
    uint32_t index;
    uint32_t streams;             /* bit of each enum ic_stream that is live, by its own word */
    uint32_t wanted;              /* of these, the ones we expect frames of */
    int64_t frame_at[IC_STREAMS]; /* last useful frame; 0: none since it is wanted */
    struct ic_recording *recordings[IC_STREAMS];
};

/* Zeroed to begin with. Members are on the heap, since a thousand would not fit each participant.
 */
struct ic_roster {
    struct ic_member *members[IC_MEMBERS_MAX]; /* by index */
    uint32_t count;
    int64_t any_at[2]; /* last useful frame of anybody, sound and picture; 0: nobody is expected */
    const char *write_dir; /* NULL: nothing is written */
    uint32_t ordinal;      /* of the participant who owns the roster, for file names */
};

void ic_roster_clear(struct ic_roster *roster);

/* `participant` is at this leaf, where perhaps another one was. IC_ERR_FORBIDDEN: the
 * leaf is too big; IC_ERR_SYSTEM. */
enum ic_err ic_roster_seat(struct ic_roster *roster, const uint8_t participant[IC_PARTICIPANT_LEN],
                           unsigned leaf) IC_CHECKED;
void ic_roster_leave(struct ic_roster *roster, unsigned leaf);
/* Which of its streams are live, by its own word. */
void ic_roster_present(struct ic_roster *roster, unsigned leaf, uint32_t streams);

/* NULL if there is nobody of that id. */
struct ic_member *ic_roster_find(const struct ic_roster *roster,
                                 const uint8_t participant[IC_PARTICIPANT_LEN]);

/* `streams` of this member are expected from now on; only those that are live count. */
void ic_roster_want(struct ic_roster *roster, struct ic_member *member, uint32_t streams);

/* A useful frame of a member came. */
void ic_roster_frame(struct ic_roster *roster, struct ic_member *member, enum ic_stream stream,
                     enum ic_codec codec, struct ic_bytes frame, uint32_t timestamp,
                     struct ic_stats *stats, int64_t now);

/* Notes how long each wanted stream has been silent. Call before a line is written. */
void ic_roster_gaps(const struct ic_roster *roster, struct ic_stats *stats, int64_t now);
