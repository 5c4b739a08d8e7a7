/* virtual.c - see virtual.h. */
#include "tests/worker/virtual.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "media/rtp.h"
#include "tests/test.h"
#include "worker/congestion.h"
#include "worker/ingress.h"
#include "worker/loop.h"
#include "worker/transport.h"

enum { BYTES_MAX = VIRTUAL_BYTES_MAX, WAITING_MAX = 8192, CONNECT_MS = 30000 };

#define START_NS (1000 * IC_NS_PER_SEC)

/* What the worker has sent and nobody has taken yet. */
static struct {
    size_t count;
    struct {
        struct ic_address to;
        size_t len;
        uint8_t bytes[BYTES_MAX];
    } at[WAITING_MAX];
} waiting;

static void keep(const struct ic_address *to, const struct iovec *bytes)
{
    assert_true(waiting.count < WAITING_MAX && bytes->iov_len <= BYTES_MAX);
    waiting.at[waiting.count].to = *to;
    waiting.at[waiting.count].len = bytes->iov_len;
    memcpy(waiting.at[waiting.count++].bytes, bytes->iov_base, bytes->iov_len);
}

static int take_messages(int fd, struct mmsghdr *messages, unsigned count, int flags)
{
    (void)fd;
    (void)flags;
    for (unsigned i = 0; i < count; i++) {
        const struct msghdr *m = &messages[i].msg_hdr;
        struct ic_address to;
        assert_int_equal(ic_address_from_sockaddr(&to, m->msg_name), IC_OK);
        for (size_t k = 0; k < m->msg_iovlen; k++)
            keep(&to, &m->msg_iov[k]);
    }
    return (int)count;
}

