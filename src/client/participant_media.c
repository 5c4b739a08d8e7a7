/* participant_media.c - the connection for media: offered, answered, lost and made anew, and what
 * goes over it. */
#include "client/clock.h"
#include "client/participant_parts.h"
#include "media/rtcp.h"

enum { STREAMS_MAX = 4 * IC_LINES_MAX };

void ic_participant_disconnect(struct ic_participant *p)
{
    ic_receiver_free(p->receiver);
    ic_sender_free(p->sender);
    ic_peer_free(p->peer);
    p->receiver = NULL;
    p->sender = NULL;
    p->peer = NULL;
    p->slot_count = 0;
}

uint32_t ic_participant_streams(const struct ic_participant *p)
{
    return p->part.sends ? ic_media_streams(&p->company->media) & ~p->muted : 0;
}

void ic_participant_connect(struct ic_participant *p)
{
    ic_participant_disconnect(p);
    p->connect_at = INT64_MAX;
    ic_attendance_present(p->attendance, ic_participant_streams(p), ic_clock_now());
    uint32_t number = p->connect.connection + 1;
    const struct ic_lines_wanted wanted = {.streams = ic_participant_streams(p),
                                           .layers = p->company->media.layers,
                                           .slots = p->part.receives,
                                           .tiles = p->company->show};
    ic_lines_make(&p->connect, &wanted);
    p->connect.connection = number;
    ic_peer_credentials(&p->connect.ice);
    memcpy(p->connect.fingerprint, p->company->fingerprint, sizeof p->connect.fingerprint);
    ic_participant_say(p, ic_say_connect(&p->connect));
    p->state = IC_PARTICIPANT_ENTERED;
}

void ic_participant_show(struct ic_participant *p)
{
    struct ic_show shows[IC_SLOTS_MAX];
    size_t count;
    if (p->state == IC_PARTICIPANT_CONNECTED && p->part.receives &&
        ic_stage_update(&p->stage, &p->connect, &p->roster, p->company->height, shows, &count))
        ic_participant_say(p, ic_say_show(shows, count));
    ic_stage_want(&p->stage, &p->roster, p->connected_once && p->part.receives, p->voices_crowded);
    if (p->receiver)
        ic_receiver_point(p->receiver, p->slots, p->slot_count, ic_clock_now());
}

static void say_live(struct ic_participant *p)
{
    const struct ic_media *media = &p->company->media;
    ic_participant_say(p,
                       ic_say_live(ic_participant_streams(p), media->height, media->screen_height));
}

static void on_connected(void *owner, int64_t now)
{
    struct ic_participant *p = owner;
    struct ic_stats *stats = p->company->stats;

    p->state = IC_PARTICIPANT_CONNECTED;
    if (ic_peer_profile(p->peer) == IC_SRTP_AEAD_AES_128_GCM)
        stats->now.srtp_gcm++;
    else
        stats->now.srtp_sha1++;
    if (p->connected_once)
        stats->reconnects++;
    else
        ic_histogram_add(&stats->joins, now - p->started_at);
    p->connected_once = true;
    if (ic_participant_streams(p) != 0)
        say_live(p);
    ic_stage_forget(&p->stage);
    ic_participant_show(p);
    ic_participant_arm(p, now);
}

static void on_lost(void *owner, const char *why)
{
    struct ic_participant *p = owner;
    ic_participant_note_problem(p, why);
    p->connect_at = ic_clock_now();
    ic_participant_arm(p, p->connect_at);
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
        ic_participant_arm(p, now);
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

void ic_participant_answered(struct ic_participant *p, const struct ic_heard *answer, int64_t now)
{
    const struct ic_company *c = p->company;
    const struct ic_receiver_context context = {ic_attendance_frames(p->attendance), &p->roster,
                                                c->stats, (struct ic_cells *)(uintptr_t)&c->cells,
                                                c->buffers};
    if (answer->connection != p->connect.connection || p->peer)
        return;
    enum ic_err err = ic_peer_new(&p->peer, &c->peer, now, &p->connect.ice, answer,
                                  p->link->server.host, STREAMS_MAX, &peer_events, p);
    if (err == IC_ERR_NOT_FOUND) {
        ic_participant_finish(p, c->peer.tcp ? "the server offers no TCP address"
                                             : "the server offers no UDP address");
        return;
    }
    if (err == IC_OK)
        err = ic_sender_new(&p->sender, &p->connect, answer, &c->media,
                            ic_attendance_frames(p->attendance), c->stats, c->buffers, c->tamper,
                            now);
    if (err == IC_OK && p->part.receives)
        err = ic_receiver_new(&p->receiver, &p->connect, answer, &context, now);
    if (err != IC_OK)
        ic_participant_finish(p, "no memory or no socket for a connection");
    p->state = IC_PARTICIPANT_ANSWERED;
}

void ic_participant_mute(struct ic_participant *p, uint32_t streams)
{
    p->muted |= streams;
    for (unsigned stream = 0; p->sender && stream < IC_STREAMS; stream++)
        if (streams >> stream & 1)
            ic_sender_want(p->sender, (enum ic_stream)stream, 0);
    ic_attendance_present(p->attendance, ic_participant_streams(p), ic_clock_now());
    if (p->state == IC_PARTICIPANT_CONNECTED)
        say_live(p);
}

void ic_participant_media_advance(struct ic_participant *p, int64_t now)
{
    ic_peer_advance(p->peer, now);
    if (!p->peer || !ic_peer_connected(p->peer) || p->state != IC_PARTICIPANT_CONNECTED)
        return;
    if (p->sender && ic_sender_advance(p->sender, p->peer, now) == IC_ERR_EXHAUSTED)
        ic_attendance_rekey(p->attendance, now);
    if (p->receiver)
        ic_receiver_advance(p->receiver, p->peer, ic_sender_ssrc(p->sender), now);
}

static int64_t earliest(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t ic_participant_media_timeout(const struct ic_participant *p)
{
    int64_t due = p->peer ? ic_peer_next_timeout(p->peer) : INT64_MAX;
    if (p->state == IC_PARTICIPANT_CONNECTED && p->sender)
        due = earliest(due, ic_sender_next_timeout(p->sender));
    if (p->state == IC_PARTICIPANT_CONNECTED && p->receiver)
        due = earliest(due, ic_receiver_next_timeout(p->receiver));
    return due;
}
