/* text.c - counted references to a text. */
#include "server/text.h"

#include <stdlib.h>

struct ic_text *ic_text_new(const char *before, const char *text, const char *after)
{
    size_t first = strlen(before), second = strlen(text), third = strlen(after);
    struct ic_text *t = malloc(sizeof *t + first + second + third + 1);

    if (!t)
        abort();
    t->refs = 1;
    t->len = first + second + third;
    memcpy(t->at, before, first);
    memcpy(t->at + first, text, second);
    memcpy(t->at + first + second, after, third + 1);
    return t;
}

struct ic_text *ic_text_ref(struct ic_text *text)
{
    if (text)
        text->refs++;
    return text;
}

void ic_text_unref(struct ic_text *text)
{
    if (text && --text->refs == 0)
        free(text);
}
