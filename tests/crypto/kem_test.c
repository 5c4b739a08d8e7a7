/* Key encapsulation: the vectors of X-Wing, and every KEM against damage. */
#include "crypto/kem.h"

#include "crypto/dh.h"
#include "crypto/mlkem.h"
#include "tests/crypto/vectors.h"

static const enum ic_kem KEMS[] = {IC_KEM_P256,   IC_KEM_P384, IC_KEM_P521,
                                   IC_KEM_X25519, IC_KEM_X448, IC_KEM_XWING};

struct receiver {
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_bytes private_bytes, public_bytes;
};

/* False, with the reason printed, when this build does not have the KEM. */
static bool receiver_init(struct receiver *r, enum ic_kem kem)
{
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    if (!ic_kem_available(kem)) {
        assert_int_equal(ic_kem_generate(r->private_key, r->public_key, kem), IC_ERR_NOT_FOUND);
        print_message("# left out: KEM 0x%04x, not in this build\n", kem);
        return false;
    }
    assert_int_equal(ic_kem_generate(r->private_key, r->public_key, kem), IC_OK);
    r->private_bytes = (struct ic_bytes){r->private_key, lengths.private_len};
    r->public_bytes = (struct ic_bytes){r->public_key, lengths.public_len};
    return true;
}

TEST(x_wing_gives_the_keys_and_secrets_of_its_draft)
{
    json_t *rows = vectors_load("xwing/xwing.json"), *row;
    uint8_t public_key[IC_KEM_PUBLIC_MAX], enc[IC_KEM_ENC_MAX], shared[IC_KEM_SHARED_MAX];
    const struct ic_kem_lengths lengths = ic_kem_lengths(IC_KEM_XWING);
    size_t i;

    if (!ic_kem_available(IC_KEM_XWING)) {
        print_message("# left out: X-Wing, this build has no ML-KEM\n");
        json_decref(rows);
        skip();
    }
    print_message("# ML-KEM-768 by %s\n", ic_mlkem_backend_name());
    assert_int_equal(json_array_size(rows), 3);
    json_array_foreach(rows, i, row)
    {
        struct ic_bytes seed = vector_hex(row, "seed"), eseed = vector_hex(row, "eseed");
        struct ic_bytes wanted = vector_hex(row, "pk");
        assert_int_equal(ic_kem_public(public_key, IC_KEM_XWING, seed), IC_OK);
        vector_check("key", row, "pk", public_key, lengths.public_len);
        assert_int_equal(ic_kem_encap_from(shared, enc, IC_KEM_XWING, wanted, eseed), IC_OK);
        vector_check("encap", row, "ct", enc, lengths.enc_len);
        vector_check("encap", row, "ss", shared, lengths.shared_len);
        memset(shared, 0, sizeof shared);
        assert_int_equal(ic_kem_decap(shared, IC_KEM_XWING, vector_hex(row, "ct"), seed), IC_OK);
        vector_check("decap", row, "ss", shared, lengths.shared_len);
        vectors_forget();
    }
    json_decref(rows);
}

TEST(both_ends_of_every_kem_find_the_same_new_secret)
{
    for (size_t i = 0; i < IC_COUNT(KEMS); i++) {
        struct receiver r, sender;
        const struct ic_kem_lengths lengths = ic_kem_lengths(KEMS[i]);
        uint8_t enc[IC_KEM_ENC_MAX], first[IC_KEM_SHARED_MAX], second[IC_KEM_SHARED_MAX];
        struct ic_bytes enc_bytes = {enc, lengths.enc_len};
        if (!receiver_init(&r, KEMS[i]) || !receiver_init(&sender, KEMS[i]))
            continue;
        assert_int_equal(ic_kem_check_public(KEMS[i], r.public_bytes), IC_OK);
        assert_int_equal(ic_kem_encap(first, enc, KEMS[i], r.public_bytes), IC_OK);
        assert_int_equal(ic_kem_decap(second, KEMS[i], enc_bytes, r.private_bytes), IC_OK);
        assert_memory_equal(first, second, lengths.shared_len);
        assert_int_equal(ic_kem_encap(second, enc, KEMS[i], r.public_bytes), IC_OK);
        assert_memory_not_equal(first, second, lengths.shared_len);
        assert_int_equal(ic_kem_decap(second, KEMS[i], enc_bytes, sender.private_bytes), IC_OK);
        assert_memory_not_equal(first, second, lengths.shared_len);
    }
}

