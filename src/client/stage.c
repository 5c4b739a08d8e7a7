/* Who is shown in which slot. */
#include "client/stage.h"

static bool sends(const struct ic_roster *roster, const uint8_t *participant, enum ic_stream stream)
{
    const struct ic_member *member = ic_roster_find(roster, participant);
    return member && member->streams >> stream & 1;
}

static bool has_tile(const struct ic_stage *stage, const uint8_t *participant)
{
    for (size_t i = 0; i < IC_TILES_MAX; i++)
        if (stage->tile_used[i] && memcmp(stage->tiles[i], participant, IC_PARTICIPANT_LEN) == 0)
            return true;
    return false;
}

/* Empties tiles whose camera went off, and fills empty ones; true if anything changed. */
static bool arrange_tiles(struct ic_stage *stage, const struct ic_roster *roster, size_t tiles)
{
    bool changed = false;
    uint32_t next = 0;
    for (size_t i = 0; i < tiles; i++) {
        if (stage->tile_used[i] && !sends(roster, stage->tiles[i], IC_STREAM_CAMERA)) {
            stage->tile_used[i] = false;
            changed = true;
        }
    }
    for (size_t i = 0; i < tiles; i++) {
        for (; !stage->tile_used[i] && next < IC_MEMBERS_MAX; next++) {
            const struct ic_member *member = roster->members[next];
            if (!member || !(member->streams >> IC_STREAM_CAMERA & 1) ||
                has_tile(stage, member->participant))
                continue;
            memcpy(stage->tiles[i], member->participant, IC_PARTICIPANT_LEN);
            stage->tile_used[i] = changed = true;
        }
    }
    return changed;
}

static bool arrange_screen(struct ic_stage *stage, const struct ic_roster *roster)
{
    bool was = stage->screen_used;
    if (was && sends(roster, stage->screen, IC_STREAM_SCREEN))
        return false;
    stage->screen_used = false;
    for (uint32_t i = 0; i < IC_MEMBERS_MAX && !stage->screen_used; i++) {
        const struct ic_member *member = roster->members[i];
        if (!member || !(member->streams >> IC_STREAM_SCREEN & 1))
            continue;
        memcpy(stage->screen, member->participant, IC_PARTICIPANT_LEN);
        stage->screen_used = true;
    }
    return was || stage->screen_used;
}

static void add_show(struct ic_show *shows, size_t *count, const struct ic_client_line *line,
                     const uint8_t *participant, enum ic_stream stream, uint32_t height)
{
    struct ic_show *s = &shows[(*count)++];
    *s = (struct ic_show){.stream = stream, .height = height};
    memcpy(s->mid, line->line.mid, sizeof s->mid);
    memcpy(s->participant, participant, IC_PARTICIPANT_LEN);
}

void ic_stage_forget(struct ic_stage *stage)
{
    *stage = (struct ic_stage){0};
}

bool ic_stage_update(struct ic_stage *stage, const struct ic_connect *connect,
                     const struct ic_roster *roster, uint32_t height,
                     struct ic_show shows[IC_SLOTS_MAX], size_t *count)
{
    size_t tiles = 0;
    for (uint32_t i = 0; i < connect->line_count; i++)
        tiles += connect->lines[i].line.is_slot && connect->lines[i].kind == IC_SLOT_TILE;
    bool changed = arrange_tiles(stage, roster, tiles);
    changed = arrange_screen(stage, roster) || changed;

    size_t tile = 0;
    *count = 0;
    for (uint32_t i = 0; i < connect->line_count; i++) {
        const struct ic_client_line *line = &connect->lines[i];
        if (!line->line.is_slot)
            continue;
        if (line->kind == IC_SLOT_STAGE && stage->screen_used)
            add_show(shows, count, line, stage->screen, IC_STREAM_SCREEN, height);
        if (line->kind == IC_SLOT_TILE && stage->tile_used[tile])
            add_show(shows, count, line, stage->tiles[tile], IC_STREAM_CAMERA, height);
        tile += line->kind == IC_SLOT_TILE;
    }
    return changed;
}

void ic_stage_want(const struct ic_stage *stage, struct ic_roster *roster, bool receiving,
                   bool crowded)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < IC_MEMBERS_MAX && seen < roster->count; i++) {
        struct ic_member *member = roster->members[i];
        if (!member)
            continue;
        seen++;
        uint32_t wanted = 0;
        if (receiving && !crowded)
            wanted |= 1 << IC_STREAM_MICROPHONE | 1 << IC_STREAM_SCREEN_AUDIO;
        if (receiving && has_tile(stage, member->participant))
            wanted |= 1 << IC_STREAM_CAMERA;
        if (receiving && stage->screen_used &&
            memcmp(stage->screen, member->participant, IC_PARTICIPANT_LEN) == 0)
            wanted |= 1 << IC_STREAM_SCREEN;
        ic_roster_want(roster, member, wanted);
    }
}
