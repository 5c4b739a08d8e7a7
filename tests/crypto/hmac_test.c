/* SHA-256 and HMAC against FIPS 180-4, RFC 2202 and RFC 4231. */
#include "crypto/hmac.h"

#include "crypto/hash.h"
#include "tests/hex.h"

/* STUN and old SRTP have SHA-1; the browser's module has neither. */
static bool has(enum ic_hmac_hash hash)
{
#ifdef __wasm__
    return hash != IC_HMAC_SHA1;
#else
    (void)hash;
    return true;
#endif
}

TEST(sha256_gives_the_digest_of_fips_180_4)
{
    uint8_t digest[IC_SHA256_LEN], expected[IC_SHA256_LEN];

    from_hex(expected, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    ic_sha256(digest, ic_bytes_of_text("abc"));
    assert_memory_equal(digest, expected, sizeof digest);

    from_hex(expected, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    ic_sha256(digest, (struct ic_bytes){0});
    assert_memory_equal(digest, expected, sizeof digest);
}

TEST(the_longer_hashes_give_the_digests_of_fips_180_4_also_in_parts)
{
    static const struct {
        enum ic_hash hash;
        size_t len;
        const char *digest;
    } rows[] = {
        {IC_HASH_SHA256, IC_SHA256_LEN,
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {IC_HASH_SHA384, IC_SHA384_LEN,
         "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
         "8086072ba1e7cc2358baeca134c825a7"},
        {IC_HASH_SHA512, IC_SHA512_LEN,
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    const struct ic_bytes parts[] = {ic_bytes_of_text("a"), {0}, ic_bytes_of_text("bc")};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t digest[IC_HASH_MAX], expected[IC_HASH_MAX];
        assert_int_equal(from_hex(expected, rows[i].digest), rows[i].len);
        assert_int_equal(ic_hash_len(rows[i].hash), rows[i].len);
        ic_hash(digest, rows[i].hash, parts, IC_COUNT(parts));
        CHECK_ROW(rows[i].digest, memcmp(digest, expected, rows[i].len) == 0);
    }
}

/* Of each length up to two blocks, cut anywhere; all digests hashed. Expected: Python's hashlib. */
TEST(a_hash_is_right_at_every_length_and_cut)
{
    static const char *const ROWS[] = {
        [IC_HASH_SHA256] = "0cc209c6224061d707e13bec3a2030c118f26aa54893df4a7789e28ad756a7f0",
        [IC_HASH_SHA384] = "911399e9ff3539433868c8546cddf8a285060628f0741b66e207e163788961b0"
                           "24d1957b093568da4dc5853c455a94e0",
        [IC_HASH_SHA512] = "915194eeddc617c5bd81bd9009da1a1bb6bf61c658f2cc3fa92d1ad94cac47fb"
                           "f727c3ee5746d48a869b163c9493ed26ea7bca0e02dcf87e066dfad0f74abfe7",
    };
    enum { LENGTHS = 261 };
    static uint8_t digests[LENGTHS * IC_HASH_MAX];

    for (unsigned hash = 0; hash < IC_COUNT(ROWS); hash++) {
        const size_t digest_len = ic_hash_len((enum ic_hash)hash);
        uint8_t text[LENGTHS], expected[IC_HASH_MAX];
        for (size_t len = 0; len < LENGTHS; len++) {
            for (size_t i = 0; i < len; i++)
                text[i] = (uint8_t)(7 * i + len);
            size_t cut = len * 31 % (len + 1);
            const struct ic_bytes parts[] = {{text, cut}, {text + cut, len - cut}};
            ic_hash(digests + len * digest_len, (enum ic_hash)hash, parts, IC_COUNT(parts));
        }
        from_hex(expected, ROWS[hash]);
        ic_hash(digests, (enum ic_hash)hash, &(struct ic_bytes){digests, LENGTHS * digest_len}, 1);
        assert_memory_equal(digests, expected, digest_len);
    }
}

TEST(hmac_gives_the_tags_of_rfc_2202_and_rfc_4231)
{
    static const char LARGE[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    static const char JEFE[] = "what do ya want for nothing?";
    static const struct {
        const char *what;
        enum ic_hmac_hash hash;
        uint8_t key_byte; /* 0: the key is "Jefe" */
        size_t key_len;
        const char *data, *tag;
    } rows[] = {
        {"2202 case 1", IC_HMAC_SHA1, 0x0b, 20, "Hi There",
         "b617318655057264e28bc0b6fb378c8ef146be00"},
        {"2202 case 2", IC_HMAC_SHA1, 0, 4, JEFE, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {"2202 case 6", IC_HMAC_SHA1, 0xaa, 80, LARGE, "aa4ae5e15272d00e95705637ce8a3b55ed402112"},
        {"4231 case 1", IC_HMAC_SHA256, 0x0b, 20, "Hi There",
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"4231 case 2", IC_HMAC_SHA256, 0, 4, JEFE,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {"4231 case 6", IC_HMAC_SHA256, 0xaa, 131, LARGE,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"4231 case 2, 384", IC_HMAC_SHA384, 0, 4, JEFE,
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e"
         "8e2240ca5e69e2c78b3239ecfab21649"},
        {"4231 case 6, 384", IC_HMAC_SHA384, 0xaa, 131, LARGE,
         "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
         "0c2ef6ab4030fe8296248df163f44952"},
        {"4231 case 2, 512", IC_HMAC_SHA512, 0, 4, JEFE,
         "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
         "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
        {"4231 case 6, 512", IC_HMAC_SHA512, 0xaa, 131, LARGE,
         "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
         "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_hmac_key key;
        uint8_t secret[131], tag[IC_HMAC_MAX], expected[IC_HMAC_MAX];
        struct ic_bytes data = ic_bytes_of_text(rows[i].data);
        if (!has(rows[i].hash)) {
            print_message("# left out: %s, no SHA-1 in this build\n", rows[i].what);
            continue;
        }
        memset(secret, rows[i].key_byte, sizeof secret);
        if (rows[i].key_byte == 0)
            memcpy(secret, "Jefe", 4);
        size_t len = from_hex(expected, rows[i].tag);
        ic_hmac_key_init(&key, rows[i].hash, (struct ic_bytes){secret, rows[i].key_len});
        ic_hmac(tag, &key, &data, 1);
        CHECK_ROW(rows[i].what, memcmp(tag, expected, len) == 0);
    }
}

TEST(hmac_of_parts_is_that_of_the_whole_and_a_key_serves_again)
{
    static const enum ic_hmac_hash HASHES[] = {IC_HMAC_SHA1, IC_HMAC_SHA256, IC_HMAC_SHA512};
    const uint8_t *text = (const uint8_t *)"one message in pieces";

    for (size_t i = 0; i < IC_COUNT(HASHES); i++) {
        struct ic_hmac_key key;
        uint8_t whole[IC_HMAC_MAX] = {0}, parts[IC_HMAC_MAX] = {0};
        if (!has(HASHES[i]))
            continue;
        ic_hmac_key_init(&key, HASHES[i], ic_bytes_of_text("secret"));
        ic_hmac(whole, &key, &(struct ic_bytes){text, 21}, 1);
        for (size_t cut = 0; cut <= 21; cut++) {
            ic_hmac(parts, &key, (struct ic_bytes[]){{text, cut}, {0}, {text + cut, 21 - cut}}, 3);
            assert_memory_equal(parts, whole, sizeof whole);
        }
    }
}

RUN_TESTS(cmocka_unit_test(sha256_gives_the_digest_of_fips_180_4),
          cmocka_unit_test(the_longer_hashes_give_the_digests_of_fips_180_4_also_in_parts),
          cmocka_unit_test(a_hash_is_right_at_every_length_and_cut),
          cmocka_unit_test(hmac_gives_the_tags_of_rfc_2202_and_rfc_4231),
          cmocka_unit_test(hmac_of_parts_is_that_of_the_whole_and_a_key_serves_again))