TEST(a_sender_is_proved_by_every_kem_but_x_wing)
{
    for (size_t i = 0; i < IC_COUNT(KEMS); i++) {
        struct receiver r, sender;
        const struct ic_kem_lengths lengths = ic_kem_lengths(KEMS[i]);
        uint8_t enc[IC_KEM_ENC_MAX], first[IC_KEM_SHARED_MAX], second[IC_KEM_SHARED_MAX];
        struct ic_bytes enc_bytes = {enc, lengths.enc_len};
        if (!receiver_init(&r, KEMS[i]) || !receiver_init(&sender, KEMS[i]))
            continue;
        enum ic_err err = ic_kem_auth_encap(first, enc, KEMS[i], r.public_bytes,
                                            sender.private_bytes, (struct ic_bytes){0});
        assert_int_equal(err, KEMS[i] == IC_KEM_XWING ? IC_ERR_NOT_FOUND : IC_OK);
        if (err != IC_OK)
            continue;
        assert_int_equal(
            ic_kem_auth_decap(second, KEMS[i], enc_bytes, r.private_bytes, sender.public_bytes),
            IC_OK);
        assert_memory_equal(first, second, lengths.shared_len);
        assert_int_equal(
            ic_kem_auth_decap(second, KEMS[i], enc_bytes, r.private_bytes, r.public_bytes), IC_OK);
        assert_memory_not_equal(first, second, lengths.shared_len);
    }
}

TEST(a_flip_of_any_bit_of_an_encapsulation_is_refused_or_gives_another_secret)
{
    for (size_t i = 0; i < IC_COUNT(KEMS); i++) {
        struct receiver r;
        const struct ic_kem_lengths lengths = ic_kem_lengths(KEMS[i]);
        uint8_t enc[IC_KEM_ENC_MAX], shared[IC_KEM_SHARED_MAX], other[IC_KEM_SHARED_MAX];
        struct ic_bytes enc_bytes = {enc, lengths.enc_len};
        if (!receiver_init(&r, KEMS[i]))
            continue;
        assert_int_equal(ic_kem_encap(shared, enc, KEMS[i], r.public_bytes), IC_OK);
        /* One bit of each byte, another one in the next. */
        for (size_t at = 0; at < lengths.enc_len; at++) {
            enc[at] ^= (uint8_t)(1 << at % 8);
            enum ic_err err = ic_kem_decap(other, KEMS[i], enc_bytes, r.private_bytes);
            assert_true(err == IC_ERR_MALFORMED ||
                        (err == IC_OK && memcmp(shared, other, lengths.shared_len) != 0));
            enc[at] ^= (uint8_t)(1 << at % 8);
        }
        assert_int_equal(ic_kem_decap(other, KEMS[i], enc_bytes, r.private_bytes), IC_OK);
        assert_memory_equal(shared, other, lengths.shared_len);
    }
}

