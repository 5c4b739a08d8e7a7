/* conference_fuzz.c - a server's noise for a meeting of a host, a member and somebody who knocks.
 * The input is a script: each step says to one of them something of one kind, made of noise or of
 * what one of them really said before, spoilt in up to three places. Whatever comes, who was not
 * let in is not in, and nobody is added. Keys come from a fixed seed, so that a find can be had
 * again. */
#include "e2ee/conference/inside.h"

#include <stdlib.h>

#include "crypto/suite.h"
#include "tests/lots.h"

enum { PEOPLE = 3, HOST = 0, MEMBER = 1, KNOCKER = 2, POOL = 64, STEPS_MAX = 40 };
enum kind {
    WAITING,
    CARDED,
    ATTENDED,
    REPLIED,
    JOINED,
    WELCOMED,
    COMMITTED,
    CONFLICT,
    TOO_FAST,
    REJECTED,
    MESSAGE,
    KNOCKED,
    RETURNS,
    LEFT,
    UNKNOCKED,
    DECIDE,
    HONEST,
    KINDS
};

static struct ic_conference *people[PEOPLE];
static struct ic_e2ee *frames[PEOPLE];
static uint8_t participants[PEOPLE][IC_PARTICIPANT_LEN];
static struct ic_bytes pool[POOL]; /* a ring of what was said, welcomes too */
static enum ic_say_type pool_types[POOL];
static size_t said, passed_on;
static int64_t now;
static uint8_t meeting[IC_MEETING_LEN] = {7};

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* ---- Three people ---- */

