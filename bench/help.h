/* help.h - what a bench program says to --help, and to what it does not know. */
#pragma once

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program when it is asked for help, or when it is given more than `most` words or an
 * option: no bench that lasts minutes begins by mistake. */
static inline void bench_help(int argc, char **argv, int most, const char *usage)
{
    bool asked = argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    bool understood = argc <= most + 1;

    for (int i = 1; i < argc; i++)
        understood = understood && argv[i][0] != '-';
    if (understood)
        return;
    fputs(usage, asked ? stdout : stderr);
    exit(asked ? EXIT_SUCCESS : 2);
}
