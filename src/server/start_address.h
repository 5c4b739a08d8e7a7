/* start_address.h - the right to start one meeting: a token that is shown once. */
#pragma once

#include "server/store.h"

enum { IC_START_ADDRESS_SIZE = 640 };

/* Makes a token, keeps its hash in `store` and writes `PUBLIC_URL/start#TOKEN`. */
enum ic_err ic_start_address_make(char address[IC_START_ADDRESS_SIZE], struct ic_store *store,
                                  const char *public_url) IC_CHECKED;
