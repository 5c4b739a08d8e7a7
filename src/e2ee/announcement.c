/* announcement.c - what a participant says about itself, sealed: nonce, ciphertext, tag
 * (docs/protocol.md, "Inside an announcement"). The text itself is the caller's. */
#include "crypto/aead.h"
#include "crypto/random.h"
#include "e2ee/core.h"

enum { PAD_TO = 256 };

static size_t padded(size_t len)
{
    size_t up = (len + PAD_TO - 1) / PAD_TO * PAD_TO;
    return up < IC_ANNOUNCEMENT_TEXT_MAX ? up : IC_ANNOUNCEMENT_TEXT_MAX;
}

enum ic_err ic_e2ee_announcement_seal(const struct ic_e2ee *core,
                                      uint8_t sealed[IC_ANNOUNCEMENT_SEALED_MAX],
                                      size_t *sealed_len,
                                      const uint8_t participant[IC_PARTICIPANT_LEN],
                                      struct ic_bytes text)
{
    if (text.len > IC_ANNOUNCEMENT_TEXT_MAX)
        return IC_ERR_FULL;
    uint8_t *body = sealed + IC_AEAD_NONCE_LEN;
    size_t len = padded(text.len);

    ic_random_fill(sealed, IC_AEAD_NONCE_LEN);
    memset(body, ' ', len);
    if (text.len > 0)
        memcpy(body, text.at, text.len);
    enum ic_err err = ic_aead_seal(core->announcements, sealed,
                                   (struct ic_bytes){participant, IC_PARTICIPANT_LEN}, body, len);
    if (err == IC_OK)
        *sealed_len = len + IC_ANNOUNCEMENT_OVERHEAD;
    return err;
}

enum ic_err ic_e2ee_announcement_open(const struct ic_e2ee *core,
                                      uint8_t text[IC_ANNOUNCEMENT_TEXT_MAX], size_t *text_len,
                                      const uint8_t participant[IC_PARTICIPANT_LEN],
                                      struct ic_bytes sealed)
{
    uint8_t body[IC_ANNOUNCEMENT_SEALED_MAX];

    if (sealed.len < IC_ANNOUNCEMENT_OVERHEAD || sealed.len > IC_ANNOUNCEMENT_SEALED_MAX)
        return IC_ERR_MALFORMED;
    size_t len = sealed.len - IC_AEAD_NONCE_LEN;
    memcpy(body, sealed.at + IC_AEAD_NONCE_LEN, len);
    enum ic_err err = ic_aead_open(core->announcements, sealed.at,
                                   (struct ic_bytes){participant, IC_PARTICIPANT_LEN}, body, len);
    if (err != IC_OK)
        return err;
    *text_len = len - IC_AEAD_TAG_LEN;
    memcpy(text, body, *text_len);
    return IC_OK;
}
