/* store_sqlite.c - the store in one SQLite file. WAL, so that `incamera start-address` may write
 * beside the running server; STRICT, so that a wrong type is an error. */
#include "server/store.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/log.h"

enum { BUSY_MS = 2000 };

/* Forward only: a released entry never changes. The file's user_version counts those applied. */
static const char *const migrations[] = {
    "CREATE TABLE meeting ("
    "  id BLOB PRIMARY KEY CHECK (length(id) = 16),"
    "  admission BLOB NOT NULL CHECK (length(admission) = 32),"
    "  host BLOB NOT NULL CHECK (length(host) = 32),"
    "  created INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE start_token ("
    "  hash BLOB PRIMARY KEY CHECK (length(hash) = 32),"
    "  created INTEGER NOT NULL,"
    "  used INTEGER"
    ") STRICT, WITHOUT ROWID;",
    "CREATE TABLE admission ("
    "  meeting BLOB NOT NULL CHECK (length(meeting) = 16),"
    "  hash BLOB NOT NULL CHECK (length(hash) = 32),"
    "  PRIMARY KEY (meeting, hash)"
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO admission (meeting, hash) SELECT id, admission FROM meeting;"
    "ALTER TABLE meeting DROP COLUMN admission;"
    "ALTER TABLE meeting ADD COLUMN has_group INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE meeting ADD COLUMN card TEXT;",
    /* Nobody can take part in a meeting without a group any more. */
    "DELETE FROM admission WHERE meeting IN (SELECT id FROM meeting WHERE has_group = 0);"
    "DELETE FROM meeting WHERE has_group = 0;"
    "ALTER TABLE meeting DROP COLUMN has_group;",
};

enum statement {
    BEGIN,
    COMMIT,
    ROLLBACK,
    ADD_TOKEN,
    FORGET_TOKENS,
    USE_TOKEN,
    ADD_MEETING,
    FIND_MEETING,
    REMOVE_MEETING,
    ADD_ADMISSION,
    FIND_ADMISSIONS,
    REMOVE_ADMISSIONS,
    SET_CARD,
    FIND_CARD,
    STATEMENTS,
};

static const char *const sql[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [ADD_TOKEN] = "INSERT INTO start_token (hash, created) VALUES (?1, ?2)",
    [FORGET_TOKENS] = "DELETE FROM start_token WHERE created < ?2",
    [USE_TOKEN] =
        "UPDATE start_token SET used = ?2 WHERE hash = ?1 AND used IS NULL AND created > ?3",
    [ADD_MEETING] = "INSERT INTO meeting (id, host, created) VALUES (?1, ?3, ?2)",
    [FIND_MEETING] = "SELECT host FROM meeting WHERE id = ?1",
    [REMOVE_MEETING] = "DELETE FROM meeting WHERE id = ?1",
    [ADD_ADMISSION] = "INSERT OR IGNORE INTO admission (meeting, hash) VALUES (?1, ?2)",
    [FIND_ADMISSIONS] = "SELECT hash FROM admission WHERE meeting = ?1",
    [REMOVE_ADMISSIONS] = "DELETE FROM admission WHERE meeting = ?1",
    [SET_CARD] = "UPDATE meeting SET card = ?2 WHERE id = ?1",
    [FIND_CARD] = "SELECT card FROM meeting WHERE id = ?1",
};

struct ic_store {
    sqlite3 *db;
    char *path;
    sqlite3_stmt *statements[STATEMENTS];
};

static enum ic_err complain(struct ic_store *store, const char *event)
{
    ic_log(IC_LOG_ERROR, "store", IC_EVENT(event), IC_TEXT("path", store->path),
           IC_TEXT("reason", store->db ? sqlite3_errmsg(store->db) : "out of memory"));
    return IC_ERR_SYSTEM;
}

/* Runs one statement that returns no row, after its values were bound. */
static enum ic_err finish(struct ic_store *store, enum statement which)
{
    sqlite3_stmt *s = store->statements[which];
    int result = sqlite3_step(s);

    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return result == SQLITE_DONE ? IC_OK : complain(store, "statement_failed");
}

/* The same. `blob` is ?1, `number` ?2; others are bound before. */
static enum ic_err run(struct ic_store *store, enum statement which, const uint8_t *blob,
                       int blob_len, int64_t number)
{
    sqlite3_stmt *s = store->statements[which];

    if (blob)
        sqlite3_bind_blob(s, 1, blob, blob_len, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(s) >= 2)
        sqlite3_bind_int64(s, 2, number);
    return finish(store, which);
}

static int version_of(sqlite3 *db)
{
    sqlite3_stmt *s = NULL;
    int version = -1;

    if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &s, NULL) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW)
        version = sqlite3_column_int(s, 0);
    sqlite3_finalize(s);
    return version;
}

static enum ic_err migrate(struct ic_store *store)
{
    int newest = (int)IC_COUNT(migrations);

