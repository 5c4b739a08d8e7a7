/* What crosses between the workers of a meeting: rows by hand, and a long random meeting in which
 * four media workers are modelled that only know what they were told. */
#include "server/shares.h"

#include "tests/server/member.h"
#include "tests/test.h"

enum { PEOPLE = 10, WORKERS = 4, SLOTS = 5, TRANSPORTS = 4000, STEPS = 6000 };

static struct ic_meeting *meeting;
static uint32_t last_transport;

/* What the workers know. */
static struct {
    bool source[TRANSPORTS][WORKERS];
    uint8_t crosses[TRANSPORTS][WORKERS][IC_STREAMS];
    int said;
} told;

static int make_meeting(void **state)
{
    static const uint8_t id[IC_ID_LEN] = {1};
    (void)state;

    memset(&told, 0, sizeof told);
    last_transport = 0;
    meeting = ic_meeting_new(id);
    for (int i = 0; i < PEOPLE; i++)
        ic_test_member(meeting, PEOPLE);
    return 0;
}

static int end_meeting(void **state)
{
    (void)state;
    ic_meeting_free(meeting);
    return 0;
}

static void hear(void *owner, const struct ic_share *share)
{
    uint32_t transport = share->who->transport;
    (void)owner;

    told.said++;
    assert_true(share->worker != share->who->worker);
    switch (share->kind) {
    case IC_SHARE_SOURCE:
        assert_false(told.source[transport][share->worker]);
        assert_non_null(ic_meeting_part(meeting, share->worker));
        told.source[transport][share->worker] = true;
        break;
    case IC_SHARE_LAYERS:
        assert_int_not_equal(told.crosses[transport][share->worker][share->stream], share->layers);
        told.crosses[transport][share->worker][share->stream] = share->layers;
        break;
    case IC_SHARE_NO_SOURCE:
        assert_true(told.source[transport][share->worker]);
        told.source[transport][share->worker] = false;
        break;
    }
}

static void join_part(struct ic_participant *p, uint32_t worker)
{
    p->transport = ++last_transport;
    p->worker = worker;
    p->line_count = 0;
    for (int stream = 0; stream < IC_STREAMS; stream++) {
        bool sound = stream == IC_STREAM_MICROPHONE || stream == IC_STREAM_SCREEN_AUDIO;
        struct ic_path_line *line = &p->lines[p->line_count++];
        *line = (struct ic_path_line){.line.stream = (uint8_t)stream};
        line->line.codec = sound ? IC_CODEC_OPUS : IC_CODEC_VP8;
        line->line.layers = stream == IC_STREAM_CAMERA ? 7 : 0;
    }
    for (int slot = 0; slot < SLOTS; slot++)
        p->lines[p->line_count++] = (struct ic_path_line){.line.is_slot = true};
    if (!ic_meeting_part(meeting, worker))
        ic_meeting_add_part(meeting, (struct ic_part){.worker = worker, .room = 1 + worker});
}

static void point(struct ic_participant *p, int slot, const struct ic_participant *who, int stream,
                  int layer)
{
    p->lines[IC_STREAMS + slot].point = (struct ic_point){
        .transport = who ? who->transport : 0, .stream = (uint8_t)stream, .layer = (uint8_t)layer};
}

/* As the server does; `takes_all` is looked at when the points go out. */
static void settle(void (*takes_all)(void))
{
    ic_shares_find(meeting);
    ic_shares_begin(meeting, hear, NULL);
    if (takes_all)
        takes_all();
    ic_shares_end(meeting, hear, NULL);
}

/* Rows by hand. */

TEST(shares_cross_nothing_in_a_meeting_on_one_worker)
{
    for (int i = 0; i < PEOPLE; i++) {
        join_part(meeting->people[i], 2);
        meeting->people[i]->live[IC_STREAM_MICROPHONE] = true;
    }
    for (int i = 1; i < PEOPLE; i++)
        point(meeting->people[i], 0, meeting->people[0], IC_STREAM_MICROPHONE, 2);
    settle(NULL);
    assert_int_equal(told.said, 0);
}

