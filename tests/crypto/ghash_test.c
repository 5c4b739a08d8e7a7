/* GHASH against the GCM specification and against its definition, bit by bit. */
#include "crypto/ghash.h"

#include "tests/hex.h"

enum { TEXT_MAX = 70 };

static const struct {
    const char *what, *key, *aad, *sealed, *hash;
} ROWS[] = {
    {"GCM specification, case 1", "66e94bd4ef8a2c3b884cfa59ca342b2e", "", "",
     "00000000000000000000000000000000"},
    {"GCM specification, case 2", "66e94bd4ef8a2c3b884cfa59ca342b2e", "",
     "0388dace60b6a392f328c2b971b2fe78", "f38cbb1ad69223dcc3457ae5b6b0f885"},
    {"GCM specification, case 4", "b83b533708bf535d0aa6e52980d53b78",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
     "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
     "698e57f70e6ecc7fd9463b7260a9ae5f"},
};

TEST(ghash_gives_the_published_values)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        uint8_t key[IC_GHASH_LEN], want[IC_GHASH_LEN], hash[IC_GHASH_LEN];
        uint8_t aad[TEXT_MAX], sealed[TEXT_MAX];
        from_hex(key, ROWS[i].key);
        from_hex(want, ROWS[i].hash);
        struct ic_bytes aad_bytes = {aad, from_hex(aad, ROWS[i].aad)};
        ic_ghash(hash, key, aad_bytes, (struct ic_bytes){sealed, from_hex(sealed, ROWS[i].sealed)});
        CHECK_ROW(ROWS[i].what, memcmp(hash, want, sizeof hash) == 0);
    }
}

/* SP 800-38D section 6.3: bit by bit, the first bit of a block is that of x^0. */
static void multiply(uint8_t *product, const uint8_t *by)
{
    uint8_t sum[IC_GHASH_LEN] = {0}, shifted[IC_GHASH_LEN];

    memcpy(shifted, by, sizeof shifted);
    for (size_t bit = 0; bit < 128; bit++) {
        if (product[bit / 8] >> (7 - bit % 8) & 1)
            for (size_t i = 0; i < sizeof sum; i++)
                sum[i] ^= shifted[i];
        bool carry = shifted[IC_GHASH_LEN - 1] & 1;
        for (size_t i = IC_GHASH_LEN - 1; i > 0; i--)
            shifted[i] = (uint8_t)(shifted[i] >> 1 | shifted[i - 1] << 7);
        shifted[0] = (uint8_t)(shifted[0] >> 1 ^ (carry ? 0xe1 : 0));
    }
    memcpy(product, sum, sizeof sum);
}

static void add(uint8_t *hash, const uint8_t *key, struct ic_bytes text)
{
    for (size_t at = 0; at < text.len; at += IC_GHASH_LEN) {
        for (size_t i = 0; i < IC_GHASH_LEN && at + i < text.len; i++)
            hash[i] ^= text.at[at + i];
        multiply(hash, key);
    }
}

static void by_definition(uint8_t *hash, const uint8_t *key, struct ic_bytes aad,
                          struct ic_bytes sealed)
{
    uint8_t lengths[IC_GHASH_LEN];
    struct ic_writer w = ic_writer_of(lengths, sizeof lengths);

    ic_write_uint(&w, (uint64_t)aad.len * 8, 8);
    ic_write_uint(&w, (uint64_t)sealed.len * 8, 8);
    memset(hash, 0, IC_GHASH_LEN);
    add(hash, key, aad);
    add(hash, key, sealed);
    add(hash, key, ic_written(&w));
}

static void check(const uint8_t *key, const uint8_t *text, size_t aad_len, size_t len)
{
    uint8_t want[IC_GHASH_LEN], hash[IC_GHASH_LEN];
    struct ic_bytes aad = {text, aad_len}, sealed = {text + aad_len, len};

    by_definition(want, key, aad, sealed);
    ic_ghash(hash, key, aad, sealed);
    assert_memory_equal(hash, want, sizeof hash);
}

TEST(ghash_is_what_its_definition_says_for_every_length)
{
    uint8_t bytes[IC_GHASH_LEN + 2 * TEXT_MAX];
    uint32_t number = 1;

    for (size_t aad_len = 0; aad_len < TEXT_MAX; aad_len += 7)
        for (size_t len = 0; len < TEXT_MAX; len++) {
            for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t)((number = number * 1664525 + 1013904223) >> 24);
            check(bytes, bytes + IC_GHASH_LEN, aad_len, len);
        }
}

TEST(ghash_carries_nothing_from_one_column_into_the_next)
{
    uint8_t key[IC_GHASH_LEN], text[IC_GHASH_LEN];

    memset(key, 0xff, sizeof key);
    memset(text, 0xff, sizeof text);
    check(key, text, 0, sizeof text);
    for (size_t bit = 0; bit < 128; bit++) {
        memset(text, 0, sizeof text);
        text[bit / 8] = (uint8_t)(1 << bit % 8);
        check(key, text, 0, sizeof text);
        check(text, key, 0, sizeof key);
    }
}

RUN_TESTS(cmocka_unit_test(ghash_gives_the_published_values),
          cmocka_unit_test(ghash_is_what_its_definition_says_for_every_length),
          cmocka_unit_test(ghash_carries_nothing_from_one_column_into_the_next))
