/* config_values.h - from the text of one setting to its value: the kinds that a key can have. */
#pragma once

#include "server/config.h"

enum ic_config_kind {
    IC_CONFIG_FLAG,      /* bool */
    IC_CONFIG_NUMBER,    /* uint32_t between min and max */
    IC_CONFIG_TEXT,      /* char[IC_CONFIG_TEXT_SIZE], a path */
    IC_CONFIG_URL,       /* char[IC_CONFIG_TEXT_SIZE], an origin */
    IC_CONFIG_ENDPOINTS, /* struct ic_endpoints */
    IC_CONFIG_ADDRESSES, /* struct ic_addresses */
    IC_CONFIG_RELAYS,    /* struct ic_relay_urls */
    IC_CONFIG_LEVEL,     /* uint32_t, enum ic_log_level */
};

/* Parses `text` into the value at `out`, whose type belongs to `kind`. IC_ERR_MALFORMED: not an
 * allowed value; `out` is then undefined. */
enum ic_err ic_config_parse(enum ic_config_kind kind, void *out, const char *text, uint32_t min,
                            uint32_t max) IC_CHECKED;
