/* incamera-accomplice: the headless client of a member who works together with an evil server. It
 * obeys lines that the real one does not know, and tells in hex what the server is to hand out.
 * What is in a FILE are bytes:
 *
 *   evil-package         its own KeyPackage, as it waits
 *   evil-add FILE        a commit that adds this KeyPackage, said; and the Welcome for it
 *   evil-lock            a commit that locks the meeting, said
 *   evil-weaken          a commit that asks for no post-quantum keys, said
 *   evil-poison          a commit that nobody else can open, said
 *   evil-reinit          a commit that starts the group anew in a suite without them, said
 *   evil-info            the GroupInfo of the group
 *   evil-door            the same, sealed for who has the link, as an open door holds it
 *   evil-external FILE   who waits: a commit of its own into the group of this GroupInfo
 *   evil-requested FILE  the KeyPackage in a request to come back: a participant, and what it said
 *   evil-welcome FILE    a Welcome for this KeyPackage to a group of its own making, into which the
 *                        signed state of the real one is copied; from then on it lives there
 *   evil-app FILE        an application message of these bytes, said
 *
 * Give it --control. Commits are made with MLS alone, past all that a client refuses. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "client/control.h"
#include "client/crew.h"
#include "crypto/suite.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/open_door.h"
#include "e2ee/conference/state_now.h"
#include "e2ee/door/knock.h"
#include "e2ee/door/returning.h"
#include "tests/e2ee/poison.h"

enum { BYTES_MAX = 65536 };

static uint8_t bytes_said[BYTES_MAX], state_made[BYTES_MAX];

enum ic_err __real_ic_control_obey(struct ic_control *control, struct ic_conference *c,
                                   const char *line, int64_t now);
enum ic_err __wrap_ic_control_obey(struct ic_control *control, struct ic_conference *c,
                                   const char *line, int64_t now);

/* ---- Telling ---- */

static void put_hex(json_t *line, const char *key, struct ic_bytes bytes)
{
    char *hex = malloc(2 * bytes.len + 1);
    if (!hex)
        abort();
    ic_hex_encode(hex, bytes);
    json_object_set_new(line, key, json_string(hex));
    free(hex);
}

static void tell(const char *command, enum ic_err err, struct ic_bytes bytes)
{
    json_t *line = json_pack("{s:s, s:s, s:i}", "event", "evil", "command", command, "error", err);
    if (!line)
        abort();
    put_hex(line, "hex", bytes);
    json_dumpf(line, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    fflush(stdout);
    json_decref(line);
}

/* ---- Commits ---- */

/* Said as it is, without a Welcome: that one the server hands out by itself. */
static enum ic_err say_commit(struct ic_conference *c, struct ic_mls_commit_plan *plan,
                              struct ic_mls_staged **staged)
{
    plan->force_path = true;
    plan->protection = (struct ic_mls_protection){.private_message = true};
    enum ic_err err = ic_mls_group_commit(staged, c->group, plan);
    if (err == IC_OK)
        ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_COMMIT,
                                              .epoch = ic_conference_epoch(c),
                                              .sealed = ic_mls_staged_message(*staged)});
    return err;
}

static void evil_add(struct ic_conference *c, struct ic_bytes package)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(c, id);
    struct ic_mls_staged *staged = NULL;
    struct ic_mls_commit_plan plan = {
        .adds = &package, .add_count = 1, .psks = &psk, .psk_count = 1};
    enum ic_err err = say_commit(c, &plan, &staged);
    tell("evil-add", err, err == IC_OK ? ic_mls_staged_welcome(staged) : (struct ic_bytes){0});
    ic_mls_staged_free(staged);
}

/* The state after the present one, signed by who has no right to. */
static enum ic_err next_state(struct ic_conference *c, struct ic_writer *list,
                              void (*change)(struct ic_door_state *))
{
    uint8_t hash[IC_DOOR_STATE_HASH_LEN];
    struct ic_writer w = ic_writer_of(state_made, sizeof state_made);
    struct ic_door_pair pair = ic_own_pair(c);
    struct ic_door_state state;

    enum ic_err err = ic_state_now(c, &state);
    if (err != IC_OK)
        return err;
    ic_door_state_hash(hash, state.encoded);
    state.version++;
    state.previous = (struct ic_bytes){hash, sizeof hash};
    state.signer = ic_own_key(c);
    change(&state);
    err = ic_door_write_state(&w, &state, (struct ic_bytes){c->options.meeting, IC_MEETING_LEN},
                              &pair);
    ic_mls_write_extension(list, IC_DOOR_STATE_EXTENSION, ic_written(&w));
    return err;
}

static void lock(struct ic_door_state *state)
{
    state->flags |= IC_DOOR_LOCKED;
}

