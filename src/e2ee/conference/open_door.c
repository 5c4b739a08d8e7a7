/* open_door.c - the meeting without a waiting room: members leave the GroupInfo in the door, and
 * who has the link lets itself in with it, by a commit of its own that every member judges.
 *
 * A passcode keeps the door shut: else who has the link alone could read in the GroupInfo who is
 * there, or try passcodes against it. Then a right-holder's client lets in who knocks. */
#include <stdlib.h>

#include "crypto/secret.h"
#include "e2ee/conference/entering.h"
#include "e2ee/conference/founding.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/link_now.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/own_keys.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/card.h"
#include "e2ee/door/info.h"
#include "e2ee/door/welcome_check.h"

static const int64_t PATIENCE_NS = 3 * IC_NS_PER_SEC;
enum {
    TRIES_MAX = 8,
    OUTSIDE = 0xff, /* the first byte of a sealed commit; one of MLS begins with its version, 0 */
};

/* ---- Inside ---- */

bool ic_door_stands_open(const struct ic_conference *c)
{
    const uint8_t shut = IC_DOOR_WAITING_ROOM | IC_DOOR_LOCKED | IC_DOOR_PASSCODE;
    struct ic_door_state state;
    return c->link.secret_known && ic_state_now(c, &state) == IC_OK && !(state.flags & shut);
}

enum ic_err ic_door_seal_info(struct ic_conference *c, struct ic_mls_message *out,
                              struct ic_bytes info)
{
    size_t len = info.len + IC_DOOR_INFO_OVERHEAD;
    uint8_t *bytes = malloc(len);
    if (!bytes)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(bytes, len);
    enum ic_err err = ic_door_info_seal(&w, IC_DOOR_INFO, info, c->link.secret, c->options.meeting);
    if (err == IC_OK)
        err = ic_mls_message_copy(out, ic_written(&w));
    free(bytes);
    return err;
}

static enum ic_err say_open(struct ic_conference *c)
{
    struct ic_mls_message info = {0}, sealed = {0};
    enum ic_err err = ic_mls_group_info(&info, c->group, false, (struct ic_bytes){0});
    if (err == IC_OK)
        err = ic_door_seal_info(c, &sealed, ic_mls_message_bytes(&info));
    if (err == IC_OK)
        ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_DOOR,
                                              .flag = true,
                                              .epoch = ic_conference_epoch(c),
                                              .sealed = ic_mls_message_bytes(&sealed)});
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&sealed);
    return err;
}

enum ic_err ic_door_tick(struct ic_conference *c, int64_t now)
{
    if (!c->door_due || c->stage != IC_CONFERENCE_IN || c->ordering.pending || c->ordering.stuck)
        return IC_OK;
    c->door_due = false;
    if (!c->keys.can_admit)
        return IC_OK;
    c->door_said_at = now;
    if (ic_door_stands_open(c))
        return say_open(c);
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_DOOR});
    return IC_OK;
}

/* Our last word came when the server was an epoch further. */
void ic_door_conflict(struct ic_conference *c, int64_t now)
{
    if (c->door_said_at > 0 && now - c->door_said_at < PATIENCE_NS)
        c->door_due = true;
}

bool ic_is_from_outside(struct ic_bytes commit)
{
    return commit.len > 0 && commit.at[0] == OUTSIDE;
}

enum ic_err ic_open_outside_commit(struct ic_conference *c, struct ic_mls_message *out,
                                   struct ic_bytes sealed)
{
    struct ic_bytes commit, rest = {sealed.at + 1, sealed.len - 1};
    if (!c->link.secret_known)
        return IC_ERR_NOT_FOUND;
    uint8_t *buffer = malloc(sealed.len);
    if (!buffer)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_door_info_open(&commit, buffer, IC_DOOR_OUTSIDE_COMMIT, rest,
                                        c->link.secret, c->options.meeting);
    if (err == IC_OK)
        err = ic_mls_message_copy(out, commit);
    free(buffer);
    return err;
}

/* ---- Outside ---- */

static enum ic_err seal_commit(struct ic_conference *c, struct ic_mls_message *out,
                               struct ic_bytes commit)
{
    size_t len = 1 + commit.len + IC_DOOR_INFO_OVERHEAD;
    uint8_t *bytes = malloc(len);
    if (!bytes)
        return IC_ERR_SYSTEM;
    struct ic_writer w = ic_writer_of(bytes, len);
    ic_write_uint(&w, OUTSIDE, 1);
    enum ic_err err =
        ic_door_info_seal(&w, IC_DOOR_OUTSIDE_COMMIT, commit, c->link.secret, c->options.meeting);
    if (err == IC_OK)
        err = ic_mls_message_copy(out, ic_written(&w));
    free(bytes);
    return err;
}

void ic_outside_forget(struct ic_entering *entering)
{
    ic_mls_group_free(entering->outside);
    entering->outside = NULL;
}

