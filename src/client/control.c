/* control.c - names become participants and leaves here, and nowhere else in this client. */
#include "client/control.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"
#include "client/clock.h"
#include "crypto/secret.h"
#include "e2ee/door/grant.h"
#include "e2ee/door/state.h"
#include "e2ee/door/words.h"

enum { NAME_SIZE = 256, WORD_SIZE = 32 };

/* Somebody who waits, or is inside. */
struct known {
    struct known *next;
    char name[NAME_SIZE];
    uint8_t participant[IC_PARTICIPANT_LEN];
    unsigned leaf;
    bool inside;
};

struct ic_control {
    FILE *out;
    uint32_t ordinal;
    uint8_t meeting[IC_MEETING_LEN];
    struct known *known;
};

void ic_control_meeting(struct ic_control *control, const uint8_t meeting[IC_MEETING_LEN])
{
    memcpy(control->meeting, meeting, sizeof control->meeting);
}

struct ic_control *ic_control_new(FILE *out, uint32_t ordinal)
{
    struct ic_control *control = calloc(1, sizeof *control);
    if (control)
        *control = (struct ic_control){.out = out, .ordinal = ordinal};
    return control;
}

static void forget(struct ic_control *control, const struct ic_conference_event *event, bool inside)
{
    struct known **at = &control->known;
    while (*at) {
        struct known *k = *at;
        bool same = inside ? k->inside && k->leaf == event->leaf
                           : !k->inside && memcmp(k->participant, event->participant,
                                                  IC_PARTICIPANT_LEN) == 0;
        if (!same) {
            at = &k->next;
            continue;
        }
        *at = k->next;
        free(k);
    }
}

static void remember(struct ic_control *control, const struct ic_conference_event *event,
                     bool inside)
{
    struct known *k = calloc(1, sizeof *k);
    forget(control, event, inside);
    if (!k || event->text.len >= sizeof k->name) {
        free(k);
        return;
    }
    memcpy(k->name, event->text.at, event->text.len);
    memcpy(k->participant, event->participant, sizeof k->participant);
    k->leaf = event->leaf;
    k->inside = inside;
    k->next = control->known;
    control->known = k;
}

static void forget_all(struct ic_control *control)
{
    while (control->known) {
        struct known *next = control->known->next;
        free(control->known);
        control->known = next;
    }
}

void ic_control_free(struct ic_control *control)
{
    if (!control)
        return;
    forget_all(control);
    free(control);
}

static void note_people(struct ic_control *control, const struct ic_conference_event *event)
{
    switch (event->type) {
    case IC_EVENT_ENTERED:
        forget_all(control);
        break;
    case IC_EVENT_PERSON:
        remember(control, event, true);
        break;
    case IC_EVENT_PERSON_LEFT:
        forget(control, event, true);
        break;
    case IC_EVENT_KNOCK:
        remember(control, event, false);
        break;
    case IC_EVENT_KNOCK_GONE:
        forget(control, event, false);
        break;
    default:
        break;
    }
}

/* ---- Showing ---- */

static const struct {
    const char *event, *text; /* what its text is called; NULL: it has none */
    bool leaf, epoch;
    const char *number; /* what its number is called */
} shapes[] = {
    [IC_EVENT_CARD] = {"card", "title", false, false, "flags"},
    [IC_EVENT_SETTINGS_LOST] = {"settings_lost", NULL, false, false, "lost"},
    [IC_EVENT_CARD_BAD] = {"card_bad", NULL, false, false, "reason"},
    [IC_EVENT_PASSCODE] = {"passcode", NULL, false, false, "asked"},
    [IC_EVENT_ATTENDED] = {"attended", NULL, false, false, "attended"},
    [IC_EVENT_QUESTION] = {"question", "text", false, false, NULL},
    [IC_EVENT_REFUSED] = {"refused", NULL, false, false, NULL},
    [IC_EVENT_ENTERED] = {"entered", NULL, true, true, NULL},
    [IC_EVENT_PERSON] = {"person", "name", true, false, "rights"},
    [IC_EVENT_PERSON_LEFT] = {"person_left", NULL, true, false, "reason"},
    [IC_EVENT_PRESENCE] = {"presence", NULL, true, false, "presence"},
    [IC_EVENT_CHAT] = {"chat", "text", true, false, NULL},
    [IC_EVENT_KNOCK] = {"knock", "name", false, false, "before"},
    [IC_EVENT_KNOCK_ANSWER] = {"knock_answer", "text", false, false, NULL},
    [IC_EVENT_KNOCK_GONE] = {"knock_gone", NULL, false, false, NULL},
    [IC_EVENT_EPOCH] = {"epoch", NULL, false, true, "members"},
    [IC_EVENT_STATE] = {"state", NULL, false, false, "flags"},
    [IC_EVENT_LINK] = {"link", "fragment", false, false, NULL},
    [IC_EVENT_ELSEWHERE] = {"elsewhere", NULL, true, false, "elsewhere"},
    [IC_EVENT_SILENCED] = {"silenced", NULL, false, false, "silenced"},
    [IC_EVENT_WRONG_COMMIT] = {"wrong_commit", NULL, false, false, "rule"},
    [IC_EVENT_REMOVED] = {"removed", NULL, false, false, NULL},
    [IC_EVENT_OPENED_AGAIN] = {"opened_again", NULL, false, false, NULL},
    [IC_EVENT_BEHIND] = {"behind", NULL, false, false, NULL},
    [IC_EVENT_INVITE] = {"invite", "fragment", false, true, "good"},
    [IC_EVENT_COMPARE] = {"compare", NULL, true, true, "said"},
    [IC_EVENT_ALLOWED] = {"allowed", NULL, false, false, "allowed"},
    [IC_EVENT_MAY] = {"may", NULL, true, false, "may"},
    [IC_EVENT_MUTED] = {"muted", NULL, true, false, "streams"},
    [IC_EVENT_SENT_BACK] = {"sent_back", NULL, true, false, NULL},
    [IC_EVENT_TITLE] = {"title", "title", false, false, "shown"},
};

