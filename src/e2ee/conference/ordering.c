/* ordering.c - one chain of epochs for everybody, whatever is lost, late or raced for.
 *
 *              a wish is due                      our commit comes back: enter
 *     IDLE -------------------> SAID --------------------------------------------> IDLE
 *      ^                         |  another's comes first: throw ours away, enter that
 *      |                         +-----------------------------------------------> IDLE, wish again
 *      | rejected by a
 *      | right-holder                 one comes that breaks a rule
 *     STUCK <------------------------------- IDLE, SAID
 *      | for 2 s                             | a later one comes, or a conflict says so
 *      |                                   HOLE -- they came: back again
 *      v                                     | for 2 s
 *     BEHIND: ask to be taken in again <-----+---- only we cannot read it (returning.c)
 *
 * What the person wants is kept as wishes, not as a commit: a commit is made of the wishes that are
 * still open when there is a chance to say one, so a lost race costs a round trip and no wish. */
#include <stdlib.h>

#include "crypto/hash.h"
#include "e2ee/conference/commit_plan.h"
#include "e2ee/conference/epoch_entered.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/knocking.h"
#include "e2ee/conference/members.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/ordering.h"
#include "e2ee/conference/our_commit.h"
#include "e2ee/conference/rejecting.h"
#include "e2ee/conference/returning.h"
#include "e2ee/conference/taking_back.h"
#include "e2ee/conference/unreadable.h"
#include "e2ee/conference/wishes.h"
#include "e2ee/door/validity.h"

static const int64_t BETWEEN_COMMITS_NS = 250 * IC_NS_PER_MS;
static const int64_t STUCK_NS = 2 * IC_NS_PER_SEC;
static const int64_t ANSWER_NS = IC_NS_PER_SEC;

static void drop_pending(struct ic_ordering *o)
{
    ic_mls_staged_free(o->pending);
    o->pending = NULL;
}

/* Those of an epoch that is over, or that cannot go on. */
static void drop_ours(struct ic_ordering *o)
{
    drop_pending(o);
    ic_mls_staged_free(o->given_up);
    o->given_up = NULL;
}

static void forget_early(struct ic_ordering *o)
{
    for (size_t i = 0; i < IC_EARLY_MAX; i++)
        ic_mls_message_clear(&o->early[i]);
}

void ic_ordering_restart(struct ic_conference *c)
{
    struct ic_ordering *o = &c->ordering;
    struct ic_wish *wishes = o->wishes;
    drop_ours(o);
    forget_early(o);
    *o = (struct ic_ordering){.wishes = wishes};
}

void ic_ordering_clear(struct ic_conference *c)
{
    struct ic_ordering *o = &c->ordering;
    ic_ordering_restart(c);
    while (o->wishes) {
        struct ic_wish *wish = o->wishes;
        o->wishes = wish->next;
        ic_wish_free(wish);
    }
}

static bool is_waiting(const struct ic_conference *c)
{
    return c->group && (c->ordering.stuck || c->ordering.head > ic_epoch_of(c));
}

static bool may_say(const struct ic_conference *c, int64_t now)
{
    const struct ic_ordering *o = &c->ordering;
    return c->stage == IC_CONFERENCE_IN && !o->pending && !is_waiting(c) && o->wishes &&
           now >= o->next_commit_at;
}

/* The server takes no commit that comes too fast, and says so to the caller only. To say the same
 * one twice is no harm: one of the two gets the epoch or neither does. */
static enum ic_err insist(struct ic_conference *c, int64_t now)
{
    const struct ic_ordering *o = &c->ordering;
    bool due = c->stage == IC_CONFERENCE_IN && o->pending && !is_waiting(c) &&
               now - o->said_at >= ANSWER_NS;
    return due ? ic_say_our_commit(c, now) : IC_OK;
}

/* A wish that the rules do not allow is given up, since everybody else would refuse it too; those
 * beside it are not: they are tried one by one. */
static enum ic_err make_commit(struct ic_conference *c, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    for (;;) {
        enum ic_err err = ic_commit_wishes(c, &o->pending, o->single, now);
        if (err == IC_ERR_NOT_FOUND || err == IC_ERR_SYSTEM)
            return err;
        if (err == IC_OK && ic_judge_commit(c, ic_mls_staged_outlook(o->pending)) == IC_DOOR_VALID)
            return IC_OK;
        if (err == IC_OK)
            drop_pending(o);
        if (o->single)
            ic_wish_give_up(c, now);
        o->single = true;
    }
}

