/* The life of one participant. Whatever tears something down is done from the timer, never from
 * inside a call-back of what is torn down. */
#include "client/participant.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/attendance.h"
#include "client/clock.h"
#include "client/lines.h"
#include "client/receiver.h"
#include "client/roster.h"
#include "client/stage.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "media/rtcp.h"

enum { STREAMS_MAX = 4 * IC_LINES_MAX, RETRY_STEPS = 6, NAME_SIZE = 256 };
#define JOIN_NS (60 * IC_NS_PER_SEC) /* then the attempt has failed */
#define LEAVE_NS IC_NS_PER_SEC       /* for the goodbye to leave */
#define AGAIN_NS IC_NS_PER_SEC       /* where the server names no time */

enum state { IDLE, OPENING, ENTERING, WAITING, ENTERED, ANSWERED, CONNECTED, LEAVING, GONE };

static const char *const stuck_at[] = {
    [IDLE] = "the socket is not open",
    [OPENING] = "the server does not accept a WebSocket",
    [ENTERING] = "the server does not answer",
    [WAITING] = "nobody has let it in",
    [ENTERED] = "the server has not answered the connect message",
    [ANSWERED] = "the media server does not answer: its address may not be reachable from here",
};

struct ic_participant {
    const struct ic_company *company;
    struct ic_link *link;
    struct ic_part part;
    enum state state;
    uv_timer_t timer;
    int64_t armed_for;
    struct ic_signalling *signalling;
    struct ic_attendance *attendance; /* NULL until its meeting is there */
    struct ic_control *control;       /* or NULL */
    struct ic_roster roster;
    struct ic_stage stage;
    struct ic_connect connect;
    struct ic_peer *peer;
    struct ic_sender *sender;
    struct ic_receiver *receiver;
    uint8_t id[IC_PARTICIPANT_LEN], resume[IC_RESUME_LEN];
    bool made_here; /* the meeting */
    bool may_resume, entered_once, connected_once, voices_crowded, audio_noted;
    bool stays;     /* out, and does not go: tamper.h */
    uint32_t muted; /* streams that a host had turned off; a bit each */
    struct ic_slot_pointer slots[IC_SLOTS_MAX];
    size_t slot_count;
    int64_t started_at;
    uint32_t retries;
    int64_t open_at, connect_at, leave_at, expire_at; /* INT64_MAX: not planned */
    const char *finish_why, *leave_why;
    bool finish_now;
    char last_problem[128], why[256];
};

static void arm(struct ic_participant *p, int64_t now);

static void say(struct ic_participant *p, char *text)
{
    ic_signalling_say_take(p->signalling, text);
}

/* Ends it, from the timer: `why` is NULL for a good end. */
static void finish(struct ic_participant *p, const char *why)
{
    if (p->finish_now || p->state == GONE)
        return;
    p->finish_now = true;
    p->finish_why = why;
    arm(p, ic_clock_now());
}

static void note_problem(struct ic_participant *p, const char *problem)
{
    snprintf(p->last_problem, sizeof p->last_problem, "%s", problem);
}

static void end_connection(struct ic_participant *p)
{
    ic_receiver_free(p->receiver);
    ic_sender_free(p->sender);
    ic_peer_free(p->peer);
    p->receiver = NULL;
    p->sender = NULL;
    p->peer = NULL;
    p->slot_count = 0;
}

static uint32_t streams_of(const struct ic_participant *p)
{
    return p->part.sends ? ic_media_streams(&p->company->media) & ~p->muted : 0;
}

static void write_name(char name[NAME_SIZE], const struct ic_participant *p)
{
    if (p->company->numbered)
        snprintf(name, NAME_SIZE, "%s %u", p->company->name, p->part.ordinal + 1);
    else
        snprintf(name, NAME_SIZE, "%s", p->company->name);
}

