/* Welcomes against the published vectors, ours opened again, and damage. */
#include "e2ee/mls/welcome.h"

#include "e2ee/mls/codec.h"
#include "e2ee/mls/framing.h"
#include "e2ee/mls/transcript.h"
#include "tests/e2ee/mls_vectors.h"

/* What stands behind version and wire format of an MLSMessage. */
static struct ic_reader inside(struct ic_bytes message, enum ic_mls_wire_format format)
{
    struct ic_reader r = ic_reader_of(message);
    assert_int_equal(ic_read_uint(&r, 2), IC_MLS_VERSION);
    assert_int_equal(ic_read_uint(&r, 2), format);
    return r;
}

struct newcomer {
    const struct ic_suite *suite;
    struct ic_mls_welcome welcome;
    struct ic_bytes init_private;
    uint8_t ref[IC_HASH_MAX];
    struct ic_bytes welcome_bytes;
};

static void newcomer_of(struct newcomer *n, const json_t *row, const struct ic_suite *suite)
{
    struct ic_mls_key_package package;
    struct ic_reader r = inside(mls_hex(row, "key_package"), IC_MLS_KEY_PACKAGE);

    n->suite = suite;
    ic_mls_read_key_package(&r, &package);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    ic_mls_key_package_ref(n->ref, suite, package.encoded);
    assert_int_equal(ic_mls_key_package_verify(&package, suite), IC_OK);
    n->init_private = mls_private(row, "init_priv", ic_kem_lengths(suite->kem).private_len);
    n->welcome_bytes = mls_hex(row, "welcome");
    r = inside(n->welcome_bytes, IC_MLS_WELCOME);
    ic_mls_read_welcome(&r, &n->welcome);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
}

static enum ic_err open_secrets(struct ic_mls_group_secrets *out, const struct newcomer *n)
{
    return ic_mls_welcome_open_secrets(
        out, mls_room(n->welcome_bytes.len), n->welcome_bytes.len, &n->welcome, n->suite,
        (struct ic_bytes){n->ref, ic_mls_secret_len(n->suite)}, n->init_private);
}

static enum ic_err open_info(struct ic_mls_group_info *out, const struct newcomer *n,
                             const uint8_t *secret)
{
    return ic_mls_welcome_open_info(out, mls_room(n->welcome_bytes.len), n->welcome_bytes.len,
                                    &n->welcome, n->suite,
                                    (struct ic_bytes){secret, ic_mls_secret_len(n->suite)});
}

TEST(mls_published_welcomes_open_and_their_epoch_is_confirmed)
{
    json_t *rows = mls_vectors("welcome.json"), *row;
    size_t i, opened = 0;

    json_array_foreach(rows, i, row)
    {
        static const uint8_t NO_PSK[IC_HASH_MAX];
        const struct ic_suite *suite = mls_suite(row);
        struct ic_mls_group_secrets secrets;
        struct ic_mls_group_info info;
        struct ic_mls_epoch epoch;
        struct newcomer n;
        uint8_t welcome_secret[IC_HASH_MAX];
        if (!suite)
            continue;

        newcomer_of(&n, row, suite);
        assert_int_equal(open_secrets(&secrets, &n), IC_OK);
        assert_int_equal(secrets.psk_count, 0);
        struct ic_bytes psk = {NO_PSK, ic_mls_secret_len(suite)};
        ic_mls_welcome_secret(welcome_secret, suite, secrets.joiner_secret, psk);
        assert_int_equal(open_info(&info, &n, welcome_secret), IC_OK);
        assert_int_equal(ic_mls_group_info_verify(&info, suite, mls_hex(row, "signer_pub")), IC_OK);
        ic_mls_epoch_init(&epoch, suite, secrets.joiner_secret, psk, info.context.encoded);
        assert_int_equal(ic_mls_confirmation_check(&epoch, info.context.confirmed_transcript_hash,
                                                   info.confirmation_tag),
                         IC_OK);
        opened++;
    }
    assert_true(opened >= 2);
    json_decref(rows);
    mls_forget();
}

