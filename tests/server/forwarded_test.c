/* Only what a trusted proxy says of who asks is believed. */
#include "server/forwarded.h"
#include "tests/test.h"

#include <arpa/inet.h>

static const struct ic_addresses proxies = {.at = {"192.0.2.1", "2001:db8::1"}, .count = 2};

static const char *asked(const char *peer, const char *list)
{
    static char text[INET6_ADDRSTRLEN];
    uint8_t address[IC_PEER_LEN];

    assert_int_equal(inet_pton(AF_INET6, peer, address), 1);
    ic_forwarded_peer(address, &proxies, list);
    inet_ntop(AF_INET6, address, text, sizeof text);
    return text;
}

#define PROXY "::ffff:192.0.2.1"

TEST(forwarded_names_who_asks_through_trusted_proxies)
{
    static const struct {
        const char *what, *peer, *list, *asks;
    } rows[] = {
        {"no proxy", "::ffff:203.0.113.9", "198.51.100.1", "::ffff:203.0.113.9"},
        {"a proxy", PROXY, "198.51.100.1", "::ffff:198.51.100.1"},
        {"a proxy at IPv6", "2001:db8::1", "2001:db8:9::7", "2001:db8:9::7"},
        {"what the client sent before", PROXY, "10.0.0.1, 198.51.100.1", "::ffff:198.51.100.1"},
        {"two proxies", PROXY, "10.0.0.1,198.51.100.1 ,2001:db8::1", "::ffff:198.51.100.1"},
        {"tabs", PROXY, "10.0.0.1,\t198.51.100.1\t", "::ffff:198.51.100.1"},
        {"proxies alone", PROXY, "2001:db8::1", "2001:db8::1"},
        {"a port", PROXY, "198.51.100.1:4711", "::ffff:198.51.100.1"},
        {"brackets", PROXY, "[2001:db8:9::7]", "2001:db8:9::7"},
        {"brackets and a port", PROXY, "[2001:db8:9::7]:4711", "2001:db8:9::7"},
        {"mapped IPv4", PROXY, "::ffff:198.51.100.1", "::ffff:198.51.100.1"},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].what, strcmp(asked(rows[i].peer, rows[i].list), rows[i].asks) == 0);
}

TEST(forwarded_takes_the_proxy_for_the_asker_when_the_header_is_damaged)
{
    static const char *const lists[] = {
        "",
        ",",
        "unknown",
        "198.51.100.1,",
        "198.51.100.1, x",
        "198.51.100",
        "[::1",
        "[::1]x",
        "[1.2.3.4]",
        "for=198.51.100.1",
        "1.2.3.4.5",
        "::1::2",
        "\"::1\"",
        "198.51.100.1 198.51.100.2",
        "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111",
    };
    for (size_t i = 0; i < IC_COUNT(lists); i++)
        CHECK_ROW(lists[i], strcmp(asked(PROXY, lists[i]), PROXY) == 0);
}

RUN_TESTS(cmocka_unit_test(forwarded_names_who_asks_through_trusted_proxies),
          cmocka_unit_test(forwarded_takes_the_proxy_for_the_asker_when_the_header_is_damaged))
