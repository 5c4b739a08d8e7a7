/* shares.c - layers are taken from the lowest up, so what is taken of a stream grows or shrinks and
 * never does both: one order says it. */
#include "server/shares.h"

#include <stdlib.h>

/* Everybody with a media path, by the number of the transport. */
struct senders {
    uint32_t count;
    struct ic_participant *at[IC_PEOPLE_MAX];
};

static int by_transport(const void *a, const void *b)
{
    const struct ic_participant *const *left = a, *const *right = b;
    uint32_t first = (*left)->transport, second = (*right)->transport;

    return (first > second) - (first < second);
}

static void list_senders(struct senders *s, const struct ic_meeting *meeting)
{
    s->count = 0;
    for (uint32_t i = 0; i < meeting->count; i++)
        if (meeting->people[i]->transport != 0)
            s->at[s->count++] = meeting->people[i];
    qsort(s->at, s->count, sizeof s->at[0], by_transport);
}

static struct ic_participant *find_sender(const struct senders *s, uint32_t transport)
{
    uint32_t from = 0, to = s->count;

    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (s->at[middle]->transport == transport)
            return s->at[middle];
        if (s->at[middle]->transport < transport)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* Those that are sent, up to the one that is asked for; lower ones for when the path is narrow. */
static uint8_t layers_up_to(const struct ic_participant *who, enum ic_stream stream, uint8_t layer)
{
    const struct ic_path_line *line = ic_participant_sends(who, stream);
    uint8_t sent = line && line->line.layers ? line->line.layers : 1;

    return line ? sent & (uint8_t)((2U << layer) - 1) : 0;
}

static void take(const struct senders *senders, const struct ic_participant *p)
{
    for (uint32_t i = 0; i < p->line_count; i++) {
        const struct ic_point *point = &p->lines[i].point;
        struct ic_participant *who =
            point->transport != 0 ? find_sender(senders, point->transport) : NULL;
        if (who && who->worker != p->worker)
            who->taken[p->worker].layers[point->stream] |=
                layers_up_to(who, (enum ic_stream)point->stream, point->layer);
    }
}

/* Are there several parts, or were there? */
static bool is_spread(const struct ic_meeting *meeting)
{
    return (meeting->last_workers & (meeting->last_workers - 1)) != 0;
}

void ic_shares_find(struct ic_meeting *meeting)
{
    struct senders senders;

    if (!is_spread(meeting))
        return;
    for (uint32_t i = 0; i < meeting->count; i++)
        memset(meeting->people[i]->taken, 0, sizeof meeting->people[i]->taken);
    list_senders(&senders, meeting);
    for (uint32_t i = 0; i < senders.count; i++)
        take(&senders, senders.at[i]);
}

static bool is_empty(const struct ic_crossing *c)
{
    static const struct ic_crossing none;
    return memcmp(c, &none, sizeof none) == 0;
}

static void say_source(enum ic_share_kind kind, const struct ic_participant *p, uint32_t worker,
                       ic_share_said *say, void *owner)
{
    say(owner, &(struct ic_share){.kind = kind, .who = p, .worker = worker});
}

static void say_layers(struct ic_participant *p, uint32_t worker, int stream, uint8_t layers,
                       ic_share_said *say, void *owner)
{
    p->shared[worker].layers[stream] = layers;
    say(owner, &(struct ic_share){.kind = IC_SHARE_LAYERS,
                                  .who = p,
                                  .worker = worker,
                                  .stream = (uint8_t)stream,
                                  .layers = layers});
}

static void begin(struct ic_participant *p, uint32_t worker, ic_share_said *say, void *owner)
{
    const struct ic_crossing *taken = &p->taken[worker], *shared = &p->shared[worker];

    if (is_empty(shared) && !is_empty(taken))
        say_source(IC_SHARE_SOURCE, p, worker, say, owner);
    for (int stream = 0; stream < IC_STREAMS; stream++)
        if (taken->layers[stream] & ~shared->layers[stream])
            say_layers(p, worker, stream, taken->layers[stream], say, owner);
}

static void end(struct ic_participant *p, uint32_t worker, ic_share_said *say, void *owner)
{
    const struct ic_crossing *taken = &p->taken[worker], *shared = &p->shared[worker];
    bool was_source = !is_empty(shared);

    for (int stream = 0; stream < IC_STREAMS; stream++)
        if (shared->layers[stream] & ~taken->layers[stream])
            say_layers(p, worker, stream, taken->layers[stream], say, owner);
    if (was_source && is_empty(taken))
        say_source(IC_SHARE_NO_SOURCE, p, worker, say, owner);
}

typedef void change(struct ic_participant *p, uint32_t worker, ic_share_said *say, void *owner);

static void change_all(struct ic_meeting *meeting, change *one, ic_share_said *say, void *owner)
{
    for (uint32_t worker = 0; is_spread(meeting) && worker < IC_CONFIG_WORKERS_MAX; worker++)
        for (uint32_t i = 0; meeting->last_workers >> worker & 1 && i < meeting->count; i++)
            one(meeting->people[i], worker, say, owner);
}

void ic_shares_begin(struct ic_meeting *meeting, ic_share_said *say, void *owner)
{
    change_all(meeting, begin, say, owner);
}

void ic_shares_end(struct ic_meeting *meeting, ic_share_said *say, void *owner)
{
    change_all(meeting, end, say, owner);
}

void ic_shares_drop(const struct ic_participant *p, ic_share_said *say, void *owner)
{
    for (uint32_t worker = 0; worker < IC_CONFIG_WORKERS_MAX; worker++)
        if (!is_empty(&p->shared[worker]))
            say_source(IC_SHARE_NO_SOURCE, p, worker, say, owner);
}

void ic_shares_refused(struct ic_participant *p, uint32_t worker, ic_share_said *say, void *owner)
{
    for (int stream = 0; stream < IC_STREAMS; stream++)
        if (p->shared[worker].layers[stream] != 0)
            say_layers(p, worker, stream, 0, say, owner);
}
