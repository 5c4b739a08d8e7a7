/* knocking.c - at the door: the card that says where to knock, the knock, and what is replied to
 * it. Whatever does not prove itself against the host that the link names is shown as that and goes
 * no further. */
#include <stdlib.h>

#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/conference/founding.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/invites.h"
#include "e2ee/conference/knocking.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/returning.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/card.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/reply.h"
#include "e2ee/door/text.h"

/* ---- The card ---- */

static void card_key(uint8_t key[IC_DOOR_CARD_KEY_LEN], const struct ic_conference *c)
{
    const struct ic_door_link *link = &c->options.link;
    uint8_t secret[IC_LINK_SECRET_LEN];

    if (link->kind == IC_DOOR_LINK_INVITE)
        ic_door_invite_key(secret, link->secret, c->options.meeting);
    else
        memcpy(secret, link->secret, sizeof secret);
    ic_door_card_key(key, secret, c->options.meeting);
    ic_secret_wipe(secret, sizeof secret);
}

static enum ic_err open_card(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    struct ic_entering *entering = &c->entering;
    uint8_t key[IC_DOOR_CARD_KEY_LEN];
    struct ic_door_card card;

    uint8_t *buffer = malloc(IC_DOOR_CARD_SEALED_MAX);
    if (!buffer)
        return IC_ERR_SYSTEM;
    card_key(key, c);
    enum ic_err err = ic_door_card_open(&card, buffer, sealed, c->options.meeting, key);
    ic_secret_wipe(key, sizeof key);
    if (err == IC_OK)
        err = ic_door_card_verify(&card, c->options.meeting, c->pin, ic_wall_ms(c, now));
    if (err != IC_OK) {
        free(buffer);
        return err;
    }
    free(entering->card_buffer);
    entering->card_buffer = buffer;
    entering->card = card;
    return IC_OK;
}

enum ic_err ic_read_old_card(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    enum ic_err err = open_card(c, sealed, now);
    if (err == IC_OK)
        ic_link_now_set(c, c->options.link.secret, c->entering.card.link_version);
    if (c->link.version < c->options.last.link_version)
        c->link.version = c->options.last.link_version;
    return err;
}

/* The suite that the host chose, if it is one that meetings may have. */
const struct ic_suite *ic_card_suite(const struct ic_conference *c)
{
    const struct ic_suite *suite = ic_suite_find(c->entering.card.suite);
    bool fits = suite && ic_suite_available(suite) && suite->signature == IC_SIGNATURE_ED25519;
    return fits ? suite : NULL;
}

/* ---- The knock ---- */

struct ic_door_knock_place ic_knock_place(const struct ic_conference *c, uint32_t link_version)
{
    return (struct ic_door_knock_place){c->options.meeting, c->participant, link_version};
}

static enum ic_err knock_secret(struct ic_door_knock_secret *out, const struct ic_conference *c)
{
    struct ic_bytes passcode = {c->link.passcode_key, c->link.passcode ? IC_DOOR_PSK_LEN : 0};
    if (c->options.link.kind == IC_DOOR_LINK_INVITE)
        return ic_invite_to_knock(out, c);
    out->invite = false;
    ic_door_psk(out->psk, c->options.link.secret, c->options.meeting, passcode);
    ic_door_tag(out->tag, c->options.link.secret, c->options.meeting);
    return IC_OK;
}

enum ic_err ic_make_reply_key(struct ic_entering *entering)
{
    return ic_kem_generate(entering->reply_private, entering->reply_public, IC_KEM_XWING);
}

struct ic_bytes ic_reply_key(const struct ic_entering *entering)
{
    return (struct ic_bytes){entering->reply_public, ic_kem_lengths(IC_KEM_XWING).public_len};
}

/* Replies are bound to it. */
enum ic_err ic_keep_knock(struct ic_entering *entering, struct ic_bytes sealed)
{
    ic_mls_message_clear(&entering->knock);
    return ic_mls_message_copy(&entering->knock, sealed);
}

static enum ic_err seal_knock(struct ic_writer *w, struct ic_conference *c)
{
    struct ic_entering *entering = &c->entering;
    uint8_t id[IC_DOOR_KNOCK_ID_LEN];
    struct ic_door_knock_secret secret;

    enum ic_err err = ic_make_reply_key(entering);
    if (err != IC_OK)
        return err;
    ic_random_fill(id, sizeof id);
    struct ic_door_knock knock = {
        .key_package = ic_mls_message_bytes(&entering->package.encoded),
        .reply_key = ic_reply_key(entering),
        .id = {id, sizeof id},
        .answer = {entering->answer, entering->answer_len},
    };
    struct ic_door_knock_place place = ic_knock_place(c, entering->card.link_version);
    err = knock_secret(&secret, c);
    if (err == IC_OK)
        err = ic_door_knock_seal(w, &knock, &place, &secret, entering->card.admit_keys);
    ic_secret_wipe(&secret, sizeof secret);
    return err;
}

