/* media_path.c - connect, restart, live, show, speaking; and what happens when a worker dies. */
#include "server/media_path.h"

#include <time.h>

#include "server/connection.h"
#include "server/demand.h"
#include "server/placing.h"
#include "server/shares.h"
#include "server/slots.h"
#include "server/trial.h"

/* To a worker that carries nothing of the meeting any more there is nothing to say. */
static void order(struct ic_signal *signal, const struct ic_meeting *meeting, uint32_t worker,
                  struct ic_control *m)
{
    const struct ic_part *part = ic_meeting_part(meeting, worker);

    if (!part)
        return;
    m->room = part->room;
    ic_workers_send(signal->workers, worker, m);
}

/* What crosses from worker to worker. */

struct sharing {
    struct ic_signal *signal;
    const struct ic_meeting *meeting;
};

static void add_source(const struct sharing *s, const struct ic_share *share)
{
    const struct ic_participant *who = share->who;
    struct ic_control m = {.type = IC_CONTROL_SOURCE_ADD, .transport = who->transport};

    m.source.home = who->worker;
    for (uint32_t i = 0; i < who->line_count; i++)
        if (!who->lines[i].line.is_slot)
            m.source.lines[m.source.line_count++] = who->lines[i].line;
    order(s->signal, s->meeting, share->worker, &m);
}

static void say_share(void *owner, const struct ic_share *share)
{
    const struct sharing *s = owner;
    struct ic_control remove = {.type = IC_CONTROL_SOURCE_REMOVE,
                                .transport = share->who->transport};
    struct ic_control layers = {
        .type = IC_CONTROL_STREAM_SHARE,
        .transport = share->who->transport,
        .share = {.worker = share->worker, .stream = share->stream, .layers = share->layers}};

    switch (share->kind) {
    case IC_SHARE_SOURCE:
        add_source(s, share);
        break;
    case IC_SHARE_LAYERS:
        order(s->signal, s->meeting, share->who->worker, &layers);
        break;
    case IC_SHARE_NO_SOURCE:
        order(s->signal, s->meeting, share->worker, &remove);
        break;
    }
}

static void lose_path(struct ic_signal *signal, const struct ic_meeting *meeting,
                      struct ic_participant *p)
{
    ic_shares_drop(p, say_share, &(struct sharing){signal, meeting});
    ic_participant_lose_path(p);
}

void ic_media_path_close(struct ic_signal *signal, struct ic_meeting *meeting,
                         struct ic_participant *p)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_REMOVE, .transport = p->transport};

    if (p->transport != 0)
        order(signal, meeting, p->worker, &m);
    lose_path(signal, meeting, p);
}

/* Points. */

static bool looks_the_same(const struct ic_point *a, const struct ic_point *b)
{
    if (a->transport == 0 || b->transport == 0)
        return a->transport == b->transport;
    return a->stream == b->stream && memcmp(a->participant, b->participant, IC_ID_LEN) == 0;
}

static bool is_the_same(const struct ic_point *a, const struct ic_point *b)
{
    return looks_the_same(a, b) && a->transport == b->transport && a->layer == b->layer;
}

static void say_point(struct ic_signal *signal, const struct ic_meeting *meeting,
                      const struct ic_participant *p, uint32_t line)
{
    const struct ic_point *to = &p->lines[line].point;
    struct ic_control m = {
        .type = IC_CONTROL_SLOT_POINT,
        .transport = p->transport,
        .point = {.line = line, .source = to->transport, .stream = to->stream, .layer = to->layer},
    };
    order(signal, meeting, p->worker, &m);
}

/* Says what is to cross, then the points that changed, then what need not cross any more. */
static void say_points(struct ic_signal *signal, struct ic_meeting *meeting)
{
    struct sharing sharing = {signal, meeting};

    ic_shares_find(meeting);
    ic_shares_begin(meeting, say_share, &sharing);
    for (uint32_t i = 0; i < meeting->count; i++) {
        struct ic_participant *p = meeting->people[i];
        for (uint32_t line = 0; line < p->line_count; line++) {
            if (p->lines[line].untold)
                say_point(signal, meeting, p, line);
            p->lines[line].untold = false;
        }
    }
    ic_shares_end(meeting, say_share, &sharing);
}

/* Layers. */

static const enum ic_stream pictures[] = {IC_STREAM_CAMERA, IC_STREAM_SCREEN};

static enum ic_codec codec_of(const struct ic_participant *p, enum ic_stream stream)
{
    uint8_t codec = p->demand[stream].codec;
    return codec != IC_CODEC_OPUS ? (enum ic_codec)codec : IC_CODEC_VP8;
}

