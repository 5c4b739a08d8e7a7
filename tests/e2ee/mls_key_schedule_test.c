/* The key schedule, pre-shared keys and exporter against the published vectors. */
#include "e2ee/mls/key_schedule.h"

#include "e2ee/mls/codec.h"
#include "e2ee/mls/external_init.h"
#include "e2ee/mls/group_context.h"
#include "e2ee/mls/psk.h"
#include "e2ee/mls/transcript.h"
#include "tests/e2ee/mls_vectors.h"

static void check_epoch(const json_t *v, const struct ic_mls_epoch *epoch, size_t len)
{
    mls_check(v, "sender_data_secret", epoch->sender_data, len);
    mls_check(v, "encryption_secret", epoch->encryption, len);
    mls_check(v, "exporter_secret", epoch->exporter, len);
    mls_check(v, "external_secret", epoch->external, len);
    mls_check(v, "confirmation_key", epoch->confirmation_key, len);
    mls_check(v, "membership_key", epoch->membership_key, len);
    mls_check(v, "resumption_psk", epoch->resumption_psk, len);
    mls_check(v, "epoch_authenticator", epoch->authenticator, len);
    mls_check(v, "init_secret", epoch->init, len);
}

static void check_exporter(const json_t *v, struct ic_mls_epoch *epoch)
{
    const json_t *exporter = mls_member(v, "exporter");
    const char *label = json_string_value(mls_member(exporter, "label"));
    struct ic_bytes context = mls_hex(exporter, "context");
    size_t len = (size_t)mls_number(exporter, "length");
    uint8_t *out = mls_room(len);

    assert_int_equal(ic_mls_epoch_export(out, len, epoch, label, context), IC_OK);
    mls_check(exporter, "secret", out, len);
    assert_int_equal(ic_mls_epoch_export(out, 1 << 20, epoch, label, context), IC_ERR_MALFORMED);
    ic_mls_epoch_end_exports(epoch);
    assert_int_equal(ic_mls_epoch_export(out, len, epoch, label, context), IC_ERR_EXHAUSTED);
    for (size_t i = 0; i < sizeof epoch->exporter; i++)
        assert_int_equal(epoch->exporter[i], 0);
}

static void check_external(const json_t *v, const struct ic_mls_epoch *epoch)
{
    const struct ic_suite *suite = epoch->suite;
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    uint8_t enc[IC_KEM_ENC_MAX], made[IC_HASH_MAX], found[IC_HASH_MAX];
    struct ic_kem_lengths lengths = ic_kem_lengths(suite->kem);

    assert_int_equal(ic_mls_epoch_external_pair(private_key, public_key, epoch), IC_OK);
    mls_check(v, "external_pub", public_key, lengths.public_len);
    assert_int_equal(ic_mls_external_init_make(made, enc, suite,
                                               (struct ic_bytes){public_key, lengths.public_len}),
                     IC_OK);
    struct ic_bytes kem_output = {enc, lengths.enc_len};
    assert_int_equal(ic_mls_external_init_find(found, epoch, kem_output), IC_OK);
    assert_memory_equal(made, found, ic_mls_secret_len(suite));
}

/* Writes the context of the epoch, as the vector has it, and returns it. */
static struct ic_bytes context_of(const json_t *row, const json_t *v, uint64_t number)
{
    struct ic_mls_group_context context = {
        .suite = (uint16_t)mls_number(row, "cipher_suite"),
        .group_id = mls_hex(row, "group_id"),
        .epoch = number,
        .tree_hash = mls_hex(v, "tree_hash"),
        .confirmed_transcript_hash = mls_hex(v, "confirmed_transcript_hash"),
    };
    struct ic_bytes want = mls_hex(v, "group_context");
    struct ic_writer w = ic_writer_of(mls_room(want.len), want.len);
    ic_mls_write_group_context(&w, &context);
    assert_true(!w.bad && ic_bytes_equal(ic_written(&w), want));

    struct ic_mls_group_context again;
    struct ic_reader r = ic_reader_of(want);
    ic_mls_read_group_context(&r, &again);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_int_equal(again.epoch, number);
    assert_true(ic_bytes_equal(again.tree_hash, context.tree_hash));
    return want;
}