static enum ic_err knock(struct ic_conference *c, int64_t now)
{
    const struct ic_suite *suite = ic_card_suite(c);
    struct ic_writer w = ic_writer_of(c->scratch->a, IC_DOOR_KNOCK_MAX);

    if (!suite) {
        ic_show(c, IC_EVENT_CARD_BAD, 0);
        return IC_OK;
    }
    enum ic_err err = ic_own_package(c, suite, now);
    if (err == IC_OK)
        err = seal_knock(&w, c);
    if (err != IC_OK)
        return err;
    err = ic_keep_knock(&c->entering, ic_written(&w));
    if (err != IC_OK)
        return err;
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_KNOCK, .sealed = ic_written(&w)});
    c->entering.knock_again_at = 0;
    c->stage = IC_CONFERENCE_KNOCKED;
    return IC_OK;
}

/* Would a knock with the one card be as good as with the other? A second knock takes the place of
 * the first, and perhaps somebody is being let in with that. */
static bool same_door(const struct ic_door_card *a, const struct ic_door_card *b)
{
    return a->link_version == b->link_version && a->suite == b->suite &&
           ic_bytes_equal(a->admit_keys, b->admit_keys) &&
           (a->flags & IC_DOOR_CARD_PASSCODE) == (b->flags & IC_DOOR_CARD_PASSCODE);
}

/* `known`: we have knocked, and the new card says nothing that would make us knock again. */
static enum ic_err replace_card(struct ic_conference *c, bool *known, struct ic_bytes sealed,
                                int64_t now)
{
    struct ic_entering *entering = &c->entering;
    uint8_t *buffer = entering->card_buffer;
    struct ic_door_card before = entering->card;

    entering->card_buffer = NULL; /* kept until the two were compared */
    enum ic_err err = open_card(c, sealed, now);
    if (err != IC_OK) {
        entering->card_buffer = buffer;
        return err;
    }
    *known = c->stage == IC_CONFERENCE_KNOCKED && buffer && same_door(&before, &entering->card);
    free(buffer);
    return IC_OK;
}

/* The link's version is the card's. A card of the same link and another version than the one before
 * tells of another passcode. */
static void follow_card(struct ic_conference *c, bool changed)
{
    const struct ic_door_card *card = &c->entering.card;

    if (changed || !(card->flags & IC_DOOR_CARD_PASSCODE))
        ic_link_passcode(c, (struct ic_bytes){0});
    c->link.version = card->link_version;
    if (c->options.link.kind != IC_DOOR_LINK_INVITE)
        ic_link_now_set(c, c->options.link.secret, card->link_version);
}

/* Through the open door; where that fails, as before a closed one. */
static enum ic_err ask_or_knock(struct ic_conference *c, int64_t now)
{
    if (ic_is_host(c))
        return ic_ask_to_return(c, now);
    enum ic_err err = ic_may_go_in(c) ? ic_go_in(c, now) : IC_ERR_FORBIDDEN;
    return err == IC_OK || err == IC_ERR_SYSTEM || c->entering.outside ? err : knock(c, now);
}

static bool lacks_passcode(const struct ic_conference *c)
{
    return c->entering.card.flags & IC_DOOR_CARD_PASSCODE && !c->link.passcode &&
           c->options.link.kind != IC_DOOR_LINK_INVITE;
}

static enum ic_err card_came(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    bool known = false, had = c->entering.card_buffer != NULL || c->link.followed;
    uint32_t version = c->link.version;
    enum ic_err err = replace_card(c, &known, sealed, now);
    bool changed = had && err == IC_OK && version != c->entering.card.link_version;

    if (err == IC_ERR_SYSTEM)
        return err;
    if (err != IC_OK) {
        ic_show(c, IC_EVENT_CARD_BAD, (int64_t)err);
        return IC_OK;
    }
    const struct ic_door_card *card = &c->entering.card;
    follow_card(c, changed);
    ic_last_door_is(c, card);
    ic_show_participant(c, IC_EVENT_CARD, c->participant, card->flags, card->title);
    if (known)
        return IC_OK;
    if (!lacks_passcode(c))
        return ask_or_knock(c, now);
    ic_show(c, IC_EVENT_PASSCODE, IC_PASSCODE_NEEDED);
    return IC_OK;
}

