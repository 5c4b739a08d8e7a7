/* fanout.c - what forwarding costs the worker itself, the kernel left out: packets go in behind
 * their opening and out into a function that throws them away, on a clock of the bench. Between two
 * wake-ups other memory goes through the core's caches (cold) or does not (warm).
 *
 * Under callgrind, which other load of the machine does not change, turn() alone is counted. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"
#include "crypto/random.h"
#include "worker/forward.h"
#include "worker/loop.h"
#include "worker/transport.h"
#include "worker/worker.h"

enum {
    EVICTED = 8 << 20, /* more than a core has for itself */
    LINE = 64,
    VOICE_PT = 111,
    VIDEO_PT = 96,
    HEADER_LEN = 12,
    VOICE_LEN = 132, /* without tag, extensions */
    VIDEO_LEN = 1160,
    ROUNDS = 5,
    STEPS = 200,     /* a round */
    VOICE_EVERY = 2, /* steps */
    PORT = 9000,
};

#define STEP (10 * IC_NS_PER_MS)

struct crowd {
    const char *name;
    uint32_t rooms, senders, members;
    uint32_t taken;          /* of the others who send, by each who sends */
    uint32_t packets, every; /* of a frame; steps from one to the next */
};

static const struct crowd CROWDS[] = {
    {"1 to 50", 1, 1, 51, 0, 6, 3},
    {"1 to 1,000", 1, 1, 1001, 0, 6, 3},
    {"20 rooms of 5", 20, 5, 5, 4, 6, 3},
    {"a room of 49, 12 small pictures each", 1, 49, 49, 12, 1, 6},
    {"sound of 10 to 300", 1, 10, 300, 9, 0, 1},
};

struct sender {
    struct ic_transport *transport;
    uint16_t voice_seq, video_seq;
    uint32_t phase;
};

static struct ic_worker *worker;
static int control;
static struct sender senders[IC_TRANSPORTS_MAX];
static uint32_t sender_count;
static uint8_t evicted[EVICTED];
static uint64_t packets_out, messages_out;

static void must(bool held)
{
    if (!held)
        abort();
}

static int swallow(int fd, struct mmsghdr *headers, unsigned count, int flags)
{
    (void)fd, (void)flags;
    for (unsigned i = 0; i < count; i++)
        packets_out += headers[i].msg_hdr.msg_iovlen;
    messages_out += count;
    return (int)count;
}

static void add_line(struct ic_control *m, enum ic_stream stream, bool is_slot)
{
    uint32_t number = m->add.line_count++;
    struct ic_line *l = &m->add.lines[number];
    bool voice = stream == IC_STREAM_MICROPHONE;

    *l = (struct ic_line){.stream = (uint8_t)stream,
                          .codec = voice ? IC_CODEC_OPUS : IC_CODEC_VP8,
                          .pt = voice ? VOICE_PT : VIDEO_PT,
                          .rtx_pt = voice ? 0 : VIDEO_PT + 1,
                          .is_slot = is_slot,
                          .ext = {[IC_EXT_MID] = 1, [IC_EXT_TWCC] = 2}};
    snprintf(l->mid, sizeof l->mid, "%u", (unsigned)number);
    if (is_slot) {
        l->ssrc = 10 + 2 * number;
        l->rtx_ssrc = l->ssrc + 1;
    }
}

/* As after ICE and DTLS. */
static void bring_up(struct ic_transport *t)
{
    struct ic_srtp_master master;
    struct ic_srtp_session session;

    ic_random_fill(&master, sizeof master);
    must(ic_srtp_derive(&session, &master) == IC_OK);
    must(ic_srtp_sender_new(&t->sender, IC_SRTP_AEAD_AES_128_GCM, &session,
                            2 * t->slot_count + 2) == IC_OK);
    must(ic_address_parse(&t->outbox.path.remote, "127.0.0.1", (uint16_t)(PORT + t->id)) == IC_OK);
    must(ic_address_parse(&t->outbox.path.local, "127.0.0.1", PORT) == IC_OK);
    t->sendable = true;
}

static struct ic_transport *join(uint32_t room, bool sends, uint32_t received)
{
    static uint32_t id;
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD, .room = room, .transport = ++id};

    snprintf(m.add.ours.ufrag, sizeof m.add.ours.ufrag, "bench%u", id);
    snprintf(m.add.ours.pwd, sizeof m.add.ours.pwd, "a-password-that-nobody-uses");
    m.add.theirs = m.add.ours;
    if (sends) {
        add_line(&m, IC_STREAM_MICROPHONE, false);
        add_line(&m, IC_STREAM_CAMERA, false);
    }
    for (uint32_t i = 0; i < received; i++) {
        add_line(&m, IC_STREAM_MICROPHONE, true);
        add_line(&m, IC_STREAM_CAMERA, true);
    }
    must(ic_transport_new(worker, &m) == IC_OK);
    struct ic_transport *t = ic_directory_find(&worker->directory, id);
    bring_up(t);
    return t;
}

