/* text.h - a text that many hold at once: one commit of a megabyte goes to three hundred sockets,
 * and is in memory once. For one thread. */
#pragma once

#include "base/base.h"

struct ic_text {
    uint32_t refs;
    size_t len;
    char at[]; /* zero-terminated */
};

/* A copy of the three, one after the other, held once. A server without memory for it ends. */
struct ic_text *ic_text_new(const char *before, const char *text, const char *after);

/* Returns `text`; NULL stays NULL. */
struct ic_text *ic_text_ref(struct ic_text *text);

/* Lets go; the last one frees it. NULL is fine. */
void ic_text_unref(struct ic_text *text);
