/* courier.c - one meeting's courier in virtual time. */
#include "tests/e2ee/courier.h"

#include <stdlib.h>

enum kind {
    WAITING,
    CARDED,
    ATTENDED,
    KNOCKED,
    UNKNOCKED,
    REPLIED,
    JOINED,
    COMMITTED,
    CONFLICT,
    TOO_FAST,
    NOT_KEEPER,
    FULL,
    REJECTED,
    MESSAGE,
    LEFT,
    OPENED,
};

static const int64_t COMMIT_NS = IC_NS_PER_SEC / 4;
static const int64_t FULL_NS = 5 * IC_NS_PER_SEC;
static const int64_t GONE_NS = 60 * IC_NS_PER_SEC;

/* xorshift64* */
uint64_t courier_random(struct courier *s)
{
    s->random ^= s->random >> 12;
    s->random ^= s->random << 25;
    s->random ^= s->random >> 27;
    return s->random * UINT64_C(2685821657736338717);
}

static struct ic_bytes keep(struct ic_bytes bytes)
{
    uint8_t *copy = malloc(bytes.len + 1);
    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    return (struct ic_bytes){copy, bytes.len};
}

static void drop(struct ic_bytes *bytes)
{
    free((void *)bytes->at);
    *bytes = (struct ic_bytes){0};
}

void courier_init(struct courier *s, uint64_t seed, uint16_t suite)
{
    struct ic_door_host_keys keys;
    (void)suite;
    *s = (struct courier){.random = seed * 2 + 1,
                          .step = 5 * IC_NS_PER_MS,
                          .commit_credit = 4 * COMMIT_NS,
                          .delay_max = 20 * IC_NS_PER_MS};
    s->host_link.kind = IC_DOOR_LINK_HOST;
    for (size_t i = 0; i < 32; i++) {
        s->host_link.secret[i] = (uint8_t)courier_random(s);
        s->host_link.root_seed[i] = (uint8_t)courier_random(s);
        s->meeting[i % IC_MEETING_LEN] = (uint8_t)courier_random(s);
    }
    assert_int_equal(ic_door_host_keys(&keys, s->host_link.root_seed), IC_OK);
    s->guest_link = s->host_link;
    s->guest_link.kind = IC_DOOR_LINK_GUEST;
    memcpy(s->guest_link.pin, keys.pin, sizeof keys.pin);
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        s->clients[i].last = &s->clients[i].first;
}

static void drop_letters(struct client *client)
{
    while (client->first) {
        struct letter *letter = client->first;
        client->first = letter->next;
        free(letter);
    }
    client->last = &client->first;
}

static void drop_rejects(struct courier *s)
{
    for (size_t i = 0; i < REJECTS_KEPT; i++)
        drop(&s->said_rejects[i].sealed);
}

void courier_clear(struct courier *s)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        drop_letters(&s->clients[i]);
        drop(&s->clients[i].welcome);
        drop(&s->clients[i].knock);
        ic_conference_free(s->clients[i].conference);
        ic_e2ee_free(s->clients[i].frames);
    }
    for (size_t i = 0; i < LOG_MAX; i++)
        drop(&s->log[i]);
    drop(&s->card);
    drop(&s->info);
    drop_rejects(s);
}

static bool happens(struct courier *s, unsigned of_a_thousand)
{
    return of_a_thousand > 0 && courier_random(s) % 1000 < of_a_thousand;
}

/* Those that a careless courier might mix up. */
static bool may_be_mixed(int kind)
{
    return kind == COMMITTED || kind == CONFLICT || kind == MESSAGE || kind == KNOCKED ||
           kind == REJECTED;
}

/* In order, as over one socket, or before the last one. */
static void append(struct courier *s, struct client *to, struct letter *letter)
{
    struct letter **at = to->last;
    if (to->first && may_be_mixed(letter->kind) && happens(s, s->early)) {
        at = &to->first;
        while ((*at)->next)
            at = &(*at)->next;
        if (!may_be_mixed((*at)->kind))
            at = to->last;
    }
    letter->next = *at;
    *at = letter;
    if (!letter->next)
        to->last = &letter->next;
}

