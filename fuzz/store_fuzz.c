/* store_fuzz.c - rows that another program wrote into the server's file, past what its columns
 * allow: a meeting comes whole or not at all, and a card is something that can be told to people.
 *
 * The input is a byte for the length of the host's hash and the hash, a count, as many admissions
 * in the same way; the rest is the card. */
#include "server/store.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "base/encode.h"
#include "base/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t ID[IC_STORE_ID_LEN] = {1};
static sqlite3 *db; /* in memory, of the store too */

int __real_sqlite3_open(const char *path, sqlite3 **out);
int __wrap_sqlite3_open(const char *path, sqlite3 **out);

int __wrap_sqlite3_open(const char *path, sqlite3 **out)
{
    int result = __real_sqlite3_open(path, out);
    db = *out;
    return result;
}

static void must(bool ok)
{
    if (!ok)
        abort();
}

static sqlite3_stmt *prepared(const char *sql)
{
    sqlite3_stmt *s;
    must(sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK);
    sqlite3_bind_blob(s, 1, ID, sizeof ID, SQLITE_STATIC);
    return s;
}

static void bind(sqlite3_stmt *s, struct ic_bytes bytes)
{
    if (bytes.len > 0)
        sqlite3_bind_blob(s, 2, bytes.at, (int)bytes.len, SQLITE_STATIC);
    else
        sqlite3_bind_zeroblob(s, 2, 0);
}

/* The same hash twice in one meeting is no second row. */
static void run(sqlite3_stmt *s)
{
    int result = sqlite3_step(s);
    must(result == SQLITE_DONE || result == SQLITE_CONSTRAINT);
    sqlite3_finalize(s);
}

static struct ic_bytes short_bytes(struct ic_reader *r)
{
    size_t len = (size_t)ic_read_uint(r, 1);
    return ic_read_bytes(r, len < r->rest.len ? len : r->rest.len);
}

static void write_rows(struct ic_reader r)
{
    must(sqlite3_exec(db, "DELETE FROM meeting; DELETE FROM admission", NULL, NULL, NULL) ==
         SQLITE_OK);
    sqlite3_stmt *add = prepared("INSERT INTO meeting VALUES (?1, ?2, 0, ?3)");
    bind(add, short_bytes(&r));
    size_t count = (size_t)ic_read_uint(&r, 1);
    for (size_t i = 0; i < count && r.rest.len > 0; i++) {
        sqlite3_stmt *s = prepared("INSERT INTO admission VALUES (?1, ?2)");
        bind(s, short_bytes(&r));
        run(s);
    }
    if (r.rest.len > 0)
        sqlite3_bind_text(add, 3, (const char *)r.rest.at, (int)r.rest.len, SQLITE_STATIC);
    run(add);
}

static void check(struct ic_store *store)
{
    static char card[IC_STORE_CARD_SIZE];
    struct ic_store_meeting meeting = {.admission_count = UINT32_MAX};

    enum ic_err err = ic_store_find_meeting(store, ID, &meeting);
    must(err == IC_OK || err == IC_ERR_SYSTEM);
    must(err == IC_OK ? meeting.admission_count <= IC_STORE_ADMISSIONS_MAX
                      : meeting.admission_count == UINT32_MAX);
    if (ic_store_find_card(store, ID, card) == IC_OK)
        must(memchr(card, 0, sizeof card) && ic_base64url_is_valid(card));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_store *store;

    if (!store) {
        ic_log_set_level(IC_LOG_ERROR);
        must(ic_store_open(&store, ":memory:") == IC_OK);
        must(sqlite3_exec(db, "PRAGMA ignore_check_constraints = 1", NULL, NULL, NULL) ==
             SQLITE_OK);
    }
    write_rows(ic_reader_of((struct ic_bytes){data, size}));
    check(store);
    return 0;
}
