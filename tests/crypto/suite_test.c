/* The suites of MLS: their table, and the labelled operations of RFC 9420 on its vectors. */
#include "crypto/suite.h"

#include "crypto/hkdf.h"
#include "tests/crypto/vectors.h"

enum { INPUT_MAX = 512 };

#ifdef __wasm__
enum { ONLY_X25519 = true };
#else
enum { ONLY_X25519 = false };
#endif

/* A vector of the presentation language (RFC 9420 section 2.1.2). */
static void write_vector(struct ic_writer *w, struct ic_bytes prefix, struct ic_bytes bytes)
{
    size_t len = prefix.len + bytes.len;

    if (len < 64)
        ic_write_uint(w, len, 1);
    else
        ic_write_uint(w, 0x4000 | len, 2);
    ic_write_bytes(w, prefix);
    ic_write_bytes(w, bytes);
}

/* A label and a value, as the structures of RFC 9420 section 5 begin or end. */
static struct ic_bytes labelled(struct ic_writer *w, const char *prefix, const json_t *row,
                                struct ic_bytes value)
{
    const char *label = json_string_value(json_object_get(row, "label"));

    write_vector(w, ic_bytes_of_text(prefix), ic_bytes_of_text(label));
    write_vector(w, (struct ic_bytes){0}, value);
    assert_false(w->bad);
    return ic_written(w);
}

static void check_expand(const struct ic_suite *suite, const json_t *row, size_t len,
                         struct ic_bytes context)
{
    uint8_t input[INPUT_MAX], out[IC_HASH_MAX];
    struct ic_writer w = ic_writer_of(input, sizeof input);

    assert_true(len <= sizeof out);
    ic_write_uint(&w, len, 2);
    struct ic_bytes info = labelled(&w, "MLS 1.0 ", row, context);
    ic_hkdf_expand_with(out, len, suite->hash, vector_hex(row, "secret"), &info, 1);
    vector_check(suite->name, row, "out", out, len);
}

static void check_ref_hash(const struct ic_suite *suite, const json_t *row)
{
    uint8_t input[INPUT_MAX], out[IC_HASH_MAX];
    struct ic_writer w = ic_writer_of(input, sizeof input);
    struct ic_bytes bytes = labelled(&w, "", row, vector_hex(row, "value"));

    ic_hash(out, suite->hash, &bytes, 1);
    vector_check(suite->name, row, "out", out, ic_hash_len(suite->hash));
}

static void check_sign(const struct ic_suite *suite, const json_t *row)
{
    uint8_t input[INPUT_MAX], signature[IC_SIGNATURE_MAX], public_key[IC_SIGNATURE_PUBLIC_MAX];
    struct ic_writer w = ic_writer_of(input, sizeof input);
    struct ic_bytes bytes = labelled(&w, "MLS 1.0 ", row, vector_hex(row, "content"));
    struct ic_bytes private_key = vector_hex(row, "priv"), wanted = vector_hex(row, "pub");
    size_t len = 0;

    assert_int_equal(
        ic_signature_verify(suite->signature, wanted, bytes, vector_hex(row, "signature")), IC_OK);
    assert_int_equal(ic_signature_public(public_key, suite->signature, private_key), IC_OK);
    vector_check(suite->name, row, "pub", public_key, wanted.len);
    assert_int_equal(ic_signature_sign(signature, &len, suite->signature, private_key, bytes),
                     IC_OK);
    assert_int_equal(
        ic_signature_verify(suite->signature, wanted, bytes, (struct ic_bytes){signature, len}),
        IC_OK);
    /* The Edwards schemes have one signature a message. */
    if (suite->signature == IC_SIGNATURE_ED25519 || suite->signature == IC_SIGNATURE_ED448)
        vector_check(suite->name, row, "signature", signature, len);
}