static void point(struct ic_transport *t, uint32_t line, struct ic_transport *source)
{
    must(ic_transport_point(worker, t, line, source, IC_STREAM_MICROPHONE, 2) == IC_OK);
    must(ic_transport_point(worker, t, line + 1, source, IC_STREAM_CAMERA, 2) == IC_OK);
}

/* How many of the others somebody receives. */
static uint32_t received(const struct crowd *c, uint32_t member)
{
    return member < c->senders ? c->taken : c->senders;
}

static void fill_room(const struct crowd *c, uint32_t room)
{
    static struct ic_transport *members[IC_TRANSPORTS_MAX];

    for (uint32_t i = 0; i < c->members; i++) {
        members[i] = join(room, i < c->senders, received(c, i));
        if (i < c->senders)
            senders[sender_count++] = (struct sender){members[i], 1, 1, room + i};
    }
    for (uint32_t i = 0; i < c->members; i++)
        for (uint32_t k = 0; k < received(c, i); k++)
            if (i < c->senders)
                point(members[i], 2 * k + 2, members[(i + 1 + k) % c->senders]);
            else
                point(members[i], 2 * k, members[k]);
}

static void open_worker(void)
{
    struct ic_net_config net = {.address_count = 1, .sendmmsg = swallow};
    int pair[2];

    must(ic_address_parse(&net.addresses[0], "127.0.0.1", 0) == IC_OK);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) == 0);
    control = pair[0];
    must(ic_worker_new(&worker, &net, pair[1]) == IC_OK);
    worker->now = bench_now();
    sender_count = 0;
}

static void close_worker(void)
{
    int theirs = worker->control_fd;

    ic_worker_free(worker);
    close(theirs);
    close(control);
}

/* ---- media ---- */

static size_t write_packet(uint8_t *out, uint8_t pt, uint16_t seq, uint32_t ssrc, bool marker)
{
    size_t len = pt == VOICE_PT ? VOICE_LEN : VIDEO_LEN;
    struct ic_writer w = ic_writer_of(out, len);

    ic_write_uint(&w, 0x80, 1);
    ic_write_uint(&w, (marker ? 0x80u : 0) | pt, 1);
    ic_write_uint(&w, seq, 2);
    ic_write_uint(&w, 0, 4);
    ic_write_uint(&w, ssrc, 4);
    ic_write_uint(&w, seq == 1 ? 0x1000 : 0x0001, 2); /* VP8: the first begins a key frame */
    return len;
}

static void take(struct sender *s, uint8_t pt, uint16_t seq, bool marker)
{
    static uint8_t bytes[IC_DATAGRAM_MAX];
    struct ic_packet packet;
    size_t len = write_packet(bytes, pt, seq, s->transport->id << 8 | pt, marker);

    if (ic_publisher_receive(s->transport->publisher, bytes, len, worker->now, &packet) == IC_OK)
        ic_forward(worker, s->transport, &packet);
}

/* One wake-up: what came from one sender. */
__attribute__((noinline)) static void turn(struct sender *s, bool voice, uint32_t frame)
{
    if (voice)
        take(s, VOICE_PT, s->voice_seq++, false);
    for (uint32_t i = 0; i < frame; i++)
        take(s, VIDEO_PT, s->video_seq++, i + 1 == frame);
    ic_worker_finish(worker, true);
}

static void evict(void)
{
    for (size_t i = 0; i < EVICTED; i += LINE)
        ((volatile uint8_t *)evicted)[i]++;
}

/* Nanoseconds that all took. */
static int64_t run_round(const struct crowd *c, bool cold)
{
    int64_t spent = 0;

    for (uint32_t step = 0; step < STEPS; step++) {
        worker->now += STEP;
        for (uint32_t i = 0; i < sender_count; i++) {
            uint32_t at = step + senders[i].phase;
            bool voice = at % VOICE_EVERY == 0;
            uint32_t frame = at % c->every == 0 ? c->packets : 0;
            if (!voice && frame == 0)
                continue;
            if (cold)
                evict();
            int64_t before = bench_cpu_ns(getpid());
            turn(&senders[i], voice, frame);
            spent += bench_cpu_ns(getpid()) - before;
        }
    }
    return spent;
}

static double measure(const struct crowd *c, bool cold)
{
    double each[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        packets_out = messages_out = 0;
        int64_t spent = run_round(c, cold);
        each[i] = (double)spent / (double)packets_out;
    }
    return bench_median(each, ROUNDS);
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";

    printf("%-40s %10s %10s %12s\n", "ns a packet forwarded", "warm", "cold", "packets");
    for (size_t i = 0; i < IC_COUNT(CROWDS); i++) {
        const struct crowd *c = &CROWDS[i];
        if (!strstr(c->name, only))
            continue;
        open_worker();
        for (uint32_t room = 0; room < c->rooms; room++)
            fill_room(c, room + 1);
        run_round(c, false);
        double warm = measure(c, false), cold = measure(c, true);
        printf("%-40s %10.0f %10.0f %12lu\n", c->name, warm, cold, (unsigned long)packets_out);
        close_worker();
    }
    return EXIT_SUCCESS;
}