enum ic_err ic_ordering_run(struct ic_conference *c, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    enum ic_err err = ic_entering_tick(c, now);

    if (err == IC_OK)
        err = ic_unreadable_tick(c, now);
    if (err == IC_OK && c->stage == IC_CONFERENCE_IN && is_waiting(c) && now - o->since >= STUCK_NS)
        return ic_ask_to_return(c, now);
    if (err == IC_OK)
        err = insist(c, now);
    if (err == IC_OK)
        err = ic_door_tick(c, now);
    if (err != IC_OK || !may_say(c, now))
        return err;
    ic_wishes_prune(c);
    err = make_commit(c, now);
    if (err != IC_OK)
        return err == IC_ERR_NOT_FOUND ? IC_OK : err; /* nothing is due yet */
    o->next_commit_at = now + BETWEEN_COMMITS_NS;
    return ic_say_our_commit(c, now);
}

int64_t ic_ordering_next(const struct ic_conference *c)
{
    const struct ic_ordering *o = &c->ordering;
    int64_t next = o->pending ? o->said_at + ANSWER_NS : INT64_MAX;
    if (is_waiting(c))
        next = o->since + STUCK_NS;
    for (const struct ic_wish *w = o->wishes; w && !o->pending; w = w->next) {
        int64_t due = ic_wish_due(o, w);
        due = due > o->next_commit_at ? due : o->next_commit_at;
        next = due < next ? due : next;
    }
    return next;
}

static enum ic_err enter(struct ic_conference *c, struct ic_mls_staged *staged,
                         struct ic_bytes sealed, int64_t now)
{
    const struct ic_mls_outlook *outlook = ic_mls_staged_outlook(staged);
    struct ic_epoch_change change = ic_epoch_change_of(c, outlook);
    bool over = outlook->removes_us;

    enum ic_err err = ic_mls_group_enter(c->group, staged);
    if (err != IC_OK) {
        ic_mls_staged_free(staged);
        return err;
    }
    c->ordering.stuck = c->ordering.single = false;
    c->ordering.taken = IC_EPOCH_FREE;
    c->ordering.doubted = c->ordering.resumed = false;
    ic_sha256(c->ordering.entered_by[(ic_epoch_of(c) - 1) % IC_ENTERED_MAX], sealed);
    c->ordering.since = now;
    if (!over)
        return ic_epoch_entered(c, &change, now);
    ic_show(c, IC_EVENT_REMOVED, change.by_right);
    ic_conference_end(c);
    return IC_OK;
}

static struct ic_mls_staged *take_if(struct ic_mls_staged **staged, struct ic_bytes sealed)
{
    if (!*staged || !ic_bytes_equal(ic_mls_staged_message(*staged), sealed))
        return NULL;
    struct ic_mls_staged *ours = *staged;
    *staged = NULL;
    return ours;
}

/* The commit of ours that this is, which is the caller's then; NULL: it is somebody else's. */
static struct ic_mls_staged *take_ours(struct ic_ordering *o, struct ic_bytes sealed)
{
    struct ic_mls_staged *ours = take_if(&o->pending, sealed);
    return ours ? ours : take_if(&o->given_up, sealed);
}

/* `everybodys`: all honest members refuse it. Else it may be that only we cannot read it, and then
 * the others are in the next epoch already. */
static enum ic_err refuse(struct ic_conference *c, struct ic_bytes sealed, enum ic_door_rule rule,
                          bool everybodys, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    ic_epoch_taken(o, sealed);
    if (!everybodys || (o->doubted && rule == IC_DOOR_VALID))
        return ic_ask_to_return(c, now);
    ic_show(c, IC_EVENT_WRONG_COMMIT, (int64_t)rule);
    drop_ours(o);
    o->stuck = true;
    o->since = now;
    return ic_reject_commit(c, rule, false);
}

