/* conference_peer.c - a native conference behind a pipe, for the test that lets it meet the one in
 * WebAssembly (web/src/e2ee/conference_peer.test.ts). It has the same border: what the module
 * exports is compiled into this.
 *
 * A line is NAME PIECE [NUMBER].., the piece as hex ("-" for none); the answer RESULT PIECE. */
#include "e2ee/wasm_conference.c"

#include <stdio.h>

#include "base/encode.h"

enum { LINE_SIZE = 1 << 20, NUMBERS = 3 };

static char line[LINE_SIZE], text[LINE_SIZE];

static double link_make_call(size_t len, const double *n)
{
    (void)len, (void)n;
    return api_link_make();
}

static double open_call(size_t len, const double *n)
{
    return api_conference_open(len, (uint32_t)n[1], n[2]);
}

static double hear_call(size_t len, const double *n)
{
    return api_conference_hear((uint32_t)n[0], len, n[2]);
}

static double wish_call(size_t len, const double *n)
{
    return api_conference_wish((uint32_t)n[0], len, n[2]);
}

static double tick_call(size_t len, const double *n)
{
    (void)len;
    return api_conference_tick(n[0]);
}

static double epoch_call(size_t len, const double *n)
{
    (void)len, (void)n;
    return api_conference_epoch();
}

static double say_call(size_t len, const double *n)
{
    (void)len, (void)n;
    return (double)api_conference_say();
}

static double event_call(size_t len, const double *n)
{
    (void)len, (void)n;
    return (double)api_conference_event();
}

static double authenticator_call(size_t len, const double *n)
{
    (void)len, (void)n;
    return api_conference_authenticator();
}

/* The numbers are the arguments of the export, the length of the piece too. */
static const struct {
    const char *name;
    double (*run)(size_t len, const double *numbers);
} CALLS[] = {
    {"link_make", link_make_call},
    {"conference_open", open_call},
    {"conference_hear", hear_call},
    {"conference_wish", wish_call},
    {"conference_tick", tick_call},
    {"conference_epoch", epoch_call},
    {"conference_say", say_call},
    {"conference_event", event_call},
    {"conference_authenticator", authenticator_call},
};

static size_t read_piece(const char *word)
{
    size_t len = strcmp(word, "-") == 0 ? 0 : strlen(word) / 2;
    if (!api_piece(len > 0 ? len : 1) || ic_hex_decode(piece, len, len > 0 ? word : "") != IC_OK)
        exit(2);
    return len;
}

static void answer(double result)
{
    if (2 * piece_size >= sizeof text)
        exit(2);
    ic_hex_encode(text, (struct ic_bytes){piece, piece_size});
    printf("%.0f %s\n", result, text);
    fflush(stdout);
}

static void obey(void)
{
    double numbers[NUMBERS] = {0};
    const char *name = strtok(line, " \n"), *word = strtok(NULL, " \n");

    if (!name || !word)
        exit(2);
    size_t len = read_piece(word);
    for (size_t i = 0; i < NUMBERS && (word = strtok(NULL, " \n")); i++)
        numbers[i] = strtod(word, NULL);
    for (size_t i = 0; i < IC_COUNT(CALLS); i++)
        if (strcmp(name, CALLS[i].name) == 0) {
            answer(CALLS[i].run(len, numbers));
            return;
        }
    exit(2);
}

int main(void)
{
    while (fgets(line, sizeof line, stdin))
        obey();
    ic_conference_free(conference);
    ic_e2ee_free(frames);
    free(piece);
    return 0;
}
