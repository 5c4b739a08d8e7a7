/* STUN against the samples of RFC 5769, and against damage. */
#include "media/stun.h"

#include "tests/hex.h"

#define TRANSACTION "b7e7a701bc34d686fa87dfae"

/* Section 2.1: request with SOFTWARE, PRIORITY, ICE-CONTROLLED, USERNAME. */
static const char REQUEST[] =
    "000100582112a442" TRANSACTION "802200105354554e207465737420636c69656e74"
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
/* Section 2.2 and 2.3: responses with an IPv4 and an IPv6 address. */
static const char RESPONSE_IPV4[] =
    "0101003c2112a442" TRANSACTION "8022000b7465737420766563746f7220"
    "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"
    "80280004c07d4c96";
static const char RESPONSE_IPV6[] =
    "010100482112a442" TRANSACTION "8022000b7465737420766563746f7220"
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";
static const char PASSWORD[] = "VOkJxbRl1RmTxUk/WvJxBt";

enum { MESSAGE_MAX = 256 };

static struct ic_hmac_key key_of(const char *password)
{
    struct ic_hmac_key key;
    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(password));
    return key;
}

TEST(stun_reads_the_request_of_rfc_5769)
{
    uint8_t bytes[MESSAGE_MAX];
    struct ic_bytes datagram = {bytes, from_hex(bytes, REQUEST)};
    struct ic_hmac_key key = key_of(PASSWORD), wrong = key_of("VOkJxbRl1RmTxUk/WvJxBT");
    struct ic_stun_message m;

    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(m.class, IC_STUN_REQUEST);
    assert_int_equal(m.username.len, 9);
    assert_memory_equal(m.username.at, "evtj:h6vY", 9);
    assert_int_equal(m.priority, 0x6e0001ff);
    assert_int_equal(m.role, IC_STUN_CONTROLLED);
    assert_true(m.tie_breaker == UINT64_C(0x932ff9b151263b36));
    assert_false(m.use_candidate);
    assert_int_equal(m.unknown_count, 0);
    struct ic_bytes ufrag = ic_stun_receiver_ufrag(&m);
    assert_int_equal(ufrag.len, 4);
    assert_memory_equal(ufrag.at, "evtj", 4);
    assert_int_equal(ic_stun_verify(&m, datagram, &key), IC_OK);
    assert_int_equal(ic_stun_verify(&m, datagram, &wrong), IC_ERR_FORGED);
}

TEST(stun_reads_the_responses_of_rfc_5769)
{
    static const struct {
        const char *message, *ip;
    } rows[] = {{RESPONSE_IPV4, "192.0.2.1"},
                {RESPONSE_IPV6, "2001:db8:1234:5678:11:2233:4455:6677"}};
    struct ic_hmac_key key = key_of(PASSWORD);

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t bytes[MESSAGE_MAX];
        struct ic_bytes datagram = {bytes, from_hex(bytes, rows[i].message)};
        struct ic_stun_message m;
        struct ic_address expected;
        assert_int_equal(ic_address_parse(&expected, rows[i].ip, 32853), IC_OK);
        assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
        assert_int_equal(m.class, IC_STUN_SUCCESS);
        CHECK_ROW(rows[i].ip, ic_address_equal(&m.mapped, &expected));
        assert_int_equal(ic_stun_verify(&m, datagram, &key), IC_OK);
    }
}

TEST(stun_rejects_every_truncation)
{
    static const char *const messages[] = {REQUEST, RESPONSE_IPV4, RESPONSE_IPV6};

    for (size_t i = 0; i < IC_COUNT(messages); i++) {
        uint8_t bytes[MESSAGE_MAX];
        size_t len = from_hex(bytes, messages[i]);
        for (size_t cut = 0; cut < len; cut++) {
            struct ic_stun_message m = {.priority = 77};
            uint8_t *exact = memcpy(test_malloc(cut + 1), bytes, cut); /* so that ASan sees */
            assert_int_equal(ic_stun_parse(&m, (struct ic_bytes){exact, cut}), IC_ERR_MALFORMED);
            assert_int_equal(m.priority, 77);
            test_free(exact);
        }
    }
}

