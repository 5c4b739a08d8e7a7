/* PBKDF2 with HMAC-SHA-256 against RFC 7914 section 11. */
#include "crypto/pbkdf2.h"

#include "tests/hex.h"

static const struct {
    const char *what, *password, *salt;
    uint32_t rounds;
    const char *key;
} ROWS[] = {
    {"one round", "passwd", "salt", 1,
     "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"},
    {"many rounds", "Password", "NaCl", 80000,
     "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"},
};

TEST(pbkdf2_gives_the_published_keys)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        uint8_t want[IC_HMAC_SHA256_LEN], key[IC_HMAC_SHA256_LEN];
        from_hex(want, ROWS[i].key);
        ic_pbkdf2(key, ic_bytes_of_text(ROWS[i].password), ic_bytes_of_text(ROWS[i].salt),
                  ROWS[i].rounds);
        CHECK_ROW(ROWS[i].what, memcmp(key, want, sizeof key) == 0);
    }
}

RUN_TESTS(cmocka_unit_test(pbkdf2_gives_the_published_keys))