TEST(mls_key_schedule_is_that_of_the_published_vectors)
{
    json_t *rows = mls_vectors("key-schedule.json"), *row, *v;
    size_t i, j, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        if (!suite)
            continue;
        size_t len = ic_mls_secret_len(suite);
        struct ic_bytes init = mls_hex(row, "initial_init_secret");
        json_array_foreach(mls_member(row, "epochs"), j, v)
        {
            struct ic_bytes context = context_of(row, v, j), psk = mls_hex(v, "psk_secret");
            uint8_t joiner[IC_HASH_MAX], welcome[IC_HASH_MAX];
            struct ic_mls_epoch epoch;

            ic_mls_joiner_secret(joiner, suite, init, mls_hex(v, "commit_secret"), context);
            mls_check(v, "joiner_secret", joiner, len);
            ic_mls_welcome_secret(welcome, suite, (struct ic_bytes){joiner, len}, psk);
            mls_check(v, "welcome_secret", welcome, len);
            ic_mls_epoch_init(&epoch, suite, (struct ic_bytes){joiner, len}, psk, context);
            check_epoch(v, &epoch, len);
            check_exporter(v, &epoch);
            check_external(v, &epoch);
            init = mls_hex(v, "init_secret");
            compared++;
            ic_mls_epoch_clear(&epoch);
            for (size_t k = 0; k < sizeof epoch; k++)
                assert_int_equal(((const uint8_t *)&epoch)[k], 0);
        }
    }
    assert_true(compared >= 10);
    json_decref(rows);
    mls_forget();
}

TEST(mls_pre_shared_keys_fold_as_in_the_published_vectors)
{
    json_t *rows = mls_vectors("psk_secret.json"), *row, *v;
    size_t i, j, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        if (!suite)
            continue;
        struct ic_mls_psk psks[IC_MLS_PSKS_MAX];
        size_t count = json_array_size(mls_member(row, "psks"));
        assert_true(count <= IC_MLS_PSKS_MAX);
        json_array_foreach(mls_member(row, "psks"), j, v)
        {
            struct ic_mls_psk_id id = {.type = IC_MLS_PSK_EXTERNAL,
                                       .external_id = mls_hex(v, "psk_id"),
                                       .nonce = mls_hex(v, "psk_nonce")};
            struct ic_writer w = ic_writer_of(mls_room(256), 256);
            ic_mls_write_psk_id(&w, &id);
            assert_false(w.bad);
            psks[j] = (struct ic_mls_psk){ic_written(&w), mls_hex(v, "psk")};
        }
        uint8_t secret[IC_HASH_MAX];
        ic_mls_psk_secret(secret, suite, psks, count);
        mls_check(row, "psk_secret", secret, ic_mls_secret_len(suite));
        compared++;
    }
    assert_true(compared >= 20);
    json_decref(rows);
    mls_forget();
}

TEST(mls_psk_ids_are_read_back_and_their_damage_is_refused)
{
    static const uint8_t GROUP[] = "a group", NONCE[32] = {7};
    const struct ic_mls_psk_id id = {.type = IC_MLS_PSK_RESUMPTION,
                                     .usage = IC_MLS_PSK_BRANCH,
                                     .group_id = {GROUP, sizeof GROUP},
                                     .epoch = 0x0102030405060708,
                                     .nonce = {NONCE, sizeof NONCE}};
    uint8_t bytes[128];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct ic_mls_psk_id again;
    ic_mls_write_psk_id(&w, &id);

    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_psk_id(&r, &again);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    assert_int_equal(again.usage, IC_MLS_PSK_BRANCH);
    assert_int_equal(again.epoch, id.epoch);
    assert_true(ic_bytes_equal(again.group_id, id.group_id));
    assert_true(ic_bytes_equal(again.encoded, ic_written(&w)));

    for (size_t len = 0; len < w.len; len++) {
        r = ic_reader_of((struct ic_bytes){bytes, len});
        ic_mls_read_psk_id(&r, &again);
        assert_true(r.bad);
    }
    static const struct {
        const char *what;
        size_t at;
        uint8_t value;
    } damage[] = {{"type 0", 0, 0}, {"type 3", 0, 3}, {"usage 0", 1, 0}, {"usage 4", 1, 4}};
    for (size_t i = 0; i < IC_COUNT(damage); i++) {
        uint8_t kept = bytes[damage[i].at];
        bytes[damage[i].at] = damage[i].value;
        r = ic_reader_of(ic_written(&w));
        ic_mls_read_psk_id(&r, &again);
        CHECK_ROW(damage[i].what, r.bad);
        bytes[damage[i].at] = kept;
    }
}

RUN_TESTS(cmocka_unit_test(mls_key_schedule_is_that_of_the_published_vectors),
          cmocka_unit_test(mls_pre_shared_keys_fold_as_in_the_published_vectors),
          cmocka_unit_test(mls_psk_ids_are_read_back_and_their_damage_is_refused))