/* Each after a delay of its own. */
static struct letter *post(struct courier *s, struct client *to, enum kind kind,
                           struct ic_bytes bytes)
{
    static struct letter nowhere;
    if (!to->connected)
        return &nowhere;
    struct letter *letter = calloc(1, sizeof *letter + bytes.len);
    assert_non_null(letter);
    letter->kind = kind;
    letter->at = s->now + (int64_t)(courier_random(s) % (uint64_t)(s->delay_max + 1));
    letter->bytes = (struct ic_bytes){(uint8_t *)(letter + 1), bytes.len};
    if (bytes.len > 0)
        memcpy(letter + 1, bytes.at, bytes.len);
    append(s, to, letter);
    return letter;
}

/* Heard once already, and to be heard again after what else is on its way. */
static void post_again(struct courier *s, struct client *to, const struct letter *heard)
{
    struct letter *letter = post(s, to, (enum kind)heard->kind, heard->bytes);
    memcpy(letter->participant, heard->participant, IC_PARTICIPANT_LEN);
    letter->flag = heard->flag;
    letter->epoch = heard->epoch;
    letter->count = heard->count;
}

#define EACH(one, s, wanted)                                                                       \
    for (struct client *one = (s)->clients; one < (s)->clients + CLIENTS_MAX; one++)               \
        if (one->state == (wanted))

static bool attended(const struct courier *s)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (s->clients[i].state == CLIENT_MEMBER && s->clients[i].keeper && s->clients[i].connected)
            return true;
    return false;
}

unsigned courier_members(const struct courier *s)
{
    unsigned count = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        count += s->clients[i].state == CLIENT_MEMBER;
    return count;
}

static unsigned connected_members(const struct courier *s)
{
    unsigned count = 0;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        count += s->clients[i].state == CLIENT_MEMBER && s->clients[i].connected;
    return count;
}

static struct client *find(struct courier *s, const uint8_t *participant)
{
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (s->clients[i].state != CLIENT_NONE &&
            memcmp(s->clients[i].participant, participant, IC_PARTICIPANT_LEN) == 0)
            return &s->clients[i];
    return NULL;
}

static void post_knock(struct courier *s, struct client *to, const struct client *from)
{
    struct letter *letter = post(s, to, KNOCKED, from->knock);
    memcpy(letter->participant, from->participant, IC_PARTICIPANT_LEN);
    letter->flag = from->returning;
}

static void post_who_knocked(struct courier *s, struct client *to)
{
    for (struct client *from = s->clients; from < s->clients + CLIENTS_MAX; from++)
        if ((from->state == CLIENT_WAITING || from->state == CLIENT_MEMBER) && from != to &&
            from->knock.len > 0 && from->connected && (to->keeper || from->returning))
            post_knock(s, to, from);
}

/* The card, and behind it what stands in the open door. */
static void post_waiting(struct courier *s, struct client *client)
{
    uint8_t *both = malloc(s->card.len + s->info.len + 1);
    assert_non_null(both);
    struct ic_writer w = ic_writer_of(both, s->card.len + s->info.len);
    ic_write_bytes(&w, s->card);
    ic_write_bytes(&w, s->info);
    struct letter *letter = post(s, client, WAITING, ic_written(&w));
    letter->flag = attended(s);
    letter->count = s->card.len;
    free(both);
}

/* What stands in the door is of one epoch. */
static void put_in_door(struct courier *s, struct ic_bytes info)
{
    drop(&s->info);
    if (s->open && info.len > 0)
        s->info = keep(info);
}

static void begin_anew(struct courier *s)
{
    s->head = s->oldest = 0;
    s->open = false;
    put_in_door(s, (struct ic_bytes){0});
    drop_rejects(s);
}

/* ---- What clients say ---- */

static void become_member(struct courier *s, struct client *client, struct ic_bytes welcome)
{
    bool comes = client->state == CLIENT_WAITING;
    client->state = CLIENT_MEMBER;
    client->keeper = client->host;
    drop(&client->welcome);
    client->welcome = keep(welcome);
    client->welcomed_to = s->head;
    memset(client->brought_by, 0, sizeof client->brought_by);
    if (s->head > 0)
        ic_sha256(client->brought_by, s->log[(s->head - 1) % LOG_MAX]);
    if (comes)
        memcpy(client->came_by, client->brought_by, sizeof client->came_by);
    struct letter *letter = post(s, client, JOINED, welcome);
    letter->epoch = s->head;
    letter->count = courier_members(s) - 1;
    drop(&client->knock);
    if (client->keeper)
        EACH(other, s, CLIENT_WAITING) post(s, other, ATTENDED, (struct ic_bytes){0})->flag = true;
    post_who_knocked(s, client);
}

