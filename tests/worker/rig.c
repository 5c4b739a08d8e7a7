/* rig.c - see rig.h. The peers use the product's own ICE, DTLS and SRTP modules. */
#include "tests/worker/rig.h"

#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/test.h"

enum { READY_MS = 10000, CONNECT_MS = 20000, TURN_MS = 5, CONTROL_FD = 3 };

int64_t rig_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * IC_NS_PER_SEC + t.tv_nsec;
}

/* ---- the worker ---- */

const char *rig_program = MEDIA_PROGRAM;

static void run_program(int fd)
{
    dup2(fd, CONTROL_FD);
    execl(rig_program, rig_program, "--control-fd", "3", "--port", "0", "--bind", "127.0.0.1",
          (char *)NULL);
    _exit(127);
}

static void take_control(struct rig *r)
{
    struct ic_control m;
    ssize_t len;

    while ((len = recv(r->control, &m, sizeof m, MSG_DONTWAIT)) == (ssize_t)sizeof m) {
        if (m.type == IC_CONTROL_READY) {
            r->port = m.ready.port;
            memcpy(r->fingerprint, m.ready.fingerprint, sizeof r->fingerprint);
        } else if (m.type == IC_CONTROL_STATS) {
            r->stats = m.stats;
        } else if (m.type == IC_CONTROL_TRANSPORT_STATS) {
            r->transport_stats = m.transport_stats;
        } else if (m.type == IC_CONTROL_TRANSPORT_STATE) {
            for (size_t i = 0; i < PEERS_MAX; i++)
                if (r->peers[i].transport == m.transport)
                    r->peers[i].state = m.state.state;
        }
    }
    r->ended = r->ended || len == 0;
}

void rig_start(struct rig *r, rig_child *child)
{
    int fds[2];

    memset(r, 0, sizeof *r);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        close(fds[0]);
        if (child)
            _exit(child(fds[1]));
        run_program(fds[1]);
    }
    close(fds[1]);
    r->control = fds[0];
    struct pollfd p = {.fd = r->control, .events = POLLIN};
    assert_int_equal(poll(&p, 1, READY_MS), 1);
    take_control(r);
    assert_int_not_equal(r->port, 0);
}

static void clear_peer(struct peer *p)
{
    close(p->fd);
    ic_dtls_free(p->dtls);
    ic_dtls_context_free(p->context);
    ic_certificate_free(p->certificate);
    ic_srtp_sender_free(p->sender);
    ic_srtp_receiver_free(p->receiver);
    memset(p, 0, sizeof *p);
}

int rig_stop(struct rig *r)
{
    struct ic_control stop = {.type = IC_CONTROL_STOP};
    int status = -1;

    for (size_t i = 0; i < PEERS_MAX; i++)
        if (r->peers[i].transport)
            clear_peer(&r->peers[i]);
    if (send(r->control, &stop, sizeof stop, MSG_NOSIGNAL) < 0)
        r->ended = true;
    waitpid(r->pid, &status, 0);
    close(r->control);
    return status;
}

void rig_tell(struct rig *r, const struct ic_control *message)
{
    assert_int_equal(send(r->control, message, sizeof *message, 0), (ssize_t)sizeof *message);
}

/* ---- peers ---- */

int rig_socket(void)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), room = 4 << 20;

    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof own), 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    return fd;
}

void rig_send_raw(const struct rig *r, int fd, struct ic_bytes bytes)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(r->port)};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(sendto(fd, bytes.at, bytes.len, 0, (struct sockaddr *)&to, sizeof to),
                     (ssize_t)bytes.len);
}

void rig_use_tcp(const struct rig *r, struct peer *p)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(r->port)};

    close(p->fd);
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    p->over_tcp = true;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(p->fd, (struct sockaddr *)&to, sizeof to), 0);
}

static void send_to_worker(const struct rig *r, const struct peer *p, struct ic_bytes bytes)
{
    uint8_t frame[4 + GOT_BYTES];
    struct ic_writer w = ic_writer_of(frame, sizeof frame);

    if (!p->over_tcp && !p->over_relay) {
        rig_send_raw(r, p->fd, bytes);
        return;
    }
    if (p->over_relay)
        ic_write_uint(&w, RELAY_CHANNEL, 2);
    ic_write_uint(&w, bytes.len, 2);
    ic_write_bytes(&w, bytes);
    assert_false(w.bad);
    assert_int_equal(send(p->fd, frame, w.len, MSG_NOSIGNAL), (ssize_t)w.len);
}

/* Relayed, it has the channel and its length in front of it; answers of the relay itself have not.
 */
