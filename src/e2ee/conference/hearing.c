/* hearing.c - what the members of our epoch say to each other, as it is heard. */
#include "e2ee/conference/hearing.h"
#include "e2ee/conference/admit_keys.h"
#include "e2ee/conference/frame_keys.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/moderating.h"
#include "e2ee/conference/returning.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/app_message.h"

enum { NOT_SHOWN = -1 }; /* a presence that nobody has */

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
    for (unsigned leaf = 0; !c->presence.unproven && leaf < ic_leaf_count(c); leaf++) {
        struct ic_person *person = &c->people[leaf];
        int64_t presence = presence_of(person, state);
        if (!person->here || !person->announced || presence == person->presence)
            continue;
        person->presence = presence;
        ic_show_leaf(c, IC_EVENT_PRESENCE, leaf, presence, (struct ic_bytes){0});
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
    ic_show_leaf(c, IC_EVENT_PRESENCE, leaf, person->presence, (struct ic_bytes){0});
}

/* A right-holder is here: what the others announced meanwhile is theirs. */
static enum ic_err proven(struct ic_conference *c, int64_t now)
{
    struct ic_door_state state;
    c->presence.unproven = false;
    if (ic_state_now(c, &state) == IC_OK)
        ic_presence_allowed(c, &state);
    return ic_frame_keys_use(c, true, now, now);
}

/* Everybody who can read this is in the epoch of its keys; the authenticator says whether it is the
 * same group all through. */
static enum ic_err vouched(struct ic_conference *c, unsigned leaf,
                           const struct ic_door_app_message *message, int64_t now)
{
    struct ic_person *person = &c->people[leaf];
    if (message->heartbeat.epoch != ic_epoch_of(c))
        return IC_OK;
    bool same = ic_bytes_equal(message->heartbeat.authenticator,
                               ic_mls_group_epoch_authenticator(c->group));
    if (same) {
        person->vouched_epoch = ic_epoch_of(c);
        person->vouched_at = now;
    }
    if (person->elsewhere == same) {
        person->elsewhere = !same;
        ic_show_leaf(c, IC_EVENT_ELSEWHERE, leaf, !same, (struct ic_bytes){0});
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
        ic_show_leaf(c, IC_EVENT_CHAT, leaf, 0, text);
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

/* What was said in a past epoch still opens for a while. Its leaf may have changed hands since, and
 * then it is nobody's who is here. */
static enum ic_err heard_text(struct ic_conference *c, const struct ic_mls_heard *heard,
                              int64_t now)
{
    struct ic_door_app_message message;
    unsigned leaf = heard->sender.index;

    if (leaf >= IC_MEMBERS_MAX || !c->people[leaf].here ||
        heard->epoch < c->people[leaf].came_epoch ||
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

enum ic_err ic_conference_hear_message(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    struct ic_mls_heard heard;
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    enum ic_err err = ic_mls_group_hear(&heard, c->group, sealed);
    if (err == IC_ERR_FORGED)
        c->presence.foreign_at = now;
    if (err == IC_ERR_FORGED && c->ordering.resumed)
        return ic_ask_to_return(c, now); /* theirs is another epoch of this number */
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    if (heard.kind == IC_MLS_HEARD_TEXT)
        err = heard_text(c, &heard, now);
    ic_mls_heard_clear(&heard);
    return err;
}
