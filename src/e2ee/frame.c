/* frame.c - whole frames behind constant headers, so that nothing of the codec shows and browsers
 * still packetise and reassemble them. */
#include "e2ee/frame.h"

#include <stdlib.h>

/* How far behind a key's newest frame, in whichever slot, one may be. */
enum { REACH = 512 };

/* What stands in front of the ciphertext. A VP8 packetiser looks at the first bit (0: key frame)
 * and, on key frames, at the start code and the size, here always 640 by 360 (RFC 6386 section
 * 9.1); the real header is inside. A new codec is a new row and, if need be, another `is_key`. */
struct fake_header {
    bool video;
    size_t key_len, delta_len;
    uint8_t key[IC_FAKE_HEADER_MAX], delta[IC_FAKE_HEADER_MAX];
    size_t least_len; /* of a real frame */
    bool padded;
};

/* Of a padded frame with all that stands before it, since an SFrame header grows as frames are
 * counted. The first is for encoders that keep to the rate that browsers are told, 80 and 240 bytes
 * a frame; the second for those that vary around it. The largest fits into a packet, as each frame
 * of sound must; what is longer has only the one byte, and no encoder makes it at these rates. */
enum { PADDED_LENS = 3, LARGEST = PADDED_LENS - 1, PADDING_BEGINS = 0x80 };

static const size_t padded_lens[IC_STREAMS][PADDED_LENS] = {
    [IC_STREAM_MICROPHONE] = {96, 160, 400},
    [IC_STREAM_SCREEN_AUDIO] = {256, 400, 1100},
};

/* clang-format off */
static const struct fake_header fake_headers[IC_CODECS] = {
    [IC_CODEC_OPUS] = {.least_len = 1, .padded = true},
    [IC_CODEC_VP8] = {.video = true, .least_len = 3,
        .key_len = 10, .key = {0x10, 0x00, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01},
        .delta_len = 1, .delta = {0x11}},
};
/* clang-format on */

static bool is_key_frame(const struct fake_header *fake, uint8_t first)
{
    return fake->video && (first & 1) == 0;
}

/* Who once needed the second length keeps to it: to change between the first two would tell loud
 * from silent. The largest is too dear for that, and happens to no voice. */
static size_t padded_len(struct ic_frame_sender *sender, size_t len)
{
    const size_t *lens = padded_lens[sender->stream];
    size_t i = sender->least_padded;
    while (i < LARGEST && len >= lens[i])
        i++;
    if (i > 0)
        sender->least_padded = LARGEST - 1;
    return len < lens[i] ? lens[i] : len + 1;
}

static size_t body_len(struct ic_frame_sender *sender, size_t frame_len, size_t prefix_len)
{
    if (!fake_headers[sender->codec].padded)
        return frame_len;
    return padded_len(sender, frame_len + prefix_len) - prefix_len;
}

static void pad(uint8_t *body, size_t frame_len, size_t len)
{
    if (len == frame_len)
        return;
    memset(body + frame_len, 0, len - frame_len);
    body[frame_len] = PADDING_BEGINS;
}

bool ic_frame_unpad(enum ic_codec codec, struct ic_bytes *body)
{
    size_t len = body->len;
    if (!fake_headers[codec].padded)
        return true;
    while (len > 0 && body->at[len - 1] == 0)
        len--;
    if (len <= fake_headers[codec].least_len || body->at[len - 1] != PADDING_BEGINS)
        return false;
    body->len = len - 1;
    return true;
}

static bool is_video(enum ic_stream stream)
{
    return stream == IC_STREAM_CAMERA || stream == IC_STREAM_SCREEN;
}

void ic_frame_sender_init(struct ic_frame_sender *sender, struct ic_e2ee *core,
                          enum ic_stream stream, enum ic_codec codec)
{
    *sender = (struct ic_frame_sender){.core = core, .stream = stream, .codec = codec};
}

struct ic_frame_sender *ic_frame_sender_new(struct ic_e2ee *core, enum ic_stream stream,
                                            enum ic_codec codec)
{
    struct ic_frame_sender *sender = malloc(sizeof *sender);
    if (sender)
        ic_frame_sender_init(sender, core, stream, codec);
    return sender;
}

void ic_frame_sender_free(struct ic_frame_sender *sender)
{
    free(sender);
}

void ic_frame_receiver_init(struct ic_frame_receiver *receiver, struct ic_e2ee *core,
                            enum ic_codec codec)
{
    *receiver = (struct ic_frame_receiver){.core = core, .codec = codec};
}

struct ic_frame_receiver *ic_frame_receiver_new(struct ic_e2ee *core, enum ic_codec codec)
{
    struct ic_frame_receiver *receiver = malloc(sizeof *receiver);
    if (receiver)
        ic_frame_receiver_init(receiver, core, codec);
    return receiver;
}

