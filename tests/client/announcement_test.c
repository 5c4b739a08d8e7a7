/* An announcement says what docs/protocol.md shows, and nothing else is believed. */
#include "client/announcement.h"
#include "tests/test.h"

#include <stdio.h>

#define NONCE "AAECAwQFBgcICQoLDA0ODw"

static enum ic_err read_text(struct ic_announcement *out, const char *text)
{
    return ic_announcement_read(out, ic_bytes_of_text(text));
}

TEST(announcement_reads_the_example_of_the_protocol_with_its_padding)
{
    struct ic_announcement a;
    assert_int_equal(read_text(&a, "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                                   "\",\"serial\":2,\"name\":\"Layla Rahman\",\n"
                                   " \"streams\":[\"microphone\",\"camera\"]}          "),
                     IC_OK);
    assert_int_equal(a.index, 3);
    assert_int_equal(a.epoch.number, 7);
    assert_int_equal(a.epoch.nonce[15], 15);
    assert_int_equal(a.serial, 2);
    assert_string_equal(a.name, "Layla Rahman");
    assert_int_equal(a.streams, 1 << IC_STREAM_MICROPHONE | 1 << IC_STREAM_CAMERA);
    assert_false(a.away);
}

TEST(announcement_reads_back_what_it_wrote)
{
    const struct ic_announcement a = {.index = 1023,
                                      .epoch = {.number = 255, .nonce = {9, 8, 7}},
                                      .serial = 70000,
                                      .name = "ليلى \"L\"",
                                      .streams = 15,
                                      .away = true};
    struct ic_announcement b;
    char text[512];

    size_t len = ic_announcement_write(text, sizeof text, &a);
    assert_true(len > 0);
    assert_int_equal(ic_announcement_read(&b, (struct ic_bytes){(uint8_t *)text, len}), IC_OK);
    assert_string_equal(b.name, a.name);
    assert_memory_equal(b.epoch.nonce, a.epoch.nonce, sizeof a.epoch.nonce);
    assert_int_equal(b.serial, a.serial);
    assert_int_equal(b.streams, a.streams);
    assert_true(b.away);
    assert_int_equal(ic_announcement_write(text, len - 1, &a), 0);
}

TEST(announcement_refuses_every_other_shape)
{
    static const struct {
        const char *what, *text;
    } bad[] = {
        {"nothing", ""},
        {"another version", "{\"announcement\":2,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                            "\",\"serial\":2,\"name\":\"\",\"streams\":[]}"},
        {"an index out of range",
         "{\"announcement\":1,\"index\":1024,\"epoch\":7,\"nonce\":\"" NONCE
         "\",\"serial\":2,\"name\":\"\",\"streams\":[]}"},
        {"an epoch out of range", "{\"announcement\":1,\"index\":3,\"epoch\":256,\"nonce\":\"" NONCE
                                  "\",\"serial\":2,\"name\":\"\",\"streams\":[]}"},
        {"a short nonce", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"AAEC\","
                          "\"serial\":2,\"name\":\"\",\"streams\":[]}"},
        {"a negative serial", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                              "\",\"serial\":-2,\"name\":\"\",\"streams\":[]}"},
        {"a stream twice", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                           "\",\"serial\":2,\"name\":\"\",\"streams\":[\"camera\",\"camera\"]}"},
        {"an unknown stream", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                              "\",\"serial\":2,\"name\":\"\",\"streams\":[\"keyboard\"]}"},
        {"one more key", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                         "\",\"serial\":2,\"name\":\"\",\"streams\":[],\"role\":\"host\"}"},
        {"away as a word", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                           "\",\"serial\":2,\"name\":\"\",\"streams\":[],\"away\":\"yes\"}"},
        {"no name", "{\"announcement\":1,\"index\":3,\"epoch\":7,\"nonce\":\"" NONCE
                    "\",\"serial\":2,\"streams\":[]}"},
    };
    for (size_t i = 0; i < IC_COUNT(bad); i++) {
        struct ic_announcement a;
        CHECK_ROW(bad[i].what, read_text(&a, bad[i].text) == IC_ERR_MALFORMED);
    }
}

RUN_TESTS(cmocka_unit_test(announcement_reads_the_example_of_the_protocol_with_its_padding),
          cmocka_unit_test(announcement_reads_back_what_it_wrote),
          cmocka_unit_test(announcement_refuses_every_other_shape))
