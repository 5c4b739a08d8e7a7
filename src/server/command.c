/* command.c - what the subcommands have in common: --help, --config and the settings. */
#include "server/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "server/config_files.h"

enum { FLAGS_MAX = 64 };

static void print_help(const struct ic_command *command)
{
    printf("%s\n\n"
           "  --config=FILE          an INI file; without it " IC_USUAL_CONFIG " if that exists\n"
           "  --section.key=value    any setting; stronger than the environment\n"
           "                         (INCAMERA_SECTION__KEY), which is stronger than the file\n\n"
           "| key | default | allowed | meaning |\n| --- | --- | --- | --- |\n",
           command->help);
    ic_config_describe(stdout);
}

static bool is_help(const char *argument)
{
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static int refuse(const struct ic_command *command, const char *why)
{
    fprintf(stderr, "incamera %s: %s\n", command->name, why);
    return EXIT_FAILURE;
}

int ic_command_main(const struct ic_command *command, char *const *arguments)
{
    static const char config_flag[] = "--config=";
    const char *file = NULL;
    char *flags[FLAGS_MAX + 1] = {0};
    struct ic_config_problem problem;
    struct ic_config config;
    size_t count = 0;

    for (; *arguments; arguments++) {
        if (is_help(*arguments)) {
            print_help(command);
            return EXIT_SUCCESS;
        }
        if (strncmp(*arguments, config_flag, strlen(config_flag)) == 0) {
            if (file)
                return refuse(command, "flag: --config is given twice; allowed: each flag once");
            file = *arguments + strlen(config_flag);
            if (file[0] == 0)
                return refuse(command, "flag: --config is \"\"; allowed: path of an INI file");
        } else if (count < FLAGS_MAX) {
            flags[count++] = *arguments;
        } else {
            return refuse(command, "there are too many flags");
        }
    }
    if (!file && access(IC_USUAL_CONFIG, F_OK) == 0)
        file = IC_USUAL_CONFIG;
    if (ic_config_load(&config, file, environ, flags, &problem) != IC_OK ||
        (command->checks_files && ic_config_check_files(&config, &problem) != IC_OK))
        return refuse(command, problem.text);
    ic_log_set_level((enum ic_log_level)config.log.level);
    return command->run(&config, file);
}
