/* dh.c - what the groups have in common, whatever computes on them (dh_openssl.c, or the worker
 * that holds the WebAssembly module). */
#include "crypto/dh.h"

#include "crypto/random.h"
#include "crypto/secret.h"

static const struct {
    size_t private_len, public_len, secret_len;
    uint8_t top; /* mask of a scalar's first byte */
} GROUPS[] = {
    [IC_DH_P256] = {32, 65, 32, 0xff},  [IC_DH_P384] = {48, 97, 48, 0xff},
    [IC_DH_P521] = {66, 133, 66, 0x01}, [IC_DH_X25519] = {32, 32, 32, 0xff},
    [IC_DH_X448] = {56, 56, 56, 0xff},
};

enum { GENERATE_TRIES = 128 };

size_t ic_dh_private_len(enum ic_dh group)
{
    return GROUPS[group].private_len;
}

size_t ic_dh_public_len(enum ic_dh group)
{
    return GROUPS[group].public_len;
}

size_t ic_dh_secret_len(enum ic_dh group)
{
    return GROUPS[group].secret_len;
}

/* A random scalar is refused at most half of the time, on P-521; elsewhere hardly ever. */
enum ic_err ic_dh_generate(uint8_t *private_key, uint8_t *public_key, enum ic_dh group)
{
    enum ic_err err = IC_ERR_MALFORMED;

    for (int i = 0; i < GENERATE_TRIES && err == IC_ERR_MALFORMED; i++) {
        ic_random_fill(private_key, GROUPS[group].private_len);
        private_key[0] &= GROUPS[group].top;
        err = ic_dh_public(public_key, group, private_key);
    }
    if (err != IC_OK)
        ic_secret_wipe(private_key, GROUPS[group].private_len);
    return err == IC_ERR_MALFORMED ? IC_ERR_SYSTEM : err;
}
