/* page.h - for tests that compare a page of docs/ with the code: each claim is a sentence of the
 * page with the numbers of the code put in, so a change of either alone fails. */
#pragma once

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tests/test.h"

static char page_text[64 * 1024];

/* With one space wherever the page has some, so that it may break its lines as it likes. */
static void page_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    size_t len = 0;

    assert_non_null(file);
    for (int c; (c = fgetc(file)) != EOF && len + 1 < sizeof page_text;)
        if (!isspace(c))
            page_text[len++] = (char)c;
        else if (len > 0 && page_text[len - 1] != ' ')
            page_text[len++] = ' ';
    page_text[len] = 0;
    fclose(file);
}

static void page_says(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void page_says(const char *format, ...)
{
    char sentence[512];
    va_list values;

    va_start(values, format);
    vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    if (!strstr(page_text, sentence))
        fail_msg("the page does not say: %s", sentence);
}
