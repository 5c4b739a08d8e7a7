/* A meeting through bad weather: many clients, cut, crashing, coming, leaving, racing for epochs,
 * over a courier that now and then brings a letter twice or too early. Now and then a member makes
 * a commit that nobody, half, or one cannot open, or that breaks a rule. Virtual time, and all of a
 * run follows from its seed, its keys too.
 *
 *     SEED=7 CLIENTS=50 build/asan/tests/e2ee/conference_sim_test    one run again
 *     SEEDS=200 CLIENTS=50 build/release/tests/e2ee/...              many */
#include "tests/e2ee/courier.h"

#include <stdlib.h>

#include "crypto/suite.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/grant.h"
#include "tests/e2ee/poison.h"
#include "tests/lots.h"

enum { SUITE = IC_SUITE_X25519_AES128, STEPS = 10000, EPOCHS_MAX = 8192, POISON = 3 };
static const int64_t MS = IC_NS_PER_MS, SECOND = IC_NS_PER_SEC;
static const int64_t STALL_NS = 2 * IC_NS_PER_SEC; /* nothing is committed though it could be */
static const int64_t WAIT_NS = 8 * IC_NS_PER_SEC;  /* one person waits for what was decided */

static struct courier s;
static uint64_t seed;
static unsigned most;

static struct {
    bool known;
    uint8_t authenticator[IC_CONFERENCE_AUTHENTICATOR_LEN];
} chain[EPOCHS_MAX];
static unsigned chain_of; /* the group */

static struct {
    int64_t due_since; /* a wish of its own is due, and nothing was committed; 0: none */
    int64_t admitted_at, behind_since;
} watched[CLIENTS_MAX];
static uint64_t commits_seen;

static struct ic_door_link link_now;
static uint32_t link_version;
static int64_t host_back_at; /* 0: it is here */
static struct {
    unsigned all, half, one, lawless;
    uint64_t rejects; /* seen */
    unsigned gave_up;
} poison;

#define FAIL(what, ...)                                                                            \
    fail_msg("SEED=%llu CLIENTS=%u at %.3f s: " what, (unsigned long long)seed, most,              \
             (double)s.now / 1e9, __VA_ARGS__)

static bool chance(unsigned of_a_thousand)
{
    return courier_random(&s) % 1000 < of_a_thousand;
}

static int64_t between(int64_t least, int64_t most_ns)
{
    return least + (int64_t)(courier_random(&s) % (uint64_t)(most_ns - least));
}

/* It entered a commit that was taken back, and has not heard of that yet. */
static bool is_astray(const struct client *c)
{
    static const uint8_t none[IC_SHA256_LEN];
    uint8_t(*by)[IC_SHA256_LEN] = c->conference->ordering.entered_by;
    for (size_t i = 0; i < IC_ENTERED_MAX; i++)
        if (courier_took_back(&s, by[i]))
            return true;
    uint64_t epoch = ic_conference_epoch(c->conference);
    bool by_welcome = epoch > 0 && epoch == c->welcomed_to &&
                      memcmp(by[(epoch - 1) % IC_ENTERED_MAX], none, sizeof none) == 0;
    return by_welcome && courier_took_back(&s, c->brought_by);
}

static bool is_in(unsigned i)
{
    const struct client *c = &s.clients[i];
    return c->state == CLIENT_MEMBER && c->connected && c->conference &&
           ic_conference_stage(c->conference) == IC_CONFERENCE_IN && !is_astray(c);
}

static unsigned any_in(void)
{
    unsigned start = (unsigned)(courier_random(&s) % CLIENTS_MAX);
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        if (is_in((start + i) % CLIENTS_MAX))
            return (start + i) % CLIENTS_MAX;
    return CLIENTS_MAX;
}

static unsigned the_host(void)
{
    unsigned i = 0;
    while (i < CLIENTS_MAX && !(s.clients[i].host && is_in(i)))
        i++;
    return i;
}

static unsigned people(void)
{
    unsigned count = 0;
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        count += s.clients[i].state == CLIENT_WAITING || s.clients[i].state == CLIENT_MEMBER;
    return count;
}

/* ---- What happens ---- */

