/* Who is there, and how long each stream has been silent. */
#include "client/roster.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "client/messages.h"

static void forget(struct ic_roster *roster, uint32_t index)
{
    struct ic_member *member = roster->members[index];
    if (!member)
        return;
    for (int i = 0; i < IC_STREAMS; i++)
        ic_recording_free(member->recordings[i]);
    free(member);
    roster->members[index] = NULL;
    roster->count--;
}

void ic_roster_clear(struct ic_roster *roster)
{
    for (uint32_t i = 0; i < IC_MEMBERS_MAX && roster->count > 0; i++)
        forget(roster, i);
}

struct ic_member *ic_roster_find(const struct ic_roster *roster,
                                 const uint8_t participant[IC_PARTICIPANT_LEN])
{
    for (uint32_t i = 0; i < IC_MEMBERS_MAX; i++) {
        struct ic_member *member = roster->members[i];
        if (member && memcmp(member->participant, participant, IC_PARTICIPANT_LEN) == 0)
            return member;
    }
    return NULL;
}

/* The member at `index`, made or replaced if it is another participant. */
static struct ic_member *seat(struct ic_roster *roster,
                              const uint8_t participant[IC_PARTICIPANT_LEN], uint32_t index)
{
    struct ic_member *member = roster->members[index];
    if (member && memcmp(member->participant, participant, IC_PARTICIPANT_LEN) == 0)
        return member;
    forget(roster, index);
    member = calloc(1, sizeof *member);
    if (!member)
        return NULL;
    memcpy(member->participant, participant, IC_PARTICIPANT_LEN);
    member->index = index;
    roster->members[index] = member;
    roster->count++;
    return member;
}

enum ic_err ic_roster_seat(struct ic_roster *roster, const uint8_t participant[IC_PARTICIPANT_LEN],
                           unsigned leaf)
{
    if (leaf >= IC_MEMBERS_MAX)
        return IC_ERR_FORBIDDEN;
    return seat(roster, participant, leaf) ? IC_OK : IC_ERR_SYSTEM;
}

/* Perhaps comes back under another id, or others do: silence since its last frame is no fault. */
void ic_roster_leave(struct ic_roster *roster, unsigned leaf)
{
    if (leaf >= IC_MEMBERS_MAX)
        return;
    forget(roster, leaf);
    memset(roster->any_at, 0, sizeof roster->any_at);
}

void ic_roster_present(struct ic_roster *roster, unsigned leaf, uint32_t streams)
{
    struct ic_member *member = leaf < IC_MEMBERS_MAX ? roster->members[leaf] : NULL;
    if (!member)
        return;
    member->streams = streams;
    ic_roster_want(roster, member, member->wanted);
}

void ic_roster_want(struct ic_roster *roster, struct ic_member *member, uint32_t streams)
{
    uint32_t before = member->wanted;
    member->wanted = streams & member->streams;
    if (before & ~member->wanted)
        memset(roster->any_at, 0, sizeof roster->any_at);
    for (int i = 0; i < IC_STREAMS; i++)
        if (!(member->wanted >> i & 1))
            member->frame_at[i] = 0;
}

/* DIRECTORY/0-a1b2c3d4-camera.ivf: who received, who sent, which stream. */
static void begin_recording(struct ic_roster *roster, struct ic_member *member,
                            enum ic_stream stream, enum ic_codec codec)
{
    char path[4096], id[2 * IC_PARTICIPANT_LEN + 1];
    ic_hex_encode(id, (struct ic_bytes){member->participant, 4});
    int len = snprintf(path, sizeof path, "%s/%u-%s-%s.%s", roster->write_dir, roster->ordinal, id,
                       ic_stream_name(stream), codec == IC_CODEC_VP8 ? "ivf" : "opus");
    if (len < 0 || (size_t)len >= sizeof path ||
        ic_recording_new(&member->recordings[stream], path, codec) != IC_OK) {
        fprintf(stderr, "incamera-client: --write: cannot write to %s\n", roster->write_dir);
        roster->write_dir = NULL;
    }
}

void ic_roster_frame(struct ic_roster *roster, struct ic_member *member, enum ic_stream stream,
                     enum ic_codec codec, struct ic_bytes frame, uint32_t timestamp,
                     struct ic_stats *stats, int64_t now)
{
    bool video = codec == IC_CODEC_VP8;
    if (member->wanted >> stream & 1) {
        int64_t before = member->frame_at[stream];
        if (before != 0)
            ic_stats_gap(stats, video, now - before);
        stats->now.freezes += video && before != 0 && now - before > IC_FREEZE_NS;
        if (roster->any_at[video] != 0)
            ic_stats_gap(stats, video, now - roster->any_at[video]);
        member->frame_at[stream] = roster->any_at[video] = now;
    }
    if (roster->write_dir && !member->recordings[stream])
        begin_recording(roster, member, stream, codec);
    if (member->recordings[stream])
        ic_recording_add(member->recordings[stream], frame, timestamp);
}

void ic_roster_gaps(const struct ic_roster *roster, struct ic_stats *stats, int64_t now)
{
    uint32_t seen = 0;
    for (int video = 0; video < 2; video++)
        if (roster->any_at[video] != 0)
            ic_stats_gap(stats, video, now - roster->any_at[video]);
    for (uint32_t i = 0; i < IC_MEMBERS_MAX && seen < roster->count; i++) {
        const struct ic_member *member = roster->members[i];
        if (!member)
            continue;
        seen++;
        for (int s = 0; s < IC_STREAMS; s++)
            if (member->frame_at[s] != 0)
                ic_stats_gap(stats, ic_stream_is_video((enum ic_stream)s),
                             now - member->frame_at[s]);
    }
}
