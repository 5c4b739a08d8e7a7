/* srtp.c - sealing and opening RTP and RTCP: AES_CM_128_HMAC_SHA1_80 (RFC 3711) and
 * AEAD_AES_128_GCM (RFC 7714). The payload is already an SFrame ciphertext; this layer hides
 * headers from the network and keeps strangers from injecting.
 *
 *   RTP   | header | payload        | tag |            both
 *   RTCP  | header (8) | payload    | tag 16 | E index |   GCM
 *   RTCP  | header (8) | payload    | E index | tag 10 |   AES_CM
 */
#include "media/srtp.h"

#include "crypto/aead.h"
#include "crypto/ctr.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "media/srtp_streams.h"

#include <assert.h>
#include <endian.h>
#include <stdlib.h>

enum {
    RTP_HEADER_LEN = 12,
    RTCP_HEADER_LEN = 8, /* in the clear: first header and SSRC */
    RTCP_INDEX_LEN = 4,
    CM_TAG_LEN = 10,
    INDEX_BITS = 48,
    LINE = 64, /* of a cache */
};

#define RTCP_ENCRYPTED UINT32_C(0x80000000)

/* --- ciphers: the keys of RTP or of RTCP in one direction --- */

struct cm {
    struct ic_ctr *ctr;
    struct ic_hmac_key auth;
};

struct cipher {
    struct ic_aead *gcm; /* or, when NULL, */
    struct cm *cm;
    uint8_t salt[IC_CTR_BLOCK_LEN]; /* IC_SRTP_SALT_LEN bytes and zeroes */
};

static enum ic_err cm_new(struct cm **out, const uint8_t *key, const uint8_t *auth)
{
    struct cm *cm = calloc(1, sizeof *cm);

    if (!cm)
        return IC_ERR_SYSTEM;
    enum ic_err err = ic_ctr_new(&cm->ctr, key);
    if (err != IC_OK) {
        free(cm);
        return err;
    }
    ic_hmac_key_init(&cm->auth, IC_HMAC_SHA1, (struct ic_bytes){auth, IC_SRTP_AUTH_KEY_LEN});
    *out = cm;
    return IC_OK;
}

static void cm_free(struct cm *cm)
{
    if (!cm)
        return;
    ic_ctr_free(cm->ctr);
    ic_secret_wipe(cm, sizeof *cm);
    free(cm);
}

static enum ic_err cipher_init(struct cipher *c, enum ic_srtp_profile profile, const uint8_t *key,
                               const uint8_t *salt, const uint8_t *auth)
{
    memcpy(c->salt, salt, IC_SRTP_SALT_LEN);
    if (profile == IC_SRTP_AEAD_AES_128_GCM)
        return ic_aead_new(&c->gcm, key);
    return cm_new(&c->cm, key, auth);
}

static void cipher_clear(struct cipher *c)
{
    ic_aead_free(c->gcm);
    cm_free(c->cm);
    ic_secret_wipe(c, sizeof *c);
}

/* Salt xor SSRC xor index; the SSRC begins at byte 2 of a GCM nonce (RFC 7714 sections 8.1, 9.1)
 * and at byte 4 of a counter block (RFC 3711 section 4.1.1), the 48-bit index follows it. In two
 * words, since the cipher reads words: what was written in bytes it would have to wait for. */
static void make_iv(uint8_t iv[IC_CTR_BLOCK_LEN], const struct cipher *c, uint32_t ssrc,
                    uint64_t index)
{
    uint64_t words[2], salt[2];

    words[0] = htobe64(c->gcm ? (uint64_t)ssrc << 16 | index >> 32 : ssrc);
    words[1] = htobe64(c->gcm ? index << 32 : index << 16);
    memcpy(salt, c->salt, sizeof salt);
    words[0] ^= salt[0];
    words[1] ^= salt[1];
    memcpy(iv, words, sizeof words);
}