/* A new connection: the others know what to expect before the first frame, then the offer. */
static void connect_media(struct ic_participant *p)
{
    end_connection(p);
    p->connect_at = INT64_MAX;
    ic_attendance_present(p->attendance, streams_of(p), ic_clock_now());
    uint32_t number = p->connect.connection + 1;
    const struct ic_lines_wanted wanted = {.streams = streams_of(p),
                                           .layers = p->company->media.layers,
                                           .slots = p->part.receives,
                                           .tiles = p->company->show};
    ic_lines_make(&p->connect, &wanted);
    p->connect.connection = number;
    ic_peer_credentials(&p->connect.ice);
    memcpy(p->connect.fingerprint, p->company->fingerprint, sizeof p->connect.fingerprint);
    say(p, ic_say_connect(&p->connect));
    p->state = ENTERED;
}

static void show(struct ic_participant *p)
{
    struct ic_show shows[IC_SLOTS_MAX];
    size_t count;
    if (p->state == CONNECTED && p->part.receives &&
        ic_stage_update(&p->stage, &p->connect, &p->roster, p->company->height, shows, &count))
        say(p, ic_say_show(shows, count));
    ic_stage_want(&p->stage, &p->roster, p->connected_once && p->part.receives, p->voices_crowded);
    if (p->receiver)
        ic_receiver_point(p->receiver, p->slots, p->slot_count, ic_clock_now());
}

static void say_live(struct ic_participant *p)
{
    const struct ic_media *media = &p->company->media;
    say(p, ic_say_live(streams_of(p), media->height, media->screen_height));
}

static void on_connected(void *owner, int64_t now)
{
    struct ic_participant *p = owner;
    struct ic_stats *stats = p->company->stats;

    p->state = CONNECTED;
    if (ic_peer_profile(p->peer) == IC_SRTP_AEAD_AES_128_GCM)
        stats->now.srtp_gcm++;
    else
        stats->now.srtp_sha1++;
    if (p->connected_once)
        stats->reconnects++;
    else
        ic_histogram_add(&stats->joins, now - p->started_at);
    p->connected_once = true;
    if (streams_of(p) != 0)
        say_live(p);
    ic_stage_forget(&p->stage);
    show(p);
    arm(p, now);
}

static void on_lost(void *owner, const char *why)
{
    struct ic_participant *p = owner;
    note_problem(p, why);
    p->connect_at = ic_clock_now();
    arm(p, p->connect_at);
}

/* The WebSocket would notice in a quarter of an hour: the kernel repeats from an address that is no
 * more. */
static void on_moved(void *owner)
{
    struct ic_participant *p = owner;
    ic_signalling_drop(p->signalling);
}

/* For who measures how long it takes from being let in. */
static void note_audio(struct ic_participant *p)
{
    const struct ic_stats *stats = p->company->stats;
    if (!p->control || p->audio_noted || stats->now.audio_in + stats->total.audio_in == 0)
        return;
    p->audio_noted = true;
    ic_control_note(p->control, "first_audio");
}

static void on_rtp(void *owner, uint8_t *packet, size_t len, int64_t now, int64_t arrived_wall)
{
    struct ic_participant *p = owner;
    if (!p->receiver)
        return;
    ic_receiver_rtp(p->receiver, packet, len, now, arrived_wall);
    note_audio(p);
    int64_t due = ic_receiver_next_timeout(p->receiver);
    if (due < p->armed_for)
        arm(p, now);
}

static void on_rtcp(void *owner, uint8_t *packet, size_t len, int64_t now)
{
    struct ic_participant *p = owner;
    struct ic_reader r = ic_reader_of((struct ic_bytes){packet, len});
    struct ic_rtcp part;
    while (ic_rtcp_next(&r, &part)) {
        if (p->sender)
            ic_sender_feedback(p->sender, p->peer, &part, now);
        if (p->receiver)
            ic_receiver_rtcp(p->receiver, &part, now);
    }
}

static const struct ic_peer_events peer_events = {on_connected, on_lost, on_moved, on_rtp, on_rtcp};

