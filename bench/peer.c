/* peer.c - connected sockets, one batch a system call. */
#include "bench/peer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crypto/random.h"
#include "media/rtcp.h"
#include "media/rtp.h"

enum {
    BATCH = 32,
    CELL = 1500,
    CONTROL_LEN = 64,
    BUFFER_LEN = 1 << 20,
    STAMP_LEN = 8,
    DESCRIPTOR_LEN = 4,
    STREAMS = 64,
    VOICE_MORE = 40, /* bytes of header that a server may add */
    UFRAG_LEN = 8,
    PWD_LEN = 24,
    ASK_EVERY = 100,
    KEY_EVERY = 15, /* frames; receivers that just came wait for one */
    VIDEO_TICKS = 3000,
    AUDIO_TICKS = 960,
};

static struct ic_rtp_template audio_head, video_head, layer_heads[BENCH_LOWER_LAYERS + 1];

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void random_text(char *out, size_t len)
{
    ic_random_fill(out, len);
    for (size_t i = 0; i < len; i++)
        out[i] = (char)('a' + (uint8_t)out[i] % 26);
    out[len] = '\0';
}

/* What the worker never writes: a RID beside MID and transport-wide number (RFC 8285). */
static void init_layer_head(struct ic_rtp_template *t, char rid)
{
    const uint8_t extensions[] = {0xBE,
                                  0xDE,
                                  0,
                                  2,
                                  BENCH_MID_EXT << 4,
                                  '1',
                                  BENCH_RID_EXT << 4,
                                  (uint8_t)rid,
                                  BENCH_TWCC_EXT << 4 | 1,
                                  0,
                                  0,
                                  0};

    *t = video_head;
    memcpy(t->bytes + IC_RTP_HEADER_LEN, extensions, sizeof extensions);
    t->len = IC_RTP_HEADER_LEN + sizeof extensions;
    t->twcc_at = IC_RTP_HEADER_LEN + 9;
}

static void init_heads(void)
{
    static const uint8_t ext[IC_EXTENSIONS] = {
        [IC_EXT_MID] = BENCH_MID_EXT, [IC_EXT_TWCC] = BENCH_TWCC_EXT};
    ic_rtp_template_init(&audio_head, "0", ext);
    ic_rtp_template_init(&video_head, "1", ext);
    for (int i = 0; i <= BENCH_LOWER_LAYERS; i++)
        init_layer_head(&layer_heads[i], "lmh"[i]);
}

