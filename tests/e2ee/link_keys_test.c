/* What docs/protocol.md derives from a link. The values were computed apart from this code. */
#include "e2ee/link_keys.h"

#include "base/encode.h"
#include "tests/test.h"

static void count_up(uint8_t *out, size_t len, uint8_t from)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(from + i);
}

static struct ic_link_keys example(void)
{
    uint8_t secret[IC_LINK_SECRET_LEN], meeting[IC_MEETING_LEN];
    struct ic_link_keys keys;
    count_up(secret, sizeof secret, 0);
    count_up(meeting, sizeof meeting, 0x40);
    ic_link_keys_init(&keys, secret, meeting);
    return keys;
}

static void check(const uint8_t *bytes, size_t len, const char *want)
{
    char text[128];
    ic_hex_encode(text, (struct ic_bytes){bytes, len});
    assert_string_equal(text, want);
}

TEST(link_keys_are_those_of_the_protocol)
{
    struct ic_link_keys keys = example();
    uint8_t proof[IC_ADMISSION_PROOF_LEN], announcement[IC_ANNOUNCEMENT_KEY_LEN];
    uint8_t base[IC_SFRAME_BASE_KEY_LEN], nonce[IC_EPOCH_NONCE_LEN];

    ic_admission_proof(proof, keys.secret);
    check(proof, sizeof proof, "9dcb15d9bf41170fae746f0a2e7b141cf9b6cdf15e388c0c7697194c1958a5f9");
    ic_link_announcement_key(&keys, announcement);
    check(announcement, sizeof announcement, "0880de5b301ddf9143e4a8845a127d4b");
    count_up(nonce, sizeof nonce, 0x80);
    ic_link_base_key(&keys, base, nonce, (struct ic_key_id){IC_STREAM_CAMERA, 3, 7});
    check(base, sizeof base, "7d1d396495f65f81dca1039c6da6d0c6");
}

TEST(link_keys_differ_in_secret_meeting_nonce_stream_index_and_epoch)
{
    struct ic_link_keys keys = example(), other_secret = keys, other_meeting = keys;
    uint8_t nonce[IC_EPOCH_NONCE_LEN] = {0}, other_nonce[IC_EPOCH_NONCE_LEN] = {1};
    other_secret.secret[31] ^= 1;
    other_meeting.meeting[15] ^= 1;
    const struct {
        const char *what;
        const struct ic_link_keys *keys;
        const uint8_t *nonce;
        struct ic_key_id id;
    } rows[] = {
        {"the first", &keys, nonce, {IC_STREAM_CAMERA, 3, 7}},
        {"another secret", &other_secret, nonce, {IC_STREAM_CAMERA, 3, 7}},
        {"another meeting", &other_meeting, nonce, {IC_STREAM_CAMERA, 3, 7}},
        {"another nonce", &keys, other_nonce, {IC_STREAM_CAMERA, 3, 7}},
        {"another stream", &keys, nonce, {IC_STREAM_SCREEN, 3, 7}},
        {"another index", &keys, nonce, {IC_STREAM_CAMERA, 4, 7}},
        {"another epoch", &keys, nonce, {IC_STREAM_CAMERA, 3, 8}},
    };
    uint8_t made[IC_COUNT(rows)][IC_SFRAME_BASE_KEY_LEN];

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        ic_link_base_key(rows[i].keys, made[i], rows[i].nonce, rows[i].id);
        for (size_t j = 0; j < i; j++)
            CHECK_ROW(rows[i].what, memcmp(made[i], made[j], sizeof made[i]) != 0);
    }
}

TEST(key_ids_have_the_layout_of_the_protocol_and_foreign_ones_are_refused)
{
    struct ic_key_id id = {IC_STREAM_SCREEN_AUDIO, 1023, 255}, back;

    assert_int_equal(ic_key_id_number(id), 3 << 18 | 1023 << 8 | 255);
    assert_true(ic_key_id_parse(&back, ic_key_id_number(id)));
    assert_int_equal(back.stream, id.stream);
    assert_int_equal(back.index, id.index);
    assert_int_equal(back.epoch, id.epoch);
    assert_false(ic_key_id_parse(&back, 4 << 18));
    assert_false(ic_key_id_parse(&back, 1 << 21));
    assert_false(ic_key_id_parse(&back, UINT64_MAX));
}

RUN_TESTS(cmocka_unit_test(link_keys_are_those_of_the_protocol),
          cmocka_unit_test(link_keys_differ_in_secret_meeting_nonce_stream_index_and_epoch),
          cmocka_unit_test(key_ids_have_the_layout_of_the_protocol_and_foreign_ones_are_refused))
