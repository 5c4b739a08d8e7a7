/* serve.h - the running server: one loop, and what is on it. */
#pragma once

#include "server/config.h"

/* Serves until SIGTERM or SIGINT, then says so to everybody and returns within a second. */
enum ic_err ic_serve(const struct ic_config *config) IC_CHECKED;