static void on_answer(struct ic_participant *p, const struct ic_heard *h, int64_t now)
{
    const struct ic_company *c = p->company;
    const struct ic_receiver_context context = {ic_attendance_frames(p->attendance), &p->roster,
                                                c->stats, (struct ic_cells *)(uintptr_t)&c->cells,
                                                c->buffers};
    if (h->connection != p->connect.connection || p->peer)
        return;
    enum ic_err err = ic_peer_new(&p->peer, &c->peer, now, &p->connect.ice, h, p->link->server.host,
                                  STREAMS_MAX, &peer_events, p);
    if (err == IC_ERR_NOT_FOUND) {
        finish(p, c->peer.tcp ? "the server offers no TCP address"
                              : "the server offers no UDP address");
        return;
    }
    if (err == IC_OK)
        err = ic_sender_new(&p->sender, &p->connect, h, &c->media,
                            ic_attendance_frames(p->attendance), c->stats, c->buffers, c->tamper,
                            now);
    if (err == IC_OK && p->part.receives)
        err = ic_receiver_new(&p->receiver, &p->connect, h, &context, now);
    if (err != IC_OK)
        finish(p, "no memory or no socket for a connection");
    p->state = ANSWERED;
}

static const struct ic_attendance_events attendance_events;

/* Now that the meeting is known. */
static void attend(struct ic_participant *p)
{
    const struct ic_company *c = p->company;
    char name[NAME_SIZE];
    const struct ic_attendance_options options = {.link = p->link,
                                                  .name = name,
                                                  .passcode = c->passcode,
                                                  .title = c->title,
                                                  .suite = c->suite,
                                                  .made_here = p->made_here,
                                                  .again = c->again,
                                                  .admits = c->admits,
                                                  .admit_after_ns = c->admit_after_ns,
                                                  .control = p->control,
                                                  .roster = &p->roster};
    write_name(name, p);
    enum ic_err err = ic_attendance_new(&p->attendance, &options, &attendance_events, p);
    if (err != IC_OK)
        finish(p, err == IC_ERR_FORBIDDEN   ? "others cannot be shown that --name or --title"
                  : err == IC_ERR_MALFORMED ? "--passcode is none that a meeting can have"
                                            : "no memory for keys");
}

static void enter(struct ic_participant *p)
{
    if (p->state < ENTERING)
        p->state = ENTERING;
    if (!p->attendance)
        attend(p);
    if (p->attendance)
        say(p, ic_attendance_join(p->attendance, p->may_resume ? p->resume : NULL));
}

static void create(struct ic_participant *p)
{
    uint8_t admission[IC_PROOF_LEN], host[IC_PROOF_LEN];
    p->state = ENTERING;
    if (ic_attendance_creation(admission, host, p->link) == IC_OK)
        say(p, ic_say_create(p->part.start_token, admission, host));
    else
        finish(p, "no keys could be made");
}

static void on_opened(void *owner)
{
    struct ic_participant *p = owner;
    p->retries = 0;
    if (p->part.start_token)
        create(p);
    else
        enter(p);
}

static void on_created(struct ic_participant *p, const struct ic_heard *h)
{
    if (!p->part.start_token)
        return;
    memcpy(p->link->meeting, h->id, sizeof p->link->meeting);
    p->part.start_token = NULL;
    p->made_here = true;
    p->company->created(p->company->owner);
    enter(p);
}

static void on_waiting(struct ic_participant *p, const struct ic_heard *h)
{
    memcpy(p->resume, h->resume, sizeof p->resume);
    p->may_resume = true;
    p->entered_once = false;
    p->state = WAITING;
    end_connection(p);
    ic_attendance_hear(p->attendance, h, ic_clock_now());
}

static void on_joined(struct ic_participant *p, const struct ic_heard *h)
{
    if (memcmp(p->id, h->id, sizeof p->id) != 0)
        end_connection(p); /* of somebody whom the server forgot */
    memcpy(p->id, h->id, sizeof p->id);
    memcpy(p->resume, h->resume, sizeof p->resume);
    p->may_resume = true;
    ic_attendance_hear(p->attendance, h, ic_clock_now());
    show(p);
}

static void on_entered(void *owner)
{
    struct ic_participant *p = owner;
    if (p->state == LEAVING || p->state == GONE)
        return;
    if (p->state == WAITING)
        p->started_at = ic_clock_now(); /* people may take their time */
    p->entered_once = true;
    if (!p->peer)
        connect_media(p);
}

static void on_changed(void *owner)
{
    show(owner);
}

static void on_over(void *owner, const char *why)
{
    finish(owner, why);
}

static void on_say(void *owner, char *text)
{
    say(owner, text);
}

