/* poison.c - what is sealed for the path of a commit is spoilt on its way. */
#include "tests/e2ee/poison.h"

#include "e2ee/conference/inside.h"
#include "e2ee/mls/labels.h"

unsigned poisoned;
bool (*poisons)(struct ic_bytes public_key, unsigned number);
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

bool poison_all(struct ic_bytes public_key, unsigned number)
{
    (void)public_key, (void)number;
    return true;
}

enum ic_err poison_rekey(struct ic_conference *c, bool (*which)(struct ic_bytes, unsigned),
                         int64_t now)
{
    poisons = which;
    poisoned = secrets_sealed = 0;
    enum ic_err err = ic_conference_rekey(c, now);
    poisons = NULL;
    return err;
}

enum ic_err poison_lawless(struct ic_say *out, struct ic_mls_staged **staged,
                           struct ic_conference *c)
{
    struct ic_bytes none = {0};
    struct ic_mls_commit_plan plan = {
        .extensions = &none, .force_path = true, .protection = {.private_message = true}};
    enum ic_err err = ic_mls_group_commit(staged, c->group, &plan);
    if (err == IC_OK)
        *out = (struct ic_say){.type = IC_SAY_COMMIT,
                               .epoch = ic_conference_epoch(c),
                               .sealed = ic_mls_staged_message(*staged)};
    return err;
}
