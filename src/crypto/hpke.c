/* hpke.c - RFC 9180 sections 5 and 6: the key schedule over a KEM, and what is sealed with it. */
#include "crypto/hpke.h"

#include "crypto/labeled.h"
#include "crypto/secret.h"

enum { MODE_PSK = 1, MODE_AUTH = 2 }; /* the bits of section 5's mode number */

static const struct ic_hpke_proof NO_PROOF;

static bool find_hash(enum ic_hash *hash, uint16_t kdf)
{
    switch (kdf) {
    case IC_HPKE_HKDF_SHA256:
        *hash = IC_HASH_SHA256;
        return true;
    case IC_HPKE_HKDF_SHA384:
        *hash = IC_HASH_SHA384;
        return true;
    case IC_HPKE_HKDF_SHA512:
        *hash = IC_HASH_SHA512;
        return true;
    default:
        return false;
    }
}

bool ic_hpke_available(struct ic_hpke_suite suite)
{
    enum ic_hash hash;

    return find_hash(&hash, suite.kdf) && ic_kem_available((enum ic_kem)suite.kem) &&
           (suite.aead == IC_HPKE_EXPORT_ONLY || ic_cipher_key_len((enum ic_cipher)suite.aead) > 0);
}

static struct ic_labeled kdf_of(struct ic_hpke_suite suite)
{
    struct ic_labeled kdf = {0};
    struct ic_writer w = ic_writer_of(kdf.suite_id, sizeof kdf.suite_id);

    (void)find_hash(&kdf.hash, suite.kdf);
    ic_write_bytes(&w, ic_bytes_of_text("HPKE"));
    ic_write_uint(&w, suite.kem, 2);
    ic_write_uint(&w, suite.kdf, 2);
    ic_write_uint(&w, suite.aead, 2);
    kdf.suite_id_len = w.len;
    return kdf;
}

/* Section 5.1, VerifyPSKInputs. */
static enum ic_err check(struct ic_hpke_suite suite, const struct ic_hpke_proof *proof)
{
    if (!ic_hpke_available(suite))
        return IC_ERR_NOT_FOUND;
    if ((proof->psk.len > 0) != (proof->psk_id.len > 0) ||
        (proof->psk.len > 0 && proof->psk.len < IC_HPKE_PSK_MIN))
        return IC_ERR_MALFORMED;
    return IC_OK;
}

static void digest_info(uint8_t digest[IC_HASH_MAX], struct ic_hpke_suite suite,
                        struct ic_bytes info)
{
    const struct ic_labeled kdf = kdf_of(suite);
    ic_labeled_extract(digest, &kdf, (struct ic_bytes){0}, "info_hash", info);
}

enum ic_err ic_hpke_digest_info(uint8_t digest[IC_HASH_MAX], struct ic_hpke_suite suite,
                                struct ic_bytes info)
{
    if (!ic_hpke_available(suite))
        return IC_ERR_NOT_FOUND;
    digest_info(digest, suite, info);
    return IC_OK;
}

/* Section 5.1, KeySchedule, whose info_hash is `digest`. */
static void schedule_digested(struct ic_hpke_context *context, struct ic_hpke_suite suite,
                              const uint8_t *shared, const uint8_t digest[IC_HASH_MAX],
                              const struct ic_hpke_proof *proof)
{
    const struct ic_labeled kdf = kdf_of(suite);
    const size_t len = ic_hash_len(kdf.hash);
    const size_t shared_len = ic_kem_lengths((enum ic_kem)suite.kem).shared_len;
    uint8_t bound[1 + 2 * IC_HASH_MAX], secret[IC_HASH_MAX];
    const struct ic_bytes bound_bytes = {bound, 1 + 2 * len};

    bound[0] = (uint8_t)((proof->psk.len > 0 ? MODE_PSK : 0) |
                         (proof->sender_key.len > 0 ? MODE_AUTH : 0));
    ic_labeled_extract(bound + 1, &kdf, (struct ic_bytes){0}, "psk_id_hash", proof->psk_id);
    memcpy(bound + 1 + len, digest, len);
    ic_labeled_extract(secret, &kdf, (struct ic_bytes){shared, shared_len}, "secret", proof->psk);

    *context = (struct ic_hpke_context){.suite = suite};
    if (suite.aead != IC_HPKE_EXPORT_ONLY) {
        ic_labeled_expand(context->key, ic_cipher_key_len((enum ic_cipher)suite.aead), &kdf, secret,
                          "key", &bound_bytes, 1);
        ic_labeled_expand(context->base_nonce, IC_CIPHER_NONCE_LEN, &kdf, secret, "base_nonce",
                          &bound_bytes, 1);
    }
    ic_labeled_expand(context->exporter_secret, len, &kdf, secret, "exp", &bound_bytes, 1);
    ic_secret_wipe(secret, sizeof secret);
}