TEST(shares_of_a_voice_cross_once_however_many_hear_it)
{
    struct ic_participant *speaker = meeting->people[0];

    for (int i = 0; i < PEOPLE; i++)
        join_part(meeting->people[i], i < 3 ? 0 : 1);
    speaker->live[IC_STREAM_MICROPHONE] = true;
    for (int i = 1; i < PEOPLE; i++)
        point(meeting->people[i], 0, speaker, IC_STREAM_MICROPHONE, 2);
    settle(NULL);
    assert_int_equal(told.said, 2); /* the source, and its stream */
    assert_true(told.source[speaker->transport][1]);
    assert_int_equal(told.crosses[speaker->transport][1][IC_STREAM_MICROPHONE], 1);
    settle(NULL);
    assert_int_equal(told.said, 2);
}

TEST(shares_of_a_picture_hold_the_layers_that_are_sent_up_to_the_highest_that_is_shown)
{
    static const struct {
        const char *what;
        uint8_t sent;
        int shown[2]; /* by two receivers; -1: nothing */
        uint8_t crosses;
    } rows[] = {
        {"a thumbnail", 7, {0, -1}, 1},     {"a tile", 7, {1, -1}, 3},
        {"the stage", 7, {2, -1}, 7},       {"a thumbnail and the stage", 7, {0, 2}, 7},
        {"no middle layer", 5, {1, -1}, 1}, {"no middle layer, large", 5, {2, -1}, 5},
        {"one encoding", 0, {2, -1}, 1},    {"one encoding, small", 0, {0, -1}, 1},
        {"nobody", 7, {-1, -1}, 0},
    };
    struct ic_participant *sender = meeting->people[0];

    join_part(sender, 0);
    sender->live[IC_STREAM_CAMERA] = true;
    join_part(meeting->people[1], 1);
    join_part(meeting->people[2], 1);
    for (size_t row = 0; row < IC_COUNT(rows); row++) {
        sender->lines[IC_STREAM_CAMERA].line.layers = rows[row].sent;
        for (int i = 0; i < 2; i++)
            point(meeting->people[1 + i], 0, rows[row].shown[i] < 0 ? NULL : sender,
                  IC_STREAM_CAMERA, rows[row].shown[i] < 0 ? 0 : rows[row].shown[i]);
        settle(NULL);
        CHECK_ROW(rows[row].what,
                  told.crosses[sender->transport][1][IC_STREAM_CAMERA] == rows[row].crosses &&
                      told.source[sender->transport][1] == (rows[row].crosses != 0));
    }
}

TEST(shares_that_are_refused_are_said_again_with_the_next_change)
{
    struct ic_participant *sender = meeting->people[0];

    join_part(sender, 0);
    join_part(meeting->people[1], 1);
    sender->live[IC_STREAM_MICROPHONE] = true;
    point(meeting->people[1], 0, sender, IC_STREAM_MICROPHONE, 2);
    settle(NULL);
    told.source[sender->transport][1] = false;
    ic_shares_refused(sender, 1, hear, NULL);
    assert_int_equal(told.crosses[sender->transport][1][IC_STREAM_MICROPHONE], 0);
    settle(NULL);
    assert_true(told.source[sender->transport][1]);
    assert_int_equal(told.crosses[sender->transport][1][IC_STREAM_MICROPHONE], 1);
}

/* A random meeting. */

static uint32_t state_of_chance;

static uint32_t chance(uint32_t below)
{
    state_of_chance = state_of_chance * 1664525 + 1013904223;
    return (state_of_chance >> 8) % below;
}

static struct ic_participant *anybody(void)
{
    return meeting->people[chance(meeting->count)];
}

/* What the slots of one worker need of a stream, found the long way. */
static uint8_t needed(const struct ic_participant *who, uint32_t worker, int stream)
{
    uint8_t layers = 0;

    for (uint32_t i = 0; i < meeting->count; i++) {
        const struct ic_participant *p = meeting->people[i];
        for (uint32_t k = 0; k < p->line_count; k++) {
            const struct ic_point *at = &p->lines[k].point;
            if (p->worker != worker || at->transport != who->transport || at->stream != stream)
                continue;
            for (int layer = 0; layer <= at->layer; layer++)
                layers |= (uint8_t)(1 << layer);
        }
    }
    return stream == IC_STREAM_CAMERA ? layers : layers & 1;
}

typedef bool agrees(uint8_t needed, uint8_t crosses);

