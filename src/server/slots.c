/* slots.c - the assignment is made anew each time from the whole meeting; what keeps it calm is
 * that somebody who is in a slot already stays in it while nothing better claims it. */
#include "server/slots.h"

enum { LAYER_H = 2 };

/* Somebody who could be in one of the slots of a kind. Lists of them are in the order of joining.
 */
struct candidate {
    const struct ic_participant *who;
    bool is_in;          /* already */
    int64_t shown_since; /* when it is in */
    bool chosen;
};

uint8_t ic_slots_layer(uint32_t layers, uint32_t captured, uint32_t wanted)
{
    uint8_t biggest = LAYER_H;

    for (uint8_t layer = 0; layer <= LAYER_H; layer++) {
        if (!(layers >> layer & 1))
            continue;
        uint32_t height = captured >> (LAYER_H - layer);
        biggest = layer;
        if (captured != 0 && height * 10 >= wanted * 9)
            return layer;
    }
    return biggest;
}

static bool shows(const struct ic_point *point, const struct ic_participant *who,
                  enum ic_stream stream)
{
    return point->transport != 0 && point->stream == stream &&
           memcmp(point->participant, who->id, IC_ID_LEN) == 0;
}

static struct ic_point point_at(const struct ic_participant *who, enum ic_stream stream,
                                uint8_t layer)
{
    struct ic_point point = {
        .transport = who->transport, .stream = (uint8_t)stream, .layer = layer};
    memcpy(point.participant, who->id, IC_ID_LEN);
    return point;
}

/* Who speaks, then who is in, then who spoke latest. */
static bool comes_before(const struct candidate *a, const struct candidate *b)
{
    if (a->who->speaking != b->who->speaking)
        return a->who->speaking;
    if (a->is_in != b->is_in)
        return a->is_in;
    return a->who->spoke_at > b->who->spoke_at;
}

/* Of several alike, who joined first. */
static struct candidate *best_left(struct candidate *all, uint32_t count)
{
    struct candidate *best = NULL;

    for (uint32_t i = 0; i < count; i++)
        if (!all[i].chosen && (!best || comes_before(&all[i], best)))
            best = &all[i];
    return best;
}

static bool is_slot_of(const struct ic_path_line *line, enum ic_slot_kind kind)
{
    return line->line.is_slot && line->slot == kind;
}

static uint32_t count_slots(const struct ic_participant *p, enum ic_slot_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->line_count; i++)
        count += is_slot_of(&p->lines[i], kind);
    return count;
}

static const struct ic_path_line *slot_with(const struct ic_participant *p, enum ic_slot_kind kind,
                                            const struct ic_participant *who, enum ic_stream stream)
{
    for (uint32_t i = 0; i < p->line_count; i++)
        if (is_slot_of(&p->lines[i], kind) && shows(&p->lines[i].point, who, stream))
            return &p->lines[i];
    return NULL;
}

void ic_slots_find_heard(struct ic_slots_heard *heard, const struct ic_meeting *meeting)
{
    heard->count = 0;
    for (uint32_t i = 0; i < meeting->count; i++) {
        const struct ic_participant *who = meeting->people[i];
        if (ic_participant_sends(who, IC_STREAM_MICROPHONE) ||
            ic_participant_sends(who, IC_STREAM_SCREEN_AUDIO))
            heard->who[heard->count++] = who;
    }
}

static uint32_t find_candidates(struct candidate *all, const struct ic_slots_heard *heard,
                                const struct ic_participant *p, enum ic_slot_kind kind,
                                enum ic_stream stream)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < heard->count; i++) {
        const struct ic_participant *who = heard->who[i];
        if (who == p || !ic_participant_sends(who, stream))
            continue;
        const struct ic_path_line *in = slot_with(p, kind, who, stream);
        all[count++] = (struct candidate){
            .who = who, .is_in = in != NULL, .shown_since = in ? in->shown_since : 0};
    }
    return count;
}