static enum ic_err hear_commit(struct ic_mls_heard *heard, struct ic_conference *c,
                               struct ic_bytes sealed)
{
    struct ic_mls_message opened = {0};
    if (!ic_is_from_outside(sealed))
        return ic_mls_group_hear(heard, c->group, sealed);
    enum ic_err err = ic_open_outside_commit(c, &opened, sealed);
    if (err == IC_OK)
        err = ic_mls_group_hear(heard, c->group, ic_mls_message_bytes(&opened));
    ic_mls_message_clear(&opened);
    return err;
}

/* We asked to be taken in, and were, when we had gone on already; the Welcome did not reach us. */
static enum ic_err miss_welcome(struct ic_conference *c, struct ic_mls_staged *staged,
                                struct ic_bytes sealed, int64_t now)
{
    ic_mls_staged_free(staged);
    ic_epoch_taken(&c->ordering, sealed);
    return ic_ask_to_return(c, now);
}

static enum ic_err follow(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    struct ic_mls_heard heard;

    struct ic_mls_staged *ours = take_ours(o, sealed);
    if (ours) {
        drop_ours(o);
        return enter(c, ours, sealed, now);
    }
    enum ic_err err = hear_commit(&heard, c, sealed);
    if (err == IC_ERR_SYSTEM)
        return err;
    if (err != IC_OK || heard.kind != IC_MLS_HEARD_COMMIT) {
        if (err == IC_OK)
            ic_mls_heard_clear(&heard);
        return refuse(c, sealed, IC_DOOR_VALID, err != IC_ERR_NOT_FOUND, now);
    }
    struct ic_mls_staged *staged = heard.staged;
    heard.staged = NULL;
    ic_mls_heard_clear(&heard);
    enum ic_door_rule rule = ic_judge_commit(c, ic_mls_staged_outlook(staged));
    if (rule != IC_DOOR_VALID) {
        ic_mls_staged_free(staged);
        return refuse(c, sealed, rule, true, now);
    }
    drop_ours(o);
    if (ic_mls_staged_outlook(staged)->removes_us &&
        ic_brings_us_back(c, ic_mls_staged_outlook(staged)))
        return miss_welcome(c, staged, sealed, now);
    return enter(c, staged, sealed, now);
}

/* Over one socket commits come in order; a hole means that the server skipped one. */
static enum ic_err keep_early(struct ic_conference *c, uint64_t epoch, struct ic_bytes sealed)
{
    struct ic_ordering *o = &c->ordering;
    size_t place = epoch % IC_EARLY_MAX;

    if (epoch - ic_epoch_of(c) >= IC_EARLY_MAX)
        return IC_OK;
    ic_mls_message_clear(&o->early[place]);
    o->early_epochs[place] = epoch;
    return ic_mls_message_copy(&o->early[place], sealed);
}

/* The server has got to `head`. From here the time runs in which we must get there, too. */
static void head_is(struct ic_conference *c, uint64_t head, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    if (!is_waiting(c))
        o->since = now;
    if (head > o->head)
        o->head = head;
}

static enum ic_err follow_early(struct ic_conference *c, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    enum ic_err err = IC_OK;

    while (err == IC_OK && c->stage == IC_CONFERENCE_IN && !o->stuck) {
        size_t place = ic_epoch_of(c) % IC_EARLY_MAX;
        struct ic_mls_message next = o->early[place];
        if (!next.at || o->early_epochs[place] != ic_epoch_of(c))
            break;
        o->early[place] = (struct ic_mls_message){0};
        err = follow(c, ic_mls_message_bytes(&next), now);
        ic_mls_message_clear(&next);
    }
    return err;
}

enum ic_err ic_conference_hear_committed(struct ic_conference *c, uint64_t epoch,
                                         struct ic_bytes sealed, int64_t now)
{
    if (c->stage == IC_CONFERENCE_BEHIND && c->group && epoch >= c->ordering.head)
        c->ordering.head = epoch + 1;
    if (c->stage != IC_CONFERENCE_IN || epoch < ic_epoch_of(c) || epoch == UINT64_MAX)
        return IC_OK;
    if (epoch == ic_epoch_of(c) && ic_was_taken_back(&c->ordering, sealed))
        return ic_taken_again(c);
    head_is(c, epoch + 1, now);
    if (epoch > ic_epoch_of(c) || c->ordering.stuck)
        return keep_early(c, epoch, sealed);
    enum ic_err err = follow(c, sealed, now);
    if (err == IC_OK)
        err = follow_early(c, now);
    return err == IC_OK && c->stage == IC_CONFERENCE_IN ? ic_ordering_run(c, now) : err;
}

