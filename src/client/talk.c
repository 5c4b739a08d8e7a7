/* talk.c - one row a message, both ways. */
#include "client/talk.h"

#include <stdlib.h>

#include "base/encode.h"

/* On the heap; empty for NULL. The text has been checked to be base64url. */
static enum ic_err decode(struct ic_bytes *out, const char *text)
{
    size_t len = text ? ic_base64url_decoded_len(text) : 0;
    if (len == 0)
        return IC_OK;
    uint8_t *bytes = malloc(len);
    if (!bytes)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_base64url_decode(bytes, len, text);
    if (err != IC_OK) {
        free(bytes);
        return err;
    }
    *out = (struct ic_bytes){bytes, len};
    return IC_OK;
}

static enum ic_err joined(struct ic_conference *c, const struct ic_heard *h, struct ic_bytes card,
                          struct ic_bytes welcome, int64_t now)
{
    struct ic_conference_joined joined = {.keeper = h->keeper,
                                          .epoch = h->epoch,
                                          .people = h->member_count,
                                          .welcome = welcome,
                                          .card = card,
                                          .behind = h->behind};
    memcpy(joined.participant, h->id, sizeof joined.participant);
    return ic_conference_hear_joined(c, &joined, now);
}

static enum ic_err deliver(struct ic_conference *c, const struct ic_heard *h,
                           struct ic_bytes sealed, struct ic_bytes welcome, struct ic_bytes info,
                           int64_t now)
{
    switch (h->type) {
    case IC_HEARD_WAITING:
        return ic_conference_hear_waiting(c, h->id, sealed, info, h->attended, now);
    case IC_HEARD_OPENED:
        return ic_conference_hear_opened(c, info, now);
    case IC_HEARD_CARDED:
        return ic_conference_hear_carded(c, sealed, now);
    case IC_HEARD_ATTENDED:
        return ic_conference_hear_attended(c, h->attended, now);
    case IC_HEARD_REPLIED:
        return ic_conference_hear_replied(c, sealed, h->final, now);
    case IC_HEARD_JOINED:
        return joined(c, h, sealed, welcome, now);
    case IC_HEARD_COMMITTED:
        return ic_conference_hear_committed(c, h->epoch, sealed, now);
    case IC_HEARD_CONFLICT:
        return ic_conference_hear_conflict(c, h->epoch, info, now);
    case IC_HEARD_REJECTED:
        return ic_conference_hear_rejected(c, h->epoch, sealed, now);
    case IC_HEARD_MESSAGE:
        return ic_conference_hear_message(c, sealed, now);
    case IC_HEARD_KNOCKED:
        return ic_conference_hear_knocked(c, h->id, sealed, h->returning, h->before, now);
    case IC_HEARD_UNKNOCKED:
        return ic_conference_hear_unknocked(c, h->id, now);
    case IC_HEARD_LEFT:
        return ic_conference_hear_left(c, h->id, h->gone, now);
    default:
        return IC_OK;
    }
}

enum ic_err ic_talk_hear(struct ic_conference *c, const struct ic_heard *h, int64_t now)
{
    struct ic_bytes sealed = {0}, welcome = {0}, info = {0};
    enum ic_err err = decode(&sealed, h->sealed);
    if (err == IC_OK)
        err = decode(&welcome, h->welcome);
    if (err == IC_OK)
        err = decode(&info, h->info);
    if (err == IC_OK)
        err = deliver(c, h, sealed, welcome, info, now);
    free((void *)(uintptr_t)sealed.at);
    free((void *)(uintptr_t)welcome.at);
    free((void *)(uintptr_t)info.at);
    return err;
}

static char *commit_text(const struct ic_say *say)
{
    const struct ic_commit commit = {
        .epoch = (uint32_t)say->epoch,
        .sealed = say->sealed,
        .welcome = say->welcome,
        .welcomed = (const uint8_t(*)[IC_PARTICIPANT_LEN])say->participants.at,
        .welcomed_count = say->participants.len / IC_PARTICIPANT_LEN,
        .removed = (const uint8_t(*)[IC_PARTICIPANT_LEN])say->removed.at,
        .removed_count = say->removed.len / IC_PARTICIPANT_LEN,
        .info = say->info};
    return ic_say_commit(&commit);
}

enum ic_say_type ic_talk_type(const char *word)
{
    static const char *const words[IC_SAYS] = {[IC_SAY_CARD] = "card",
                                               [IC_SAY_KNOCK] = "knock",
                                               [IC_SAY_REPLY] = "reply",
                                               [IC_SAY_COMMIT] = "commit",
                                               [IC_SAY_REJECT] = "reject",
                                               [IC_SAY_MESSAGE] = "message",
                                               [IC_SAY_ADMISSIONS] = "admissions",
                                               [IC_SAY_KEEPER] = "keeper",
                                               [IC_SAY_DOOR] = "door"};
    enum ic_say_type type = 0;

    while (type < IC_SAYS && strcmp(words[type], word) != 0)
        type++;
    return type;
}

char *ic_talk_text(const struct ic_say *say)
{
    switch (say->type) {
    case IC_SAY_CARD:
        return ic_say_card(say->sealed);
    case IC_SAY_KNOCK:
        return ic_say_knock(say->sealed, say->flag);
    case IC_SAY_REPLY:
        return ic_say_reply(say->participants.at, say->sealed, say->flag);
    case IC_SAY_COMMIT:
        return commit_text(say);
    case IC_SAY_REJECT:
        return ic_say_reject((uint32_t)say->epoch, say->info.at, say->flag, say->sealed);
    case IC_SAY_MESSAGE:
        return ic_say_message(say->sealed);
    case IC_SAY_ADMISSIONS:
        return ic_say_admissions((const uint8_t(*)[IC_PROOF_LEN])say->sealed.at,
                                 say->sealed.len / IC_PROOF_LEN);
    case IC_SAY_KEEPER:
        return ic_say_keeper(say->participants.at, say->flag);
    case IC_SAY_DOOR:
        return ic_say_door((uint32_t)say->epoch, say->sealed);
    case IC_SAYS:
        break;
    }
    return NULL;
}