/* An invite's secret opens no info, and the host comes back as the leaf that it was. */
bool ic_may_go_in(const struct ic_conference *c)
{
    const struct ic_entering *e = &c->entering;
    const uint8_t shut = IC_DOOR_CARD_WAITING_ROOM | IC_DOOR_CARD_LOCKED | IC_DOOR_CARD_PASSCODE;
    return c->options.link.kind == IC_DOOR_LINK_GUEST && e->info.at && e->card_buffer &&
           !(e->card.flags & shut) && !e->outside && e->outside_tries < TRIES_MAX;
}

static enum ic_err check(struct ic_conference *c, enum ic_door_welcome_fault *fault,
                         const struct ic_mls_group *group, int64_t now)
{
    struct ic_identity_buffer buffer;
    struct ic_door_entered entered;

    enum ic_err err = ic_describe_entry(&entered, &buffer, c, group, now);
    if (err != IC_OK)
        return err;
    entered.entry = IC_DOOR_ENTRY_EXTERNAL;
    *fault = ic_door_welcome_check(&entered);
    return IC_OK;
}

struct attempt {
    struct ic_mls_group *group;
    struct ic_mls_message commit, info; /* of the epoch after: the next one comes in by it */
};

static void clear_attempt(struct attempt *t)
{
    ic_mls_group_free(t->group);
    ic_mls_message_clear(&t->commit);
    ic_mls_message_clear(&t->info);
}

static enum ic_err make(struct attempt *out, struct ic_conference *c, struct ic_bytes info,
                        int64_t now)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(c, id);
    struct ic_mls_application application = ic_application(c);
    const struct ic_suite *suite = ic_suite_find(c->entering.card.suite);
    struct ic_identity_buffer buffer;
    struct ic_mls_identity identity;

    enum ic_err err = suite ? ic_own_identity(&identity, &buffer, c, suite, now) : IC_ERR_FORBIDDEN;
    struct ic_mls_join_external join = {.group_info = info,
                                        .identity = &identity,
                                        .application = &application,
                                        .psks = &psk,
                                        .psk_count = 1,
                                        .want_info = true};
    c->psk_used = false;
    if (err == IC_OK)
        err = ic_mls_group_join_external(&out->group, &out->commit, &out->info, &join);
    return err == IC_OK && ic_mls_group_suite(out->group) != suite ? IC_ERR_FORBIDDEN : err;
}

static enum ic_err open_and_make(struct attempt *out, struct ic_conference *c, int64_t now)
{
    struct ic_bytes sealed = ic_mls_message_bytes(&c->entering.info), info;
    uint8_t *buffer = malloc(sealed.len);
    if (!buffer)
        return IC_ERR_SYSTEM;
    enum ic_err err =
        ic_door_info_open(&info, buffer, IC_DOOR_INFO, sealed, c->link.secret, c->options.meeting);
    if (err == IC_OK)
        err = make(out, c, info, now);
    free(buffer);
    return err;
}

static enum ic_err say_commit(struct ic_conference *c, const struct attempt *t, int64_t now)
{
    struct ic_mls_message info = {0}, commit = {0};
    enum ic_err err = ic_door_seal_info(c, &info, ic_mls_message_bytes(&t->info));
    if (err == IC_OK)
        err = seal_commit(c, &commit, ic_mls_message_bytes(&t->commit));
    if (err == IC_OK)
        ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_COMMIT,
                                              .epoch = ic_mls_group_context(t->group)->epoch - 1,
                                              .sealed = ic_mls_message_bytes(&commit),
                                              .info = ic_mls_message_bytes(&info)});
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&commit);
    if (err != IC_OK)
        return err;
    c->entering.outside_at = now;
    c->stage = IC_CONFERENCE_KNOCKED;
    return IC_OK;
}

/* Is it the host's meeting, with an open door? A group that is not is shown as that. A door that
 * was shut in the meantime is none of anybody's fault. */
static enum ic_err judge(struct ic_conference *c, const struct attempt *t, int64_t now)
{
    enum ic_door_welcome_fault fault;
    enum ic_err err = check(c, &fault, t->group, now);
    if (err != IC_OK || fault <= IC_DOOR_WELCOME_SILENT)
        return err;
    if (fault != IC_DOOR_WELCOME_WAITING_ROOM)
        ic_show(c, IC_EVENT_CARD_BAD, 100 + (int64_t)fault);
    return IC_ERR_FORBIDDEN;
}

enum ic_err ic_go_in(struct ic_conference *c, int64_t now)
{
    struct attempt t = {0};

    c->entering.outside_tries++;
    enum ic_err err = open_and_make(&t, c, now);
    if (err == IC_OK)
        err = judge(c, &t, now);
    if (err == IC_OK)
        err = say_commit(c, &t, now);
    if (err == IC_OK) {
        c->entering.outside = t.group;
        t.group = NULL;
    }
    clear_attempt(&t);
    return err;
}

bool ic_outside_is_late(const struct ic_conference *c, int64_t now)
{
    return c->entering.outside && now - c->entering.outside_at >= PATIENCE_NS;
}