static void put(json_t *object, const char *key, json_t *value)
{
    if (!value || json_object_set_new(object, key, value) != 0)
        abort(); /* no memory for a few bytes */
}

static json_t *begin(const struct ic_control *control, const char *event)
{
    json_t *line = json_object();
    if (!line)
        abort();
    put(line, "event", json_string(event));
    put(line, "ordinal", json_integer(control->ordinal));
    put(line, "at", json_integer(ic_clock_now() / IC_NS_PER_MS));
    return line;
}

static void end(const struct ic_control *control, json_t *line)
{
    json_dumpf(line, control->out, JSON_COMPACT);
    fputc('\n', control->out);
    fflush(control->out);
    json_decref(line);
}

static void put_authenticator(json_t *line, const struct ic_conference *conference)
{
    uint8_t bytes[IC_CONFERENCE_AUTHENTICATOR_LEN];
    char hex[2 * sizeof bytes + 1];
    if (ic_conference_authenticator(conference, bytes) != IC_OK)
        return;
    ic_hex_encode(hex, (struct ic_bytes){bytes, sizeof bytes});
    put(line, "authenticator", json_string(hex));
}

void ic_control_show(struct ic_control *control, const struct ic_conference_event *event,
                     const struct ic_conference *conference)
{
    json_t *line = begin(control, shapes[event->type].event);
    const char *text = (const char *)event->text.at;

    if (shapes[event->type].text && event->text.len > 0)
        put(line, shapes[event->type].text, json_stringn(text, event->text.len));
    if (shapes[event->type].leaf)
        put(line, "leaf", json_integer(event->leaf));
    if (shapes[event->type].epoch)
        put(line, "epoch", json_integer((json_int_t)event->epoch));
    if (shapes[event->type].number)
        put(line, shapes[event->type].number, json_integer(event->number));
    if (event->type == IC_EVENT_KNOCK && event->epoch > 0)
        put(line, "invite", json_integer((json_int_t)event->epoch));
    if (event->type == IC_EVENT_EPOCH)
        put_authenticator(line, conference);
    end(control, line);
    note_people(control, event);
}

void ic_control_note(struct ic_control *control, const char *event)
{
    end(control, begin(control, event));
}

void ic_control_count(struct ic_control *control, const struct ic_stats *stats)
{
    const struct ic_counters *now = &stats->now, *total = &stats->total;
    json_t *line = begin(control, "count");
    put(line, "packets_in", json_integer((json_int_t)(now->packets_in + total->packets_in)));
    put(line, "frames_in", json_integer((json_int_t)(now->frames_in + total->frames_in)));
    put(line, "decrypted", json_integer((json_int_t)(now->decrypted + total->decrypted)));
    put(line, "failed", json_integer((json_int_t)(now->failed + total->failed)));
    put(line, "unexpected", json_integer((json_int_t)(now->unexpected + total->unexpected)));
    end(control, line);
}

/* ---- Obeying ---- */

static const struct known *find(const struct ic_control *control, const char *name, size_t len,
                                bool inside)
{
    const struct known *k = control->known;
    while (k && !(k->inside == inside && strlen(k->name) == len && memcmp(k->name, name, len) == 0))
        k = k->next;
    return k;
}

