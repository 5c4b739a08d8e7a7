/* counter.c - leases of a key's frame counter. */
#include "e2ee/counter.h"

enum ic_err ic_counter_lease(struct ic_counter *counter, struct ic_counter_lease *out)
{
    if (counter->leased > IC_COUNTER_LIMIT - IC_COUNTER_BLOCK)
        return IC_ERR_EXHAUSTED;
    out->next = counter->leased;
    counter->leased += IC_COUNTER_BLOCK;
    out->end = counter->leased;
    return IC_OK;
}
