/* Signatures: a published one, every scheme both ways, and damage. */
#include "crypto/signature.h"

#include "tests/hex.h"

static const enum ic_signature SCHEMES[] = {IC_SIGNATURE_ECDSA_P256, IC_SIGNATURE_ECDSA_P384,
                                            IC_SIGNATURE_ECDSA_P521, IC_SIGNATURE_ED25519,
                                            IC_SIGNATURE_ED448};

struct signer {
    uint8_t private_key[IC_SIGNATURE_PRIVATE_MAX], public_key[IC_SIGNATURE_PUBLIC_MAX];
    struct ic_bytes private_bytes, public_bytes;
};

/* False, with the reason printed, when this build does not have the scheme. */
static bool signer_init(struct signer *s, enum ic_signature scheme)
{
    const struct ic_signature_lengths lengths = ic_signature_lengths(scheme);

    if (!ic_signature_available(scheme)) {
        assert_int_equal(ic_signature_generate(s->private_key, s->public_key, scheme),
                         IC_ERR_NOT_FOUND);
        print_message("# left out: signature scheme 0x%04x, not in this build\n", scheme);
        return false;
    }
    assert_int_equal(ic_signature_generate(s->private_key, s->public_key, scheme), IC_OK);
    s->private_bytes = (struct ic_bytes){s->private_key, lengths.private_len};
    s->public_bytes = (struct ic_bytes){s->public_key, lengths.public_len};
    return true;
}

