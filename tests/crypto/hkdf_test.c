/* HKDF against the vectors of RFC 5869 appendix A. */
#include "crypto/hkdf.h"

#include "tests/allocations.h"
#include "tests/hex.h"

static const struct {
    const char *what;
    size_t secret_len; /* A.1, A.3: 22 bytes 0x0b; A.2: 00 to 4f */
    const char *salt, *info, *prk, *okm;
} ROWS[] = {
    {"A.1", 22, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
     "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
     "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
    {"A.2", 80,
     "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
     "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
     "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecf"
     "d0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
     "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
     "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
     "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"
     "59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
     "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
    {"A.3", 22, "", "", "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
     "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
};

TEST(hkdf_gives_the_keys_of_rfc_5869)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        uint8_t secret[80], salt[80], info[80], prk[IC_HKDF_PRK_LEN], expected[82], okm[82];
        for (size_t b = 0; b < sizeof secret; b++)
            secret[b] = ROWS[i].secret_len == 22 ? 0x0b : (uint8_t)b;
        struct ic_bytes salt_bytes = {salt, from_hex(salt, ROWS[i].salt)};
        struct ic_bytes info_bytes = {info, from_hex(info, ROWS[i].info)};

        from_hex(expected, ROWS[i].prk);
        ic_hkdf_extract(prk, salt_bytes, (struct ic_bytes){secret, ROWS[i].secret_len});
        CHECK_ROW(ROWS[i].what, memcmp(prk, expected, sizeof prk) == 0);

        size_t len = from_hex(expected, ROWS[i].okm);
        ic_hkdf_expand(okm, len, (struct ic_bytes){prk, sizeof prk}, info_bytes);
        CHECK_ROW(ROWS[i].what, memcmp(okm, expected, len) == 0);
    }
}

TEST(hkdf_expand_of_every_length_is_the_front_of_the_longest)
{
    uint8_t prk[IC_HKDF_PRK_LEN] = {1}, longest[100], shorter[100];

    ic_hkdf_expand(longest, sizeof longest, (struct ic_bytes){prk, sizeof prk},
                   ic_bytes_of_text("label"));
    for (size_t len = 0; len <= sizeof longest; len++) {
        memset(shorter, 0, sizeof shorter);
        ic_hkdf_expand(shorter, len, (struct ic_bytes){prk, sizeof prk}, ic_bytes_of_text("label"));
        assert_memory_equal(shorter, longest, len);
        assert_true(len == sizeof longest || shorter[len] == 0);
    }
}

TEST(hkdf_reads_parts_as_one_with_every_hash_and_allocates_nothing)
{
    static const enum ic_hash HASHES[] = {IC_HASH_SHA256, IC_HASH_SHA384, IC_HASH_SHA512};
    const uint8_t *text = (const uint8_t *)"one secret in pieces";
    const bool counted = ic_allocations_are_counted();
    const size_t before = ic_allocation_count;

    for (size_t i = 0; i < IC_COUNT(HASHES); i++) {
        uint8_t whole[IC_HASH_MAX], prk[IC_HASH_MAX], one[200], other[200];
        const size_t len = ic_hash_len(HASHES[i]);
        const struct ic_bytes salt = ic_bytes_of_text("salt"), all = {text, 20};
        const struct ic_bytes parts[] = {{text, 3}, {0}, {text + 3, 17}};
        ic_hkdf_extract_with(whole, HASHES[i], salt, &all, 1);
        ic_hkdf_extract_with(prk, HASHES[i], salt, parts, IC_COUNT(parts));
        assert_memory_equal(prk, whole, len);
        ic_hkdf_expand_with(one, sizeof one, HASHES[i], (struct ic_bytes){prk, len}, &all, 1);
        ic_hkdf_expand_with(other, sizeof other, HASHES[i], (struct ic_bytes){prk, len}, parts,
                            IC_COUNT(parts));
        assert_memory_equal(one, other, sizeof one);
        ic_hkdf_expand_with(prk, len, HASHES[i], (struct ic_bytes){prk, len}, &all, 1);
        assert_memory_equal(prk, one, len);
        assert_memory_not_equal(one, one + len, len);
        assert_int_equal(ic_hkdf_max(HASHES[i]), 255 * len);
    }
    assert_true(!counted || ic_allocation_count == before);
}

RUN_TESTS(cmocka_unit_test(hkdf_gives_the_keys_of_rfc_5869),
          cmocka_unit_test(hkdf_expand_of_every_length_is_the_front_of_the_longest),
          cmocka_unit_test(hkdf_reads_parts_as_one_with_every_hash_and_allocates_nothing))
