/* A link is exactly what docs/protocol.md says, and there is one way to write it. */
#include "client/link.h"
#include "tests/test.h"

#include <stdio.h>

#define MEETING "AAECAwQFBgcICQoLDA0ODw"
#define FRAGMENT                                                                                   \
    "AgABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4fAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define FIRST_STAGE "AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
#define TOKEN "q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6j7k8l9z0x1c"

TEST(link_parse_reads_host_port_meeting_and_secret)
{
    struct ic_link link;

    assert_int_equal(ic_link_parse(&link, "https://meet.example/" MEETING "#" FRAGMENT), IC_OK);
    assert_string_equal(link.server.host, "meet.example");
    assert_int_equal(link.server.port, 443);
    assert_true(link.server.tls);
    for (uint8_t i = 0; i < 16; i++)
        assert_int_equal(link.meeting[i], i);
    for (uint8_t i = 0; i < 32; i++)
        assert_int_equal(link.door.secret[i], i);
}

static struct ic_link link_of(uint8_t kind)
{
    struct ic_link link = {.server = {.host = "meet.example", .port = 443, .tls = true},
                           .door = {.kind = (enum ic_door_link_kind)kind}};
    for (uint8_t i = 0; i < 32; i++)
        link.door.secret[i] = link.door.pin[i] = link.door.root_seed[i] = i;
    return link;
}

TEST(link_of_each_kind_is_read_as_it_was_printed)
{
    for (uint8_t kind = IC_DOOR_LINK_GUEST; kind <= IC_DOOR_LINK_INVITE; kind++) {
        struct ic_link link = link_of(kind), read;
        char text[IC_LINK_TEXT_SIZE], again[IC_LINK_TEXT_SIZE];
        ic_link_print(text, &link);
        assert_int_equal(ic_link_parse(&read, text), IC_OK);
        assert_int_equal(read.door.kind, kind);
        assert_memory_equal(read.door.secret, link.door.secret, sizeof link.door.secret);
        ic_link_print(again, &read);
        assert_string_equal(again, text);
    }
}

TEST(link_for_guests_names_the_host_and_does_not_hold_its_seed)
{
    struct ic_link host = link_of(IC_DOOR_LINK_HOST), guests;
    struct ic_door_host_keys keys;
    assert_int_equal(ic_door_host_keys(&keys, host.door.root_seed), IC_OK);
    assert_int_equal(ic_link_for_guests(&guests, &host), IC_OK);
    assert_int_equal(guests.door.kind, IC_DOOR_LINK_GUEST);
    assert_memory_equal(guests.door.secret, host.door.secret, sizeof host.door.secret);
    assert_memory_equal(guests.door.pin, keys.pin, sizeof keys.pin);
    assert_memory_not_equal(guests.door.root_seed, host.door.root_seed, 32);
}

TEST(link_print_gives_back_what_was_parsed)
{
    static const char *const links[] = {
        "http://localhost:8080/" MEETING "#" FRAGMENT,
        "https://meet.example/" MEETING "#" FRAGMENT,
        "https://[2001:db8::1]:8443/" MEETING "#" FRAGMENT,
        "http://[::1]/" MEETING "#" FRAGMENT,
    };
    for (size_t i = 0; i < IC_COUNT(links); i++) {
        struct ic_link link;
        char text[IC_LINK_TEXT_SIZE];
        CHECK_ROW(links[i], ic_link_parse(&link, links[i]) == IC_OK);
        ic_link_print(text, &link);
        CHECK_ROW(links[i], strcmp(text, links[i]) == 0);
    }
}