static bool is_among(struct ic_bytes participants, const uint8_t *participant)
{
    for (size_t i = 0; i + IC_PARTICIPANT_LEN <= participants.len; i += IC_PARTICIPANT_LEN)
        if (memcmp(participants.at + i, participant, IC_PARTICIPANT_LEN) == 0)
            return true;
    return false;
}

/* Conflicts cost nothing. */
static bool is_next(struct courier *s, struct client *from, uint64_t epoch)
{
    bool conflict = epoch != s->head;
    bool slow = s->commit_credit < COMMIT_NS || (!from->keeper && s->now < s->keepers_until);
    if (!conflict && !slow)
        return true;
    if (from->keeper)
        s->keepers_until = s->now + IC_NS_PER_SEC / 2;
    s->conflicts += conflict;
    s->too_fast += !conflict;
    if (conflict)
        post(s, from, CONFLICT, from->state == CLIENT_WAITING ? s->info : (struct ic_bytes){0})
            ->epoch = s->head;
    else if (!happens(s, s->silent))
        post(s, from, TOO_FAST, (struct ic_bytes){0});
    return false;
}

/* Who comes back has a place already. */
static bool has_room(struct courier *s, struct ic_bytes added)
{
    unsigned count = courier_members(s);
    for (size_t i = 0; i + IC_PARTICIPANT_LEN <= added.len; i += IC_PARTICIPANT_LEN) {
        const struct client *client = find(s, added.at + i);
        count += client && client->state == CLIENT_WAITING;
    }
    return added.len == 0 || s->most == 0 || count <= s->most;
}

/* Who is no keeper brings back only who asked for that. */
static bool may_welcome(struct courier *s, const struct client *from, struct ic_bytes welcomed)
{
    for (size_t i = 0; !from->keeper && i + IC_PARTICIPANT_LEN <= welcomed.len;
         i += IC_PARTICIPANT_LEN) {
        const struct client *client = find(s, welcomed.at + i);
        if (client && client->state != CLIENT_OUT && !(client->knock.len > 0 && client->returning))
            return false;
    }
    return true;
}

static void hear_commit(struct courier *s, struct client *from, const struct ic_say *say)
{
    bool by_itself =
        from->state == CLIENT_WAITING && s->info.len > 0 && (attended(s) || s->open_unattended);
    if (from->state != CLIENT_MEMBER && !by_itself) {
        if (from->state == CLIENT_WAITING)
            post(s, from, TOO_FAST, (struct ic_bytes){0});
        return;
    }
    if (from->state == CLIENT_MEMBER && !s->welcomes_anybody &&
        !may_welcome(s, from, say->participants)) {
        post(s, from, NOT_KEEPER, (struct ic_bytes){0});
        return;
    }
    if (!has_room(s, say->participants)) {
        post(s, from, FULL, (struct ic_bytes){0});
        return;
    }
    if (!is_next(s, from, say->epoch))
        return;
    drop(&s->log[s->head % LOG_MAX]);
    s->log[s->head % LOG_MAX] = keep(say->sealed);
    s->commit_credit -= COMMIT_NS;
    EACH(to, s, CLIENT_MEMBER)
    {
        if (!s->withhold[to - s->clients] && !is_among(say->participants, to->participant))
            post(s, to, COMMITTED, say->sealed)->epoch = s->head;
    }
    s->head++;
    s->commits++;
    put_in_door(s, say->info);
    if (by_itself)
        become_member(s, from, (struct ic_bytes){0});
    if (s->head - s->oldest > LOG_MAX)
        s->oldest = s->head - LOG_MAX;
    for (size_t i = 0; i + IC_PARTICIPANT_LEN <= say->participants.len; i += IC_PARTICIPANT_LEN) {
        struct client *client = find(s, say->participants.at + i);
        if (client && client->state != CLIENT_OUT && client->conference)
            become_member(s, client, say->welcome);
    }
    for (size_t i = 0; from->keeper && i + IC_PARTICIPANT_LEN <= say->removed.len;
         i += IC_PARTICIPANT_LEN) {
        struct client *client = find(s, say->removed.at + i);
        if (client && client != from && client->state == CLIENT_MEMBER)
            client->state = CLIENT_OUT;
    }
}