static void weaken(struct ic_door_state *state)
{
    state->least_post_quantum = 0;
}

static void evil_state(const char *command, struct ic_conference *c,
                       void (*change)(struct ic_door_state *))
{
    struct ic_writer list = ic_writer_of(bytes_said, sizeof bytes_said);
    struct ic_mls_staged *staged = NULL;
    enum ic_err err = next_state(c, &list, change);
    struct ic_bytes extensions = ic_written(&list);
    struct ic_mls_commit_plan plan = {.extensions = &extensions};
    if (err == IC_OK)
        err = say_commit(c, &plan, &staged);
    tell(command, err, (struct ic_bytes){0});
    ic_mls_staged_free(staged);
}

/* ---- A commit that nobody else can open ---- */

static void evil_poison(struct ic_conference *c)
{
    struct ic_mls_staged *staged = NULL;
    struct ic_mls_commit_plan plan = {0};
    poisons = poison_all;
    enum ic_err err = say_commit(c, &plan, &staged);
    poisons = NULL;
    tell("evil-poison", err, (struct ic_bytes){0});
    ic_mls_staged_free(staged);
}

static void evil_reinit(struct ic_conference *c)
{
    struct ic_mls_staged *staged = NULL;
    struct ic_mls_reinit old = {.group_id = {c->options.meeting, IC_MEETING_LEN},
                                .version = 1,
                                .suite = IC_SUITE_X25519_AES128,
                                .extensions = ic_mls_group_context(c->group)->extensions};
    struct ic_mls_commit_plan plan = {.reinit = &old};
    enum ic_err err = say_commit(c, &plan, &staged);
    tell("evil-reinit", err, (struct ic_bytes){0});
    ic_mls_staged_free(staged);
}

/* ---- From outside ---- */

static void evil_info(struct ic_conference *c)
{
    struct ic_mls_message info = {0};
    enum ic_err err = ic_mls_group_info(&info, c->group, false, (struct ic_bytes){0});
    tell("evil-info", err, ic_mls_message_bytes(&info));
    ic_mls_message_clear(&info);
}

static void evil_door(struct ic_conference *c)
{
    struct ic_mls_message info = {0}, sealed = {0};
    enum ic_err err = ic_mls_group_info(&info, c->group, false, (struct ic_bytes){0});
    if (err == IC_OK)
        err = ic_door_seal_info(c, &sealed, ic_mls_message_bytes(&info));
    tell("evil-door", err, ic_mls_message_bytes(&sealed));
    ic_mls_message_clear(&info);
    ic_mls_message_clear(&sealed);
}

static void evil_external(struct ic_conference *c, struct ic_bytes info, int64_t now)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(c, id);
    struct ic_mls_application application = ic_application(c);
    struct ic_identity_buffer buffer;
    struct ic_mls_identity identity;
    struct ic_mls_message commit = {0};
    struct ic_mls_group *group = NULL;
    enum ic_err err = ic_own_identity(&identity, &buffer, c, ic_suite_find(IC_SUITE_HYBRID), now);
    struct ic_mls_join_external join = {.group_info = info,
                                        .identity = &identity,
                                        .application = &application,
                                        .psks = &psk,
                                        .psk_count = 1};
    if (err == IC_OK)
        err = ic_mls_group_join_external(&group, &commit, NULL, &join);
    tell("evil-external", err, ic_mls_message_bytes(&commit));
    ic_mls_group_free(group);
    ic_mls_message_clear(&commit);
}

/* ---- A group of its own ---- */

/* Who has the link can read it. */
static void evil_requested(struct ic_conference *c, struct ic_bytes given)
{
    static uint8_t opened[IC_DOOR_RETURNING_MAX];
    struct ic_door_knock_place where = {.meeting = c->options.meeting, .participant = given.at};
    struct ic_door_returning request = {0};
    struct ic_bytes sealed = {given.at + IC_PARTICIPANT_LEN, given.len - IC_PARTICIPANT_LEN};
    enum ic_err err = ic_door_returning_link_version(&where.link_version, sealed);
    if (err == IC_OK)
        err = ic_door_returning_open(&request, opened, sealed, &where, c->link.psk);
    tell("evil-requested", err, request.key_package);
}

static enum ic_err forge_group(struct ic_mls_group **out, struct ic_conference *c, int64_t now)
{
    struct ic_mls_application application = ic_application(c);
    struct ic_identity_buffer buffer;
    struct ic_mls_identity identity;
    const struct ic_suite *suite = ic_mls_group_suite(c->group);
    enum ic_err err = ic_own_identity(&identity, &buffer, c, suite, now);
    struct ic_mls_create create = {.suite = suite,
                                   .group_id = {c->options.meeting, IC_MEETING_LEN},
                                   .identity = &identity,
                                   .extensions = ic_mls_group_context(c->group)->extensions,
                                   .application = &application};
    return err == IC_OK ? ic_mls_group_create(out, &create) : err;
}