static size_t take_from_relay(const struct peer *p, uint8_t *bytes, size_t size)
{
    uint8_t frame[4 + GOT_BYTES];
    ssize_t got = recv(p->fd, frame, sizeof frame, MSG_DONTWAIT);
    size_t len = got >= 4 ? (size_t)frame[2] << 8 | frame[3] : 0;

    if (got < 4 || frame[0] != RELAY_CHANNEL >> 8 || len > (size_t)got - 4 || len > size)
        return 0;
    memcpy(bytes, frame + 4, len);
    return len;
}

/* One packet that has come, or 0. */
static size_t take_from_worker(const struct peer *p, uint8_t *bytes, size_t size)
{
    uint8_t head[2];

    if (p->over_relay)
        return take_from_relay(p, bytes, size);
    if (p->over_tcp) {
        if (recv(p->fd, head, sizeof head, MSG_DONTWAIT | MSG_PEEK) != sizeof head)
            return 0;
        assert_int_equal(recv(p->fd, head, sizeof head, 0), sizeof head);
        size = (size_t)head[0] << 8 | head[1];
    }
    ssize_t len = recv(p->fd, bytes, size, p->over_tcp ? MSG_WAITALL : MSG_DONTWAIT);
    return len > 0 ? (size_t)len : 0;
}

static void name_peer(struct peer *p)
{
    snprintf(p->ours.ufrag, sizeof p->ours.ufrag, "peer%u", p->transport);
    snprintf(p->ours.pwd, sizeof p->ours.pwd, "the-password-of-peer-%u", p->transport);
    snprintf(p->theirs.ufrag, sizeof p->theirs.ufrag, "worker%u", p->transport);
    snprintf(p->theirs.pwd, sizeof p->theirs.pwd, "the-password-for-peer-%u", p->transport);
}

static struct peer *free_peer(struct rig *r)
{
    static uint32_t newest = 100;

    for (size_t i = 0; i < PEERS_MAX; i++)
        if (r->peers[i].transport == 0) {
            r->peers[i].transport = ++newest;
            return &r->peers[i];
        }
    fail_msg("no free peer");
    return NULL;
}

struct peer *rig_add(struct rig *r, uint32_t room, const struct ic_line *lines, uint32_t count)
{
    struct peer *p = free_peer(r);
    struct ic_address server = {.ip = {127, 0, 0, 1}, .port = r->port, .family = IC_IPV4};
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD,
                           .room = room,
                           .transport = p->transport,
                           .add.line_count = count};

    p->fd = rig_socket();
    p->checking = true;
    name_peer(p);
    assert_int_equal(ic_certificate_new(&p->certificate, time(NULL)), IC_OK);
    assert_int_equal(ic_dtls_context_new(&p->context, p->certificate), IC_OK);
    ic_ice_client_init(&p->ice, rig_now(), &p->ours, &p->theirs, &server);

    m.add.ours = p->theirs;
    m.add.theirs = p->ours;
    ic_certificate_fingerprint(m.add.fingerprint, p->certificate);
    memcpy(m.add.lines, lines, count * sizeof *lines);
    rig_tell(r, &m);
    return p;
}

void rig_remove(struct rig *r, struct peer *p)
{
    rig_tell(r,
             &(struct ic_control){.type = IC_CONTROL_TRANSPORT_REMOVE, .transport = p->transport});
    clear_peer(p);
}

void rig_point(struct rig *r, struct peer *to, uint32_t line, struct peer *source,
               enum ic_stream stream, uint8_t layer)
{
    struct ic_control m = {.type = IC_CONTROL_SLOT_POINT, .transport = to->transport};

    m.point.line = line;
    m.point.source = source ? source->transport : 0;
    m.point.stream = (uint8_t)stream;
    m.point.layer = layer;
    rig_tell(r, &m);
}

/* ---- a turn of a peer ---- */

static void take_keys(struct peer *p)
{
    struct ic_srtp_keys keys;
    struct ic_srtp_session session;

    assert_int_equal(ic_dtls_take_keys(p->dtls, &keys), IC_OK);
    assert_int_equal(ic_srtp_derive(&session, &keys.send), IC_OK);
    assert_int_equal(ic_srtp_sender_new(&p->sender, keys.profile, &session, 16), IC_OK);
    assert_int_equal(ic_srtp_derive(&session, &keys.receive), IC_OK);
    assert_int_equal(ic_srtp_receiver_new(&p->receiver, keys.profile, &session, 64, 64), IC_OK);
}

static void follow_handshake(const struct rig *r, struct peer *p)
{
    struct ic_bytes datagram;

    while (ic_dtls_next_datagram(p->dtls, &datagram))
        send_to_worker(r, p, datagram);
    if (ic_dtls_state(p->dtls) == IC_DTLS_CONNECTED && !p->sender)
        take_keys(p);
}

