/* info.c - sealing and opening the GroupInfo of an open door (docs/door.md: without a waiting
 * room). */
#include "e2ee/door/info.h"

#include "crypto/cipher.h"
#include "crypto/random.h"
#include "crypto/secret.h"

static const char *const LABELS[] = {
    [IC_DOOR_INFO] = "incamera 2 info", [IC_DOOR_OUTSIDE_COMMIT] = "incamera 2 outside"};
enum { BOUND_MAX = 18 + IC_MEETING_LEN };

static struct ic_bytes bind(uint8_t bound[BOUND_MAX], enum ic_door_passes what,
                            const uint8_t meeting[IC_MEETING_LEN])
{
    struct ic_writer w = ic_writer_of(bound, BOUND_MAX);
    ic_write_bytes(&w, ic_bytes_of_text(LABELS[what]));
    ic_write_bytes(&w, (struct ic_bytes){meeting, IC_MEETING_LEN});
    return ic_written(&w);
}

enum ic_err ic_door_info_seal(struct ic_writer *w, enum ic_door_passes what, struct ic_bytes info,
                              const uint8_t secret[IC_LINK_SECRET_LEN],
                              const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t key[IC_DOOR_INFO_KEY_LEN], nonce[IC_CIPHER_NONCE_LEN], bound[BOUND_MAX];

    ic_random_fill(nonce, sizeof nonce);
    ic_write_bytes(w, (struct ic_bytes){nonce, sizeof nonce});
    uint8_t *out = ic_write_room(w, info.len + IC_CIPHER_TAG_LEN);
    if (!out)
        return IC_ERR_FULL;
    ic_door_info_key(key, secret, meeting);
    enum ic_err err =
        ic_cipher_seal(out, IC_CIPHER_AES_128_GCM, key, nonce, bind(bound, what, meeting), info);
    ic_secret_wipe(key, sizeof key);
    return err;
}

enum ic_err ic_door_info_open(struct ic_bytes *info, uint8_t *buffer, enum ic_door_passes what,
                              struct ic_bytes sealed, const uint8_t secret[IC_LINK_SECRET_LEN],
                              const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t key[IC_DOOR_INFO_KEY_LEN], bound[BOUND_MAX];
    struct ic_reader r = ic_reader_of(sealed);
    struct ic_bytes nonce = ic_read_bytes(&r, IC_CIPHER_NONCE_LEN);

    if (r.bad || r.rest.len < IC_CIPHER_TAG_LEN)
        return IC_ERR_MALFORMED;
    ic_door_info_key(key, secret, meeting);
    enum ic_err err = ic_cipher_open(buffer, IC_CIPHER_AES_128_GCM, key, nonce.at,
                                     bind(bound, what, meeting), r.rest);
    ic_secret_wipe(key, sizeof key);
    if (err == IC_OK)
        *info = (struct ic_bytes){buffer, r.rest.len - IC_CIPHER_TAG_LEN};
    return err;
}