TEST(every_other_length_is_refused)
{
    for (size_t i = 0; i < IC_COUNT(KEMS); i++) {
        struct receiver r;
        uint8_t enc[IC_KEM_ENC_MAX] = {0}, shared[IC_KEM_SHARED_MAX],
                bytes[IC_KEM_PUBLIC_MAX + 2] = {4};
        const struct ic_kem_lengths lengths = ic_kem_lengths(KEMS[i]);
        struct ic_bytes enc_bytes = {enc, lengths.enc_len};
        if (!receiver_init(&r, KEMS[i]))
            continue;
        for (size_t len = 0; len < sizeof bytes; len++) {
            struct ic_bytes wrong = {bytes, len};
            if (len != lengths.public_len) {
                assert_int_equal(ic_kem_check_public(KEMS[i], wrong), IC_ERR_MALFORMED);
                assert_int_equal(ic_kem_encap(shared, enc, KEMS[i], wrong), IC_ERR_MALFORMED);
            }
            if (len != lengths.enc_len)
                assert_int_equal(ic_kem_decap(shared, KEMS[i], wrong, r.private_bytes),
                                 IC_ERR_MALFORMED);
            if (len != lengths.private_len)
                assert_int_equal(ic_kem_decap(shared, KEMS[i], enc_bytes, wrong), IC_ERR_MALFORMED);
        }
        assert_int_equal(ic_kem_derive(bytes, enc, KEMS[i], (struct ic_bytes){0}),
                         IC_ERR_MALFORMED);
    }
    assert_int_equal(ic_kem_lengths((enum ic_kem)0x0030).public_len, 0);
    assert_int_equal(ic_kem_check_public((enum ic_kem)0x0030, (struct ic_bytes){0}),
                     IC_ERR_NOT_FOUND);
}

TEST(curves_refuse_points_off_them_other_forms_and_scalars_out_of_range)
{
    static const uint8_t zero[IC_KEM_PRIVATE_MAX];
    static const uint8_t FORMS[] = {0, 2, 3, 5, 6, 7};
    uint8_t ones[IC_KEM_PRIVATE_MAX], shared[IC_KEM_SHARED_MAX], enc[IC_KEM_ENC_MAX];

    memset(ones, 0xff, sizeof ones);
    for (size_t i = 0; KEMS[i] != IC_KEM_X25519; i++) {
        struct receiver r;
        if (!receiver_init(&r, KEMS[i]))
            continue;
        size_t len = r.private_bytes.len;
        assert_int_equal(
            ic_kem_decap(shared, KEMS[i], r.public_bytes, (struct ic_bytes){zero, len}),
            IC_ERR_MALFORMED);
        assert_int_equal(
            ic_kem_decap(shared, KEMS[i], r.public_bytes, (struct ic_bytes){ones, len}),
            IC_ERR_MALFORMED);
        for (size_t f = 0; f < sizeof FORMS; f++) {
            r.public_key[0] = FORMS[f];
            assert_int_equal(ic_kem_check_public(KEMS[i], r.public_bytes), IC_ERR_MALFORMED);
        }
        r.public_key[0] = 4;
        r.public_key[1] ^= 1;
        assert_int_equal(ic_kem_encap(shared, enc, KEMS[i], r.public_bytes), IC_ERR_MALFORMED);
        assert_int_equal(ic_kem_decap(shared, KEMS[i], r.public_bytes, r.private_bytes),
                         IC_ERR_MALFORMED);
    }
}