void bench_peer_open(struct bench_peer *p, uint32_t number)
{
    static const int on = 1, buffer = BUFFER_LEN;
    struct sockaddr_in name = {.sin_family = AF_INET};
    socklen_t len = sizeof name;

    init_heads();
    p->fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (p->fd < 0 || bind(p->fd, (struct sockaddr *)&name, sizeof name) != 0 ||
        getsockname(p->fd, (struct sockaddr *)&name, &len) != 0 ||
        setsockopt(p->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
        die("socket of the load");
    if (setsockopt(p->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer) != 0)
        setsockopt(p->fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
    p->port = ntohs(name.sin_port);
    random_text(p->ours.ufrag, UFRAG_LEN);
    random_text(p->ours.pwd, PWD_LEN);
    p->audio = (struct bench_stream){
        .ssrc = 1000 + number * 2, .pt = BENCH_OPUS_PT, .index = 1, .head = &audio_head};
    p->video = (struct bench_stream){
        .ssrc = 1001 + number * 2, .pt = BENCH_VP8_PT, .index = 1, .head = &video_head};
    if (!p->features)
        return;
    p->video.head = &layer_heads[BENCH_LOWER_LAYERS];
    for (uint32_t i = 0; i < BENCH_LOWER_LAYERS; i++)
        p->lower[i] = (struct bench_stream){.ssrc = BENCH_LOWER_SSRC + number * 2 + i,
                                            .pt = BENCH_VP8_PT,
                                            .index = 1,
                                            .head = &layer_heads[i]};
    p->twcc = calloc(1, sizeof *p->twcc);
    if (!p->twcc)
        die("memory");
}

void bench_peer_close(struct bench_peer *p)
{
    close(p->fd);
    ic_ice_client_clear(&p->ice);
    ic_dtls_free(p->dtls);
    free(p->twcc);
    ic_srtp_sender_free(p->sender);
    ic_srtp_receiver_free(p->receiver);
}

void bench_peer_aim(struct bench_peer *p, const char *address, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1 ||
        connect(p->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("connect");
}

void bench_peer_start(struct bench_peer *p, const char *address, uint16_t port, int64_t now)
{
    struct ic_address server;
    if (ic_address_parse(&server, address, port) != IC_OK)
        die(address);
    bench_peer_aim(p, address, port);
    ic_ice_client_init(&p->ice, now, &p->ours, &p->theirs, &server);
    p->started = true;
}

bool bench_peer_up(const struct bench_peer *p)
{
    return p->receiver != NULL;
}

void bench_peer_set_keys(struct bench_peer *p, const struct ic_srtp_keys *keys)
{
    struct ic_srtp_session session;
    if (ic_srtp_derive(&session, &keys->send) != IC_OK ||
        ic_srtp_sender_new(&p->sender, keys->profile, &session, STREAMS) != IC_OK ||
        ic_srtp_derive(&session, &keys->receive) != IC_OK ||
        ic_srtp_receiver_new(&p->receiver, keys->profile, &session, STREAMS, STREAMS) != IC_OK)
        die("SRTP");
    ic_srtp_session_clear(&session);
    p->profile = keys->profile;
}

/* ---- connecting ---- */

static void send_plain(const struct bench_peer *p, struct ic_bytes datagram)
{
    if (send(p->fd, datagram.at, datagram.len, 0) < 0 && errno != ECONNREFUSED && errno != EAGAIN)
        die("send");
}

static void pump_dtls(struct bench_peer *p)
{
    struct ic_bytes datagram;
    struct ic_srtp_keys keys;

    while (ic_dtls_next_datagram(p->dtls, &datagram))
        send_plain(p, datagram);
    p->failed = ic_dtls_state(p->dtls) == IC_DTLS_FAILED;
    if (!p->receiver && ic_dtls_take_keys(p->dtls, &keys) == IC_OK)
        bench_peer_set_keys(p, &keys);
}

void bench_peer_advance(struct bench_peer *p, struct ic_dtls_context *dtls, int64_t now)
{
    uint8_t request[IC_STUN_REQUEST_MAX];

    if (!p->started)
        return;
    size_t len = now >= ic_ice_client_next_timeout(&p->ice)
                     ? ic_ice_client_advance(&p->ice, now, request)
                     : 0;
    if (len > 0)
        send_plain(p, (struct ic_bytes){request, len});
    if (!p->dtls && ic_ice_client_state(&p->ice) == IC_ICE_CLIENT_CONNECTED) {
        if (ic_dtls_new(&p->dtls, dtls, IC_DTLS_CLIENT, p->fingerprint, now) != IC_OK)
            die("DTLS");
        pump_dtls(p);
    }
    if (p->dtls && now >= ic_dtls_next_timeout(p->dtls)) {
        ic_dtls_advance(p->dtls, now);
        pump_dtls(p);
    }
}

/* Some servers that call themselves lite check all the same. */
static void answer_check(const struct bench_peer *p, const struct ic_stun_message *request,
                         struct ic_bytes datagram)
{
    uint8_t answer[IC_STUN_RESPONSE_MAX];
    struct ic_hmac_key key;

    ic_hmac_key_init(&key, IC_HMAC_SHA1, ic_bytes_of_text(p->ours.pwd));
    if (ic_stun_verify(request, datagram, &key) == IC_OK) {
        size_t len = ic_stun_write_success(answer, sizeof answer, request, &p->ice.server, &key);
        send_plain(p, (struct ic_bytes){answer, len});
    }
    ic_hmac_key_clear(&key);
}

static void take_stun(struct bench_peer *p, struct ic_dtls_context *dtls, struct ic_bytes datagram,
                      int64_t now)
{
    struct ic_stun_message message;
    if (!p->started || ic_stun_parse(&message, datagram) != IC_OK)
        return;
    if (message.class == IC_STUN_REQUEST)
        answer_check(p, &message, datagram);
    else if (ic_ice_client_receive(&p->ice, now, &message, datagram) == IC_OK)
        bench_peer_advance(p, dtls, now);
}

/* ---- receiving ---- */

static int64_t arrival(struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
            struct timespec t;
            memcpy(&t, CMSG_DATA(c), sizeof t);
            return t.tv_sec * IC_NS_PER_SEC + t.tv_nsec;
        }
    return 0;
}

static void send_rtcp(struct bench_peer *p, uint8_t *bytes, size_t len)
{
    if (p->sender && ic_srtcp_seal(p->sender, bytes, &len) == IC_OK)
        send_plain(p, (struct ic_bytes){bytes, len});
}

static void ask_again(struct bench_peer *p, uint32_t ssrc, uint16_t seq)
{
    uint8_t bytes[64];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes - IC_SRTCP_OVERHEAD);

    ic_rtcp_write_nack(&w, p->audio.ssrc, ssrc, &seq, 1);
    send_rtcp(p, bytes, w.len);
}

static void give_feedback(struct bench_peer *p, uint32_t ssrc, int64_t now)
{
    uint8_t bytes[CELL];
    bool more = ic_twcc_due(p->twcc, now);

    while (more) {
        struct ic_writer w = ic_writer_of(bytes, sizeof bytes - IC_SRTCP_OVERHEAD);
        more = ic_twcc_write(p->twcc, &w, p->audio.ssrc, ssrc, now) && w.len > 0;
        send_rtcp(p, bytes, w.len);
    }
}

/* What a browser does with every packet, from its header in the clear. False: a resend or padding,
 * which does not count as forwarded. */
static bool note_features(struct bench_peer *p, struct ic_bytes packet, int64_t at)
{
    static const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_TWCC] = BENCH_TWCC_EXT};
    struct ic_bytes values[IC_EXTENSIONS];
    struct ic_rtp rtp;

    if (ic_rtp_parse_header(&rtp, packet) != IC_OK)
        return false;
    ic_rtp_extensions(&rtp, ids, values);
    const struct ic_bytes *number = &values[IC_EXT_TWCC];
    if (number->len == 2)
        ic_twcc_note(p->twcc, (uint16_t)(number->at[0] << 8 | number->at[1]), at);
    give_feedback(p, rtp.ssrc, at);
    if (rtp.pt == BENCH_VP8_PT && rtp.seq % ASK_EVERY == 0)
        ask_again(p, rtp.ssrc, rtp.seq);
    return rtp.pt != BENCH_RTX_PT;
}

