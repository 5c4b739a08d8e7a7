/* frame.c - whole frames behind constant headers, so that nothing of the codec shows and browsers
 * still packetise and reassemble them. */
#include "e2ee/frame.h"

#include <stdlib.h>

/* How far behind a key's newest frame, in whichever slot, one may be. */
enum { REACH = 512 };

enum { FRAME_MOST = 1 << 27 }; /* bytes: four of LEB128 hold its size */

/* What stands in front of the ciphertext; its first byte tells codec and kind of frame, and all of
 * it is authenticated. The real header is inside.
 *
 * VP8: packetisers look at the first bit (0: key frame) and, on key frames, at the start code and
 * the size, here always 640 by 360 (RFC 6386 section 9.1). VP9: nobody looks; the byte is the start
 * of a real header. H.264: it stands for all that browsers need in front of a slice, and the
 * browser's worker puts that there (web/src/e2ee/annexb.ts). AV1: packetisers cut frames at their
 * OBUs and write each one's size anew, so a frame is one OBU with the shortest size: a sequence
 * header, which tells receivers of a key frame, or a frame. A new codec is a new row and, if need
 * be, a way to tell its key frames. */
struct fake_header {
    bool video;
    bool sized; /* the length of what follows stands behind it, in LEB128 */
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
    [IC_CODEC_VP9] = {.video = true, .least_len = 1,
        .key_len = 1, .key = {0x82}, .delta_len = 1, .delta = {0x86}},
    [IC_CODEC_AV1] = {.video = true, .sized = true, .least_len = 1,
        .key_len = 1, .key = {0x0A}, .delta_len = 1, .delta = {0x32}},
    [IC_CODEC_H264] = {.video = true, .least_len = 5,
        .key_len = 1, .key = {0x65}, .delta_len = 1, .delta = {0x41}},
};
/* clang-format on */

/* A temporal delimiter may come before the sequence header that every key frame has. */
static bool is_av1_key_frame(struct ic_bytes start)
{
    const uint8_t delimiter = 0x12, type = 0x78, sequence_header = 0x08;
    size_t at = start.len > 2 && start.at[0] == delimiter && start.at[1] == 0 ? 2 : 0;
    return (start.at[at] & type) == sequence_header;
}

/* Parameter sets stand in front of a key frame, or it is a slice of one; what else may be there (a
 * delimiter, remarks) tells nothing. */
static bool is_h264_key_frame(struct ic_bytes start)
{
    enum { TYPE = 0x1F, SLICE = 1, KEY_SLICE = 5, SEQUENCE_PARAMETERS = 7, START_CODE = 3 };
    for (size_t i = 0; i + START_CODE < start.len; i++) {
        if (start.at[i] != 0 || start.at[i + 1] != 0 || start.at[i + 2] != 1)
            continue;
        uint8_t type = start.at[i + START_CODE] & TYPE;
        if (type == KEY_SLICE || type == SEQUENCE_PARAMETERS)
            return true;
        if (type == SLICE)
            return false;
    }
    return false;
}

static bool is_key_frame(enum ic_codec codec, struct ic_bytes start)
{
    const uint8_t vp9_shown_again = 0x08, vp9_delta = 0x04;
    switch (codec) {
    case IC_CODEC_VP8:
        return (start.at[0] & 1) == 0;
    case IC_CODEC_VP9: /* bits of RFC 9628's "uncompressed header", profile 0 */
        return (start.at[0] & (vp9_shown_again | vp9_delta)) == 0;
    case IC_CODEC_AV1:
        return is_av1_key_frame(start);
    case IC_CODEC_H264:
        return is_h264_key_frame(start);
    default:
        return false;
    }
}

enum { LEB128_MAX = 4, LEB128_MORE = 0x80, LEB128_BITS = 7 };

