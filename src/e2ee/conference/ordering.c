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
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"

static const int64_t BETWEEN_COMMITS_NS = 250 * IC_NS_PER_MS;
static const int64_t STUCK_NS = 2 * IC_NS_PER_SEC;
static const int64_t ANSWER_NS = IC_NS_PER_SEC;

static uint64_t epoch_of(const struct ic_conference *c)
{
    return ic_mls_group_context(c->group)->epoch;
}

static void drop_pending(struct ic_ordering *o)
{
    ic_mls_staged_free(o->pending);
    o->pending = NULL;
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
    drop_pending(o);
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

/* ---- Saying ---- */

static bool same_wish(const struct ic_wish *a, const struct ic_wish *b)
{
    return a->type == b->type && memcmp(a->participant, b->participant, IC_PARTICIPANT_LEN) == 0 &&
           a->member_len == b->member_len && memcmp(a->member, b->member, a->member_len) == 0;
}

/* The newer one of two alike counts. */
static struct ic_wish **place_of(struct ic_conference *c, const struct ic_wish *wish, size_t *count)
{
    struct ic_wish **at = &c->ordering.wishes;
    *count = 0;
    while (*at && !same_wish(*at, wish)) {
        at = &(*at)->next;
        ++*count;
    }
    return at;
}

/* Takes the key package, also when it fails. */
enum ic_err ic_wish_keep(struct ic_conference *c, const struct ic_wish *wish)
{
    size_t count;
    struct ic_wish **at = place_of(c, wish, &count);
    struct ic_wish *made = count < IC_WISHES_MAX ? calloc(1, sizeof *made) : NULL;
    if (!made) {
        struct ic_mls_message package = wish->key_package;
        ic_mls_message_clear(&package);
        return count < IC_WISHES_MAX ? IC_ERR_SYSTEM : IC_ERR_FULL;
    }
    *made = *wish;
    made->next = NULL;
    if (*at) {
        struct ic_wish *old = *at;
        made->next = old->next;
        ic_wish_free(old);
    }
    *at = made;
    return IC_OK;
}

enum ic_err ic_wish(struct ic_conference *c, const struct ic_wish *wish, int64_t now)
{
    enum ic_err err = ic_wish_keep(c, wish);
    return err == IC_OK ? ic_ordering_run(c, now) : err;
}

static void write_added(struct ic_writer *w, const struct ic_mls_outlook *outlook)
{
    for (size_t i = 0; i < outlook->change_count; i++) {
        const struct ic_mls_proposal *proposal = &outlook->changes[i].proposal;
        struct ic_door_profile profile;
        if (proposal->type == IC_MLS_ADD &&
            ic_door_profile_of(&profile, proposal->add.leaf.extensions) == IC_OK)
            ic_write_bytes(w, profile.participant);
    }
}

static bool is_among(struct ic_bytes participants, const uint8_t *participant)
{
    for (size_t i = 0; i + IC_PARTICIPANT_LEN <= participants.len; i += IC_PARTICIPANT_LEN)
        if (memcmp(participants.at + i, participant, IC_PARTICIPANT_LEN) == 0)
            return true;
    return false;
}

/* Whom the server is to cut off: not who comes back with the same commit, and by who is no keeper
 * only those that are not connected (docs/protocol.md). */
static void write_removed(struct ic_writer *w, const struct ic_mls_outlook *outlook,
                          const struct ic_conference *c, struct ic_bytes added)
{
    for (size_t i = 0; i < outlook->change_count; i++) {
        const struct ic_mls_change *change = &outlook->changes[i];
        if (change->proposal.type != IC_MLS_REMOVE || change->leaf.n >= IC_MEMBERS_MAX)
            continue;
        const struct ic_person *person = &c->people[change->leaf.n];
        if ((c->keeper || person->gone) && !is_among(added, person->participant))
            ic_write_bytes(w, (struct ic_bytes){person->participant, IC_PARTICIPANT_LEN});
    }
}

static enum ic_err say_commit(struct ic_conference *c, int64_t now)
{
    const struct ic_mls_staged *staged = c->ordering.pending;
    const struct ic_mls_outlook *outlook = ic_mls_staged_outlook(staged);
    struct ic_writer added = ic_writer_of(c->scratch->a, sizeof c->scratch->a);
    struct ic_writer removed = ic_writer_of(c->scratch->b, sizeof c->scratch->b);

    c->ordering.said_at = now;
    write_added(&added, outlook);
    enum ic_err err = ic_give_link_keys(c, ic_written(&added));
    if (err != IC_OK)
        return err;
    write_removed(&removed, outlook, c, ic_written(&added));
    struct ic_mls_message info = {0};
    if (ic_mls_staged_info(staged).len > 0)
        err = ic_door_seal_info(c, &info, ic_mls_staged_info(staged));
    if (err != IC_OK)
        return err;
    ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_COMMIT,
                                          .epoch = epoch_of(c),
                                          .sealed = ic_mls_staged_message(staged),
                                          .welcome = ic_mls_staged_welcome(staged),
                                          .participants = ic_written(&added),
                                          .removed = ic_written(&removed),
                                          .info = ic_mls_message_bytes(&info)});
    ic_mls_message_clear(&info);
    return IC_OK;
}

