/* aead.h - AES-128-GCM with a key set once and a nonce for each message (NIST SP 800-38D).
 *
 * Two back ends give the same bytes. The faster one is taken when this build has it and the
 * processor can run it. Nothing here allocates after ic_aead_new(). */
#pragma once

#include "base/base.h"

enum { IC_AEAD_KEY_LEN = 16, IC_AEAD_NONCE_LEN = 12, IC_AEAD_TAG_LEN = 16 };

enum ic_aead_backend { IC_AEAD_OPENSSL, IC_AEAD_IPSEC_MB, IC_AEAD_BACKENDS };

/* Can keys be made on this back end, here and now? */
bool ic_aead_has(enum ic_aead_backend backend);

/* What ic_aead_new() takes. */
enum ic_aead_backend ic_aead_best(void);
const char *ic_aead_backend_name(enum ic_aead_backend backend);

/* A key bound to its algorithm. Used by one thread at a time. */
struct ic_aead;

/* IC_ERR_SYSTEM: no memory, or a back end that is not there. */
enum ic_err ic_aead_new(struct ic_aead **out, const uint8_t key[IC_AEAD_KEY_LEN]) IC_CHECKED;
enum ic_err ic_aead_new_on(struct ic_aead **out, enum ic_aead_backend backend,
                           const uint8_t key[IC_AEAD_KEY_LEN]) IC_CHECKED;
/* Wipes the key. */
void ic_aead_free(struct ic_aead *aead);

/* Encrypts `len` bytes in place and writes the tag behind them: `text` has room for
 * IC_AEAD_TAG_LEN more. A nonce must never meet the same key twice. On error (IC_ERR_SYSTEM) the
 * bytes are undefined and must not be sent. */
enum ic_err ic_aead_seal(struct ic_aead *aead, const uint8_t nonce[IC_AEAD_NONCE_LEN],
                         struct ic_bytes aad, uint8_t *text, size_t len) IC_CHECKED;

/* `len` counts the tag; the plaintext is IC_AEAD_TAG_LEN shorter, in place. IC_ERR_MALFORMED when
 * shorter than a tag, IC_ERR_FORGED when the tag is wrong: then the bytes are undefined. */
enum ic_err ic_aead_open(struct ic_aead *aead, const uint8_t nonce[IC_AEAD_NONCE_LEN],
                         struct ic_bytes aad, uint8_t *text, size_t len) IC_CHECKED;
