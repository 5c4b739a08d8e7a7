/* entering.c - from the link to the group: the card, the knock, the Welcome; and back again after a
 * loss. Whatever does not prove itself against the host that the link names is shown as that and
 * goes no further. */
#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/door/text.h"
#include "e2ee/door/welcome_check.h"

static const int64_t ASK_AGAIN_NS = 5 * IC_NS_PER_SEC;
enum { ASK_SLOWER = 4 }; /* times that the pause doubles: the server takes few of one client */

void ic_entering_clear(struct ic_entering *entering)
{
    free(entering->card_buffer);
    if (entering->packed)
        ic_mls_own_package_clear(&entering->package);
    if (entering->packed_before)
        ic_mls_own_package_clear(&entering->older);
    ic_mls_message_clear(&entering->knock);
    ic_mls_message_clear(&entering->info);
    ic_outside_forget(entering);
    ic_secret_wipe(entering, sizeof *entering);
}

/* ---- The card ---- */

/* The host comes back to a meeting that goes on: its leaf's key is known there. */
static bool is_host(const struct ic_conference *c)
{
    return c->options.link.kind == IC_DOOR_LINK_HOST;
}

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
static const struct ic_suite *card_suite(const struct ic_conference *c)
{
    const struct ic_suite *suite = ic_suite_find(c->entering.card.suite);
    bool fits = suite && ic_suite_available(suite) && suite->signature == IC_SIGNATURE_ED25519;
    return fits ? suite : NULL;
}

/* ---- The knock ---- */

static struct ic_door_knock_place knock_place(const struct ic_conference *c, uint32_t link_version)
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

static enum ic_err make_reply_key(struct ic_entering *entering)
{
    return ic_kem_generate(entering->reply_private, entering->reply_public, IC_KEM_XWING);
}

static struct ic_bytes reply_key(const struct ic_entering *entering)
{
    return (struct ic_bytes){entering->reply_public, ic_kem_lengths(IC_KEM_XWING).public_len};
}

/* Replies are bound to it. */
static enum ic_err keep_knock(struct ic_entering *entering, struct ic_bytes sealed)
{
    ic_mls_message_clear(&entering->knock);
    return ic_mls_message_copy(&entering->knock, sealed);
}

static enum ic_err seal_knock(struct ic_writer *w, struct ic_conference *c)
{
    struct ic_entering *entering = &c->entering;
    uint8_t id[IC_DOOR_KNOCK_ID_LEN];
    struct ic_door_knock_secret secret;

    enum ic_err err = make_reply_key(entering);
    if (err != IC_OK)
        return err;
    ic_random_fill(id, sizeof id);
    struct ic_door_knock knock = {
        .key_package = ic_mls_message_bytes(&entering->package.encoded),
        .reply_key = reply_key(entering),
        .id = {id, sizeof id},
        .answer = {entering->answer, entering->answer_len},
    };
    struct ic_door_knock_place place = knock_place(c, entering->card.link_version);
    err = knock_secret(&secret, c);
    if (err == IC_OK)
        err = ic_door_knock_seal(w, &knock, &place, &secret, entering->card.admit_keys);
    ic_secret_wipe(&secret, sizeof secret);
    return err;
}

