/* hmac.c - HMAC (RFC 2104) from OpenSSL's plain hash functions.
 *
 * Its EVP interface copies the keyed state with malloc for each message; these states are copied by
 * assignment. Both padded keys are hashed once, when the key is set. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/hmac.h"

#include "crypto/secret.h"

#include <openssl/sha.h>

enum { BLOCK_MAX = 128 };

union hash_state {
    SHA_CTX sha1;
    SHA256_CTX sha256;
    SHA512_CTX sha512; /* of SHA-384 too */
    uint64_t words[IC_HMAC_STATE_WORDS];
};

_Static_assert(sizeof(union hash_state) == sizeof((struct ic_hmac_key *)0)->inner, "state size");

static size_t block_len(enum ic_hmac_hash hash)
{
    return hash == IC_HMAC_SHA1 || hash == IC_HMAC_SHA256 ? 64 : BLOCK_MAX;
}

static void hash_init(union hash_state *state, enum ic_hmac_hash hash)
{
    memset(state, 0, sizeof *state);
    switch (hash) {
    case IC_HMAC_SHA1:
        SHA1_Init(&state->sha1);
        break;
    case IC_HMAC_SHA256:
        SHA256_Init(&state->sha256);
        break;
    case IC_HMAC_SHA384:
        SHA384_Init(&state->sha512);
        break;
    case IC_HMAC_SHA512:
        SHA512_Init(&state->sha512);
        break;
    }
}

static void hash_update(union hash_state *state, enum ic_hmac_hash hash, struct ic_bytes data)
{
    if (data.len == 0)
        return;
    if (hash == IC_HMAC_SHA1)
        SHA1_Update(&state->sha1, data.at, data.len);
    else if (hash == IC_HMAC_SHA256)
        SHA256_Update(&state->sha256, data.at, data.len);
    else
        SHA512_Update(&state->sha512, data.at, data.len);
}

static size_t hash_final(uint8_t *digest, union hash_state *state, enum ic_hmac_hash hash)
{
    switch (hash) {
    case IC_HMAC_SHA1:
        SHA1_Final(digest, &state->sha1);
        return IC_HMAC_SHA1_LEN;
    case IC_HMAC_SHA256:
        SHA256_Final(digest, &state->sha256);
        return IC_HMAC_SHA256_LEN;
    case IC_HMAC_SHA384:
        SHA384_Final(digest, &state->sha512);
        return IC_HMAC_SHA384_LEN;
    case IC_HMAC_SHA512:
        break;
    }
    SHA512_Final(digest, &state->sha512);
    return IC_HMAC_SHA512_LEN;
}

static void hash_padded_key(uint64_t out[IC_HMAC_STATE_WORDS], enum ic_hmac_hash hash,
                            const uint8_t key[BLOCK_MAX], uint8_t pad)
{
    union hash_state state;
    uint8_t block[BLOCK_MAX];

    for (size_t i = 0; i < sizeof block; i++)
        block[i] = key[i] ^ pad;
    hash_init(&state, hash);
    hash_update(&state, hash, (struct ic_bytes){block, block_len(hash)});
    memcpy(out, state.words, sizeof state.words);
    ic_secret_wipe(block, sizeof block);
    ic_secret_wipe(&state, sizeof state);
}

void ic_hmac_key_init(struct ic_hmac_key *key, enum ic_hmac_hash hash, struct ic_bytes secret)
{
    uint8_t block[BLOCK_MAX] = {0};

    if (secret.len > block_len(hash)) {
        union hash_state state;
        hash_init(&state, hash);
        hash_update(&state, hash, secret);
        hash_final(block, &state, hash);
        ic_secret_wipe(&state, sizeof state);
    } else if (secret.len > 0) {
        memcpy(block, secret.at, secret.len);
    }
    key->hash = hash;
    hash_padded_key(key->inner, hash, block, 0x36);
    hash_padded_key(key->outer, hash, block, 0x5c);
    ic_secret_wipe(block, sizeof block);
}

void ic_hmac_key_clear(struct ic_hmac_key *key)
{
    ic_secret_wipe(key, sizeof *key);
}

void ic_hmac(uint8_t *tag, const struct ic_hmac_key *key, const struct ic_bytes *parts,
             size_t count)
{
    union hash_state state;
    uint8_t inner[IC_HMAC_MAX];

    memcpy(state.words, key->inner, sizeof state.words);
    for (size_t i = 0; i < count; i++)
        hash_update(&state, key->hash, parts[i]);
    size_t len = hash_final(inner, &state, key->hash);

    memcpy(state.words, key->outer, sizeof state.words);
    hash_update(&state, key->hash, (struct ic_bytes){inner, len});
    hash_final(tag, &state, key->hash);
    /* The tag is often a key, and the state still holds it word by word. */
    ic_secret_wipe(&state, sizeof state);
    ic_secret_wipe(inner, sizeof inner);
}

void ic_hmac_sha256(uint8_t tag[IC_HMAC_SHA256_LEN], struct ic_bytes secret, struct ic_bytes data)
{
    struct ic_hmac_key key;

    ic_hmac_key_init(&key, IC_HMAC_SHA256, secret);
    ic_hmac(tag, &key, &data, 1);
    ic_hmac_key_clear(&key);
}