static void keep_packet(struct peer *p, bool rtcp, uint8_t *bytes, size_t len)
{
    uint64_t index;
    enum ic_err err = !p->receiver ? IC_ERR_FORBIDDEN
                      : rtcp       ? ic_srtcp_open(p->receiver, bytes, &len)
                                   : ic_srtp_open(p->receiver, bytes, &len, &index);

    assert_int_equal(err, IC_OK); /* whatever the worker sends must be right */
    assert_true(p->got_count < GOT_MAX);
    struct got *g = &p->got[p->got_count++];
    g->rtcp = rtcp;
    g->len = len;
    memcpy(g->bytes, bytes, len);
}

static void take_datagram(const struct rig *r, struct peer *p, uint8_t *bytes, size_t len)
{
    struct ic_bytes datagram = {bytes, len};
    struct ic_stun_message message;

    p->datagrams++;
    switch (ic_datagram_kind(datagram)) {
    case IC_DATAGRAM_STUN:
        if (ic_stun_parse(&message, datagram) == IC_OK &&
            ic_ice_client_receive(&p->ice, rig_now(), &message, datagram) == IC_ERR_FORGED)
            fail_msg("a forged answer to a check"); /* a second answer to one check is fine */
        break;
    case IC_DATAGRAM_DTLS:
        if (p->dtls) {
            ic_dtls_receive(p->dtls, rig_now(), datagram);
            follow_handshake(r, p);
        }
        break;
    case IC_DATAGRAM_RTP:
    case IC_DATAGRAM_RTCP:
        keep_packet(p, ic_datagram_kind(datagram) == IC_DATAGRAM_RTCP, bytes, len);
        break;
    case IC_DATAGRAM_UNKNOWN:
        fail_msg("something unknown came");
    }
}

static void turn(const struct rig *r, struct peer *p)
{
    uint8_t bytes[2048];
    size_t len;

    while ((len = take_from_worker(p, bytes, sizeof bytes)) > 0)
        take_datagram(r, p, bytes, len);
    size_t check = p->checking ? ic_ice_client_advance(&p->ice, rig_now(), bytes) : 0;
    if (check > 0)
        send_to_worker(r, p, (struct ic_bytes){bytes, check});
    if (p->dtls && rig_now() >= ic_dtls_next_timeout(p->dtls)) {
        ic_dtls_advance(p->dtls, rig_now());
        follow_handshake(r, p);
    }
}

static void wait_for_bytes(const struct rig *r)
{
    struct pollfd fds[PEERS_MAX + 1] = {{.fd = r->ended ? -1 : r->control, .events = POLLIN}};

    for (size_t i = 0; i < PEERS_MAX; i++)
        fds[i + 1] =
            (struct pollfd){.fd = r->peers[i].transport ? r->peers[i].fd : -1, .events = POLLIN};
    poll(fds, PEERS_MAX + 1, TURN_MS);
}

static void turn_all(struct rig *r)
{
    wait_for_bytes(r);
    take_control(r);
    for (size_t i = 0; i < PEERS_MAX; i++)
        if (r->peers[i].transport)
            turn(r, &r->peers[i]);
}

void rig_pump(struct rig *r, int ms)
{
    int64_t end = rig_now() + ms * IC_NS_PER_MS;
    while (rig_now() < end)
        turn_all(r);
}

size_t rig_pump_until(struct rig *r, const struct peer *p, size_t count, int ms)
{
    int64_t end = rig_now() + ms * IC_NS_PER_MS;
    while (rig_now() < end && p->got_count < count)
        turn_all(r);
    return p->got_count;
}

void rig_try(struct rig *r, struct peer *p)
{
    int64_t end = rig_now() + CONNECT_MS * IC_NS_PER_MS;

    while (rig_now() < end && p->state != IC_TRANSPORT_CONNECTED &&
           p->state != IC_TRANSPORT_FAILED) {
        turn_all(r);
        if (!p->dtls && ic_ice_client_state(&p->ice) == IC_ICE_CLIENT_CONNECTED) {
            assert_int_equal(
                ic_dtls_new(&p->dtls, p->context, IC_DTLS_CLIENT, r->fingerprint, rig_now()),
                IC_OK);
            follow_handshake(r, p);
        }
    }
}

void rig_connect(struct rig *r, struct peer *p)
{
    rig_try(r, p);
    assert_int_equal(p->state, IC_TRANSPORT_CONNECTED);
    for (int i = 0; i < CONNECT_MS / TURN_MS && !p->sender; i++)
        turn_all(r);
    assert_non_null(p->sender);
}

/* ---- media ---- */

struct ic_line rig_voice_line(const char *mid)
{
    struct ic_line l = {.stream = IC_STREAM_MICROPHONE, .codec = IC_CODEC_OPUS, .pt = VOICE_PT};

