/* Which addresses clients are told to send media to. */
#include "server/media_addresses.h"

#include "tests/test.h"

static const struct ic_addresses MACHINE = {.at = {"192.0.2.7", "2001:db8::7", "127.0.0.1", "::1"},
                                            .count = 4};

static uint32_t count_for(const struct ic_addresses *machine, const char *public_url)
{
    static struct ic_config config;
    struct ic_addresses all = *machine;

    strcpy(config.http.public_url, public_url);
    ic_media_addresses_narrow(&all, &config);
    assert_string_equal(all.at[0], machine->at[0]);
    return all.count;
}

TEST(media_addresses_hold_loopback_only_for_people_on_this_computer)
{
    static const struct {
        const char *public_url;
        uint32_t count;
    } rows[] = {
        {"", 4},
        {"http://localhost:8080", 4},
        {"http://127.0.0.1:8080", 4},
        {"https://[::1]:8443", 4},
        {"https://[::1]", 4},
        {"https://meet.example.org", 2},
        {"https://localhost.example.org", 2},
        {"https://192.0.2.7:8443", 2},
        {"https://[2001:db8::7]:8443", 2},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i].public_url, count_for(&MACHINE, rows[i].public_url) == rows[i].count);
}

TEST(media_addresses_keep_loopback_where_there_is_nothing_else)
{
    static const struct ic_addresses alone = {.at = {"127.0.0.1"}, .count = 1};
    assert_int_equal(count_for(&alone, "https://meet.example.org"), 1);
}

RUN_TESTS(cmocka_unit_test(media_addresses_hold_loopback_only_for_people_on_this_computer),
          cmocka_unit_test(media_addresses_keep_loopback_where_there_is_nothing_else))
