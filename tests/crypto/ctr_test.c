/* AES-CM against the keystream of RFC 3711 appendix B.2. */
#include "crypto/ctr.h"

#include "tests/hex.h"

TEST(ctr_gives_the_keystream_of_rfc_3711_b_2)
{
    static const struct {
        const char *first, *stream;
    } rows[] = {
        {"f0f1f2f3f4f5f6f7f8f9fafbfcfd0000",
         "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
         "41e95b3bb0a2e8dd477901e4fca894c0"},
        {"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
         "ec8cdf7398607cb0f2d21675ea9ea1e4362b7c3c6773516318a077d7fc5073ae"
         "6a2cc3787889374fbeb4c81b17ba6c44"},
    };
    uint8_t key[IC_CTR_KEY_LEN];
    struct ic_ctr *ctr;

    from_hex(key, "2b7e151628aed2a6abf7158809cf4f3c");
    assert_int_equal(ic_ctr_new(&ctr, key), IC_OK);
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t first[IC_CTR_BLOCK_LEN], expected[48], text[48] = {0};
        from_hex(first, rows[i].first);
        from_hex(expected, rows[i].stream);
        assert_int_equal(ic_ctr_apply(ctr, first, text, sizeof text), IC_OK);
        assert_memory_equal(text, expected, sizeof text);
        assert_int_equal(ic_ctr_apply(ctr, first, text, sizeof text), IC_OK);
        for (size_t b = 0; b < sizeof text; b++)
            assert_int_equal(text[b], 0);
    }
    ic_ctr_free(ctr);
    ic_ctr_free(NULL);
}

RUN_TESTS(cmocka_unit_test(ctr_gives_the_keystream_of_rfc_3711_b_2))