static bool cm_tag_holds(const struct cipher *c, struct ic_bytes covered, struct ic_bytes more,
                         const uint8_t *sent)
{
    uint8_t tag[IC_HMAC_SHA1_LEN];

    ic_hmac(tag, &c->cm->auth, (struct ic_bytes[]){covered, more}, 2);
    return ic_secret_equal(tag, sent, CM_TAG_LEN);
}

/* The tag is the first ten bytes of the HMAC. */
static void cm_write_tag(const struct cipher *c, struct ic_bytes covered, struct ic_bytes more,
                         uint8_t *out)
{
    uint8_t tag[IC_HMAC_SHA1_LEN];

    ic_hmac(tag, &c->cm->auth, (struct ic_bytes[]){covered, more}, 2);
    memcpy(out, tag, CM_TAG_LEN);
}

/* Only the fuzzer's own copy of this file is built with the switch, so that its inputs get past
 * the tag; lint looks for it in everything that ships. */
static bool authentic(enum ic_err err)
{
#ifdef IC_FUZZ_SKIP_AUTHENTICATION
    return err == IC_OK || err == IC_ERR_FORGED;
#else
    return err == IC_OK;
#endif
}

static void put_uint32(uint8_t out[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(value >> (24 - 8 * i));
}

static uint32_t get_uint32(const uint8_t in[4])
{
    return (uint32_t)in[0] << 24 | (uint32_t)in[1] << 16 | (uint32_t)in[2] << 8 | in[3];
}

/* --- a direction --- */

struct ic_srtp_sender {
    struct cipher rtcp;
    uint32_t rtcp_next; /* one counter for all SSRCs: a nonce holds both */
    /* What each packet of media touches: a cache line, and the streams behind it. */
    _Alignas(LINE) struct cipher rtp;
    struct ic_srtp_streams streams;
    _Alignas(8) uint8_t memory[];
};
_Static_assert(sizeof(struct cipher) + sizeof(struct ic_srtp_streams) == LINE, "one line");

struct ic_srtp_receiver {
    struct cipher rtp;
    struct ic_srtp_streams rtp_streams;
    struct cipher rtcp;
    struct ic_srtp_streams rtcp_streams;
    _Alignas(8) uint8_t memory[];
};

static enum ic_err ciphers_init(struct cipher *rtp, struct cipher *rtcp,
                                enum ic_srtp_profile profile, const struct ic_srtp_session *s)
{
    enum ic_err err = cipher_init(rtp, profile, s->rtp_key, s->rtp_salt, s->rtp_auth);
    if (err != IC_OK)
        return err;
    return cipher_init(rtcp, profile, s->rtcp_key, s->rtcp_salt, s->rtcp_auth);
}

enum ic_err ic_srtp_sender_new(struct ic_srtp_sender **out, enum ic_srtp_profile profile,
                               const struct ic_srtp_session *session, size_t streams)
{
    size_t size =
        sizeof(struct ic_srtp_sender) + ic_srtp_streams_size(streams, IC_SRTP_SEND_WINDOW);
    struct ic_srtp_sender *sender = aligned_alloc(LINE, (size + LINE - 1) & ~(size_t)(LINE - 1));
    if (!sender)
        return IC_ERR_SYSTEM;
    memset(sender, 0, size);
    ic_srtp_streams_init(&sender->streams, sender->memory, streams, IC_SRTP_SEND_WINDOW);
    if (ciphers_init(&sender->rtp, &sender->rtcp, profile, session) != IC_OK) {
        ic_srtp_sender_free(sender);
        return IC_ERR_SYSTEM;
    }
    *out = sender;
    return IC_OK;
}

void ic_srtp_sender_free(struct ic_srtp_sender *sender)
{
    if (!sender)
        return;
    cipher_clear(&sender->rtp);
    cipher_clear(&sender->rtcp);
    free(sender);
}

enum ic_err ic_srtp_receiver_new(struct ic_srtp_receiver **out, enum ic_srtp_profile profile,
                                 const struct ic_srtp_session *session, size_t streams,
                                 size_t rtcp_streams)
{
    size_t rtp_size = ic_srtp_streams_size(streams, IC_SRTP_RTP_WINDOW);
    struct ic_srtp_receiver *receiver = calloc(
        1, sizeof *receiver + rtp_size + ic_srtp_streams_size(rtcp_streams, IC_SRTP_RTCP_WINDOW));
    if (!receiver)
        return IC_ERR_SYSTEM;
    ic_srtp_streams_init(&receiver->rtp_streams, receiver->memory, streams, IC_SRTP_RTP_WINDOW);
    ic_srtp_streams_init(&receiver->rtcp_streams, receiver->memory + rtp_size, rtcp_streams,
                         IC_SRTP_RTCP_WINDOW);
    if (ciphers_init(&receiver->rtp, &receiver->rtcp, profile, session) != IC_OK) {
        ic_srtp_receiver_free(receiver);
        return IC_ERR_SYSTEM;
    }
    *out = receiver;
    return IC_OK;
}

void ic_srtp_receiver_free(struct ic_srtp_receiver *receiver)
{
    if (!receiver)
        return;
    cipher_clear(&receiver->rtp);
    cipher_clear(&receiver->rtcp);
    free(receiver);
}

/* --- RTP --- */

/* Claims `index`, or says why it must not be sealed. One nonce over two different packets hands an
 * observer the authentication key (RFC 5116 section 5.1.1), and a forwarder that resends with a
 * fresh header extension does just that. Resends therefore travel on the RTX stream, and here an
 * index is good for one use. */
static enum ic_err claim_index(struct ic_srtp_sender *sender, uint32_t ssrc, uint64_t index)
{
    if (index >> INDEX_BITS != 0)
        return IC_ERR_EXHAUSTED;
    struct ic_srtp_stream *stream = ic_srtp_streams_add(&sender->streams, ssrc);
    if (!stream)
        return IC_ERR_FULL;
    if (!ic_srtp_stream_allows(stream, index))
        return IC_ERR_REPLAYED;
    ic_srtp_stream_mark(stream, index);
    return IC_OK;
}

enum ic_err ic_srtp_seal(struct ic_srtp_sender *sender, struct ic_srtp_packet *packet)
{
    struct cipher *c = &sender->rtp;
    uint8_t iv[IC_CTR_BLOCK_LEN], roc[4];
    uint8_t *payload = packet->bytes + packet->header_len;
    size_t payload_len = packet->len - packet->header_len;

    assert(packet->header_len >= RTP_HEADER_LEN && packet->len >= packet->header_len);
    enum ic_err err = claim_index(sender, packet->ssrc, packet->index);
    if (err != IC_OK)
        return err;
    make_iv(iv, c, packet->ssrc, packet->index);
    if (c->gcm) {
        err = ic_aead_seal(c->gcm, iv, (struct ic_bytes){packet->bytes, packet->header_len},
                           payload, payload_len);
        packet->len += IC_AEAD_TAG_LEN;
        return err;
    }
    err = ic_ctr_apply(c->cm->ctr, iv, payload, payload_len);
    put_uint32(roc, (uint32_t)(packet->index >> 16));
    cm_write_tag(c, (struct ic_bytes){packet->bytes, packet->len}, (struct ic_bytes){roc, 4},
                 packet->bytes + packet->len);
    packet->len += CM_TAG_LEN;
    return err;
}

/* Length of the fixed header, CSRCs and extension; 0 if the packet is not RTP or ends before. */
static size_t rtp_header_len(struct ic_bytes packet)
{
    struct ic_reader r = ic_reader_of(packet);
    uint64_t first = ic_read_uint(&r, 1);

    ic_read_bytes(&r, RTP_HEADER_LEN - 1 + 4 * (first & 15));
    if (first & 0x10) {
        ic_read_bytes(&r, 2);
        ic_read_bytes(&r, 4 * (size_t)ic_read_uint(&r, 2));
    }
    return r.bad || first >> 6 != 2 ? 0 : packet.len - r.rest.len;
}

/* The index nearest to the newest one (RFC 3711 section 3.3.1, appendix A). */
static uint64_t estimate_index(const struct ic_srtp_stream *stream, uint16_t seq)
{
    if (!stream)
        return seq;
    uint64_t roc = stream->newest >> 16;
    uint16_t newest = (uint16_t)stream->newest;

    if (newest < 0x8000 && seq > newest + 0x8000 && roc > 0)
        roc--;
    else if (newest >= 0x8000 && seq < newest - 0x8000)
        roc++;
    return roc << 16 | seq;
}

static enum ic_err open_rtp(struct cipher *c, uint8_t *packet, size_t len, size_t header_len,
                            uint64_t index)
{
    uint8_t iv[IC_CTR_BLOCK_LEN], roc[4];
    uint8_t *payload = packet + header_len;

    make_iv(iv, c, get_uint32(packet + 8), index);
    if (c->gcm)
        return ic_aead_open(c->gcm, iv, (struct ic_bytes){packet, header_len}, payload,
                            len - header_len);
    put_uint32(roc, (uint32_t)(index >> 16));
    len -= CM_TAG_LEN;
    bool holds =
        cm_tag_holds(c, (struct ic_bytes){packet, len}, (struct ic_bytes){roc, 4}, packet + len);
    if (!authentic(holds ? IC_OK : IC_ERR_FORGED))
        return IC_ERR_FORGED;
    return ic_ctr_apply(c->cm->ctr, iv, payload, len - header_len);
}

enum ic_err ic_srtp_open(struct ic_srtp_receiver *receiver, uint8_t *packet, size_t *len,
                         uint64_t *index)
{
    size_t tag_len = receiver->rtp.gcm ? IC_AEAD_TAG_LEN : CM_TAG_LEN;
    size_t header_len = rtp_header_len((struct ic_bytes){packet, *len});
    if (header_len == 0 || *len - header_len < tag_len)
        return IC_ERR_MALFORMED;

    uint32_t ssrc = get_uint32(packet + 8);
    struct ic_srtp_stream *stream = ic_srtp_streams_find(&receiver->rtp_streams, ssrc);
    uint64_t estimate = estimate_index(stream, (uint16_t)(packet[2] << 8 | packet[3]));
    if (estimate >> INDEX_BITS != 0)
        return IC_ERR_EXHAUSTED;
    if (stream && !ic_srtp_stream_allows(stream, estimate))
        return IC_ERR_REPLAYED;
    enum ic_err err = open_rtp(&receiver->rtp, packet, *len, header_len, estimate);
    if (!authentic(err))
        return err;

    if (!stream)
        stream = ic_srtp_streams_add(&receiver->rtp_streams, ssrc);
    if (!stream)
        return IC_ERR_FULL;
    ic_srtp_stream_mark(stream, estimate);
    *len -= tag_len;
    *index = estimate;
    return IC_OK;
}

/* --- RTCP --- */

/* RFC 7714 section 9.2: the clear header, then the flag and index. */
static struct ic_bytes rtcp_aad(uint8_t aad[RTCP_HEADER_LEN + RTCP_INDEX_LEN],
                                const uint8_t *packet, const uint8_t *index)
{
    memcpy(aad, packet, RTCP_HEADER_LEN);
    memcpy(aad + RTCP_HEADER_LEN, index, RTCP_INDEX_LEN);
    return (struct ic_bytes){aad, RTCP_HEADER_LEN + RTCP_INDEX_LEN};
}

enum ic_err ic_srtcp_seal(struct ic_srtp_sender *sender, uint8_t *packet, size_t *len)
{
    struct cipher *c = &sender->rtcp;
    uint8_t iv[IC_CTR_BLOCK_LEN], aad[RTCP_HEADER_LEN + RTCP_INDEX_LEN], word[RTCP_INDEX_LEN];
    uint8_t *payload = packet + RTCP_HEADER_LEN, *end = packet + *len;
    size_t payload_len = *len - RTCP_HEADER_LEN;

    assert(*len >= RTCP_HEADER_LEN);
    if (sender->rtcp_next & RTCP_ENCRYPTED)
        return IC_ERR_EXHAUSTED;
    make_iv(iv, c, get_uint32(packet + 4), sender->rtcp_next);
    put_uint32(word, RTCP_ENCRYPTED | sender->rtcp_next++);
    if (c->gcm) {
        enum ic_err err =
            ic_aead_seal(c->gcm, iv, rtcp_aad(aad, packet, word), payload, payload_len);
        memcpy(end + IC_AEAD_TAG_LEN, word, sizeof word);
        *len += IC_AEAD_TAG_LEN + sizeof word;
        return err;
    }
    enum ic_err err = ic_ctr_apply(c->cm->ctr, iv, payload, payload_len);
    memcpy(end, word, sizeof word);
    *len += sizeof word;
    cm_write_tag(c, (struct ic_bytes){packet, *len}, (struct ic_bytes){0}, packet + *len);
    *len += CM_TAG_LEN;
    return err;
}

/* `word` is where the flag and index stand; the plaintext ends `tag_len` or less before it. */
static enum ic_err open_rtcp(struct cipher *c, uint8_t *packet, size_t len, const uint8_t *word)
{
    uint8_t iv[IC_CTR_BLOCK_LEN], aad[RTCP_HEADER_LEN + RTCP_INDEX_LEN];
    uint8_t *payload = packet + RTCP_HEADER_LEN;

    make_iv(iv, c, get_uint32(packet + 4), get_uint32(word) & ~RTCP_ENCRYPTED);
    if (c->gcm)
        return ic_aead_open(c->gcm, iv, rtcp_aad(aad, packet, word), payload,
                            len - RTCP_HEADER_LEN - RTCP_INDEX_LEN);
    bool holds = cm_tag_holds(c, (struct ic_bytes){packet, len - CM_TAG_LEN}, (struct ic_bytes){0},
                              packet + len - CM_TAG_LEN);
    if (!authentic(holds ? IC_OK : IC_ERR_FORGED))
        return IC_ERR_FORGED;
    return ic_ctr_apply(c->cm->ctr, iv, payload, (size_t)(word - payload));
}

enum ic_err ic_srtcp_open(struct ic_srtp_receiver *receiver, uint8_t *packet, size_t *len)
{
    struct cipher *c = &receiver->rtcp;
    size_t tag_len = c->gcm ? IC_AEAD_TAG_LEN : CM_TAG_LEN;
    if (*len < RTCP_HEADER_LEN + tag_len + RTCP_INDEX_LEN || packet[0] >> 6 != 2)
        return IC_ERR_MALFORMED;
    const uint8_t *word = packet + *len - RTCP_INDEX_LEN - (c->gcm ? 0 : CM_TAG_LEN);
    uint32_t flag_and_index = get_uint32(word);
    if (!(flag_and_index & RTCP_ENCRYPTED))
        return IC_ERR_MALFORMED;

    uint32_t ssrc = get_uint32(packet + 4), index = flag_and_index & ~RTCP_ENCRYPTED;
    struct ic_srtp_stream *stream = ic_srtp_streams_find(&receiver->rtcp_streams, ssrc);
    if (stream && !ic_srtp_stream_allows(stream, index))
        return IC_ERR_REPLAYED;
    enum ic_err err = open_rtcp(c, packet, *len, word);
    if (!authentic(err))
        return err;

    if (!stream)
        stream = ic_srtp_streams_add(&receiver->rtcp_streams, ssrc);
    if (!stream)
        return IC_ERR_FULL;
    ic_srtp_stream_mark(stream, index);
    *len -= tag_len + RTCP_INDEX_LEN;
    return IC_OK;
}
