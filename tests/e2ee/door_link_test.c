/* Links, and the keys from them against other code (HKDF, PBKDF2 and Ed25519 of two other
 * languages). */
#include "e2ee/door/link.h"

#include "tests/hex.h"

static const char GUEST_TEXT[] =
    "AgABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fZPRqdSahhtI0ZVJFOuR4ylEkRnT1shuhUL1IOzn3yBI";
static const char HOST_TEXT[] =
    "AwABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fgIGCg4SFhoeIiYqLjI2Oj5CRkpOUlZaXmJmam5ydnp8";
static const char INVITE_TEXT[] =
    "BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fZPRqdSahhtI0ZVJFOuR4ylEkRnT1shuhUL1IOzn3yBI";

static const uint8_t SECRET[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                   16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
static const uint8_t MEETING[IC_MEETING_LEN] = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
                                                0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f};
static const uint8_t SEED[32] = {0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a,
                                 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95,
                                 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f};

static void check_hex(const uint8_t *got, const char *hex)
{
    uint8_t want[64];
    size_t len = from_hex(want, hex);
    assert_memory_equal(got, want, len);
}

TEST(link_of_each_kind_is_read_and_printed_as_the_same_text)
{
    static const struct {
        const char *text;
        enum ic_door_link_kind kind;
    } ROWS[] = {{GUEST_TEXT, IC_DOOR_LINK_GUEST},
                {HOST_TEXT, IC_DOOR_LINK_HOST},
                {INVITE_TEXT, IC_DOOR_LINK_INVITE}};
    static const uint8_t NOTHING[32];

    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_door_link link;
        char text[IC_DOOR_FRAGMENT_LEN + 1];
        assert_int_equal(ic_door_link_parse(&link, ROWS[i].text), IC_DOOR_LINK_FINE);
        assert_int_equal(link.kind, ROWS[i].kind);
        assert_memory_equal(link.secret, SECRET, 32);
        bool host = ROWS[i].kind == IC_DOOR_LINK_HOST;
        assert_memory_equal(link.root_seed, host ? SEED : NOTHING, 32);
        assert_int_equal(memcmp(link.pin, NOTHING, 32) == 0, host);
        ic_door_link_print(text, &link);
        assert_string_equal(text, ROWS[i].text);
    }
}

TEST(link_that_is_damaged_says_how)
{
    static const struct {
        const char *what, *text;
        enum ic_door_link_fault fault;
    } ROWS[] = {
        {"nothing", "", IC_DOOR_LINK_CUT},
        {"one character", "A", IC_DOOR_LINK_CUT},
        {"only a version", "Ag", IC_DOOR_LINK_CUT},
        {"first stage", "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f", IC_DOOR_LINK_FIRST_STAGE},
        {"first stage, cut", "AQAB", IC_DOOR_LINK_FIRST_STAGE},
        {"version 0", "AAAB", IC_DOOR_LINK_UNKNOWN},
        {"version 5", "BQAB", IC_DOOR_LINK_UNKNOWN},
        {"version 255", "_w", IC_DOOR_LINK_UNKNOWN},
        {"not base64url", "#gAB", IC_DOOR_LINK_CUT},
    };
    struct ic_door_link link;

    for (size_t i = 0; i < IC_COUNT(ROWS); i++)
        CHECK_ROW(ROWS[i].what, ic_door_link_parse(&link, ROWS[i].text) == ROWS[i].fault);
    for (size_t len = 0; len < IC_DOOR_FRAGMENT_LEN; len++) {
        char cut[IC_DOOR_FRAGMENT_LEN + 1] = {0};
        memcpy(cut, GUEST_TEXT, len);
        assert_int_equal(ic_door_link_parse(&link, cut), IC_DOOR_LINK_CUT);
    }
    char more[IC_DOOR_FRAGMENT_LEN + 2] = {0};
    memcpy(more, GUEST_TEXT, IC_DOOR_FRAGMENT_LEN);
    more[IC_DOOR_FRAGMENT_LEN] = 'A';
    assert_int_equal(ic_door_link_parse(&link, more), IC_DOOR_LINK_CUT);
    more[IC_DOOR_FRAGMENT_LEN] = 0;
    more[IC_DOOR_FRAGMENT_LEN - 1]++; /* trailing bits */
    assert_int_equal(ic_door_link_parse(&link, more), IC_DOOR_LINK_CUT);
}

TEST(link_secret_becomes_the_keys_that_other_code_finds)
{
    uint8_t out[32];

    ic_door_admission_proof(out, SECRET);
    check_hex(out, "07db6dcf4e1fc1f5bd67d07cb4720c853239afab645fd3ed0e580149c3549680");
    ic_door_psk(out, SECRET, MEETING, (struct ic_bytes){0});
    check_hex(out, "245945a2dd215becd7bcfad1c24d8eba91fad64e97b1d178b351427b3b5fd326");
    ic_door_card_key(out, SECRET, MEETING);
    check_hex(out, "c32fc088c9f86399eff3dfe5321e69df");
    ic_door_tag(out, SECRET, MEETING);
    check_hex(out, "d2d09fd41930f99b");
}