/* A host asks for it, and we obey. Nobody can turn it on again but us, and we do not. */
static void on_muted(void *owner, uint32_t streams)
{
    struct ic_participant *p = owner;
    p->muted |= streams;
    for (unsigned stream = 0; p->sender && stream < IC_STREAMS; stream++)
        if (streams >> stream & 1)
            ic_sender_want(p->sender, (enum ic_stream)stream, 0);
    ic_attendance_present(p->attendance, streams_of(p), ic_clock_now());
    if (p->state == CONNECTED)
        say_live(p);
}

static const struct ic_attendance_events attendance_events = {on_say, on_entered, on_changed,
                                                              on_muted, on_over};

/* What concerns the group. */
static void on_heard_group(struct ic_participant *p, const struct ic_heard *h, int64_t now)
{
    if (!p->attendance || p->state == LEAVING || p->state == GONE)
        return;
    switch (h->type) {
    case IC_HEARD_WAITING:
        on_waiting(p, h);
        break;
    case IC_HEARD_JOINED:
        on_joined(p, h);
        break;
    case IC_HEARD_REMOVED:
        if (p->company->tamper && p->company->tamper->stays) {
            p->stays = true;
            break;
        }
        finish(p, "a host took it out of the meeting");
        break;
    case IC_HEARD_REPLACED:
        finish(p, "the link was replaced: ask for the new one");
        break;
    default:
        ic_attendance_hear(p->attendance, h, now);
        break;
    }
}

static void on_refused(struct ic_participant *p, const struct ic_heard *h, int64_t now)
{
    int64_t again = now + (h->retry_after_ms ? h->retry_after_ms * IC_NS_PER_MS : AGAIN_NS);
    if (h->refused_type && p->attendance) { /* the socket stays */
        ic_attendance_hear(p->attendance, h, now);
        return;
    }
    note_problem(p, ic_refusal_name(h->refusal));
    switch (h->refusal) {
    case IC_REFUSED_NO_ENTRY:
        finish(p, "there is no such meeting, or the link's secret is wrong");
        break;
    case IC_REFUSED_START_USED:
        finish(p, "the start address is unknown or was used");
        break;
    case IC_REFUSED_BAD_MESSAGE:
        finish(p, "the server did not accept a message of ours");
        break;
    case IC_REFUSED_NO_MEDIA:
    case IC_REFUSED_BAD_CONNECTION:
        p->connect_at = again;
        break;
    case IC_REFUSED_FULL:
        if (!p->entered_once)
            finish(p, "the meeting or the server is full");
        break;
    case IC_REFUSED_TOO_FAST:
    case IC_REFUSED_STOPPING:
        p->open_at = again; /* when the socket has closed */
        break;
    case IC_REFUSED_REFUSED:
        finish(p, "a host refused this address");
        break;
    case IC_REFUSED_NOT_HOST:
    case IC_REFUSED_NOT_KEEPER:
    case IC_REFUSED_NOT_OPEN:
    case IC_REFUSALS:
        break;
    }
}

static void on_heard(void *owner, const struct ic_heard *h)
{
    struct ic_participant *p = owner;
    int64_t now = ic_clock_now();

    switch (h->type) {
    case IC_HEARD_CREATED:
        on_created(p, h);
        break;
    case IC_HEARD_LEFT:
        on_heard_group(p, h, now);
        show(p);
        break;
    case IC_HEARD_ANSWER:
        on_answer(p, h, now);
        break;
    case IC_HEARD_RELAYS:
        if (h->only)
            finish(p, "the server wants media over a TURN server, which this client cannot do");
        break;
    case IC_HEARD_SLOTS:
        memcpy(p->slots, h->slots, sizeof p->slots);
        p->slot_count = h->slot_count;
        show(p);
        break;
    case IC_HEARD_VOICES:
        p->voices_crowded = h->crowded;
        if (h->crowded && streams_of(p) >> IC_STREAM_MICROPHONE & 1)
            say(p, ic_say_speaking(true));
        show(p);
        break;
    case IC_HEARD_WANTED:
        if (p->sender)
            ic_sender_want(p->sender, h->stream, h->layers);
        break;
    case IC_HEARD_TRIED:
    case IC_HEARD_PATH:
        break;
    case IC_HEARD_RECONNECT:
        p->connect_at = now;
        break;
    case IC_HEARD_ENDED:
        finish(p, NULL);
        break;
    case IC_HEARD_ERROR:
        on_refused(p, h, now);
        break;
    case IC_HEARD_RESTARTED:
        break; /* we never say restart */
    default:
        on_heard_group(p, h, now);
        break;
    }
    arm(p, now);
}

