/* log.c - formats a line into a buffer on the stack and writes it at once, so that lines of several
 * processes on one pipe do not mix. */
#include "base/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { LINE_LEN = 1024, TEXT_LEN = 200 };

static enum ic_log_level least = IC_LOG_INFO;

void ic_log_set_level(enum ic_log_level level)
{
    least = level;
}

static const char *plain; /* the program's name, where lines are words */

void ic_log_set_plain(const char *program)
{
    plain = program;
}

static void put(struct ic_writer *w, const char *text)
{
    ic_write_bytes(w, ic_bytes_of_text(text));
}

/* Control characters cannot do anything to a terminal; `_` in an event is a space. */
static void put_words(struct ic_writer *w, const char *text, bool is_event)
{
    for (size_t i = 0; text[i] && i < TEXT_LEN; i++) {
        unsigned char c = (unsigned char)text[i];
        char one[2] = {(char)c, 0};
        if (c < 0x20 || c == 0x7f)
            one[0] = '?';
        else if (is_event && c == '_')
            one[0] = ' ';
        put(w, one);
    }
}

static void write_plain(const struct ic_log_field *fields)
{
    uint8_t line[LINE_LEN];
    struct ic_writer w = ic_writer_of(line, sizeof line - 1);

    put(&w, plain);
    for (const struct ic_log_field *f = fields; f->key; f++) {
        char number[24];
        struct ic_writer before = w;
        snprintf(number, sizeof number, " %" PRId64, f->number);
        put(&w, ": ");
        put_words(&w, f->text ? f->text : f->key, strcmp(f->key, "event") == 0);
        put(&w, f->text ? "" : number);
        if (w.bad) {
            w = before;
            break;
        }
    }
    line[w.len] = '\n';
    ssize_t written = write(STDERR_FILENO, line, w.len + 1);
    (void)written;
}

/* Control characters and quotes cannot split or forge a line; bytes above 127 pass as they are. */
static void put_quoted(struct ic_writer *w, const char *text)
{
    put(w, "\"");
    for (size_t i = 0; text[i] && i < TEXT_LEN; i++) {
        unsigned char c = (unsigned char)text[i];
        char escaped[8] = {(char)c, 0};
        if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f)
            snprintf(escaped, sizeof escaped, "\\u%04x", c);
        put(w, escaped);
    }
    put(w, "\"");
}

static void put_field(struct ic_writer *w, const struct ic_log_field *f)
{
    char number[24];

    put(w, ",");
    put_quoted(w, f->key);
    put(w, ":");
    if (f->text) {
        put_quoted(w, f->text);
    } else {
        snprintf(number, sizeof number, "%" PRId64, f->number);
        put(w, number);
    }
}

void ic_log_write(enum ic_log_level level, const char *area, const struct ic_log_field *fields)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    uint8_t line[LINE_LEN];
    struct ic_writer w = ic_writer_of(line, sizeof line - 2);

    if (level > least)
        return;
    if (plain) {
        write_plain(fields);
        return;
    }
    put(&w, "{\"level\":\"");
    put(&w, levels[level]);
    put(&w, "\",\"area\":");
    put_quoted(&w, area);
    for (const struct ic_log_field *f = fields; f->key; f++) {
        struct ic_writer before = w;
        put_field(&w, f);
        if (w.bad) {
            w = before; /* too long: leave the field out, keep the line whole */
            break;
        }
    }
    line[w.len] = '}';
    line[w.len + 1] = '\n';
    ssize_t written = write(STDERR_FILENO, line, w.len + 2);
    (void)written; /* nowhere left to say so */
}
