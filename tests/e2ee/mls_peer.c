/* mls_peer.c - the commands of mls_peer.h. */
#include "tests/e2ee/mls_peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "e2ee/mls/group.h"

enum { PEOPLE = 1024, WORDS = 1100, PSK_LEN = 32 };

struct person {
    const struct ic_suite *suite;
    uint8_t name[8], signature_private[IC_SIGNATURE_PRIVATE_MAX];
    struct ic_mls_identity identity;
    struct ic_mls_own_package package;
    struct ic_mls_group *group;
    const struct person *before; /* the same person in the group that this one follows */
};

static struct person people[PEOPLE];
static char *words[WORDS + 1]; /* of the line; NULL behind the last */
static char *answer;
static size_t answer_len, answer_size;

static const uint8_t VERSIONS[] = {0, 1}, CREDENTIALS[] = {0, 1};
static const uint8_t SUITES[] = {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0xf1, 0xc1};

static bool find_external(const struct ic_mls_psk_id *id, struct ic_bytes *secret)
{
    static const uint8_t SECRET[PSK_LEN] = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
                                            7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
    if (!ic_bytes_equal(id->external_id, ic_bytes_of_text("link")))
        return false;
    *secret = (struct ic_bytes){SECRET, sizeof SECRET};
    return true;
}

/* Resumption keys are those of the group before. */
static bool find_psk(void *user, const struct ic_mls_psk_id *id, struct ic_bytes *secret)
{
    const struct person *before = ((const struct person *)user)->before;

    if (id->type == IC_MLS_PSK_EXTERNAL)
        return find_external(id, secret);
    return before && before->group &&
           ic_bytes_equal(id->group_id, ic_mls_group_context(before->group)->group_id) &&
           ic_mls_group_resumption_psk(before->group, id->epoch, secret);
}

static struct ic_mls_application application_of(struct person *p)
{
    return (struct ic_mls_application){.find_psk = find_psk, .user = p};
}

static struct ic_mls_psk_id the_psk(void)
{
    return (struct ic_mls_psk_id){.type = IC_MLS_PSK_EXTERNAL,
                                  .external_id = ic_bytes_of_text("link")};
}

static struct ic_mls_psk_id resumption(const struct ic_mls_group *group,
                                       enum ic_mls_psk_usage usage)
{
    const struct ic_mls_group_context *context = ic_mls_group_context(group);
    return (struct ic_mls_psk_id){.type = IC_MLS_PSK_RESUMPTION,
                                  .usage = usage,
                                  .group_id = context->group_id,
                                  .epoch = context->epoch};
}

/* ---- Text ---- */

static char *room(size_t len)
{
    if (answer_len + len + 1 > answer_size) {
        answer_size = 2 * (answer_len + len + 1);
        answer = realloc(answer, answer_size);
        if (!answer)
            abort();
    }
    return answer + answer_len;
}

static void say(const char *text)
{
    size_t len = strlen(text);
    memcpy(room(len), text, len + 1);
    answer_len += len;
}

static void say_number(uint64_t n)
{
    char text[32];
    snprintf(text, sizeof text, "%llu", (unsigned long long)n);
    say(text);
}

enum { TOLD_MAX = 2 };

static bool tells_places;
static uint8_t *told[TOLD_MAX]; /* the bytes whose places the last answer told */

void mls_peer_tell_places(void)
{
    tells_places = true;
}

static void forget_told(void)
{
    for (size_t i = 0; i < TOLD_MAX; i++) {
        free(told[i]);
        told[i] = NULL;
    }
}

static void say_place(struct ic_bytes bytes)
{
    size_t i = told[0] ? 1 : 0;
    told[i] = malloc(bytes.len);
    memcpy(told[i], bytes.at, bytes.len);
    say("@");
    say_number((uintptr_t)told[i]);
    say("+");
    say_number(bytes.len);
}

static void say_hex(struct ic_bytes bytes)
{
    ic_hex_encode(room(2 * bytes.len), bytes);
    answer_len += 2 * bytes.len;
}

static void say_bytes(struct ic_bytes bytes)
{
    if (bytes.len == 0)
        say("-");
    else if (tells_places)
        say_place(bytes);
    else
        say_hex(bytes);
}

static void say_error(enum ic_err err)
{
    say("!");
    say_number(err);
}

/* Says the message and clears it, or the error. */
static void say_message(enum ic_err err, struct ic_mls_message *message)
{
    if (err != IC_OK) {
        say_error(err);
        return;
    }
    say_bytes(ic_mls_message_bytes(message));
    ic_mls_message_clear(message);
}

static void say_ok(enum ic_err err)
{
    if (err == IC_OK)
        say("ok");
    else
        say_error(err);
}

static uint8_t *handed;
static size_t handed_len;

uint8_t *mls_peer_hand(size_t len)
{
    free(handed);
    handed = malloc(len);
    handed_len = len;
    return handed;
}

