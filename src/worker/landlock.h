/* landlock.h - takes every file, and where the kernel is new enough TCP connections and other
 * processes, out of this process's reach (landlock(7)). What is open stays open. */
#pragma once

#include "base/base.h"

/* For good, and for every child. IC_ERR_NOT_FOUND: this kernel has no Landlock, or it is off;
 * IC_ERR_SYSTEM: it has, but refused. Needs no_new_privs. */
enum ic_err ic_landlock_enter(void) IC_CHECKED;
