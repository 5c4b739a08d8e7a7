/* wasm_import.h - how a function of the worker that holds this module is declared
 * (web/src/e2ee/provider.ts). Where one can fail, true means that it worked. */
#pragma once

#define IMPORT(name) __attribute__((import_module("incamera"), import_name(name)))
