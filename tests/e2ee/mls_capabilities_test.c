/* What members can and groups demand: built, found, compared. */
#include "e2ee/mls/capabilities.h"

#include "tests/e2ee/mls_people.h"

static const uint8_t NO_EXTENSIONS[1];

/* An extension list with one extension of that data. */
static struct ic_bytes list_of(uint8_t *room, size_t size, uint16_t type, struct ic_bytes data)
{
    struct ic_writer w = ic_writer_of(room, size);
    ic_mls_write_extension(&w, type, data);
    assert_false(w.bad);
    return ic_written(&w);
}

TEST(mls_leaf_must_be_able_to_do_what_the_group_demands)
{
    static const uint16_t OTHER_EXTENSION[] = {0xf1c2}, SELF_REMOVE[] = {10}, ADD[] = {1},
                          UNKNOWN[] = {0xf0f0}, BASIC[] = {1}, TREE[] = {2};
    const struct {
        const char *what;
        const uint16_t *extensions, *proposals, *credentials;
        bool able;
    } rows[] = {
        {"nothing", NULL, NULL, NULL, true},
        {"an extension it has", OTHER_EXTENSION, NULL, NULL, true},
        {"a default extension", TREE, NULL, NULL, true},
        {"an extension it has not", UNKNOWN, NULL, NULL, false},
        {"SelfRemove", NULL, SELF_REMOVE, NULL, true},
        {"a default proposal", NULL, ADD, NULL, true},
        {"a proposal it does not know", NULL, UNKNOWN, NULL, false},
        {"basic credentials", NULL, NULL, BASIC, true},
        {"credentials it does not know", NULL, NULL, UNKNOWN, false},
    };
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    struct ic_mls_own_capabilities can;
    struct ic_mls_leaf_node leaf = {.credential.type = IC_MLS_CREDENTIAL_BASIC};

    assert_int_equal(ic_mls_own_capabilities_init(&can, OTHER_EXTENSION, 1, NULL, 0), IC_OK);
    leaf.capabilities = can.lists;
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t numbers[3][2], data[64], list[128];
        const uint16_t *from[3] = {rows[i].extensions, rows[i].proposals, rows[i].credentials};
        struct ic_bytes lists[3];
        for (size_t k = 0; k < 3; k++) {
            struct ic_writer w = ic_writer_of(numbers[k], 2);
            ic_mls_write_numbers(&w, from[k], from[k] != NULL);
            lists[k] = ic_written(&w);
        }
        struct ic_mls_required required = {lists[0], lists[1], lists[2]}, found;
        struct ic_writer w = ic_writer_of(data, sizeof data);
        ic_mls_write_required(&w, &required);
        struct ic_bytes extensions =
            list_of(list, sizeof list, IC_MLS_EXT_REQUIRED_CAPABILITIES, ic_written(&w));
        assert_int_equal(ic_mls_required_find(&found, extensions), IC_OK);
        assert_true(ic_mls_context_extensions_are_sound(extensions));
        CHECK_ROW(rows[i].what,
                  ic_mls_leaf_is_able(&leaf, suite, extensions, &found) == rows[i].able);
    }
}

TEST(mls_leaf_must_list_what_it_uses_and_what_the_group_has)
{
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    const struct ic_mls_required nothing = {0};
    struct ic_mls_own_capabilities can;
    uint8_t room[16];
    struct ic_bytes unknown = list_of(room, sizeof room, 0xf0f0, (struct ic_bytes){0});
    struct ic_bytes none = {NO_EXTENSIONS, 0};

    assert_int_equal(ic_mls_own_capabilities_init(&can, NULL, 0, NULL, 0), IC_OK);
    struct ic_mls_leaf_node leaf = {.credential.type = IC_MLS_CREDENTIAL_X509,
                                    .capabilities = can.lists};
    assert_true(ic_mls_leaf_is_able(&leaf, suite, none, &nothing));
    assert_false(ic_mls_leaf_is_able(&leaf, suite, unknown, &nothing));
    leaf.extensions = unknown;
    assert_false(ic_mls_leaf_is_able(&leaf, suite, none, &nothing));
    leaf.extensions = none;
    leaf.capabilities.suites = none;
    assert_false(ic_mls_leaf_is_able(&leaf, suite, none, &nothing));
    leaf.capabilities = can.lists;
    leaf.capabilities.versions = none;
    assert_false(ic_mls_leaf_is_able(&leaf, suite, none, &nothing));
}

