/* base64url has one spelling for one value. */
#include "base/encode.h"

#include "tests/test.h"

TEST(base64url_round_trips_the_values_of_rfc_4648)
{
    static const struct {
        const char *bytes, *text;
    } rows[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xff\xef", "_-8"}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_bytes bytes = ic_bytes_of_text(rows[i].bytes);
        char text[16];
        uint8_t back[16] = {0};
        ic_base64url_encode(text, bytes);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(ic_base64url_decoded_len(text), bytes.len);
        assert_true(ic_base64url_is_valid(text));
        assert_int_equal(ic_base64url_decode(back, bytes.len, text), IC_OK);
        assert_memory_equal(back, bytes.at, bytes.len);
    }
}

TEST(base64url_refuses_every_other_spelling)
{
    static const struct {
        const char *what, *text;
    } rows[] = {{"padding", "Zg=="}, {"trailing bits", "Zh"}, {"the other alphabet", "+g"},
                {"too short", "Z"},  {"too long", "Zgg"},     {"a space", "Z "}};
    uint8_t out[2] = {7, 7};

    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].what, ic_base64url_decode(out, 1, rows[i].text) == IC_ERR_MALFORMED);
    assert_int_equal(out[0], 7);
}

TEST(base64url_is_valid_when_it_can_be_decoded)
{
    static const char *const rows[] = {"Zg==", "Zh", "+g", "Z", "Z ", "Zm9vY", "Zm9", "Zm9vYh"};

    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i], !ic_base64url_is_valid(rows[i]));
    for (int c = 1; c < 256; c++) {
        const char text[] = {'A', (char)c, 0};
        uint8_t out[1];
        bool decodes = ic_base64url_decode(out, 1, text) == IC_OK;
        CHECK_ROW(text, ic_base64url_is_valid(text) == decodes);
    }
}

TEST(hex_round_trips_and_refuses_what_is_not_hex)
{
    uint8_t out[2];
    char text[5];

    ic_hex_encode(text, (struct ic_bytes){(const uint8_t *)"\x0a\xff", 2});
    assert_string_equal(text, "0aff");
    assert_int_equal(ic_hex_decode(out, 2, "0AfF"), IC_OK);
    assert_memory_equal(out, "\x0a\xff", 2);
    assert_int_equal(ic_hex_decode(out, 2, "0aff0"), IC_ERR_MALFORMED);
    assert_int_equal(ic_hex_decode(out, 2, "0agf"), IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(base64url_round_trips_the_values_of_rfc_4648),
          cmocka_unit_test(base64url_refuses_every_other_spelling),
          cmocka_unit_test(base64url_is_valid_when_it_can_be_decoded),
          cmocka_unit_test(hex_round_trips_and_refuses_what_is_not_hex))
