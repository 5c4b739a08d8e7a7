/* What an authenticated client may put inside SRTP: the input is sealed with its keys, so that
 * mutations reach what comes after decryption. First byte: bit 0 who sends, bit 1 RTCP, bits 2-3
 * the SSRC, bits 4-5 a gap in the numbers. */
#include "fuzz/media_rig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct ic_srtp_sender *sealing;

/* As after a handshake, with keys that the fuzzer knows. */
static void give_keys(struct media_rig *r, struct ic_transport *t)
{
    static const struct ic_srtp_master master = {{1}, {2}};
    struct ic_srtp_session session;

    if (t->receiver)
        return;
    media_rig_must(ic_srtp_derive(&session, &master));
    if (!sealing)
        media_rig_must(ic_srtp_sender_new(&sealing, IC_SRTP_AEAD_AES_128_GCM, &session, 8));
    media_rig_must(ic_srtp_receiver_new(&t->receiver, IC_SRTP_AEAD_AES_128_GCM, &session, 32, 32));
    media_rig_must(ic_srtp_sender_new(&t->sender, IC_SRTP_AEAD_AES_128_GCM, &session, 32));
    ic_transport_update_sendable(r->worker, t);
}

static size_t seal_rtp(uint8_t how, uint8_t *bytes, size_t len)
{
    static uint64_t index;
    struct ic_rtp rtp;

    if (ic_rtp_parse_header(&rtp, (struct ic_bytes){bytes, len}) != IC_OK)
        return 0;
    index += 1 + (how >> 4 & 3);
    struct ic_writer w = ic_writer_of(bytes + 2, 2);
    ic_write_uint(&w, index & 0xffff, 2);
    w = ic_writer_of(bytes + 8, 4);
    ic_write_uint(&w, 100 + (how >> 2 & 3u), 4);
    struct ic_srtp_packet p = {bytes, len, rtp.header_len, 100 + (how >> 2 & 3u), index};
    media_rig_must(ic_srtp_seal(sealing, &p));
    return p.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    struct media_rig *r = media_rig();
    uint8_t bytes[IC_DATAGRAM_MAX];

    give_keys(r, r->publisher);
    give_keys(r, r->receiver);
    if (len < 9 || len > sizeof bytes - IC_SRTCP_OVERHEAD)
        return 0;
    size_t sealed = len - 1;
    memcpy(bytes, data + 1, sealed);
    if (data[0] & 2)
        media_rig_must(ic_srtcp_seal(sealing, bytes, &sealed));
    else
        sealed = seal_rtp(data[0], bytes, sealed);
    media_rig_feed(r, &r->paths[data[0] & 1], (struct ic_bytes){bytes, sealed});
    return 0;
}
