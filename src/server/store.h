/* store.h - what outlives the process: meetings and the right to start one. One interface; the
 * back end is chosen when linking (store_sqlite.c).
 *
 * Nothing here is about people. Secrets are kept as SHA-256 values only. Calls block; each is one
 * look-up or one transaction. Times are seconds since 1970. */
#pragma once

#include "base/base.h"

enum {
    IC_STORE_ID_LEN = 16,
    IC_STORE_HASH_LEN = 32,
    IC_STORE_ADMISSIONS_MAX = 200,
    IC_STORE_CARD_SIZE = 22000,             /* text, with the terminating zero */
    IC_START_TOKEN_SECONDS = 7 * 24 * 3600, /* an unused start address ends after a week */
};

struct ic_store_meeting {
    uint8_t id[IC_STORE_ID_LEN];
    uint8_t host[IC_STORE_HASH_LEN]; /* SHA-256 of the host proof */
    uint32_t admission_count;
    uint8_t admissions[IC_STORE_ADMISSIONS_MAX][IC_STORE_HASH_LEN]; /* SHA-256 of the proofs */
};

struct ic_store;

/* Opens or makes the file and its folder, and brings it to this program's version. The reason of
 * a failure is logged. */
enum ic_err ic_store_open(struct ic_store **out, const char *path) IC_CHECKED;

/* The same, but makes nothing. IC_ERR_NOT_FOUND, logged as well: no server has made one there. */
enum ic_err ic_store_open_existing(struct ic_store **out, const char *path) IC_CHECKED;
void ic_store_close(struct ic_store *store);

enum ic_err ic_store_add_start_token(struct ic_store *store, const uint8_t hash[IC_STORE_HASH_LEN],
                                     int64_t now) IC_CHECKED;

/* Uses the token up and adds the meeting, or does neither. IC_ERR_NOT_FOUND: no such token, or it
 * was used, or it is too old. */
enum ic_err ic_store_create_meeting(struct ic_store *store,
                                    const uint8_t token_hash[IC_STORE_HASH_LEN],
                                    const struct ic_store_meeting *meeting, int64_t now) IC_CHECKED;

/* IC_ERR_NOT_FOUND: there is none. IC_ERR_SYSTEM also for rows that nobody here has written. */
enum ic_err ic_store_find_meeting(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                                  struct ic_store_meeting *out) IC_CHECKED;

/* Replaces the whole list by 1 to IC_STORE_ADMISSIONS_MAX hashes, or does nothing. */
enum ic_err ic_store_set_admissions(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                                    const uint8_t (*hashes)[IC_STORE_HASH_LEN],
                                    uint32_t count) IC_CHECKED;

/* What those who wait are shown, as the text that came: base64url. */
enum ic_err ic_store_set_card(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                              const char *card) IC_CHECKED;

/* IC_ERR_NOT_FOUND: the meeting has none that can be told to anybody. */
enum ic_err ic_store_find_card(struct ic_store *store, const uint8_t id[IC_STORE_ID_LEN],
                               char card[IC_STORE_CARD_SIZE]) IC_CHECKED;

enum ic_err ic_store_remove_meeting(struct ic_store *store,
                                    const uint8_t id[IC_STORE_ID_LEN]) IC_CHECKED;