void virtual_start(struct virtual_world *v)
{
    struct ic_net_config config = {.address_count = 1, .sendmmsg = take_messages};
    int fds[2], room = 1 << 20;

    *v = (struct virtual_world){0};
    waiting.count = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    setsockopt(fds[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    v->control = fds[0];
    assert_int_equal(ic_address_parse(&config.addresses[0], "127.0.0.1", 0), IC_OK);
    assert_int_equal(ic_worker_new(&v->worker, &config, fds[1]), IC_OK);
    v->worker->now = START_NS;
    ic_certificate_fingerprint(v->fingerprint, v->worker->certificate);
    assert_int_equal(ic_certificate_new(&v->certificate, time(NULL)), IC_OK);
    assert_int_equal(ic_dtls_context_new(&v->context, v->certificate), IC_OK);
}

void virtual_stop(struct virtual_world *v)
{
    for (uint32_t i = 0; i < v->count; i++) {
        ic_dtls_free(v->people[i].dtls);
        ic_srtp_sender_free(v->people[i].sender);
        ic_srtp_receiver_free(v->people[i].receiver);
    }
    close(v->worker->control_fd);
    ic_worker_free(v->worker);
    ic_dtls_context_free(v->context);
    ic_certificate_free(v->certificate);
    close(v->control);
}

/* ---- people ---- */

static struct ic_path path_of(const char *ip, uint16_t port)
{
    struct ic_path path = {0};

    assert_int_equal(ic_address_parse(&path.remote, ip, port), IC_OK);
    assert_int_equal(ic_address_parse(&path.local, "192.0.2.250", 9), IC_OK);
    return path;
}

struct ic_path virtual_stranger(uint16_t number)
{
    return path_of("198.51.100.7", (uint16_t)(2000 + number));
}

struct person *virtual_join(struct virtual_world *v, uint32_t room, const struct ic_line *lines,
                            uint32_t count)
{
    assert_true(v->count < VIRTUAL_PEOPLE);
    struct person *p = &v->people[v->count++];
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD, .room = room};

    p->transport = m.transport = v->count;
    p->path = path_of("192.0.2.1", (uint16_t)(1000 + v->count));
    p->checking = true;
    snprintf(p->ours.ufrag, sizeof p->ours.ufrag, "person%u", v->count);
    snprintf(p->ours.pwd, sizeof p->ours.pwd, "the-password-of-person-%u", v->count);
    snprintf(p->theirs.ufrag, sizeof p->theirs.ufrag, "worker%u", v->count);
    snprintf(p->theirs.pwd, sizeof p->theirs.pwd, "the-password-for-person-%u", v->count);
    ic_ice_client_init(&p->ice, v->worker->now, &p->ours, &p->theirs, &p->path.local);
    m.add.ours = p->theirs;
    m.add.theirs = p->ours;
    ic_certificate_fingerprint(m.add.fingerprint, v->certificate);
    m.add.line_count = count;
    memcpy(m.add.lines, lines, count * sizeof *lines);
    assert_int_equal(ic_transport_new(v->worker, &m), IC_OK);
    return p;
}

void virtual_point(struct virtual_world *v, struct person *to, uint32_t line, struct person *from,
                   enum ic_stream stream)
{
    struct ic_directory *d = &v->worker->directory;

    assert_int_equal(ic_transport_point(v->worker, ic_directory_find(d, to->transport), line,
                                        from ? ic_directory_find(d, from->transport) : NULL,
                                        (uint8_t)stream, 2),
                     IC_OK);
}

void virtual_feed(struct virtual_world *v, const struct ic_path *path, struct ic_bytes bytes)
{
    uint8_t *copy = malloc(bytes.len ? bytes.len : 1); /* of its size, for AddressSanitizer */

    assert_non_null(copy);
    if (bytes.len > 0)
        memcpy(copy, bytes.at, bytes.len);
    ic_ingress(v->worker, path, copy, bytes.len);
    free(copy);
}

/* From the person, through its network if it has one. */
static void send_up(struct virtual_world *v, struct person *p, struct ic_bytes bytes)
{
    if (p->up)
        net_link_send(p->up, bytes, bytes.len + VIRTUAL_IP_UDP, v->worker->now);
    else
        virtual_feed(v, &p->path, bytes);
}

static void take_keys(struct person *p)
{
    struct ic_srtp_keys keys;
    struct ic_srtp_session session;

    assert_int_equal(ic_dtls_take_keys(p->dtls, &keys), IC_OK);
    assert_int_equal(ic_srtp_derive(&session, &keys.send), IC_OK);
    assert_int_equal(ic_srtp_sender_new(&p->sender, keys.profile, &session, 16), IC_OK);
    assert_int_equal(ic_srtp_derive(&session, &keys.receive), IC_OK);
    assert_int_equal(ic_srtp_receiver_new(&p->receiver, keys.profile, &session, 64, 64), IC_OK);
}

static void follow_handshake(struct virtual_world *v, struct person *p)
{
    struct ic_bytes datagram;

    while (ic_dtls_next_datagram(p->dtls, &datagram))
        send_up(v, p, datagram);
    if (ic_dtls_state(p->dtls) == IC_DTLS_CONNECTED && !p->sender)
        take_keys(p);
}

void virtual_report_arrivals(struct person *p, struct ic_twcc_receiver *twcc)
{
    ic_twcc_init(twcc);
    p->twcc = twcc;
}

static void note_arrival(struct virtual_world *v, struct person *p, const struct ic_rtp *rtp)
{
    static const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_TWCC] = VIRTUAL_TWCC_ID};
    struct ic_bytes values[IC_EXTENSIONS];

    ic_rtp_extensions(rtp, ids, values);
    struct ic_bytes number = values[IC_EXT_TWCC];
    if (number.len == 2)
        ic_twcc_note(p->twcc, (uint16_t)(number.at[0] << 8 | number.at[1]), v->worker->now);
}

static void report_arrivals(struct virtual_world *v, struct person *p)
{
    uint8_t bytes[BYTES_MAX / 2];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    if (!ic_twcc_due(p->twcc, v->worker->now))
        return;
    ic_twcc_write(p->twcc, &w, 1, 1, v->worker->now);
    virtual_report(v, p, ic_written(&w));
}