static enum ic_err keep_info(struct ic_conference *c, struct ic_bytes info)
{
    ic_mls_message_clear(&c->entering.info);
    return info.len > 0 ? ic_mls_message_copy(&c->entering.info, info) : IC_OK;
}

enum ic_err ic_conference_hear_waiting(struct ic_conference *c,
                                       const uint8_t participant[IC_PARTICIPANT_LEN],
                                       struct ic_bytes card, struct ic_bytes info, bool attended,
                                       int64_t now)
{
    if (c->stage == IC_CONFERENCE_OVER)
        return IC_OK;
    enum ic_err err = ic_is_host(c) && c->group ? ic_remember_group(c) : IC_OK;
    ic_conference_group_over(c); /* or it goes on without us */
    if (err != IC_OK)
        return err;
    c->stage = IC_CONFERENCE_WAITING;
    c->founding.asks = false;
    c->entering.returning = false;
    c->entering.outside_tries = 0;
    c->entering.outside_again_at = 0;
    ic_outside_forget(&c->entering);
    memcpy(c->participant, participant, sizeof c->participant);
    err = keep_info(c, info);
    if (err != IC_OK)
        return err;
    ic_show(c, IC_EVENT_ATTENDED, attended);
    return card.len > 0 ? card_came(c, card, now) : IC_OK;
}

static bool is_waiting(const struct ic_conference *c)
{
    return c->stage == IC_CONFERENCE_WAITING || c->stage == IC_CONFERENCE_KNOCKED;
}

/* Our own commit came too late, or is not taken: through the door as it stands now, or knock. */
static enum ic_err go_on(struct ic_conference *c, int64_t now)
{
    if (!is_waiting(c) || ic_is_host(c) || !c->entering.card_buffer || lacks_passcode(c) ||
        c->entering.returning)
        return IC_OK;
    return ic_may_go_in(c) || !c->entering.knock.at ? ask_or_knock(c, now) : IC_OK;
}

enum ic_err ic_conference_hear_opened(struct ic_conference *c, struct ic_bytes info, int64_t now)
{
    if (c->stage == IC_CONFERENCE_OVER)
        return IC_OK;
    enum ic_err err = keep_info(c, info);
    return err == IC_OK && !c->entering.outside ? go_on(c, now) : err;
}

enum ic_err ic_outside_too_late(struct ic_conference *c, struct ic_bytes info, int64_t now)
{
    ic_outside_forget(&c->entering);
    enum ic_err err = keep_info(c, info);
    return err == IC_OK ? go_on(c, now) : err;
}

/* The server did not take our own commit, perhaps as one too many. */
static void outside_refused(struct ic_conference *c, int64_t again_at)
{
    if (c->entering.outside)
        c->entering.outside_again_at = again_at;
    ic_outside_forget(&c->entering);
}

static enum ic_err outside_tick(struct ic_conference *c, int64_t now)
{
    struct ic_entering *e = &c->entering;
    if (ic_outside_is_late(c, now)) /* no answer */
        return ic_outside_too_late(c, (struct ic_bytes){0}, now);
    if (e->outside_again_at == 0 || now < e->outside_again_at)
        return IC_OK;
    e->outside_again_at = 0;
    return e->outside ? IC_OK : go_on(c, now);
}

enum ic_err ic_conference_hear_carded(struct ic_conference *c, struct ic_bytes card, int64_t now)
{
    return is_waiting(c) ? card_came(c, card, now) : IC_OK;
}

enum ic_err ic_conference_hear_attended(struct ic_conference *c, bool attended, int64_t now)
{
    (void)now;
    if (is_waiting(c))
        ic_show(c, IC_EVENT_ATTENDED, attended);
    return IC_OK;
}

enum ic_err ic_conference_answer(struct ic_conference *c, struct ic_bytes text, int64_t now)
{
    if (c->stage != IC_CONFERENCE_KNOCKED || !ic_door_is_text(text, IC_DOOR_ANSWER_MAX))
        return IC_ERR_FORBIDDEN;
    memcpy(c->entering.answer, text.at, text.len);
    c->entering.answer_len = text.len;
    return knock(c, now);
}

enum ic_err ic_conference_passcode(struct ic_conference *c, const uint8_t key[IC_DOOR_PSK_LEN],
                                   int64_t now)
{
    if (c->group)
        return IC_ERR_FORBIDDEN;
    ic_link_passcode(c, (struct ic_bytes){key, IC_DOOR_PSK_LEN});
    ic_link_now_set(c, c->options.link.secret, c->link.version);
    if (c->founding.asks)
        return ic_found_with_passcode(c, now);
    return is_waiting(c) && c->entering.card_buffer ? ask_or_knock(c, now) : IC_OK;
}

/* ---- The reply ---- */