/* The winner is on its way; a server that says so and sends none keeps us waiting no longer than a
 * hole does. Ours is kept until the winner is here, because a conflict may be about one that we
 * said twice, or come twice itself, and what we threw away we could not enter any more. */
enum ic_err ic_conference_hear_conflict(struct ic_conference *c, uint64_t epoch,
                                        struct ic_bytes info, int64_t now)
{
    if (c->stage == IC_CONFERENCE_KNOCKED)
        return ic_outside_too_late(c, info, now);
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    ic_door_conflict(c, now);
    if (epoch > ic_epoch_of(c))
        head_is(c, epoch, now);
    return ic_ordering_run(c, now);
}

static bool adds_somebody(const struct ic_mls_staged *staged)
{
    const struct ic_mls_outlook *outlook = ic_mls_staged_outlook(staged);
    for (size_t i = 0; i < outlook->change_count; i++)
        if (outlook->changes[i].proposal.type == IC_MLS_ADD)
            return true;
    return false;
}

/* Kept all the same, should it come. */
static void give_up(struct ic_ordering *o, int64_t adds_at)
{
    ic_mls_staged_free(o->given_up);
    o->given_up = o->pending;
    o->pending = NULL;
    o->adds_at = adds_at;
}

/* Our commit was not taken: there are too many, or too many people. In a full meeting newcomers
 * must not stand before a lock or a removal, so one that brings somebody in is given up, and comes
 * again without those until then. Any other is kept, as after a conflict. */
enum ic_err ic_ordering_refused(struct ic_conference *c, int64_t again_at, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    if (o->pending && adds_somebody(o->pending)) {
        give_up(o, again_at);
    } else if (o->pending && again_at - now < ANSWER_NS) {
        o->said_at = again_at - ANSWER_NS;
    }
    return ic_ordering_run(c, now);
}

/* Then a commit may not name whom it removes: nobody is cut off by the server, but by their keys.
 * And it brings back only whom the server still hears ask: who does will be heard again. */
enum ic_err ic_conference_hear_not_keeper(struct ic_conference *c, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    bool was = c->keeper;
    c->keeper = false;
    if (!o->pending || c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    if (was) {
        o->said_at = now - ANSWER_NS;
    } else if (adds_somebody(o->pending)) {
        give_up(o, now + ANSWER_NS);
        ic_wishes_drop(c, IC_WISH_RETURN);
    }
    return ic_ordering_run(c, now);
}

enum ic_err ic_ordering_go_on(struct ic_conference *c, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    if (c->stage == IC_CONFERENCE_BEHIND && !o->stuck && o->reject_again_at == 0)
        ic_show(c, IC_EVENT_WRONG_COMMIT, IC_DOOR_VALID); /* could not open it, and was not told */
    c->stage = IC_CONFERENCE_IN;
    c->entering.returning = o->stuck = false;
    c->entering.asks = 0;
    o->taken = IC_EPOCH_TAKEN_BACK;
    o->head = ic_epoch_of(c);
    c->door_due =
        ic_door_stands_open(c) && ic_vouches_first(c); /* the server forgot what stood in it */
    forget_early(o);
    ic_wishes_drop(c, IC_WISH_RETURN); /* all who could not follow are free */
    return ic_ordering_run(c, now);
}

enum ic_err ic_ordering_say_again(struct ic_conference *c, int64_t now)
{
    c->ordering.since = now; /* what we miss has only now been sent again */
    return c->ordering.pending ? ic_say_our_commit(c, now) : IC_OK;
}

enum ic_err ic_conference_hear_left(struct ic_conference *c,
                                    const uint8_t participant[IC_PARTICIPANT_LEN], bool gone,
                                    int64_t now)
{
    unsigned leaf = ic_leaf_of_participant(c, participant);
    if (c->stage != IC_CONFERENCE_IN || leaf == IC_MEMBERS_MAX || leaf == ic_own_leaf(c))
        return IC_OK;
    c->people[leaf].gone = true;
    c->people[leaf].goodbye = !gone;
    return ic_vanished(c, leaf, now);
}