static bool is_waiting(const struct ic_conference *c)
{
    return c->group && (c->ordering.stuck || c->ordering.head > epoch_of(c));
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
    return due ? say_commit(c, now) : IC_OK;
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
    return say_commit(c, now);
}

int64_t ic_ordering_next(const struct ic_conference *c)
{
    const struct ic_ordering *o = &c->ordering;
    int64_t next = o->pending ? o->said_at + ANSWER_NS : INT64_MAX;
    if (is_waiting(c))
        next = o->since + STUCK_NS;
    for (const struct ic_wish *w = o->wishes; w && !o->pending; w = w->next) {
        int64_t due = w->not_before > o->next_commit_at ? w->not_before : o->next_commit_at;
        next = due < next ? due : next;
    }
    return next;
}

/* ---- Entering an epoch ---- */

struct what {
    bool from_outside, was_open, addition, removal, by_right, ours, new_link;
    bool new_passcode; /* and nothing else: the link stays */
};

static struct what what_of(const struct ic_conference *c, const struct ic_mls_outlook *outlook)
{
    struct what what = {.ours = outlook->is_ours, .addition = outlook->is_newcomer};
    what.from_outside = outlook->is_newcomer;
    what.was_open = ic_door_stands_open(c);
    struct ic_door_state before = {0}, after = {0};

    for (size_t i = 0; i < outlook->change_count; i++) {
        what.addition |= outlook->changes[i].proposal.type == IC_MLS_ADD;
        what.removal |= outlook->changes[i].proposal.type == IC_MLS_REMOVE;
    }
    if (ic_state_now(c, &before) == IC_OK &&
        ic_door_state_of(&after, outlook->context->extensions) == IC_OK)
        what.new_link = before.link_version != after.link_version;
    what.new_passcode =
        what.new_link && !what.removal && !ic_bytes_equal(before.passcode_key, after.passcode_key);
    what.by_right = what.removal && what.new_link;
    return what;
}

/* Who was removed cannot know the secret of the epoch after, and so not the new link either. */
static enum ic_err take_new_link(struct ic_conference *c, bool only_passcode)
{
    uint8_t secret[IC_LINK_SECRET_LEN], version[4];
    struct ic_door_state state;

    enum ic_err err = ic_state_now(c, &state);
    if (err != IC_OK)
        return err;
    if (only_passcode)
        ic_link_keep_older(c);
    else
        ic_link_forget_older(c);
    ic_link_passcode(c, state.passcode_key);
    if (only_passcode) {
        memcpy(secret, c->link.secret, sizeof secret);
        ic_link_now_set(c, secret, state.link_version);
        ic_secret_wipe(secret, sizeof secret);
        return IC_OK;
    }
    struct ic_writer w = ic_writer_of(version, sizeof version);
    ic_write_uint(&w, state.link_version, sizeof version);
    err =
        ic_mls_group_export(secret, sizeof secret, c->group, IC_DOOR_LINK_EXPORTER, ic_written(&w));
    if (err == IC_OK) {
        ic_link_now_set(c, secret, state.link_version);
        if (c->options.link.kind != IC_DOOR_LINK_INVITE) /* what we knock with next time */
            memcpy(c->options.link.secret, secret, sizeof secret);
        ic_show_link(c);
    }
    ic_secret_wipe(secret, sizeof secret);
    return err;
}

