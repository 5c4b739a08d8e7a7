/* start_address.c - the token is behind the #, so it reaches neither a log nor a referrer. */
#include "server/start_address.h"

#include <stdio.h>
#include <time.h>

#include "base/encode.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "crypto/secret.h"

enum { TOKEN_LEN = 32 };

enum ic_err ic_start_address_make(char address[IC_START_ADDRESS_SIZE], struct ic_store *store,
                                  const char *public_url)
{
    uint8_t token[TOKEN_LEN], hash[IC_SHA256_LEN];
    char text[IC_BASE64URL_LEN(TOKEN_LEN) + 1];

    ic_random_fill(token, sizeof token);
    ic_sha256(hash, (struct ic_bytes){token, sizeof token});
    ic_base64url_encode(text, (struct ic_bytes){token, sizeof token});
    ic_secret_wipe(token, sizeof token);
    enum ic_err err = ic_store_add_start_token(store, hash, (int64_t)time(NULL));
    if (err == IC_OK)
        snprintf(address, IC_START_ADDRESS_SIZE, "%s/start#%s", public_url, text);
    ic_secret_wipe(text, sizeof text);
    return err;
}