TEST(stun_refuses_a_flip_of_any_authenticated_bit)
{
    uint8_t good[MESSAGE_MAX], bytes[MESSAGE_MAX];
    size_t len = from_hex(good, REQUEST);
    struct ic_hmac_key key = key_of(PASSWORD);
    struct ic_stun_message m;

    for (size_t bit = 0; bit < 8 * (len - 8); bit++) { /* all but the fingerprint */
        memcpy(bytes, good, len);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct ic_bytes datagram = {bytes, len};
        assert_true(ic_stun_parse(&m, datagram) != IC_OK ||
                    ic_stun_verify(&m, datagram, &key) != IC_OK);
    }
}

/* A check of ours, without its fingerprint so that damage reaches the parser. */
static size_t plain_check(uint8_t *out, const struct ic_hmac_key *key)
{
    struct ic_stun_check check = {.transaction = "transaction",
                                  .username = ic_bytes_of_text("them:us"),
                                  .priority = 1853824767,
                                  .tie_breaker = 99,
                                  .use_candidate = true};
    size_t len = ic_stun_write_check(out, IC_STUN_REQUEST_MAX, &check, key) - 8;
    out[3] = (uint8_t)(len - 20);
    return len;
}

TEST(stun_rejects_each_damaged_byte)
{
    /* 20 USERNAME 7+1, 32 PRIORITY 4, 40 ICE-CONTROLLING 8, 52 USE-CANDIDATE, 56 integrity */
    static const struct {
        const char *what;
        size_t offset;
        uint8_t value;
    } damage[] = {
        {"another method", 1, 0x03},       {"a length four short", 3, 56},
        {"a length four long", 3, 64},     {"another magic", 4, 0x22},
        {"a name past the end", 23, 0xff}, {"a name of 65,000 bytes", 22, 0xff},
        {"a priority of three", 35, 3},    {"a role of seven", 43, 7},
        {"a nomination of one", 55, 1},    {"an integrity of nineteen", 59, 19},
        {"an integrity of none", 59, 0},
    };
    struct ic_hmac_key key = key_of("password of the server");
    struct ic_stun_message m;

    for (size_t i = 0; i < IC_COUNT(damage); i++) {
        uint8_t bytes[IC_STUN_REQUEST_MAX];
        size_t len = plain_check(bytes, &key);
        assert_int_equal(ic_stun_parse(&m, (struct ic_bytes){bytes, len}), IC_OK);
        bytes[damage[i].offset] = damage[i].value;
        CHECK_ROW(damage[i].what,
                  ic_stun_parse(&m, (struct ic_bytes){bytes, len}) == IC_ERR_MALFORMED);
    }
}

TEST(stun_with_a_wrong_fingerprint_was_not_stun)
{
    uint8_t bytes[MESSAGE_MAX];
    size_t len = from_hex(bytes, REQUEST);
    struct ic_stun_message m;

    for (size_t at = 24; at < len; at = at == 39 ? len - 4 : at + 1) { /* SOFTWARE, fingerprint */
        bytes[at] ^= 0x10;
        assert_int_equal(ic_stun_parse(&m, (struct ic_bytes){bytes, len}), IC_ERR_MALFORMED);
        bytes[at] ^= 0x10;
    }
}

static uint32_t fingerprint(const uint8_t *bytes, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < 8 * len; i++) {
        crc ^= bytes[i / 8] >> i % 8 & 1;
        crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc ^ 0x5354554e;
}

TEST(stun_ends_with_its_fingerprint)
{
    uint8_t bytes[MESSAGE_MAX];
    size_t len = from_hex(bytes, REQUEST);
    struct ic_stun_message m;

    memset(bytes + len, 0, 4); /* one more attribute, of a type that may be skipped */
    bytes[len] = 0x80;
    bytes[3] += 4;
    struct ic_writer w = ic_writer_of(bytes + len - 4, 4);
    ic_write_uint(&w, fingerprint(bytes, len - 8), 4); /* right, but in the wrong place */
    assert_int_equal(ic_stun_parse(&m, (struct ic_bytes){bytes, len + 4}), IC_ERR_MALFORMED);
}