static bool has_spoken_for_a_turn(const struct ic_participant *who, int64_t now)
{
    return who->speaking && now - who->spoke_at >= IC_SLOTS_TURN_MS * IC_NS_PER_MS;
}

/* Of those who speak unheard, the next after `last`, in a circle: so each has a turn. */
static struct candidate *next_unheard(struct candidate *all, uint32_t count,
                                      const struct candidate *last, int64_t now)
{
    uint32_t at = (uint32_t)(last - all);

    for (uint32_t i = 1; i < count; i++) {
        struct candidate *next = &all[(at + i) % count];
        if (!next->chosen && has_spoken_for_a_turn(next->who, now))
            return next;
    }
    return NULL;
}

/* All who were chosen speak, or nobody speaks unheard. One who came in less than a turn ago means
 * that it is nobody's turn yet. */
static void take_turns(struct candidate *all, uint32_t count, int64_t now)
{
    struct candidate *oldest = NULL, *newest = NULL;

    for (uint32_t i = 0; i < count; i++) {
        if (!all[i].chosen)
            continue;
        if (!all[i].is_in)
            return;
        if (!oldest || all[i].shown_since < oldest->shown_since)
            oldest = &all[i];
        if (!newest || all[i].shown_since >= newest->shown_since)
            newest = &all[i];
    }
    if (!newest || now - newest->shown_since < IC_SLOTS_TURN_MS * IC_NS_PER_MS)
        return;
    struct candidate *next = next_unheard(all, count, newest, now);
    if (!next)
        return;
    oldest->chosen = false;
    next->chosen = true;
}

static const struct candidate *chosen_in(const struct candidate *all, uint32_t count,
                                         const struct ic_point *point, enum ic_stream stream)
{
    for (uint32_t i = 0; i < count; i++)
        if (all[i].chosen && shows(point, all[i].who, stream))
            return &all[i];
    return NULL;
}

static const struct ic_msg_show *wish_for(const struct ic_participant *p, const char *mid)
{
    for (uint32_t i = 0; i < p->wish_count; i++)
        if (strcmp(p->wishes[i].mid, mid) == 0)
            return &p->wishes[i];
    return NULL;
}

/* What the tile shows that browsers keep in step with the voice slot in line `at`: the first tile
 * with the first voice, and so on. NULL: nothing, or there is no such tile. */
static const struct ic_msg_show *picture_beside(const struct ic_participant *p, uint32_t at)
{
    uint32_t place = 0;

    for (uint32_t i = 0; i < at; i++)
        place += is_slot_of(&p->lines[i], IC_SLOT_VOICE);
    for (uint32_t i = 0; i < p->line_count; i++)
        if (is_slot_of(&p->lines[i], IC_SLOT_TILE) && place-- == 0)
            return wish_for(p, p->lines[i].line.mid);
    return NULL;
}

/* How well a voice slot suits `who`: 2 beside the own picture, 0 beside somebody else's. */
static int suits(const struct ic_participant *p, uint32_t at, const struct ic_participant *who)
{
    const struct ic_msg_show *beside = picture_beside(p, at);
    if (!beside)
        return 1;
    return memcmp(beside->participant, who->id, IC_ID_LEN) == 0 ? 2 : 0;
}

/* The free slot of this kind that suits `who` best; the first of several. There is one. */
static uint32_t best_slot(const struct ic_point *points, const struct ic_participant *p,
                          enum ic_slot_kind kind, const struct ic_participant *who)
{
    uint32_t best = IC_LINES_MAX;

    for (uint32_t i = 0; i < p->line_count; i++) {
        if (!is_slot_of(&p->lines[i], kind) || points[i].transport != 0)
            continue;
        if (best == IC_LINES_MAX ||
            (kind == IC_SLOT_VOICE && suits(p, i, who) > suits(p, best, who)))
            best = i;
    }
    return best;
}