static void take_media(struct bench_peer *p, uint8_t *bytes, size_t len, struct msghdr *message,
                       struct bench_samples *samples)
{
    struct ic_rtp rtp;
    uint64_t index;
    int64_t stamp, at = arrival(message);

    if (p->features && !note_features(p, (struct ic_bytes){bytes, len}, at))
        return;
    if (len <= BENCH_AUDIO_LEN + VOICE_MORE) {
        if (p->voice_at != 0 && at - p->voice_at > p->voice_gap)
            p->voice_gap = at - p->voice_at;
        p->voice_at = at;
    }
    if (p->received++ % BENCH_SAMPLE_EVERY != p->member % BENCH_SAMPLE_EVERY)
        return;
    if (ic_srtp_open(p->receiver, bytes, &len, &index) != IC_OK ||
        ic_rtp_parse(&rtp, (struct ic_bytes){bytes, len}) != IC_OK || rtp.payload.len < STAMP_LEN) {
        p->failed = true;
        return;
    }
    memcpy(&stamp, rtp.payload.at + rtp.payload.len - STAMP_LEN, STAMP_LEN);
    bench_sample(samples, at - stamp);
}

static void take(struct bench_peer *p, struct ic_dtls_context *dtls, int64_t now, uint8_t *bytes,
                 struct mmsghdr *message, struct bench_samples *samples)
{
    struct ic_bytes datagram = {bytes, message->msg_len};

    switch (ic_datagram_kind(datagram)) {
    case IC_DATAGRAM_RTP:
        if (p->receiver)
            take_media(p, bytes, message->msg_len, &message->msg_hdr, samples);
        break;
    case IC_DATAGRAM_STUN:
        take_stun(p, dtls, datagram, now);
        break;
    case IC_DATAGRAM_DTLS:
        if (p->dtls) {
            ic_dtls_receive(p->dtls, now, datagram);
            pump_dtls(p);
        }
        break;
    case IC_DATAGRAM_RTCP:
    case IC_DATAGRAM_UNKNOWN:
        break;
    }
}

