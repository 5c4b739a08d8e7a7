/* presence.c - that members are there and in the same group: announcements, heartbeats, and what
 * follows when nobody vouches for our epoch. Frame keys move with the epochs here too. */
#include "e2ee/conference/inside.h"

#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/conference/times.h"
#include "e2ee/door/text.h"

enum { NOT_SHOWN = -1 }; /* a presence that nobody has */
enum { FEW = 16 };       /* members up to which everybody's heart beats every five seconds */

static const int64_t BEAT_NS = 5 * IC_NS_PER_SEC;
static const int64_t ELSEWHERE_NS = 6 * IC_NS_PER_SEC; /* a beat is due by then */
static const int64_t SILENT_NS = 150 * IC_NS_PER_SEC;  /* a tab out of sight may sleep a minute */
static const size_t PADDING = 256;

static unsigned own_leaf(const struct ic_conference *c)
{
    return ic_mls_group_own_leaf(c->group).n;
}

static uint64_t epoch_of(const struct ic_conference *c)
{
    return ic_mls_group_context(c->group)->epoch;
}

/* Places for people: nobody sits beyond. */
static unsigned leaf_count(const struct ic_conference *c)
{
    uint32_t leaves = ic_mls_group_tree(c->group)->leaves;
    return leaves < IC_MEMBERS_MAX ? leaves : IC_MEMBERS_MAX;
}

/* Evenly from [0, span). */
static int64_t random_below(int64_t span)
{
    uint32_t number;
    ic_random_fill(&number, sizeof number);
    return (int64_t)((uint64_t)number * (uint64_t)span >> 32);
}

/* ---- Saying ---- */

static size_t padding_of(size_t len)
{
    return (PADDING - len % PADDING) % PADDING;
}

enum ic_err ic_say_app(struct ic_conference *c, const struct ic_door_app_message *message,
                       enum ic_say_type as)
{
    struct ic_writer w = ic_writer_of(c->scratch->a, IC_DOOR_APP_MAX);
    struct ic_mls_message sealed;

    ic_door_app_write(&w, message);
    if (w.bad)
        return IC_ERR_MALFORMED;
    enum ic_err err = ic_mls_group_seal(&sealed, c->group, (struct ic_bytes){0}, ic_written(&w),
                                        padding_of(w.len));
    if (err != IC_OK)
        return err;
    ic_out_say(&c->says, &(struct ic_say){.type = as,
                                          .epoch = epoch_of(c),
                                          .sealed = ic_mls_message_bytes(&sealed)});
    ic_mls_message_clear(&sealed);
    return IC_OK;
}

static enum ic_err announce(struct ic_conference *c)
{
    struct ic_presence *p = &c->presence;
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_ANNOUNCEMENT,
        .announcement = {.number = ++p->number,
                         .streams = p->own.streams,
                         .flags = (uint8_t)((p->own.hand ? IC_DOOR_HAND_UP : 0) |
                                            (p->own.away ? IC_DOOR_AWAY : 0) |
                                            (p->own.asks_to_share ? IC_DOOR_ASKS_TO_SHARE : 0))}};
    p->announce_at = INT64_MAX;
    return ic_say_app(c, &message, IC_SAY_MESSAGE);
}

bool ic_may_speak(const struct ic_conference *c)
{
    return c->stage == IC_CONFERENCE_IN && !c->presence.unproven && !c->presence.silenced;
}

static bool is_default(const struct ic_conference_presence *presence)
{
    return presence->streams == 0 && !presence->hand && !presence->away && !presence->asks_to_share;
}

enum ic_err ic_conference_present(struct ic_conference *c,
                                  const struct ic_conference_presence *presence, int64_t now)
{
    c->presence.own = *presence;
    c->presence.announce_at = now;
    return ic_may_speak(c) ? announce(c) : IC_OK;
}

enum ic_err ic_conference_chat(struct ic_conference *c, struct ic_bytes text, int64_t now)
{
    struct ic_door_state state;
    (void)now;
    if (!ic_may_speak(c) || !ic_door_is_text(text, IC_DOOR_CHAT_MAX))
        return IC_ERR_FORBIDDEN;
    enum ic_err err = ic_state_now(c, &state);
    if (err != IC_OK || !(ic_door_capabilities_of(&state, ic_own_key(c)) & IC_DOOR_MAY_CHAT))
        return IC_ERR_FORBIDDEN;
    return ic_say_app(c, &(struct ic_door_app_message){.type = IC_DOOR_APP_CHAT, .chat = text},
                      IC_SAY_MESSAGE);
}