/* Slots that fill themselves: `kind` with whoever sends `stream`. */
static void assign_heard(struct ic_point *points, const struct ic_slots_heard *heard,
                         const struct ic_participant *p, enum ic_slot_kind kind,
                         enum ic_stream stream, int64_t now)
{
    static struct candidate all[IC_PEOPLE_MAX]; /* too large to be cleared for each */
    struct candidate *best;
    uint32_t count = find_candidates(all, heard, p, kind, stream);

    for (uint32_t left = count_slots(p, kind); left > 0 && (best = best_left(all, count)); left--)
        best->chosen = true;
    if (kind == IC_SLOT_VOICE)
        take_turns(all, count, now);
    for (uint32_t i = 0; i < p->line_count; i++) {
        if (!is_slot_of(&p->lines[i], kind))
            continue;
        const struct candidate *stays = chosen_in(all, count, &p->lines[i].point, stream);
        if (stays)
            points[i] = point_at(stays->who, stream, LAYER_H);
    }
    for (uint32_t i = 0; i < count; i++)
        if (all[i].chosen && !all[i].is_in)
            points[best_slot(points, p, kind, all[i].who)] = point_at(all[i].who, stream, LAYER_H);
}

static struct ic_point answer_wish(const struct ic_meeting *meeting, const struct ic_participant *p,
                                   const struct ic_msg_show *wish)
{
    enum ic_stream stream = (enum ic_stream)wish->stream;
    const struct ic_participant *who = ic_meeting_find(meeting, wish->participant);
    const struct ic_path_line *line = who && who != p ? ic_participant_sends(who, stream) : NULL;

    if (!line || line->line.codec == IC_CODEC_OPUS)
        return (struct ic_point){0};
    return point_at(who, stream,
                    ic_slots_layer(line->line.layers, who->height[stream], wish->height));
}

void ic_slots_assign(struct ic_point points[IC_LINES_MAX], const struct ic_meeting *meeting,
                     const struct ic_slots_heard *heard, const struct ic_participant *p,
                     int64_t now)
{
    memset(points, 0, IC_LINES_MAX * sizeof *points);
    assign_heard(points, heard, p, IC_SLOT_VOICE, IC_STREAM_MICROPHONE, now);
    assign_heard(points, heard, p, IC_SLOT_SCREEN_AUDIO, IC_STREAM_SCREEN_AUDIO, now);
    for (uint32_t i = 0; i < p->line_count; i++) {
        const struct ic_path_line *line = &p->lines[i];
        if (!is_slot_of(line, IC_SLOT_STAGE) && !is_slot_of(line, IC_SLOT_TILE))
            continue;
        const struct ic_msg_show *wish = wish_for(p, line->line.mid);
        if (wish)
            points[i] = answer_wish(meeting, p, wish);
    }
}

bool ic_slots_crowded(const struct ic_meeting *meeting)
{
    uint32_t open = 0;

    for (uint32_t i = 0; i < meeting->count; i++)
        open += ic_participant_sends(meeting->people[i], IC_STREAM_MICROPHONE) != NULL;
    for (uint32_t i = 0; i < meeting->count; i++) {
        const struct ic_participant *p = meeting->people[i];
        uint32_t others = open - (ic_participant_sends(p, IC_STREAM_MICROPHONE) != NULL);
        if (p->transport != 0 && others > count_slots(p, IC_SLOT_VOICE))
            return true;
    }
    return false;
}

bool ic_slots_contended(const struct ic_meeting *meeting, int64_t now)
{
    uint32_t talkers = 0;

    for (uint32_t i = 0; meeting->crowded && i < meeting->count; i++)
        talkers += has_spoken_for_a_turn(meeting->people[i], now);
    for (uint32_t i = 0; talkers > 0 && i < meeting->count; i++) {
        const struct ic_participant *p = meeting->people[i];
        if (p->transport != 0 && talkers - p->speaking > count_slots(p, IC_SLOT_VOICE))
            return true;
    }
    return false;
}
