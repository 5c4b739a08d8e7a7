/* poison.h - commits that others cannot follow: one whose path secrets are spoilt, for some or for
 * all, and one that breaks a rule. Link with --wrap=ic_mls_encrypt. */
#pragma once

#include "e2ee/conference/inside.h"
#include "e2ee/mls/labels.h"
#include "tests/test.h"

static unsigned poisoned; /* path secrets that were spoilt */
/* Is what is sealed to this key spoilt? `number` counts the secrets of the commit. NULL: none is.
 */
static bool (*poisons)(struct ic_bytes public_key, unsigned number);
static unsigned secrets_sealed;

enum ic_err __real_ic_mls_encrypt(uint8_t *ciphertext, uint8_t *kem_output,
                                  const struct ic_suite *suite, struct ic_bytes public_key,
                                  const char *label, struct ic_bytes context,
                                  struct ic_bytes plain);
enum ic_err __wrap_ic_mls_encrypt(uint8_t *ciphertext, uint8_t *kem_output,
                                  const struct ic_suite *suite, struct ic_bytes public_key,
                                  const char *label, struct ic_bytes context,
                                  struct ic_bytes plain);

enum ic_err __wrap_ic_mls_encrypt(uint8_t *ciphertext, uint8_t *kem_output,
                                  const struct ic_suite *suite, struct ic_bytes public_key,
                                  const char *label, struct ic_bytes context, struct ic_bytes plain)
{
    enum ic_err err =
        __real_ic_mls_encrypt(ciphertext, kem_output, suite, public_key, label, context, plain);
    bool of_path = strcmp(label, "UpdatePathNode") == 0;
    if (err == IC_OK && of_path && poisons && poisons(public_key, secrets_sealed++)) {
        ciphertext[0] ^= 1;
        poisoned++;
    }
    return err;
}

static inline bool poison_all(struct ic_bytes public_key, unsigned number)
{
    (void)public_key, (void)number;
    return true;
}

/* The member's own fresh keys, committed while `which` are spoilt. */
static inline enum ic_err poison_rekey(struct ic_conference *c,
                                       bool (*which)(struct ic_bytes, unsigned), int64_t now)
{
    poisons = which;
    poisoned = secrets_sealed = 0;
    enum ic_err err = ic_conference_rekey(c, now);
    poisons = NULL;
    return err;
}

/* A commit that takes the state away, which everybody refuses. `staged` is the caller's. */
static inline struct ic_say poison_lawless(struct ic_conference *c, struct ic_mls_staged **staged)
{
    struct ic_bytes none = {0};
    struct ic_mls_commit_plan plan = {
        .extensions = &none, .force_path = true, .protection = {.private_message = true}};
    assert_int_equal(ic_mls_group_commit(staged, c->group, &plan), IC_OK);
    return (struct ic_say){.type = IC_SAY_COMMIT,
                           .epoch = ic_conference_epoch(c),
                           .sealed = ic_mls_staged_message(*staged)};
}