static void schedule(struct ic_hpke_context *context, struct ic_hpke_suite suite,
                     const uint8_t *shared, struct ic_bytes info, const struct ic_hpke_proof *proof)
{
    uint8_t digest[IC_HASH_MAX];

    digest_info(digest, suite, info);
    schedule_digested(context, suite, shared, digest, proof);
}

static enum ic_err encap(uint8_t *shared, uint8_t *enc, enum ic_kem kem, struct ic_bytes public_key,
                         struct ic_bytes sender_key, struct ic_bytes randomness)
{
    if (sender_key.len > 0)
        return ic_kem_auth_encap(shared, enc, kem, public_key, sender_key, randomness);
    return randomness.len > 0 ? ic_kem_encap_from(shared, enc, kem, public_key, randomness)
                              : ic_kem_encap(shared, enc, kem, public_key);
}

enum ic_err ic_hpke_setup_sender_from(struct ic_hpke_context *context, uint8_t *enc,
                                      struct ic_hpke_suite suite, struct ic_bytes public_key,
                                      struct ic_bytes info, const struct ic_hpke_proof *proof,
                                      struct ic_bytes randomness)
{
    uint8_t shared[IC_KEM_SHARED_MAX];

    proof = proof ? proof : &NO_PROOF;
    enum ic_err err = check(suite, proof);
    if (err == IC_OK)
        err = encap(shared, enc, (enum ic_kem)suite.kem, public_key, proof->sender_key, randomness);
    if (err == IC_OK)
        schedule(context, suite, shared, info, proof);
    ic_secret_wipe(shared, sizeof shared);
    return err;
}

enum ic_err ic_hpke_setup_sender(struct ic_hpke_context *context, uint8_t *enc,
                                 struct ic_hpke_suite suite, struct ic_bytes public_key,
                                 struct ic_bytes info, const struct ic_hpke_proof *proof)
{
    return ic_hpke_setup_sender_from(context, enc, suite, public_key, info, proof,
                                     (struct ic_bytes){0});
}

enum ic_err ic_hpke_setup_receiver(struct ic_hpke_context *context, struct ic_hpke_suite suite,
                                   struct ic_bytes enc, struct ic_bytes private_key,
                                   struct ic_bytes info, const struct ic_hpke_proof *proof)
{
    uint8_t shared[IC_KEM_SHARED_MAX];
    const enum ic_kem kem = (enum ic_kem)suite.kem;

    proof = proof ? proof : &NO_PROOF;
    enum ic_err err = check(suite, proof);
    if (err == IC_OK)
        err = proof->sender_key.len > 0
                  ? ic_kem_auth_decap(shared, kem, enc, private_key, proof->sender_key)
                  : ic_kem_decap(shared, kem, enc, private_key);
    if (err == IC_OK)
        schedule(context, suite, shared, info, proof);
    ic_secret_wipe(shared, sizeof shared);
    return err;
}

void ic_hpke_clear(struct ic_hpke_context *context)
{
    ic_secret_wipe(context, sizeof *context);
}

/* Section 5.2, ComputeNonce. */
static void nonce_of(uint8_t nonce[IC_CIPHER_NONCE_LEN], const struct ic_hpke_context *context)
{
    memcpy(nonce, context->base_nonce, IC_CIPHER_NONCE_LEN);
    for (size_t i = 0; i < sizeof context->sequence; i++)
        nonce[IC_CIPHER_NONCE_LEN - 1 - i] ^= (uint8_t)(context->sequence >> 8 * i);
}