/* All that it does by itself it does there: its heart beats, and its frames have those keys. */
static enum ic_err live_in(struct ic_conference *c, struct ic_mls_group *group, int64_t now)
{
    ic_conference_group_over(c);
    c->group = group;
    enum ic_err err = ic_members_changed(c, true, false);
    return err == IC_OK ? ic_presence_epoch(c, true, false, false, now) : err;
}

static void evil_welcome(struct ic_conference *c, struct ic_bytes package, int64_t now)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];
    struct ic_mls_psk_id psk = ic_link_psk_id(c, id);
    struct ic_mls_group *group = NULL;
    struct ic_mls_staged *staged = NULL;
    struct ic_mls_commit_plan plan = {
        .adds = &package, .add_count = 1, .psks = &psk, .psk_count = 1, .force_path = true};
    enum ic_err err = forge_group(&group, c, now);
    if (err == IC_OK)
        err = ic_mls_group_commit(&staged, group, &plan);
    tell("evil-welcome", err, err == IC_OK ? ic_mls_staged_welcome(staged) : (struct ic_bytes){0});
    if (err == IC_OK) {
        if (ic_mls_group_enter(group, staged) != IC_OK || live_in(c, group, now) != IC_OK)
            abort();
        return;
    }
    ic_mls_staged_free(staged);
    ic_mls_group_free(group);
}

/* ---- Messages ---- */

static void evil_app(struct ic_conference *c, struct ic_bytes content)
{
    struct ic_mls_message sealed = {0};
    enum ic_err err = ic_mls_group_seal(&sealed, c->group, (struct ic_bytes){0}, content, 0);
    if (err == IC_OK)
        ic_out_say(&c->says, &(struct ic_say){.type = IC_SAY_MESSAGE,
                                              .sealed = ic_mls_message_bytes(&sealed)});
    tell("evil-app", err, (struct ic_bytes){0});
    ic_mls_message_clear(&sealed);
}

/* Nor does it fall silent, whoever vouches for its epoch. */
void __wrap_ic_e2ee_hold_sending(struct ic_e2ee *frames, bool hold);

void __wrap_ic_e2ee_hold_sending(struct ic_e2ee *frames, bool hold)
{
    (void)frames, (void)hold;
}

/* ---- Obeying ---- */

/* What is in the file that follows the word. */
static struct ic_bytes argument(const char *line)
{
    static uint8_t bytes[BYTES_MAX];
    const char *path = strchr(line, ' ');
    FILE *file = path ? fopen(path + 1, "rb") : NULL;
    size_t len = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file)
        fclose(file);
    return (struct ic_bytes){bytes, len};
}

static bool is(const char *line, const char *word)
{
    size_t len = strlen(word);
    return strncmp(line, word, len) == 0 && (line[len] == '\0' || line[len] == ' ');
}

static void obey_evil(struct ic_conference *c, const char *line, struct ic_bytes given, int64_t now)
{
    if (is(line, "evil-package"))
        tell("evil-package", IC_OK, ic_mls_message_bytes(&c->entering.package.encoded));
    else if (is(line, "evil-external"))
        evil_external(c, given, now);
    else if (!c->group)
        tell(line, IC_ERR_FORBIDDEN, (struct ic_bytes){0});
    else if (is(line, "evil-add"))
        evil_add(c, given);
    else if (is(line, "evil-lock"))
        evil_state("evil-lock", c, lock);
    else if (is(line, "evil-weaken"))
        evil_state("evil-weaken", c, weaken);
    else if (is(line, "evil-poison"))
        evil_poison(c);
    else if (is(line, "evil-reinit"))
        evil_reinit(c);
    else if (is(line, "evil-info"))
        evil_info(c);
    else if (is(line, "evil-door"))
        evil_door(c);
    else if (is(line, "evil-requested"))
        evil_requested(c, given);
    else if (is(line, "evil-welcome"))
        evil_welcome(c, given, now);
    else if (is(line, "evil-app"))
        evil_app(c, given);
}

enum ic_err __wrap_ic_control_obey(struct ic_control *control, struct ic_conference *c,
                                   const char *line, int64_t now)
{
    if (strncmp(line, "evil-", 5) != 0)
        return __real_ic_control_obey(control, c, line, now);
    obey_evil(c, line, argument(line), now);
    return IC_OK;
}

int main(int argc, char **argv)
{
    struct ic_options options;
    if (ic_options_parse(&options, argc, argv, stderr) != IC_OK)
        return 2;
    return ic_crew_run(&options, NULL, stdout);
}