static size_t write_leb128(uint8_t *out, size_t value)
{
    size_t len = 0;
    for (; value >= LEB128_MORE; value >>= LEB128_BITS)
        out[len++] = (uint8_t)(value | LEB128_MORE);
    out[len++] = (uint8_t)value;
    return len;
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

enum ic_err ic_frame_sender_use(struct ic_frame_sender *sender, enum ic_codec codec)
{
    if (fake_headers[codec].video != is_video(sender->stream))
        return IC_ERR_FORBIDDEN;
    sender->codec = codec;
    return IC_OK;
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

/* `rest`: the length of all that follows. */
static size_t write_fake(struct ic_frame_plan *plan, const struct fake_header *fake, size_t rest)
{
    size_t len = plan->is_key ? fake->key_len : fake->delta_len;
    memcpy(plan->prefix, plan->is_key ? fake->key : fake->delta, len);
    return fake->sized ? len + write_leb128(plan->prefix + len, rest) : len;
}

enum ic_err ic_frame_plan_seal(struct ic_frame_sender *sender, struct ic_frame_plan *plan,
                               struct ic_bytes start, size_t len)
{
    const struct fake_header *fake = &fake_headers[sender->codec];
    if (len < fake->least_len || start.len == 0 || len > FRAME_MOST)
        return IC_ERR_MALFORMED;
    enum ic_err err = next_counter(sender, &plan->counter);
    if (err != IC_OK)
        return err;

    struct ic_sframe_header header = {ic_key_id_number(sender->key->id), plan->counter};
    uint8_t sframe[IC_SFRAME_HEADER_MAX];
    size_t sframe_len = ic_sframe_header_write(sframe, header);
    plan->is_key = is_key_frame(sender->codec, start);
    size_t fake_len = write_fake(plan, fake, sframe_len + len + IC_SFRAME_TAG_LEN);
    memcpy(plan->prefix + fake_len, sframe, sframe_len);
    plan->prefix_len = fake_len + sframe_len;
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

/* What stands in front, as it must be for a frame that is `len` long altogether. */
static enum ic_err read_fake(struct ic_frame_plan *plan, const struct fake_header *fake,
                             size_t *fake_len, struct ic_bytes start, size_t len)
{
    uint8_t size[LEB128_MAX];
    plan->is_key = fake->video && start.at[0] == fake->key[0];
    size_t at = plan->is_key ? fake->key_len : fake->delta_len, size_len = 0;
    if (start.len < at || (fake->sized && len > FRAME_MOST))
        return IC_ERR_MALFORMED;
    while (fake->sized && at + size_len < start.len && start.at[at + size_len++] & LEB128_MORE)
        if (size_len == LEB128_MAX)
            return IC_ERR_MALFORMED;
    if (fake->sized && (write_leb128(size, len - at - size_len) != size_len ||
                        memcmp(start.at + at, size, size_len) != 0))
        return IC_ERR_MALFORMED;
    *fake_len = at + size_len;
    return IC_OK;
}

/* Of a video the first byte tells. */
static const struct fake_header *fake_of(const struct ic_frame_receiver *receiver, uint8_t first)
{
    if (!fake_headers[receiver->codec].video)
        return &fake_headers[receiver->codec];
    for (int codec = 0; codec < IC_CODECS; codec++) {
        const struct fake_header *fake = &fake_headers[codec];
        if (fake->video && (first == fake->key[0] || first == fake->delta[0]))
            return fake;
    }
    return NULL;
}

/* Splits the readable part off; everything is checked against the length before it is believed. */
static enum ic_err read_prefix(const struct ic_frame_receiver *receiver, struct ic_frame_plan *plan,
                               size_t *fake_len, struct ic_bytes start, size_t len)
{
    struct ic_sframe_header header;
    size_t header_len;

    const struct fake_header *fake = start.len > 0 ? fake_of(receiver, start.at[0]) : NULL;
    if (!fake || start.len > len || read_fake(plan, fake, fake_len, start, len) != IC_OK)
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

/* Far behind what any slot has opened: a slot of pictures has windows of its own, and one that was
 * kept waiting must not show again what another showed long ago. */
static bool is_stale(const struct ic_frame_key *key, uint64_t counter)
{
    return key->next > REACH && counter < key->next - REACH;
}

/* A picture may stand in two slots, and is drawn in one. Every slot of sound is played, so a server
 * that points two at one voice must not have it said twice. */
static struct ic_replay *replay_of(struct ic_frame_receiver *receiver)
{
    return fake_headers[receiver->codec].video ? &receiver->replay : &receiver->core->sounds;
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
        !ic_replay_fresh(replay_of(receiver), key->serial, plan->counter, key->floor))
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
    err = ic_replay_claim(replay_of(receiver), serial, counter, key->floor, &lost);
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