static void hear_knock(struct courier *s, struct client *from, const struct ic_say *say)
{
    drop(&from->knock);
    from->knock = keep(say->sealed);
    from->returning = say->flag;
    EACH(to, s, CLIENT_MEMBER)
    {
        if (to != from && (to->keeper || say->flag))
            post_knock(s, to, from);
    }
}

static void say_left(struct courier *s, struct client *who, bool gone)
{
    bool member = who->state == CLIENT_MEMBER;
    EACH(to, s, CLIENT_MEMBER)
    {
        struct letter *letter = post(s, to, member ? LEFT : UNKNOCKED, (struct ic_bytes){0});
        memcpy(letter->participant, who->participant, IC_PARTICIPANT_LEN);
        letter->flag = gone;
    }
}

/* Whom the last commit brought in from the door waits again. */
static void take_back_last(struct courier *s, const struct client *by)
{
    uint8_t *hash = s->taken_back[s->taken_back_count++ % LOG_MAX];
    ic_sha256(hash, s->log[--s->head % LOG_MAX]);
    EACH(client, s, CLIENT_MEMBER)
    {
        if (client == by || memcmp(client->came_by, hash, IC_SHA256_LEN) != 0)
            continue;
        say_left(s, client, false);
        client->state = CLIENT_WAITING;
        drop(&client->welcome);
        post_waiting(s, client);
    }
}

static void hear_reject(struct courier *s, struct client *from, const struct ic_say *say)
{
    uint8_t hash[IC_SHA256_LEN];
    if (!from->keeper)
        return;
    bool fits =
        s->head == say->epoch + 1 || (say->flag && say->epoch >= s->oldest && say->epoch < s->head);
    if (fits)
        ic_sha256(hash, s->log[say->epoch % LOG_MAX]);
    if (!fits || memcmp(hash, say->info.at, sizeof hash) != 0) {
        post(s, from, CONFLICT, (struct ic_bytes){0})->epoch = s->head;
        return;
    }
    while (s->head > say->epoch)
        take_back_last(s, from);
    s->rejects++;
    EACH(member, s, CLIENT_MEMBER) drop(&member->knock); /* who could not follow need not */
    put_in_door(s, (struct ic_bytes){0});
    drop(&s->said_rejects[0].sealed);
    memmove(s->said_rejects, s->said_rejects + 1, sizeof s->said_rejects - sizeof *s->said_rejects);
    s->said_rejects[REJECTS_KEPT - 1] = (struct said_reject){s->head, keep(say->sealed)};
    EACH(to, s, CLIENT_MEMBER) post(s, to, REJECTED, say->sealed)->epoch = s->head;
}

static void relay(struct courier *s, const struct client *from, struct ic_bytes sealed)
{
    EACH(to, s, CLIENT_MEMBER)
    {
        if (to != from)
            post(s, to, MESSAGE, sealed);
    }
}

static bool is_admitted(const struct courier *s, const struct client *client)
{
    for (size_t i = 0; i < s->admission_count; i++)
        if (memcmp(s->admissions[i], client->admission, IC_SHA256_LEN) == 0)
            return true;
    return client->host;
}

static void hear_admissions(struct courier *s, const struct client *from, struct ic_bytes hashes)
{
    if (!from->keeper)
        return;
    s->admission_count = hashes.len / IC_SHA256_LEN;
    assert_true(s->admission_count <= IC_COUNT(s->admissions));
    memcpy(s->admissions, hashes.at, hashes.len);
    EACH(other, s, CLIENT_WAITING)
    {
        if (s->closes_old_links && !is_admitted(s, other))
            other->state = CLIENT_OUT;
    }
}

static void hear_keeper(struct courier *s, const struct client *from, const struct ic_say *say)
{
    struct client *named = find(s, say->participants.at);
    if (!from->keeper || !named || named->state != CLIENT_MEMBER || named->host ||
        named->keeper == say->flag)
        return;
    named->keeper = say->flag;
    post_who_knocked(s, named);
    EACH(other, s, CLIENT_WAITING)
    post(s, other, ATTENDED, (struct ic_bytes){0})->flag = attended(s);
}

