/* incamera-client: headless participants of a meeting (docs/protocol.md). */
#include "client/crew.h"
#include "client/options.h"

int main(int argc, char **argv)
{
    struct ic_options options;
    if (ic_options_parse(&options, argc, argv, stderr) != IC_OK)
        return 2;
    if (options.help) {
        ic_options_help(stdout);
        return 0;
    }
    return ic_crew_run(&options, NULL, stdout);
}
