/* forwarded_fuzz.c - no header makes a stranger's connection another's. */
#include "server/forwarded.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct ic_addresses proxies = {.at = {"192.0.2.1", "2001:db8::1"}, .count = 2};
    static const uint8_t proxy[IC_PEER_LEN] = {[10] = 0xff, 0xff, 192, 0, 2, 1};
    uint8_t through_proxy[IC_PEER_LEN], stranger[IC_PEER_LEN] = {1}, before[IC_PEER_LEN] = {1};
    char *list = malloc(size + 1);

    if (!list)
        abort();
    memcpy(list, data, size);
    list[size] = 0;
    memcpy(through_proxy, proxy, IC_PEER_LEN);
    ic_forwarded_peer(through_proxy, &proxies, list);
    ic_forwarded_peer(stranger, &proxies, list);
    if (memcmp(stranger, before, IC_PEER_LEN) != 0)
        abort();
    free(list);
    return 0;
}