TEST(mls_external_senders_are_found_by_their_index)
{
    const struct ic_mls_external_sender senders[] = {
        {ic_bytes_of_text("key 0"), {.type = IC_MLS_CREDENTIAL_BASIC}},
        {ic_bytes_of_text("key 1"),
         {.type = IC_MLS_CREDENTIAL_BASIC, .identity = ic_bytes_of_text("one")}},
    };
    uint8_t data[64], list[80];
    struct ic_mls_external_sender found;
    struct ic_writer w = ic_writer_of(data, sizeof data);

    ic_mls_write_external_senders(&w, senders, IC_COUNT(senders));
    struct ic_bytes whole = ic_written(&w);
    struct ic_bytes extensions = list_of(list, sizeof list, IC_MLS_EXT_EXTERNAL_SENDERS, whole);
    assert_true(ic_mls_context_extensions_are_sound(extensions));
    assert_int_equal(ic_mls_external_sender_find(&found, extensions, 1), IC_OK);
    assert_true(ic_bytes_equal(found.signature_key, senders[1].signature_key));
    assert_true(ic_bytes_equal(found.credential.identity, senders[1].credential.identity));
    assert_int_equal(ic_mls_external_sender_find(&found, extensions, 2), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_mls_external_sender_find(&found, (struct ic_bytes){0}, 0),
                     IC_ERR_NOT_FOUND);
    for (size_t len = 0; len < whole.len; len++)
        assert_false(ic_mls_context_extensions_are_sound(list_of(
            list, sizeof list, IC_MLS_EXT_EXTERNAL_SENDERS, (struct ic_bytes){whole.at, len})));
}

TEST(mls_application_id_is_one_vector_and_nothing_more)
{
    uint8_t data[16], list[32];
    struct ic_bytes found = {0};
    struct ic_writer w = ic_writer_of(data, sizeof data);

    ic_mls_write_one_vector(&w, ic_bytes_of_text("my id"));
    ic_write_uint(&w, 0, 1);
    struct ic_bytes whole = {data, w.len - 1}, longer = ic_written(&w);
    struct ic_bytes extensions = list_of(list, sizeof list, IC_MLS_EXT_APPLICATION_ID, longer);
    assert_int_equal(ic_mls_one_vector_find(&found, extensions, IC_MLS_EXT_APPLICATION_ID),
                     IC_ERR_MALFORMED);
    extensions = list_of(list, sizeof list, IC_MLS_EXT_APPLICATION_ID, whole);
    assert_int_equal(ic_mls_one_vector_find(&found, extensions, IC_MLS_EXT_EXTERNAL_PUB),
                     IC_ERR_NOT_FOUND);
    assert_int_equal(ic_mls_one_vector_find(&found, extensions, IC_MLS_EXT_APPLICATION_ID), IC_OK);
    assert_true(ic_bytes_equal(found, ic_bytes_of_text("my id")));
}

TEST(mls_own_capabilities_name_the_suites_of_this_build_and_have_bounds)
{
    uint16_t many[200] = {0};
    struct ic_mls_own_capabilities can;

    assert_int_equal(ic_mls_own_capabilities_init(&can, NULL, 0, NULL, 0), IC_OK);
    for (size_t i = 0; i < IC_SUITE_COUNT; i++)
        assert_int_equal(ic_mls_numbers_have(can.lists.suites, IC_SUITES[i].id),
                         ic_suite_available(&IC_SUITES[i]));
    assert_int_equal(ic_mls_own_capabilities_init(&can, many, IC_COUNT(many), NULL, 0),
                     IC_ERR_FULL);
}

RUN_TESTS(cmocka_unit_test(mls_leaf_must_be_able_to_do_what_the_group_demands),
          cmocka_unit_test(mls_leaf_must_list_what_it_uses_and_what_the_group_has),
          cmocka_unit_test(mls_external_senders_are_found_by_their_index),
          cmocka_unit_test(mls_application_id_is_one_vector_and_nothing_more),
          cmocka_unit_test(mls_own_capabilities_name_the_suites_of_this_build_and_have_bounds))
