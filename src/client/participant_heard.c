/* participant_heard.c - what the server says, from the opening of its socket to its end: who is let
 * in, refused or told to wait, and which of it the conference or the media have to hear. */
#include <stdio.h>

#include "client/clock.h"
#include "client/participant_parts.h"
#include "crypto/random.h"

enum { RETRY_STEPS = 6, NAME_SIZE = 256 };
#define AGAIN_NS IC_NS_PER_SEC /* where the server names no time */

static void write_name(char name[NAME_SIZE], const struct ic_participant *p)
{
    if (p->company->numbered)
        snprintf(name, NAME_SIZE, "%s %u", p->company->name, p->part.ordinal + 1);
    else
        snprintf(name, NAME_SIZE, "%s", p->company->name);
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
        ic_participant_finish(
            p, err == IC_ERR_FORBIDDEN   ? "others cannot be shown that --name or --title"
               : err == IC_ERR_MALFORMED ? "--passcode is none that a meeting can have"
                                         : "no memory for keys");
}

static void enter(struct ic_participant *p)
{
    if (p->state < IC_PARTICIPANT_ENTERING)
        p->state = IC_PARTICIPANT_ENTERING;
    if (!p->attendance)
        attend(p);
    if (p->attendance)
        ic_participant_say(p, ic_attendance_join(p->attendance, p->may_resume ? p->resume : NULL));
}

static void create(struct ic_participant *p)
{
    uint8_t admission[IC_PROOF_LEN], host[IC_PROOF_LEN];
    p->state = IC_PARTICIPANT_ENTERING;
    if (ic_attendance_creation(admission, host, p->link) == IC_OK)
        ic_participant_say(p, ic_say_create(p->part.start_token, admission, host));
    else
        ic_participant_finish(p, "no keys could be made");
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
    p->state = IC_PARTICIPANT_WAITING;
    ic_participant_disconnect(p);
    ic_attendance_hear(p->attendance, h, ic_clock_now());
}

static void on_joined(struct ic_participant *p, const struct ic_heard *h)
{
    if (memcmp(p->id, h->id, sizeof p->id) != 0)
        ic_participant_disconnect(p); /* of somebody whom the server forgot */
    memcpy(p->id, h->id, sizeof p->id);
    memcpy(p->resume, h->resume, sizeof p->resume);
    p->may_resume = true;
    ic_attendance_hear(p->attendance, h, ic_clock_now());
    ic_participant_show(p);
}

static void on_entered(void *owner)
{
    struct ic_participant *p = owner;
    if (p->state == IC_PARTICIPANT_LEAVING || p->state == IC_PARTICIPANT_GONE)
        return;
    if (p->state == IC_PARTICIPANT_WAITING)
        p->started_at = ic_clock_now(); /* people may take their time */
    p->entered_once = true;
    if (!p->peer)
        ic_participant_connect(p);
}

static void on_changed(void *owner)
{
    ic_participant_show(owner);
}

static void on_over(void *owner, const char *why)
{
    ic_participant_finish(owner, why);
}

static void on_say(void *owner, char *text)
{
    ic_participant_say(owner, text);
}

static void on_muted(void *owner, uint32_t streams)
{
    ic_participant_mute(owner, streams);
}

static const struct ic_attendance_events attendance_events = {on_say, on_entered, on_changed,
                                                              on_muted, on_over};

/* What concerns the group. */
static void on_heard_group(struct ic_participant *p, const struct ic_heard *h, int64_t now)
{
    if (!p->attendance || p->state == IC_PARTICIPANT_LEAVING || p->state == IC_PARTICIPANT_GONE)
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
        ic_participant_finish(p, "a host took it out of the meeting");
        break;
    case IC_HEARD_REPLACED:
        ic_participant_finish(p, "the link was replaced: ask for the new one");
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
    ic_participant_note_problem(p, ic_refusal_name(h->refusal));
    switch (h->refusal) {
    case IC_REFUSED_NO_ENTRY:
        ic_participant_finish(p, "there is no such meeting, or the link's secret is wrong");
        break;
    case IC_REFUSED_START_USED:
        ic_participant_finish(p, "the start address is unknown or was used");
        break;
    case IC_REFUSED_BAD_MESSAGE:
        ic_participant_finish(p, "the server did not accept a message of ours");
        break;
    case IC_REFUSED_NO_MEDIA:
    case IC_REFUSED_BAD_CONNECTION:
        p->connect_at = again;
        break;
    case IC_REFUSED_FULL:
        if (!p->entered_once)
            ic_participant_finish(p, "the meeting or the server is full");
        break;
    case IC_REFUSED_TOO_FAST:
    case IC_REFUSED_STOPPING:
        p->open_at = again; /* when the socket has closed */
        break;
    case IC_REFUSED_REFUSED:
        ic_participant_finish(p, "a host refused this address");
        break;
    case IC_REFUSED_NOT_HOST:
    case IC_REFUSED_NOT_KEEPER:
    case IC_REFUSED_NOT_OPEN:
    case IC_REFUSALS:
        break;
    }
}

/* What concerns our connection for media, and what goes over it. */
static void on_heard_media(struct ic_participant *p, const struct ic_heard *h, int64_t now)
{
    switch (h->type) {
    case IC_HEARD_ANSWER:
        ic_participant_answered(p, h, now);
        break;
    case IC_HEARD_RELAYS:
        if (h->only)
            ic_participant_finish(
                p, "the server wants media over a TURN server, which this client cannot do");
        break;
    case IC_HEARD_SLOTS:
        memcpy(p->slots, h->slots, sizeof p->slots);
        p->slot_count = h->slot_count;
        ic_participant_show(p);
        break;
    case IC_HEARD_VOICES:
        p->voices_crowded = h->crowded;
        if (h->crowded && ic_participant_streams(p) >> IC_STREAM_MICROPHONE & 1)
            ic_participant_say(p, ic_say_speaking(true));
        ic_participant_show(p);
        break;
    case IC_HEARD_WANTED:
        if (p->sender)
            ic_sender_want(p->sender, h->stream, h->layers);
        break;
    case IC_HEARD_RECONNECT:
        p->connect_at = now;
        break;
    default:
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
        ic_participant_show(p);
        break;
    case IC_HEARD_ANSWER:
    case IC_HEARD_RELAYS:
    case IC_HEARD_SLOTS:
    case IC_HEARD_VOICES:
    case IC_HEARD_WANTED:
    case IC_HEARD_RECONNECT:
        on_heard_media(p, h, now);
        break;
    case IC_HEARD_TRIED:
    case IC_HEARD_PATH:
    case IC_HEARD_RESTARTED: /* we never say restart */
        break;
    case IC_HEARD_ENDED:
        ic_participant_finish(p, NULL);
        break;
    case IC_HEARD_ERROR:
        on_refused(p, h, now);
        break;
    default:
        on_heard_group(p, h, now);
        break;
    }
    ic_participant_arm(p, now);
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
    if (p->state == IC_PARTICIPANT_LEAVING) {
        ic_participant_finish(p, p->leave_why);
        return;
    }
    if (p->state == IC_PARTICIPANT_OPENING)
        ic_participant_note_problem(p, why);
    if (p->stays)
        return;
    if (p->open_at == INT64_MAX)
        p->open_at = now + retry_delay(p);
    ic_participant_arm(p, now);
}

const struct ic_signalling_events ic_participant_hears = {on_opened, on_heard, on_closed};