static void hear_door(struct courier *s, struct client *from, const struct ic_say *say)
{
    if (!from->keeper)
        return;
    if (say->flag && say->epoch != s->head) {
        post(s, from, CONFLICT, (struct ic_bytes){0})->epoch = s->head;
        return;
    }
    s->open = say->flag;
    put_in_door(s, say->sealed);
    EACH(other, s, CLIENT_WAITING) post(s, other, OPENED, s->info);
}

static void hear(struct courier *s, struct client *from, const struct ic_say *say)
{
    struct client *addressed;
    switch (say->type) {
    case IC_SAY_CARD:
        if (!from->keeper)
            break;
        drop(&s->card);
        s->card = keep(say->sealed);
        EACH(other, s, CLIENT_WAITING) post(s, other, CARDED, s->card);
        break;
    case IC_SAY_KNOCK:
        hear_knock(s, from, say);
        break;
    case IC_SAY_REPLY:
        if (!from->keeper)
            break;
        s->replies++;
        addressed = find(s, say->participants.at);
        if (addressed)
            post(s, addressed, REPLIED, say->sealed)->flag = say->flag;
        break;
    case IC_SAY_COMMIT:
        hear_commit(s, from, say);
        break;
    case IC_SAY_REJECT:
        hear_reject(s, from, say);
        break;
    case IC_SAY_MESSAGE:
        relay(s, from, say->sealed);
        break;
    case IC_SAY_ADMISSIONS:
        hear_admissions(s, from, say->sealed);
        break;
    case IC_SAY_KEEPER:
        hear_keeper(s, from, say);
        break;
    case IC_SAY_DOOR:
        hear_door(s, from, say);
        break;
    case IC_SAYS:
        break;
    }
}

void courier_say(struct courier *s, unsigned client, const struct ic_say *say)
{
    hear(s, &s->clients[client], say);
}

/* ---- What clients hear ---- */

static void deliver(struct courier *s, struct client *to, const struct letter *l)
{
    struct ic_conference *c = to->conference;
    enum ic_err err = IC_OK;
    switch ((enum kind)l->kind) {
    case WAITING:
        err = ic_conference_hear_waiting(
            c, to->participant, (struct ic_bytes){l->bytes.at, l->count},
            (struct ic_bytes){l->bytes.at + l->count, l->bytes.len - l->count}, l->flag, s->now);
        break;
    case OPENED:
        err = ic_conference_hear_opened(c, l->bytes, s->now);
        break;
    case CARDED:
        err = ic_conference_hear_carded(c, l->bytes, s->now);
        break;
    case ATTENDED:
        err = ic_conference_hear_attended(c, l->flag, s->now);
        break;
    case KNOCKED:
        err = ic_conference_hear_knocked(c, l->participant, l->bytes, l->flag, 0, s->now);
        break;
    case UNKNOCKED:
        err = ic_conference_hear_unknocked(c, l->participant, s->now);
        break;
    case REPLIED:
        err = ic_conference_hear_replied(c, l->bytes, l->flag, s->now);
        break;
    case JOINED: {
        bool founds = l->epoch == 0 && l->count == 0 && l->bytes.len == 0 && !l->flag;
        struct ic_conference_joined joined = {
            .keeper = to->keeper,
            .epoch = l->epoch,
            .people = l->count,
            .welcome = l->bytes,
            .card = founds && !s->hides_card ? s->card : (struct ic_bytes){0},
            .behind = l->flag};
        memcpy(joined.participant, to->participant, IC_PARTICIPANT_LEN);
        err = ic_conference_hear_joined(c, &joined, s->now);
        break;
    }
    case COMMITTED:
        err = ic_conference_hear_committed(c, l->epoch, l->bytes, s->now);
        break;
    case CONFLICT:
        err = ic_conference_hear_conflict(c, l->epoch, l->bytes, s->now);
        break;
    case NOT_KEEPER:
        err = ic_conference_hear_not_keeper(c, s->now);
        break;
    case TOO_FAST:
        err = ic_conference_hear_refused(c, IC_SAY_COMMIT, s->now + COMMIT_NS, s->now);
        break;
    case FULL:
        err = ic_conference_hear_refused(c, IC_SAY_COMMIT, s->now + FULL_NS, s->now);
        break;
    case REJECTED:
        err = ic_conference_hear_rejected(c, l->epoch, l->bytes, s->now);
        break;
    case MESSAGE:
        err = ic_conference_hear_message(c, l->bytes, s->now);
        break;
    case LEFT:
        err = ic_conference_hear_left(c, l->participant, l->flag, s->now);
        break;
    }
    assert_int_equal(err, IC_OK);
}

