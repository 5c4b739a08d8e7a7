/* config_files.h - is what the configuration names there, and of use? */
#pragma once

#include "server/config.h"

/* Looks at every file and folder that `incamera serve` will need, and changes nothing.
 * IC_ERR_SYSTEM: `problem` says which key, which path, and what is wrong with it. */
enum ic_err ic_config_check_files(const struct ic_config *config,
                                  struct ic_config_problem *problem) IC_CHECKED;
