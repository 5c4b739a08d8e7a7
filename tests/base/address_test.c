/* Addresses keep their identity through the sockets interface. */
#include "base/address.h"

#include "tests/test.h"

#include <netinet/in.h>

TEST(an_address_survives_the_sockets_interface)
{
    static const struct {
        const char *text;
        int socket_family;
        uint8_t family;
    } rows[] = {{"192.0.2.1", AF_INET, IC_IPV4},
                {"192.0.2.1", AF_INET6, IC_IPV4},
                {"2001:db8::1", AF_INET6, IC_IPV6},
                {"::ffff:192.0.2.1", AF_INET6, IC_IPV4}};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_address address, back;
        struct sockaddr_storage storage;
        assert_int_equal(ic_address_parse(&address, rows[i].text, 40000), IC_OK);
        assert_int_equal(address.family, rows[i].family);
        assert_true(ic_address_to_sockaddr(&storage, rows[i].socket_family, &address) > 0);
        assert_int_equal(storage.ss_family, rows[i].socket_family);
        assert_int_equal(ic_address_from_sockaddr(&back, (struct sockaddr *)&storage), IC_OK);
        CHECK_ROW(rows[i].text, ic_address_equal(&address, &back));
    }
}

TEST(an_address_with_another_port_family_or_connection_is_another)
{
    struct ic_address a, b;

    assert_int_equal(ic_address_parse(&a, "192.0.2.1", 1), IC_OK);
    assert_int_equal(ic_address_parse(&b, "192.0.2.1", 2), IC_OK);
    assert_false(ic_address_equal(&a, &b));
    assert_true(ic_address_hash(&a) != ic_address_hash(&b));
    b.port = 1;
    assert_true(ic_address_equal(&a, &b));
    b.protocol = IC_TCP;
    b.connection = 7;
    assert_false(ic_address_equal(&a, &b));
}

TEST(names_and_foreign_families_are_refused)
{
    struct ic_address address = {.port = 9};
    struct sockaddr_storage storage = {.ss_family = AF_UNIX};

    assert_int_equal(ic_address_parse(&address, "example.org", 1), IC_ERR_MALFORMED);
    assert_int_equal(ic_address_parse(&address, "192.0.2", 1), IC_ERR_MALFORMED);
    assert_int_equal(ic_address_parse(&address, "", 1), IC_ERR_MALFORMED);
    assert_int_equal(ic_address_from_sockaddr(&address, (struct sockaddr *)&storage),
                     IC_ERR_MALFORMED);
    assert_int_equal(address.port, 9);
}

TEST(an_ipv4_socket_cannot_carry_ipv6)
{
    struct ic_address address, none = {0};
    struct sockaddr_storage storage;

    assert_int_equal(ic_address_parse(&address, "2001:db8::1", 1), IC_OK);
    assert_int_equal(ic_address_to_sockaddr(&storage, AF_INET, &address), 0);
    assert_int_equal(ic_address_to_sockaddr(&storage, AF_INET6, &none), 0);
}

RUN_TESTS(cmocka_unit_test(an_address_survives_the_sockets_interface),
          cmocka_unit_test(an_address_with_another_port_family_or_connection_is_another),
          cmocka_unit_test(names_and_foreign_families_are_refused),
          cmocka_unit_test(an_ipv4_socket_cannot_carry_ipv6))
