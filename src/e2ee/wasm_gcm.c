/* wasm_gcm.c - AES-GCM in the browser, where the other libraries have none that answers at once and
 * takes the same time for every key. AES is PQClean's, bit by bit and without tables; its functions
 * for blocks are static, so its file becomes a part of this one.
 */
#include "e2ee/wasm_gcm.h"

#include <aes.c>

#include "crypto/ghash.h"
#include "crypto/secret.h"

enum { BLOCK = 16, STRIDE = 4 * BLOCK, ROUND_KEYS_MAX = 30, FIRST_OF_TEXT = 2 };

struct gcm {
    uint64_t keys[PQC_AES256_STATESIZE];
    unsigned rounds;
    const uint8_t *nonce;
    uint8_t hash_key[BLOCK];
};

static void write_counter(uint8_t *block, const uint8_t *nonce, uint32_t counter)
{
    struct ic_writer w = ic_writer_of(block + IC_CIPHER_NONCE_LEN, BLOCK - IC_CIPHER_NONCE_LEN);

    memcpy(block, nonce, IC_CIPHER_NONCE_LEN);
    ic_write_uint(&w, counter, sizeof counter);
}

static void begin(struct gcm *g, struct ic_bytes key, const uint8_t *nonce)
{
    static const uint8_t ZEROS[BLOCK];
    uint64_t round_keys[ROUND_KEYS_MAX];

    g->nonce = nonce;
    g->rounds = (unsigned)key.len / 4 + 6;
    br_aes_ct64_keysched(round_keys, key.at, (unsigned)key.len);
    br_aes_ct64_skey_expand(g->keys, round_keys, g->rounds);
    aes_ecb(g->hash_key, ZEROS, 1, g->keys, g->rounds);
    ic_secret_wipe(round_keys, sizeof round_keys);
}

static void mix(uint8_t *out, const uint8_t *in, const uint8_t *stream, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = in[i] ^ stream[i];
}

static void apply(const struct gcm *g, uint8_t *out, struct ic_bytes in)
{
    uint8_t counters[STRIDE], stream[STRIDE];

    for (size_t at = 0; at < in.len; at += STRIDE) {
        for (uint32_t i = 0; i < STRIDE / BLOCK; i++)
            write_counter(counters + BLOCK * i, g->nonce,
                          FIRST_OF_TEXT + (uint32_t)(at / BLOCK) + i);
        aes_ecb(stream, counters, STRIDE / BLOCK, g->keys, g->rounds);
        mix(out + at, in.at + at, stream, in.len - at < STRIDE ? in.len - at : STRIDE);
    }
    ic_secret_wipe(stream, sizeof stream);
}

static void make_tag(const struct gcm *g, uint8_t *tag, struct ic_bytes aad, struct ic_bytes sealed)
{
    uint8_t first[BLOCK], mask[BLOCK];

    write_counter(first, g->nonce, FIRST_OF_TEXT - 1);
    aes_ecb(mask, first, 1, g->keys, g->rounds);
    ic_ghash(tag, g->hash_key, aad, sealed);
    mix(tag, tag, mask, BLOCK);
    ic_secret_wipe(mask, sizeof mask);
}

void ic_gcm_seal(uint8_t *out, struct ic_bytes key, const uint8_t nonce[IC_CIPHER_NONCE_LEN],
                 struct ic_bytes aad, struct ic_bytes plain)
{
    struct gcm g;

    begin(&g, key, nonce);
    apply(&g, out, plain);
    make_tag(&g, out + plain.len, aad, (struct ic_bytes){out, plain.len});
    ic_secret_wipe(&g, sizeof g);
}

bool ic_gcm_open(uint8_t *out, struct ic_bytes key, const uint8_t nonce[IC_CIPHER_NONCE_LEN],
                 struct ic_bytes aad, struct ic_bytes sealed)
{
    struct ic_bytes text = {sealed.at, sealed.len - IC_CIPHER_TAG_LEN};
    uint8_t tag[BLOCK];
    struct gcm g;

    begin(&g, key, nonce);
    make_tag(&g, tag, aad, text);
    bool is_authentic = ic_secret_equal(tag, text.at + text.len, BLOCK);
    if (is_authentic)
        apply(&g, out, text);
    ic_secret_wipe(tag, sizeof tag);
    ic_secret_wipe(&g, sizeof g);
    return is_authentic;
}
