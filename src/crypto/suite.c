/* suite.c - the table of RFC 9420 section 17.1, one suite a row. */
#include "crypto/suite.h"

const struct ic_suite IC_SUITES[] = {
    {IC_SUITE_X25519_AES128, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", IC_KEM_X25519,
     IC_CIPHER_AES_128_GCM, IC_HASH_SHA256, IC_SIGNATURE_ED25519, 128, false},
    {IC_SUITE_P256_AES128, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", IC_KEM_P256,
     IC_CIPHER_AES_128_GCM, IC_HASH_SHA256, IC_SIGNATURE_ECDSA_P256, 128, false},
    {IC_SUITE_X25519_CHACHA20, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", IC_KEM_X25519,
     IC_CIPHER_CHACHA20_POLY1305, IC_HASH_SHA256, IC_SIGNATURE_ED25519, 128, false},
    {IC_SUITE_X448_AES256, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", IC_KEM_X448,
     IC_CIPHER_AES_256_GCM, IC_HASH_SHA512, IC_SIGNATURE_ED448, 224, false},
    {IC_SUITE_P521_AES256, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", IC_KEM_P521,
     IC_CIPHER_AES_256_GCM, IC_HASH_SHA512, IC_SIGNATURE_ECDSA_P521, 256, false},
    {IC_SUITE_X448_CHACHA20, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", IC_KEM_X448,
     IC_CIPHER_CHACHA20_POLY1305, IC_HASH_SHA512, IC_SIGNATURE_ED448, 224, false},
    {IC_SUITE_P384_AES256, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", IC_KEM_P384,
     IC_CIPHER_AES_256_GCM, IC_HASH_SHA384, IC_SIGNATURE_ECDSA_P384, 192, false},
    {IC_SUITE_HYBRID, "MLS_128_XWING_AES128GCM_SHA256_Ed25519", IC_KEM_XWING, IC_CIPHER_AES_128_GCM,
     IC_HASH_SHA256, IC_SIGNATURE_ED25519, 128, true},
};

_Static_assert(IC_COUNT(IC_SUITES) == IC_SUITE_COUNT, "one row a suite");

const struct ic_suite *ic_suite_find(uint16_t id)
{
    for (size_t i = 0; i < IC_SUITE_COUNT; i++)
        if (IC_SUITES[i].id == id)
            return &IC_SUITES[i];
    return NULL;
}

bool ic_suite_available(const struct ic_suite *suite)
{
    return ic_kem_available(suite->kem) && ic_signature_available(suite->signature);
}

struct ic_hpke_suite ic_suite_hpke(const struct ic_suite *suite)
{
    static const enum ic_hpke_kdf KDFS[] = {
        [IC_HASH_SHA256] = IC_HPKE_HKDF_SHA256,
        [IC_HASH_SHA384] = IC_HPKE_HKDF_SHA384,
        [IC_HASH_SHA512] = IC_HPKE_HKDF_SHA512,
    };
    return (struct ic_hpke_suite){(uint16_t)suite->kem, (uint16_t)KDFS[suite->hash],
                                  (uint16_t)suite->cipher};
}