static void hear(struct virtual_world *v, struct person *p, uint8_t *bytes, size_t len)
{
    uint64_t index;
    struct ic_rtp rtp;

    assert_int_equal(ic_srtp_open(p->receiver, bytes, &len, &index), IC_OK);
    assert_int_equal(ic_rtp_parse(&rtp, (struct ic_bytes){bytes, len}), IC_OK);
    if (p->twcc)
        note_arrival(v, p, &rtp);
    if (p->on_rtp) {
        p->on_rtp(v, p, bytes, len);
        return;
    }
    for (size_t i = 0; i < VIRTUAL_SSRCS; i++)
        if (p->heard[i].ssrc == rtp.ssrc || p->heard[i].ssrc == 0) {
            p->heard[i].ssrc = rtp.ssrc;
            p->heard[i].packets++;
            p->heard[i].seq = rtp.seq;
            return;
        }
    fail_msg("too many SSRCs");
}

static void take_datagram(struct virtual_world *v, struct person *p, uint8_t *bytes, size_t len)
{
    struct ic_bytes datagram = {bytes, len};
    struct ic_stun_message message;

    p->datagrams++;
    p->bytes += len;
    p->last_at = v->worker->now;
    switch (ic_datagram_kind(datagram)) {
    case IC_DATAGRAM_STUN:
        assert_int_equal(ic_stun_parse(&message, datagram), IC_OK);
        if (ic_ice_client_receive(&p->ice, v->worker->now, &message, datagram) == IC_ERR_FORGED)
            fail_msg("a forged answer");
        break;
    case IC_DATAGRAM_DTLS:
        if (p->dtls) {
            ic_dtls_receive(p->dtls, v->worker->now, datagram);
            follow_handshake(v, p);
        }
        break;
    case IC_DATAGRAM_RTP:
        hear(v, p, bytes, len);
        break;
    case IC_DATAGRAM_RTCP:
        assert_int_equal(ic_srtcp_open(p->receiver, bytes, &len), IC_OK);
        p->reports++;
        if (p->on_rtcp)
            p->on_rtcp(v, p, bytes, len);
        break;
    case IC_DATAGRAM_UNKNOWN:
        fail_msg("something unknown came");
    }
}

static struct person *owner_of(struct virtual_world *v, const struct ic_address *address)
{
    for (uint32_t i = 0; i < v->count; i++)
        if (ic_address_equal(&v->people[i].path.remote, address))
            return &v->people[i];
    return NULL;
}

static void send_down(struct virtual_world *v, struct person *p, uint8_t *bytes, size_t len)
{
    if (p->down)
        net_link_send(p->down, (struct ic_bytes){bytes, len}, len + VIRTUAL_IP_UDP, v->worker->now);
    else
        take_datagram(v, p, bytes, len);
}

/* What the person's network has carried by now, both ways. */
static void arrive(struct virtual_world *v, struct person *p)
{
    struct net_packet packet;

    while (p->down && v->worker->now >= p->busy_until &&
           net_link_take(p->down, &packet, v->worker->now)) {
        take_datagram(v, p, packet.bytes, packet.len);
        free(packet.bytes);
    }
    while (p->up && net_link_take(p->up, &packet, v->worker->now)) {
        virtual_feed(v, &p->path, (struct ic_bytes){packet.bytes, packet.len});
        free(packet.bytes);
    }
}

static void deliver(struct virtual_world *v)
{
    size_t count = waiting.count;

    for (size_t i = 0; i < count; i++) {
        struct person *p = owner_of(v, &waiting.at[i].to);
        if (p) {
            send_down(v, p, waiting.at[i].bytes, waiting.at[i].len);
            continue;
        }
        v->stranger_datagrams++;
        v->stranger_bytes += waiting.at[i].len;
    }
    assert_int_equal(waiting.count, count); /* the worker speaks at its turn only */
    waiting.count = 0;
}