/* The server's door follows what the group decided; who decided says so. */
static enum ic_err tell_the_door(struct ic_conference *c, struct what what)
{
    if (!what.ours)
        return IC_OK;
    c->door_due = what.was_open || ic_door_stands_open(c);
    enum ic_err err = ic_conference_say_admissions(c);
    return err == IC_OK ? ic_conference_say_card(c) : err;
}

/* Who let itself in waits for the word of a right-holder. */
static bool vouches_first(const struct ic_conference *c)
{
    return ic_may(c, ic_own_key(c), IC_DOOR_ADMIT) && ic_own_rank(c, IC_DOOR_ADMIT) == 0;
}

static enum ic_err entered(struct ic_conference *c, struct what what, int64_t now)
{
    uint64_t version = c->state_version;
    enum ic_err err = what.new_link ? take_new_link(c, what.new_passcode) : IC_OK;

    if (what.new_link)
        ic_knockers_expire(c);
    if (err == IC_OK)
        err = ic_members_changed(c, false, what.by_right);
    if (err == IC_OK)
        err = ic_presence_epoch(c, false, what.removal, what.addition, now);
    if (err == IC_OK && c->state_version != version)
        err = tell_the_door(c, what);
    if (what.from_outside && vouches_first(c))
        c->presence.heartbeat_at = now;
    if (what.ours)
        ic_wishes_drop(c, IC_WISH_REKEY);
    ic_wishes_prune(c);
    bool frees = c->state_version != version || what.removal; /* perhaps an invite's user is gone */
    return err == IC_OK && frees ? ic_knockers_admit_free(c, now) : err;
}

static enum ic_err enter(struct ic_conference *c, struct ic_mls_staged *staged, int64_t now)
{
    const struct ic_mls_outlook *outlook = ic_mls_staged_outlook(staged);
    struct what what = what_of(c, outlook);
    bool over = outlook->removes_us;

    enum ic_err err = ic_mls_group_enter(c->group, staged);
    if (err != IC_OK) {
        ic_mls_staged_free(staged);
        return err;
    }
    c->ordering.stuck = c->ordering.single = false;
    c->ordering.since = now;
    if (!over)
        return entered(c, what, now);
    ic_show(c, IC_EVENT_REMOVED, what.by_right);
    ic_conference_end(c);
    return IC_OK;
}

/* ---- Hearing ---- */

static bool is_ours(const struct ic_ordering *o, struct ic_bytes sealed)
{
    return o->pending && ic_bytes_equal(ic_mls_staged_message(o->pending), sealed);
}

/* A right-holder has a commit that everybody must refuse taken back. */
static enum ic_err say_reject(struct ic_conference *c, struct ic_bytes sealed,
                              enum ic_door_rule rule)
{
    uint8_t hash[IC_SHA256_LEN];
    ic_sha256(hash, sealed);
    struct ic_door_app_message message = {
        .type = IC_DOOR_APP_REJECT,
        .reject = {.epoch = epoch_of(c), .rule = (uint8_t)rule, .commit = {hash, sizeof hash}}};
    return ic_may(c, ic_own_key(c), IC_DOOR_REMOVE) ? ic_say_app(c, &message, IC_SAY_REJECT)
                                                    : IC_OK;
}

/* `everybodys`: all honest members refuse it. Else it may be that only we cannot read it, and then
 * the others are in the next epoch already. */
