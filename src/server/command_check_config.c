/* command_check_config.c - `incamera check-config`: the checks have run when this is called. */
#include <stdio.h>
#include <stdlib.h>

#include "server/command.h"

static int check_config(const struct ic_config *config)
{
    (void)config;
    puts("The configuration is good.");
    return EXIT_SUCCESS;
}

const struct ic_command ic_command_check_config = {
    .name = "check-config",
    .summary = "reads the configuration and says what is wrong with it",
    .help = "incamera check-config - reads file, environment and flags as `incamera serve` does,\n"
            "looks at the files and folders they name, and says what is wrong and what is\n"
            "allowed. Starts nothing and makes nothing.",
    .checks_files = true,
    .run = check_config,
};
