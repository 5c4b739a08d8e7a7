/* external_init.c - the external key pair and init secret (RFC 9420 section 8.3). */
#include "e2ee/mls/external_init.h"

#include "crypto/secret.h"

static struct ic_bytes secret_of(const struct ic_suite *suite, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(suite)};
}

enum ic_err ic_mls_epoch_external_pair(uint8_t *private_key, uint8_t *public_key,
                                       const struct ic_mls_epoch *epoch)
{
    return ic_kem_derive(private_key, public_key, epoch->suite->kem,
                         secret_of(epoch->suite, epoch->external));
}

static enum ic_err export_init(uint8_t *init_secret, const struct ic_suite *suite,
                               struct ic_hpke_context *context)
{
    enum ic_err err = ic_hpke_context_export(init_secret, ic_mls_secret_len(suite), context,
                                             ic_bytes_of_text("MLS 1.0 external init secret"));
    ic_hpke_clear(context);
    return err;
}

enum ic_err ic_mls_external_init_make(uint8_t *init_secret, uint8_t *kem_output,
                                      const struct ic_suite *suite, struct ic_bytes external_public)
{
    struct ic_hpke_context context;
    enum ic_err err = ic_hpke_setup_sender(&context, kem_output, ic_suite_hpke(suite),
                                           external_public, (struct ic_bytes){0}, NULL);
    return err == IC_OK ? export_init(init_secret, suite, &context) : err;
}

enum ic_err ic_mls_external_init_find(uint8_t *init_secret, const struct ic_mls_epoch *epoch,
                                      struct ic_bytes kem_output)
{
    const struct ic_suite *suite = epoch->suite;
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    struct ic_hpke_context context;

    enum ic_err err = ic_mls_epoch_external_pair(private_key, public_key, epoch);
    if (err != IC_OK)
        return err;
    struct ic_bytes key = {private_key, ic_kem_lengths(suite->kem).private_len};
    err = ic_hpke_setup_receiver(&context, ic_suite_hpke(suite), kem_output, key,
                                 (struct ic_bytes){0}, NULL);
    ic_secret_wipe(private_key, sizeof private_key);
    return err == IC_OK ? export_init(init_secret, suite, &context) : err;
}
