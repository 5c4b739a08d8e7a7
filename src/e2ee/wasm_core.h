/* wasm_core.h - the one core of a WebAssembly module, shared by what the module exports. */
#pragma once

#include "e2ee/e2ee.h"

/* A new one in place of the one before; NULL: no memory. */
struct ic_e2ee *ic_wasm_core_new(void);