static void come(void)
{
    static const char *const NAMES[] = {"Layla Rahman", "Kofi Mensah", "Ruth Adler", "Sam Porter"};
    if (people() < most)
        courier_come(&s, &link_now, NAMES[courier_random(&s) % IC_COUNT(NAMES)], SUITE);
}

static void cut(unsigned i)
{
    if (s.clients[i].connected)
        courier_cut(&s, i, between(50 * MS, 8 * SECOND));
}

static void crash(unsigned i)
{
    if (s.clients[i].host)
        host_back_at = s.now + between(SECOND, 90 * SECOND);
    courier_crash(&s, i);
}

static void leave(unsigned i)
{
    if (!s.clients[i].host)
        courier_leave(&s, i);
}

static void allow(enum ic_err err)
{
    assert_true(err == IC_OK || err == IC_ERR_FORBIDDEN || err == IC_ERR_NOT_FOUND);
}

static unsigned leaf_of(unsigned i)
{
    return ic_mls_group_own_leaf(s.clients[i].conference->group).n;
}

static void take_out(unsigned by)
{
    unsigned whom = any_in();
    if (whom < CLIENTS_MAX && !s.clients[whom].host)
        allow(ic_conference_remove(s.clients[by].conference, leaf_of(whom), s.now));
}

static void make_holder(unsigned by)
{
    unsigned whom = any_in();
    if (whom < CLIENTS_MAX && !s.clients[whom].host)
        allow(ic_conference_grant(s.clients[by].conference, leaf_of(whom),
                                  chance(700) ? IC_DOOR_REMOVE | IC_DOOR_SETTINGS : 0, s.now));
}

static bool is_locked(unsigned by)
{
    struct ic_door_state state;
    return ic_state_now(s.clients[by].conference, &state) == IC_OK &&
           (state.flags & IC_DOOR_LOCKED) != 0;
}

static void race(void)
{
    for (unsigned i = 0; i < 5; i++) {
        unsigned who = any_in();
        if (who < CLIENTS_MAX)
            allow(ic_conference_rekey(s.clients[who].conference, s.now));
    }
}

static void let_in(unsigned host)
{
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        if (s.clients[i].state != CLIENT_WAITING || !chance(40) || watched[i].admitted_at)
            continue;
        enum ic_err err =
            ic_conference_admit(s.clients[host].conference, s.clients[i].participant, s.now);
        allow(err);
        if (err == IC_OK && !is_locked(host))
            watched[i].admitted_at = s.now;
    }
}

static void answer_again(void) /* a second knock takes the place of the first */
{
    unsigned i = (unsigned)(courier_random(&s) % CLIENTS_MAX);
    if (s.clients[i].state == CLIENT_WAITING && s.clients[i].connected && !s.clients[i].host)
        allow(ic_conference_answer(s.clients[i].conference, ic_bytes_of_text("Ward 4"), s.now));
}

static bool poison_half(struct ic_bytes public_key, unsigned number)
{
    (void)public_key, (void)number;
    return chance(500);
}

static bool poison_one(struct ic_bytes public_key, unsigned number)
{
    (void)public_key;
    return number == 0; /* the lowest: a neighbour, or few */
}

static void break_a_rule(unsigned by)
{
    struct ic_mls_staged *staged;
    struct ic_say say;
    assert_int_equal(poison_lawless(&say, &staged, s.clients[by].conference), IC_OK);
    uint64_t before = s.commits;
    courier_say(&s, by, &say);
    ic_mls_staged_free(staged);
    poison.lawless += s.commits != before;
}

/* Whoever made it may be evil, and not help. */
static void spoil(unsigned by)
{
    static bool (*const WHICH[])(struct ic_bytes, unsigned) = {poison_all, poison_half, poison_one};
    unsigned *const counts[] = {&poison.all, &poison.half, &poison.one};
    unsigned kind = (unsigned)(courier_random(&s) % IC_COUNT(WHICH));
    allow(poison_rekey(s.clients[by].conference, WHICH[kind], s.now));
    *counts[kind] += poisoned > 0;
}

static void poison_epoch(unsigned by)
{
    if (chance(250))
        break_a_rule(by);
    else
        spoil(by);
}