static void say_wanted(const struct ic_participant *p, enum ic_stream stream)
{
    if (p->session)
        ic_say_wanted(ic_socket_of(p), stream, ic_demand_layers(&p->demand[stream]),
                      codec_of(p, stream));
}

static bool has_a_choice(const struct ic_line *line)
{
    for (int codec = 0; codec < IC_CODECS; codec++)
        if (line->more_pt[codec] != 0)
            return true;
    return false;
}

/* Who came or went may take more codecs or fewer. */
static void refresh_codecs(const struct ic_meeting *meeting, struct ic_participant *p)
{
    for (size_t i = 0; i < IC_COUNT(pictures); i++) {
        const struct ic_path_line *line = ic_participant_sends(p, pictures[i]);
        if (!line || !has_a_choice(&line->line))
            continue;
        enum ic_codec codec = ic_demand_codec(meeting, p, &line->line);
        if (codec == p->demand[pictures[i]].codec)
            continue;
        p->demand[pictures[i]].codec = (uint8_t)codec;
        say_wanted(p, pictures[i]);
    }
}

/* A slot shows this now. */
static void want(const struct ic_meeting *meeting, const struct ic_point *point)
{
    enum ic_stream stream = (enum ic_stream)point->stream;
    bool picture = stream == IC_STREAM_CAMERA || stream == IC_STREAM_SCREEN;
    struct ic_participant *who = NULL;

    if (picture && point->transport != 0)
        who = ic_meeting_find(meeting, point->participant);
    if (who && ic_demand_raise(&who->demand[stream], point->layer + 1))
        say_wanted(who, stream);
}

/* What nobody shows any more need not be sent. */
static void spare(const struct ic_meeting *meeting, struct ic_participant *p, int64_t now)
{
    for (size_t i = 0; i < IC_COUNT(pictures); i++) {
        enum ic_stream stream = pictures[i];
        struct ic_demand *demand = &p->demand[stream];
        if (ic_demand_layers(demand) > 1 && ic_participant_sends(p, stream) &&
            ic_demand_settle(demand, ic_demand_needed(meeting, p, stream), now))
            say_wanted(p, stream);
    }
}

static void spare_all(struct ic_meeting *meeting, int64_t now)
{
    meeting->spared_at = now;
    for (uint32_t i = 0; i < meeting->count; i++)
        spare(meeting, meeting->people[i], now);
}

/* Slots. */

/* Returns whether the participant would see or hear a difference. The worker is told by
 * say_points(). */
static bool refresh_one(struct ic_meeting *meeting, const struct ic_slots_heard *heard,
                        struct ic_participant *p)
{
    struct ic_point points[IC_LINES_MAX];
    bool differs = false;
    int64_t now = (int64_t)uv_hrtime();

    ic_slots_assign(points, meeting, heard, p, now);
    for (uint32_t i = 0; i < p->line_count; i++) {
        struct ic_point *shown = &p->lines[i].point;
        if (is_the_same(shown, &points[i]))
            continue;
        if (!looks_the_same(shown, &points[i])) {
            differs = true;
            p->lines[i].shown_since = now;
        }
        *shown = points[i];
        p->lines[i].untold = true;
        want(meeting, shown);
    }
    return differs;
}

static void refresh_crowded(struct ic_meeting *meeting)
{
    bool crowded = ic_slots_crowded(meeting);

    if (crowded == meeting->crowded)
        return;
    meeting->crowded = crowded;
    for (uint32_t i = 0; i < meeting->count; i++) {
        struct ic_participant *p = meeting->people[i];
        p->speaking = false; /* each says it again, or needs not any more */
        if (p->session)
            ic_say_voices(ic_socket_of(p), crowded);
    }
}

void ic_media_path_refresh(struct ic_signal *signal, struct ic_meeting *meeting)
{
    struct ic_slots_heard heard;

    refresh_crowded(meeting);
    ic_slots_find_heard(&heard, meeting);
    for (uint32_t i = 0; i < meeting->count; i++) {
        struct ic_participant *p = meeting->people[i];
        refresh_codecs(meeting, p);
        if (p->transport != 0 && refresh_one(meeting, &heard, p) && p->session)
            ic_say_slots(ic_socket_of(p), p);
    }
    say_points(signal, meeting);
    ic_placing_return_empty(signal, meeting);
}

void ic_media_path_tell(const struct ic_participant *p)
{
    if (p->transport != 0) {
        ic_say_slots(ic_socket_of(p), p);
        for (size_t i = 0; i < IC_COUNT(pictures); i++)
            if (ic_participant_sends(p, pictures[i]))
                say_wanted(p, pictures[i]);
    } else if (p->connection != 0)
        ic_say_reconnect(ic_socket_of(p));
}

