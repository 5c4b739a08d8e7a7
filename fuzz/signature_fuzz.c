/* signature_fuzz.c - any bytes as public key and signature: no crash, no signature of ours that
 * another message has, and keys outside the rules never verify.
 *
 * The first byte chooses the scheme; then a public key, then a signature of "message". */
#include "crypto/signature.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum ic_signature SCHEMES[] = {IC_SIGNATURE_ED25519, IC_SIGNATURE_ECDSA_P256,
                                                IC_SIGNATURE_ED448, IC_SIGNATURE_ECDSA_P384,
                                                IC_SIGNATURE_ECDSA_P521};
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    enum ic_signature scheme = SCHEMES[ic_read_uint(&r, 1) % IC_COUNT(SCHEMES)];
    struct ic_bytes key = ic_read_bytes(&r, ic_signature_lengths(scheme).public_len);
    const struct ic_bytes message = ic_bytes_of_text("message"), other = ic_bytes_of_text("other");

    if (ic_signature_verify(scheme, key, message, r.rest) != IC_OK)
        return 0;
    if (ic_signature_check_public(scheme, key) != IC_OK ||
        ic_signature_verify(scheme, key, other, r.rest) == IC_OK)
        abort();
    return 0;
}
