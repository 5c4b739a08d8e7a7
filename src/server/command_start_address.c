/* command_start_address.c - `incamera start-address`: works beside a running server, through the
 * store. */
#include <stdio.h>
#include <stdlib.h>

#include "server/command.h"
#include "server/origins.h"
#include "server/start_address.h"

static int start_address(const struct ic_config *config, const char *file)
{
    (void)file;
    char address[IC_START_ADDRESS_SIZE];
    struct ic_origins origins;
    struct ic_store *store;

    ic_log_set_plain("incamera start-address"); /* to a person at a terminal */
    ic_origins_of(&origins, config, config->http.listen.at[0].port);
    if (ic_store_open_existing(&store, config->store.path) != IC_OK)
        return EXIT_FAILURE;
    enum ic_err err = ic_start_address_make(address, store, origins.at[0]);
    ic_store_close(store);
    if (err != IC_OK)
        return EXIT_FAILURE;
    puts(address);
    return EXIT_SUCCESS;
}

const struct ic_command ic_command_start_address = {
    .name = "start-address",
    .summary = "prints an address that may start one meeting",
    .help = "incamera start-address - prints an address that lets whoever has it start one\n"
            "meeting within a week. Works while the server runs; give it the same settings.\n"
            "The store must be there: incamera serve makes it when it first starts.",
    .run = start_address,
};