/* docs/protocol.md, "The channel": when to open the socket again. */
static int64_t retry_delay(struct ic_participant *p)
{
    static const int64_t delays_ms[RETRY_STEPS] = {0, 300, 1200, 2700, 4800, 7000};
    int64_t delay = delays_ms[p->retries < RETRY_STEPS ? p->retries : RETRY_STEPS - 1];
    uint32_t random;
    ic_random_fill(&random, sizeof random);
    p->retries++;
    return (delay + delay * (random % 200) / 1000) * IC_NS_PER_MS;
}

static void on_closed(void *owner, const char *why)
{
    struct ic_participant *p = owner;
    int64_t now = ic_clock_now();
    if (p->state == LEAVING) {
        finish(p, p->leave_why);
        return;
    }
    if (p->state == OPENING)
        note_problem(p, why);
    if (p->stays)
        return;
    if (p->open_at == INT64_MAX)
        p->open_at = now + retry_delay(p);
    arm(p, now);
}

static const struct ic_signalling_events signalling_events = {on_opened, on_heard, on_closed};

/* Why it is not in yet. */
static const char *stuck(struct ic_participant *p)
{
    snprintf(p->why, sizeof p->why, "%s%s%s", stuck_at[p->state],
             p->last_problem[0] ? "; last: " : "", p->last_problem);
    return p->why;
}

static void advance_media(struct ic_participant *p, int64_t now)
{
    ic_peer_advance(p->peer, now);
    if (!p->peer || !ic_peer_connected(p->peer) || p->state != CONNECTED)
        return;
    if (p->sender && ic_sender_advance(p->sender, p->peer, now) == IC_ERR_EXHAUSTED)
        ic_attendance_rekey(p->attendance, now);
    if (p->receiver)
        ic_receiver_advance(p->receiver, p->peer, ic_sender_ssrc(p->sender), now);
}

static void depart(struct ic_participant *p)
{
    p->state = GONE;
    p->finish_now = false;
    end_connection(p);
    ic_roster_clear(&p->roster);
    uv_timer_stop(&p->timer);
    p->company->finished(p->company->owner, p->finish_why, p->connected_once);
}

/* Who waits for people waits as long as they take. */
static int64_t join_deadline(const struct ic_participant *p)
{
    bool joining = !p->connected_once && p->state != WAITING && p->state < LEAVING;
    return joining ? p->started_at + JOIN_NS : INT64_MAX;
}

static void advance(struct ic_participant *p, int64_t now)
{
    if (!p->finish_now && now >= join_deadline(p))
        finish(p, stuck(p));
    if (now >= p->leave_at)
        finish(p, p->leave_why);
    if (p->finish_now) {
        depart(p);
        return;
    }
    if (now >= p->open_at) {
        p->open_at = INT64_MAX;
        p->state = p->may_resume ? p->state : OPENING;
        ic_signalling_open(p->signalling);
    }
    if (now >= p->connect_at && p->entered_once)
        connect_media(p);
    if (p->attendance && now >= ic_attendance_next_tick(p->attendance))
        ic_attendance_tick(p->attendance, now);
    if (p->attendance && now >= p->expire_at) {
        ic_e2ee_expire(ic_attendance_frames(p->attendance), now);
        p->expire_at = now + IC_NS_PER_SEC;
    }
    if (p->peer)
        advance_media(p, now);
    arm(p, now);
}

