/* attendance.c - drives a conference: hands on what is heard, says what it wants said, and does
 * what its events ask of a headless participant. */
#include "client/attendance.h"

#include <stdlib.h>

#include "client/clock.h"
#include "client/talk.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

enum { ADMISSIONS_MAX = 256 };
static const int64_t TICK_NS = IC_NS_PER_SEC;

struct admission {
    uint8_t participant[IC_PARTICIPANT_LEN];
    int64_t at;
};

struct ic_attendance {
    struct ic_attendance_options options;
    const struct ic_attendance_events *events;
    void *owner;
    struct ic_link link; /* as it is now: the group replaces it */
    struct ic_conference *conference;
    struct ic_e2ee *frames;
    struct ic_conference_presence presence;
    unsigned own_leaf;
    struct admission admissions[ADMISSIONS_MAX];
    size_t admission_count;
    int64_t tick_at;
    bool over, pumping;
};

/* ---- Beginning ---- */

static enum ic_err begin(struct ic_attendance *a, const char *name, const char *title)
{
    struct ic_conference_options options = {
        .link = a->link.door,
        .name = ic_bytes_of_text(name),
        .title = ic_bytes_of_text(title ? title : ""),
        .last = {.link_version = a->options.again ? 1 : 0},
        .made_here = a->options.made_here,
        .suite = a->options.suite,
        .wall_ms_at_zero = (uint64_t)((ic_clock_wall() - ic_clock_now()) / IC_NS_PER_MS),
        .frames = ic_e2ee_new()};
    memcpy(options.meeting, a->link.meeting, sizeof options.meeting);
    enum ic_err err = options.frames ? ic_conference_new(&a->conference, &options) : IC_ERR_SYSTEM;
    if (err == IC_OK)
        a->frames = options.frames;
    else
        ic_e2ee_free(options.frames);
    ic_door_link_clear(&options.link);
    return err;
}

/* Before anything is heard: a host founds with it, a guest knocks with it. */
static enum ic_err give_passcode(struct ic_attendance *a, const char *passcode)
{
    uint8_t key[IC_DOOR_PSK_LEN];
    enum ic_err err = ic_door_passcode_key(key, ic_bytes_of_text(passcode), a->link.meeting);
    if (err != IC_OK)
        return IC_ERR_MALFORMED;
    err = ic_conference_passcode(a->conference, key, ic_clock_now());
    ic_secret_wipe(key, sizeof key);
    return err;
}

enum ic_err ic_attendance_new(struct ic_attendance **out,
                              const struct ic_attendance_options *options,
                              const struct ic_attendance_events *events, void *owner)
{
    struct ic_attendance *a = calloc(1, sizeof *a);
    if (!a)
        return IC_ERR_SYSTEM;
    a->options = *options;
    a->options.link = NULL;
    a->options.name = NULL;
    a->events = events;
    a->owner = owner;
    a->link = *options->link;
    a->tick_at = INT64_MAX;
    a->options.passcode = NULL;
    a->options.title = NULL;
    enum ic_err err = begin(a, options->name, options->title);
    if (err == IC_OK && options->passcode)
        err = give_passcode(a, options->passcode);
    if (err != IC_OK) {
        ic_attendance_free(a);
        return err;
    }
    if (options->control)
        ic_control_meeting(options->control, a->link.meeting);
    *out = a;
    return IC_OK;
}

void ic_attendance_free(struct ic_attendance *a)
{
    if (!a)
        return;
    ic_conference_free(a->conference);
    ic_e2ee_free(a->frames);
    ic_secret_wipe(a, sizeof *a);
    free(a);
}

struct ic_e2ee *ic_attendance_frames(struct ic_attendance *a)
{
    return a->frames;
}

static void end(struct ic_attendance *a, const char *why)
{
    if (a->over)
        return;
    a->over = true;
    a->events->over(a->owner, why);
}

/* ---- Saying ---- */

static void say(struct ic_attendance *a, const struct ic_say *say)
{
    char *text = ic_talk_text(say);
    if (text)
        a->events->say(a->owner, text);
}

static bool in_group(const struct ic_attendance *a)
{
    enum ic_conference_stage stage = ic_conference_stage(a->conference);
    return stage == IC_CONFERENCE_IN || stage == IC_CONFERENCE_BEHIND;
}

