/* hash_pqclean.c - SHA-2 (FIPS 180-4) and HMAC (RFC 2104) where there is no OpenSSL: in the
 * browser, inside the WebAssembly core, since a call out of it costs more than a hash. The
 * compression functions are PQClean's; they are static there, so its file becomes a part of this
 * one. */
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

#include <assert.h>
#include <sha2.c>

enum { BLOCK_MAX = 128, CHAIN_MAX = 64 };

struct state {
    enum ic_hash hash;
    uint64_t len; /* of all so far */
    uint8_t chain[CHAIN_MAX], block[BLOCK_MAX];
};

static size_t block_len(enum ic_hash hash)
{
    return hash == IC_HASH_SHA256 ? 64 : 128;
}

static size_t chain_len(enum ic_hash hash)
{
    return hash == IC_HASH_SHA256 ? 32 : 64;
}

static const uint8_t *first_chain(enum ic_hash hash)
{
    if (hash == IC_HASH_SHA256)
        return iv_256;
    return hash == IC_HASH_SHA384 ? iv_384 : iv_512;
}

/* After `len` bytes, whole blocks, that gave `chain`. */
static void begin(struct state *s, enum ic_hash hash, const uint8_t *chain, size_t len)
{
    s->hash = hash;
    s->len = len;
    memcpy(s->chain, chain, chain_len(hash));
}

/* Whole blocks. */
static void compress(struct state *s, const uint8_t *at, size_t len)
{
    if (s->hash == IC_HASH_SHA256)
        crypto_hashblocks_sha256(s->chain, at, len);
    else
        crypto_hashblocks_sha512(s->chain, at, len);
}

static void absorb(struct state *s, struct ic_bytes part)
{
    size_t block = block_len(s->hash), held = s->len % block;

    if (part.len == 0)
        return;
    s->len += part.len;
    if (held > 0) {
        size_t fill = part.len < block - held ? part.len : block - held;
        memcpy(s->block + held, part.at, fill);
        part = (struct ic_bytes){part.at + fill, part.len - fill};
        if (held + fill < block)
            return;
        compress(s, s->block, block);
    }
    size_t rest = part.len % block;
    compress(s, part.at, part.len - rest);
    memcpy(s->block, part.at + part.len - rest, rest);
}

/* The end of a message is a one bit, zeros, and its length in bits in an eighth of a block. */
static void finish(uint8_t *digest, struct state *s)
{
    size_t block = block_len(s->hash), held = s->len % block;

    s->block[held++] = 0x80;
    if (held > block - block / 8) {
        memset(s->block + held, 0, block - held);
        compress(s, s->block, block);
        held = 0;
    }
    memset(s->block + held, 0, block - held);
    store_bigendian_64(s->block + block - 8, 8 * s->len);
    compress(s, s->block, block);
    memcpy(digest, s->chain, ic_hash_len(s->hash));
    ic_secret_wipe(s, sizeof *s);
}

void ic_hash(uint8_t *digest, enum ic_hash hash, const struct ic_bytes *parts, size_t count)
{
    struct state s;

    begin(&s, hash, first_chain(hash), 0);
    for (size_t i = 0; i < count; i++)
        absorb(&s, parts[i]);
    finish(digest, &s);
}

void ic_sha256(uint8_t digest[IC_SHA256_LEN], struct ic_bytes data)
{
    ic_hash(digest, IC_HASH_SHA256, &data, 1);
}

/* STUN and SRTP, which use SHA-1, are no part of the core. */
static enum ic_hash hash_of(enum ic_hmac_hash hash)
{
    assert(hash != IC_HMAC_SHA1);
    if (hash == IC_HMAC_SHA256)
        return IC_HASH_SHA256;
    return hash == IC_HMAC_SHA384 ? IC_HASH_SHA384 : IC_HASH_SHA512;
}

/* What the hash holds after the block that is the key with `pad`. */
static void pad_key(uint64_t *chain, enum ic_hash hash, const uint8_t *key, uint8_t pad)
{
    uint8_t block[BLOCK_MAX];
    struct state s;

    for (size_t i = 0; i < block_len(hash); i++)
        block[i] = key[i] ^ pad;
    begin(&s, hash, first_chain(hash), 0);
    compress(&s, block, block_len(hash));
    memcpy(chain, s.chain, chain_len(hash));
    ic_secret_wipe(block, sizeof block);
    ic_secret_wipe(&s, sizeof s);
}

void ic_hmac_key_init(struct ic_hmac_key *key, enum ic_hmac_hash hash, struct ic_bytes secret)
{
    uint8_t block[BLOCK_MAX] = {0};

    _Static_assert(sizeof key->inner >= CHAIN_MAX, "room for what a hash holds");
    if (secret.len > block_len(hash_of(hash)))
        ic_hash(block, hash_of(hash), &secret, 1);
    else if (secret.len > 0)
        memcpy(block, secret.at, secret.len);
    *key = (struct ic_hmac_key){.hash = hash};
    pad_key(key->inner, hash_of(hash), block, 0x36);
    pad_key(key->outer, hash_of(hash), block, 0x5c);
    ic_secret_wipe(block, sizeof block);
}

void ic_hmac_key_clear(struct ic_hmac_key *key)
{
    ic_secret_wipe(key, sizeof *key);
}

void ic_hmac(uint8_t *tag, const struct ic_hmac_key *key, const struct ic_bytes *parts,
             size_t count)
{
    enum ic_hash hash = hash_of(key->hash);
    uint8_t inner[IC_HASH_MAX];
    struct state s;

    begin(&s, hash, (const uint8_t *)key->inner, block_len(hash));
    for (size_t i = 0; i < count; i++)
        absorb(&s, parts[i]);
    finish(inner, &s);
    begin(&s, hash, (const uint8_t *)key->outer, block_len(hash));
    absorb(&s, (struct ic_bytes){inner, ic_hash_len(hash)});
    finish(tag, &s);
    ic_secret_wipe(inner, sizeof inner);
}

void ic_hmac_sha256(uint8_t tag[IC_HMAC_SHA256_LEN], struct ic_bytes secret, struct ic_bytes data)
{
    struct ic_hmac_key key;

    ic_hmac_key_init(&key, IC_HMAC_SHA256, secret);
    ic_hmac(tag, &key, &data, 1);
    ic_hmac_key_clear(&key);
}
