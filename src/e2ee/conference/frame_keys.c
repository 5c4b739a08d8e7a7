/* frame_keys.c - the keys of frames move with the epochs: opened at once, sealed with a moment
 * later. */
#include "e2ee/conference/frame_keys.h"
#include "crypto/secret.h"
#include "e2ee/conference/inside.h"
#include "e2ee/conference/times.h"

enum ic_err ic_frame_keys_seal(struct ic_conference *c)
{
    c->presence.send_at = INT64_MAX;
    enum ic_err err = ic_e2ee_epoch_send(c->options.frames, ic_epoch_of(c), ic_own_leaf(c));
    return err == IC_ERR_FORBIDDEN ? IC_OK : err; /* it does already */
}

static enum ic_err install_keys(struct ic_conference *c, bool removal, int64_t now)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    enum ic_err err = ic_mls_group_export(base_key, sizeof base_key, c->group,
                                          "SFrame 1.0 Base Key", (struct ic_bytes){0});
    if (err == IC_OK)
        err = ic_e2ee_epoch_install(c->options.frames, ic_epoch_of(c), base_key, now,
                                    removal ? IC_KEEP_AFTER_REMOVAL_NS : IC_KEEP_NS);
    ic_secret_wipe(base_key, sizeof base_key);
    return err;
}

enum ic_err ic_frame_keys_use(struct ic_conference *c, bool removal, int64_t send_at, int64_t now)
{
    enum ic_err err = install_keys(c, removal, now);
    if (err != IC_OK)
        return err;
    ic_mls_group_end_exports(c->group);
    c->presence.send_at = send_at;
    return send_at <= now ? ic_frame_keys_seal(c) : IC_OK;
}