static void happen(void)
{
    unsigned who = any_in(), host = the_host();
    if (host_back_at && s.now >= host_back_at) {
        struct ic_door_link link = s.host_link;
        memcpy(link.secret, link_now.secret, sizeof link.secret);
        courier_come(&s, &link, "Amara Osei", SUITE);
        host_back_at = 0;
    }
    if (chance(30))
        come();
    if (chance(20))
        answer_again();
    if (who < CLIENTS_MAX && chance(30))
        allow(ic_conference_chat(s.clients[who].conference, ic_bytes_of_text("Hello"), s.now));
    if (who < CLIENTS_MAX && chance(8))
        allow(ic_conference_rekey(s.clients[who].conference, s.now));
    if (chance(2))
        race();
    if (host < CLIENTS_MAX) {
        let_in(host);
        if (chance(is_locked(host) ? 20 : 2))
            allow(ic_conference_lock(s.clients[host].conference, !is_locked(host), s.now));
        if (chance(2))
            take_out(host);
        if (chance(2))
            make_holder(host);
    }
    if (who < CLIENTS_MAX && chance(2))
        take_out(who);
    if (who < CLIENTS_MAX && host < CLIENTS_MAX && who != host && chance(POISON))
        poison_epoch(who);
    if (who < CLIENTS_MAX && chance(14))
        cut(who);
    else if (who < CLIENTS_MAX && chance(3))
        crash(who);
    else if (who < CLIENTS_MAX && chance(4))
        leave(who);
}

/* ---- What must hold ---- */

static void check_chain(unsigned i)
{
    struct ic_conference *c = s.clients[i].conference;
    uint64_t epoch = ic_conference_epoch(c);
    uint8_t own[IC_CONFERENCE_AUTHENTICATOR_LEN];

    assert_true(epoch < EPOCHS_MAX);
    assert_int_equal(ic_conference_authenticator(c, own), IC_OK);
    if (!chain[epoch].known)
        memcpy(chain[epoch].authenticator, own, sizeof own);
    chain[epoch].known = true;
    if (memcmp(chain[epoch].authenticator, own, sizeof own) != 0)
        FAIL("client %u is in another epoch %llu", i, (unsigned long long)epoch);
}

/* Does it ask for somebody who asks no more? That goes when it is heard in the next epoch. */
static bool is_idle(const struct ic_wish *wish)
{
    for (unsigned i = 0; wish->type == IC_WISH_RETURN && i < CLIENTS_MAX; i++)
        if (memcmp(s.clients[i].participant, wish->participant, IC_PARTICIPANT_LEN) == 0)
            return is_in(i);
    return false;
}

static const struct ic_wish *due_wish(const struct ic_conference *c)
{
    for (const struct ic_wish *w = c->ordering.wishes; w; w = w->next)
        if (w->not_before <= s.now && !is_idle(w))
            return w;
    return NULL;
}

static void check_wishes(unsigned i, bool committed)
{
    const struct ic_conference *c = s.clients[i].conference;
    const struct ic_wish *wish = is_in(i) ? due_wish(c) : NULL;
    if (!wish || committed || !watched[i].due_since)
        watched[i].due_since = wish ? s.now : 0;
    /* Who refused a commit waits 2 s for a right-holder, from when it heard of it. */
    int64_t most_ns = STALL_NS + (wish && c->ordering.stuck ? s.delay_max + s.step : 0);
    if (wish && s.now - watched[i].due_since > most_ns)
        FAIL("client %u wishes %d for 2 s and nothing is committed (epoch %llu of %llu, pending "
             "%d, stuck %d)",
             i, wish->type, (unsigned long long)ic_conference_epoch(c), (unsigned long long)s.head,
             c->ordering.pending != NULL, c->ordering.stuck);
}

/* Until the door hears of the new one. */
static bool knocks_with_old_link(unsigned i)
{
    unsigned host = the_host();
    return host < CLIENTS_MAX &&
           s.clients[i].conference->link.version < s.clients[host].conference->link.version;
}