static enum ic_err refuse(struct ic_conference *c, struct ic_bytes sealed, enum ic_door_rule rule,
                          bool everybodys, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    if (!everybodys)
        return ic_ask_to_return(c, now);
    ic_show(c, IC_EVENT_WRONG_COMMIT, (int64_t)rule);
    drop_pending(o);
    o->stuck = true;
    o->since = now;
    return say_reject(c, sealed, rule);
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

static enum ic_err follow(struct ic_conference *c, struct ic_bytes sealed, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    struct ic_mls_heard heard;

    if (is_ours(o, sealed)) {
        struct ic_mls_staged *staged = o->pending;
        o->pending = NULL;
        return enter(c, staged, now);
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
    drop_pending(o);
    return enter(c, staged, now);
}

/* Over one socket commits come in order; a hole means that the server skipped one. */
static enum ic_err keep_early(struct ic_conference *c, uint64_t epoch, struct ic_bytes sealed)
{
    struct ic_ordering *o = &c->ordering;
    size_t place = epoch % IC_EARLY_MAX;

    if (epoch - epoch_of(c) >= IC_EARLY_MAX)
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
        size_t place = epoch_of(c) % IC_EARLY_MAX;
        struct ic_mls_message next = o->early[place];
        if (!next.at || o->early_epochs[place] != epoch_of(c))
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
    if (c->stage != IC_CONFERENCE_IN || epoch < epoch_of(c) || epoch == UINT64_MAX)
        return IC_OK;
    head_is(c, epoch + 1, now);
    if (epoch > epoch_of(c) || c->ordering.stuck)
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
    if (epoch > epoch_of(c))
        head_is(c, epoch, now);
    return ic_ordering_run(c, now);
}

/* Our commit was not taken, probably because there are too many. It is kept, as after a conflict.
 */
enum ic_err ic_ordering_refused(struct ic_conference *c, int64_t again_at, int64_t now)
{
    struct ic_ordering *o = &c->ordering;
    if (c->stage != IC_CONFERENCE_IN)
        return IC_OK;
    if (o->pending && again_at - now < ANSWER_NS)
        o->said_at = again_at - ANSWER_NS;
    return ic_ordering_run(c, now);
}

/* Then a commit may not name whom it removes. Nobody is cut off by the server, but by their keys.
 */
enum ic_err ic_conference_hear_not_keeper(struct ic_conference *c, int64_t now)
{
    bool was = c->keeper;
    c->keeper = false;
    return was && c->ordering.pending ? ic_ordering_refused(c, now, now) : IC_OK;
}

/* Believed only when a right-holder signed it, for the epoch that we are in and a commit that we
 * refused. An epoch that was entered is never opened again. */
enum ic_err ic_conference_hear_rejected(struct ic_conference *c, uint64_t epoch,
                                        struct ic_bytes sealed, int64_t now)
{
    struct ic_mls_heard heard;
    struct ic_door_app_message message;

    if (c->stage != IC_CONFERENCE_IN || epoch != epoch_of(c) || !c->ordering.stuck)
        return IC_OK;
    enum ic_err err = ic_mls_group_hear(&heard, c->group, sealed);
    if (err == IC_ERR_REPLAYED && ic_may(c, ic_own_key(c), IC_DOOR_REMOVE)) /* our own */
        goto freed;
    if (err != IC_OK)
        return err == IC_ERR_SYSTEM ? err : IC_OK;
    bool fine = heard.kind == IC_MLS_HEARD_TEXT &&
                ic_door_app_read(&message, heard.text) == IC_OK &&
                message.type == IC_DOOR_APP_REJECT && message.reject.epoch == epoch &&
                heard.sender.index < IC_MEMBERS_MAX &&
                c->people[heard.sender.index].rights & IC_DOOR_REMOVE;
    ic_mls_heard_clear(&heard);
    if (!fine)
        return IC_OK;
freed:
    c->ordering.stuck = false;
    c->ordering.head = epoch;
    c->door_due =
        ic_door_stands_open(c) && vouches_first(c); /* the server forgot what stood in it */
    forget_early(&c->ordering);
    return ic_ordering_run(c, now);
}

enum ic_err ic_ordering_say_again(struct ic_conference *c, int64_t now)
{
    c->ordering.since = now; /* what we miss has only now been sent again */
    return c->ordering.pending ? say_commit(c, now) : IC_OK;
}

enum ic_err ic_vanished(struct ic_conference *c, unsigned leaf, int64_t now)
{
    const struct ic_person *person = &c->people[leaf];
    struct ic_wish wish = {.type = IC_WISH_VANISHED,
                           .member_len = person->member_len,
                           .not_before = now + ic_own_rank(c, 0) * 150 * IC_NS_PER_MS};
    memcpy(wish.member, person->member, person->member_len);
    return ic_wish(c, &wish, now);
}

enum ic_err ic_conference_hear_left(struct ic_conference *c,
                                    const uint8_t participant[IC_PARTICIPANT_LEN], bool gone,
                                    int64_t now)
{
    unsigned leaf = ic_leaf_of_participant(c, participant);
    if (c->stage != IC_CONFERENCE_IN || leaf == IC_MEMBERS_MAX ||
        leaf == ic_mls_group_own_leaf(c->group).n)
        return IC_OK;
    c->people[leaf].gone = true;
    c->people[leaf].goodbye = !gone;
    return ic_vanished(c, leaf, now);
}
