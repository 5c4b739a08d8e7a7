/* command_check_config.c - `incamera check-config`: the checks have run when this is called. */
#include <stdio.h>
#include <stdlib.h>

#include "server/command.h"

/* Who looks at another file than the one that is read would not find out otherwise. */
static int check_config(const struct ic_config *config, const char *file)
{
    (void)config;
    if (file)
        printf("The configuration is good. The file is %s.\n", file);
    else
        puts("The configuration is good. No file was read: you see none at " IC_USUAL_CONFIG ".");
    return EXIT_SUCCESS;
}

const struct ic_command ic_command_check_config = {
    .name = "check-config",
    .summary = "reads the configuration and says what is wrong with it",
    .help = "incamera check-config - reads file, environment and flags as `incamera serve` does,\n"
            "looks at the files and folders they name, and says what is wrong and what is\n"
            "allowed. Starts nothing and leaves nothing behind.",
    .checks_files = true,
    .run = check_config,
};
