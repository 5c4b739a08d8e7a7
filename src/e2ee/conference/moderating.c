/* moderating.c - what a right-holder asks of one member's client: to turn something off, or to wait
 * at the door again. It is said by the right-holder's leaf to all; whom it is about obeys, and the
 * others do not show what he was to turn off until he has. */
#include "e2ee/conference/moderating.h"
#include "e2ee/conference/hearing.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/presence.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/app_message.h"

static enum ic_err may_ask(const struct ic_conference *c, unsigned leaf)
{
    if (!ic_may_speak(c) || !ic_may(c, ic_own_key(c), IC_DOOR_REMOVE))
        return IC_ERR_FORBIDDEN;
    bool other =
        leaf < IC_MEMBERS_MAX && c->people[leaf].here && leaf != ic_mls_group_own_leaf(c->group).n;
    return other ? IC_OK : IC_ERR_NOT_FOUND;
}

static struct ic_bytes participant_of(const struct ic_conference *c, unsigned leaf)
{
    return (struct ic_bytes){c->people[leaf].participant, IC_PARTICIPANT_LEN};
}

static enum ic_err ask_to_turn_off(struct ic_conference *c, unsigned leaf, uint8_t streams)
{
    return ic_say_app(c,
                      &(struct ic_door_app_message){.type = IC_DOOR_APP_MUTE_REQUEST,
                                                    .mute = {participant_of(c, leaf), streams}},
                      IC_SAY_MESSAGE);
}

enum ic_err ic_conference_mute(struct ic_conference *c, unsigned leaf, uint8_t streams, int64_t now)
{
    (void)now;
    enum ic_err err = may_ask(c, leaf);
    if (err == IC_OK)
        err = ask_to_turn_off(c, leaf, streams);
    if (err != IC_OK)
        return err;
    c->people[leaf].asked = true;
    ic_presence_stopped(c, leaf, streams);
    return IC_OK;
}

enum ic_err ic_moderation_repeat(struct ic_conference *c, unsigned leaf)
{
    const struct ic_person *person = &c->people[leaf];
    if (!person->asked || person->stopped == 0 || may_ask(c, leaf) != IC_OK)
        return IC_OK;
    return ask_to_turn_off(c, leaf, person->stopped);
}

static bool has_waiting_room(const struct ic_conference *c)
{
    struct ic_door_state state;
    return ic_state_now(c, &state) == IC_OK && state.flags & IC_DOOR_WAITING_ROOM;
}

/* The word goes before the commit: afterwards it could not be read by whom it is about, who would
 * take himself for removed. The link stays, because he is to knock with it. */
enum ic_err ic_conference_send_back(struct ic_conference *c, unsigned leaf, int64_t now)
{
    enum ic_err err = may_ask(c, leaf);
    if (err == IC_OK && (c->people[leaf].rights != 0 || !has_waiting_room(c)))
        err = IC_ERR_FORBIDDEN;
    if (err == IC_OK)
        err = ic_say_app(c,
                         &(struct ic_door_app_message){.type = IC_DOOR_APP_SEND_BACK,
                                                       .sent_back = participant_of(c, leaf)},
                         IC_SAY_MESSAGE);
    if (err != IC_OK)
        return err;
    c->people[leaf].sent_back = true;
    struct ic_wish wish = {
        .type = IC_WISH_SEND_BACK, .member_len = c->people[leaf].member_len, .not_before = now};
    memcpy(wish.member, c->people[leaf].member, wish.member_len);
    return ic_wish(c, &wish, now);
}

static void show(struct ic_conference *c, enum ic_conference_event_type type, unsigned sender,
                 int64_t number)
{
    struct ic_conference_event event = {.type = type, .leaf = sender, .number = number};
    memcpy(event.participant, c->people[sender].participant, sizeof event.participant);
    ic_out_event(&c->events, &event);
}

void ic_moderation_heard(struct ic_conference *c, unsigned sender,
                         const struct ic_door_app_message *message)
{
    bool mute = message->type == IC_DOOR_APP_MUTE_REQUEST;
    unsigned leaf =
        ic_leaf_of_participant(c, mute ? message->mute.participant.at : message->sent_back.at);
    bool own = leaf == ic_mls_group_own_leaf(c->group).n;

    if (!(c->people[sender].rights & IC_DOOR_REMOVE) || leaf == IC_MEMBERS_MAX)
        return;
    if (!mute)
        c->people[leaf].sent_back = true;
    else if (!own)
        ic_presence_stopped(c, leaf, message->mute.streams);
    if (own && mute)
        show(c, IC_EVENT_MUTED, sender, message->mute.streams);
    else if (own)
        show(c, IC_EVENT_SENT_BACK, sender, 0);
}