TEST(ed25519_gives_the_signature_of_rfc_8032)
{
    uint8_t private_key[32], public_key[32], expected[64], signature[64];
    size_t len = 0;

    from_hex(private_key, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    from_hex(expected, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    assert_int_equal(
        ic_signature_public(public_key, IC_SIGNATURE_ED25519, (struct ic_bytes){private_key, 32}),
        IC_OK);
    assert_memory_equal(public_key, expected, 32);
    from_hex(expected, "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
                       "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
    assert_int_equal(ic_signature_sign(signature, &len, IC_SIGNATURE_ED25519,
                                       (struct ic_bytes){private_key, 32}, (struct ic_bytes){0}),
                     IC_OK);
    assert_int_equal(len, sizeof signature);
    assert_memory_equal(signature, expected, sizeof signature);
}

TEST(every_scheme_verifies_its_own_and_nothing_damaged)
{
    const struct ic_bytes message = ic_bytes_of_text("a message"),
                          other = ic_bytes_of_text("A message");

    for (size_t i = 0; i < IC_COUNT(SCHEMES); i++) {
        struct signer s, stranger;
        uint8_t signature[IC_SIGNATURE_MAX + 1] = {0};
        size_t len = 0;
        if (!signer_init(&s, SCHEMES[i]) || !signer_init(&stranger, SCHEMES[i]))
            continue;
        assert_int_equal(ic_signature_sign(signature, &len, SCHEMES[i], s.private_bytes, message),
                         IC_OK);
        assert_true(len <= ic_signature_lengths(SCHEMES[i]).signature_max);
        struct ic_bytes whole = {signature, len};
        assert_int_equal(ic_signature_verify(SCHEMES[i], s.public_bytes, message, whole), IC_OK);
        assert_int_equal(ic_signature_verify(SCHEMES[i], s.public_bytes, other, whole),
                         IC_ERR_FORGED);
        assert_int_equal(ic_signature_verify(SCHEMES[i], stranger.public_bytes, message, whole),
                         IC_ERR_FORGED);
        /* One bit of each byte, another one in the next. */
        for (size_t at = 0; at < len; at++) {
            signature[at] ^= (uint8_t)(1 << at % 8);
            assert_int_equal(ic_signature_verify(SCHEMES[i], s.public_bytes, message, whole),
                             IC_ERR_FORGED);
            signature[at] ^= (uint8_t)(1 << at % 8);
        }
        for (size_t cut = 0; cut <= len + 1; cut++) {
            struct ic_bytes part = {signature, cut};
            assert_int_equal(ic_signature_verify(SCHEMES[i], s.public_bytes, message, part),
                             cut == len ? IC_OK : IC_ERR_FORGED);
        }
    }
}

TEST(a_pair_is_made_again_from_its_private_key)
{
    for (size_t i = 0; i < IC_COUNT(SCHEMES); i++) {
        struct signer s;
        uint8_t again[IC_SIGNATURE_PUBLIC_MAX];
        if (!signer_init(&s, SCHEMES[i]))
            continue;
        assert_int_equal(ic_signature_public(again, SCHEMES[i], s.private_bytes), IC_OK);
        assert_memory_equal(again, s.public_key, s.public_bytes.len);
        assert_int_equal(ic_signature_check_public(SCHEMES[i], s.public_bytes), IC_OK);
    }
}

TEST(keys_of_every_other_length_are_refused)
{
    for (size_t i = 0; i < IC_COUNT(SCHEMES); i++) {
        struct signer s;
        uint8_t unused[IC_SIGNATURE_MAX], longer[IC_SIGNATURE_PUBLIC_MAX + 2] = {4};
        size_t len;
        if (!signer_init(&s, SCHEMES[i]))
            continue;
        memcpy(longer, s.public_key, s.public_bytes.len);
        for (size_t n = 0; n < sizeof longer; n++) {
            struct ic_bytes key = {longer, n};
            if (n != s.public_bytes.len)
                assert_int_equal(ic_signature_verify(SCHEMES[i], key, key, key), IC_ERR_MALFORMED);
            if (n == s.private_bytes.len)
                continue;
            assert_int_equal(ic_signature_public(unused, SCHEMES[i], key), IC_ERR_MALFORMED);
            assert_int_equal(ic_signature_sign(unused, &len, SCHEMES[i], key, key),
                             IC_ERR_MALFORMED);
        }
    }
    assert_int_equal(ic_signature_check_public((enum ic_signature)0x0401, (struct ic_bytes){0}),
                     IC_ERR_NOT_FOUND);
    assert_int_equal(ic_signature_lengths((enum ic_signature)0).public_len, 0);
}

TEST(ecdsa_refuses_points_off_the_curve_other_forms_and_scalars_out_of_range)
{
    static const uint8_t zero[IC_SIGNATURE_PRIVATE_MAX];
    uint8_t ones[IC_SIGNATURE_PRIVATE_MAX], unused[IC_SIGNATURE_MAX];
    size_t len;

    memset(ones, 0xff, sizeof ones);
    for (size_t i = 0; i < 3; i++) {
        struct signer s;
        if (!signer_init(&s, SCHEMES[i]))
            continue;
        const uint8_t forms[] = {0, 2, 3, 5, 6, 7};
        for (size_t f = 0; f < sizeof forms; f++) {
            s.public_key[0] = forms[f];
            assert_int_equal(ic_signature_check_public(SCHEMES[i], s.public_bytes),
                             IC_ERR_MALFORMED);
        }
        s.public_key[0] = 4;
        s.public_key[s.public_bytes.len - 1] ^= 1;
        assert_int_equal(ic_signature_check_public(SCHEMES[i], s.public_bytes), IC_ERR_MALFORMED);
        assert_int_equal(ic_signature_sign(unused, &len, SCHEMES[i],
                                           (struct ic_bytes){zero, s.private_bytes.len},
                                           (struct ic_bytes){0}),
                         IC_ERR_MALFORMED);
        assert_int_equal(ic_signature_sign(unused, &len, SCHEMES[i],
                                           (struct ic_bytes){ones, s.private_bytes.len},
                                           (struct ic_bytes){0}),
                         IC_ERR_MALFORMED);
    }
}

RUN_TESTS(cmocka_unit_test(ed25519_gives_the_signature_of_rfc_8032),
          cmocka_unit_test(every_scheme_verifies_its_own_and_nothing_damaged),
          cmocka_unit_test(a_pair_is_made_again_from_its_private_key),
          cmocka_unit_test(keys_of_every_other_length_are_refused),
          cmocka_unit_test(ecdsa_refuses_points_off_the_curve_other_forms_and_scalars_out_of_range))