static void collect(struct courier *s, struct client *client)
{
    const struct ic_say *say;
    const struct ic_conference_event *event;

    while ((say = ic_conference_next_say(client->conference)))
        if (client->connected)
            hear(s, client, say);
    while ((event = ic_conference_next_event(client->conference))) {
        struct shown *shown = &client->shown[event->type];
        shown->count++;
        shown->last = *event;
        if (event->text.len > 0 && event->text.len <= sizeof shown->text) {
            memcpy(shown->text, event->text.at, event->text.len);
            shown->last.text.at = shown->text;
        }
    }
}

/* ---- Coming, being cut, going ---- */

unsigned courier_come(struct courier *s, const struct ic_door_link *link, const char *name,
                      uint16_t suite)
{
    unsigned i = 0;
    while (i < CLIENTS_MAX && s->clients[i].state != CLIENT_NONE)
        i++;
    assert_true(i < CLIENTS_MAX);
    struct client *client = &s->clients[i];
    client->frames = ic_e2ee_new();
    struct ic_conference_options options = {.link = *link,
                                            .name = ic_bytes_of_text(name),
                                            .title = s->title,
                                            .last = s->last,
                                            .made_here = s->groups == 0,
                                            .suite = suite,
                                            .wall_ms_at_zero = UINT64_C(1795000000000),
                                            .frames = client->frames};
    memcpy(options.meeting, s->meeting, IC_MEETING_LEN);
    assert_int_equal(ic_conference_new(&client->conference, &options), IC_OK);
    for (size_t b = 0; b < IC_PARTICIPANT_LEN; b++)
        client->participant[b] = (uint8_t)courier_random(s);
    uint8_t proof[IC_ADMISSION_PROOF_LEN];
    ic_door_admission_proof(proof, link->secret);
    ic_sha256(client->admission, (struct ic_bytes){proof, sizeof proof});
    client->connected = true;
    client->host = link->kind == IC_DOOR_LINK_HOST;
    if (client->host && connected_members(s) == 0) {
        EACH(away, s, CLIENT_MEMBER) away->state = CLIENT_OUT;
        begin_anew(s);
        s->groups++;
        become_member(s, client, (struct ic_bytes){0});
    } else {
        client->state = CLIENT_WAITING;
        post_waiting(s, client);
    }
    return i;
}

void courier_cut(struct courier *s, unsigned i, int64_t ns)
{
    struct client *client = &s->clients[i];
    client->connected = false;
    client->back_at = s->now + ns;
    drop_letters(client);
}

static void post_rejects_before(struct courier *s, struct client *to, uint64_t epoch)
{
    for (const struct said_reject *r = s->said_rejects; r < s->said_rejects + REJECTS_KEPT; r++)
        if (r->sealed.len > 0 && r->epoch < epoch && !s->keeps_rejects_back)
            post(s, to, REJECTED, r->sealed)->epoch = r->epoch;
}

static void come_back(struct courier *s, struct client *client)
{
    client->connected = true;
    client->back_at = 0;
    if (client->state == CLIENT_WAITING) {
        post_waiting(s, client);
    } else if (client->state == CLIENT_MEMBER) {
        uint64_t epoch = ic_conference_epoch(client->conference);
        bool unwelcomed = epoch == 0 && client->welcome.len > 0;
        if (unwelcomed)
            epoch = client->welcomed_to;
        struct letter *letter =
            post(s, client, JOINED, unwelcomed ? client->welcome : (struct ic_bytes){0});
        letter->epoch = epoch;
        letter->count = courier_members(s) - 1;
        letter->flag = epoch < s->oldest || epoch > s->head; /* or it was taken back */
        if (!unwelcomed)
            post_rejects_before(s, client, epoch);
        for (; !letter->flag && epoch < s->head; epoch++)
            post(s, client, COMMITTED, s->log[epoch % LOG_MAX])->epoch = epoch;
        post_who_knocked(s, client);
    }
}