static void keep(struct ic_bytes bytes, enum ic_say_type type)
{
    uint8_t *copy = malloc(bytes.len + 1);
    must(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    free((void *)pool[said % POOL].at);
    pool[said % POOL] = (struct ic_bytes){copy, bytes.len};
    pool_types[said++ % POOL] = type;
}

static void drain(unsigned who)
{
    const struct ic_say *say;
    while ((say = ic_conference_next_say(people[who]))) {
        if (say->welcome.len > 0)
            keep(say->welcome, IC_SAYS);
        keep(say->sealed, say->type);
    }
    while (ic_conference_next_event(people[who]))
        ;
}

static void make_one(unsigned who, const struct ic_door_link *link)
{
    frames[who] = ic_e2ee_new();
    struct ic_conference_options options = {.link = *link,
                                            .name = ic_bytes_of_text("Layla Rahman"),
                                            .suite = IC_SUITE_X25519_AES128,
                                            .wall_ms_at_zero = UINT64_C(1795000000000),
                                            .frames = frames[who]};
    memcpy(options.meeting, meeting, sizeof meeting);
    memset(participants[who], (int)who + 1, IC_PARTICIPANT_LEN);
    must(frames[who] && ic_conference_new(&people[who], &options) == IC_OK);
}

static struct ic_bytes last(enum ic_say_type type)
{
    for (size_t i = said; i-- > 0;)
        if (pool_types[i % POOL] == type)
            return pool[i % POOL];
    abort();
}

static void hear_joined(unsigned who, struct ic_bytes welcome, uint64_t epoch, uint8_t flags)
{
    struct ic_conference_joined joined = {.keeper = flags & 1,
                                          .behind = (flags & 2) != 0,
                                          .people = flags >> 2,
                                          .epoch = epoch,
                                          .welcome = welcome};
    memcpy(joined.participant, participants[who], IC_PARTICIPANT_LEN);
    enum ic_err err = ic_conference_hear_joined(people[who], &joined, now);
    must(err == IC_OK || err == IC_ERR_FORBIDDEN);
}

static void knock(unsigned who)
{
    must(ic_conference_hear_waiting(people[who], participants[who], last(IC_SAY_CARD),
                                    (struct ic_bytes){0}, true, now) == IC_OK);
    drain(who);
    must(ic_conference_hear_knocked(people[HOST], participants[who], last(IC_SAY_KNOCK), false, 0,
                                    now) == IC_OK);
    drain(HOST);
}

static void begin(void)
{
    struct ic_door_link link = {.kind = IC_DOOR_LINK_HOST, .secret = {1}, .root_seed = {2}};
    struct ic_door_host_keys keys;

    lots = 1;
    now = IC_NS_PER_SEC;
    said = passed_on = 0;
    must(ic_door_host_keys(&keys, link.root_seed) == IC_OK);
    make_one(HOST, &link);
    link.kind = IC_DOOR_LINK_GUEST;
    memcpy(link.pin, keys.pin, sizeof keys.pin);
    make_one(MEMBER, &link);
    make_one(KNOCKER, &link);
    hear_joined(HOST, (struct ic_bytes){0}, 0, 1);
    drain(HOST);
    knock(MEMBER);
    must(ic_conference_admit(people[HOST], participants[MEMBER], now) == IC_OK);
    drain(HOST);
    hear_joined(MEMBER, last(IC_SAYS), 1, 4);
    must(ic_conference_hear_committed(people[HOST], 0, last(IC_SAY_COMMIT), now) == IC_OK);
    drain(HOST);
    drain(MEMBER);
    must(ic_conference_stage(people[MEMBER]) == IC_CONFERENCE_IN);
    knock(KNOCKER);
    passed_on = said;
}

static void end(void)
{
    for (unsigned i = 0; i < PEOPLE; i++) {
        ic_conference_free(people[i]);
        ic_e2ee_free(frames[i]);
    }
    for (size_t i = 0; i < POOL; i++) {
        free((void *)pool[i].at);
        pool[i] = (struct ic_bytes){0};
    }
}

/* ---- The script ---- */

/* Noise, or what was said, spoilt. The caller frees it. */
static uint8_t *material(struct ic_reader *r, size_t *len)
{
    uint64_t which = ic_read_uint(r, 1), places = ic_read_uint(r, 1);
    struct ic_bytes from = pool[which % (said < POOL ? said : POOL)];
    if (places & 0x80)
        from = ic_read_bytes(r, which < r->rest.len ? (size_t)which : r->rest.len);
    uint8_t *bytes = malloc(from.len + 1);
    must(bytes);
    if (from.len > 0)
        memcpy(bytes, from.at, from.len);
    for (uint64_t i = 0; i < (places & 3) && from.len > 0; i++) {
        size_t at = (size_t)ic_read_uint(r, 2) % from.len;
        bytes[at] ^= (uint8_t)ic_read_uint(r, 1);
    }
    *len = from.len;
    return bytes;
}

/* What a person may decide, but for letting somebody in. */
static void decide(unsigned who, uint8_t what)
{
    struct ic_conference *c = people[who];
    struct ic_conference_presence presence = {.hand = true};
    enum ic_err err = IC_OK;
    switch (what % 8) {
    case 0:
        err = ic_conference_rekey(c, now);
        break;
    case 1:
        err = ic_conference_lock(c, what & 0x80, now);
        break;
    case 2:
        err = ic_conference_replace_link(c, now);
        break;
    case 3:
        err = ic_conference_grant(c, 1, what >> 4, now);
        break;
    case 4:
        err = ic_conference_chat(c, ic_bytes_of_text("Hello"), now);
        break;
    case 5:
        err = ic_conference_present(c, &presence, now);
        break;
    case 6:
        err = ic_conference_ask(c, participants[KNOCKER], ic_bytes_of_text("Who?"), now);
        break;
    default:
        err = ic_conference_answer(c, ic_bytes_of_text("Me."), now);
    }
    must(err != IC_ERR_SYSTEM);
}

/* What was said since the last time, brought as it should be. */
static void bring(void)
{
    size_t until = said;
    if (until - passed_on > POOL)
        passed_on = until - POOL;
    for (; passed_on < until; passed_on++) {
        uint8_t *copy;
        struct ic_bytes bytes = pool[passed_on % POOL];
        enum ic_say_type type = pool_types[passed_on % POOL];
        must((copy = malloc(bytes.len + 1)) != NULL);
        if (bytes.len > 0)
            memcpy(copy, bytes.at, bytes.len);
        bytes.at = copy;
        for (unsigned who = HOST; who <= MEMBER; who++) {
            enum ic_err err = IC_OK;
            if (type == IC_SAY_COMMIT)
                err = ic_conference_hear_committed(people[who], ic_conference_epoch(people[who]),
                                                   bytes, now);
            else if (type == IC_SAY_MESSAGE)
                err = ic_conference_hear_message(people[who], bytes, now);
            else if (type == IC_SAY_REJECT)
                err = ic_conference_hear_rejected(people[who], ic_conference_epoch(people[who]),
                                                  bytes, now);
            must(err == IC_OK);
        }
        free(copy);
    }
}

static void hear(unsigned who, enum kind kind, struct ic_bytes bytes, uint8_t number)
{
    struct ic_conference *c = people[who];
    uint64_t epoch = ic_conference_epoch(c) + number - 4;
    const uint8_t *about = participants[number % PEOPLE];
    enum ic_err err = IC_OK;
    switch (kind) {
    case WAITING:
        err = ic_conference_hear_waiting(c, participants[who], bytes, bytes, number & 1, now);
        break;
    case CARDED:
        err = number & 1 ? ic_conference_hear_opened(c, bytes, now)
                         : ic_conference_hear_carded(c, bytes, now);
        break;
    case ATTENDED:
        err = ic_conference_hear_attended(c, number & 1, now);
        break;
    case REPLIED:
        err = ic_conference_hear_replied(c, bytes, number & 1, now);
        break;
    case JOINED:
        hear_joined(who, (struct ic_bytes){0}, ic_conference_epoch(c) + (number >> 6), number & 63);
        break;
    case WELCOMED:
        hear_joined(who, bytes, epoch, 4);
        break;
    case COMMITTED:
        err = ic_conference_hear_committed(c, epoch, bytes, now);
        break;
    case CONFLICT:
        err = ic_conference_hear_conflict(c, epoch, bytes, now);
        break;
    case TOO_FAST:
        err = ic_conference_hear_refused(c, (enum ic_say_type)(number % IC_SAYS),
                                         now + number * 10 * IC_NS_PER_MS, now);
        break;
    case REJECTED:
        err = ic_conference_hear_rejected(c, epoch, bytes, now);
        break;
    case MESSAGE:
        err = ic_conference_hear_message(c, bytes, now);
        break;
    case KNOCKED:
    case RETURNS:
        err = ic_conference_hear_knocked(c, about, bytes, kind == RETURNS, number, now);
        break;
    case LEFT:
        err = ic_conference_hear_left(c, about, number & 0x80, now);
        break;
    case UNKNOCKED:
        err = ic_conference_hear_unknocked(c, about, now);
        break;
    case DECIDE:
        decide(who, number);
        break;
    case HONEST:
        bring();
        break;
    case KINDS:
        break;
    }
    must(err == IC_OK);
}

static void check(void)
{
    must(ic_conference_stage(people[KNOCKER]) != IC_CONFERENCE_IN);
    for (unsigned i = 0; i < PEOPLE; i++)
        must(!people[i]->group || ic_mls_group_member_count(people[i]->group) <= 2);
}

static void step(struct ic_reader *r)
{
    uint64_t who = ic_read_uint(r, 1) % PEOPLE, kind = ic_read_uint(r, 1) % KINDS;
    uint8_t number = (uint8_t)ic_read_uint(r, 1);
    int64_t later = (int64_t)ic_read_uint(r, 1);
    size_t len;
    uint8_t *bytes = material(r, &len);

    hear((unsigned)who, (enum kind)kind, (struct ic_bytes){bytes, len}, number);
    free(bytes);
    now += later * 20 * IC_NS_PER_MS;
    for (unsigned i = 0; i < PEOPLE; i++) {
        must(ic_conference_tick(people[i], now) == IC_OK);
        drain(i);
    }
    check();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});

    begin();
    for (unsigned i = 0; i < STEPS_MAX && r.rest.len > 0 && !r.bad; i++)
        step(&r);
    end();
    return 0;
}
