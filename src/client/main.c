/* incamera-client: headless participants of a meeting (docs/protocol.md). */
#include "client/crew.h"
#include "client/options.h"
#include "crypto/secret.h"

int main(int argc, char **argv)
{
    struct ic_options options;
    struct ic_options_secrets secrets;

    if (ic_options_parse(&options, argc, argv, stderr) != IC_OK)
        return 2;
    if (options.help) {
        ic_options_help(stdout);
        return 0;
    }
    setvbuf(stdin, NULL, _IONBF, 0); /* no second copy of them */
    if (ic_options_take_secrets(&options, &secrets, stdin, stderr) != IC_OK)
        return 2;
    int status = ic_crew_run(&options, NULL, stdout);
    ic_secret_wipe(&secrets, sizeof secrets);
    return status;
}
