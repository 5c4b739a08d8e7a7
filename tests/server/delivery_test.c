/* One commit for each epoch; the last of them kept; taken back only from the end. */
#include "server/delivery.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/test.h"

static struct ic_delivery order;
static const uint8_t LAYLA[IC_ID_LEN] = {1}, OMAR[IC_ID_LEN] = {2};

static int forget_log(void **state)
{
    (void)state;
    ic_delivery_clear(&order);
    order = (struct ic_delivery){0};
    return 0;
}

static void add(const char *text, const uint8_t *brought)
{
    struct ic_delivered commit = {.committed = ic_text_new(text, "", ""),
                                  .hash = {(uint8_t)text[0]}};

    if (brought) {
        commit.welcome = ic_text_new("w", text, "");
        commit.brought = malloc(IC_ID_LEN);
        memcpy(commit.brought, brought, IC_ID_LEN);
        commit.brought_count = 1;
    }
    ic_delivery_add_take(&order, &commit);
    assert_null(commit.committed);
}

#define MS(n) ((n) * IC_NS_PER_MS)

TEST(delivery_takes_what_its_table_says)
{
    static const struct {
        const char *what;
        uint32_t epoch;
        bool by_keeper;
        int64_t now;
        enum ic_offer offer;
    } rows[] = {
        {"the head, first", 0, false, MS(0), IC_OFFER_TAKEN},
        {"the epoch before the head", 0, false, MS(1), IC_OFFER_CONFLICT},
        {"one ahead of the head", 2, false, MS(1), IC_OFFER_CONFLICT},
        {"the second at once", 1, false, MS(1), IC_OFFER_TAKEN},
        {"the third at once", 2, false, MS(1), IC_OFFER_TAKEN},
        {"the fourth at once", 3, true, MS(1), IC_OFFER_TAKEN},
        {"the fifth at once", 4, false, MS(1), IC_OFFER_TOO_FAST},
        {"a quarter of a second later", 4, false, MS(251), IC_OFFER_TAKEN},
        {"a keeper, too late", 4, true, MS(2000), IC_OFFER_CONFLICT},
        {"another, in the keeper's half second", 5, false, MS(2499), IC_OFFER_TOO_FAST},
        {"a keeper, in it", 5, true, MS(2499), IC_OFFER_TAKEN},
        {"another, after it", 6, false, MS(2500), IC_OFFER_TAKEN},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        CHECK_ROW(rows[i].what, ic_delivery_offer(&order, rows[i].epoch, rows[i].by_keeper,
                                                  rows[i].now) == rows[i].offer);
        if (rows[i].offer == IC_OFFER_TAKEN)
            add("x", NULL);
    }
    assert_int_equal(order.head, 7);
}

TEST(delivery_refuses_the_epoch_after_the_last)
{
    order.head = IC_EPOCH_MAX;
    assert_int_equal(ic_delivery_offer(&order, IC_EPOCH_MAX, true, 0), IC_OFFER_CONFLICT);
}

TEST(delivery_keeps_the_last_sixty_four)
{
    char text[8];

    assert_true(ic_delivery_reaches(&order, 0));
    assert_false(ic_delivery_reaches(&order, 1));
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "%d", i);
        add(text, i == 20 ? LAYLA : i == 90 ? OMAR : NULL);
    }
    assert_false(ic_delivery_reaches(&order, 35));
    assert_true(ic_delivery_reaches(&order, 36));
    assert_true(ic_delivery_reaches(&order, 100));
    assert_false(ic_delivery_reaches(&order, 101));
    assert_null(ic_delivery_at(&order, 35));
    assert_string_equal(ic_delivery_at(&order, 36)->committed->at, "36");
    assert_string_equal(ic_delivery_at(&order, 99)->committed->at, "99");
    assert_null(ic_delivery_at(&order, 100));

    uint32_t epoch = 0;
    assert_null(ic_delivery_that_brought(&order, LAYLA, &epoch));
    assert_string_equal(ic_delivery_that_brought(&order, OMAR, &epoch)->welcome->at, "w90");
    assert_int_equal(epoch, 90);
}

TEST(delivery_keeps_sixteen_megabytes_and_always_the_last)
{
    size_t len = 6 * 1024 * 1024;
    char *text = calloc(1, len + 1);

    memset(text, 'a', len);
    for (int i = 0; i < 4; i++)
        add(text, NULL);
    assert_int_equal(order.count, 2);
    assert_int_equal(order.bytes, 2 * len);
    free(text);
    text = calloc(1, 3 * len + 1);
    memset(text, 'a', 3 * len);
    add(text, NULL);
    assert_int_equal(order.count, 1);
    free(text);
}

TEST(delivery_takes_back_the_last_one_only)
{
    static const uint8_t first[IC_TOKEN_LEN] = {'0'}, second[IC_TOKEN_LEN] = {'1'};
    struct ic_delivered commit;

    assert_false(ic_delivery_take_back(&order, &commit));
    assert_false(ic_delivery_was_ended(&order, 0, first));
    add("0", NULL);
    add("1", LAYLA);
    assert_true(ic_delivery_was_ended(&order, 0, first));
    assert_false(ic_delivery_was_ended(&order, 1, first));
    assert_false(ic_delivery_was_ended(&order, 2, second));
    assert_true(ic_delivery_was_ended(&order, 1, second));
    assert_true(ic_delivery_take_back(&order, &commit));
    assert_memory_equal(commit.brought, LAYLA, IC_ID_LEN);
    ic_delivered_clear(&commit);
    assert_int_equal(order.head, 1);
    assert_int_equal(order.bytes, 1);
    add("again", NULL);
    assert_false(ic_delivery_was_ended(&order, 1, second)); /* another keeper, later */
    assert_string_equal(ic_delivery_at(&order, 1)->committed->at, "again");
}

TEST(delivery_keeps_the_last_words_that_took_commits_back)
{
    static const char *const words[] = {"a", "b", "c", "d", "e"};

    assert_null(order.rejects[IC_REJECTS_KEPT - 1].rejected);
    for (uint32_t i = 0; i < IC_COUNT(words); i++)
        ic_delivery_rejected_take(&order, 7 + i, ic_text_new(words[i], "", ""));
    for (uint32_t i = 0; i < IC_REJECTS_KEPT; i++) {
        assert_int_equal(order.rejects[i].epoch, 8 + i);
        assert_string_equal(order.rejects[i].rejected->at, words[1 + i]);
    }
    ic_delivery_clear(&order);
    assert_null(order.rejects[IC_REJECTS_KEPT - 1].rejected);
}

TEST(delivery_shares_one_text_until_the_last_holder_lets_go)
{
    struct ic_text *text = ic_text_new("a", "b", "c");

    assert_string_equal(text->at, "abc");
    assert_int_equal(text->len, 3);
    assert_ptr_equal(ic_text_ref(text), text);
    ic_text_unref(text);
    assert_string_equal(text->at, "abc");
    ic_text_unref(text);
    assert_null(ic_text_ref(NULL));
    ic_text_unref(NULL);
}

#define DELIVERY(name) cmocka_unit_test_teardown(name, forget_log)

RUN_TESTS(DELIVERY(delivery_takes_what_its_table_says),
          DELIVERY(delivery_refuses_the_epoch_after_the_last),
          DELIVERY(delivery_keeps_the_last_sixty_four),
          DELIVERY(delivery_keeps_sixteen_megabytes_and_always_the_last),
          DELIVERY(delivery_takes_back_the_last_one_only),
          DELIVERY(delivery_keeps_the_last_words_that_took_commits_back),
          DELIVERY(delivery_shares_one_text_until_the_last_holder_lets_go))
