/* store_lock.h - one server a store: two would each know half of the people of a meeting. */
#pragma once

#include "base/base.h"

/* Takes the lock of the store at `store_path`, whose folder exists, until this process ends,
 * however it ends. `incamera start-address` needs none. IC_ERR_SYSTEM: another server has it, or it
 * cannot be made; the reason is logged. */
enum ic_err ic_store_lock(const char *store_path) IC_CHECKED;
