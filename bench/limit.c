/* limit.c - what the machine allows: receives, verifies, seals for each receiver and sends, with
 * the same load, receivers and grouping as the worker, and with none of its features. Keys and
 * addresses are simply known, headers are not rewritten, nothing is remembered for a resend.
 *
 * For each receiver in turn, all packets of a wake-up are sealed side by side, so that each run is
 * one piece of memory and its keys are touched once. */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/system.h"
#include "crypto/aead.h"
#include "crypto/random.h"
#include "media/rtp.h"

enum {
    READ_MESSAGES = 32,
    READ_BYTES = 65536,
    WAKE_PACKETS = 1024,
    SLAB_BYTES = 4 << 20,
    MESSAGES = 512,
    RUN_MAX = 32,
    CONTROL_LEN = CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(int)),
    BUFFER_LEN = 8 << 20,
    SALT_LEN = 12,
    PORTS = 65536,
};

/* One direction of one peer. */
struct key {
    struct ic_aead *aead;
    uint8_t salt[SALT_LEN];
};

struct end {
    struct sockaddr_in name;
    uint32_t room, member, senders, taken;
    bool sends, receives;
    struct key in, out;
};

/* A packet of this wake-up, opened. */
struct packet {
    uint8_t *bytes;
    uint16_t len, header_len; /* without tag */
    uint32_t room, member, ssrc;
    uint16_t seq;
};

struct message {
    struct iovec part;
    _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE(sizeof(uint16_t))];
};

static struct end *ends;
static uint32_t end_count;
static struct end *by_port[PORTS];
static int udp = -1;
static uint16_t port;
static struct packet packets[WAKE_PACKETS];
static uint32_t packet_count;
static uint8_t read_bytes[READ_MESSAGES][READ_BYTES];
static uint8_t slab[SLAB_BYTES];
static size_t slab_used;
static struct mmsghdr headers[MESSAGES];
static struct message messages[MESSAGES];
static uint32_t message_count;

static bool available(void)
{
    return true;
}

/* ---- out ---- */

static void flush(void)
{
    for (uint32_t at = 0; at < message_count;) {
        int sent = sendmmsg(udp, headers + at, message_count - at, 0);
        at += sent > 0 ? (uint32_t)sent : 1;
    }
    message_count = 0;
    slab_used = 0;
}

static void make_nonce(uint8_t nonce[IC_AEAD_NONCE_LEN], const struct key *key, uint32_t ssrc,
                       uint16_t seq)
{
    uint8_t iv[IC_AEAD_NONCE_LEN] = {0};
    struct ic_writer w = ic_writer_of(iv + 2, sizeof iv - 2);

    ic_write_uint(&w, ssrc, 4);
    ic_write_uint(&w, 0, 4); /* no run is long enough to roll over */
    ic_write_uint(&w, seq, 2);
    for (size_t i = 0; i < sizeof iv; i++)
        nonce[i] = iv[i] ^ key->salt[i];
}

static size_t seal(const struct end *to, const struct packet *p, uint8_t *room)
{
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    size_t text_len = (size_t)(p->len - p->header_len);

    make_nonce(nonce, &to->out, p->ssrc, p->seq);
    memcpy(room, p->bytes, p->len);
    if (ic_aead_seal(to->out.aead, nonce, (struct ic_bytes){room, p->header_len},
                     room + p->header_len, text_len) != IC_OK)
        abort();
    return p->len + IC_AEAD_TAG_LEN;
}

static void describe_run(const struct end *to, uint8_t *at, size_t len, uint16_t segment, int count)
{
    struct message *m = &messages[message_count];
    struct msghdr *h = &headers[message_count++].msg_hdr;

    m->part = (struct iovec){at, len};
    *h = (struct msghdr){.msg_name = (void *)(uintptr_t)&to->name,
                         .msg_namelen = sizeof to->name,
                         .msg_iov = &m->part,
                         .msg_iovlen = 1};
    if (count < 2)
        return;
    struct cmsghdr *c = (struct cmsghdr *)(void *)m->control;
    *c = (struct cmsghdr){
        .cmsg_level = IPPROTO_UDP, .cmsg_type = UDP_SEGMENT, .cmsg_len = CMSG_LEN(sizeof segment)};
    memcpy(CMSG_DATA(c), &segment, sizeof segment);
    h->msg_control = m->control;
    h->msg_controllen = sizeof m->control;
}

