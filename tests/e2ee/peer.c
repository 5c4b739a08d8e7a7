/* peer.c - the native core behind a pipe, for the tests that let it talk to the one in WebAssembly
 * (web/src/e2ee/peer.test.ts). A line is a command and its words, bytes as hex; the answer is a
 * line, "-N" for error N.
 *
 *   epoch NUMBER BASE_KEY INDEX   -> ok; opens frames of it, and seals as that member
 *   seal STREAM CODEC FRAME        -> SEALED
 *   open INDEX STREAM CODEC SEALED -> FRAME */
#include <stdio.h>
#include <stdlib.h>

#include "base/encode.h"
#include "e2ee/e2ee.h"

enum { FRAME_MAX = 1 << 16, WORDS = 5 };

static struct ic_e2ee *core;
static struct ic_frame_sender *senders[IC_STREAMS];
static uint8_t bytes[FRAME_MAX + IC_FRAME_OVERHEAD_MAX], out[sizeof bytes];
static char line[2 * sizeof bytes + 256], text[2 * sizeof bytes + 1];

static struct ic_bytes unhex(uint8_t *to, size_t size, const char *word)
{
    size_t len = word ? strlen(word) / 2 : 0;
    if (len > size || ic_hex_decode(to, len, word ? word : "") != IC_OK)
        exit(2);
    return (struct ic_bytes){to, len};
}

static int number(const char *word)
{
    return word ? atoi(word) : 0;
}

static void say(enum ic_err err, struct ic_bytes what)
{
    if (err != IC_OK) {
        printf("-%d\n", (int)err);
        return;
    }
    ic_hex_encode(text, what);
    printf("%s\n", text);
}

static void epoch_command(char **words)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    uint64_t epoch = (uint64_t)number(words[1]);
    unhex(base_key, sizeof base_key, words[2]);
    enum ic_err err = ic_e2ee_epoch_install(core, epoch, base_key, 0, 0);
    if (err == IC_OK)
        err = ic_e2ee_epoch_send(core, epoch, (unsigned)number(words[3]));
    printf(err == IC_OK ? "ok\n" : "-%d\n", (int)err);
}

static void seal_command(char **words)
{
    enum ic_stream stream = (enum ic_stream)number(words[1]);
    struct ic_bytes frame = unhex(bytes, FRAME_MAX, words[3]);
    size_t len = 0;
    if (!senders[stream])
        senders[stream] = ic_frame_sender_new(core, stream, (enum ic_codec)number(words[2]));
    enum ic_err err = ic_frame_seal(senders[stream], out, &len, frame);
    say(err, (struct ic_bytes){out, len});
}

static void open_command(char **words)
{
    struct ic_frame_receiver *receiver =
        ic_frame_receiver_new(core, (enum ic_codec)number(words[3]));
    struct ic_bytes sealed = unhex(bytes, sizeof bytes, words[4]);
    struct ic_opened_frame opened = {0};
    enum ic_err err = ic_frame_receiver_expect(receiver, (unsigned)number(words[1]),
                                               (enum ic_stream)number(words[2]));
    if (err == IC_OK)
        err = ic_frame_open(receiver, &opened, bytes, sealed.len, 0);
    say(err, opened.frame);
    ic_frame_receiver_free(receiver);
}

static void obey(char **words)
{
    if (strcmp(words[0], "epoch") == 0)
        epoch_command(words);
    else if (strcmp(words[0], "seal") == 0)
        seal_command(words);
    else if (strcmp(words[0], "open") == 0)
        open_command(words);
    else
        exit(2);
    fflush(stdout);
}

int main(void)
{
    core = ic_e2ee_new();
    if (!core)
        return 1;
    while (fgets(line, sizeof line, stdin)) {
        char *words[WORDS] = {0};
        size_t count = 0;
        for (char *word = strtok(line, " \n"); word && count < WORDS; word = strtok(NULL, " \n"))
            words[count++] = word;
        if (count == 0)
            continue;
        obey(words);
    }
    for (size_t i = 0; i < IC_STREAMS; i++)
        ic_frame_sender_free(senders[i]);
    ic_e2ee_free(core);
    return 0;
}
