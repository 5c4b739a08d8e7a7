/* hpke_open_fuzz.c - no bytes open that were not sealed to the key, in any KEM and mode, and what
 * the checks take as a public key an encapsulation takes too.
 *
 * The first byte chooses KEM, AEAD and proof; then the encapsulation, then the sealed bytes. */
#include "crypto/hpke.h"

#include <stdlib.h>

enum { KEMS = 6 };

static struct ic_bytes private_of(enum ic_kem kem, size_t at)
{
    static uint8_t keys[KEMS][IC_KEM_PRIVATE_MAX];
    static bool made[KEMS];
    uint8_t public_key[IC_KEM_PUBLIC_MAX];

    if (!made[at] && ic_kem_derive(keys[at], public_key, kem, ic_bytes_of_text("fuzz")) != IC_OK)
        abort();
    made[at] = true;
    return (struct ic_bytes){keys[at], ic_kem_lengths(kem).private_len};
}

static void try_as_public_key(enum ic_kem kem, struct ic_bytes key)
{
    uint8_t shared[IC_KEM_SHARED_MAX], enc[IC_KEM_ENC_MAX];
    bool taken = ic_kem_encap(shared, enc, kem, key) == IC_OK;

    if (taken != (ic_kem_check_public(kem, key) == IC_OK))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum ic_kem ALL[KEMS] = {IC_KEM_X25519, IC_KEM_P256, IC_KEM_XWING,
                                          IC_KEM_X448,   IC_KEM_P384, IC_KEM_P521};
    static const uint8_t psk[IC_HPKE_PSK_MIN] = {1};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    size_t choice = (size_t)ic_read_uint(&r, 1), at = choice % KEMS;
    enum ic_kem kem = ALL[at];

    if (r.bad || !ic_kem_available(kem))
        return 0;
    try_as_public_key(kem, r.rest);
    struct ic_hpke_suite suite = {(uint16_t)kem, IC_HPKE_HKDF_SHA256,
                                  (uint16_t)(1 + choice / 6 % 3)};
    struct ic_hpke_proof proof = {0};
    if (choice / 18 % 2)
        proof.psk = proof.psk_id = (struct ic_bytes){psk, sizeof psk};
    if (choice / 36 % 2)
        proof.sender_key = ic_read_bytes(&r, ic_kem_lengths(kem).public_len);
    struct ic_bytes enc = ic_read_bytes(&r, ic_kem_lengths(kem).enc_len);
    uint8_t *out = malloc(r.rest.len ? r.rest.len : 1);
    if (out && ic_hpke_open(out, suite, enc, private_of(kem, at), ic_bytes_of_text("info"), &proof,
                            (struct ic_bytes){0}, r.rest) == IC_OK)
        abort();
    free(out);
    return 0;
}
