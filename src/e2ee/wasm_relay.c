/* wasm_relay.c - e2ee.h where the group is in the browser: nothing is sealed or opened here. What
 * the group decides about the keys of its epochs is handed, in order, to the worker of frames
 * (wasm_frames.c), which alone has the counters. */
#include "e2ee/e2ee.h"
#include "e2ee/wasm_import.h"

#include <stdlib.h>

/* The base key is copied, and the copy given away. */
IMPORT("keys_install")
void import_keys_install(double number, const uint8_t *base_key, double keep_ms);
IMPORT("keys_send") void import_keys_send(double number, uint32_t index);
IMPORT("keys_left") void import_keys_left(uint32_t index);
IMPORT("keys_hold") void import_keys_hold(bool held);
IMPORT("keys_over") void import_keys_over(void);

/* As much as is needed to refuse what the other worker would. */
struct ic_e2ee {
    bool installed;
    uint64_t newest;
    bool sealing;
    uint64_t sending;
};

struct ic_e2ee *ic_e2ee_new(void)
{
    return calloc(1, sizeof(struct ic_e2ee));
}

void ic_e2ee_free(struct ic_e2ee *core)
{
    free(core);
}

/* Each worker has its own clock, and wipes by it. */
void ic_e2ee_expire(struct ic_e2ee *core, int64_t now)
{
    (void)core, (void)now;
}

enum ic_err ic_e2ee_epoch_install(struct ic_e2ee *core, uint64_t number,
                                  const uint8_t base_key[IC_BASE_KEY_LEN], int64_t now,
                                  int64_t keep_ns)
{
    (void)now;
    if (core->installed && number <= core->newest)
        return IC_ERR_FORBIDDEN;
    core->installed = true;
    core->newest = number;
    import_keys_install((double)number, base_key, (double)keep_ns / (double)IC_NS_PER_MS);
    return IC_OK;
}

enum ic_err ic_e2ee_epoch_send(struct ic_e2ee *core, uint64_t number, unsigned index)
{
    if (index >= IC_MEMBERS_MAX || (core->sealing && number <= core->sending))
        return IC_ERR_FORBIDDEN;
    if (!core->installed || number != core->newest)
        return IC_ERR_NOT_FOUND;
    core->sealing = true;
    core->sending = number;
    import_keys_send((double)number, index);
    return IC_OK;
}

void ic_e2ee_leaf_left(struct ic_e2ee *core, unsigned index)
{
    (void)core;
    import_keys_left(index);
}

void ic_e2ee_group_over(struct ic_e2ee *core)
{
    *core = (struct ic_e2ee){0};
    import_keys_over();
}

void ic_e2ee_hold_sending(struct ic_e2ee *core, bool held)
{
    (void)core;
    import_keys_hold(held);
}