/* Who was let in is in soon, if nothing came between. */
static void check_admitted(unsigned i)
{
    unsigned host = the_host();
    bool undisturbed = host < CLIENTS_MAX && s.clients[i].connected && !is_locked(host) &&
                       !is_in(i) && s.clients[i].conference && !knocks_with_old_link(i) &&
                       s.clients[i].state < CLIENT_OUT && s.clients[i].state != CLIENT_NONE;
    if (!undisturbed)
        watched[i].admitted_at = 0;
    else if (watched[i].admitted_at && s.now - watched[i].admitted_at > WAIT_NS)
        FAIL("client %u was let in and is not in: stage %d, server says %d", i,
             ic_conference_stage(s.clients[i].conference), s.clients[i].state);
}

static void give_up(unsigned i)
{
    if (s.clients[i].host)
        host_back_at = s.now + SECOND;
    poison.gave_up++;
    courier_leave(&s, i);
}

/* Cut off while the link was replaced, it has no way back but the new link (docs/door.md). */
static bool has_old_link(const struct client *c)
{
    unsigned other = any_in();
    return other < CLIENTS_MAX && ic_conference_stage(c->conference) == IC_CONFERENCE_BEHIND &&
           c->conference->link.version < s.clients[other].conference->link.version;
}

/* The server counts it as a member, and it is not in the group. */
static void check_behind(unsigned i)
{
    const struct client *c = &s.clients[i];
    bool behind = c->state == CLIENT_MEMBER && c->connected && c->conference && !is_in(i) &&
                  any_in() < CLIENTS_MAX;
    if (!behind)
        watched[i].behind_since = 0;
    else if (!watched[i].behind_since)
        watched[i].behind_since = s.now;
    else if (s.now - watched[i].behind_since > WAIT_NS && has_old_link(c))
        give_up(i);
    else if (s.now - watched[i].behind_since > WAIT_NS)
        FAIL("client %u is left behind: stage %d, host %d", i, ic_conference_stage(c->conference),
             c->host);
}

/* Who is out closes its socket. Nobody is taken out but by somebody who has the right. */
static void check_over(unsigned i)
{
    const struct client *c = &s.clients[i];
    if (c->state == CLIENT_OUT || !c->conference ||
        ic_conference_stage(c->conference) != IC_CONFERENCE_OVER)
        return;
    if (courier_saw(&s, i, IC_EVENT_REMOVED) == 0 ||
        courier_last(&s, i, IC_EVENT_REMOVED)->number == 0)
        FAIL("client %u is out, and nobody wanted that; host %d", i, c->host);
    courier_leave(&s, i);
}

static void follow_link(unsigned i)
{
    const struct shown *shown = &s.clients[i].shown[IC_EVENT_LINK];
    char text[IC_DOOR_FRAGMENT_LEN + 1] = {0};
    if (shown->count == 0 || shown->last.epoch <= link_version)
        return;
    memcpy(text, shown->last.text.at, IC_DOOR_FRAGMENT_LEN);
    assert_int_equal(ic_door_link_parse(&link_now, text), IC_DOOR_LINK_FINE);
    link_version = (uint32_t)shown->last.epoch;
}

static void check(void)
{
    bool committed = s.commits != commits_seen;
    commits_seen = s.commits;
    if (chain_of != s.groups) {
        memset(chain, 0, sizeof chain);
        chain_of = s.groups;
        link_version = 0;
    }
    if (poison.rejects != s.rejects)
        memset(&chain[s.head + 1], 0, sizeof chain - (s.head + 1) * sizeof chain[0]);
    poison.rejects = s.rejects;
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        if (s.clients[i].state == CLIENT_NONE)
            continue;
        if (is_in(i))
            check_chain(i);
        if (is_in(i))
            follow_link(i);
        check_over(i);
        check_wishes(i, committed);
        check_admitted(i);
        check_behind(i);
        if (s.clients[i].state == CLIENT_OUT && !s.clients[i].first) {
            courier_forget(&s, i);
            memset(&watched[i], 0, sizeof watched[i]);
        }
    }
}

static void steps(unsigned count, bool quiet)
{
    for (unsigned i = 0; i < count; i++) {
        if (!quiet)
            happen();
        courier_run(&s, s.step);
        check();
    }
}

/* Everybody whom the server counts is in the tree, and nobody else is. */
static bool tree_is_right(void)
{
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        if (is_in(i) &&
            ic_mls_group_member_count(s.clients[i].conference->group) != courier_members(&s))
            return false;
    return true;
}

