/* presence.c - what we show of ourselves to the members: announcements, heartbeats and chat. */
#include "e2ee/conference/presence.h"
#include "e2ee/conference/admit_keys.h"
#include "e2ee/conference/frame_keys.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/vouching.h"
#include "e2ee/door/app_message.h"

#include "crypto/random.h"
#include "e2ee/conference/times.h"
#include "e2ee/door/text.h"

static const size_t PADDING = 256;

/* Evenly from [0, span). */
static int64_t random_below(int64_t span)
{
    uint32_t number;
    ic_random_fill(&number, sizeof number);
    return (int64_t)((uint64_t)number * (uint64_t)span >> 32);
}

static size_t padding_of(size_t len)
{
    return (PADDING - len % PADDING) % PADDING;
}

enum ic_err ic_seal_app(struct ic_mls_message *out, struct ic_conference *c,
                        const struct ic_door_app_message *message)
{
    struct ic_writer w = ic_writer_of(c->scratch->a, IC_DOOR_APP_MAX);

    ic_door_app_write(&w, message);
    if (w.bad)
        return IC_ERR_MALFORMED;
    return ic_mls_group_seal(out, c->group, (struct ic_bytes){0}, ic_written(&w),
                             padding_of(w.len));
}

enum ic_err ic_say_app(struct ic_conference *c, const struct ic_door_app_message *message,
                       enum ic_say_type as)
{
    struct ic_mls_message sealed;

    enum ic_err err = ic_seal_app(&sealed, c, message);
    if (err != IC_OK)
        return err;
    ic_out_say(&c->says, &(struct ic_say){.type = as,
                                          .epoch = ic_epoch_of(c),
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
                                                    .compare = {ic_epoch_of(c), (uint8_t)said}},
                      IC_SAY_MESSAGE);
}

/* Right-holders often, since others wait for their word; everybody where they are few; and else so
 * seldom that all together cost about as much. */
static int64_t next_beat(const struct ic_conference *c, int64_t now)
{
    uint32_t members = ic_mls_group_member_count(c->group);
    bool often = members <= IC_FEW_MEMBERS || c->people[ic_own_leaf(c)].rights != 0;
    return now + (often ? IC_BEAT_NS : random_below(members * IC_NS_PER_SEC / 2));
}

static enum ic_err beat(struct ic_conference *c, int64_t now)
{
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_HEARTBEAT,
        .heartbeat = {.epoch = ic_epoch_of(c),
                      .authenticator = ic_mls_group_epoch_authenticator(c->group)}};
    c->presence.heartbeat_at = next_beat(c, now);
    return ic_mls_group_member_count(c->group) > 1 ? ic_say_app(c, &message, IC_SAY_MESSAGE)
                                                   : IC_OK;
}

/* A newcomer shows nobody before he announced himself, so where members are few they do it at once;
 * many do it one after the other. */
static int64_t announcement_span(const struct ic_conference *c)
{
    uint32_t members = ic_mls_group_member_count(c->group);
    return (members < IC_FEW_MEMBERS ? members : 50) * 10 * IC_NS_PER_MS;
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
    if (first || ic_mls_group_member_count(c->group) <= IC_FEW_MEMBERS)
        p->heartbeat_at = now;
    return p->unproven ? IC_OK
                       : ic_frame_keys_use(c, removal, at_once ? now : now + IC_SEND_LATER_NS, now);
}

enum ic_err ic_presence_tick(struct ic_conference *c, int64_t now)
{
    struct ic_presence *p = &c->presence;
    enum ic_err err = IC_OK;

    if (c->stage == IC_CONFERENCE_BEHIND)
        ic_watch_silence(c, now);
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    if (!p->unproven && p->send_at != INT64_MAX && (now >= p->send_at || ic_all_vouched(c)))
        err = ic_frame_keys_seal(c);
    if (err == IC_OK && now >= p->heartbeat_at)
        err = beat(c, now);
    if (err == IC_OK && ic_may_speak(c) && now >= p->announce_at)
        err = announce(c);
    if (err == IC_OK && ic_may_speak(c) && now >= p->admit_key_at)
        err = ic_say_admit_key(c, now);
    if (now - p->epoch_began >= IC_KEEP_NS)
        ic_mls_group_forget_before(c->group, ic_epoch_of(c));
    ic_watch_silence(c, now);
    ic_watch_elsewhere(c, now);
    return err == IC_OK ? ic_watch_hearts(c, now) : err;
}

int64_t ic_presence_next(const struct ic_conference *c)
{
    const struct ic_presence *p = &c->presence;
    if (c->stage != IC_CONFERENCE_IN)
        return INT64_MAX;
    int64_t next = p->heartbeat_at < p->send_at ? p->heartbeat_at : p->send_at;
    return ic_may_speak(c) && p->announce_at < next ? p->announce_at : next;
}
