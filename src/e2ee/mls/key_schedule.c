/* key_schedule.c - the key schedule, exporter and external initialisation (RFC 9420 section 8). */
#include "e2ee/mls/key_schedule.h"

#include "crypto/hkdf.h"
#include "crypto/secret.h"

static struct ic_bytes secret_of(const struct ic_suite *suite, const uint8_t *at)
{
    return (struct ic_bytes){at, ic_mls_secret_len(suite)};
}

void ic_mls_joiner_secret(uint8_t *joiner, const struct ic_suite *suite,
                          struct ic_bytes init_secret, struct ic_bytes commit_secret,
                          struct ic_bytes group_context)
{
    uint8_t mixed[IC_HASH_MAX];
    ic_mls_extract(mixed, suite, init_secret, commit_secret);
    ic_mls_expand(joiner, ic_mls_secret_len(suite), suite, secret_of(suite, mixed), "joiner",
                  group_context);
    ic_secret_wipe(mixed, sizeof mixed);
}

void ic_mls_welcome_secret(uint8_t *welcome, const struct ic_suite *suite,
                           struct ic_bytes joiner_secret, struct ic_bytes psk_secret)
{
    uint8_t mixed[IC_HASH_MAX];
    ic_mls_extract(mixed, suite, joiner_secret, psk_secret);
    ic_mls_derive(welcome, suite, secret_of(suite, mixed), "welcome");
    ic_secret_wipe(mixed, sizeof mixed);
}

void ic_mls_epoch_init_first(struct ic_mls_epoch *epoch, const struct ic_suite *suite,
                             struct ic_bytes epoch_secret)
{
    *epoch = (struct ic_mls_epoch){.suite = suite};
    const struct {
        uint8_t *secret;
        const char *label;
    } derived[] = {
        {epoch->sender_data, "sender data"},
        {epoch->encryption, "encryption"},
        {epoch->exporter, "exporter"},
        {epoch->external, "external"},
        {epoch->confirmation_key, "confirm"},
        {epoch->membership_key, "membership"},
        {epoch->resumption_psk, "resumption"},
        {epoch->authenticator, "authentication"},
        {epoch->init, "init"},
    };
    for (size_t i = 0; i < IC_COUNT(derived); i++)
        ic_mls_derive(derived[i].secret, suite, epoch_secret, derived[i].label);
}

void ic_mls_epoch_init(struct ic_mls_epoch *epoch, const struct ic_suite *suite,
                       struct ic_bytes joiner_secret, struct ic_bytes psk_secret,
                       struct ic_bytes group_context)
{
    uint8_t secret[IC_HASH_MAX];
    ic_mls_extract(secret, suite, joiner_secret, psk_secret);
    ic_mls_expand(secret, ic_mls_secret_len(suite), suite, secret_of(suite, secret), "epoch",
                  group_context);
    ic_mls_epoch_init_first(epoch, suite, secret_of(suite, secret));
    ic_secret_wipe(secret, sizeof secret);
}

void ic_mls_epoch_clear(struct ic_mls_epoch *epoch)
{
    ic_secret_wipe(epoch, sizeof *epoch);
}

enum ic_err ic_mls_epoch_export(uint8_t *out, size_t len, const struct ic_mls_epoch *epoch,
                                const char *label, struct ic_bytes context)
{
    const struct ic_suite *suite = epoch->suite;
    uint8_t derived[IC_HASH_MAX], hashed[IC_HASH_MAX];

    if (epoch->exports_ended)
        return IC_ERR_EXHAUSTED;
    if (len > UINT16_MAX || len > ic_hkdf_max(suite->hash))
        return IC_ERR_MALFORMED;
    ic_mls_derive(derived, suite, secret_of(suite, epoch->exporter), label);
    ic_hash(hashed, suite->hash, &context, 1);
    ic_mls_expand(out, len, suite, secret_of(suite, derived), "exported", secret_of(suite, hashed));
    ic_secret_wipe(derived, sizeof derived);
    return IC_OK;
}

void ic_mls_epoch_end_exports(struct ic_mls_epoch *epoch)
{
    ic_secret_wipe(epoch->exporter, sizeof epoch->exporter);
    epoch->exports_ended = true;
}