static enum ic_err check_use(const struct ic_hpke_context *context)
{
    if (context->suite.aead == IC_HPKE_EXPORT_ONLY)
        return IC_ERR_FORBIDDEN;
    return context->sequence == UINT64_MAX ? IC_ERR_EXHAUSTED : IC_OK;
}

enum ic_err ic_hpke_context_seal(uint8_t *out, struct ic_hpke_context *context, struct ic_bytes aad,
                                 struct ic_bytes plain)
{
    uint8_t nonce[IC_CIPHER_NONCE_LEN];
    enum ic_err err = check_use(context);

    if (err != IC_OK)
        return err;
    nonce_of(nonce, context);
    err = ic_cipher_seal(out, (enum ic_cipher)context->suite.aead, context->key, nonce, aad, plain);
    if (err == IC_OK)
        context->sequence++;
    return err;
}

enum ic_err ic_hpke_context_open(uint8_t *out, struct ic_hpke_context *context, struct ic_bytes aad,
                                 struct ic_bytes sealed)
{
    uint8_t nonce[IC_CIPHER_NONCE_LEN];
    enum ic_err err = check_use(context);

    if (err != IC_OK)
        return err;
    nonce_of(nonce, context);
    err =
        ic_cipher_open(out, (enum ic_cipher)context->suite.aead, context->key, nonce, aad, sealed);
    if (err == IC_OK)
        context->sequence++;
    return err;
}

enum ic_err ic_hpke_context_export(uint8_t *out, size_t len, const struct ic_hpke_context *context,
                                   struct ic_bytes label)
{
    const struct ic_labeled kdf = kdf_of(context->suite);

    if (len > ic_hkdf_max(kdf.hash))
        return IC_ERR_MALFORMED;
    ic_labeled_expand(out, len, &kdf, context->exporter_secret, "sec", &label, 1);
    return IC_OK;
}

enum ic_err ic_hpke_seal(uint8_t *out, uint8_t *enc, struct ic_hpke_suite suite,
                         struct ic_bytes public_key, struct ic_bytes info,
                         const struct ic_hpke_proof *proof, struct ic_bytes aad,
                         struct ic_bytes plain)
{
    struct ic_hpke_context context;
    enum ic_err err = ic_hpke_setup_sender(&context, enc, suite, public_key, info, proof);

    if (err != IC_OK)
        return err;
    err = ic_hpke_context_seal(out, &context, aad, plain);
    ic_hpke_clear(&context);
    return err;
}

enum ic_err ic_hpke_seal_digested(uint8_t *out, uint8_t *enc, struct ic_hpke_suite suite,
                                  struct ic_bytes public_key, const uint8_t digest[IC_HASH_MAX],
                                  struct ic_bytes plain)
{
    uint8_t shared[IC_KEM_SHARED_MAX];
    struct ic_hpke_context context;

    enum ic_err err = check(suite, &NO_PROOF);
    if (err == IC_OK)
        err = ic_kem_encap(shared, enc, (enum ic_kem)suite.kem, public_key);
    if (err != IC_OK)
        return err;
    schedule_digested(&context, suite, shared, digest, &NO_PROOF);
    ic_secret_wipe(shared, sizeof shared);
    err = ic_hpke_context_seal(out, &context, (struct ic_bytes){0}, plain);
    ic_hpke_clear(&context);
    return err;
}

enum ic_err ic_hpke_open(uint8_t *out, struct ic_hpke_suite suite, struct ic_bytes enc,
                         struct ic_bytes private_key, struct ic_bytes info,
                         const struct ic_hpke_proof *proof, struct ic_bytes aad,
                         struct ic_bytes sealed)
{
    struct ic_hpke_context context;
    enum ic_err err = ic_hpke_setup_receiver(&context, suite, enc, private_key, info, proof);

    if (err != IC_OK)
        return err;
    err = ic_hpke_context_open(out, &context, aad, sealed);
    ic_hpke_clear(&context);
    return err;
}