static bool takes(const struct end *to, const struct packet *p)
{
    return p->room == to->room && p->member != to->member &&
           (to->taken == 0 || (p->member + to->senders - to->member) % to->senders <= to->taken);
}

/* All that waits for one receiver: a run ends after a shorter packet and before a longer one. */
static void serve(const struct end *to)
{
    uint8_t *run = slab + slab_used;
    size_t run_len = 0, segment = 0, last = 0;
    int count = 0;

    for (uint32_t i = 0; i < packet_count; i++) {
        const struct packet *p = &packets[i];
        size_t len = p->len + IC_AEAD_TAG_LEN;
        if (!takes(to, p))
            continue;
        if (count > 0 &&
            (len > segment || last < segment || count == RUN_MAX || run_len + len > 65000)) {
            describe_run(to, run, run_len, (uint16_t)segment, count);
            run += run_len;
            run_len = 0;
            count = 0;
        }
        segment = count == 0 ? len : segment;
        last = seal(to, p, run + run_len);
        run_len += last;
        count++;
    }
    if (count > 0)
        describe_run(to, run, run_len, (uint16_t)segment, count);
    slab_used = (size_t)(run + run_len - slab);
}

static void forward_all(void)
{
    size_t most = (size_t)packet_count * BENCH_VIDEO_LEN;
    for (uint32_t i = 0; i < end_count; i++) {
        if (slab_used + most > SLAB_BYTES || message_count + packet_count > MESSAGES)
            flush();
        if (ends[i].receives)
            serve(&ends[i]);
    }
    flush();
    packet_count = 0;
}

/* ---- in ---- */

static void take(const struct end *from, uint8_t *bytes, size_t len)
{
    uint8_t nonce[IC_AEAD_NONCE_LEN];
    struct ic_rtp rtp;

    if (packet_count == WAKE_PACKETS)
        forward_all();
    if (ic_rtp_parse_header(&rtp, (struct ic_bytes){bytes, len}) != IC_OK)
        return;
    make_nonce(nonce, &from->in, rtp.ssrc, rtp.seq);
    if (ic_aead_open(from->in.aead, nonce, (struct ic_bytes){bytes, rtp.header_len},
                     bytes + rtp.header_len, len - rtp.header_len) != IC_OK)
        return;
    if (rtp.ssrc >= BENCH_LOWER_SSRC)
        return; /* a layer that nobody takes */
    packets[packet_count++] = (struct packet){.bytes = bytes,
                                              .len = (uint16_t)(len - IC_AEAD_TAG_LEN),
                                              .header_len = rtp.header_len,
                                              .room = from->room,
                                              .member = from->member,
                                              .ssrc = rtp.ssrc,
                                              .seq = rtp.seq};
}

static size_t segment_of(struct msghdr *message, size_t len)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c))
        if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int segment;
            memcpy(&segment, CMSG_DATA(c), sizeof segment);
            return segment > 0 ? (size_t)segment : len;
        }
    return len;
}

static void take_message(struct mmsghdr *message, uint8_t *bytes)
{
    const struct sockaddr_in *name = message->msg_hdr.msg_name;
    const struct end *from = by_port[ntohs(name->sin_port)];
    size_t left = message->msg_len, segment = segment_of(&message->msg_hdr, left);

    while (from && left > 0) {
        size_t len = left < segment ? left : segment;
        take(from, bytes, len);
        bytes += len;
        left -= len;
    }
}