    snprintf(l.mid, sizeof l.mid, "%s", mid);
    l.ext[IC_EXT_MID] = MID_ID;
    l.ext[IC_EXT_TWCC] = TWCC_ID;
    return l;
}

struct ic_line rig_video_line(const char *mid)
{
    struct ic_line l = {
        .stream = IC_STREAM_CAMERA, .codec = IC_CODEC_VP8, .pt = VIDEO_PT, .rtx_pt = VIDEO_RTX_PT};

    snprintf(l.mid, sizeof l.mid, "%s", mid);
    l.ext[IC_EXT_MID] = MID_ID;
    l.ext[IC_EXT_TWCC] = TWCC_ID;
    return l;
}

void rig_ask(struct rig *r, const struct peer *p)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ASK, .transport = p->transport};
    rig_tell(r, &m);
}

struct ic_line rig_slot(const char *mid, enum ic_codec codec, uint32_t ssrc)
{
    struct ic_line l = codec == IC_CODEC_OPUS ? rig_voice_line(mid) : rig_video_line(mid);

    l.is_slot = true;
    l.ssrc = ssrc;
    l.rtx_ssrc = l.rtx_pt ? ssrc + 1 : 0;
    l.ext[IC_EXT_TWCC] = 0;
    return l;
}

size_t rig_seal(struct peer *p, const struct rig_packet *packet, uint8_t out[GOT_BYTES])
{
    size_t mid_len = strlen(packet->mid), words = (3 + 1 + mid_len + 3) / 4;
    struct ic_writer w = ic_writer_of(out, GOT_BYTES - IC_SRTP_OVERHEAD);

    ic_write_uint(&w, 0x90, 1);
    ic_write_uint(&w, (uint64_t)(packet->marker ? 0x80 : 0) | packet->pt, 1);
    ic_write_uint(&w, packet->seq & 0xffff, 2);
    ic_write_uint(&w, packet->timestamp, 4);
    ic_write_uint(&w, packet->ssrc, 4);
    ic_write_uint(&w, 0xbede, 2);
    ic_write_uint(&w, words, 2);
    ic_write_uint(&w, TWCC_ID << 4 | 1, 1);
    ic_write_uint(&w, p->twcc_seq++, 2);
    ic_write_uint(&w, (uint64_t)MID_ID << 4 | (mid_len - 1), 1);
    ic_write_bytes(&w, ic_bytes_of_text(packet->mid));
    while (w.len % 4 != 0)
        ic_write_uint(&w, 0, 1);
    struct ic_srtp_packet sealed = {
        .bytes = out, .header_len = w.len, .ssrc = packet->ssrc, .index = packet->seq};
    ic_write_bytes(&w, packet->payload);
    assert_false(w.bad);
    sealed.len = w.len;
    assert_int_equal(ic_srtp_seal(p->sender, &sealed), IC_OK);
    return sealed.len;
}

void rig_send(struct rig *r, struct peer *p, const struct rig_packet *packet)
{
    uint8_t bytes[GOT_BYTES];
    size_t len = rig_seal(p, packet, bytes);

    send_to_worker(r, p, (struct ic_bytes){bytes, len});
}

void rig_send_rtcp(struct rig *r, struct peer *p, struct ic_bytes compound)
{
    uint8_t bytes[GOT_BYTES];
    size_t len = compound.len;

    memcpy(bytes, compound.at, len);
    assert_int_equal(ic_srtcp_seal(p->sender, bytes, &len), IC_OK);
    send_to_worker(r, p, (struct ic_bytes){bytes, len});
}

size_t rig_count_datagrams(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    uint8_t bytes[2048];
    size_t count = 0;

    while (poll(&p, 1, ms) == 1 && recv(fd, bytes, sizeof bytes, 0) > 0)
        count++;
    return count;
}

size_t rig_find(const struct peer *p, uint32_t ssrc, struct ic_rtp *out, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < p->got_count && count < max; i++) {
        const struct got *g = &p->got[i];
        if (!g->rtcp && ic_rtp_parse(&out[count], (struct ic_bytes){g->bytes, g->len}) == IC_OK &&
            out[count].ssrc == ssrc)
            count++;
    }
    return count;
}

size_t rig_count_rtcp(const struct peer *p, uint8_t type, uint8_t count)
{
    size_t found = 0;

    for (size_t i = 0; i < p->got_count; i++) {
        struct ic_reader r = ic_reader_of((struct ic_bytes){p->got[i].bytes, p->got[i].len});
        struct ic_rtcp packet;
        while (p->got[i].rtcp && ic_rtcp_next(&r, &packet))
            found += packet.type == type && packet.count == count;
    }
    return found;
}
