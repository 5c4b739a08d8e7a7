/* door_knock_fuzz.c - what somebody with the link, or who knows what members know of an invite, may
 * put into a knock: the input is the body, and is sealed here as a client would. The same bytes as
 * a sealed knock never open, and none is signed as an invite demands. */
#include "e2ee/door/knock.h"

#include <stdlib.h>

#include "crypto/hpke.h"
#include "crypto/xwing.h"
#include "tests/lots.h"

static const uint8_t MEETING[IC_MEETING_LEN] = {7, 7, 7}, PARTICIPANT[IC_PARTICIPANT_LEN] = {9};
static const struct ic_door_knock_place PLACE = {MEETING, PARTICIPANT, 1};
static const struct ic_door_knock_secret SECRET = {.psk = {1}, .tag = {2}},
                                         INVITE = {.psk = {1}, .tag = {2}, .invite = true};
static const uint8_t KEY[16] = {3}, NONCE[IC_CIPHER_NONCE_LEN];
static uint8_t admit_private[IC_KEM_PRIVATE_MAX], admit_public[IC_KEM_PUBLIC_MAX];
static uint8_t sealed[IC_DOOR_KNOCK_MAX], buffer[IC_DOOR_KNOCK_MAX];

static void make_admit_key(void)
{
    static const uint8_t IKM[32] = {4};
    if (admit_public[0] == 0 && ic_kem_derive(admit_private, admit_public, IC_KEM_XWING,
                                              (struct ic_bytes){IKM, sizeof IKM}) != IC_OK)
        abort();
}

static struct ic_bytes seal(struct ic_bytes body)
{
    const struct ic_hpke_suite suite = {IC_KEM_XWING, IC_HPKE_HKDF_SHA256, IC_CIPHER_AES_128_GCM};
    const struct ic_hpke_proof proof = {.psk = {SECRET.psk, sizeof SECRET.psk},
                                        .psk_id = {SECRET.tag, sizeof SECRET.tag}};
    uint8_t bound_room[IC_DOOR_BOUND_MAX], digest[IC_SHA256_LEN];
    struct ic_bytes bound = ic_door_bind(bound_room, "incamera 2 knock", &PLACE);
    uint8_t *enc = sealed + IC_DOOR_TAG_LEN + 1, *key = enc + IC_XWING_ENC_LEN, *text = key + 32;
    size_t len = body.len + IC_CIPHER_TAG_LEN;

    memcpy(sealed, SECRET.tag, sizeof SECRET.tag);
    sealed[IC_DOOR_TAG_LEN] = 1;
    if (ic_cipher_seal(text, IC_CIPHER_AES_128_GCM, KEY, NONCE, bound, body) != IC_OK)
        abort();
    ic_sha256(digest, (struct ic_bytes){text, len});
    if (ic_hpke_seal(key, enc, suite, (struct ic_bytes){admit_public, IC_KEM_PUBLIC_MAX}, bound,
                     &proof, (struct ic_bytes){digest, sizeof digest},
                     (struct ic_bytes){KEY, sizeof KEY}) != IC_OK)
        abort();
    return (struct ic_bytes){sealed, (size_t)(text - sealed) + len};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_bytes admit = {admit_private, IC_XWING_PRIVATE_LEN};
    struct ic_door_knock knock;

    lots = 1; /* so that all are sealed with one encapsulation, which is made once */
    if (size > 8192 || !ic_kem_available(IC_KEM_XWING))
        return 0;
    make_admit_key();
    if (ic_door_knock_open(&knock, buffer, (struct ic_bytes){data, size}, &PLACE, &SECRET, admit) ==
        IC_OK)
        abort();
    struct ic_bytes body = seal((struct ic_bytes){data, size});
    enum ic_err err = ic_door_knock_open(&knock, buffer, body, &PLACE, &SECRET, admit);
    if (err != IC_OK && err != IC_ERR_MALFORMED)
        abort();
    err = ic_door_knock_open(&knock, buffer, body, &PLACE, &INVITE, admit);
    if (err != IC_ERR_FORGED && err != IC_ERR_MALFORMED)
        abort();
    return 0;
}