    if (sqlite3_exec(store->db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return complain(store, "locked");
    int version = version_of(store->db);
    if (version < 0 || version > newest) {
        ic_log(IC_LOG_ERROR, "store", IC_EVENT("unknown_version"), IC_TEXT("path", store->path),
               IC_NUMBER("version", version), IC_NUMBER("newest", newest));
        return IC_ERR_SYSTEM;
    }
    for (; version < newest; version++) {
        char set_version[40];
        snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d", version + 1);
        if (sqlite3_exec(store->db, migrations[version], NULL, NULL, NULL) != SQLITE_OK ||
            sqlite3_exec(store->db, set_version, NULL, NULL, NULL) != SQLITE_OK)
            return complain(store, "migration_failed");
    }
    if (sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return complain(store, "migration_failed");
    return IC_OK;
}

static enum ic_err prepare(struct ic_store *store)
{
    for (int i = 0; i < STATEMENTS; i++)
        if (sqlite3_prepare_v3(store->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK)
            return complain(store, "prepare_failed");
    return IC_OK;
}

static void make_folder_of(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');

    if (!slash || slash == path || (size_t)(slash - path) >= sizeof folder)
        return;
    memcpy(folder, path, (size_t)(slash - path));
    folder[slash - path] = 0;
    mkdir(folder, 0700); /* when it fails, opening the file says why */
}

enum ic_err ic_store_open(struct ic_store **out, const char *path)
{
    struct ic_store *store = calloc(1, sizeof *store);
    if (!store)
        return IC_ERR_SYSTEM;
    store->path = strdup(path);
    if (!store->path) {
        free(store);
        return IC_ERR_SYSTEM;
    }

    make_folder_of(path);
    mode_t before = umask(077);
    int opened = sqlite3_open(path, &store->db);
    enum ic_err err = IC_OK;
    if (opened != SQLITE_OK || sqlite3_busy_timeout(store->db, BUSY_MS) != SQLITE_OK ||
        sqlite3_exec(store->db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL", NULL, NULL,
                     NULL) != SQLITE_OK)
        err = complain(store, "cannot_open");
    if (err == IC_OK)
        err = migrate(store);
    if (err == IC_OK)
        err = prepare(store);
    umask(before);
    if (err != IC_OK) {
        ic_store_close(store);
        return err;
    }
    *out = store;
    return IC_OK;
}

enum ic_err ic_store_open_existing(struct ic_store **out, const char *path)
{
    if (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return ic_store_open(out, path);
    ic_log(IC_LOG_ERROR, "store", IC_EVENT("no_store"), IC_TEXT("path", path),
           IC_TEXT("reason", "no server has made a store there: give the settings of the server, "
                             "from the same folder if store.path is relative, after its first "
                             "start"));
    return IC_ERR_NOT_FOUND;
}

void ic_store_close(struct ic_store *store)
{
    if (!store)
        return;
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->db);
    free(store->path);
    free(store);
}

enum ic_err ic_store_add_start_token(struct ic_store *store, const uint8_t hash[IC_STORE_HASH_LEN],
                                     int64_t now)
{
    enum ic_err err = run(store, FORGET_TOKENS, NULL, 0, now - IC_START_TOKEN_SECONDS);
    return err == IC_OK ? run(store, ADD_TOKEN, hash, IC_STORE_HASH_LEN, now) : err;
}

static enum ic_err add_admissions(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                                  const uint8_t (*hashes)[IC_STORE_HASH_LEN], uint32_t count)
{
    sqlite3_stmt *add = store->statements[ADD_ADMISSION];
    enum ic_err err = IC_OK;

    for (uint32_t i = 0; err == IC_OK && i < count; i++) {
        sqlite3_bind_blob(add, 1, id, IC_STORE_ID_LEN, SQLITE_STATIC);
        sqlite3_bind_blob(add, 2, hashes[i], IC_STORE_HASH_LEN, SQLITE_STATIC);
        err = finish(store, ADD_ADMISSION);
    }
    return err;
}

static enum ic_err use_token_and_add(struct ic_store *store, const uint8_t *token_hash,
                                     const struct ic_store_meeting *meeting, int64_t now)
{
    sqlite3_bind_int64(store->statements[USE_TOKEN], 3, now - IC_START_TOKEN_SECONDS);
    enum ic_err err = run(store, USE_TOKEN, token_hash, IC_STORE_HASH_LEN, now);
    if (err != IC_OK)
        return err;
    if (sqlite3_changes(store->db) != 1)
        return IC_ERR_NOT_FOUND;
    sqlite3_stmt *add = store->statements[ADD_MEETING];
    sqlite3_bind_blob(add, 3, meeting->host, IC_STORE_HASH_LEN, SQLITE_STATIC);
    err = run(store, ADD_MEETING, meeting->id, IC_STORE_ID_LEN, now);
    return err == IC_OK
               ? add_admissions(store, meeting->id, meeting->admissions, meeting->admission_count)
               : err;
}

/* Ends what `BEGIN` began, as `err` says. */
static enum ic_err end_transaction(struct ic_store *store, enum ic_err err)
{
    if (err == IC_OK)
        err = run(store, COMMIT, NULL, 0, 0);
    if (err != IC_OK && run(store, ROLLBACK, NULL, 0, 0) != IC_OK)
        return IC_ERR_SYSTEM;
    return err;
}

enum ic_err ic_store_create_meeting(struct ic_store *store,
                                    const uint8_t token_hash[IC_STORE_HASH_LEN],
                                    const struct ic_store_meeting *meeting, int64_t now)
{
    enum ic_err err = run(store, BEGIN, NULL, 0, 0);
    if (err != IC_OK)
        return err;
    return end_transaction(store, use_token_and_add(store, token_hash, meeting, now));
}

/* The file is another program's for whoever may write it: its rows are checked as they come. */
static bool copy_hash(uint8_t out[IC_STORE_HASH_LEN], sqlite3_stmt *s)
{
    const void *found = sqlite3_column_blob(s, 0);
    if (!found || sqlite3_column_bytes(s, 0) != IC_STORE_HASH_LEN)
        return false;
    memcpy(out, found, IC_STORE_HASH_LEN);
    return true;
}

static enum ic_err complain_of_row(const struct ic_store *store)
{
    ic_log(IC_LOG_ERROR, "store", IC_EVENT("damaged_row"), IC_TEXT("path", store->path));
    return IC_ERR_SYSTEM;
}

static enum ic_err find_admissions(struct ic_store *store, struct ic_store_meeting *meeting)
{
    sqlite3_stmt *s = store->statements[FIND_ADMISSIONS];
    bool sound = true;
    int result;

    meeting->admission_count = 0;
    sqlite3_bind_blob(s, 1, meeting->id, IC_STORE_ID_LEN, SQLITE_STATIC);
    while ((result = sqlite3_step(s)) == SQLITE_ROW && sound) {
        sound = meeting->admission_count < IC_STORE_ADMISSIONS_MAX &&
                copy_hash(meeting->admissions[meeting->admission_count], s);
        meeting->admission_count += sound;
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    if (!sound)
        return complain_of_row(store);
    return result == SQLITE_DONE ? IC_OK : complain(store, "statement_failed");
}

enum ic_err ic_store_find_meeting(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                                  struct ic_store_meeting *out)
{
    sqlite3_stmt *s = store->statements[FIND_MEETING];
    struct ic_store_meeting found = {0};
    enum ic_err err = IC_ERR_NOT_FOUND;

    memcpy(found.id, id, IC_STORE_ID_LEN);
    sqlite3_bind_blob(s, 1, id, IC_STORE_ID_LEN, SQLITE_STATIC);
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW)
        err = copy_hash(found.host, s) ? find_admissions(store, &found) : complain_of_row(store);
    else if (result != SQLITE_DONE)
        err = complain(store, "statement_failed");
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    if (err == IC_OK)
        *out = found;
    return err;
}

enum ic_err ic_store_remove_meeting(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN])
{
    enum ic_err err = run(store, BEGIN, NULL, 0, 0);
    if (err != IC_OK)
        return err;
    err = run(store, REMOVE_ADMISSIONS, id, IC_STORE_ID_LEN, 0);
    if (err == IC_OK)
        err = run(store, REMOVE_MEETING, id, IC_STORE_ID_LEN, 0);
    return end_transaction(store, err);
}

enum ic_err ic_store_set_admissions(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                                    const uint8_t (*hashes)[IC_STORE_HASH_LEN], uint32_t count)
{
    enum ic_err err = run(store, BEGIN, NULL, 0, 0);
    if (err != IC_OK)
        return err;
    err = run(store, REMOVE_ADMISSIONS, id, IC_STORE_ID_LEN, 0);
    if (err == IC_OK)
        err = add_admissions(store, id, hashes, count);
    return end_transaction(store, err);
}

enum ic_err ic_store_set_card(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                              const char *card)
{
    sqlite3_stmt *s = store->statements[SET_CARD];

    sqlite3_bind_blob(s, 1, id, IC_STORE_ID_LEN, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, card, -1, SQLITE_STATIC);
    return finish(store, SET_CARD);
}

enum ic_err ic_store_find_card(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                               char card[IC_STORE_CARD_SIZE])
{
    sqlite3_stmt *s = store->statements[FIND_CARD];
    enum ic_err err = IC_ERR_NOT_FOUND;

    sqlite3_bind_blob(s, 1, id, IC_STORE_ID_LEN, SQLITE_STATIC);
    const char *found =
        sqlite3_step(s) == SQLITE_ROW ? (const char *)sqlite3_column_text(s, 0) : NULL;
    if (found && strlen(found) < IC_STORE_CARD_SIZE && ic_base64url_is_valid(found)) {
        strcpy(card, found);
        err = IC_OK;
    }
    sqlite3_reset(s);
    sqlite3_clear_bindings(s);
    return err;
}
