/* main.c - `incamera`: finds the subcommand. */
#include <stdio.h>
#include <stdlib.h>

#include "server/command.h"

static const struct ic_command *const commands[] = {
    &ic_command_serve,
    &ic_command_start_address,
    &ic_command_check_config,
};

static void print_usage(FILE *out)
{
    fputs("incamera - private video meetings on your own server\n\n", out);
    for (size_t i = 0; i < IC_COUNT(commands); i++)
        fprintf(out, "  incamera %-14s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n`incamera COMMAND --help` says more. `incamera --version` says which this is.\n", out);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_FAILURE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("incamera " IC_VERSION);
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < IC_COUNT(commands); i++)
        if (strcmp(commands[i]->name, argv[1]) == 0)
            return ic_command_main(commands[i], argv + 2);
    fprintf(stderr, "incamera: there is no command \"%s\"\n\n", argv[1]);
    print_usage(stderr);
    return EXIT_FAILURE;
}
