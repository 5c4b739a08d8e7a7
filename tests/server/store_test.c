/* What is kept: tokens for one use, meetings until their end; in a file of our own version only. */
#include "server/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/test.h"

enum { NOW = 1000000 };

static char folder[64], path[96];
static struct ic_store *store;

static int make_store(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/incamera-store-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/inner/incamera.db", folder);
    return ic_store_open(&store, path) == IC_OK ? 0 : -1;
}

static int remove_store(void **state)
{
    char command[128];
    (void)state;
    ic_store_close(store);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

static const uint8_t TOKEN[IC_STORE_HASH_LEN] = {1};
static const struct ic_store_meeting MEETING = {
    .id = {2}, .host = {4}, .admission_count = 1, .admissions = {{3}}};

TEST(store_start_token_makes_one_meeting)
{
    struct ic_store_meeting second = MEETING, found = {0};
    second.id[0] = 9;

    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &second, NOW), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_store_find_meeting(store, second.id, &found), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_store_find_meeting(store, MEETING.id, &found), IC_OK);
    assert_memory_equal(&found, &MEETING, sizeof found);
}

TEST(store_start_token_ends_after_a_week)
{
    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(
        ic_store_create_meeting(store, TOKEN, &MEETING, NOW + IC_START_TOKEN_SECONDS + 1),
        IC_ERR_NOT_FOUND);
}

TEST(store_does_not_use_up_a_token_when_the_meeting_cannot_be_added)
{
    const uint8_t other[IC_STORE_HASH_LEN] = {8};
    struct ic_store_meeting second = MEETING;
    second.id[0] = 9;

    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_add_start_token(store, other, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, other, &MEETING, NOW), IC_ERR_SYSTEM);
    assert_int_equal(ic_store_create_meeting(store, other, &second, NOW), IC_OK);
}

TEST(store_keeps_meetings_when_it_is_opened_again_and_forgets_removed_ones)
{
    struct ic_store_meeting found;

    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    ic_store_close(store);
    assert_int_equal(ic_store_open(&store, path), IC_OK);
    assert_int_equal(ic_store_find_meeting(store, MEETING.id, &found), IC_OK);
    assert_int_equal(ic_store_remove_meeting(store, MEETING.id), IC_OK);
    assert_int_equal(ic_store_find_meeting(store, MEETING.id, &found), IC_ERR_NOT_FOUND);
}

TEST(store_replaces_the_admissions_as_a_whole)
{
    static const uint8_t hashes[][IC_STORE_HASH_LEN] = {{5}, {6}, {5}};
    struct ic_store_meeting found = {0};

    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    assert_int_equal(ic_store_set_admissions(store, MEETING.id, hashes, 3), IC_OK);
    assert_int_equal(ic_store_find_meeting(store, MEETING.id, &found), IC_OK);
    assert_int_equal(found.admission_count, 2);
    assert_int_equal(found.admissions[0][0] + found.admissions[1][0], 5 + 6);
    assert_int_equal(ic_store_remove_meeting(store, MEETING.id), IC_OK);
    assert_int_equal(ic_store_add_start_token(store, (const uint8_t[32]){9}, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, (const uint8_t[32]){9}, &MEETING, NOW), IC_OK);
    assert_int_equal(ic_store_find_meeting(store, MEETING.id, &found), IC_OK);
    assert_int_equal(found.admission_count, 1);
    assert_int_equal(found.admissions[0][0], 3);
}

