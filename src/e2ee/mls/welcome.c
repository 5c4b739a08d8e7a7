/* welcome.c - Welcome and GroupSecrets, read and opened (RFC 9420 section 12.4.3.1). */
#include "e2ee/mls/welcome.h"

#include "crypto/secret.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/derive.h"

struct entry {
    struct ic_bytes ref;
    struct ic_mls_ciphertext sealed;
};

static void read_entry(struct ic_reader *r, struct entry *out)
{
    out->ref = ic_mls_read_vector(r);
    ic_mls_read_ciphertext(r, &out->sealed);
}

void ic_mls_read_welcome(struct ic_reader *r, struct ic_mls_welcome *out)
{
    struct entry entry;
    size_t count = 0;

    *out = (struct ic_mls_welcome){.suite = (uint16_t)ic_read_uint(r, 2)};
    out->secrets = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(out->secrets);
    for (; list.rest.len > 0 && count <= IC_MLS_WELCOMED_MAX; count++)
        read_entry(&list, &entry);
    if (list.bad || count > IC_MLS_WELCOMED_MAX)
        *r = (struct ic_reader){.bad = true};
    out->encrypted_group_info = ic_mls_read_vector(r);
}

void ic_mls_read_group_secrets(struct ic_reader *r, struct ic_mls_group_secrets *out)
{
    struct ic_mls_psk_id id;

    *out = (struct ic_mls_group_secrets){.joiner_secret = ic_mls_read_vector(r)};
    out->has_path_secret = ic_mls_read_present(r);
    if (out->has_path_secret)
        out->path_secret = ic_mls_read_vector(r);
    out->psks = ic_mls_read_vector(r);
    struct ic_reader list = ic_reader_of(out->psks);
    for (; list.rest.len > 0 && !list.bad && out->psk_count <= IC_MLS_PSKS_MAX; out->psk_count++)
        ic_mls_read_psk_id(&list, &id);
    if (list.bad || out->psk_count > IC_MLS_PSKS_MAX)
        *r = (struct ic_reader){.bad = true};
}

static bool find(struct entry *out, const struct ic_mls_welcome *welcome, struct ic_bytes ref)
{
    struct ic_reader list = ic_reader_of(welcome->secrets);
    while (list.rest.len > 0) {
        read_entry(&list, out);
        if (ic_bytes_equal(out->ref, ref))
            return true;
    }
    return false;
}

static bool are_sound(const struct ic_mls_group_secrets *secrets, const struct ic_suite *suite)
{
    size_t len = ic_mls_secret_len(suite);
    return secrets->joiner_secret.len == len &&
           (!secrets->has_path_secret || secrets->path_secret.len == len);
}

enum ic_err ic_mls_welcome_open_secrets(struct ic_mls_group_secrets *out, uint8_t *buffer,
                                        size_t size, const struct ic_mls_welcome *welcome,
                                        const struct ic_suite *suite, struct ic_bytes ref,
                                        struct ic_bytes init_private)
{
    struct ic_mls_group_secrets secrets;
    struct entry entry;

    if (welcome->suite != suite->id || !find(&entry, welcome, ref))
        return IC_ERR_NOT_FOUND;
    if (entry.sealed.ciphertext.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    if (entry.sealed.ciphertext.len - IC_CIPHER_TAG_LEN > size)
        return IC_ERR_FULL;
    enum ic_err err =
        ic_mls_decrypt(buffer, suite, init_private, "Welcome", welcome->encrypted_group_info,
                       entry.sealed.kem_output, entry.sealed.ciphertext);
    if (err != IC_OK)
        return err;
    struct ic_reader r =
        ic_reader_of((struct ic_bytes){buffer, entry.sealed.ciphertext.len - IC_CIPHER_TAG_LEN});
    ic_mls_read_group_secrets(&r, &secrets);
    err = ic_mls_finish(&r);
    if (err == IC_OK && !are_sound(&secrets, suite))
        err = IC_ERR_MALFORMED;
    if (err == IC_OK)
        *out = secrets;
    return err;
}

struct welcome_key {
    uint8_t key[IC_CIPHER_KEY_MAX], nonce[IC_CIPHER_NONCE_LEN];
};

static void derive_key(struct welcome_key *out, const struct ic_suite *suite,
                       struct ic_bytes welcome_secret)
{
    struct ic_bytes none = {0};
    ic_mls_expand(out->key, ic_cipher_key_len(suite->cipher), suite, welcome_secret, "key", none);
    ic_mls_expand(out->nonce, sizeof out->nonce, suite, welcome_secret, "nonce", none);
}

enum ic_err ic_mls_welcome_open_info(struct ic_mls_group_info *out, uint8_t *buffer, size_t size,
                                     const struct ic_mls_welcome *welcome,
                                     const struct ic_suite *suite, struct ic_bytes welcome_secret)
{
    struct ic_bytes sealed = welcome->encrypted_group_info;
    struct ic_mls_group_info info;
    struct welcome_key key;

    if (sealed.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    if (sealed.len - IC_CIPHER_TAG_LEN > size)
        return IC_ERR_FULL;
    derive_key(&key, suite, welcome_secret);
    enum ic_err err =
        ic_cipher_open(buffer, suite->cipher, key.key, key.nonce, (struct ic_bytes){0}, sealed);
    ic_secret_wipe(&key, sizeof key);
    if (err != IC_OK)
        return err;
    struct ic_reader r = ic_reader_of((struct ic_bytes){buffer, sealed.len - IC_CIPHER_TAG_LEN});
    ic_mls_read_group_info(&r, &info);
    err = ic_mls_finish(&r);
    if (err == IC_OK && info.context.suite != suite->id)
        err = IC_ERR_MALFORMED;
    if (err == IC_OK)
        *out = info;
    return err;
}

enum ic_err ic_mls_welcome_seal_info(uint8_t *out, const struct ic_suite *suite,
                                     struct ic_bytes welcome_secret, struct ic_bytes plain)
{
    struct welcome_key key;
    derive_key(&key, suite, welcome_secret);
    enum ic_err err =
        ic_cipher_seal(out, suite->cipher, key.key, key.nonce, (struct ic_bytes){0}, plain);
    ic_secret_wipe(&key, sizeof key);
    return err;
}
