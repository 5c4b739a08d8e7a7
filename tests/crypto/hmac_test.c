/* SHA-256 and HMAC against FIPS 180-4, RFC 2202 and RFC 4231. */
#include "crypto/hmac.h"

#include "crypto/hash.h"
#include "tests/hex.h"

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
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_hmac_key key;
        uint8_t secret[131], tag[IC_HMAC_MAX], expected[IC_HMAC_MAX];
        struct ic_bytes data = ic_bytes_of_text(rows[i].data);
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
    struct ic_hmac_key key;
    uint8_t whole[IC_HMAC_SHA1_LEN], parts[IC_HMAC_SHA1_LEN];
    const uint8_t *text = (const uint8_t *)"one message in pieces";

    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text("secret"));
    ic_hmac(whole, &key, &(struct ic_bytes){text, 21}, 1);
    for (size_t cut = 0; cut <= 21; cut++) {
        ic_hmac(parts, &key, (struct ic_bytes[]){{text, cut}, {0}, {text + cut, 21 - cut}}, 3);
        assert_memory_equal(parts, whole, sizeof whole);
    }
}

RUN_TESTS(cmocka_unit_test(sha256_gives_the_digest_of_fips_180_4),
          cmocka_unit_test(hmac_gives_the_tags_of_rfc_2202_and_rfc_4231),
          cmocka_unit_test(hmac_of_parts_is_that_of_the_whole_and_a_key_serves_again))