TEST(link_parse_refuses_what_is_not_a_link)
{
    static const struct {
        const char *what, *text;
    } bad[] = {
        {"nothing", ""},
        {"another scheme", "ftp://meet.example/" MEETING "#" FRAGMENT},
        {"no host", "https:///" MEETING "#" FRAGMENT},
        {"no path", "https://meet.example#" FRAGMENT},
        {"no fragment", "https://meet.example/" MEETING},
        {"an empty fragment", "https://meet.example/" MEETING "#"},
        {"a short meeting", "https://meet.example/AAECAwQF#" FRAGMENT},
        {"a short secret", "https://meet.example/" MEETING "#AgABAgME"},
        {"another version",
         "https://meet.example/" MEETING "#CQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"},
        {"port 0", "https://meet.example:0/" MEETING "#" FRAGMENT},
        {"a port too high", "https://meet.example:65536/" MEETING "#" FRAGMENT},
        {"a port in words", "https://meet.example:https/" MEETING "#" FRAGMENT},
        {"no port", "https://meet.example:/" MEETING "#" FRAGMENT},
        {"a user", "https://me@meet.example/" MEETING "#" FRAGMENT},
        {"an open bracket", "https://[::1/" MEETING "#" FRAGMENT},
        {"words after a bracket", "https://[::1]x/" MEETING "#" FRAGMENT},
        {"a name in brackets", "https://[meet.example]/" MEETING "#" FRAGMENT},
        {"two brackets", "https://[[::1]/" MEETING "#" FRAGMENT},
        {"a bracket in a name", "https://meet]example/" MEETING "#" FRAGMENT},
        {"a host that is not ASCII", "https://b\xc3\xbc"
                                     "cher.example/" MEETING "#" FRAGMENT},
        {"a start address", "https://meet.example/start#" TOKEN},
    };
    struct ic_link link;
    for (size_t i = 0; i < IC_COUNT(bad); i++)
        CHECK_ROW(bad[i].what, ic_link_parse(&link, bad[i].text) == IC_ERR_MALFORMED);
}

TEST(link_of_a_meeting_without_a_door_is_refused)
{
    struct ic_link link;
    assert_int_equal(ic_link_parse(&link, "https://meet.example/" MEETING "#" FIRST_STAGE),
                     IC_ERR_FORBIDDEN);
}

TEST(link_parse_refuses_a_host_or_path_longer_than_any)
{
    struct ic_link link;
    char text[1024];

    int len = snprintf(text, sizeof text, "https://%0300d/" MEETING "#" FRAGMENT, 0);
    assert_true(len > 0);
    assert_int_equal(ic_link_parse(&link, text), IC_ERR_MALFORMED);
    len = snprintf(text, sizeof text, "https://meet.example/%0300d#" FRAGMENT, 0);
    assert_true(len > 0);
    assert_int_equal(ic_link_parse(&link, text), IC_ERR_MALFORMED);
}

TEST(start_address_parse_reads_a_token_and_refuses_a_link)
{
    struct ic_start_address start;

    assert_int_equal(ic_start_address_parse(&start, "http://localhost:8080/start#" TOKEN), IC_OK);
    assert_int_equal(start.server.port, 8080);
    assert_false(start.server.tls);
    assert_int_equal(start.token[0], 0xAB);
    assert_int_equal(ic_start_address_parse(&start, "https://meet.example/" MEETING "#" FRAGMENT),
                     IC_ERR_MALFORMED);
    assert_int_equal(ic_start_address_parse(&start, "https://meet.example/start#AAAA"),
                     IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(link_parse_reads_host_port_meeting_and_secret),
          cmocka_unit_test(link_of_each_kind_is_read_as_it_was_printed),
          cmocka_unit_test(link_for_guests_names_the_host_and_does_not_hold_its_seed),
          cmocka_unit_test(link_print_gives_back_what_was_parsed),
          cmocka_unit_test(link_parse_refuses_what_is_not_a_link),
          cmocka_unit_test(link_of_a_meeting_without_a_door_is_refused),
          cmocka_unit_test(link_parse_refuses_a_host_or_path_longer_than_any),
          cmocka_unit_test(start_address_parse_reads_a_token_and_refuses_a_link))