char *ic_attendance_join(const struct ic_attendance *a, const uint8_t *resume)
{
    uint8_t proof[IC_PROOF_LEN];
    struct ic_door_host_keys keys = {0};
    uint32_t epoch = (uint32_t)ic_conference_epoch(a->conference);
    bool host = a->link.door.kind == IC_DOOR_LINK_HOST &&
                ic_door_host_keys(&keys, a->link.door.root_seed) == IC_OK;

    ic_door_admission_proof(proof, a->link.door.secret);
    char *text = ic_say_join(a->link.meeting, proof, host ? keys.proof : NULL, resume,
                             resume && in_group(a) ? &epoch : NULL);
    ic_secret_wipe(&keys, sizeof keys);
    ic_secret_wipe(proof, sizeof proof);
    return text;
}

enum ic_err ic_attendance_creation(uint8_t admission[IC_PROOF_LEN], uint8_t host[IC_PROOF_LEN],
                                   const struct ic_link *link)
{
    uint8_t proof[IC_PROOF_LEN];
    struct ic_door_host_keys keys;
    enum ic_err err = ic_door_host_keys(&keys, link->door.root_seed);
    if (err != IC_OK)
        return err;
    ic_door_admission_proof(proof, link->door.secret);
    ic_sha256(admission, (struct ic_bytes){proof, sizeof proof});
    ic_sha256(host, (struct ic_bytes){keys.proof, sizeof keys.proof});
    ic_secret_wipe(&keys, sizeof keys);
    ic_secret_wipe(proof, sizeof proof);
    return IC_OK;
}

/* ---- Events ---- */

static void knocked(struct ic_attendance *a, const uint8_t *participant)
{
    if (!a->options.admits || a->admission_count == ADMISSIONS_MAX)
        return;
    struct admission *admission = &a->admissions[a->admission_count++];
    memcpy(admission->participant, participant, sizeof admission->participant);
    admission->at = ic_clock_now() + a->options.admit_after_ns;
}

/* The new secret is good for coming back, as whatever we are. An invite stays good by itself. */
static void take_link(struct ic_attendance *a, struct ic_bytes fragment)
{
    char text[IC_DOOR_FRAGMENT_LEN + 1] = {0};
    struct ic_door_link link;
    memcpy(text, fragment.at,
           fragment.len < IC_DOOR_FRAGMENT_LEN ? fragment.len : IC_DOOR_FRAGMENT_LEN);
    if (ic_door_link_parse(&link, text) == IC_DOOR_LINK_FINE &&
        a->link.door.kind != IC_DOOR_LINK_INVITE)
        memcpy(a->link.door.secret, link.secret, sizeof link.secret);
    ic_door_link_clear(&link);
    ic_secret_wipe(text, sizeof text);
}

static void on_person(struct ic_attendance *a, const struct ic_conference_event *event)
{
    struct ic_roster *roster = a->options.roster;
    if (event->leaf == a->own_leaf)
        return;
    if (event->type == IC_EVENT_PERSON &&
        ic_roster_seat(roster, event->participant, event->leaf) != IC_OK)
        end(a, "no memory for the people in the meeting");
    if (event->type == IC_EVENT_PERSON_LEFT)
        ic_roster_leave(roster, event->leaf);
    if (event->type == IC_EVENT_PRESENCE)
        ic_roster_present(roster, event->leaf, (uint32_t)event->number & 0xff);
    a->events->changed(a->owner);
}

static void on_entered(struct ic_attendance *a, unsigned leaf)
{
    a->own_leaf = leaf;
    ic_roster_clear(a->options.roster);
    a->events->entered(a->owner);
}

static void on_event(struct ic_attendance *a, const struct ic_conference_event *event)
{
    switch (event->type) {
    case IC_EVENT_CARD_BAD:
        end(a, "the meeting is not of the host that the link names");
        break;
    case IC_EVENT_PASSCODE:
        if (!a->options.control) /* which may say it */
            end(a, event->number ? "the passcode is wrong, or the link is old"
                                 : "the meeting has a passcode: give it with --passcode");
        break;
    case IC_EVENT_SETTINGS_LOST:
        if (event->number == IC_LOST_HIDDEN && !a->options.control)
            end(a, "the server hides the meeting as it was: it is locked now, with a new link");
        break;
    case IC_EVENT_MUTED:
        a->events->muted(a->owner, (uint32_t)event->number);
        break;
    case IC_EVENT_SENT_BACK:
        end(a, "a host sent it back to the waiting room");
        break;
    case IC_EVENT_REFUSED:
        end(a, "a host refused");
        break;
    case IC_EVENT_OPENED_AGAIN:
        if (event->number == 1)
            end(a, "its link was opened on another device");
        break;
    case IC_EVENT_REMOVED:
        end(a, "a host took it out of the meeting");
        break;
    case IC_EVENT_ENTERED:
        on_entered(a, event->leaf);
        break;
    case IC_EVENT_PERSON:
    case IC_EVENT_PERSON_LEFT:
    case IC_EVENT_PRESENCE:
        on_person(a, event);
        break;
    case IC_EVENT_KNOCK:
        knocked(a, event->participant);
        break;
    case IC_EVENT_LINK:
        take_link(a, event->text);
        break;
    default:
        break; /* for people to see */
    }
}