typedef enum ic_err decision(struct ic_conference *c, const uint8_t *participant, int64_t now);

static enum ic_err about_waiting(const struct ic_control *control, struct ic_conference *c,
                                 decision *decide, const char *name, int64_t now)
{
    const struct known *k = find(control, name, strlen(name), false);
    return k ? decide(c, k->participant, now) : IC_ERR_NOT_FOUND;
}

typedef enum ic_err decision_inside(struct ic_conference *c, unsigned leaf, int64_t now);

static enum ic_err about_member(const struct ic_control *control, struct ic_conference *c,
                                decision_inside *decide, const char *name, int64_t now)
{
    const struct known *k = find(control, name, strlen(name), true);
    return k ? decide(c, k->leaf, now) : IC_ERR_NOT_FOUND;
}

static enum ic_err mute(struct ic_conference *c, unsigned leaf, int64_t now)
{
    return ic_conference_mute(c, leaf, 1 << IC_STREAM_MICROPHONE, now);
}

static enum ic_err stop_share(struct ic_conference *c, unsigned leaf, int64_t now)
{
    return ic_conference_mute(c, leaf, 1 << IC_STREAM_SCREEN | 1 << IC_STREAM_SCREEN_AUDIO, now);
}

static enum ic_err ask(const struct ic_control *control, struct ic_conference *c, const char *rest,
                       int64_t now)
{
    size_t len = strcspn(rest, " ");
    const struct known *k = find(control, rest, len, false);
    if (!k || rest[len] == '\0')
        return IC_ERR_NOT_FOUND;
    return ic_conference_ask(c, k->participant, ic_bytes_of_text(rest + len + 1), now);
}

/* The passcode's key is bound to the meeting. Inside, it is set for all (nothing: none); outside,
 * it is what we try. */
static enum ic_err set_passcode(const struct ic_control *control, struct ic_conference *c,
                                const char *passcode, int64_t now)
{
    uint8_t key[IC_DOOR_PSK_LEN];
    bool inside = ic_conference_stage(c) == IC_CONFERENCE_IN;
    enum ic_err err = IC_OK;

    if (passcode[0] == '\0')
        return inside ? ic_conference_set_passcode(c, NULL, now) : IC_ERR_FORBIDDEN;
    err = ic_door_passcode_key(key, ic_bytes_of_text(passcode), control->meeting);
    if (err == IC_OK)
        err =
            inside ? ic_conference_set_passcode(c, key, now) : ic_conference_passcode(c, key, now);
    ic_secret_wipe(key, sizeof key);
    return err;
}

static enum ic_err grant(const struct ic_control *control, struct ic_conference *c,
                         const char *name, unsigned rights, int64_t now)
{
    const struct known *k = find(control, name, strlen(name), true);
    return k ? ic_conference_grant(c, k->leaf, rights, now) : IC_ERR_NOT_FOUND;
}

/* With a name: who has it goes, too. */
static enum ic_err stop(const struct ic_control *control, struct ic_conference *c, const char *name,
                        int64_t now)
{
    const struct known *k = find(control, name, strlen(name), true);
    if (!k && name[0] != '\0')
        return IC_ERR_NOT_FOUND;
    return ic_conference_stop(c, IC_DOOR_MAY_VIDEO, k ? &k->leaf : NULL, k != NULL, now);
}

/* What a word turns on or off. */
static const struct turn {
    const char *word;
    enum ic_err (*set)(struct ic_conference *c, bool on, int64_t now);
    bool on;
} TURNS[] = {
    {"lock", ic_conference_lock, true},
    {"unlock", ic_conference_lock, false},
    {"close-room", ic_conference_waiting_room, true},
    {"open-room", ic_conference_waiting_room, false},
    {"straight-in", ic_conference_straight_in, true},
    {"ask-first", ic_conference_straight_in, false},
    {"show-title", ic_conference_show_title, true},
    {"hide-title", ic_conference_show_title, false},
};

/* Those that are one word. */
static enum ic_err obey_alone(struct ic_conference *c, const char *word, int64_t now)
{
    for (size_t i = 0; i < IC_COUNT(TURNS); i++)
        if (strcmp(word, TURNS[i].word) == 0)
            return TURNS[i].set(c, TURNS[i].on, now);
    if (strcmp(word, "replace-link") == 0)
        return ic_conference_replace_link(c, now);
    if (strcmp(word, "rekey") == 0)
        return ic_conference_rekey(c, now);
    if (strcmp(word, "invite") == 0)
        return ic_conference_invite(c, now);
    if (strcmp(word, "compare") == 0)
        return ic_conference_compare(c, IC_DOOR_COMPARE_ASKED, now);
    if (strcmp(word, "same") == 0)
        return ic_conference_compare(c, IC_DOOR_COMPARE_SAME, now);
    if (strcmp(word, "different") == 0)
        return ic_conference_compare(c, IC_DOOR_COMPARE_DIFFERENT, now);
    return IC_ERR_MALFORMED;
}

