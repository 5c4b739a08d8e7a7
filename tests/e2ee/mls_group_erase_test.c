/* What a group leaves behind when an epoch, a commit or the group itself ends: no secret, neither
 * in what is kept nor in memory that is given back. Linked with --wrap, so that each free() comes
 * here first and the block is searched. */
#include <malloc.h>

#include "e2ee/mls/group.h"

#include "tests/e2ee/mls_party.h"
#include "tests/e2ee/mls_state.h"

void __real_free(void *at);
void __wrap_free(void *at);

enum { SECRETS_MAX = 64, SECRET_LEN = 32 };
static uint8_t secrets[SECRETS_MAX][SECRET_LEN];
static size_t secret_count, found;

static void search(const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < secret_count; i++)
        if (len >= SECRET_LEN && memmem(at, len, secrets[i], SECRET_LEN))
            found++;
}

void __wrap_free(void *at)
{
    if (at && secret_count > 0)
        search(at, malloc_usable_size(at));
    __real_free(at);
}

static void watch(const uint8_t *secret)
{
    static const uint8_t ZERO[SECRET_LEN];
    if (memcmp(secret, ZERO, SECRET_LEN) == 0)
        return;
    assert_true(secret_count < SECRETS_MAX);
    memcpy(secrets[secret_count++], secret, SECRET_LEN);
}

static void watch_epoch(const struct ic_mls_epoch_state *state)
{
    const struct ic_mls_epoch *e = &state->secrets;
    const uint8_t *all_secrets[] = {e->sender_data,     e->exporter,       e->external,
                                    e->membership_key,  e->resumption_psk, e->init,
                                    e->confirmation_key};
    for (size_t i = 0; i < IC_COUNT(all_secrets); i++)
        watch(all_secrets[i]);
    for (size_t i = 0; i < IC_COUNT(state->keys.at); i++)
        watch(state->keys.at[i].key);
    watch(state->signature_private);
}

static void start_watching(void)
{
    secret_count = found = 0;
}

static bool is_zero(const void *at, size_t len)
{
    const uint8_t *bytes = at;
    uint8_t any = 0;
    for (size_t i = 0; i < len; i++)
        any |= bytes[i];
    return any == 0;
}

static const struct ic_mls_commit_plan FRESH = {.force_path = true};

TEST(mls_search_finds_a_secret_that_is_given_back)
{
    start_watching();
    uint8_t *block = malloc(100);
    assert_non_null(block);
    memset(block, 7, 100);
    watch(block + 50);
    free(block);
    assert_true(found > 0);
    start_watching();
}

TEST(mls_epoch_that_is_over_keeps_what_opens_text_and_nothing_else)
{
    struct party all[2];

    party_gather(all, 2, ic_suite_find(1));
    party_commit(all, 2, &all[0], &FRESH, NULL, 0);
    const struct ic_mls_epoch_state *past = &all[1].group->past[0];
    struct ic_mls_epoch secrets_left = past->secrets;
    assert_false(is_zero(secrets_left.sender_data, SECRET_LEN));
    memset(secrets_left.sender_data, 0, sizeof secrets_left.sender_data);
    secrets_left.suite = NULL;
    secrets_left.exports_ended = false;
    assert_true(is_zero(&secrets_left, sizeof secrets_left));
    assert_true(is_zero(&past->keys, sizeof past->keys));
    assert_true(is_zero(past->signature_private, sizeof past->signature_private));
    party_end(all, 2);
}

TEST(mls_group_leaves_no_secret_in_memory_that_it_gives_back)
{
    struct party all[3];
    const struct ic_mls_proposal update = {.type = IC_MLS_UPDATE};

    party_gather(all, 3, ic_suite_find(1));
    start_watching();
    watch_epoch(&all[0].group->now);
    watch_epoch(&all[1].group->now);
    party_propose(all, 3, &all[1], &update, true);
    watch(all[1].group->pending.at[0]->own.leaf_private);
    const struct ic_mls_commit_plan plan = {.all_pending = true, .want_info = true};
    party_commit(all, 3, &all[0], &plan, NULL, 0);
    start_watching();
    watch_epoch(&all[0].group->now);
    watch_epoch(&all[1].group->now);
    party_end(all, 3);
    assert_int_equal(found, 0);
    start_watching();
}

TEST(mls_staged_epoch_that_is_thrown_away_leaves_no_secret)
{
    struct party all[2];
    struct ic_mls_staged *made;
    struct ic_mls_heard heard;

    party_gather(all, 2, ic_suite_find(1));
    assert_int_equal(ic_mls_group_commit(&made, all[0].group, &FRESH), IC_OK);
    assert_int_equal(ic_mls_group_hear(&heard, all[1].group, ic_mls_staged_message(made)), IC_OK);
    start_watching();
    watch_epoch(&made->next);
    watch_epoch(&heard.staged->next);
    ic_mls_staged_free(made);
    ic_mls_heard_clear(&heard);
    assert_int_equal(found, 0);
    start_watching();
    party_end(all, 2);
}

TEST(mls_removed_member_has_no_secret_left)
{
    struct party all[3];
    struct ic_mls_staged *made;
    struct ic_leaf gone;

    party_gather(all, 3, ic_suite_find(1));
    gone = party_leaf(&all[2]);
    const struct ic_mls_commit_plan plan = {.removes = &gone, .remove_count = 1};
    assert_int_equal(ic_mls_group_commit(&made, all[0].group, &plan), IC_OK);
    party_hear_commit(&all[2], ic_mls_staged_message(made));
    const struct ic_mls_epoch_state *now = &all[2].group->now;
    assert_true(is_zero(now->secrets.sender_data, sizeof now->secrets.sender_data));
    assert_true(is_zero(now->secrets.init, sizeof now->secrets.init));
    assert_true(is_zero(now->secrets.resumption_psk, sizeof now->secrets.resumption_psk));
    assert_true(is_zero(&now->keys, sizeof now->keys));
    assert_null(now->messages);
    assert_int_equal(all[2].group->past_count, 0);
    assert_true(is_zero(all[2].group->resumptions, sizeof all[2].group->resumptions));
    ic_mls_staged_free(made);
    party_end(all, 3);
}

RUN_TESTS(cmocka_unit_test(mls_search_finds_a_secret_that_is_given_back),
          cmocka_unit_test(mls_epoch_that_is_over_keeps_what_opens_text_and_nothing_else),
          cmocka_unit_test(mls_group_leaves_no_secret_in_memory_that_it_gives_back),
          cmocka_unit_test(mls_staged_epoch_that_is_thrown_away_leaves_no_secret),
          cmocka_unit_test(mls_removed_member_has_no_secret_left))
