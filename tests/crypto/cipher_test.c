/* The ciphers of small messages against published ciphertexts and damage. */
#include "crypto/cipher.h"

#include "tests/hex.h"

enum { TEXT_MAX = 160 };

static const enum ic_cipher CIPHERS[] = {IC_CIPHER_AES_128_GCM, IC_CIPHER_AES_256_GCM,
                                         IC_CIPHER_CHACHA20_POLY1305};

static const struct {
    const char *what;
    enum ic_cipher cipher;
    const char *key, *nonce, *aad, *plain, *sealed;
} ROWS[] = {
    {"GCM specification, case 2", IC_CIPHER_AES_128_GCM, "00000000000000000000000000000000",
     "000000000000000000000000", "", "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"},
    {"GCM specification, case 13", IC_CIPHER_AES_256_GCM,
     "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"GCM specification, case 14", IC_CIPHER_AES_256_GCM,
     "0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000",
     "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"},
    {"RFC 8439 section 2.8.2", IC_CIPHER_CHACHA20_POLY1305,
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
     "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
     "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
     "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
     "637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
     "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
     "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
     "0691"},
};

TEST(ciphers_give_the_published_ciphertexts_in_place_and_apart)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        uint8_t key[IC_CIPHER_KEY_MAX], nonce[IC_CIPHER_NONCE_LEN], aad[16];
        uint8_t plain[TEXT_MAX], sealed[TEXT_MAX], out[TEXT_MAX];
        assert_int_equal(from_hex(key, ROWS[i].key), ic_cipher_key_len(ROWS[i].cipher));
        from_hex(nonce, ROWS[i].nonce);
        struct ic_bytes aad_bytes = {aad, from_hex(aad, ROWS[i].aad)};
        struct ic_bytes plain_bytes = {plain, from_hex(plain, ROWS[i].plain)};
        struct ic_bytes sealed_bytes = {sealed, from_hex(sealed, ROWS[i].sealed)};

        assert_int_equal(ic_cipher_seal(out, ROWS[i].cipher, key, nonce, aad_bytes, plain_bytes),
                         IC_OK);
        CHECK_ROW(ROWS[i].what, memcmp(out, sealed, sealed_bytes.len) == 0);
        assert_int_equal(ic_cipher_open(out, ROWS[i].cipher, key, nonce, aad_bytes, sealed_bytes),
                         IC_OK);
        CHECK_ROW(ROWS[i].what, memcmp(out, plain, plain_bytes.len) == 0);

        memcpy(out, plain, plain_bytes.len);
        assert_int_equal(ic_cipher_seal(out, ROWS[i].cipher, key, nonce, aad_bytes,
                                        (struct ic_bytes){out, plain_bytes.len}),
                         IC_OK);
        CHECK_ROW(ROWS[i].what, memcmp(out, sealed, sealed_bytes.len) == 0);
        assert_int_equal(ic_cipher_open(out, ROWS[i].cipher, key, nonce, aad_bytes,
                                        (struct ic_bytes){out, sealed_bytes.len}),
                         IC_OK);
        CHECK_ROW(ROWS[i].what, memcmp(out, plain, plain_bytes.len) == 0);
    }
}

TEST(ciphers_refuse_a_flip_of_any_bit_and_leave_no_plaintext)
{
    enum { AAD_LEN = 7, PLAIN_LEN = 21 };
    static const uint8_t key[IC_CIPHER_KEY_MAX] = {1}, zeroes[PLAIN_LEN];

    for (size_t c = 0; c < IC_COUNT(CIPHERS); c++) {
        uint8_t nonce[IC_CIPHER_NONCE_LEN] = {2}, plain[PLAIN_LEN] = "twenty-one characters";
        uint8_t all[AAD_LEN + PLAIN_LEN + IC_CIPHER_TAG_LEN] = {3};
        assert_int_equal(ic_cipher_seal(all + AAD_LEN, CIPHERS[c], key, nonce,
                                        (struct ic_bytes){all, AAD_LEN},
                                        (struct ic_bytes){plain, PLAIN_LEN}),
                         IC_OK);
        for (size_t bit = 0; bit < 8 * sizeof all; bit++) {
            uint8_t copy[sizeof all];
            memcpy(copy, all, sizeof all);
            copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
            memset(plain, 0xa5, sizeof plain);
            assert_int_equal(
                ic_cipher_open(plain, CIPHERS[c], key, nonce, (struct ic_bytes){copy, AAD_LEN},
                               (struct ic_bytes){copy + AAD_LEN, sizeof copy - AAD_LEN}),
                IC_ERR_FORGED);
            assert_memory_equal(plain, zeroes, sizeof plain);
        }
        nonce[11] ^= 1;
        assert_int_equal(ic_cipher_open(plain, CIPHERS[c], key, nonce,
                                        (struct ic_bytes){all, AAD_LEN},
                                        (struct ic_bytes){all + AAD_LEN, sizeof all - AAD_LEN}),
                         IC_ERR_FORGED);
    }
}

TEST(ciphers_refuse_every_truncation_and_an_unknown_number)
{
    static const uint8_t key[IC_CIPHER_KEY_MAX], nonce[IC_CIPHER_NONCE_LEN];

    for (size_t c = 0; c < IC_COUNT(CIPHERS); c++) {
        uint8_t sealed[5 + IC_CIPHER_TAG_LEN], out[sizeof sealed];
        assert_int_equal(ic_cipher_seal(sealed, CIPHERS[c], key, nonce, (struct ic_bytes){0},
                                        ic_bytes_of_text("short")),
                         IC_OK);
        for (size_t len = 0; len < sizeof sealed; len++)
            assert_int_equal(ic_cipher_open(out, CIPHERS[c], key, nonce, (struct ic_bytes){0},
                                            (struct ic_bytes){sealed, len}),
                             len < IC_CIPHER_TAG_LEN ? IC_ERR_MALFORMED : IC_ERR_FORGED);
        assert_int_equal(ic_cipher_seal(out, (enum ic_cipher)(4 + c), key, nonce,
                                        (struct ic_bytes){0}, (struct ic_bytes){0}),
                         IC_ERR_SYSTEM);
    }
    assert_int_equal(ic_cipher_key_len((enum ic_cipher)0), 0);
    assert_int_equal(ic_cipher_key_len((enum ic_cipher)0xffff), 0);
}

RUN_TESTS(cmocka_unit_test(ciphers_give_the_published_ciphertexts_in_place_and_apart),
          cmocka_unit_test(ciphers_refuse_a_flip_of_any_bit_and_leave_no_plaintext),
          cmocka_unit_test(ciphers_refuse_every_truncation_and_an_unknown_number))