/* Slow, as it has to be: only when somebody asks. */
static enum ic_err tell_words(const struct ic_control *control, const struct ic_conference *c)
{
    uint8_t authenticator[IC_CONFERENCE_AUTHENTICATOR_LEN], key[IC_DOOR_WORDS_KEY_LEN];
    char text[IC_DOOR_WORDS_SIZE];
    enum ic_err err = ic_conference_authenticator(c, authenticator);
    if (err != IC_OK)
        return err;
    ic_door_words_key(key, authenticator, control->meeting);
    ic_door_words(text, key);
    size_t words = strcspn(text, "\n");
    json_t *line = begin(control, "words");
    put(line, "epoch", json_integer((json_int_t)ic_conference_epoch(c)));
    put(line, "words", json_stringn(text, words));
    put(line, "numbers", json_string(text + words + 1));
    end(control, line);
    return IC_OK;
}

static enum ic_err tell_safety(const struct ic_control *control, const struct ic_conference *c,
                               const char *name)
{
    char text[IC_DOOR_SAFETY_SIZE];
    const struct known *k = find(control, name, strlen(name), true);
    enum ic_err err = k ? ic_conference_safety(c, k->participant, text) : IC_ERR_NOT_FOUND;
    if (err != IC_OK)
        return err;
    json_t *line = begin(control, "safety");
    put(line, "number", json_stringn(text, strcspn(text, "\n")));
    end(control, line);
    return IC_OK;
}

static enum ic_err obey(const struct ic_control *control, struct ic_conference *c, const char *word,
                        const char *rest, int64_t now)
{
    if (strcmp(word, "admit") == 0)
        return about_waiting(control, c, ic_conference_admit, rest, now);
    if (strcmp(word, "refuse") == 0)
        return about_waiting(control, c, ic_conference_refuse, rest, now);
    if (strcmp(word, "remove") == 0)
        return about_member(control, c, ic_conference_remove, rest, now);
    if (strcmp(word, "send-back") == 0)
        return about_member(control, c, ic_conference_send_back, rest, now);
    if (strcmp(word, "mute") == 0)
        return about_member(control, c, mute, rest, now);
    if (strcmp(word, "stop-share") == 0)
        return about_member(control, c, stop_share, rest, now);
    if (strcmp(word, "safety") == 0)
        return tell_safety(control, c, rest);
    if (strcmp(word, "ask") == 0)
        return ask(control, c, rest, now);
    if (strcmp(word, "passcode") == 0)
        return set_passcode(control, c, rest, now);
    if (strcmp(word, "title") == 0)
        return ic_conference_title(c, ic_bytes_of_text(rest), now);
    if (strcmp(word, "withdraw") == 0)
        return ic_conference_withdraw(c, (uint32_t)strtoul(rest, NULL, 10), now);
    if (strcmp(word, "words") == 0)
        return tell_words(control, c);
    if (strcmp(word, "stop") == 0)
        return stop(control, c, rest, now);
    if (strcmp(word, "make-host") == 0)
        return grant(control, c, rest, IC_DOOR_ALL_RIGHTS, now);
    if (strcmp(word, "take-host") == 0)
        return grant(control, c, rest, 0, now);
    if (strcmp(word, "answer") == 0)
        return ic_conference_answer(c, ic_bytes_of_text(rest), now);
    if (strcmp(word, "chat") == 0)
        return ic_conference_chat(c, ic_bytes_of_text(rest), now);
    return obey_alone(c, word, now);
}

enum ic_err ic_control_obey(struct ic_control *control, struct ic_conference *c, const char *line,
                            int64_t now)
{
    char word[WORD_SIZE] = {0};
    size_t len = strcspn(line, " ");
    memcpy(word, line, len < sizeof word ? len : sizeof word - 1);

    json_t *answer = begin(control, "obeyed");
    enum ic_err err = obey(control, c, word, line[len] ? line + len + 1 : "", now);
    json_t *said = json_string(word);
    put(answer, "command", said ? said : json_string("")); /* it was no UTF-8 */
    put(answer, "error", json_integer(err));
    end(control, answer);
    return err;
}
