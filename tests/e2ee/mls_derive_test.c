/* Labelled derivation, references, signatures and encryption against the published vectors, for
 * every suite this build has. */
#include "e2ee/mls/derive.h"
#include "e2ee/mls/labels.h"

#include "tests/e2ee/mls_vectors.h"

static const char *text(const json_t *row, const char *key)
{
    return json_string_value(mls_member(row, key));
}

static void check_derivations(const json_t *row, const struct ic_suite *suite)
{
    uint8_t out[256];
    size_t len = ic_mls_secret_len(suite);

    const json_t *v = mls_member(row, "ref_hash");
    ic_mls_ref_hash(out, suite, text(v, "label"), mls_hex(v, "value"));
    mls_check(v, "out", out, len);

    v = mls_member(row, "expand_with_label");
    ic_mls_expand(out, (size_t)mls_number(v, "length"), suite, mls_hex(v, "secret"),
                  text(v, "label"), mls_hex(v, "context"));
    mls_check(v, "out", out, (size_t)mls_number(v, "length"));

    v = mls_member(row, "derive_secret");
    ic_mls_derive(out, suite, mls_hex(v, "secret"), text(v, "label"));
    mls_check(v, "out", out, len);

    v = mls_member(row, "derive_tree_secret");
    ic_mls_derive_tree(out, (size_t)mls_number(v, "length"), suite, mls_hex(v, "secret"),
                       text(v, "label"), (uint32_t)mls_number(v, "generation"));
    mls_check(v, "out", out, (size_t)mls_number(v, "length"));
}

TEST(mls_derivations_are_those_of_the_published_vectors)
{
    json_t *rows = mls_vectors("crypto-basics.json"), *row;
    size_t i, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        if (suite) {
            check_derivations(row, suite);
            compared++;
        }
    }
    assert_true(compared >= 2);
    json_decref(rows);
    mls_forget();
}

TEST(mls_signatures_verify_under_their_label_alone)
{
    json_t *rows = mls_vectors("crypto-basics.json"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        const json_t *v = mls_member(row, "sign_with_label");
        if (!suite)
            continue;
        struct ic_bytes content = mls_hex(v, "content"), public_key = mls_hex(v, "pub");
        uint8_t made[IC_SIGNATURE_MAX];
        size_t len;

        assert_int_equal(ic_mls_verify(suite, public_key, text(v, "label"), &content, 1,
                                       mls_hex(v, "signature")),
                         IC_OK);
        assert_int_equal(
            ic_mls_sign(made, &len, suite, mls_hex(v, "priv"), text(v, "label"), &content, 1),
            IC_OK);
        struct ic_bytes signature = {made, len};
        const struct ic_bytes halves[] = {
            {content.at, content.len / 2},
            {content.at + content.len / 2, content.len - content.len / 2}};
        assert_int_equal(ic_mls_verify(suite, public_key, text(v, "label"), halves, 2, signature),
                         IC_OK);
        assert_int_equal(ic_mls_verify(suite, public_key, "Another", &content, 1, signature),
                         IC_ERR_FORGED);
        assert_int_equal(ic_mls_verify(suite, public_key, text(v, "label"), halves, 1, signature),
                         IC_ERR_FORGED);
    }
    json_decref(rows);
    mls_forget();
}

TEST(mls_encryption_opens_under_its_label_and_context_alone)
{
    json_t *rows = mls_vectors("crypto-basics.json"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        const json_t *v = mls_member(row, "encrypt_with_label");
        if (!suite)
            continue;
        struct ic_bytes plain = mls_hex(v, "plaintext"), context = mls_hex(v, "context");
        struct ic_bytes private_key = mls_hex(v, "priv");
        uint8_t opened[256], enc[IC_KEM_ENC_MAX], sealed[256];

        assert_true(plain.len + IC_CIPHER_TAG_LEN <= sizeof sealed);
        assert_int_equal(ic_mls_decrypt(opened, suite, private_key, text(v, "label"), context,
                                        mls_hex(v, "kem_output"), mls_hex(v, "ciphertext")),
                         IC_OK);
        mls_check(v, "plaintext", opened, plain.len);

        assert_int_equal(
            ic_mls_encrypt(sealed, enc, suite, mls_hex(v, "pub"), text(v, "label"), context, plain),
            IC_OK);
        struct ic_bytes kem = {enc, ic_kem_lengths(suite->kem).enc_len};
        struct ic_bytes ciphertext = {sealed, plain.len + IC_CIPHER_TAG_LEN};
        assert_int_equal(
            ic_mls_decrypt(opened, suite, private_key, text(v, "label"), context, kem, ciphertext),
            IC_OK);
        mls_check(v, "plaintext", opened, plain.len);
        assert_int_equal(
            ic_mls_decrypt(opened, suite, private_key, "Another", context, kem, ciphertext),
            IC_ERR_FORGED);
        assert_int_equal(
            ic_mls_decrypt(opened, suite, private_key, text(v, "label"), plain, kem, ciphertext),
            IC_ERR_FORGED);
        for (size_t len = 0; len < ciphertext.len; len++)
            assert_int_not_equal(ic_mls_decrypt(opened, suite, private_key, text(v, "label"),
                                                context, kem,
                                                (struct ic_bytes){ciphertext.at, len}),
                                 IC_OK);
    }
    json_decref(rows);
    mls_forget();
}

RUN_TESTS(cmocka_unit_test(mls_derivations_are_those_of_the_published_vectors),
          cmocka_unit_test(mls_signatures_verify_under_their_label_alone),
          cmocka_unit_test(mls_encryption_opens_under_its_label_and_context_alone))