TEST(stun_without_integrity_is_never_verified)
{
    uint8_t bytes[IC_STUN_REQUEST_MAX];
    struct ic_hmac_key key = key_of("password of the server");
    struct ic_stun_message m;
    size_t len = plain_check(bytes, &key) - 24;

    bytes[3] = (uint8_t)(len - 20);
    struct ic_bytes datagram = {bytes, len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_stun_verify(&m, datagram, &key), IC_ERR_FORGED);
}

TEST(stun_ignores_what_follows_the_integrity)
{
    static const uint8_t LATE[] = {0, 0x25, 0, 0, 0, 6, 0, 4, 'e', 'v', 'i', 'l'};
    uint8_t bytes[MESSAGE_MAX];
    size_t len = from_hex(bytes, REQUEST) - 8; /* without the fingerprint */
    struct ic_hmac_key key = key_of(PASSWORD);
    struct ic_stun_message m;

    memcpy(bytes + len, LATE, sizeof LATE);
    len += sizeof LATE;
    bytes[3] = (uint8_t)(len - 20);
    struct ic_bytes datagram = {bytes, len};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(ic_stun_verify(&m, datagram, &key), IC_OK);
    assert_false(m.use_candidate);
    assert_memory_equal(m.username.at, "evtj", 4);
}

TEST(stun_names_what_it_must_know_but_does_not)
{
    uint8_t bytes[IC_STUN_REQUEST_MAX], reply[IC_STUN_RESPONSE_MAX];
    struct ic_hmac_key key = key_of("password of the server");
    struct ic_stun_message m, error;
    size_t len = plain_check(bytes, &key);

    bytes[53] = 0x77; /* USE-CANDIDATE becomes 0x0077, which nobody defined */
    assert_int_equal(ic_stun_parse(&m, (struct ic_bytes){bytes, len}), IC_OK);
    assert_int_equal(m.unknown_count, 1);
    assert_int_equal(m.unknown[0], 0x0077);
    assert_false(m.use_candidate);

    len = ic_stun_write_error(reply, sizeof reply, &m, IC_STUN_UNKNOWN_ATTRIBUTE, &key);
    struct ic_bytes datagram = {reply, len};
    assert_int_equal(ic_stun_parse(&error, datagram), IC_OK);
    assert_int_equal(ic_stun_verify(&error, datagram, &key), IC_OK);
    assert_int_equal(error.class, IC_STUN_ERROR);
    assert_int_equal(error.error_code, IC_STUN_UNKNOWN_ATTRIBUTE);
    assert_memory_equal(error.transaction, "transaction", 12);
    assert_memory_equal(reply + 48, ((uint8_t[]){0, 0x0a, 0, 2, 0, 0x77, 0, 0}), 8);
}

/* There is room for four. */
TEST(stun_names_no_more_of_them_than_its_answer_has_room_for)
{
    uint8_t bytes[20 + 4 * 9] = {0, 1, 0, 4 * 9, 0x21, 0x12, 0xA4, 0x42},
                           reply[IC_STUN_RESPONSE_MAX];
    struct ic_hmac_key key = key_of("x");
    struct ic_stun_message m;

    for (uint8_t i = 0; i < 9; i++)
        bytes[20 + 4 * i + 1] = 0x70 + i; /* without a value */
    assert_int_equal(ic_stun_parse(&m, (struct ic_bytes){bytes, sizeof bytes}), IC_OK);
    assert_int_equal(m.unknown_count, IC_STUN_UNKNOWN_MAX);
    for (uint8_t i = 0; i < IC_STUN_UNKNOWN_MAX; i++)
        assert_int_equal(m.unknown[i], 0x70 + i);
    assert_true(ic_stun_write_error(reply, sizeof reply, &m, IC_STUN_UNKNOWN_ATTRIBUTE, &key) > 0);
}

TEST(stun_takes_the_ufrag_of_no_name_without_a_colon)
{
    struct ic_stun_message m = {.username = ic_bytes_of_text("nobody")};

    assert_int_equal(ic_stun_receiver_ufrag(&m).len, 0);
    m.username = (struct ic_bytes){0};
    assert_int_equal(ic_stun_receiver_ufrag(&m).len, 0);
}

