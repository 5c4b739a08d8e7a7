/* log.h - one JSON object a line on standard error, or words for a person.
 *
 * A field is a text, a number or a shortened id. There is no way to log bytes, so a key cannot be
 * logged by a slip; never pass names, addresses, tokens, titles or chat as text. */
#pragma once

#include "base/base.h"

enum ic_log_level { IC_LOG_ERROR, IC_LOG_WARNING, IC_LOG_INFO, IC_LOG_DEBUG };

struct ic_log_field {
    const char *key;
    const char *text; /* NULL: `number` counts. Escaped; cut after 200 bytes. */
    int64_t number;
};

#define IC_TEXT(key, value) ((struct ic_log_field){key, value, 0})
#define IC_NUMBER(key, value) ((struct ic_log_field){key, NULL, (int64_t)(value)})

/* Lines above this level are dropped. Set once at start; the default is IC_LOG_INFO. */
void ic_log_set_level(enum ic_log_level least);

/* From now on a line is words for a person, "<program>: <event>: <text>: <key> <number>", not JSON.
 */
void ic_log_set_plain(const char *program);

/* ic_log(IC_LOG_INFO, "worker", IC_EVENT("ready"), IC_NUMBER("port", 3478)); */
#define ic_log(level, area, ...)                                                                   \
    ic_log_write(level, area, (const struct ic_log_field[]){__VA_ARGS__, {0}})
#define IC_EVENT(event) IC_TEXT("event", event)

/* `fields` ends with one whose key is NULL. Safe from any thread; one write() a line. */
void ic_log_write(enum ic_log_level level, const char *area, const struct ic_log_field *fields);