enum ic_err ic_conference_compare(struct ic_conference *c, enum ic_door_comparison said,
                                  int64_t now)
{
    (void)now;
    if (!ic_may_speak(c) || said > IC_DOOR_COMPARE_DIFFERENT)
        return IC_ERR_FORBIDDEN;
    return ic_say_app(c,
                      &(struct ic_door_app_message){.type = IC_DOOR_APP_COMPARE,
                                                    .compare = {epoch_of(c), (uint8_t)said}},
                      IC_SAY_MESSAGE);
}

/* Right-holders often, since others wait for their word; everybody where they are few; and else so
 * seldom that all together cost about as much. */
static int64_t next_beat(const struct ic_conference *c, int64_t now)
{
    uint32_t members = ic_mls_group_member_count(c->group);
    bool often = members <= FEW || c->people[own_leaf(c)].rights != 0;
    return now + (often ? BEAT_NS : random_below(members * IC_NS_PER_SEC / 2));
}

static enum ic_err beat(struct ic_conference *c, int64_t now)
{
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_HEARTBEAT,
        .heartbeat = {.epoch = epoch_of(c),
                      .authenticator = ic_mls_group_epoch_authenticator(c->group)}};
    c->presence.heartbeat_at = next_beat(c, now);
    return ic_mls_group_member_count(c->group) > 1 ? ic_say_app(c, &message, IC_SAY_MESSAGE)
                                                   : IC_OK;
}

/* ---- Frame keys ---- */

static enum ic_err send_with_epoch(struct ic_conference *c)
{
    c->presence.send_at = INT64_MAX;
    enum ic_err err = ic_e2ee_epoch_send(c->options.frames, epoch_of(c), own_leaf(c));
    return err == IC_ERR_FORBIDDEN ? IC_OK : err; /* it does already */
}

static enum ic_err install_keys(struct ic_conference *c, bool removal, int64_t now)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    enum ic_err err = ic_mls_group_export(base_key, sizeof base_key, c->group,
                                          "SFrame 1.0 Base Key", (struct ic_bytes){0});
    if (err == IC_OK)
        err = ic_e2ee_epoch_install(c->options.frames, epoch_of(c), base_key, now,
                                    removal ? IC_KEEP_AFTER_REMOVAL_NS : IC_KEEP_NS);
    ic_secret_wipe(base_key, sizeof base_key);
    return err;
}

static enum ic_err use_keys(struct ic_conference *c, bool removal, int64_t send_at, int64_t now)
{
    enum ic_err err = install_keys(c, removal, now);
    if (err != IC_OK)
        return err;
    ic_mls_group_end_exports(c->group);
    c->presence.send_at = send_at;
    return send_at <= now ? send_with_epoch(c) : IC_OK;
}

/* A newcomer shows nobody before he announced himself, so where members are few they do it at once;
 * many do it one after the other. */
static int64_t announcement_span(const struct ic_conference *c)
{
    uint32_t members = ic_mls_group_member_count(c->group);
    return (members < FEW ? members : 50) * 10 * IC_NS_PER_MS;
}

/* Receive first, send later: others need a moment to get the epoch. Not after a removal: from then
 * on nothing must be sealed that the removed one could open. */
enum ic_err ic_presence_epoch(struct ic_conference *c, bool first, bool removal, bool addition,
                              int64_t now)
{
    struct ic_presence *p = &c->presence;
    bool at_once = first || removal;

    p->epoch_began = now;
    p->send_at = INT64_MAX;
    if (addition || first)
        p->admit_key_at = now;
    if ((addition || first) && !is_default(&p->own))
        p->announce_at = now + random_below(announcement_span(c));
    if (first || ic_mls_group_member_count(c->group) <= FEW)
        p->heartbeat_at = now;
    return p->unproven ? IC_OK : use_keys(c, removal, at_once ? now : now + IC_SEND_LATER_NS, now);
}

/* ---- Hearing ---- */

