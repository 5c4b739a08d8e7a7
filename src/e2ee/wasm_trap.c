/* wasm_trap.c - in the browser a failed assertion is a trap: the worker then ends the core, and the
 * printing that the C library would do brings no system interface in. */
#include <assert.h>

_Noreturn void __assert_fail(const char *text, const char *file, int line, const char *function)
{
    (void)text, (void)file, (void)line, (void)function;
    __builtin_trap();
}
