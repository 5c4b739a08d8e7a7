/* parts.h - where the parts are that belong to this program: the browser client, the media
 * process. */
#pragma once

#include "server/config.h"

/* Both write a path of at most IC_CONFIG_TEXT_SIZE, the configured one if there is one, else the
 * first of the usual places (installed, then built) where something is. IC_ERR_NOT_FOUND: nowhere.
 */
enum ic_err ic_find_web_root(char path[IC_CONFIG_TEXT_SIZE],
                             const struct ic_config *config) IC_CHECKED;
enum ic_err ic_find_media_program(char path[IC_CONFIG_TEXT_SIZE],
                                  const struct ic_config *config) IC_CHECKED;