TEST(store_keeps_the_last_card)
{
    char card[IC_STORE_CARD_SIZE] = "untouched";

    assert_int_equal(ic_store_find_card(store, MEETING.id, card), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    assert_int_equal(ic_store_find_card(store, MEETING.id, card), IC_ERR_NOT_FOUND);
    assert_string_equal(card, "untouched");
    assert_int_equal(ic_store_set_card(store, MEETING.id, "AAAA"), IC_OK);
    assert_int_equal(ic_store_set_card(store, MEETING.id, "BBBB"), IC_OK);
    ic_store_close(store);
    assert_int_equal(ic_store_open(&store, path), IC_OK);
    assert_int_equal(ic_store_find_card(store, MEETING.id, card), IC_OK);
    assert_string_equal(card, "BBBB");
}

/* Replaces the file by one that `sqlite3` makes. */
static void open_file_of(const char *sql)
{
    char command[2048];

    ic_store_close(store);
    assert_in_range(
        snprintf(command, sizeof command, "rm %s* && sqlite3 %s \"%s\"", path, path, sql), 1,
        sizeof command - 1);
    assert_int_equal(system(command), 0);
    assert_int_equal(ic_store_open(&store, path), IC_OK);
}

#define START_TOKENS                                                                               \
    "CREATE TABLE start_token (hash BLOB PRIMARY KEY CHECK (length(hash) = 32), created INTEGER "  \
    "NOT NULL, used INTEGER) STRICT, WITHOUT ROWID;"

TEST(store_of_the_first_version_loses_its_meetings_and_keeps_its_start_tokens)
{
    struct ic_store_meeting found;

    open_file_of(
        "CREATE TABLE meeting (id BLOB PRIMARY KEY CHECK (length(id) = 16), admission "
        "BLOB NOT NULL CHECK (length(admission) = 32), host BLOB NOT NULL CHECK "
        "(length(host) = 32), created INTEGER NOT NULL) STRICT, WITHOUT ROWID;" START_TOKENS
        "INSERT INTO meeting VALUES (zeroblob(16), randomblob(32), zeroblob(32), 1);"
        "INSERT INTO start_token VALUES (zeroblob(32), 1000000, NULL);"
        "PRAGMA user_version = 1");
    assert_int_equal(ic_store_find_meeting(store, (const uint8_t[16]){0}, &found),
                     IC_ERR_NOT_FOUND);
    assert_int_equal(ic_store_create_meeting(store, (const uint8_t[32]){0}, &MEETING, NOW), IC_OK);
}

TEST(store_of_the_second_version_keeps_the_meetings_that_have_a_group)
{
    struct ic_store_meeting found = {0};
    char card[IC_STORE_CARD_SIZE];

    open_file_of(
        "CREATE TABLE meeting (id BLOB PRIMARY KEY CHECK (length(id) = 16), host BLOB NOT NULL "
        "CHECK (length(host) = 32), created INTEGER NOT NULL, has_group INTEGER NOT NULL DEFAULT "
        "0, card TEXT) STRICT, WITHOUT ROWID;" START_TOKENS
        "CREATE TABLE admission (meeting BLOB NOT NULL CHECK (length(meeting) = 16), hash BLOB NOT "
        "NULL CHECK (length(hash) = 32), PRIMARY KEY (meeting, hash)) STRICT, WITHOUT ROWID;"
        "INSERT INTO meeting VALUES (zeroblob(16), zeroblob(32), 1, 1, 'AAAA');"
        "INSERT INTO meeting VALUES (x'01010101010101010101010101010101', zeroblob(32), 1, 0, "
        "NULL);"
        "INSERT INTO admission SELECT id, zeroblob(32) FROM meeting;"
        "PRAGMA user_version = 2");
    assert_int_equal(ic_store_find_meeting(store, (const uint8_t[16]){0}, &found), IC_OK);
    assert_int_equal(found.admission_count, 1);
    assert_int_equal(ic_store_find_card(store, (const uint8_t[16]){0}, card), IC_OK);
    assert_string_equal(card, "AAAA");
    uint8_t without[16];
    memset(without, 1, sizeof without);
    assert_int_equal(ic_store_find_meeting(store, without, &found), IC_ERR_NOT_FOUND);
}

/* As another program might, past what the columns allow. */
static void spoil(const char *sql)
{
    char command[512];

    ic_store_close(store);
    assert_in_range(snprintf(command, sizeof command,
                             "sqlite3 %s \"PRAGMA ignore_check_constraints = 1; %s\"", path, sql),
                    1, sizeof command - 1);
    assert_int_equal(system(command), 0);
    assert_int_equal(ic_store_open(&store, path), IC_OK);
}

TEST(store_gives_no_meeting_whose_rows_are_damaged)
{
    static const char *const DAMAGES[] = {
        "UPDATE meeting SET host = x''",
        "UPDATE meeting SET host = zeroblob(31)",
        "UPDATE meeting SET host = zeroblob(33)",
        "INSERT INTO admission SELECT id, x'' FROM meeting",
        "INSERT INTO admission SELECT id, zeroblob(31) FROM meeting",
        ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200) "
         "INSERT INTO admission SELECT id, randomblob(32) FROM meeting, n"),
    };
    struct ic_store_meeting found = {0};

    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    for (size_t i = 0; i < IC_COUNT(DAMAGES); i++) {
        spoil(DAMAGES[i]);
        CHECK_ROW(DAMAGES[i], ic_store_find_meeting(store, MEETING.id, &found) == IC_ERR_SYSTEM);
        CHECK_ROW(DAMAGES[i], found.id[0] == 0); /* untouched */
        spoil(
            "UPDATE meeting SET host = x'0400000000000000000000000000000000000000000000000000000000"
            "000000'; DELETE FROM admission WHERE substr(hash, 1, 1) <> x'03' OR length(hash) <> "
            "32");
        CHECK_ROW(DAMAGES[i], ic_store_find_meeting(store, MEETING.id, &found) == IC_OK);
        found = (struct ic_store_meeting){0};
    }
}

