/* command.h - the subcommands of `incamera`. */
#pragma once

#include "server/config.h"

/* Read where no other file is named. */
#define IC_USUAL_CONFIG "/etc/incamera/incamera.ini"

struct ic_command {
    const char *name;
    const char *summary; /* one line for `incamera --help` */
    const char *help;    /* all of `incamera NAME --help`, but for the settings */
    bool checks_files;   /* also what the settings name, before it runs */
    /* Runs with a checked configuration, which holds what is in `file`, if that is not NULL;
     * returns the exit status. */
    int (*run)(const struct ic_config *config, const char *file);
};

extern const struct ic_command ic_command_serve;
extern const struct ic_command ic_command_start_address;
extern const struct ic_command ic_command_check_config;

/* Reads the flags of `command`, loads the configuration and runs it. `arguments` ends with NULL. */
int ic_command_main(const struct ic_command *command, char *const *arguments);