static void on_timer(uv_timer_t *timer)
{
    struct ic_participant *p = timer->data;
    p->armed_for = INT64_MAX;
    advance(p, ic_clock_now());
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_timeout(const struct ic_participant *p)
{
    if (p->finish_now)
        return 0;
    int64_t due = earliest(earliest(p->open_at, p->connect_at), p->leave_at);
    due = earliest(due, join_deadline(p));
    due = earliest(due, p->expire_at);
    if (p->attendance)
        due = earliest(due, ic_attendance_next_tick(p->attendance));
    if (p->peer)
        due = earliest(due, ic_peer_next_timeout(p->peer));
    if (p->state == CONNECTED && p->sender)
        due = earliest(due, ic_sender_next_timeout(p->sender));
    if (p->state == CONNECTED && p->receiver)
        due = earliest(due, ic_receiver_next_timeout(p->receiver));
    return due;
}

static void arm(struct ic_participant *p, int64_t now)
{
    int64_t due = next_timeout(p);
    if (p->state == GONE || due >= p->armed_for)
        return;
    p->armed_for = due;
    /* Never 0: libuv would run a timer that is always due for ever, and nothing else. */
    int64_t wait_ms = due > now ? (due - now + IC_NS_PER_MS - 1) / IC_NS_PER_MS : 1;
    uv_update_time(p->company->loop);
    uv_timer_start(&p->timer, on_timer, (uint64_t)wait_ms, 0);
}

enum ic_err ic_participant_new(struct ic_participant **out, const struct ic_company *company,
                               struct ic_link *link, const struct ic_part *part)
{
    struct ic_participant *p = calloc(1, sizeof *p);
    if (!p)
        return IC_ERR_SYSTEM;
    p->company = company;
    p->link = link;
    p->part = *part;
    p->armed_for = p->open_at = p->connect_at = p->leave_at = p->expire_at = INT64_MAX;
    p->roster.write_dir = company->write_dir;
    p->roster.ordinal = part->ordinal;
    p->control = company->control ? ic_control_new(company->control, part->ordinal) : NULL;
    if ((company->control && !p->control) ||
        ic_signalling_new(&p->signalling, company->hub, &link->server, &signalling_events, p) !=
            IC_OK) {
        ic_control_free(p->control);
        free(p);
        return IC_ERR_SYSTEM;
    }
    uv_timer_init(company->loop, &p->timer);
    p->timer.data = p;
    *out = p;
    return IC_OK;
}

static void on_timer_closed(uv_handle_t *handle)
{
    free(handle->data);
}

void ic_participant_free(struct ic_participant *p)
{
    if (!p)
        return;
    end_connection(p);
    ic_roster_clear(&p->roster);
    ic_attendance_free(p->attendance);
    ic_control_free(p->control);
    ic_signalling_free(p->signalling);
    ic_secret_wipe(p->resume, sizeof p->resume);
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}

void ic_participant_start(struct ic_participant *p, int64_t now)
{
    p->started_at = now;
    p->open_at = now;
    arm(p, now);
}

void ic_participant_leave(struct ic_participant *p)
{
    if (p->state == GONE || p->state == LEAVING)
        return;
    int64_t now = ic_clock_now();
    p->leave_why = p->connected_once ? NULL : stuck(p);
    if (p->may_resume)
        say(p, ic_say_leave());
    p->state = LEAVING;
    p->open_at = p->connect_at = INT64_MAX;
    p->leave_at = p->may_resume ? now + LEAVE_NS : now;
    ic_signalling_close(p->signalling);
    arm(p, now);
}

void ic_participant_command(struct ic_participant *p, const char *line)
{
    int64_t now = ic_clock_now();
    if (strcmp(line, "leave") == 0)
        ic_participant_leave(p);
    else if (strcmp(line, "count") == 0)
        ic_control_count(p->control, p->company->stats);
    else if (p->attendance && p->state != GONE)
        ic_attendance_command(p->attendance, line, now);
    arm(p, now);
}

bool ic_participant_connected(const struct ic_participant *p)
{
    return p->state == CONNECTED;
}

const char *ic_participant_problem(const struct ic_participant *p)
{
    return p->last_problem;
}

uint32_t ic_participant_people(const struct ic_participant *p)
{
    return p->roster.count;
}

void ic_participant_second(struct ic_participant *p, int64_t now)
{
    ic_roster_gaps(&p->roster, p->company->stats, now);
    if (p->peer)
        p->company->stats->now.socket_drops += ic_peer_take_drops(p->peer);
}