/* Relays. */

void ic_media_path_offer_relays(struct ic_signal *signal, struct ic_participant *p)
{
    const struct ic_relays *relays = signal->parts.relays;
    struct ic_relay_credentials credentials;

    if (relays->urls->count == 0 || !p->session)
        return;
    ic_relays_issue(&credentials, relays, (int64_t)time(NULL));
    p->relays_at = (int64_t)uv_hrtime();
    ic_say_relays(ic_socket_of(p), relays, &credentials);
}

/* Twice a lifetime, so that those in use are always good for half of it. */
static void renew_relays(struct ic_signal *signal, struct ic_meeting *meeting, int64_t now)
{
    int64_t half = signal->parts.relays->lifetime_s * IC_NS_PER_SEC / 2;

    for (uint32_t i = 0; i < meeting->count; i++)
        if (now - meeting->people[i]->relays_at >= half)
            ic_media_path_offer_relays(signal, meeting->people[i]);
}

/* Messages. */

static void add_transport(struct ic_signal *signal, const struct ic_meeting *meeting,
                          struct ic_participant *p, uint32_t worker,
                          const struct ic_message *connect, const struct ic_ice_credentials *ours)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD};

    p->transport = ic_workers_new_transport(signal->workers);
    p->worker = worker;
    m.transport = p->transport;
    m.add.ours = *ours;
    m.add.theirs = connect->connect.ice;
    memcpy(m.add.fingerprint, connect->connect.fingerprint, sizeof m.add.fingerprint);
    m.add.line_count = p->line_count;
    for (uint32_t i = 0; i < p->line_count; i++)
        m.add.lines[i] = p->lines[i].line;
    order(signal, meeting, worker, &m);
}

void ic_media_path_connect(struct ic_signal *signal, struct ic_session *s,
                           const struct ic_message *m, int64_t now)
{
    struct ic_participant *p = s->participant;
    struct ic_ice_credentials ours;
    uint32_t worker;
    int wait_ms;

    if (m->connect.connection <= p->connection || !ic_connection_is_good(m)) {
        ic_say_error(s->socket, IC_REFUSED_BAD_CONNECTION, IC_NO_WAIT);
        return;
    }
    if (ic_placing_take(signal, s->meeting, p, now, &worker, &wait_ms) != IC_OK) {
        ic_say_error(s->socket, IC_REFUSED_NO_MEDIA, wait_ms);
        return;
    }
    signal->counts.connected++;
    ic_media_path_close(signal, s->meeting, p);
    ic_connection_take(p, m);
    ic_connection_credentials(&ours);
    add_transport(signal, s->meeting, p, worker, m, &ours);
    ic_say_answer(s->socket, p,
                  &(struct ic_answer_parts){
                      .ours = &ours,
                      .fingerprint = ic_workers_fingerprint(signal->workers, worker),
                      .addresses = signal->parts.media_addresses,
                      .port = ic_workers_port(signal->workers, worker),
                  });
    ic_media_path_refresh(signal, s->meeting);
}

void ic_media_path_restart(struct ic_signal *signal, struct ic_session *s,
                           const struct ic_message *m, int64_t now)
{
    struct ic_participant *p = s->participant;
    struct ic_control restart = {.type = IC_CONTROL_TRANSPORT_RESTART, .transport = p->transport};
    (void)now;

    if (m->restart.connection != p->connection || p->transport == 0) {
        ic_say_error(s->socket, IC_REFUSED_BAD_CONNECTION, IC_NO_WAIT);
        return;
    }
    signal->counts.restarted++;
    ic_connection_credentials(&restart.restart.ours);
    restart.restart.theirs = m->restart.ice;
    order(signal, s->meeting, p->worker, &restart);
    ic_say_restarted(s->socket, p->connection, &restart.restart.ours);
}

void ic_media_path_live(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                        int64_t now)
{
    (void)now;
    if (ic_participant_set_live(s->participant, m->live.streams, m->live.count) != IC_OK)
        ic_session_refuse(s, IC_REFUSED_BAD_MESSAGE, IC_NO_WAIT);
    else
        ic_media_path_refresh(signal, s->meeting);
}

void ic_media_path_show(struct ic_signal *signal, struct ic_session *s, const struct ic_message *m,
                        int64_t now)
{
    struct ic_participant *p = s->participant;
    struct ic_slots_heard heard;
    (void)now;

    ic_slots_find_heard(&heard, s->meeting);
    memcpy(p->wishes, m->show.slots, sizeof p->wishes);
    p->wish_count = m->show.count;
    if (p->transport != 0)
        refresh_one(s->meeting, &heard, p);
    say_points(signal, s->meeting);
    ic_say_slots(s->socket, p);
}

