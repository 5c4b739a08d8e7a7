/* wasm_core.h - the one core of a WebAssembly module, shared by what the module exports. */
#pragma once

#include "e2ee/e2ee.h"

/* A new one for the epochs of a group, in place of the one before; NULL: no memory. */
struct ic_e2ee *ic_wasm_core_for_group(void);
