/* link_keys.c - keys from the link secret (docs/protocol.md: nouns, announcement, frame). */
#include "e2ee/link_keys.h"

#include "crypto/hkdf.h"
#include "crypto/secret.h"

static void derive(uint8_t *out, size_t len, const uint8_t secret[IC_LINK_SECRET_LEN],
                   struct ic_bytes salt, struct ic_bytes info)
{
    uint8_t prk[IC_HKDF_PRK_LEN];
    ic_hkdf_extract(prk, salt, (struct ic_bytes){secret, IC_LINK_SECRET_LEN});
    ic_hkdf_expand(out, len, (struct ic_bytes){prk, sizeof prk}, info);
    ic_secret_wipe(prk, sizeof prk);
}

void ic_admission_proof(uint8_t proof[IC_ADMISSION_PROOF_LEN],
                        const uint8_t link_secret[IC_LINK_SECRET_LEN])
{
    derive(proof, IC_ADMISSION_PROOF_LEN, link_secret, (struct ic_bytes){0},
           ic_bytes_of_text("incamera 1 admission"));
}

void ic_link_keys_init(struct ic_link_keys *keys, const uint8_t secret[IC_LINK_SECRET_LEN],
                       const uint8_t meeting[IC_MEETING_LEN])
{
    memcpy(keys->secret, secret, sizeof keys->secret);
    memcpy(keys->meeting, meeting, sizeof keys->meeting);
}

void ic_link_keys_clear(struct ic_link_keys *keys)
{
    ic_secret_wipe(keys, sizeof *keys);
}

void ic_link_announcement_key(const struct ic_link_keys *keys, uint8_t out[IC_ANNOUNCEMENT_KEY_LEN])
{
    uint8_t info[64];
    struct ic_writer w = ic_writer_of(info, sizeof info);
    ic_write_bytes(&w, ic_bytes_of_text("incamera 1 announcement"));
    ic_write_bytes(&w, (struct ic_bytes){keys->meeting, sizeof keys->meeting});
    derive(out, IC_ANNOUNCEMENT_KEY_LEN, keys->secret, (struct ic_bytes){0}, ic_written(&w));
}

void ic_link_base_key(const struct ic_link_keys *keys, uint8_t out[IC_SFRAME_BASE_KEY_LEN],
                      const uint8_t nonce[IC_EPOCH_NONCE_LEN], struct ic_key_id id)
{
    uint8_t info[64];
    struct ic_writer w = ic_writer_of(info, sizeof info);
    ic_write_bytes(&w, ic_bytes_of_text("incamera 1 frames"));
    ic_write_bytes(&w, (struct ic_bytes){keys->meeting, sizeof keys->meeting});
    ic_write_uint(&w, ic_key_id_number(id), 4);
    derive(out, IC_SFRAME_BASE_KEY_LEN, keys->secret, (struct ic_bytes){nonce, IC_EPOCH_NONCE_LEN},
           ic_written(&w));
}
