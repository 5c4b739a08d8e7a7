/* The numbers for the operator: where each goes, and that the documentation lists them. How the
 * whole parses, and what a call makes of them: tests/system/metrics.test.mjs. */
#include "server/metrics.h"

#include <stdlib.h>

#include "tests/test.h"

static struct ic_metrics m;
static char *text;

static const char *write_all(void)
{
    size_t len;
    FILE *out = open_memstream(&text, &len);

    ic_metrics_write(out, &m);
    fclose(out);
    return text;
}

static int set_up(void **state)
{
    (void)state;
    m = (struct ic_metrics){.worker_count = 2};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    free(text);
    text = NULL;
    return 0;
}

TEST(metrics_say_each_number_of_each_media_process)
{
    m.workers[0].stats.dropped_policed[IC_TRAFFIC_CHECKS] = 17;
    m.workers[1].stats.packets_out = UINT64_C(1) << 60;
    m.workers[1].usage.cpu_seconds = 0.25;
    write_all();
    assert_non_null(strstr(
        text, "\nincamera_media_dropped_total{worker=\"0\",reason=\"too_many_checks\"} 17\n"));
    assert_non_null(strstr(
        text,
        "\nincamera_media_packets_total{worker=\"1\",direction=\"out\"} 1152921504606846976\n"));
    assert_non_null(strstr(text, "\nincamera_media_cpu_seconds_total{worker=\"1\"} 0.250\n"));
}

TEST(metrics_of_ways_and_estimates_are_those_of_all_media_processes_together)
{
    m.workers[0].stats.now.routes[IC_ROUTE_RELAY] = 2;
    m.workers[1].stats.now.routes[IC_ROUTE_RELAY] = 3;
    m.workers[0].stats.estimates[0] = 1;
    m.workers[1].stats.estimates[2] = 4;
    m.workers[1].stats.estimates[IC_ESTIMATE_BUCKETS - 1] = 1;
    m.workers[1].stats.estimates_bps = 9000;
    write_all();
    assert_non_null(strstr(text, "\nincamera_media_connections{route=\"relay\"} 5\n"));
    static const char *const lines[] = {"_bucket{le=\"100000\"} 1\n",
                                        "_bucket{le=\"200000\"} 1\n",
                                        "_bucket{le=\"400000\"} 5\n",
                                        "_bucket{le=\"12800000\"} 5\n",
                                        "_bucket{le=\"+Inf\"} 6\n",
                                        "_sum 9000\n",
                                        "_count 6\n"};
    for (size_t i = 0; i < IC_COUNT(lines); i++) {
        char line[120];
        snprintf(line, sizeof line, "\nincamera_media_estimate_bits_per_second%s", lines[i]);
        CHECK_ROW(lines[i], strstr(text, line) != NULL);
    }
}

static char *read_whole(FILE *f)
{
    char *all = calloc(1, 100000);
    size_t len = fread(all, 1, 99999, f);
    all[len] = 0;
    fclose(f);
    return all;
}

TEST(metrics_table_and_docs_operate_hold_the_same_rows)
{
    FILE *out = tmpfile(), *in = fopen(OPERATE_MD, "r");
    char *rest;
    size_t rows = 0, documented = 0;

    assert_non_null(in);
    char *document = read_whole(in);
    ic_metrics_describe(out);
    rewind(out);
    char *described = read_whole(out);
    for (char *row = strtok_r(described, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        CHECK_ROW(row, strstr(document, row) != NULL);
        rows++;
    }
    for (const char *at = document; (at = strchr(at, '\n')) != NULL; at++)
        documented +=
            strncmp(at, "\n| `incamera_", 13) == 0 || strncmp(at, "\n| `process_", 12) == 0;
    assert_int_equal(documented, rows);
    free(described);
    free(document);
}

#define WITH_METRICS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

RUN_TESTS(WITH_METRICS(metrics_say_each_number_of_each_media_process),
          WITH_METRICS(metrics_of_ways_and_estimates_are_those_of_all_media_processes_together),
          WITH_METRICS(metrics_table_and_docs_operate_hold_the_same_rows))
