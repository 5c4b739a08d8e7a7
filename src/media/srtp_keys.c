/* srtp_keys.c - the keys of a direction from its master key (RFC 3711 section 4.3). */
#include "media/srtp_keys.h"

#include "crypto/ctr.h"
#include "crypto/secret.h"

/* The labels of RFC 3711 section 4.3.2; RTCP's are three higher. */
enum { LABEL_KEY = 0, LABEL_AUTH = 1, LABEL_SALT = 2, LABEL_RTCP = 3 };

static enum ic_err derive(uint8_t *out, size_t len, struct ic_ctr *ctr, const uint8_t *master_salt,
                          uint8_t label)
{
    uint8_t block[IC_CTR_BLOCK_LEN] = {0};

    memcpy(block, master_salt, IC_SRTP_SALT_LEN);
    block[7] ^= label;
    memset(out, 0, len);
    return ic_ctr_apply(ctr, block, out, len);
}

static enum ic_err derive_all(struct ic_srtp_session *s, struct ic_ctr *ctr, const uint8_t *salt)
{
    const struct {
        uint8_t *out;
        size_t len;
        uint8_t label;
    } rows[] = {
        {s->rtp_key, sizeof s->rtp_key, LABEL_KEY},
        {s->rtp_auth, sizeof s->rtp_auth, LABEL_AUTH},
        {s->rtp_salt, sizeof s->rtp_salt, LABEL_SALT},
        {s->rtcp_key, sizeof s->rtcp_key, LABEL_RTCP + LABEL_KEY},
        {s->rtcp_auth, sizeof s->rtcp_auth, LABEL_RTCP + LABEL_AUTH},
        {s->rtcp_salt, sizeof s->rtcp_salt, LABEL_RTCP + LABEL_SALT},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        enum ic_err err = derive(rows[i].out, rows[i].len, ctr, salt, rows[i].label);
        if (err != IC_OK)
            return err;
    }
    return IC_OK;
}

enum ic_err ic_srtp_derive(struct ic_srtp_session *out, const struct ic_srtp_master *master)
{
    struct ic_srtp_session session;
    struct ic_ctr *ctr;
    enum ic_err err = ic_ctr_new(&ctr, master->key);
    if (err != IC_OK)
        return err;
    err = derive_all(&session, ctr, master->salt);
    if (err == IC_OK)
        *out = session;
    ic_srtp_session_clear(&session);
    ic_ctr_free(ctr);
    return err;
}

void ic_srtp_session_clear(struct ic_srtp_session *session)
{
    ic_secret_wipe(session, sizeof *session);
}
