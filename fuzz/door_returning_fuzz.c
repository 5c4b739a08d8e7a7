/* door_returning_fuzz.c - what somebody with the link may put into a request to come back: the
 * input is the content, and is sealed here as a client would. */
#include "e2ee/door/returning.h"

#include "crypto/cipher.h"
#include "crypto/hkdf.h"

#include <stdlib.h>

static const uint8_t MEETING[IC_MEETING_LEN] = {7, 7, 7}, PARTICIPANT[IC_PARTICIPANT_LEN] = {9};
static const struct ic_door_knock_place PLACE = {MEETING, PARTICIPANT, 1};
static const uint8_t PSK[IC_DOOR_PSK_LEN] = {1};
static uint8_t sealed[IC_DOOR_RETURNING_MAX], buffer[IC_DOOR_RETURNING_MAX];

static struct ic_bytes seal(struct ic_bytes content)
{
    uint8_t bound_room[IC_DOOR_BOUND_MAX], prk[IC_HKDF_PRK_LEN], key[16];
    struct ic_bytes bound = ic_door_bind(bound_room, "incamera 2 returning", &PLACE);

    memset(sealed, 0, 16);
    sealed[3] = 1;
    ic_hkdf_extract(prk, (struct ic_bytes){0}, (struct ic_bytes){PSK, sizeof PSK});
    ic_hkdf_expand(key, sizeof key, (struct ic_bytes){prk, sizeof prk}, bound);
    if (ic_cipher_seal(sealed + 16, IC_CIPHER_AES_128_GCM, key, sealed + 4, bound, content) !=
        IC_OK)
        abort();
    return (struct ic_bytes){sealed, 16 + content.len + IC_CIPHER_TAG_LEN};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_bytes bytes = {data, size};
    struct ic_door_returning returning;

    if (size > 8000)
        return 0;
    if (ic_door_returning_open(&returning, buffer, bytes, &PLACE, PSK) == IC_OK)
        abort();
    enum ic_err err = ic_door_returning_open(&returning, buffer, seal(bytes), &PLACE, PSK);
    if (err == IC_OK && (returning.key_package.len == 0 || returning.signature_key.len == 0))
        abort();
    return 0;
}
