/* peer.c - the native core behind a pipe, for the tests that let it talk to the one in WebAssembly
 * (web/src/e2ee/peer.test.ts). A line is a command and its words, bytes as hex; the answer is a
 * line, "-N" for error N.
 *
 *   link SECRET MEETING            -> ok
 *   epoch INDEX                    -> NUMBER NONCE
 *   install INDEX NUMBER NONCE     -> ok
 *   seal STREAM CODEC FRAME        -> SEALED
 *   open INDEX STREAM CODEC SEALED -> FRAME
 *   announce PARTICIPANT TEXT      -> SEALED
 *   hear PARTICIPANT SEALED        -> TEXT */
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

static void link_command(char **words)
{
    uint8_t secret[IC_LINK_SECRET_LEN], meeting[IC_MEETING_LEN];
    unhex(secret, sizeof secret, words[1]);
    unhex(meeting, sizeof meeting, words[2]);
    core = ic_e2ee_new(secret, meeting);
    printf(core ? "ok\n" : "-8\n");
}

static void epoch_command(char **words)
{
    struct ic_epoch epoch;
    char nonce[2 * IC_EPOCH_NONCE_LEN + 1];
    if (ic_e2ee_epoch_begin(core, (unsigned)number(words[1]), &epoch) != IC_OK)
        exit(2);
    ic_hex_encode(nonce, (struct ic_bytes){epoch.nonce, sizeof epoch.nonce});
    printf("%d %s\n", epoch.number, nonce);
}

static void install_command(char **words)
{
    struct ic_epoch epoch = {.number = (uint8_t)number(words[2])};
    unhex(epoch.nonce, sizeof epoch.nonce, words[3]);
    enum ic_err err = ic_e2ee_member_install(core, (unsigned)number(words[1]), &epoch, 0);
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

static void announcement_command(char **words, bool sealing)
{
    uint8_t participant[IC_PARTICIPANT_LEN];
    unhex(participant, sizeof participant, words[1]);
    struct ic_bytes in = unhex(bytes, sizeof bytes, words[2]);
    size_t len = 0;
    enum ic_err err = sealing ? ic_e2ee_announcement_seal(core, out, &len, participant, in)
                              : ic_e2ee_announcement_open(core, out, &len, participant, in);
    say(err, (struct ic_bytes){out, len});
}

static void obey(char **words)
{
    if (strcmp(words[0], "link") == 0)
        link_command(words);
    else if (strcmp(words[0], "epoch") == 0)
        epoch_command(words);
    else if (strcmp(words[0], "install") == 0)
        install_command(words);
    else if (strcmp(words[0], "seal") == 0)
        seal_command(words);
    else if (strcmp(words[0], "open") == 0)
        open_command(words);
    else if (strcmp(words[0], "announce") == 0)
        announcement_command(words, true);
    else if (strcmp(words[0], "hear") == 0)
        announcement_command(words, false);
    else
        exit(2);
    fflush(stdout);
}

int main(void)
{
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