static void move(struct virtual_world *v, struct person *p)
{
    uint8_t check[IC_STUN_REQUEST_MAX];
    int64_t now = v->worker->now;

    size_t len = p->checking ? ic_ice_client_advance(&p->ice, now, check) : 0;
    if (len > 0)
        send_up(v, p, (struct ic_bytes){check, len});
    if (!p->dtls && ic_ice_client_state(&p->ice) == IC_ICE_CLIENT_CONNECTED)
        assert_int_equal(ic_dtls_new(&p->dtls, v->context, IC_DTLS_CLIENT, v->fingerprint, now),
                         IC_OK);
    if (p->dtls && now >= ic_dtls_next_timeout(p->dtls))
        ic_dtls_advance(p->dtls, now);
    if (p->dtls)
        follow_handshake(v, p);
    if (p->twcc && p->sender)
        report_arrivals(v, p);
}

static void take_control(struct virtual_world *v)
{
    struct ic_control m;

    while (recv(v->control, &m, sizeof m, MSG_DONTWAIT) == (ssize_t)sizeof m) {
        if (m.type == IC_CONTROL_STATS)
            v->stats = m.stats;
        else if (m.type == IC_CONTROL_TRANSPORT_STATE)
            v->people[m.transport - 1].state = m.state.state;
    }
}

static void step(struct virtual_world *v, uint32_t number, virtual_act *act)
{
    v->worker->now += VIRTUAL_STEP_NS;
    for (uint32_t i = 0; i < v->count; i++) {
        arrive(v, &v->people[i]);
        move(v, &v->people[i]);
    }
    if (act)
        act(v, number);
    ic_worker_finish(v->worker, true);
    deliver(v);
    take_control(v);
}

void virtual_run(struct virtual_world *v, uint32_t ms, virtual_act *act)
{
    for (uint32_t i = 0; i < ms; i++)
        step(v, i, act);
}

static bool all_connected(const struct virtual_world *v)
{
    for (uint32_t i = 0; i < v->count; i++)
        if (v->people[i].state != IC_TRANSPORT_CONNECTED || !v->people[i].sender)
            return false;
    return true;
}

uint32_t virtual_connect(struct virtual_world *v, virtual_act *act)
{
    uint32_t ms = 0;

    for (; !all_connected(v); ms++) {
        if (ms == CONNECT_MS)
            fail_msg("not everybody could connect");
        step(v, ms, act);
    }
    return ms;
}

/* ---- media ---- */

static size_t seal(struct person *p, uint8_t pt, uint32_t ssrc, struct ic_bytes front,
                   size_t payload_len, uint8_t bytes[VIRTUAL_BYTES_MAX])
{
    struct ic_writer w = ic_writer_of(bytes, BYTES_MAX);

    p->seq++;
    ic_write_uint(&w, 0x80, 1);
    ic_write_uint(&w, 0x80u | pt, 1);
    ic_write_uint(&w, p->seq & 0xffff, 2);
    ic_write_uint(&w, p->seq * 960, 4);
    ic_write_uint(&w, ssrc, 4);
    ic_write_bytes(&w, front);
    assert_true(w.len + payload_len + IC_SRTP_OVERHEAD <= BYTES_MAX && payload_len >= front.len);
    memset(bytes + w.len, 0, BYTES_MAX - w.len);
    struct ic_srtp_packet sealed = {
        .bytes = bytes, .len = 12 + payload_len, .header_len = 12, .ssrc = ssrc, .index = p->seq};
    assert_int_equal(ic_srtp_seal(p->sender, &sealed), IC_OK);
    return sealed.len;
}

size_t virtual_seal(struct person *p, uint8_t pt, uint32_t ssrc, size_t payload_len,
                    uint8_t bytes[VIRTUAL_BYTES_MAX])
{
    static const uint8_t key_frame[] = {0x10, 0};

    return seal(p, pt, ssrc, (struct ic_bytes){key_frame, sizeof key_frame}, payload_len, bytes);
}

void virtual_send_with(struct virtual_world *v, struct person *p, uint8_t pt, uint32_t ssrc,
                       struct ic_bytes front, size_t payload_len)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = seal(p, pt, ssrc, front, payload_len, bytes);

    send_up(v, p, (struct ic_bytes){bytes, len});
}