static void check_encrypt(const struct ic_suite *suite, const json_t *row)
{
    uint8_t input[INPUT_MAX], out[INPUT_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_writer w = ic_writer_of(input, sizeof input);
    struct ic_bytes info = labelled(&w, "MLS 1.0 ", row, vector_hex(row, "context"));
    struct ic_bytes sealed = vector_hex(row, "ciphertext"), private_key = vector_hex(row, "priv");

    assert_true(sealed.len <= sizeof out);
    assert_int_equal(ic_kem_public(public_key, suite->kem, private_key), IC_OK);
    vector_check(suite->name, row, "pub", public_key, vector_hex(row, "pub").len);
    assert_int_equal(ic_hpke_open(out, ic_suite_hpke(suite), vector_hex(row, "kem_output"),
                                  private_key, info, NULL, (struct ic_bytes){0}, sealed),
                     IC_OK);
    vector_check(suite->name, row, "plaintext", out, sealed.len - IC_CIPHER_TAG_LEN);
}

TEST(every_suite_gives_the_labelled_values_of_the_mls_vectors)
{
    json_t *rows = vectors_load("mls/crypto-basics.json"), *row;
    size_t i, compared = 0;

    assert_int_equal(json_array_size(rows), 7);
    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = ic_suite_find((uint16_t)vector_number(row, "cipher_suite"));
        assert_non_null(suite);
        if (!ic_suite_available(suite)) {
            print_message("# left out: %s, not in this build\n", suite->name);
            continue;
        }
        compared++;
        const json_t *expand = json_object_get(row, "expand_with_label");
        const json_t *tree = json_object_get(row, "derive_tree_secret");
        uint8_t generation[4];
        struct ic_writer w = ic_writer_of(generation, sizeof generation);
        ic_write_uint(&w, vector_number(tree, "generation"), 4);

        check_ref_hash(suite, json_object_get(row, "ref_hash"));
        check_expand(suite, expand, vector_number(expand, "length"), vector_hex(expand, "context"));
        check_expand(suite, json_object_get(row, "derive_secret"), ic_hash_len(suite->hash),
                     (struct ic_bytes){0});
        check_expand(suite, tree, vector_number(tree, "length"), ic_written(&w));
        check_sign(suite, json_object_get(row, "sign_with_label"));
        check_encrypt(suite, json_object_get(row, "encrypt_with_label"));
        vectors_forget();
    }
    assert_int_equal(compared, ONLY_X25519 ? 2 : 7);
    json_decref(rows);
}

/* Of the published suites the browser has those on X25519 with Ed25519: 1 and 3. */
static bool wanted(const struct ic_suite *suite)
{
    return !ONLY_X25519 ||
           (suite->kem == IC_KEM_X25519 && suite->signature == IC_SIGNATURE_ED25519);
}

TEST(the_table_names_each_suite_once_and_only_known_parts)
{
    for (size_t i = 0; i < IC_SUITE_COUNT; i++) {
        const struct ic_suite *suite = &IC_SUITES[i];
        assert_ptr_equal(ic_suite_find(suite->id), suite);
        assert_true(i == 0 || suite->id > IC_SUITES[i - 1].id);
        CHECK_ROW(suite->name, ic_kem_lengths(suite->kem).public_len > 0);
        CHECK_ROW(suite->name, ic_cipher_key_len(suite->cipher) > 0);
        CHECK_ROW(suite->name, ic_signature_lengths(suite->signature).public_len > 0);
        CHECK_ROW(suite->name, suite->strength_bits >= 128);
        CHECK_ROW(suite->name, suite->post_quantum == (suite->kem == IC_KEM_XWING));
        CHECK_ROW(suite->name,
                  ic_suite_available(suite) == ic_hpke_available(ic_suite_hpke(suite)));
        /* ML-KEM may be missing from a native build, and only that. */
        if (suite->id != IC_SUITE_HYBRID)
            CHECK_ROW(suite->name, ic_suite_available(suite) == wanted(suite));
        else if (ONLY_X25519)
            CHECK_ROW(suite->name, ic_suite_available(suite));
        if (!ic_suite_available(suite))
            print_message("# not available in this build: %s\n", suite->name);
    }
    assert_null(ic_suite_find(0));
    assert_null(ic_suite_find(8));
    assert_null(ic_suite_find(0xffff));
}

RUN_TESTS(cmocka_unit_test(every_suite_gives_the_labelled_values_of_the_mls_vectors),
          cmocka_unit_test(the_table_names_each_suite_once_and_only_known_parts))