void ic_frame_receiver_free(struct ic_frame_receiver *receiver)
{
    free(receiver);
}

static bool same_view(struct ic_frame_view a, struct ic_frame_view b)
{
    return a.somebody == b.somebody && a.index == b.index && a.stream == b.stream;
}

static void look_at(struct ic_frame_receiver *receiver, struct ic_frame_view view)
{
    if (same_view(receiver->expected, view))
        return;
    if (receiver->expected.somebody)
        receiver->before = receiver->expected;
    receiver->expected = view;
}

enum ic_err ic_frame_receiver_expect(struct ic_frame_receiver *receiver, unsigned index,
                                     enum ic_stream stream)
{
    if (index >= IC_MEMBERS_MAX || is_video(stream) != fake_headers[receiver->codec].video)
        return IC_ERR_FORBIDDEN;
    look_at(receiver, (struct ic_frame_view){true, index, stream});
    return IC_OK;
}

void ic_frame_receiver_expect_nobody(struct ic_frame_receiver *receiver)
{
    look_at(receiver, (struct ic_frame_view){0});
}

static void finish_plan(struct ic_frame_plan *plan, const struct ic_frame_key *key, size_t fake_len)
{
    size_t header_len = plan->prefix_len - fake_len;
    memcpy(plan->aad, plan->prefix + fake_len, header_len);
    memcpy(plan->aad + header_len, plan->prefix, fake_len);
    ic_sframe_nonce(plan->nonce, key->salt, plan->counter);
    plan->aead = key->aead;
    plan->id = key->id;
    plan->serial = key->serial;
}

/* The next counter of the own key; a lease of an older epoch is dropped. */
static enum ic_err next_counter(struct ic_frame_sender *sender, uint64_t *counter)
{
    uint64_t generation = sender->core->generation;
    if (sender->core->held)
        return IC_ERR_FORBIDDEN;
    if (sender->generation != generation || sender->lease.next == sender->lease.end) {
        enum ic_err err = ic_core_lease(sender->core, sender->stream, &sender->lease, &sender->key);
        if (err != IC_OK)
            return err;
        sender->generation = generation;
    }
    *counter = sender->lease.next++;
    return IC_OK;
}

enum ic_err ic_frame_plan_seal(struct ic_frame_sender *sender, struct ic_frame_plan *plan,
                               struct ic_bytes start, size_t len)
{
    const struct fake_header *fake = &fake_headers[sender->codec];
    if (len < fake->least_len || start.len == 0)
        return IC_ERR_MALFORMED;
    enum ic_err err = next_counter(sender, &plan->counter);
    if (err != IC_OK)
        return err;

    bool key_frame = is_key_frame(fake, start.at[0]);
    size_t fake_len = key_frame ? fake->key_len : fake->delta_len;
    memcpy(plan->prefix, key_frame ? fake->key : fake->delta, fake_len);
    struct ic_sframe_header header = {ic_key_id_number(sender->key->id), plan->counter};
    plan->prefix_len = fake_len + ic_sframe_header_write(plan->prefix + fake_len, header);
    plan->body_len = body_len(sender, len, plan->prefix_len);
    finish_plan(plan, sender->key, fake_len);
    return IC_OK;
}

enum ic_err ic_frame_seal(struct ic_frame_sender *sender, uint8_t *sealed, size_t *sealed_len,
                          struct ic_bytes frame)
{
    struct ic_frame_plan plan;
    enum ic_err err = ic_frame_plan_seal(sender, &plan, frame, frame.len);
    if (err != IC_OK)
        return err;
    memcpy(sealed, plan.prefix, plan.prefix_len);
    memcpy(sealed + plan.prefix_len, frame.at, frame.len);
    pad(sealed + plan.prefix_len, frame.len, plan.body_len);
    err = ic_aead_seal(plan.aead, plan.nonce, (struct ic_bytes){plan.aad, plan.prefix_len},
                       sealed + plan.prefix_len, plan.body_len);
    if (err == IC_OK)
        *sealed_len = plan.prefix_len + plan.body_len + IC_SFRAME_TAG_LEN;
    return err;
}