void courier_restart(struct courier *s)
{
    begin_anew(s);
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &s->clients[i];
        drop_letters(client);
        if (client->state == CLIENT_MEMBER || client->state == CLIENT_WAITING)
            client->state = CLIENT_WAITING;
        for (size_t b = 0; b < IC_PARTICIPANT_LEN; b++)
            client->participant[b] ^= 0x55;
    }
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &s->clients[i];
        if (client->state == CLIENT_WAITING && client->host)
            become_member(s, client, (struct ic_bytes){0});
        else if (client->state == CLIENT_WAITING)
            post_waiting(s, client);
    }
}

static void go(struct courier *s, unsigned i, bool gone)
{
    struct client *client = &s->clients[i];
    client->connected = false;
    client->back_at = 0;
    drop_letters(client);
    say_left(s, client, gone);
    client->state = CLIENT_OUT;
    ic_conference_free(client->conference);
    client->conference = NULL;
}

void courier_crash(struct courier *s, unsigned i)
{
    s->clients[i].connected = false;
    s->clients[i].back_at = -(s->now + GONE_NS);
    drop_letters(&s->clients[i]);
    ic_conference_free(s->clients[i].conference);
    s->clients[i].conference = NULL;
}

void courier_forget(struct courier *s, unsigned i)
{
    struct client *client = &s->clients[i];
    assert_int_equal(client->state, CLIENT_OUT);
    drop_letters(client);
    drop(&client->welcome);
    drop(&client->knock);
    ic_conference_free(client->conference);
    ic_e2ee_free(client->frames);
    *client = (struct client){.last = &client->first};
}

void courier_leave(struct courier *s, unsigned i)
{
    go(s, i, false);
}

static void step(struct courier *s, unsigned i)
{
    struct client *client = &s->clients[i];
    if (client->state == CLIENT_NONE)
        return;
    if (client->back_at < 0 && s->now >= -client->back_at)
        go(s, i, true);
    if (!client->conference)
        return;
    if (client->back_at > 0 && s->now >= client->back_at)
        come_back(s, client);
    while (client->first && client->first->at <= s->now) {
        struct letter *letter = client->first;
        client->first = letter->next;
        if (!client->first)
            client->last = &client->first;
        deliver(s, client, letter);
        if (may_be_mixed(letter->kind) && happens(s, s->twice))
            post_again(s, client, letter);
        free(letter);
        collect(s, client);
    }
    assert_int_equal(ic_conference_tick(client->conference, s->now), IC_OK);
    collect(s, client);
}

void courier_run(struct courier *s, int64_t ns)
{
    for (int64_t end = s->now + ns; s->now < end; s->now += s->step) {
        s->commit_credit += s->step;
        if (s->commit_credit > 4 * COMMIT_NS)
            s->commit_credit = 4 * COMMIT_NS;
        for (unsigned i = 0; i < CLIENTS_MAX; i++)
            step(s, i);
    }
}

/* ---- Looking ---- */

unsigned courier_saw(const struct courier *s, unsigned client, enum ic_conference_event_type type)
{
    return s->clients[client].shown[type].count;
}

const struct ic_conference_event *courier_last(const struct courier *s, unsigned client,
                                               enum ic_conference_event_type type)
{
    assert_true(courier_saw(s, client, type) > 0);
    return &s->clients[client].shown[type].last;
}

bool courier_took_back(const struct courier *s, const uint8_t hash[IC_SHA256_LEN])
{
    for (unsigned i = 0; i < s->taken_back_count && i < LOG_MAX; i++)
        if (memcmp(s->taken_back[i], hash, IC_SHA256_LEN) == 0)
            return true;
    return false;
}

bool courier_agrees(const struct courier *s)
{
    uint8_t first[IC_CONFERENCE_AUTHENTICATOR_LEN], other[IC_CONFERENCE_AUTHENTICATOR_LEN];
    bool any = false;
    for (size_t i = 0; i < CLIENTS_MAX; i++) {
        const struct client *client = &s->clients[i];
        if (client->state != CLIENT_MEMBER || !client->connected)
            continue;
        if (ic_conference_authenticator(client->conference, any ? other : first) != IC_OK)
            return false;
        if (any && memcmp(first, other, sizeof first) != 0)
            return false;
        any = true;
    }
    return any;
}
