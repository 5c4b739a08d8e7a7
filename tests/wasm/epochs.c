/* epochs.c - for tests of web/src/e2ee: keys of epochs without a group, beside what the module of
 * the product exports. Base keys go in through its buffer. */
#include "e2ee/wasm_core.h"

#define EXPORT(name) __attribute__((export_name(name)))

static struct ic_e2ee *core;

uint8_t *api_buffer(void);

EXPORT("test_open") bool test_open(void);
bool test_open(void)
{
    core = ic_wasm_core_new();
    return core != NULL;
}

EXPORT("test_epoch_install") int test_epoch_install(uint32_t number, double now_ms);
int test_epoch_install(uint32_t number, double now_ms)
{
    int64_t now = (int64_t)(now_ms * (double)IC_NS_PER_MS);
    return -(int)ic_e2ee_epoch_install(core, number, api_buffer(), now, IC_NS_PER_SEC);
}

EXPORT("test_epoch_send") int test_epoch_send(uint32_t number, unsigned index);
int test_epoch_send(uint32_t number, unsigned index)
{
    return -(int)ic_e2ee_epoch_send(core, number, index);
}