/* Splits the readable part off; everything is checked against the length before it is believed. */
static enum ic_err read_prefix(const struct ic_frame_receiver *receiver, struct ic_frame_plan *plan,
                               size_t *fake_len, struct ic_bytes start, size_t len)
{
    const struct fake_header *fake = &fake_headers[receiver->codec];
    struct ic_sframe_header header;
    size_t header_len;

    if (start.len == 0)
        return IC_ERR_MALFORMED;
    *fake_len = is_key_frame(fake, start.at[0]) ? fake->key_len : fake->delta_len;
    if (start.len < *fake_len)
        return IC_ERR_MALFORMED;
    struct ic_bytes rest = {start.at + *fake_len, start.len - *fake_len};
    if (ic_sframe_header_read(&header, &header_len, rest) != IC_OK)
        return IC_ERR_MALFORMED;
    plan->prefix_len = *fake_len + header_len;
    if (len < plan->prefix_len + fake->least_len + fake->padded + IC_SFRAME_TAG_LEN)
        return IC_ERR_MALFORMED;
    if (!ic_key_id_parse(&plan->id, header.key_id) || header.counter >= IC_COUNTER_LIMIT)
        return IC_ERR_MALFORMED;
    plan->counter = header.counter;
    memcpy(plan->prefix, start.at, plan->prefix_len);
    return IC_OK;
}

static bool shows(struct ic_frame_view view, struct ic_key_id id)
{
    return view.somebody && view.index == id.index && view.stream == id.stream;
}

/* A frame that this slot may open now, or why not. */
static enum ic_err may_open(struct ic_frame_receiver *receiver, struct ic_key_id id, int64_t now,
                            struct ic_frame_key **key)
{
    if (!shows(receiver->expected, id))
        return shows(receiver->before, id) ? IC_ERR_FORBIDDEN : IC_ERR_NOT_FOUND;
    *key = ic_core_find_key(receiver->core, id, now);
    return *key ? IC_OK : IC_ERR_NOT_FOUND;
}

/* Far behind what any slot has opened: a slot has windows of its own, and one that was kept waiting
 * must not show again what another showed long ago. */
static bool is_stale(const struct ic_frame_key *key, uint64_t counter)
{
    return key->next > REACH && counter < key->next - REACH;
}

enum ic_err ic_frame_plan_open(struct ic_frame_receiver *receiver, struct ic_frame_plan *plan,
                               struct ic_bytes start, size_t len, int64_t now)
{
    size_t fake_len;
    struct ic_frame_key *key;

    if (start.len > len)
        return IC_ERR_MALFORMED;
    enum ic_err err = read_prefix(receiver, plan, &fake_len, start, len);
    if (err == IC_OK)
        err = may_open(receiver, plan->id, now, &key);
    if (err != IC_OK)
        return err;
    if (is_stale(key, plan->counter) ||
        !ic_replay_fresh(&receiver->replay, key->serial, plan->counter, key->floor))
        return IC_ERR_REPLAYED;
    finish_plan(plan, key, fake_len);
    return IC_OK;
}

/* A window made room for another key. What it knew goes to its own key, if that is still there. */
static void remember(struct ic_e2ee *core, struct ic_replay_lost lost)
{
    if (lost.key == 0)
        return;
    struct ic_frame_key *key = ic_core_key_of_serial(core, lost.key);
    if (key && key->floor < lost.next)
        key->floor = lost.next;
}

enum ic_err ic_frame_claim(struct ic_frame_receiver *receiver, struct ic_key_id id, uint64_t serial,
                           uint64_t counter, int64_t now)
{
    struct ic_frame_key *key;
    struct ic_replay_lost lost;

    enum ic_err err = may_open(receiver, id, now, &key);
    if (err != IC_OK)
        return err;
    if (key->serial != serial)
        return IC_ERR_NOT_FOUND;
    if (is_stale(key, counter))
        return IC_ERR_REPLAYED;
    err = ic_replay_claim(&receiver->replay, serial, counter, key->floor, &lost);
    if (err != IC_OK)
        return err;
    remember(receiver->core, lost);
    if (counter >= key->next)
        key->next = counter + 1;
    return IC_OK;
}

enum ic_err ic_frame_open(struct ic_frame_receiver *receiver, struct ic_opened_frame *out,
                          uint8_t *sealed, size_t sealed_len, int64_t now)
{
    struct ic_frame_plan plan;
    struct ic_bytes all = {sealed, sealed_len};

    enum ic_err err = ic_frame_plan_open(receiver, &plan, all, sealed_len, now);
    if (err != IC_OK)
        return err;
    uint8_t *body = sealed + plan.prefix_len;
    size_t len = sealed_len - plan.prefix_len;
    err = ic_aead_open(plan.aead, plan.nonce, (struct ic_bytes){plan.aad, plan.prefix_len}, body,
                       len);
    if (err != IC_OK)
        return err;
    err = ic_frame_claim(receiver, plan.id, plan.serial, plan.counter, now);
    if (err != IC_OK)
        return err;
    struct ic_bytes opened = {body, len - IC_SFRAME_TAG_LEN};
    if (!ic_frame_unpad(receiver->codec, &opened))
        return IC_ERR_MALFORMED;
    *out = (struct ic_opened_frame){
        .frame = opened, .index = plan.id.index, .stream = plan.id.stream, .counter = plan.counter};
    return IC_OK;
}
