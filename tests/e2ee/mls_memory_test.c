/* Joining when memory runs out at any one allocation: refused, nothing leaked, nothing given out.
 * Linked with --wrap, so that the allocations of the library come here first. */
#include "e2ee/mls/join.h"

#include "tests/e2ee/mls_vectors.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static long until_failure = -1; /* -1: none */

static bool fails_now(void)
{
    return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

static const json_t *row_without_psk(const json_t *rows)
{
    const json_t *row;
    size_t i;

    json_array_foreach(rows, i,
                       row) if (mls_number(row, "cipher_suite") == 1 &&
                                json_is_null(mls_member(row, "ratchet_tree")) &&
                                json_array_size(mls_member(row, "external_psks")) == 0) return row;
    fail_msg("no such row");
    return NULL;
}

TEST(mls_join_survives_each_allocation_that_fails)
{
    json_t *rows = mls_vectors("passive-client-welcome.json");
    const json_t *row = row_without_psk(rows);
    struct ic_bytes message = mls_hex(row, "key_package");
    const struct ic_mls_join join = {.welcome = mls_hex(row, "welcome"),
                                     .key_package = {message.at + 4, message.len - 4},
                                     .init_private = mls_hex(row, "init_priv"),
                                     .leaf_private = mls_hex(row, "encryption_priv")};
    struct ic_mls_joined *joined = NULL;
    enum ic_err err = IC_ERR_SYSTEM;
    long failed = 0;

    for (; err != IC_OK && failed < 1000; failed++) {
        until_failure = failed;
        err = ic_mls_join(&joined, &join);
        until_failure = -1;
        assert_true(err == IC_OK || err == IC_ERR_SYSTEM);
        assert_int_equal(joined != NULL, err == IC_OK);
    }
    assert_int_equal(err, IC_OK);
    assert_true(failed > 6);
    ic_mls_joined_free(joined);
    json_decref(rows);
    mls_forget();
}

RUN_TESTS(cmocka_unit_test(mls_join_survives_each_allocation_that_fails))