static void check_end(void)
{
    for (unsigned i = 0; i < 10 && any_in() < CLIENTS_MAX && !courier_agrees(&s); i++)
        steps(1, true); /* a commit of this moment is on its way */
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        const struct client *c = &s.clients[i];
        if (c->state == CLIENT_MEMBER && c->connected && !is_in(i))
            FAIL("client %u is not in at the end, stage %d", i, ic_conference_stage(c->conference));
        if (c->state == CLIENT_WAITING && ic_conference_stage(c->conference) == IC_CONFERENCE_IN)
            FAIL("client %u is in though it waits", i);
        bool lately = s.now - watched[i].due_since < STALL_NS; /* somebody has only just gone */
        if (is_in(i) && due_wish(c->conference) && !lately)
            FAIL("client %u still wishes %d", i, due_wish(c->conference)->type);
    }
    for (unsigned i = 0; getenv("SHOW") && i < CLIENTS_MAX; i++)
        if (s.clients[i].state != CLIENT_NONE)
            print_message(
                "# client %u: state %d connected %d host %d stage %d epoch %llu\n", i,
                s.clients[i].state, s.clients[i].connected, s.clients[i].host,
                s.clients[i].conference ? (int)ic_conference_stage(s.clients[i].conference) : -1,
                s.clients[i].conference
                    ? (unsigned long long)ic_conference_epoch(s.clients[i].conference)
                    : 0);
    if (any_in() < CLIENTS_MAX && !courier_agrees(&s))
        FAIL("they do not agree, head %llu", (unsigned long long)s.head);
}

static void run(uint64_t with_seed, unsigned clients)
{
    seed = lots = with_seed;
    most = clients;
    memset(chain, 0, sizeof chain);
    memset(watched, 0, sizeof watched);
    chain_of = 0;
    commits_seen = link_version = 0;
    host_back_at = 0;
    memset(&poison, 0, sizeof poison);
    courier_init(&s, seed, SUITE);
    s.step = 20 * MS;
    s.delay_max = 60 * MS;
    s.closes_old_links = true;
    s.twice = s.early = 10;
    s.silent = 300;
    link_now = s.guest_link;
    courier_come(&s, &s.host_link, "Amara Osei", SUITE);
    steps(STEPS, false);
    steps(1000, true); /* 20 s */
    check_end();
    for (unsigned i = 0; i < 20 && !tree_is_right(); i++)
        steps(500, true);
    if (!tree_is_right())
        FAIL("somebody is in the group who is not there; members %u", courier_members(&s));
    check_end();
    print_message("# poisoned for all %u, half %u, one %u; lawless %u; rejects %llu; %u gave up\n",
                  poison.all, poison.half, poison.one, poison.lawless,
                  (unsigned long long)s.rejects, poison.gave_up);
    print_message("# SEED=%llu CLIENTS=%u: %llu commits, %llu conflicts, %llu too fast, %u groups, "
                  "%u people at the end\n",
                  (unsigned long long)seed, most, (unsigned long long)s.commits,
                  (unsigned long long)s.conflicts, (unsigned long long)s.too_fast, s.groups,
                  courier_members(&s));
    courier_clear(&s);
}

static unsigned number_of(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

/* Sanitizers make it ten times slower: fewer people and fewer seeds there. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { USUAL_CLIENTS = 8, USUAL_SEEDS = 3 };
#else
enum { USUAL_CLIENTS = 50, USUAL_SEEDS = 2 };
#endif
#else
enum { USUAL_CLIENTS = 50, USUAL_SEEDS = 2 };
#endif

TEST(meeting_in_bad_weather_stays_one_and_every_wish_comes_true)
{
    unsigned clients = number_of("CLIENTS", USUAL_CLIENTS);
    unsigned first = number_of("SEED", 1);
    unsigned count = number_of("SEEDS", getenv("SEED") ? 1 : USUAL_SEEDS);
    assert_true(clients > 1 && clients <= CLIENTS_MAX - 8);
    for (unsigned i = 0; i < count; i++)
        run(first + i, clients);
}

RUN_TESTS(cmocka_unit_test(meeting_in_bad_weather_stays_one_and_every_wish_comes_true))