TEST(mls_welcome_opens_for_nobody_else_and_not_with_a_bit_changed)
{
    json_t *rows = mls_vectors("welcome.json");
    const json_t *row = json_array_get(rows, 0);
    struct ic_mls_group_secrets secrets;
    struct ic_mls_group_info info;
    struct newcomer n;

    newcomer_of(&n, row, ic_suite_find(1));
    n.ref[0] ^= 1;
    assert_int_equal(open_secrets(&secrets, &n), IC_ERR_NOT_FOUND);
    n.ref[0] ^= 1;
    assert_int_equal(open_secrets(&secrets, &n), IC_OK);
    assert_int_equal(open_info(&info, &n, n.ref), IC_ERR_FORGED);

    for (size_t at = 4; at < n.welcome_bytes.len; at++) {
        uint8_t *bytes = mls_room(n.welcome_bytes.len);
        struct newcomer other = n;
        memcpy(bytes, n.welcome_bytes.at, n.welcome_bytes.len);
        bytes[at] ^= 0x10;
        struct ic_reader r = ic_reader_of((struct ic_bytes){bytes + 4, n.welcome_bytes.len - 4});
        ic_mls_read_welcome(&r, &other.welcome);
        /* The group's description is bound to each newcomer's secrets, so nothing is left out. */
        if (ic_mls_finish(&r) == IC_OK)
            assert_int_not_equal(open_secrets(&secrets, &other), IC_OK);
    }
    for (size_t len = 0; len < n.welcome_bytes.len - 4; len++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){n.welcome_bytes.at + 4, len});
        struct ic_mls_welcome cut;
        ic_mls_read_welcome(&r, &cut);
        assert_int_equal(ic_mls_finish(&r), IC_ERR_MALFORMED);
    }
    json_decref(rows);
    mls_forget();
}

TEST(mls_own_group_info_is_sealed_opened_and_genuine)
{
    static const uint8_t SECRET[32] = {5}, HASH[32] = {6}, TAG[32] = {7};
    const struct ic_suite *suite = ic_suite_find(1);
    uint8_t private_key[IC_SIGNATURE_PRIVATE_MAX], public_key[IC_SIGNATURE_PUBLIC_MAX];
    struct ic_mls_group_info info = {.confirmation_tag = {TAG, 32}, .signer = {3}}, again;
    const struct ic_mls_group_context context = {.suite = 1,
                                                 .group_id = ic_bytes_of_text("group"),
                                                 .epoch = 9,
                                                 .tree_hash = {HASH, 32},
                                                 .confirmed_transcript_hash = {HASH, 32}};
    uint8_t context_bytes[256], bytes[512], sealed[512 + IC_CIPHER_TAG_LEN], opened[512];
    struct ic_writer c = ic_writer_of(context_bytes, sizeof context_bytes);
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct ic_bytes secret = {SECRET, sizeof SECRET};

    assert_int_equal(ic_signature_generate(private_key, public_key, suite->signature), IC_OK);
    ic_mls_write_group_context(&c, &context);
    info.context.encoded = ic_written(&c);
    assert_int_equal(ic_mls_write_group_info(&w, &info, suite, (struct ic_bytes){private_key, 32}),
                     IC_OK);
    assert_int_equal(ic_mls_welcome_seal_info(sealed, suite, secret, ic_written(&w)), IC_OK);

    const struct ic_mls_welcome welcome = {
        .suite = 1, .encrypted_group_info = {sealed, w.len + IC_CIPHER_TAG_LEN}};
    assert_int_equal(
        ic_mls_welcome_open_info(&again, opened, sizeof opened, &welcome, suite, secret), IC_OK);
    assert_int_equal(again.signer.n, 3);
    assert_int_equal(again.context.epoch, 9);
    assert_int_equal(ic_mls_group_info_verify(&again, suite, (struct ic_bytes){public_key, 32}),
                     IC_OK);
    again.signed_part.len--;
    assert_int_equal(ic_mls_group_info_verify(&again, suite, (struct ic_bytes){public_key, 32}),
                     IC_ERR_FORGED);
    assert_int_equal(ic_mls_welcome_open_info(&again, opened, 16, &welcome, suite, secret),
                     IC_ERR_FULL);
}

RUN_TESTS(cmocka_unit_test(mls_published_welcomes_open_and_their_epoch_is_confirmed),
          cmocka_unit_test(mls_welcome_opens_for_nobody_else_and_not_with_a_bit_changed),
          cmocka_unit_test(mls_own_group_info_is_sealed_opened_and_genuine))
