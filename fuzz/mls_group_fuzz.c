/* mls_group_fuzz.c - noise for a live group. The first byte says what the rest is: a message, a
 * commit or proposal that a member signed and sealed, a Welcome, a GroupInfo. What is refused has
 * changed nothing that can be seen from outside; what is staged is looked at and dropped. */
#include "e2ee/mls/group_state.h"
#include "e2ee/mls/outgoing.h"

#include <stdlib.h>

enum { REFRESH = 500, KINDS = 7 };

static const uint8_t VERSIONS[] = {0, 1}, SUITES[] = {0, 1}, PROPOSALS[] = {0, IC_MLS_SELF_REMOVE};
static uint8_t keys[3][IC_SIGNATURE_PRIVATE_MAX];
static struct ic_mls_identity people[3];
static struct ic_mls_group *victim, *insider;
static struct ic_mls_own_package package;
static unsigned heard;

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void make_people(void)
{
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    static const uint8_t NAMES[3][4] = {"ann", "bob", "eve"};
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];

    for (size_t i = 0; i < IC_COUNT(people); i++) {
        must(ic_signature_generate(keys[i], public_key, suite->signature) == IC_OK);
        people[i] = (struct ic_mls_identity){
            .signature_private = {keys[i], ic_signature_lengths(suite->signature).private_len},
            .credential = {.type = IC_MLS_CREDENTIAL_BASIC, .identity = {NAMES[i], 4}},
            .capabilities = {{VERSIONS, 2}, {SUITES, 2}, {0}, {PROPOSALS, 2}, {VERSIONS, 2}},
            .lifetime = {0, UINT64_MAX},
        };
    }
    must(ic_mls_own_package_init(&package, suite, &people[2], (struct ic_bytes){0}) == IC_OK);
}

/* The insider creates the group and adds the victim. */
static void make_group(void)
{
    const struct ic_suite *suite = package.suite;
    struct ic_mls_own_package joining;
    struct ic_mls_staged *staged;

    ic_mls_group_free(victim);
    ic_mls_group_free(insider);
    const struct ic_mls_create create = {
        .suite = suite, .group_id = ic_bytes_of_text("fuzz"), .identity = &people[0]};
    must(ic_mls_group_create(&insider, &create) == IC_OK);
    must(ic_mls_own_package_init(&joining, suite, &people[1], (struct ic_bytes){0}) == IC_OK);
    const struct ic_bytes add = ic_mls_message_bytes(&joining.encoded);
    const struct ic_mls_commit_plan plan = {.adds = &add, .add_count = 1, .force_path = true};
    must(ic_mls_group_commit(&staged, insider, &plan) == IC_OK);
    const struct ic_mls_group_join join = {.welcome = ic_mls_staged_welcome(staged),
                                           .package = &joining};
    must(ic_mls_group_join(&victim, &join) == IC_OK);
    must(ic_mls_group_enter(insider, staged) == IC_OK);
    ic_mls_own_package_clear(&joining);
    heard = 0;
}

static void hear(struct ic_bytes message)
{
    struct ic_mls_heard out;
    uint64_t epoch = ic_mls_group_context(victim)->epoch;

    if (ic_mls_group_hear(&out, victim, message) == IC_OK) {
        if (out.kind == IC_MLS_HEARD_COMMIT)
            must(ic_mls_staged_outlook(out.staged)->context->epoch == epoch + 1);
        ic_mls_heard_clear(&out);
    }
    must(ic_mls_group_context(victim)->epoch == epoch);
}

/* What only a member can do: the body is noise, all around it is right but for a commit's tag. */
static void hear_signed(struct ic_bytes body, enum ic_mls_content_type type, bool is_private)
{
    const struct ic_mls_epoch_state *now = &insider->now;
    const struct ic_mls_content content = {
        .group_id = now->context.group_id,
        .epoch = now->context.epoch,
        .sender = {IC_MLS_SENDER_MEMBER, now->keys.leaf.n},
        .type = type,
        .body = body,
    };
    struct ic_mls_outgoing outgoing;
    struct ic_mls_message message;
    enum ic_err err =
        ic_mls_outgoing_init(&outgoing, now->suite, ic_mls_epoch_state_signer(now),
                             is_private ? IC_MLS_PRIVATE_MESSAGE : IC_MLS_PUBLIC_MESSAGE, &content,
                             ic_mls_message_bytes(&now->context_bytes));

    ic_mls_outgoing_set_tag(&outgoing, now->confirmation_tag, ic_mls_secret_len(now->suite));
    if (err == IC_OK && ic_mls_outgoing_protect(&message, &outgoing, now, 0) == IC_OK) {
        hear(ic_mls_message_bytes(&message));
        ic_mls_message_clear(&message);
    }
    ic_mls_outgoing_clear(&outgoing);
}

static void join(struct ic_bytes welcome)
{
    const struct ic_mls_group_join how = {.welcome = welcome, .package = &package};
    struct ic_mls_group *group;
    must(ic_mls_group_join(&group, &how) != IC_OK);
}

static void join_external(struct ic_bytes info)
{
    const struct ic_mls_join_external how = {.group_info = info, .identity = &people[2]};
    struct ic_mls_group *group;
    struct ic_mls_message commit;

    if (ic_mls_group_join_external(&group, &commit, NULL, &how) != IC_OK)
        return;
    ic_mls_group_free(group);
    ic_mls_message_clear(&commit);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (!package.suite)
        make_people();
    if (!victim || ++heard == REFRESH)
        make_group();
    struct ic_bytes rest = {data + 1, size - 1};
    switch (data[0] % KINDS) {
    case 0:
        hear(rest);
        break;
    case 1:
        hear_signed(rest, IC_MLS_CONTENT_COMMIT, false);
        break;
    case 2:
        hear_signed(rest, IC_MLS_CONTENT_PROPOSAL, false);
        break;
    case 3:
        hear_signed(rest, IC_MLS_CONTENT_COMMIT, true);
        break;
    case 4:
        hear_signed(rest, IC_MLS_CONTENT_PROPOSAL, true);
        break;
    case 5:
        join(rest);
        break;
    default:
        join_external(rest);
        break;
    }
    return 0;
}
