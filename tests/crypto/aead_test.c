/* AES-128-GCM on every back end that this machine has. */
#include "crypto/aead.h"

#include "crypto/random.h"
#include "tests/hex.h"

enum { TEXT_MAX = 1300 };

static const struct {
    const char *what, *key, *nonce, *aad, *plain, *sealed;
} VECTORS[] = {
    {"GCM specification, case 1", "00000000000000000000000000000000", "000000000000000000000000",
     "", "", "58e2fccefa7e3061367f1d57a4e7455a"},
    {"GCM specification, case 2", "00000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
    {"GCM specification, case 4", "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
     "a6b525b16aedf5aa0de657ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac"
     "84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
};

TEST(aead_gives_the_published_ciphertexts_on_every_back_end)
{
    for (enum ic_aead_backend on = 0; on < IC_AEAD_BACKENDS; on++) {
        if (!ic_aead_has(on))
            continue;
        for (size_t i = 0; i < IC_COUNT(VECTORS); i++) {
            uint8_t key[16], nonce[12], aad[20], text[80], plain[80], sealed[80];
            struct ic_aead *aead;
            from_hex(key, VECTORS[i].key);
            from_hex(nonce, VECTORS[i].nonce);
            struct ic_bytes aad_bytes = {aad, from_hex(aad, VECTORS[i].aad)};
            size_t len = from_hex(plain, VECTORS[i].plain);
            from_hex(sealed, VECTORS[i].sealed);
            memcpy(text, plain, len);

            assert_int_equal(ic_aead_new_on(&aead, on, key), IC_OK);
            assert_int_equal(ic_aead_seal(aead, nonce, aad_bytes, text, len), IC_OK);
            CHECK_ROW(VECTORS[i].what, memcmp(text, sealed, len + IC_AEAD_TAG_LEN) == 0);
            assert_int_equal(ic_aead_open(aead, nonce, aad_bytes, text, len + IC_AEAD_TAG_LEN),
                             IC_OK);
            CHECK_ROW(VECTORS[i].what, memcmp(text, plain, len) == 0);
            ic_aead_free(aead);
        }
    }
}

TEST(aead_refuses_a_flip_of_any_bit)
{
    for (enum ic_aead_backend on = 0; on < IC_AEAD_BACKENDS; on++) {
        uint8_t key[16] = {1}, nonce[12] = {2}, all[12 + 20 + IC_AEAD_TAG_LEN] = {3};
        struct ic_aead *aead;
        if (!ic_aead_has(on))
            continue;
        assert_int_equal(ic_aead_new_on(&aead, on, key), IC_OK);
        assert_int_equal(ic_aead_seal(aead, nonce, (struct ic_bytes){all, 12}, all + 12, 20),
                         IC_OK);
        for (size_t bit = 0; bit < 8 * sizeof all; bit++) {
            uint8_t copy[sizeof all];
            memcpy(copy, all, sizeof all);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_equal(
                ic_aead_open(aead, nonce, (struct ic_bytes){copy, 12}, copy + 12, sizeof copy - 12),
                IC_ERR_FORGED);
        }
        nonce[11] ^= 1;
        assert_int_equal(
            ic_aead_open(aead, nonce, (struct ic_bytes){all, 12}, all + 12, sizeof all - 12),
            IC_ERR_FORGED);
        ic_aead_free(aead);
    }
}

TEST(aead_refuses_what_is_shorter_than_a_tag)
{
    uint8_t key[16] = {0}, nonce[12] = {0}, text[16] = {0};

    for (enum ic_aead_backend on = 0; on < IC_AEAD_BACKENDS; on++) {
        struct ic_aead *aead;
        if (!ic_aead_has(on)) {
            assert_int_equal(ic_aead_new_on(&aead, on, key), IC_ERR_SYSTEM);
            continue;
        }
        assert_int_equal(ic_aead_new_on(&aead, on, key), IC_OK);
        for (size_t len = 0; len < IC_AEAD_TAG_LEN; len++)
            assert_int_equal(ic_aead_open(aead, nonce, (struct ic_bytes){0}, text, len),
                             IC_ERR_MALFORMED);
        assert_int_equal(ic_aead_open(aead, nonce, (struct ic_bytes){0}, text, 16), IC_ERR_FORGED);
        ic_aead_free(aead);
    }
}

TEST(aead_back_ends_agree_at_every_length)
{
    uint8_t key[16], nonce[12], plain[TEXT_MAX];
    struct ic_aead *a, *b;

    if (!ic_aead_has(IC_AEAD_IPSEC_MB))
        skip();
    ic_random_fill(key, sizeof key);
    ic_random_fill(plain, sizeof plain);
    assert_int_equal(ic_aead_best(), IC_AEAD_IPSEC_MB);
    assert_int_equal(ic_aead_new_on(&a, IC_AEAD_OPENSSL, key), IC_OK);
    assert_int_equal(ic_aead_new_on(&b, IC_AEAD_IPSEC_MB, key), IC_OK);
    for (size_t len = 0; len < TEXT_MAX; len++) {
        uint8_t one[TEXT_MAX + IC_AEAD_TAG_LEN], other[TEXT_MAX + IC_AEAD_TAG_LEN];
        struct ic_bytes aad = {plain, len % 41};
        ic_random_fill(nonce, sizeof nonce);
        memcpy(one, plain, len);
        memcpy(other, plain, len);
        assert_int_equal(ic_aead_seal(a, nonce, aad, one, len), IC_OK);
        assert_int_equal(ic_aead_seal(b, nonce, aad, other, len), IC_OK);
        assert_memory_equal(one, other, len + IC_AEAD_TAG_LEN);
        assert_int_equal(ic_aead_open(a, nonce, aad, other, len + IC_AEAD_TAG_LEN), IC_OK);
        assert_int_equal(ic_aead_open(b, nonce, aad, one, len + IC_AEAD_TAG_LEN), IC_OK);
        assert_memory_equal(one, plain, len);
    }
    ic_aead_free(a);
    ic_aead_free(b);
    ic_aead_free(NULL);
}

RUN_TESTS(cmocka_unit_test(aead_gives_the_published_ciphertexts_on_every_back_end),
          cmocka_unit_test(aead_refuses_a_flip_of_any_bit),
          cmocka_unit_test(aead_refuses_what_is_shorter_than_a_tag),
          cmocka_unit_test(aead_back_ends_agree_at_every_length))