void ic_media_path_speaking(struct ic_signal *signal, struct ic_session *s,
                            const struct ic_message *m, int64_t now)
{
    struct ic_participant *p = s->participant;

    if (!s->meeting->crowded || !p->live[IC_STREAM_MICROPHONE])
        return; /* it was sent before it was known that nobody asks any more */
    if (m->speaking.speaking != p->speaking)
        p->spoke_at = now;
    p->speaking = m->speaking.speaking;
    ic_media_path_refresh(signal, s->meeting);
}

void ic_media_path_tick(struct ic_signal *signal, int64_t now)
{
    for (struct ic_meeting *meeting = signal->meetings; meeting; meeting = meeting->next) {
        if (ic_slots_contended(meeting, now))
            ic_media_path_refresh(signal, meeting);
        if (now - meeting->spared_at >= IC_NS_PER_SEC)
            spare_all(meeting, now);
        if (signal->parts.relays->urls->count > 0)
            renew_relays(signal, meeting, now);
    }
}

/* Workers. */

static void say_lost(const struct ic_participant *p)
{
    if (p->session)
        ic_say_reconnect(ic_socket_of(p));
}

static void lose_paths(struct ic_signal *signal, struct ic_meeting *meeting, uint32_t worker)
{
    for (uint32_t i = 0; i < meeting->count; i++) {
        struct ic_participant *p = meeting->people[i];
        if (!ic_participant_is_on(p, worker))
            continue;
        lose_path(signal, meeting, p);
        say_lost(p);
    }
}

/* Workers die of it, so those that are left need not. */
static void park(struct ic_signal *signal, struct ic_meeting *meeting)
{
    for (uint32_t i = 0; i < meeting->count; i++) {
        struct ic_participant *p = meeting->people[i];
        if (p->transport == 0)
            continue;
        ic_media_path_close(signal, meeting, p);
        say_lost(p);
    }
    ic_placing_return(signal, meeting);
}

void ic_signal_worker_lost(struct ic_signal *signal, uint32_t worker)
{
    int64_t now = (int64_t)uv_hrtime();

    for (struct ic_meeting *meeting = signal->meetings; meeting; meeting = meeting->next)
        lose_paths(signal, meeting, worker);
    ic_trial_lost(signal, worker);
    ic_placing_lost(signal, worker, now);
    for (struct ic_meeting *meeting = signal->meetings; meeting; meeting = meeting->next) {
        if (!(meeting->last_workers >> worker & 1))
            continue;
        if (ic_placing_is_parked(meeting, now))
            park(signal, meeting);
        ic_media_path_refresh(signal, meeting);
    }
}

static struct ic_participant *find_transport(struct ic_signal *signal, uint32_t worker,
                                             uint32_t transport, struct ic_meeting **in)
{
    for (struct ic_meeting *m = signal->meetings; m; m = m->next)
        for (uint32_t i = 0; ic_meeting_part(m, worker) && i < m->count; i++)
            if (m->people[i]->transport == transport && m->people[i]->worker == worker) {
                *in = m;
                return m->people[i];
            }
    return NULL;
}

/* Only a failed transport needs us: a lost one may come back, and its client notices first. */
void ic_signal_transport(struct ic_signal *signal, uint32_t worker, uint32_t transport,
                         enum ic_transport_state state)
{
    struct ic_meeting *meeting;
    struct ic_participant *p;

    if (state != IC_TRANSPORT_FAILED || transport == 0)
        return;
    p = find_transport(signal, worker, transport, &meeting);
    if (!p)
        return; /* it was removed in the meantime */
    ic_media_path_close(signal, meeting, p);
    say_lost(p);
    ic_media_path_refresh(signal, meeting);
}

void ic_signal_source_refused(struct ic_signal *signal, uint32_t worker, uint32_t transport)
{
    for (struct ic_meeting *m = signal->meetings; m; m = m->next)
        for (uint32_t i = 0; ic_meeting_part(m, worker) && i < m->count; i++)
            if (m->people[i]->transport == transport && transport != 0)
                ic_shares_refused(m->people[i], worker, say_share, &(struct sharing){signal, m});
}

/* A worker parses strangers' packets, so its numbers are checked. */
void ic_signal_path(struct ic_signal *signal, uint32_t worker, uint32_t transport,
                    const struct ic_transport_stats *path)
{
    struct ic_meeting *meeting;
    struct ic_participant *p =
        transport != 0 ? find_transport(signal, worker, transport, &meeting) : NULL;

    if (p && p->session && path->lowered <= IC_SLOTS_MAX && path->dark <= IC_SLOTS_MAX)
        ic_say_path(ic_socket_of(p), path);
}
