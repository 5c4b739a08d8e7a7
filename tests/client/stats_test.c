/* Percentiles, and lines that any JSON reader reads. */
#include "client/stats.h"
#include "tests/test.h"

#include <jansson.h>
#include <stdlib.h>

TEST(histogram_finds_percentiles_to_a_sixteenth)
{
    static struct ic_histogram h;
    for (int64_t ms = 1; ms <= 1000; ms++)
        ic_histogram_add(&h, ms * IC_NS_PER_MS);
    assert_true(ic_histogram_ms(&h, 50) >= 500 && ic_histogram_ms(&h, 50) < 500 * 17 / 16.0);
    assert_true(ic_histogram_ms(&h, 99) >= 990 && ic_histogram_ms(&h, 99) < 990 * 17 / 16.0);
    assert_true(ic_histogram_ms(&h, 100) >= 1000);
}

TEST(histogram_takes_every_duration)
{
    static struct ic_histogram h;
    assert_true(ic_histogram_ms(&h, 50) == 0);
    static const int64_t durations[] = {INT64_MIN, -1, 0, 1, 999, 31999, 32000, INT64_MAX};
    for (size_t i = 0; i < IC_COUNT(durations); i++)
        ic_histogram_add(&h, durations[i]);
    assert_int_equal(h.count, IC_COUNT(durations));
    assert_true(ic_histogram_ms(&h, 1) == 0);
    assert_true(ic_histogram_ms(&h, 100) > 60000);
}

TEST(histogram_merge_adds_counts)
{
    static struct ic_histogram a, b;
    ic_histogram_add(&a, IC_NS_PER_MS);
    ic_histogram_add(&b, IC_NS_PER_SEC);
    ic_histogram_merge(&a, &b);
    assert_int_equal(a.count, 2);
    assert_true(ic_histogram_ms(&a, 99) >= 1000);
}

static json_t *line_of(struct ic_stats *stats, bool final, int64_t now)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (final)
        ic_stats_final(stats, out, now);
    else
        ic_stats_line(stats, out, now);
    fclose(out);
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    assert_int_equal(text[len - 1], '\n');
    free(text);
    return object;
}

static json_int_t number(json_t *object, const char *key)
{
    json_t *value = json_object_get(object, key);
    assert_true(json_is_number(value));
    return (json_int_t)json_number_value(value);
}

TEST(stats_lines_count_the_second_and_the_last_line_counts_all)
{
    static struct ic_stats stats;
    ic_stats_init(&stats, 0);
    stats.now.decrypted = 30;
    ic_stats_gap(&stats, true, 900 * IC_NS_PER_MS);
    ic_stats_gap(&stats, true, 100 * IC_NS_PER_MS);
    ic_histogram_add(&stats.latency, 2 * IC_NS_PER_MS);
    json_t *line = line_of(&stats, false, IC_NS_PER_SEC);
    assert_int_equal(number(line, "decrypted"), 30);
    assert_int_equal(number(line, "video_gap_ms"), 900);
    assert_int_equal(number(line, "audio_gap_ms"), 0);
    assert_int_equal(number(line, "latency_count"), 1);
    json_decref(line);

    stats.now.decrypted = 12;
    line = line_of(&stats, false, 2 * IC_NS_PER_SEC);
    assert_int_equal(number(line, "decrypted"), 12);
    assert_int_equal(number(line, "video_gap_ms"), 0);
    json_decref(line);

    line = line_of(&stats, true, 2 * IC_NS_PER_SEC);
    assert_true(json_is_true(json_object_get(line, "final")));
    assert_int_equal(number(line, "decrypted"), 42);
    assert_int_equal(number(line, "video_gap_ms"), 900);
    assert_int_equal(number(line, "latency_count"), 1);
    json_decref(line);
}

RUN_TESTS(cmocka_unit_test(histogram_finds_percentiles_to_a_sixteenth),
          cmocka_unit_test(histogram_takes_every_duration),
          cmocka_unit_test(histogram_merge_adds_counts),
          cmocka_unit_test(stats_lines_count_the_second_and_the_last_line_counts_all))