/* All that the conference wants said and done. What is done may call it again: then the outer one
 * goes on. */
static void pump(struct ic_attendance *a, int64_t now)
{
    const struct ic_say *next;
    const struct ic_conference_event *event;
    if (a->pumping)
        return;
    a->pumping = true;
    while ((event = ic_conference_next_event(a->conference))) {
        if (a->options.control)
            ic_control_show(a->options.control, event, a->conference);
        on_event(a, event);
    }
    while ((next = ic_conference_next_say(a->conference)))
        say(a, next);
    a->pumping = false;
    int64_t due = ic_conference_next_tick(a->conference);
    a->tick_at = due < now + TICK_NS ? due : now + TICK_NS;
}

/* After a call of the conference. */
static void done(struct ic_attendance *a, enum ic_err err, int64_t now)
{
    pump(a, now);
    if (err != IC_OK)
        end(a, "the group's keys could not be kept: no memory, or the server lies");
}

/* ---- Hearing ---- */

static enum ic_err refused(struct ic_attendance *a, const struct ic_heard *h, int64_t now)
{
    int64_t wait = h->retry_after_ms ? h->retry_after_ms * IC_NS_PER_MS : IC_NS_PER_SEC;
    if (!h->refused_type)
        return IC_OK;
    enum ic_say_type of = ic_talk_type(h->refused_type);
    if (h->refusal == IC_REFUSED_NOT_KEEPER)
        return ic_conference_hear_not_keeper(a->conference, now);
    if (h->refusal == IC_REFUSED_FULL && of == IC_SAY_KNOCK) /* let in, once there is room */
        return IC_OK;
    return of == IC_SAYS ? IC_OK : ic_conference_hear_refused(a->conference, of, now + wait, now);
}

void ic_attendance_hear(struct ic_attendance *a, const struct ic_heard *h, int64_t now)
{
    if (a->over)
        return;
    done(a, h->type == IC_HEARD_ERROR ? refused(a, h, now) : ic_talk_hear(a->conference, h, now),
         now);
}

/* ---- Doing ---- */

void ic_attendance_present(struct ic_attendance *a, uint32_t streams, int64_t now)
{
    a->presence.streams = (uint8_t)streams;
    done(a, ic_conference_present(a->conference, &a->presence, now), now);
}

void ic_attendance_rekey(struct ic_attendance *a, int64_t now)
{
    done(a, ic_conference_rekey(a->conference, now), now);
}

void ic_attendance_command(struct ic_attendance *a, const char *line, int64_t now)
{
    if (!a->over && a->options.control)
        done(a,
             ic_control_obey(a->options.control, a->conference, line, now) == IC_ERR_SYSTEM
                 ? IC_ERR_SYSTEM
                 : IC_OK,
             now);
}

/* Who is not there any more, or was let in by somebody else, is no error. */
static enum ic_err admit_due(struct ic_attendance *a, int64_t now)
{
    size_t kept = 0;
    enum ic_err err = IC_OK;
    for (size_t i = 0; i < a->admission_count; i++) {
        struct admission admission = a->admissions[i];
        if (admission.at > now)
            a->admissions[kept++] = admission;
        else if (ic_conference_admit(a->conference, admission.participant, now) == IC_ERR_SYSTEM)
            err = IC_ERR_SYSTEM;
    }
    a->admission_count = kept;
    return err;
}

void ic_attendance_tick(struct ic_attendance *a, int64_t now)
{
    if (a->over)
        return;
    enum ic_err err = admit_due(a, now);
    done(a, err == IC_OK ? ic_conference_tick(a->conference, now) : err, now);
}

int64_t ic_attendance_next_tick(const struct ic_attendance *a)
{
    int64_t next = a->tick_at;
    for (size_t i = 0; i < a->admission_count; i++)
        next = a->admissions[i].at < next ? a->admissions[i].at : next;
    return a->over ? INT64_MAX : next;
}
