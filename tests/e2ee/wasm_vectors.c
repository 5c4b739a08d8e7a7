/* wasm_vectors.c - a module for tests alone: SFrame's pieces as WebAssembly, so that the published
 * vectors are checked on what the browser runs (web/src/e2ee/sframe.test.ts). */
#include "crypto/aead.h"
#include "e2ee/sframe.h"

#define EXPORT(name) __attribute__((export_name(name)))

static struct {
    uint64_t key_id, counter;         /* 0, 8 */
    uint8_t base_key[16], nonce[16];  /* 16, 32 */
    struct ic_sframe_secrets secrets; /* 48: key 48, its length 4, salt 12 */
    uint8_t bytes[512];               /* 112 */
} io;

_Static_assert(offsetof(__typeof__(io), secrets) == 48, "read by sframe.test.ts");
_Static_assert(offsetof(__typeof__(io), bytes) == 112, "read by sframe.test.ts");

EXPORT("io") void *vectors_io(void);
void *vectors_io(void)
{
    return &io;
}

EXPORT("header_write") size_t vectors_header_write(void);
size_t vectors_header_write(void)
{
    return ic_sframe_header_write(io.bytes, (struct ic_sframe_header){io.key_id, io.counter});
}

/* The header's length, or 0. */
EXPORT("header_read") size_t vectors_header_read(size_t len);
size_t vectors_header_read(size_t len)
{
    struct ic_sframe_header header;
    size_t header_len;
    if (ic_sframe_header_read(&header, &header_len, (struct ic_bytes){io.bytes, len}) != IC_OK)
        return 0;
    io.key_id = header.key_id;
    io.counter = header.counter;
    return header_len;
}

EXPORT("derive") void vectors_derive(unsigned suite);
void vectors_derive(unsigned suite)
{
    ic_sframe_derive(&io.secrets, (enum ic_sframe_suite)suite, io.base_key, io.key_id);
    ic_sframe_nonce(io.nonce, io.secrets.salt, io.counter);
}

/* In `bytes`: additional data, then the text, with room for a tag. */
EXPORT("seal") bool vectors_seal(size_t aad_len, size_t len);
bool vectors_seal(size_t aad_len, size_t len)
{
    struct ic_aead *aead;
    if (ic_aead_new(&aead, io.secrets.key) != IC_OK)
        return false;
    enum ic_err err =
        ic_aead_seal(aead, io.nonce, (struct ic_bytes){io.bytes, aad_len}, io.bytes + aad_len, len);
    ic_aead_free(aead);
    return err == IC_OK;
}