static enum ic_err knock(struct ic_conference *c, int64_t now)
{
    const struct ic_suite *suite = card_suite(c);
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
    err = keep_knock(&c->entering, ic_written(&w));
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
    if (is_host(c))
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
    enum ic_err err = is_host(c) && c->group ? ic_remember_group(c) : IC_OK;
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
    if (!is_waiting(c) || is_host(c) || !c->entering.card_buffer || lacks_passcode(c) ||
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
        knock_place(c, returning ? c->link.version : c->entering.card.link_version);
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

/* ---- The Welcome ---- */

enum ic_err ic_describe_entry(struct ic_door_entered *out, struct ic_identity_buffer *buffer,
                              struct ic_conference *c, const struct ic_mls_group *group,
                              int64_t now)
{
    struct ic_mls_identity identity;

    enum ic_err err = ic_own_identity(&identity, buffer, c, ic_mls_group_suite(group), now);
    if (err != IC_OK)
        return err;
    *out = (struct ic_door_entered){
        .meeting = c->options.meeting,
        .pin = c->pin,
        .now_ms = ic_wall_ms(c, now),
        .context = ic_mls_group_context(group),
        .tree = ic_mls_group_tree(group),
        .own = ic_mls_group_own_leaf(group),
        .own_profile = {buffer->profile, buffer->profile_len},
        .used_link_psk = c->psk_used,
    };
    return IC_OK;
}

static enum ic_err check_entry(struct ic_conference *c, enum ic_door_welcome_fault *fault,
                               const struct ic_mls_group *group, uint64_t epoch_before, int64_t now)
{
    struct ic_identity_buffer buffer;
    struct ic_door_entered entered;

    enum ic_err err = ic_describe_entry(&entered, &buffer, c, group, now);
    if (err != IC_OK)
        return err;
    if (!ic_mls_group_welcomed_by(group, &entered.info_signer)) {
        *fault = IC_DOOR_WELCOME_SIGNER;
        return IC_OK;
    }
    bool returning = c->entering.returning || is_host(c);
    entered.entry = returning ? IC_DOOR_ENTRY_RETURNING : IC_DOOR_ENTRY_ADMITTED;
    entered.epoch_before = epoch_before;
    *fault = ic_door_welcome_check(&entered);
    return IC_OK;
}

static enum ic_err join_with(struct ic_conference *c, struct ic_mls_group **group,
                             struct ic_bytes welcome, const struct ic_mls_own_package *package)
{
    struct ic_mls_application application = ic_application(c);
    struct ic_mls_group_join plan = {
        .welcome = welcome, .package = package, .application = &application};
    c->psk_used = false;
    return ic_mls_group_join(group, &plan);
}

static enum ic_err join(struct ic_conference *c, struct ic_mls_group **group,
                        struct ic_bytes welcome)
{
    enum ic_err err = join_with(c, group, welcome, &c->entering.package);
    if (err != IC_OK && err != IC_ERR_SYSTEM && c->entering.packed_before) {
        enum ic_err older = join_with(c, group, welcome, &c->entering.older);
        err = older == IC_ERR_NOT_FOUND ? err : older;
    }
    return err;
}

static enum ic_err enter(struct ic_conference *c, struct ic_mls_group *group, int64_t now)
{
    struct ic_bytes own = ic_own_key(c);
    ic_ordering_restart(c);
    ic_mls_group_free(c->group);
    c->group = group;
    c->stage = IC_CONFERENCE_IN;
    ic_entering_clear(&c->entering);
    ic_founding_forget(&c->founding);
    ic_link_forget_older(c);
    c->link.followed = true;
    enum ic_err err = ic_members_changed(c, true, false);
    if (err == IC_OK)
        err = ic_presence_epoch(c, true, false, false, now);
    if (c->link.secret_known)
        ic_show_link(c);
    c->door_due = ic_door_stands_open(c); /* who may not say it, will not */
    return err == IC_OK && ic_may(c, own, IC_DOOR_SETTINGS) ? ic_conference_say_card(c) : err;
}

/* A Welcome that is not of the host's meeting is as good as none. */
static enum ic_err welcomed(struct ic_conference *c, struct ic_bytes welcome, int64_t now)
{
    enum ic_door_welcome_fault fault = IC_DOOR_WELCOME_FINE;
    uint64_t before = c->group ? ic_mls_group_context(c->group)->epoch : 0;
    struct ic_mls_group *group;

    if (!c->entering.packed)
        return IC_OK;
    enum ic_err err = join(c, &group, welcome);
    if (err == IC_ERR_SYSTEM)
        return err;
    if (err == IC_ERR_NOT_FOUND && !c->group)
        return ic_ask_to_return(c, now); /* let in by a package that we have no more */
    if (err == IC_OK) {
        err = check_entry(c, &fault, group, before, now);
        /* What an ordinary member brought us back to may be an old group that the server keeps
         * alive. The host knows the newest link, and with it the newest group's key. */
        c->presence.unproven = fault == IC_DOOR_WELCOME_SILENT && !is_host(c);
        if (err == IC_OK && fault <= IC_DOOR_WELCOME_SILENT)
            return enter(c, group, now);
        ic_mls_group_free(group);
    }
    ic_show(c, IC_EVENT_CARD_BAD, err != IC_OK ? (int64_t)err : 100 + (int64_t)fault);
    return err == IC_ERR_SYSTEM ? err : IC_OK;
}

/* ---- In, at last, or in again on another socket ---- */

/* The commits that we missed follow, ours perhaps among them; if it did not arrive, it is said
 * again now, and if another's came first, the server answers that. */
static enum ic_err resumed(struct ic_conference *c, const struct ic_conference_joined *joined,
                           int64_t now)
{
    if (joined->behind || joined->epoch != ic_mls_group_context(c->group)->epoch ||
        c->stage == IC_CONFERENCE_BEHIND)
        return ic_ask_to_return(c, now);
    return ic_ordering_say_again(c, now);
}

/* Our own commit was taken. The group may be one that the server keeps alive for us, so nothing is
 * said or shown in it until a right-holder is heard. */
static bool is_in_by_itself(const struct ic_conference *c,
                            const struct ic_conference_joined *joined)
{
    const struct ic_mls_group *outside = c->entering.outside;
    return outside && !joined->behind && ic_mls_group_context(outside)->epoch == joined->epoch;
}

static enum ic_err enter_by_itself(struct ic_conference *c, int64_t now)
{
    struct ic_mls_group *group = c->entering.outside;
    c->entering.outside = NULL;
    c->presence.unproven = true;
    return enter(c, group, now);
}

enum ic_err ic_conference_hear_joined(struct ic_conference *c,
                                      const struct ic_conference_joined *joined, int64_t now)
{
    if (c->stage == IC_CONFERENCE_OVER)
        return IC_OK;
    c->keeper = joined->keeper;
    if (joined->welcome.len > 0)
        return welcomed(c, joined->welcome, now);
    memcpy(c->participant, joined->participant, sizeof c->participant);
    if (is_in_by_itself(c, joined))
        return enter_by_itself(c, now);
    bool empty = joined->people == 0 && joined->epoch == 0 && !joined->behind;
    if (c->group && !(empty && ic_mls_group_context(c->group)->epoch > 0))
        return resumed(c, joined, now);
    return empty ? ic_found(c, joined->card, now)
                 : ic_ask_to_return(c, now); /* its Welcome is lost */
}

/* ---- Coming back ---- */

enum ic_err ic_ask_to_return(struct ic_conference *c, int64_t now)
{
    struct ic_entering *entering = &c->entering;
    const struct ic_suite *suite = c->group ? ic_mls_group_suite(c->group) : card_suite(c);
    struct ic_writer w = ic_writer_of(c->scratch->a, IC_DOOR_RETURNING_MAX);

    if (!suite)
        return IC_OK;
    enum ic_err err = ic_own_package(c, suite, now);
    if (err == IC_OK)
        err = make_reply_key(entering);
    if (err != IC_OK)
        return err;
    struct ic_door_returning returning = {
        .epoch = c->group ? ic_mls_group_context(c->group)->epoch : 0,
        .key_package = ic_mls_message_bytes(&entering->package.encoded),
        .signature_key = ic_own_key(c),
        .reply_key = reply_key(entering)};
    struct ic_door_knock_place place = knock_place(c, c->link.version);
    struct ic_door_pair pair = ic_own_pair(c);
    err = ic_door_returning_seal(&w, &returning, &place, c->link.psk, &pair);
    if (err == IC_OK)
        err = keep_knock(entering, ic_written(&w));
    if (err != IC_OK)
        return err;
    if (c->group && c->stage == IC_CONFERENCE_IN)
        ic_show(c, IC_EVENT_BEHIND, 0);
    c->stage = c->group ? IC_CONFERENCE_BEHIND : IC_CONFERENCE_KNOCKED;
    if (!entering->returning)
        entering->lost_at = now;
    entering->asks += !entering->returning || entering->asks < ASK_SLOWER;
    entering->returning = true;
    entering->asked_at = now;
    entering->knock_again_at = 0;
    ic_out_say(&c->says,
               &(struct ic_say){.type = IC_SAY_KNOCK, .flag = true, .sealed = ic_written(&w)});
    return IC_OK;
}

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

/* Whoever was to take us in may have gone. */
enum ic_err ic_entering_tick(struct ic_conference *c, int64_t now)
{
    const struct ic_entering *e = &c->entering;
    enum ic_err err = outside_tick(c, now);
    if (err != IC_OK)
        return err;
    if (e->knock_again_at > 0 && now >= e->knock_again_at && c->stage == IC_CONFERENCE_KNOCKED)
        knock_again(c);
    bool asking = e->returning && !(c->stage == IC_CONFERENCE_IN || c->stage == IC_CONFERENCE_OVER);
    bool due = asking && now - e->asked_at >= ASK_AGAIN_NS << (e->asks > 0 ? e->asks - 1 : 0);
    return due ? ic_ask_to_return(c, now) : IC_OK;
}
