/* incamera-hostile: the headless client with one bad habit, to show what the others make of it.
 *
 *   incamera-hostile HABIT [options of incamera-client]
 *
 * It is a member of the meeting: it has the link, and the server lets it in. */
#include <stdio.h>
#include <stdlib.h>

#include "client/crew.h"
#include "crypto/random.h"
#include "e2ee/e2ee.h"
#include "e2ee/key_id.h"

enum { FRAME_MAX = 1 << 20, FAKE_KEY_LEN = 10, FAKE_DELTA_LEN = 1 };

static size_t fake_len(enum ic_stream stream, const uint8_t *sealed)
{
    if (stream == IC_STREAM_MICROPHONE || stream == IC_STREAM_SCREEN_AUDIO)
        return 0;
    return sealed[0] & 1 ? FAKE_DELTA_LEN : FAKE_KEY_LEN;
}

/* SFrame header (RFC 9605 section 4.3): a key id of 8 or more takes K + 1 bytes after the first. */
static uint8_t *key_id_at(uint8_t *header, size_t *len)
{
    *len = header[0] & 0x80 ? (size_t)(header[0] >> 4 & 7) + 1 : 0;
    return header + 1;
}

static size_t send_clear(void *owner, enum ic_stream stream, struct ic_bytes frame, uint8_t *sealed,
                         size_t sealed_len)
{
    (void)owner, (void)stream, (void)sealed_len;
    memcpy(sealed, frame.at, frame.len);
    return frame.len;
}

/* Every bit of a frame in turn, one frame after the other. */
static size_t flip_a_bit(void *owner, enum ic_stream stream, struct ic_bytes frame, uint8_t *sealed,
                         size_t sealed_len)
{
    static size_t turn;
    size_t bit = turn++ % (8 * sealed_len);
    (void)owner, (void)stream, (void)frame;
    sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    return sealed_len;
}

static size_t repeat_the_first(void *owner, enum ic_stream stream, struct ic_bytes frame,
                               uint8_t *sealed, size_t sealed_len)
{
    static uint8_t first[IC_STREAMS][FRAME_MAX];
    static size_t first_len[IC_STREAMS];
    (void)owner, (void)frame;
    if (first_len[stream] == 0) {
        memcpy(first[stream], sealed, sealed_len);
        first_len[stream] = sealed_len;
    }
    memcpy(sealed, first[stream], first_len[stream]);
    return first_len[stream];
}

/* The key id says that somebody else sent it. */
static size_t name_another(void *owner, enum ic_stream stream, struct ic_bytes frame,
                           uint8_t *sealed, size_t sealed_len)
{
    size_t len;
    uint8_t *at = key_id_at(sealed + fake_len(stream, sealed), &len);
    (void)owner, (void)frame;
    if (len > 1) /* the index: its low byte is the last but one */
        at[len - 2] ^= 1;
    return sealed_len;
}

/* The right key id over a key of another group. */
static struct ic_e2ee *core_of_another_group(struct ic_key_id id)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    struct ic_e2ee *core = ic_e2ee_new();
    ic_random_fill(base_key, sizeof base_key);
    if (!core || ic_e2ee_epoch_install(core, id.epoch, base_key, 0, 0) != IC_OK ||
        ic_e2ee_epoch_send(core, id.epoch, id.index) != IC_OK)
        exit(1);
    return core;
}

static size_t use_another_key(void *owner, enum ic_stream stream, struct ic_bytes frame,
                              uint8_t *sealed, size_t sealed_len)
{
    static struct ic_frame_sender *senders[IC_STREAMS];
    static uint8_t epochs[IC_STREAMS];
    size_t len, fake = fake_len(stream, sealed);
    const uint8_t *at = key_id_at(sealed + fake, &len);
    struct ic_key_id id;
    uint64_t number = 0;
    (void)owner;

    for (size_t i = 0; i < len; i++)
        number = number << 8 | at[i];
    if (!ic_key_id_parse(&id, number))
        return 0;
    if (!senders[stream] || epochs[stream] != id.epoch)
        senders[stream] = ic_frame_sender_new(core_of_another_group(id), stream,
                                              fake > 0 ? IC_CODEC_VP8 : IC_CODEC_OPUS);
    epochs[stream] = id.epoch;
    if (!senders[stream] || ic_frame_seal(senders[stream], sealed, &sealed_len, frame) != IC_OK)
        return 0;
    return sealed_len;
}

/* What others sent last, as it came. */
static struct {
    uint8_t bytes[FRAME_MAX];
    size_t len;
} heard[IC_STREAMS];

enum ic_err __real_ic_frame_open(struct ic_frame_receiver *receiver, struct ic_opened_frame *out,
                                 uint8_t *sealed, size_t sealed_len, int64_t now);
enum ic_err __wrap_ic_frame_open(struct ic_frame_receiver *receiver, struct ic_opened_frame *out,
                                 uint8_t *sealed, size_t sealed_len, int64_t now);

enum ic_err __wrap_ic_frame_open(struct ic_frame_receiver *receiver, struct ic_opened_frame *out,
                                 uint8_t *sealed, size_t sealed_len, int64_t now)
{
    static uint8_t copy[FRAME_MAX];
    if (sealed_len > sizeof copy)
        return IC_ERR_FULL;
    memcpy(copy, sealed, sealed_len);
    enum ic_err err = __real_ic_frame_open(receiver, out, sealed, sealed_len, now);
    if (err == IC_OK) {
        memcpy(heard[out->stream].bytes, copy, sealed_len);
        heard[out->stream].len = sealed_len;
    }
    return err;
}

/* Another's frames in the own stream. */
static size_t send_anothers(void *owner, enum ic_stream stream, struct ic_bytes frame,
                            uint8_t *sealed, size_t sealed_len)
{
    (void)owner;
    if (heard[stream].len > frame.len + IC_FRAME_OVERHEAD_MAX)
        return 0;
    (void)sealed_len;
    memcpy(sealed, heard[stream].bytes, heard[stream].len);
    return heard[stream].len;
}

/* One packet of twenty. */
static bool lose_some(void *owner)
{
    uint8_t random;
    (void)owner;
    ic_random_fill(&random, sizeof random);
    return random < 256 / 20;
}

static const struct {
    const char *name;
    struct ic_tamper tamper;
} habits[] = {
    {"clear", {.frame = send_clear}},
    {"flip", {.frame = flip_a_bit}},
    {"replay", {.frame = repeat_the_first}},
    {"other-index", {.frame = name_another}},
    {"other-key", {.frame = use_another_key}},
    {"echo", {.frame = send_anothers}},
    {"lossy", {.lose = lose_some}},
    {"stay", {.stays = true}},
};

int main(int argc, char **argv)
{
    struct ic_options options;
    for (size_t i = 0; argc > 1 && i < IC_COUNT(habits); i++) {
        if (strcmp(argv[1], habits[i].name) != 0)
            continue;
        if (ic_options_parse(&options, argc - 1, argv + 1, stderr) != IC_OK)
            return 2;
        return ic_crew_run(&options, &habits[i].tamper, stdout);
    }
    fprintf(
        stderr,
        "usage: incamera-hostile clear|flip|replay|other-index|other-key|echo|lossy|stay ...\n");
    return 2;
}