void bench_peer_receive(struct bench_peer *p, struct ic_dtls_context *dtls, int64_t now,
                        struct bench_samples *samples)
{
    static uint8_t cells[BATCH][CELL];
    static _Alignas(struct cmsghdr) uint8_t controls[BATCH][CONTROL_LEN];
    static struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    int count;

    do {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){cells[i], CELL};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = controls[i],
                                                  .msg_controllen = CONTROL_LEN};
        }
        count = recvmmsg(p->fd, messages, BATCH, MSG_DONTWAIT, NULL);
        for (int i = 0; i < count; i++)
            take(p, dtls, now, cells[i], &messages[i], samples);
    } while (count == BATCH);
}

/* ---- sending ---- */

struct burst {
    uint8_t cells[BATCH][CELL];
    struct iovec parts[BATCH];
    struct mmsghdr messages[BATCH];
    unsigned count;
};

static void add_packet(struct burst *b, struct bench_peer *p, struct bench_stream *s, size_t len,
                       bool marker, const uint8_t *descriptor)
{
    uint8_t *at = b->cells[b->count];
    int64_t stamp = bench_wall_now();
    struct ic_rtp_header header = {.ssrc = s->ssrc,
                                   .timestamp = s->timestamp,
                                   .seq = (uint16_t)s->index,
                                   .pt = s->pt,
                                   .marker = marker};
    struct ic_srtp_packet packet = {at, len - IC_SRTP_OVERHEAD, s->head->len, s->ssrc, s->index++};

    ic_rtp_write(at, s->head, &header, -1);
    at[s->head->twcc_at] = (uint8_t)(p->transport_seq >> 8);
    at[s->head->twcc_at + 1] = (uint8_t)p->transport_seq++;
    memset(at + s->head->len, 0xA5, packet.len - s->head->len);
    if (descriptor)
        memcpy(at + s->head->len, descriptor, DESCRIPTOR_LEN + 1);
    memcpy(at + packet.len - STAMP_LEN, &stamp, STAMP_LEN);
    if (ic_srtp_seal(p->sender, &packet) != IC_OK)
        die("seal");
    b->parts[b->count] = (struct iovec){at, packet.len};
    b->messages[b->count].msg_hdr =
        (struct msghdr){.msg_iov = &b->parts[b->count], .msg_iovlen = 1};
    b->count++;
}

static void send_burst(struct bench_peer *p, struct burst *b)
{
    for (unsigned at = 0; at < b->count;) {
        int sent = sendmmsg(p->fd, b->messages + at, b->count - at, 0);
        if (sent < 0 && errno != ECONNREFUSED)
            die("sendmmsg");
        at += sent > 0 ? (unsigned)sent : 1;
    }
    p->sent += b->count;
}

bool bench_uneven;

/* X and S, I, then a picture id of 15 bits; then the frame's first byte, whose lowest bit says that
 * it is no key frame (RFC 7741). */
static void send_layer(struct bench_peer *p, struct bench_stream *stream, uint32_t packets)
{
    static struct burst burst;
    bool key = p->frame % KEY_EVERY == 0;

    burst.count = 0;
    for (uint32_t i = 0; i < packets && i < BATCH; i++) {
        uint8_t descriptor[DESCRIPTOR_LEN + 1] = {i == 0 ? 0x90 : 0x80, 0x80,
                                                  (uint8_t)(0x80 | (p->frame >> 8 & 0x7F)),
                                                  (uint8_t)p->frame, key ? 0x00 : 0x01};
        size_t len = BENCH_VIDEO_LEN - (bench_uneven && 2 * i < packets);
        add_packet(&burst, p, stream, len, i + 1 == packets, descriptor);
    }
    send_burst(p, &burst);
    stream->timestamp += VIDEO_TICKS;
}

void bench_peer_send_frame(struct bench_peer *p, uint32_t packets)
{
    if (p->features)
        for (uint32_t i = 0; i < BENCH_LOWER_LAYERS; i++) {
            send_layer(p, &p->lower[i], 1 + i);
            p->sent -= 1 + i; /* nobody gets them who gets the highest */
        }
    send_layer(p, &p->video, packets);
    p->frame++;
}

void bench_peer_send_sound(struct bench_peer *p)
{
    static struct burst burst;

    burst.count = 0;
    add_packet(&burst, p, &p->audio, BENCH_AUDIO_LEN, false, NULL);
    send_burst(p, &burst);
    p->audio.timestamp += AUDIO_TICKS;
}