void virtual_send(struct virtual_world *v, struct person *p, uint8_t pt, uint32_t ssrc,
                  size_t payload_len)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = virtual_seal(p, pt, ssrc, payload_len, bytes);

    send_up(v, p, (struct ic_bytes){bytes, len});
}

/* RFC 8285 section 4.2. */
static void write_rid(struct ic_writer *w, char rid)
{
    ic_write_uint(w, 0xBEDE0001, 4);
    ic_write_uint(w, VIRTUAL_RID_ID << 4, 1);
    ic_write_uint(w, (uint8_t)rid, 1);
    ic_write_uint(w, 0, 2);
}

void virtual_send_rtp(struct virtual_world *v, struct person *p, const struct virtual_rtp *packet)
{
    uint8_t bytes[BYTES_MAX] = {0};
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    ic_write_uint(&w, packet->rid ? 0x90 : 0x80, 1);
    ic_write_uint(&w, (packet->marker ? 0x80u : 0) | packet->pt, 1);
    ic_write_uint(&w, packet->index & 0xffff, 2);
    ic_write_uint(&w, packet->timestamp, 4);
    ic_write_uint(&w, packet->ssrc, 4);
    if (packet->rid)
        write_rid(&w, packet->rid);
    struct ic_srtp_packet sealed = {.bytes = bytes,
                                    .len = w.len + packet->payload_len,
                                    .header_len = w.len,
                                    .ssrc = packet->ssrc,
                                    .index = packet->index};
    ic_write_bytes(&w, packet->front);
    assert_true(sealed.len >= w.len && sealed.len + IC_SRTP_OVERHEAD <= BYTES_MAX);
    assert_int_equal(ic_srtp_seal(p->sender, &sealed), IC_OK);
    send_up(v, p, (struct ic_bytes){bytes, sealed.len});
}

void virtual_report(struct virtual_world *v, struct person *p, struct ic_bytes compound)
{
    uint8_t bytes[BYTES_MAX];
    size_t len = compound.len;

    memcpy(bytes, compound.at, len);
    assert_int_equal(ic_srtcp_seal(p->sender, bytes, &len), IC_OK);
    send_up(v, p, (struct ic_bytes){bytes, len});
}

static struct virtual_heard heard_of(const struct person *p, uint32_t ssrc)
{
    for (size_t i = 0; i < VIRTUAL_SSRCS; i++)
        if (p->heard[i].ssrc == ssrc)
            return p->heard[i];
    return (struct virtual_heard){0};
}

uint32_t virtual_got(const struct person *p, uint32_t ssrc)
{
    return heard_of(p, ssrc).packets;
}

uint16_t virtual_newest(const struct person *p, uint32_t ssrc)
{
    return heard_of(p, ssrc).seq;
}

struct ic_transport_stats virtual_stats(struct virtual_world *v, const struct person *p)
{
    struct ic_transport_stats stats = {0};
    struct ic_transport *t = ic_directory_find(&v->worker->directory, p->transport);

    if (t->congestion)
        ic_congestion_stats(t->congestion, &stats);
    return stats;
}

struct ic_line virtual_send_line(enum ic_stream stream)
{
    bool sound = stream == IC_STREAM_MICROPHONE || stream == IC_STREAM_SCREEN_AUDIO;
    struct ic_line l = {.mid = {(char)('a' + stream)},
                        .stream = (uint8_t)stream,
                        .codec = sound ? IC_CODEC_OPUS : IC_CODEC_VP8,
                        .pt = sound ? VIRTUAL_VOICE_PT : VIRTUAL_VIDEO_PT,
                        .rtx_pt = sound ? 0 : VIRTUAL_VIDEO_PT + 1};
    return l;
}

struct ic_line virtual_slot(enum ic_stream stream, uint32_t ssrc)
{
    struct ic_line l = virtual_send_line(stream);

    l.is_slot = true;
    l.ssrc = ssrc;
    l.rtx_ssrc = l.rtx_pt ? ssrc + 1 : 0;
    return l;
}