static void show_leaf(struct ic_conference *c, enum ic_conference_event_type type, unsigned leaf,
                      int64_t number, struct ic_bytes text)
{
    struct ic_conference_event event = {.type = type, .leaf = leaf, .number = number, .text = text};
    memcpy(event.participant, c->people[leaf].participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

static uint8_t streams_of(uint16_t capabilities)
{
    return (uint8_t)((capabilities & IC_DOOR_MAY_SPEAK ? 1 << IC_STREAM_MICROPHONE : 0) |
                     (capabilities & IC_DOOR_MAY_VIDEO ? 1 << IC_STREAM_CAMERA : 0) |
                     (capabilities & IC_DOOR_MAY_SHARE
                          ? 1 << IC_STREAM_SCREEN | 1 << IC_STREAM_SCREEN_AUDIO
                          : 0));
}

/* What somebody may not do, or was asked to end, is not there, whatever he says and the server
 * forwards (ACC-06). */
static int64_t presence_of(const struct ic_person *person, const struct ic_door_state *state)
{
    struct ic_bytes member = {person->member, person->member_len};
    uint8_t allowed =
        streams_of(ic_door_capabilities_of(state, member)) & (uint8_t)~person->stopped;
    return (person->streams & allowed) | (person->flags & IC_DOOR_HAND_UP ? 1 << 8 : 0) |
           (person->flags & IC_DOOR_AWAY ? 1 << 9 : 0) |
           (person->flags & IC_DOOR_ASKS_TO_SHARE ? 1 << 10 : 0);
}

void ic_presence_allowed(struct ic_conference *c, const struct ic_door_state *state)
{
    for (unsigned leaf = 0; !c->presence.unproven && leaf < leaf_count(c); leaf++) {
        struct ic_person *person = &c->people[leaf];
        int64_t presence = presence_of(person, state);
        if (!person->here || !person->announced || presence == person->presence)
            continue;
        person->presence = presence;
        show_leaf(c, IC_EVENT_PRESENCE, leaf, presence, (struct ic_bytes){0});
    }
}

void ic_presence_stopped(struct ic_conference *c, unsigned leaf, uint8_t streams)
{
    struct ic_person *person = &c->people[leaf];
    struct ic_door_state state;
    person->stopped |= person->streams & streams;
    if (ic_state_now(c, &state) == IC_OK)
        ic_presence_allowed(c, &state);
}

static void announced(struct ic_conference *c, unsigned leaf,
                      const struct ic_door_app_message *message)
{
    struct ic_person *person = &c->people[leaf];
    struct ic_door_state state;
    if (person->announced && message->announcement.number <= person->announcement)
        return;
    person->announced = true;
    person->announcement = message->announcement.number;
    person->streams = message->announcement.streams;
    person->flags = message->announcement.flags;
    person->stopped &= person->streams; /* what is off may be turned on again */
    if (c->presence.unproven) {
        person->presence = NOT_SHOWN; /* until we know whose group this is */
        return;
    }
    if (ic_state_now(c, &state) != IC_OK)
        return;
    person->presence = presence_of(person, &state);
    show_leaf(c, IC_EVENT_PRESENCE, leaf, person->presence, (struct ic_bytes){0});
}

/* A right-holder is here: what the others announced meanwhile is theirs. */
static enum ic_err proven(struct ic_conference *c, int64_t now)
{
    struct ic_door_state state;
    c->presence.unproven = false;
    if (ic_state_now(c, &state) == IC_OK)
        ic_presence_allowed(c, &state);
    return use_keys(c, true, now, now);
}

/* Everybody who can read this is in the epoch of its keys; the authenticator says whether it is the
 * same group all through. */
static enum ic_err vouched(struct ic_conference *c, unsigned leaf,
                           const struct ic_door_app_message *message, int64_t now)
{
    struct ic_person *person = &c->people[leaf];
    if (message->heartbeat.epoch != epoch_of(c))
        return IC_OK;
    bool same = ic_bytes_equal(message->heartbeat.authenticator,
                               ic_mls_group_epoch_authenticator(c->group));
    if (same) {
        person->vouched_epoch = epoch_of(c);
        person->vouched_at = now;
    }
    if (person->elsewhere == same) {
        person->elsewhere = !same;
        show_leaf(c, IC_EVENT_ELSEWHERE, leaf, !same, (struct ic_bytes){0});
    }
    if (!same || person->rights == 0 || !c->presence.unproven)
        return ic_moderation_repeat(c, leaf);
    return proven(c, now);
}

static void chatted(struct ic_conference *c, unsigned leaf, struct ic_bytes text)
{
    struct ic_door_state state;
    struct ic_bytes member = {c->people[leaf].member, c->people[leaf].member_len};
    if (ic_state_now(c, &state) == IC_OK &&
        ic_door_capabilities_of(&state, member) & IC_DOOR_MAY_CHAT)
        show_leaf(c, IC_EVENT_CHAT, leaf, 0, text);
}

static void show_compared(struct ic_conference *c, unsigned leaf,
                          const struct ic_door_app_message *message)
{
    struct ic_conference_event event = {.type = IC_EVENT_COMPARE,
                                        .leaf = leaf,
                                        .epoch = message->compare.epoch,
                                        .number = message->compare.said};
    memcpy(event.participant, c->people[leaf].participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

static enum ic_err heard_text(struct ic_conference *c, const struct ic_mls_heard *heard,
                              int64_t now)
{
    struct ic_door_app_message message;
    unsigned leaf = heard->sender.index;

    if (leaf >= IC_MEMBERS_MAX || !c->people[leaf].here ||
        ic_door_app_read(&message, heard->text) != IC_OK)
        return IC_OK;
    c->people[leaf].gone = c->people[leaf].silent = false; /* whatever the server said */
    c->people[leaf].heard_at = now;
    if (c->presence.unproven && message.type != IC_DOOR_APP_HEARTBEAT &&
        message.type != IC_DOOR_APP_ANNOUNCEMENT)
        return IC_OK; /* of a group that may be another's */
    switch (message.type) {
    case IC_DOOR_APP_ANNOUNCEMENT:
        announced(c, leaf, &message);
        break;
    case IC_DOOR_APP_HEARTBEAT:
        return vouched(c, leaf, &message, now);
    case IC_DOOR_APP_CHAT:
        chatted(c, leaf, message.chat);
        break;
    case IC_DOOR_APP_ADMIT_KEY:
        return ic_admit_key_heard(c, leaf, message.admit_key);
    case IC_DOOR_APP_COMPARE:
        show_compared(c, leaf, &message);
        break;
    case IC_DOOR_APP_MUTE_REQUEST:
    case IC_DOOR_APP_SEND_BACK:
        ic_moderation_heard(c, leaf, &message);
        break;
    default:
        break; /* rejects come by another way; the rest is of a later version */
    }
    return IC_OK;
}

/* A leaf may have changed hands since a message of a past epoch was said: such a one is dropped
 * unless its key still opens, and then it is shown under the leaf's present person only when that
 * person was there. */
enum ic_err ic_conference_hear_message(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    struct ic_mls_heard heard;
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    enum ic_err err = ic_mls_group_hear(&heard, c->group, sealed);
    if (err == IC_ERR_FORGED)
        c->presence.foreign_at = now;
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    if (heard.kind == IC_MLS_HEARD_TEXT)
        err = heard_text(c, &heard, now);
    ic_mls_heard_clear(&heard);
    return err;
}

/* ---- Silence ---- */

/* Who could vouch, and who did lately; without ourselves. */
struct vouching {
    unsigned holders, holders_fresh, others, others_fresh;
};

static struct vouching count_vouching(const struct ic_conference *c, int64_t now)
{
    struct vouching v = {0};
    for (unsigned leaf = 0; leaf < leaf_count(c); leaf++) {
        const struct ic_person *person = &c->people[leaf];
        if (!person->here || person->gone || leaf == own_leaf(c))
            continue;
        bool fresh = person->vouched_epoch == epoch_of(c) && now - person->vouched_at < IC_QUIET_NS;
        bool holder = person->rights != 0;
        v.others++;
        v.others_fresh += fresh;
        v.holders += holder;
        v.holders_fresh += holder && fresh;
    }
    return v;
}

static bool is_vouched(const struct ic_conference *c, int64_t now)
{
    struct vouching v = count_vouching(c, now);
    if (c->presence.unproven)
        return false;
    if (c->stage == IC_CONFERENCE_BEHIND) /* others went on, and perhaps without somebody */
        return now - c->entering.lost_at < BEAT_NS;
    if (now - c->presence.epoch_began < IC_QUIET_NS || v.others == 0)
        return true;
    if (v.holders > 0)
        return v.holders_fresh > 0;
    bool only_holder = c->people[own_leaf(c)].rights != 0; /* nobody else puts anybody out */
    return only_holder || 2 * (v.others_fresh + 1) > v.others + 1;
}

static void watch_silence(struct ic_conference *c, int64_t now)
{
    bool silenced = !is_vouched(c, now);
    if (silenced == c->presence.silenced)
        return;
    c->presence.silenced = silenced;
    ic_e2ee_hold_sending(c->options.frames, silenced);
    ic_show(c, IC_EVENT_SILENCED, silenced);
}

/* ---- Time ---- */

static bool all_vouched(const struct ic_conference *c)
{
    for (unsigned leaf = 0; leaf < leaf_count(c); leaf++) {
        const struct ic_person *person = &c->people[leaf];
        if (person->here && !person->gone && leaf != own_leaf(c) &&
            person->vouched_epoch != epoch_of(c))
            return false;
    }
    return true;
}

/* A heart that beats at least this often. */
static int64_t longest_beat(const struct ic_conference *c)
{
    uint32_t members = ic_mls_group_member_count(c->group);
    return members <= FEW ? 0 : members * IC_NS_PER_SEC / 2;
}

/* A fork has other keys, so what they say there cannot be read here: that there is something to be
 * read, and who has not said a word in our epoch, tells it. */
static void watch_elsewhere(struct ic_conference *c, int64_t now)
{
    const struct ic_presence *p = &c->presence;
    int64_t patience = ELSEWHERE_NS + longest_beat(c);
    if (p->foreign_at == 0 || now - p->foreign_at > patience || now - p->epoch_began < patience)
        return;
    for (unsigned leaf = 0; leaf < leaf_count(c); leaf++) {
        struct ic_person *person = &c->people[leaf];
        if (!person->here || person->gone || person->elsewhere || leaf == own_leaf(c) ||
            person->vouched_epoch == epoch_of(c))
            continue;
        person->elsewhere = true;
        show_leaf(c, IC_EVENT_ELSEWHERE, leaf, 1, (struct ic_bytes){0});
    }
}

/* A server may miss to say that somebody went, and somebody may never have come after it was let
 * in. Hearts tell. */
static enum ic_err watch_hearts(struct ic_conference *c, int64_t now)
{
    int64_t patience = SILENT_NS + longest_beat(c);
    enum ic_err err = IC_OK;
    for (unsigned leaf = 0; leaf < leaf_count(c) && err == IC_OK; leaf++) {
        struct ic_person *person = &c->people[leaf];
        if (!person->here || person->silent || leaf == own_leaf(c))
            continue;
        if (person->heard_at == 0)
            person->heard_at = now;
        if (now - person->heard_at < patience)
            continue;
        person->silent = true;
        err = ic_vanished(c, leaf, now);
    }
    return err;
}

enum ic_err ic_presence_tick(struct ic_conference *c, int64_t now)
{
    struct ic_presence *p = &c->presence;
    enum ic_err err = IC_OK;

    if (c->stage == IC_CONFERENCE_BEHIND)
        watch_silence(c, now);
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    if (!p->unproven && p->send_at != INT64_MAX && (now >= p->send_at || all_vouched(c)))
        err = send_with_epoch(c);
    if (err == IC_OK && now >= p->heartbeat_at)
        err = beat(c, now);
    if (err == IC_OK && ic_may_speak(c) && now >= p->announce_at)
        err = announce(c);
    if (err == IC_OK && ic_may_speak(c) && now >= p->admit_key_at)
        err = ic_say_admit_key(c, now);
    if (now - p->epoch_began >= IC_KEEP_NS)
        ic_mls_group_forget_before(c->group, epoch_of(c));
    watch_silence(c, now);
    watch_elsewhere(c, now);
    return err == IC_OK ? watch_hearts(c, now) : err;
}

int64_t ic_presence_next(const struct ic_conference *c)
{
    const struct ic_presence *p = &c->presence;
    if (c->stage != IC_CONFERENCE_IN)
        return INT64_MAX;
    int64_t next = p->heartbeat_at < p->send_at ? p->heartbeat_at : p->send_at;
    return ic_may_speak(c) && p->announce_at < next ? p->announce_at : next;
}
