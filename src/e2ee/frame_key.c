/* frame_key.c - from a base key to the key and salt of one key id. */
#include "e2ee/frame_key.h"

#include "crypto/secret.h"

enum ic_err ic_frame_key_init(struct ic_frame_key *out,
                              const uint8_t base_key[IC_SFRAME_BASE_KEY_LEN], struct ic_key_id id,
                              uint64_t serial)
{
    struct ic_sframe_secrets secrets;
    struct ic_frame_key made = {.id = id, .serial = serial};

    ic_sframe_derive(&secrets, IC_SFRAME_AES_128_GCM_SHA256_128, base_key, ic_key_id_number(id));
    memcpy(made.salt, secrets.salt, sizeof made.salt);
    enum ic_err err = ic_aead_new(&made.aead, secrets.key);
    ic_secret_wipe(&secrets, sizeof secrets);
    if (err == IC_OK)
        *out = made;
    ic_secret_wipe(&made, sizeof made);
    return err;
}

void ic_frame_key_clear(struct ic_frame_key *key)
{
    ic_aead_free(key->aead);
    ic_secret_wipe(key, sizeof *key);
}
