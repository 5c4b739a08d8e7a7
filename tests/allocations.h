/* allocations.h - counts what the heap is asked for, where the sanitizer tells (it sees the
 * libraries too); elsewhere the count stays 0 and ic_allocations_are_counted() says so. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/allocator_interface.h>
#define IC_COUNTS_ALLOCATIONS 1
#endif
#endif

static size_t ic_allocation_count;

#ifdef IC_COUNTS_ALLOCATIONS
static void ic_note_allocation(const volatile void *at, size_t size)
{
    (void)at, (void)size;
    ic_allocation_count++;
}

static void ic_note_release(const volatile void *at)
{
    (void)at;
}
#endif

static inline bool ic_allocations_are_counted(void)
{
#ifdef IC_COUNTS_ALLOCATIONS
    static bool installed;
    if (!installed)
        installed =
            __sanitizer_install_malloc_and_free_hooks(ic_note_allocation, ic_note_release) > 0;
    return installed;
#else
    return false;
#endif
}