static void read_all(void)
{
    static struct iovec parts[READ_MESSAGES];
    static struct mmsghdr in[READ_MESSAGES];
    static struct sockaddr_in names[READ_MESSAGES];
    static _Alignas(struct cmsghdr) uint8_t controls[READ_MESSAGES][CONTROL_LEN];

    for (size_t i = 0; i < READ_MESSAGES; i++) {
        parts[i] = (struct iovec){read_bytes[i], READ_BYTES};
        in[i].msg_hdr = (struct msghdr){.msg_name = &names[i],
                                        .msg_namelen = sizeof names[i],
                                        .msg_iov = &parts[i],
                                        .msg_iovlen = 1,
                                        .msg_control = controls[i],
                                        .msg_controllen = CONTROL_LEN};
    }
    int count = recvmmsg(udp, in, READ_MESSAGES, MSG_DONTWAIT, NULL);
    for (int i = 0; i < count; i++)
        take_message(&in[i], read_bytes[i]);
    forward_all();
}

static void serve_forever(void)
{
    struct epoll_event event = {.events = EPOLLIN};
    int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

    if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, udp, &event) != 0)
        _exit(EXIT_FAILURE);
    for (;;)
        if (epoll_wait(epoll_fd, &event, 1, -1) == 1)
            read_all();
}

/* ---- setting up, in the bench's process ---- */

static void open_socket(void)
{
    static const int on = 1, buffer = BUFFER_LEN;
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;

    udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (udp < 0 || bind(udp, (struct sockaddr *)&name, sizeof name) != 0 ||
        getsockname(udp, (struct sockaddr *)&name, &len) != 0 ||
        setsockopt(udp, IPPROTO_UDP, UDP_GRO, &on, sizeof on) != 0)
        exit(EXIT_FAILURE);
    setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
    setsockopt(udp, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
    port = ntohs(name.sin_port);
}

static void make_key(struct key *key, const struct ic_srtp_master *master)
{
    struct ic_srtp_session session;
    if (ic_srtp_derive(&session, master) != IC_OK ||
        ic_aead_new(&key->aead, session.rtp_key) != IC_OK)
        exit(EXIT_FAILURE);
    memcpy(key->salt, session.rtp_salt, SALT_LEN);
}

static void make_end(struct end *end, struct bench_peer *p)
{
    struct ic_srtp_keys keys = {.profile = IC_SRTP_AEAD_AES_128_GCM};

    ic_random_fill(keys.send.key, sizeof keys.send.key);
    ic_random_fill(keys.send.salt, SALT_LEN);
    ic_random_fill(keys.receive.key, sizeof keys.receive.key);
    ic_random_fill(keys.receive.salt, SALT_LEN);
    bench_peer_set_keys(p, &keys);
    bench_peer_aim(p, "127.0.0.1", port);
    *end = (struct end){.name = {.sin_family = AF_INET,
                                 .sin_port = htons(p->port),
                                 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
                        .room = p->room,
                        .member = p->member,
                        .senders = p->senders,
                        .taken = p->taken,
                        .sends = p->sends,
                        .receives = p->receives};
    make_key(&end->in, &keys.send);
    make_key(&end->out, &keys.receive);
    by_port[p->port] = end;
}

static pid_t start(struct bench_load *load)
{
    open_socket();
    ends = calloc(load->count, sizeof *ends);
    if (!ends)
        exit(EXIT_FAILURE);
    end_count = load->count;
    memset(by_port, 0, sizeof by_port);
    for (uint32_t i = 0; i < load->count; i++)
        make_end(&ends[i], &load->peers[i]);
    pid_t pid = bench_fork(BENCH_SERVER_CORE);
    if (pid == 0)
        serve_forever();
    return pid;
}

static bool join(struct bench_load *load)
{
    (void)load;
    return true;
}

static void stop(pid_t pid)
{
    bench_end(pid);
    for (uint32_t i = 0; i < end_count; i++) {
        ic_aead_free(ends[i].in.aead);
        ic_aead_free(ends[i].out.aead);
    }
    free(ends);
    close(udp);
}

const struct bench_system bench_limit = {
    .name = "limit", .available = available, .start = start, .join = join, .stop = stop};