/* The server says it to people as it is. */
TEST(store_gives_no_card_that_is_no_base64url)
{
    static const char *const DAMAGES[] = {"'A'", "'AA\\A'", "'AA AA'", "CAST(x'41ff' AS TEXT)"};
    char card[IC_STORE_CARD_SIZE], sql[64];

    assert_int_equal(ic_store_add_start_token(store, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    for (size_t i = 0; i < IC_COUNT(DAMAGES); i++) {
        snprintf(sql, sizeof sql, "UPDATE meeting SET card = %s", DAMAGES[i]);
        spoil(sql);
        CHECK_ROW(DAMAGES[i], ic_store_find_card(store, MEETING.id, card) == IC_ERR_NOT_FOUND);
    }
}

TEST(store_file_is_for_its_owner_alone)
{
    struct stat is;
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_mode & 077, 0);
}

TEST(store_can_be_opened_by_two_programs_at_once)
{
    struct ic_store *second;
    assert_int_equal(ic_store_open(&second, path), IC_OK);
    assert_int_equal(ic_store_add_start_token(second, TOKEN, NOW), IC_OK);
    assert_int_equal(ic_store_create_meeting(store, TOKEN, &MEETING, NOW), IC_OK);
    ic_store_close(second);
}

TEST(store_refuses_a_file_that_is_none)
{
    struct ic_store *other;
    char name[128];

    snprintf(name, sizeof name, "%s/text", folder);
    FILE *f = fopen(name, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no database\n", f);
    fclose(f);
    assert_int_equal(ic_store_open(&other, name), IC_ERR_SYSTEM);
}

/* Of a newer program, whose rows this one would not understand: it is left as it is. */
TEST(store_refuses_a_file_of_a_version_that_it_does_not_know)
{
    char command[256];

    ic_store_close(store);
    store = NULL;
    for (int version = -1; version <= 99; version += 100) {
        snprintf(command, sizeof command, "sqlite3 %s 'PRAGMA user_version = %d'", path, version);
        assert_int_equal(system(command), 0);
        assert_int_equal(ic_store_open(&store, path), IC_ERR_SYSTEM);
        snprintf(command, sizeof command, "test \"$(sqlite3 %s 'PRAGMA user_version')\" = %d", path,
                 version);
        assert_int_equal(system(command), 0);
    }
}

TEST(store_is_made_by_open_alone)
{
    struct ic_store *other;
    char name[128];

    snprintf(name, sizeof name, "%s/new/incamera.db", folder);
    assert_int_equal(ic_store_open_existing(&other, name), IC_ERR_NOT_FOUND);
    assert_int_equal(access(name, F_OK), -1);
    assert_int_equal(ic_store_open_existing(&other, path), IC_OK);
    ic_store_close(other);
}

#define STORE(name) cmocka_unit_test_setup_teardown(name, make_store, remove_store)

RUN_TESTS(STORE(store_start_token_makes_one_meeting), STORE(store_start_token_ends_after_a_week),
          STORE(store_does_not_use_up_a_token_when_the_meeting_cannot_be_added),
          STORE(store_keeps_meetings_when_it_is_opened_again_and_forgets_removed_ones),
          STORE(store_replaces_the_admissions_as_a_whole), STORE(store_keeps_the_last_card),
          STORE(store_of_the_first_version_loses_its_meetings_and_keeps_its_start_tokens),
          STORE(store_of_the_second_version_keeps_the_meetings_that_have_a_group),
          STORE(store_gives_no_meeting_whose_rows_are_damaged),
          STORE(store_gives_no_card_that_is_no_base64url), STORE(store_file_is_for_its_owner_alone),
          STORE(store_can_be_opened_by_two_programs_at_once),
          STORE(store_refuses_a_file_that_is_none),
          STORE(store_refuses_a_file_of_a_version_that_it_does_not_know),
          STORE(store_is_made_by_open_alone))