static void take_link_keys(struct ic_conference *c, const struct ic_door_reply *reply)
{
    ic_link_passcode(c, reply->passcode_key);
    ic_link_now_set(c, reply->link_secret.at, reply->link_version);
}

/* We missed another passcode of the same link, and come back. */
static void take_missed_keys(struct ic_conference *c, const struct ic_door_reply *reply)
{
    struct ic_bytes secret = {c->link.secret, sizeof c->link.secret};
    if (reply->kind == IC_DOOR_REPLY_KEYS && reply->link_version > c->link.version &&
        c->link.secret_known && ic_secret_equal(reply->link_secret.at, secret.at, secret.len))
        take_link_keys(c, reply);
}

static void replied(struct ic_conference *c, const struct ic_door_reply *reply)
{
    switch (reply->kind) {
    case IC_DOOR_REPLY_SOON:
        ic_show(c, IC_EVENT_ATTENDED, 1);
        break;
    case IC_DOOR_REPLY_REFUSED:
        ic_show(c, IC_EVENT_REFUSED, 0);
        ic_conference_end(c);
        break;
    case IC_DOOR_REPLY_QUESTION:
        ic_show_participant(c, IC_EVENT_QUESTION, c->participant, 0, reply->text);
        break;
    case IC_DOOR_REPLY_KEYS:
        if (c->options.link.kind == IC_DOOR_LINK_INVITE)
            take_link_keys(c, reply);
        break;
    case IC_DOOR_REPLY_UNREADABLE:
        ic_link_passcode(c, (struct ic_bytes){0});
        ic_show(c, IC_EVENT_PASSCODE, IC_PASSCODE_WRONG);
        break;
    }
}

/* Of the group that we were in, or of the card. */
static struct ic_bytes known_grants(const struct ic_conference *c)
{
    struct ic_door_state state;
    if (!c->group)
        return c->entering.card_buffer ? c->entering.card.grants : (struct ic_bytes){0};
    return ic_state_now(c, &state) == IC_OK ? state.grants : (struct ic_bytes){0};
}

/* Only what a right-holder signed for this very knock counts; a final word of the server alone is
 * shown as a loss by the caller, when the socket closes. */
enum ic_err ic_conference_hear_replied(struct ic_conference *c, struct ic_bytes sealed, bool final,
                                       int64_t now)
{
    struct ic_door_reply reply;
    uint8_t *buffer = c->scratch->a;

    (void) final;
    (void)now;
    bool returning = c->entering.returning;
    if (c->stage != IC_CONFERENCE_KNOCKED && !(returning && c->stage == IC_CONFERENCE_BEHIND))
        return IC_OK;
    struct ic_door_knock_place place =
        ic_knock_place(c, returning ? c->link.version : c->entering.card.link_version);
    struct ic_bytes key = {c->entering.reply_private, ic_kem_lengths(IC_KEM_XWING).private_len};
    enum ic_err err =
        ic_door_reply_open(&reply, buffer, sealed, &place, ic_mls_message_bytes(&c->entering.knock),
                           key, known_grants(c));
    if (err == IC_OK && returning)
        take_missed_keys(c, &reply);
    else if (err == IC_OK)
        replied(c, &reply);
    ic_secret_wipe(buffer, IC_DOOR_REPLY_MAX);
    return err == IC_ERR_SYSTEM ? err : IC_OK;
}

/* ---- Trying again ---- */

/* Replies are bound to the knock, so it stays the same. */
static void knock_again(struct ic_conference *c)
{
    c->entering.knock_again_at = 0;
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_KNOCK,
                                          .sealed = ic_mls_message_bytes(&c->entering.knock)});
}

/* Who asks to come back asks again anyway. */
enum ic_err ic_conference_hear_refused(struct ic_conference *c, enum ic_say_type of,
                                       int64_t again_at, int64_t now)
{
    if (of == IC_SAY_COMMIT && is_waiting(c))
        outside_refused(c, again_at);
    else if (of == IC_SAY_COMMIT)
        return ic_ordering_refused(c, again_at, now);
    if (of == IC_SAY_KNOCK && c->stage == IC_CONFERENCE_KNOCKED && !c->entering.returning)
        c->entering.knock_again_at = again_at;
    return IC_OK;
}

enum ic_err ic_entering_tick(struct ic_conference *c, int64_t now)
{
    const struct ic_entering *e = &c->entering;
    enum ic_err err = outside_tick(c, now);
    if (err != IC_OK)
        return err;
    if (e->knock_again_at > 0 && now >= e->knock_again_at && c->stage == IC_CONFERENCE_KNOCKED)
        knock_again(c);
    return ic_returning_tick(c, now);
}