TEST(link_passcode_changes_the_key_as_other_code_finds)
{
    uint8_t key[IC_DOOR_PSK_LEN], psk[IC_DOOR_PSK_LEN];

#ifdef __wasm__
    skip(); /* minutes, see link.h */
#endif
    assert_int_equal(ic_door_passcode_key(key, ic_bytes_of_text("K\xc3\xa4se 42"), MEETING), IC_OK);
    check_hex(key, "4d634dabd163f9b39a8e978a4f17433c1968268681b76e6ae979bf2f3eb98586");
    ic_door_psk(psk, SECRET, MEETING, (struct ic_bytes){key, sizeof key});
    check_hex(psk, "c407def56fd277b0723e6d57dbb897a3fc49ef0f9630b69587098a5fa81c2f57");
}

/* ACC-20 */
TEST(link_blank_passcode_is_never_accepted)
{
    static const struct {
        const char *what, *passcode;
        enum ic_err err;
    } ROWS[] = {
        {"empty", "", IC_ERR_FORBIDDEN},
        {"spaces", "   ", IC_ERR_FORBIDDEN},
        {"line end", "\r\n", IC_ERR_FORBIDDEN},
        {"wide space", "\xe3\x80\x80", IC_ERR_FORBIDDEN},
        {"joiner", "\xe2\x80\x8d", IC_ERR_FORBIDDEN},
        {"control", "a\tb", IC_ERR_MALFORMED},
        {"no UTF-8", "a\xff", IC_ERR_MALFORMED},
    };
    uint8_t key[IC_DOOR_PSK_LEN];

    for (size_t i = 0; i < IC_COUNT(ROWS); i++)
        CHECK_ROW(ROWS[i].what, ic_door_passcode_key(key, ic_bytes_of_text(ROWS[i].passcode),
                                                     MEETING) == ROWS[i].err);
}

TEST(link_psk_id_names_meeting_and_version)
{
    uint8_t id[IC_DOOR_LINK_PSK_ID_LEN];

    ic_door_link_psk_id(id, MEETING, 0x01020304);
    assert_memory_equal(id, "incamera link", 13);
    assert_memory_equal(id + 13, MEETING, sizeof MEETING);
    check_hex(id + 29, "01020304");
}

TEST(link_of_the_host_gives_the_same_keys_after_a_reload)
{
    struct ic_door_host_keys keys;
    uint8_t private_key[IC_SIGNATURE_PRIVATE_MAX], public_key[IC_SIGNATURE_PUBLIC_MAX];

    assert_int_equal(ic_door_host_keys(&keys, SEED), IC_OK);
    check_hex(keys.root_private,
              "8e1906f31749ed8620958774a6523b4950d3840244cd81ac879d19934e40da46");
    check_hex(keys.root_public, "895ac436b8ecdd3d2abdd2a76483338f859a1877ca892404b6fc7c1ac9517c83");
    check_hex(keys.pin, "0d791ac263baf2bdc14592a8b11eabd6249d27853f83011c7e0542a7f128fbaa");
    check_hex(keys.proof, "aa39f42099b6586d6018e94ab4d733c5d82569ce90045cff4ab47d4b7fb0fd95");
    assert_int_equal(
        ic_door_host_leaf_key(private_key, public_key, IC_SIGNATURE_ED25519, SEED, MEETING), IC_OK);
    check_hex(private_key, "82a76c2f3106d13e2c37698d79e98bc45a0e32f26c48f5dd7a6925ab4f330672");
    check_hex(public_key, "9c3aba0b9e244cd5f7969b4fec9641d8d93151b657439ef68149095d2a2310c8");
    if (ic_signature_available(IC_SIGNATURE_ED448))
        assert_int_equal(
            ic_door_host_leaf_key(private_key, public_key, IC_SIGNATURE_ED448, SEED, MEETING),
            IC_OK);
    assert_int_equal(
        ic_door_host_leaf_key(private_key, public_key, IC_SIGNATURE_ECDSA_P256, SEED, MEETING),
        IC_ERR_NOT_FOUND);
}

TEST(link_of_the_host_gives_the_same_admit_key_after_a_reload)
{
    static uint8_t private_key[2][IC_KEM_PRIVATE_MAX], public_key[2][IC_KEM_PUBLIC_MAX];

    if (!ic_kem_available(IC_KEM_XWING))
        skip();
    for (int i = 0; i < 2; i++)
        assert_int_equal(ic_door_host_admit_key(private_key[i], public_key[i], SEED, MEETING),
                         IC_OK);
    assert_memory_equal(public_key[0], public_key[1], sizeof public_key[0]);
    static const uint8_t ELSEWHERE[IC_MEETING_LEN] = {1};
    assert_int_equal(ic_door_host_admit_key(private_key[1], public_key[1], SEED, ELSEWHERE), IC_OK);
    assert_memory_not_equal(public_key[0], public_key[1], sizeof public_key[0]);
}

RUN_TESTS(cmocka_unit_test(link_of_each_kind_is_read_and_printed_as_the_same_text),
          cmocka_unit_test(link_that_is_damaged_says_how),
          cmocka_unit_test(link_secret_becomes_the_keys_that_other_code_finds),
          cmocka_unit_test(link_passcode_changes_the_key_as_other_code_finds),
          cmocka_unit_test(link_blank_passcode_is_never_accepted),
          cmocka_unit_test(link_psk_id_names_meeting_and_version),
          cmocka_unit_test(link_of_the_host_gives_the_same_keys_after_a_reload),
          cmocka_unit_test(link_of_the_host_gives_the_same_admit_key_after_a_reload))