/* Decodes in place: the bytes live as long as the line. */
static struct ic_bytes unhex(char *word)
{
    if (word && strcmp(word, "@") == 0)
        return (struct ic_bytes){handed, handed_len};
    size_t len = word ? strlen(word) / 2 : 0;
    if (len > 0 && ic_hex_decode((uint8_t *)word, len, word) != IC_OK)
        abort();
    return (struct ic_bytes){(uint8_t *)word, len};
}

/* The value of the word "KEY=VALUE"; NULL when it is another. */
static char *value_of(char *word, const char *key)
{
    size_t len = strlen(key);
    return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

static bool has_word(const char *what)
{
    for (size_t i = 2; words[i]; i++)
        if (strcmp(words[i], what) == 0)
            return true;
    return false;
}

static struct ic_leaf leaf_of(const char *text)
{
    return (struct ic_leaf){(uint32_t)strtoul(text, NULL, 10)};
}

/* ---- Commands ---- */

static void free_command(struct person *p)
{
    ic_mls_group_free(p->group);
    ic_mls_own_package_clear(&p->package);
    *p = (struct person){0};
    say("ok");
}

static void new_command(struct person *p)
{
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];

    p->suite = ic_suite_find((uint16_t)strtoul(words[2] ? words[2] : "0", NULL, 10));
    if (!p->suite || !ic_suite_available(p->suite)) {
        say_error(IC_ERR_NOT_FOUND);
        return;
    }
    snprintf((char *)p->name, sizeof p->name, "%u", (unsigned)(p - people));
    enum ic_err err = ic_signature_generate(p->signature_private, public_key, p->suite->signature);
    if (words[3] && strtoul(words[3], NULL, 10) < PEOPLE) {
        p->before = &people[strtoul(words[3], NULL, 10)];
        memcpy(p->signature_private, p->before->signature_private, sizeof p->signature_private);
    }
    p->identity = (struct ic_mls_identity){
        .signature_private = {p->signature_private,
                              ic_signature_lengths(p->suite->signature).private_len},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC, .identity = {p->name, sizeof p->name}},
        .capabilities = {.versions = {VERSIONS, sizeof VERSIONS},
                         .suites = {SUITES, sizeof SUITES},
                         .credentials = {CREDENTIALS, sizeof CREDENTIALS}},
        .lifetime = {0, UINT64_MAX},
    };
    say_ok(err);
}

static void package_command(struct person *p)
{
    ic_mls_own_package_clear(&p->package);
    enum ic_err err =
        ic_mls_own_package_init(&p->package, p->suite, &p->identity, (struct ic_bytes){0});
    if (err == IC_OK)
        say_bytes(ic_mls_message_bytes(&p->package.encoded));
    else
        say_error(err);
}

static void create_command(struct person *p)
{
    const struct ic_mls_application application = application_of(p);
    const struct ic_mls_create create = {.suite = p->suite,
                                         .group_id = unhex(words[2]),
                                         .identity = &p->identity,
                                         .application = &application};
    say_ok(ic_mls_group_create(&p->group, &create));
}

static void join_command(struct person *p)
{
    const struct ic_mls_application application = application_of(p);
    const struct ic_mls_group_join join = {
        .welcome = unhex(words[2]), .package = &p->package, .application = &application};
    say_ok(ic_mls_group_join(&p->group, &join));
}

static void external_command(struct person *p)
{
    const struct ic_mls_application application = application_of(p);
    const struct ic_mls_psk_id psk = the_psk();
    struct ic_mls_message commit = {0};
    const struct ic_mls_join_external join = {.group_info = unhex(words[2]),
                                              .identity = &p->identity,
                                              .application = &application,
                                              .psks = &psk,
                                              .psk_count = has_word("psk")};
    say_message(ic_mls_group_join_external(&p->group, &commit, NULL, &join), &commit);
}

static void info_command(struct person *p)
{
    struct ic_mls_message info = {0};
    say_message(ic_mls_group_info(&info, p->group, false, (struct ic_bytes){0}), &info);
}

static void say_commit(struct person *p, const struct ic_mls_commit_plan *plan)
{
    struct ic_mls_staged *staged;
    enum ic_err err = ic_mls_group_commit(&staged, p->group, plan);

    if (err != IC_OK) {
        say_error(err);
        return;
    }
    say_bytes(ic_mls_staged_message(staged));
    say(" ");
    say_bytes(ic_mls_staged_welcome(staged));
    if (ic_mls_group_enter(p->group, staged) != IC_OK)
        abort();
}

/* A group that was closed by ReInit is followed, any other is branched from. */
static enum ic_mls_psk_usage usage_of(const struct person *p)
{
    return ic_mls_group_reinit(p->before->group) ? IC_MLS_PSK_REINIT : IC_MLS_PSK_BRANCH;
}

