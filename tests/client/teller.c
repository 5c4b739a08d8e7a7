/* incamera-teller: the headless client that tells its secrets as JSON lines, so that a test can
 * look for them where they must not be. It is another program than the real one, which has no way
 * to. */
#include <stdio.h>

#include "base/encode.h"
#include "client/crew.h"
#include "e2ee/e2ee.h"
#include "e2ee/mls/key_schedule.h"
#include "e2ee/sframe.h"

static void tell(const char *what, const uint8_t *bytes, size_t len)
{
    char hex[2 * IC_HASH_MAX + 1];
    ic_hex_encode(hex, (struct ic_bytes){bytes, len});
    printf("{\"secret\":\"%s\",\"hex\":\"%s\"}\n", what, hex);
    fflush(stdout);
}

enum ic_err __real_ic_mls_epoch_export(uint8_t *out, size_t len, const struct ic_mls_epoch *epoch,
                                       const char *label, struct ic_bytes context);
enum ic_err __wrap_ic_mls_epoch_export(uint8_t *out, size_t len, const struct ic_mls_epoch *epoch,
                                       const char *label, struct ic_bytes context);
enum ic_err __wrap_ic_mls_epoch_export(uint8_t *out, size_t len, const struct ic_mls_epoch *epoch,
                                       const char *label, struct ic_bytes context)
{
    if (!epoch->exports_ended)
        tell("exporter", epoch->exporter, ic_mls_secret_len(epoch->suite));
    return __real_ic_mls_epoch_export(out, len, epoch, label, context);
}

enum ic_err __real_ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                         const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                         int64_t keep_ns);
enum ic_err __wrap_ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                         const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                         int64_t keep_ns);
enum ic_err __wrap_ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                         const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                         int64_t keep_ns)
{
    tell("base key", base_key, IC_BASE_KEY_LEN);
    return __real_ic_e2ee_epoch_install(core, number, base_key, now, keep_ns);
}

void __real_ic_sframe_derive(struct ic_sframe_secrets *out, enum ic_sframe_suite suite,
                             const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], uint64_t key_id);
void __wrap_ic_sframe_derive(struct ic_sframe_secrets *out, enum ic_sframe_suite suite,
                             const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], uint64_t key_id);
void __wrap_ic_sframe_derive(struct ic_sframe_secrets *out, enum ic_sframe_suite suite,
                             const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], uint64_t key_id)
{
    __real_ic_sframe_derive(out, suite, base_key, key_id);
    tell("frame key", out->key, out->key_len);
    tell("frame salt", out->salt, sizeof out->salt);
}

int main(int argc, char **argv)
{
    struct ic_options options;
    if (ic_options_parse(&options, argc, argv, stderr) != IC_OK)
        return 2;
    return ic_crew_run(&options, NULL, stdout);
}