TEST(stun_error_codes_are_300_to_699)
{
    static const struct {
        const char *what;
        uint8_t hundreds, rest;
        bool good;
    } rows[] = {{"200", 2, 0, false},  {"300", 3, 0, true},
                {"487", 4, 87, true},  {"699", 6, 99, true},
                {"700", 7, 0, false},  {"a hundred too many", 4, 100, false},
                {"299", 2, 99, false}, {"unused bits", 0xfc, 1, true}};
    struct ic_hmac_key key = key_of("x");
    struct ic_stun_message request = {0}, m;

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t bytes[IC_STUN_RESPONSE_MAX];
        size_t len =
            ic_stun_write_error(bytes, sizeof bytes, &request, IC_STUN_BAD_REQUEST, &key) - 8;
        bytes[3] = (uint8_t)(len - 20); /* without the fingerprint */
        bytes[26] = rows[i].hundreds;
        bytes[27] = rows[i].rest;
        enum ic_err err = ic_stun_parse(&m, (struct ic_bytes){bytes, len});
        CHECK_ROW(rows[i].what, (err == IC_OK) == rows[i].good);
    }
}

TEST(stun_reads_back_what_it_writes)
{
    static const char *const ips[] = {"203.0.113.7", "2001:db8::7"};
    struct ic_hmac_key key = key_of("password of the server");
    uint8_t request[IC_STUN_REQUEST_MAX], reply[IC_STUN_RESPONSE_MAX];
    struct ic_stun_message m, answer;

    struct ic_bytes datagram = {request, plain_check(request, &key)};
    assert_int_equal(ic_stun_parse(&m, datagram), IC_OK);
    assert_int_equal(m.priority, 1853824767);
    assert_int_equal(m.role, IC_STUN_CONTROLLING);
    assert_true(m.tie_breaker == 99);
    assert_true(m.use_candidate);
    for (size_t i = 0; i < IC_COUNT(ips); i++) {
        struct ic_address mapped;
        assert_int_equal(ic_address_parse(&mapped, ips[i], 61234), IC_OK);
        size_t len = ic_stun_write_success(reply, sizeof reply, &m, &mapped, &key);
        struct ic_bytes bytes = {reply, len};
        assert_int_equal(ic_stun_parse(&answer, bytes), IC_OK);
        assert_int_equal(ic_stun_verify(&answer, bytes, &key), IC_OK);
        CHECK_ROW(ips[i], ic_address_equal(&answer.mapped, &mapped));
    }
}

TEST(stun_writes_nothing_that_does_not_fit)
{
    struct ic_hmac_key key = key_of("x");
    char name[514];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = 0;
    struct ic_stun_check check = {.username = ic_bytes_of_text(name), .use_candidate = true};
    uint8_t bytes[IC_STUN_REQUEST_MAX];

    size_t full = ic_stun_write_check(bytes, sizeof bytes, &check, &key);
    assert_true(full > 0);
    for (size_t size = 0; size < full; size++)
        assert_int_equal(ic_stun_write_check(bytes, size, &check, &key), 0);
}

RUN_TESTS(cmocka_unit_test(stun_reads_the_request_of_rfc_5769),
          cmocka_unit_test(stun_reads_the_responses_of_rfc_5769),
          cmocka_unit_test(stun_rejects_every_truncation),
          cmocka_unit_test(stun_refuses_a_flip_of_any_authenticated_bit),
          cmocka_unit_test(stun_rejects_each_damaged_byte),
          cmocka_unit_test(stun_with_a_wrong_fingerprint_was_not_stun),
          cmocka_unit_test(stun_ends_with_its_fingerprint),
          cmocka_unit_test(stun_without_integrity_is_never_verified),
          cmocka_unit_test(stun_ignores_what_follows_the_integrity),
          cmocka_unit_test(stun_names_what_it_must_know_but_does_not),
          cmocka_unit_test(stun_names_no_more_of_them_than_its_answer_has_room_for),
          cmocka_unit_test(stun_takes_the_ufrag_of_no_name_without_a_colon),
          cmocka_unit_test(stun_error_codes_are_300_to_699),
          cmocka_unit_test(stun_reads_back_what_it_writes),
          cmocka_unit_test(stun_writes_nothing_that_does_not_fit))
