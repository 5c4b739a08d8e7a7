/* The published vectors of RFC 9605, read in place from $VECTORS/sframe, and damage. */
#include "e2ee/sframe.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/encode.h"
#include "crypto/aead.h"
#include "tests/test.h"

static json_t *load(const char *part)
{
    const char *folder = getenv("VECTORS");
    char path[4096];
    snprintf(path, sizeof path, "%s/sframe/sframe.json", folder ? folder : "../shared/vectors");
    json_t *all = json_load_file(path, JSON_DECODE_INT_AS_REAL, NULL);
    json_t *rows = all ? json_incref(json_object_get(all, part)) : NULL;
    json_decref(all);
    if (!rows) {
        print_message("the published vectors are not at %s\n", path);
        skip();
    }
    return rows;
}

static size_t hex(uint8_t *out, size_t size, const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    assert_non_null(text);
    size_t len = strlen(text) / 2;
    assert_true(len <= size);
    assert_int_equal(ic_hex_decode(out, len, text), IC_OK);
    return len;
}

static void check_hex(const json_t *row, const char *key, const uint8_t *bytes, size_t len)
{
    char text[512];
    assert_true(2 * len < sizeof text);
    ic_hex_encode(text, (struct ic_bytes){bytes, len});
    assert_string_equal(text, json_string_value(json_object_get(row, key)));
}

/* The largest values do not fit jansson's signed integers; it then gives the nearest double, which
 * for all ones is 2^64. */
static uint64_t number(const json_t *row, const char *key)
{
    double value = json_number_value(json_object_get(row, key));
    return value >= 18446744073709551616.0 ? UINT64_MAX : (uint64_t)value;
}

/* Doubles hold 53 bits; vectors beyond are read from their encoding instead. */
static bool exact(uint64_t value)
{
    return value < UINT64_C(1) << 53 || value == UINT64_MAX;
}

TEST(sframe_headers_are_those_of_rfc_9605_both_ways)
{
    json_t *rows = load("header"), *row;
    size_t i, compared = 0;

    json_array_foreach(rows, i, row)
    {
        uint8_t want[IC_SFRAME_HEADER_MAX], got[IC_SFRAME_HEADER_MAX];
        struct ic_sframe_header header;
        size_t len, want_len = hex(want, sizeof want, row, "encoded");

        assert_int_equal(ic_sframe_header_read(&header, &len, (struct ic_bytes){want, want_len}),
                         IC_OK);
        assert_int_equal(len, want_len);
        assert_int_equal(ic_sframe_header_write(got, header), want_len);
        assert_memory_equal(got, want, want_len);
        if (exact(number(row, "kid")) && exact(number(row, "ctr"))) {
            assert_int_equal(header.key_id, number(row, "kid"));
            assert_int_equal(header.counter, number(row, "ctr"));
            compared++;
        }
    }
    assert_true(compared > 40);
    json_decref(rows);
}

/* Suites 1 and 3 are never used here, so their cipher is not written; their vectors still check
 * the schedule, the nonce and the additional data that they share with suite 4. */
TEST(sframe_keys_salts_and_nonces_are_those_of_rfc_9605_for_suites_1_3_and_4)
{
    json_t *rows = load("sframe"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        uint8_t base[16], nonce[12], header[IC_SFRAME_HEADER_MAX], aad[64];
        struct ic_sframe_secrets secrets;
        uint64_t counter = number(row, "ctr");

        hex(base, sizeof base, row, "base_key");
        ic_sframe_derive(&secrets, (enum ic_sframe_suite)number(row, "cipher_suite"), base,
                         number(row, "kid"));
        check_hex(row, "sframe_key", secrets.key, secrets.key_len);
        check_hex(row, "sframe_salt", secrets.salt, sizeof secrets.salt);
        ic_sframe_nonce(nonce, secrets.salt, counter);
        check_hex(row, "nonce", nonce, sizeof nonce);

        struct ic_writer w = ic_writer_of(aad, sizeof aad);
        uint8_t metadata[32];
        size_t metadata_len = hex(metadata, sizeof metadata, row, "metadata");
        size_t header_len =
            ic_sframe_header_write(header, (struct ic_sframe_header){number(row, "kid"), counter});
        ic_write_bytes(&w, (struct ic_bytes){header, header_len});
        ic_write_bytes(&w, (struct ic_bytes){metadata, metadata_len});
        check_hex(row, "aad", aad, w.len);
    }
    json_decref(rows);
}