static void commit_command(struct person *p)
{
    static struct ic_bytes adds[WORDS];
    static struct ic_leaf removes[WORDS];
    struct ic_mls_psk_id psks[2];
    struct ic_mls_reinit reinit = {.version = IC_MLS_VERSION, .suite = p->suite->id};
    struct ic_mls_commit_plan plan = {.adds = adds,
                                      .removes = removes,
                                      .psks = psks,
                                      .all_pending = true,
                                      .force_path = has_word("path"),
                                      .protection.private_message = !has_word("public")};

    if (has_word("psk"))
        psks[plan.psk_count++] = the_psk();
    if (has_word("resume") && p->before && p->before->group)
        psks[plan.psk_count++] = resumption(p->before->group, usage_of(p));
    for (size_t i = 2; words[i]; i++) {
        char *value;
        if ((value = value_of(words[i], "reinit"))) {
            reinit.group_id = unhex(value);
            plan.reinit = &reinit;
        } else if ((value = value_of(words[i], "add")))
            adds[plan.add_count++] = unhex(value);
        else if ((value = value_of(words[i], "remove")))
            removes[plan.remove_count++] = leaf_of(value);
    }
    say_commit(p, &plan);
}

/* What the last word says. */
static struct ic_mls_proposal proposal_of(void)
{
    struct ic_mls_proposal proposal = {.type = IC_MLS_UPDATE};
    char *value, *last = words[2] ? words[2] : "";

    for (size_t i = 2; words[i]; i++)
        last = words[i];
    if (strcmp(last, "psk") == 0) {
        proposal.type = IC_MLS_PSK;
        proposal.psk = the_psk();
    } else if ((value = value_of(last, "add"))) {
        proposal.type = IC_MLS_ADD;
        proposal.add.encoded = unhex(value);
    } else if ((value = value_of(last, "remove"))) {
        proposal.type = IC_MLS_REMOVE;
        proposal.removed = leaf_of(value);
    }
    return proposal;
}

static void propose_command(struct person *p)
{
    const struct ic_mls_protection how = {.private_message = !has_word("public"), .padding = 5};
    const struct ic_mls_proposal proposal = proposal_of();
    struct ic_mls_message message = {0};

    say_message(ic_mls_group_propose(&message, NULL, p->group, &proposal, NULL, &how), &message);
}

static void seal_command(struct person *p)
{
    struct ic_mls_message message = {0};
    say_message(
        ic_mls_group_seal(&message, p->group, ic_bytes_of_text("with this"), unhex(words[2]), 9),
        &message);
}

static void say_heard(struct person *p, struct ic_mls_heard *heard)
{
    if (heard->kind == IC_MLS_HEARD_TEXT) {
        say("text ");
        say_bytes(heard->text);
    } else if (heard->kind == IC_MLS_HEARD_PROPOSAL) {
        say("proposal");
    } else {
        if (ic_mls_group_enter(p->group, heard->staged) != IC_OK)
            abort();
        heard->staged = NULL;
        say(ic_mls_group_is_over(p->group) ? "over" : "commit");
    }
    ic_mls_heard_clear(heard);
}

static void hear_command(struct person *p)
{
    struct ic_mls_heard heard;
    enum ic_err err = ic_mls_group_hear(&heard, p->group, unhex(words[2]));

    if (err == IC_OK)
        say_heard(p, &heard);
    else
        say_error(err);
}

static void follows_command(struct person *p)
{
    if (!p->before || !p->before->group)
        say_error(IC_ERR_NOT_FOUND);
    else if (usage_of(p) == IC_MLS_PSK_REINIT)
        say_ok(ic_mls_group_check_successor(p->group, p->before->group));
    else
        say_ok(ic_mls_group_check_branch(p->group, p->before->group));
}

static void state_command(struct person *p)
{
    say_number(ic_mls_group_context(p->group)->epoch);
    say(" ");
    say_hex(ic_mls_group_epoch_authenticator(p->group));
    say(" ");
    say_number(ic_mls_group_member_count(p->group));
    say(" ");
    say_number(ic_mls_group_own_leaf(p->group).n);
}

static const struct {
    const char *name;
    void (*run)(struct person *p);
    bool needs_group;
} COMMANDS[] = {
    {"new", new_command, false},           {"package", package_command, false},
    {"create", create_command, false},     {"join", join_command, false},
    {"external", external_command, false}, {"info", info_command, true},
    {"commit", commit_command, true},      {"propose", propose_command, true},
    {"seal", seal_command, true},          {"hear", hear_command, true},
    {"follows", follows_command, true},    {"state", state_command, true},
    {"free", free_command, false},
};

const char *mls_peer_obey(char *line)
{
    size_t count = 0;

    for (char *word = strtok(line, " \n"); word && count < WORDS; word = strtok(NULL, " \n"))
        words[count++] = word;
    words[count] = words[count < WORDS ? count + 1 : count] = NULL;
    size_t number = count > 1 ? strtoul(words[1], NULL, 10) : PEOPLE;
    if (number >= PEOPLE)
        return NULL;
    for (size_t i = 0; i < IC_COUNT(COMMANDS); i++)
        if (strcmp(words[0], COMMANDS[i].name) == 0 &&
            (!COMMANDS[i].needs_group || people[number].group)) {
            answer_len = 0;
            forget_told();
            COMMANDS[i].run(&people[number]);
            return answer;
        }
    return NULL;
}