TEST(keys_that_give_a_zero_secret_are_refused)
{
    static const char *const ROWS[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    static const uint8_t zero[56];
    struct receiver r, hybrid;
    uint8_t key[32], shared[IC_KEM_SHARED_MAX], enc[IC_KEM_ENC_MAX];
    const bool has_hybrid = receiver_init(&hybrid, IC_KEM_XWING);

    assert_true(receiver_init(&r, IC_KEM_X25519));
    for (size_t i = 0; i < 2 * IC_COUNT(ROWS); i++) {
        struct ic_bytes bytes = {key, sizeof key};
        assert_int_equal(ic_hex_decode(key, sizeof key, ROWS[i / 2]), IC_OK);
        key[31] |= i % 2 ? 0x80 : 0; /* a bit that RFC 7748 ignores */
        CHECK_ROW(ROWS[i / 2], ic_kem_check_public(IC_KEM_X25519, bytes) == IC_ERR_MALFORMED);
        CHECK_ROW(ROWS[i / 2], ic_kem_encap(shared, enc, IC_KEM_X25519, bytes) == IC_ERR_MALFORMED);
        CHECK_ROW(ROWS[i / 2],
                  ic_kem_decap(shared, IC_KEM_X25519, bytes, r.private_bytes) == IC_ERR_MALFORMED);
        if (!has_hybrid)
            continue;
        memcpy(hybrid.public_key + hybrid.public_bytes.len - 32, key, 32);
        CHECK_ROW(ROWS[i / 2],
                  ic_kem_check_public(IC_KEM_XWING, hybrid.public_bytes) == IC_ERR_MALFORMED);
        CHECK_ROW(ROWS[i / 2],
                  ic_kem_encap(shared, enc, IC_KEM_XWING, hybrid.public_bytes) == IC_ERR_MALFORMED);
    }
    if (ic_kem_available(IC_KEM_X448))
        assert_int_equal(ic_kem_check_public(IC_KEM_X448, (struct ic_bytes){zero, sizeof zero}),
                         IC_ERR_MALFORMED);
}

/* Two clients that saw different keys in the same bytes would find different secrets. */
TEST(x25519_reads_a_coordinate_that_is_not_reduced_and_its_highest_bit_as_rfc_7748_says)
{
    static const char *const SPELLINGS[] = {
        "0900000000000000000000000000000000000000000000000000000000000000",
        "0900000000000000000000000000000000000000000000000000000000000080",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f6ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    };
    uint8_t key[32], first[32], secret[32];

    for (size_t i = 0; i < IC_COUNT(SPELLINGS); i++) {
        const uint8_t own[32] = {7};
        assert_int_equal(ic_hex_decode(key, sizeof key, SPELLINGS[i]), IC_OK);
        assert_int_equal(ic_dh_check_public(IC_DH_X25519, key), IC_OK);
        assert_int_equal(ic_dh_secret(secret, IC_DH_X25519, own, key), IC_OK);
        if (i == 0)
            memcpy(first, secret, sizeof first);
        CHECK_ROW(SPELLINGS[i], memcmp(first, secret, sizeof first) == 0);
    }
}

TEST(x_wing_refuses_a_key_with_a_coefficient_that_is_not_reduced)
{
    enum { COEFFICIENTS_LEN = 1152 };
    struct receiver r;
    uint8_t shared[IC_KEM_SHARED_MAX], enc[IC_KEM_ENC_MAX];

    if (!receiver_init(&r, IC_KEM_XWING))
        skip();
    for (size_t at = 0; at < COEFFICIENTS_LEN; at += 3) {
        uint8_t kept[3];
        memcpy(kept, r.public_key + at, sizeof kept);
        /* 3329 as the first of a pair, then as the second. */
        r.public_key[at] = 0x01;
        r.public_key[at + 1] = (uint8_t)((kept[1] & 0xf0) | 0x0d);
        assert_int_equal(ic_kem_check_public(IC_KEM_XWING, r.public_bytes), IC_ERR_MALFORMED);
        memcpy(r.public_key + at, kept, sizeof kept);
        r.public_key[at + 1] = (uint8_t)((kept[1] & 0x0f) | 0x10);
        r.public_key[at + 2] = 0xd0;
        assert_int_equal(ic_kem_encap(shared, enc, IC_KEM_XWING, r.public_bytes), IC_ERR_MALFORMED);
        memcpy(r.public_key + at, kept, sizeof kept);
    }
    assert_int_equal(ic_kem_check_public(IC_KEM_XWING, r.public_bytes), IC_OK);
}

RUN_TESTS(
    cmocka_unit_test(x_wing_gives_the_keys_and_secrets_of_its_draft),
    cmocka_unit_test(both_ends_of_every_kem_find_the_same_new_secret),
    cmocka_unit_test(a_sender_is_proved_by_every_kem_but_x_wing),
    cmocka_unit_test(a_flip_of_any_bit_of_an_encapsulation_is_refused_or_gives_another_secret),
    cmocka_unit_test(every_other_length_is_refused),
    cmocka_unit_test(curves_refuse_points_off_them_other_forms_and_scalars_out_of_range),
    cmocka_unit_test(keys_that_give_a_zero_secret_are_refused),
    cmocka_unit_test(
        x25519_reads_a_coordinate_that_is_not_reduced_and_its_highest_bit_as_rfc_7748_says),
    cmocka_unit_test(x_wing_refuses_a_key_with_a_coefficient_that_is_not_reduced))