TEST(sframe_whole_frame_of_suite_4_is_that_of_rfc_9605)
{
    json_t *rows = load("sframe"), *row;
    size_t i, checked = 0;

    json_array_foreach(rows, i, row)
    {
        if (number(row, "cipher_suite") != IC_SFRAME_AES_128_GCM_SHA256_128)
            continue;
        uint8_t base[16], nonce[12], aad[64], frame[128];
        struct ic_sframe_secrets secrets;
        struct ic_sframe_header header = {number(row, "kid"), number(row, "ctr")};
        struct ic_aead *aead;

        hex(base, sizeof base, row, "base_key");
        size_t aad_len = hex(aad, sizeof aad, row, "aad");
        ic_sframe_derive(&secrets, IC_SFRAME_AES_128_GCM_SHA256_128, base, header.key_id);
        ic_sframe_nonce(nonce, secrets.salt, header.counter);
        size_t at = ic_sframe_header_write(frame, header);
        size_t len = hex(frame + at, sizeof frame - at, row, "pt");
        assert_int_equal(ic_aead_new(&aead, secrets.key), IC_OK);
        assert_int_equal(
            ic_aead_seal(aead, nonce, (struct ic_bytes){aad, aad_len}, frame + at, len), IC_OK);
        check_hex(row, "ct", frame, at + len + IC_SFRAME_TAG_LEN);
        ic_aead_free(aead);
        checked++;
    }
    assert_int_equal(checked, 1);
    json_decref(rows);
}

TEST(sframe_header_read_rejects_every_truncation)
{
    uint8_t bytes[IC_SFRAME_HEADER_MAX];
    struct ic_sframe_header header = {UINT64_MAX, UINT64_MAX};
    size_t len, full = ic_sframe_header_write(bytes, header);

    assert_int_equal(full, IC_SFRAME_HEADER_MAX);
    for (size_t cut = 0; cut < full; cut++)
        assert_int_equal(ic_sframe_header_read(&header, &len, (struct ic_bytes){bytes, cut}),
                         IC_ERR_MALFORMED);
}

TEST(sframe_header_read_rejects_every_longer_spelling)
{
    static const struct {
        const char *what;
        uint8_t bytes[5];
        size_t len;
    } rows[] = {
        {"a key id of 7 in a byte of its own", {0x80, 7}, 2},
        {"a counter of 0 in a byte of its own", {0x08, 0}, 2},
        {"a key id of one byte in two", {0x90, 0x00, 0xFF}, 3},
        {"a counter of two bytes in three", {0x0A, 0x00, 0x01, 0x00}, 4},
        {"both", {0x88, 1, 1}, 3},
    };
    struct ic_sframe_header header = {1, 2};
    size_t len = 3;

    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].what, ic_sframe_header_read(
                                    &header, &len, (struct ic_bytes){rows[i].bytes, rows[i].len}) ==
                                    IC_ERR_MALFORMED);
    assert_int_equal(header.key_id + header.counter + len, 6);
}

RUN_TESTS(cmocka_unit_test(sframe_headers_are_those_of_rfc_9605_both_ways),
          cmocka_unit_test(sframe_keys_salts_and_nonces_are_those_of_rfc_9605_for_suites_1_3_and_4),
          cmocka_unit_test(sframe_whole_frame_of_suite_4_is_that_of_rfc_9605),
          cmocka_unit_test(sframe_header_read_rejects_every_truncation),
          cmocka_unit_test(sframe_header_read_rejects_every_longer_spelling))