static bool holds(uint8_t need, uint8_t crosses)
{
    return (need & ~crosses) == 0;
}

static bool equals(uint8_t need, uint8_t crosses)
{
    return need == crosses;
}

static void check(agrees *agree)
{
    for (uint32_t i = 0; i < meeting->count; i++) {
        const struct ic_participant *who = meeting->people[i];
        for (uint32_t worker = 0; who->transport != 0 && worker < WORKERS; worker++) {
            uint8_t all = 0;
            for (int stream = 0; stream < IC_STREAMS; stream++) {
                uint8_t need = worker == who->worker ? 0 : needed(who, worker, stream);
                assert_true(agree(need, told.crosses[who->transport][worker][stream]));
                all |= need;
            }
            assert_true(agree(all != 0, told.source[who->transport][worker]));
        }
    }
}

static void check_before_points(void)
{
    check(holds);
}

static void check_nothing_of_the_gone(void)
{
    for (uint32_t t = 1; t <= last_transport; t++) {
        bool is_here = false;
        for (uint32_t i = 0; i < meeting->count; i++)
            is_here = is_here || meeting->people[i]->transport == t;
        for (uint32_t worker = 0; !is_here && worker < WORKERS; worker++)
            assert_false(told.source[t][worker]);
    }
}

/* Nobody points at what is not sent, as slots are assigned. */
static void look_away(const struct ic_participant *who, int stream)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        for (uint32_t k = 0; k < meeting->people[i]->line_count; k++) {
            struct ic_point *at = &meeting->people[i]->lines[k].point;
            if (at->transport == who->transport && (stream < 0 || at->stream == stream))
                *at = (struct ic_point){0};
        }
}

static void close_path(struct ic_participant *p)
{
    if (p->transport == 0)
        return;
    look_away(p, -1);
    ic_shares_drop(p, hear, NULL);
    memset(told.crosses[p->transport], 0, sizeof told.crosses[p->transport]);
    ic_participant_lose_path(p);
}

static void kill_worker(uint32_t worker)
{
    for (uint32_t i = 0; i < meeting->count; i++)
        if (ic_participant_is_on(meeting->people[i], worker))
            close_path(meeting->people[i]);
    if (ic_meeting_part(meeting, worker))
        ic_meeting_remove_part(meeting, worker);
}

static void point_at_anybody(struct ic_participant *p)
{
    const struct ic_participant *who = anybody();
    int stream = (int)chance(IC_STREAMS);

    if (p->transport == 0)
        return;
    if (who == p || !ic_participant_sends(who, (enum ic_stream)stream))
        who = NULL;
    point(p, (int)chance(SLOTS), who, who ? stream : 0, who ? (int)chance(IC_LAYERS) : 0);
}

static void toggle(struct ic_participant *p)
{
    int stream = (int)chance(IC_STREAMS);

    p->live[stream] = !p->live[stream];
    if (!p->live[stream])
        look_away(p, stream);
}

static void happen(void)
{
    struct ic_participant *p = anybody();
    uint32_t what = chance(100);

    if (what < 60) {
        point_at_anybody(p);
    } else if (what < 80) {
        toggle(p);
    } else if (what < 98) {
        close_path(p);
        if (what < 94)
            join_part(p, chance(WORKERS));
    } else {
        kill_worker(chance(WORKERS));
    }
}

TEST(shares_are_always_what_all_points_need_and_no_more)
{
    state_of_chance = 20261129;
    for (int i = 0; i < STEPS && last_transport + 1 < TRANSPORTS; i++) {
        happen();
        settle(check_before_points);
        check(equals);
    }
    check_nothing_of_the_gone();
    assert_in_range(told.said, STEPS / 10, STEPS * 10);
}

#define SHARES(name) cmocka_unit_test_setup_teardown(name, make_meeting, end_meeting)

RUN_TESTS(SHARES(shares_cross_nothing_in_a_meeting_on_one_worker),
          SHARES(shares_of_a_voice_cross_once_however_many_hear_it),
          SHARES(shares_of_a_picture_hold_the_layers_that_are_sent_up_to_the_highest_that_is_shown),
          SHARES(shares_that_are_refused_are_said_again_with_the_next_change),
          SHARES(shares_are_always_what_all_points_need_and_no_more))
