/* fanout.c - what forwarding costs the worker itself, the kernel left out: packets go in behind
 * their opening and out into a function that throws them away, on a clock of the bench. Between two
 * wake-ups other memory goes through the core's caches (cold) or does not (warm). With all on there
 * are three layers, and receivers that report and ask again, as in forward_bench.
 *
 * Under callgrind, which other load of the machine does not change, turn() alone is counted. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/measure.h"
#include "crypto/random.h"
#include "media/twcc.h"
#include "worker/feedback.h"
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
    MID_EXT = 1,
    TWCC_EXT = 2,
    RID_EXT = 3,
    KEY_EVERY = 15, /* frames */
    ASK_EVERY = 100,
    ROUNDS = 5,
    STEPS = 200,       /* a round */
    CLIMB_STEPS = 800, /* until estimates allow the highest layer */
    VOICE_EVERY = 2,   /* steps */
    PORT = 9000,
};

#define STEP (10 * IC_NS_PER_MS)

struct crowd {
    const char *name;
    uint32_t rooms, senders, members;
    uint32_t taken;          /* of the others who send, by each who sends */
    uint32_t packets, every; /* of a frame; steps from one to the next */
    bool all_on;
};

static const struct crowd CROWDS[] = {
    {"1 to 50", 1, 1, 51, 0, 6, 3, false},
    {"1 to 1,000", 1, 1, 1001, 0, 6, 3, false},
    {"20 rooms of 5", 20, 5, 5, 4, 6, 3, false},
    {"a room of 49, 12 small pictures each", 1, 49, 49, 12, 1, 6, false},
    {"sound of 10 to 300", 1, 10, 300, 9, 0, 1, false},
    {"all on, 1 to 50", 1, 1, 51, 0, 6, 3, true},
    {"all on, 1 to 1,000", 1, 1, 1001, 0, 6, 3, true},
    {"all on, 20 rooms of 5", 20, 5, 5, 4, 6, 3, true},
};

struct sender {
    struct ic_transport *transport;
    uint16_t voice_seq, video_seqs[IC_LAYERS], twcc_seq;
    uint32_t frame, phase;
};

/* One of a crowd that has all on. */
struct receiver {
    struct ic_transport *transport;
    struct ic_twcc_receiver twcc;
    uint32_t asked_ssrc; /* 0: nothing to ask for */
    uint16_t asked_seq;
};

static struct ic_worker *worker;
static int control;
static struct sender senders[IC_TRANSPORTS_MAX];
static uint32_t sender_count;
static struct receiver receivers[IC_TRANSPORTS_MAX]; /* by the transport's id */
static uint32_t last_id, receiver_count;
static uint8_t evicted[EVICTED];
static uint64_t packets_out, messages_out, wakes; /* packets: of media, and for the first time */

static void must(bool held)
{
    if (!held)
        abort();
}

/* From the header, which is in the clear. */
static void note(struct receiver *r, struct ic_bytes bytes)
{
    static const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_TWCC] = TWCC_EXT};
    struct ic_bytes values[IC_EXTENSIONS];
    struct ic_rtp rtp;

    if (ic_datagram_kind(bytes) != IC_DATAGRAM_RTP || ic_rtp_parse_header(&rtp, bytes) != IC_OK)
        return;
    packets_out += rtp.pt != VIDEO_PT + 1;
    if (!r)
        return;
    ic_rtp_extensions(&rtp, ids, values);
    const uint8_t *number = values[IC_EXT_TWCC].at;
    ic_twcc_note(&r->twcc, (uint16_t)(number[0] << 8 | number[1]), worker->now);
    if (rtp.pt != VIDEO_PT || rtp.seq % ASK_EVERY != 0)
        return;
    r->asked_ssrc = rtp.ssrc;
    r->asked_seq = rtp.seq;
}

static struct receiver *receiver_at(const struct sockaddr_in *name)
{
    return receiver_count > 0 ? &receivers[ntohs(name->sin_port) - PORT] : NULL;
}

__attribute__((noinline)) static int swallow(int fd, struct mmsghdr *headers, unsigned count,
                                             int flags)
{
    (void)fd, (void)flags;
    for (unsigned i = 0; i < count; i++) {
        const struct msghdr *m = &headers[i].msg_hdr;
        for (size_t k = 0; k < m->msg_iovlen; k++)
            note(receiver_at(m->msg_name),
                 (struct ic_bytes){m->msg_iov[k].iov_base, m->msg_iov[k].iov_len});
    }
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
                          .ext = {[IC_EXT_MID] = MID_EXT, [IC_EXT_TWCC] = TWCC_EXT}};
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

static struct ic_transport *join(uint32_t room, bool sends, uint32_t received, bool all_on)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD, .room = room, .transport = ++last_id};

    snprintf(m.add.ours.ufrag, sizeof m.add.ours.ufrag, "bench%u", last_id);
    snprintf(m.add.ours.pwd, sizeof m.add.ours.pwd, "a-password-that-nobody-uses");
    m.add.theirs = m.add.ours;
    if (sends) {
        add_line(&m, IC_STREAM_MICROPHONE, false);
        add_line(&m, IC_STREAM_CAMERA, false);
        m.add.lines[1].layers = all_on ? (1 << IC_LAYERS) - 1 : 0;
        m.add.lines[1].ext[IC_EXT_RID] = all_on ? RID_EXT : 0;
    }
    for (uint32_t i = 0; i < received; i++) {
        add_line(&m, IC_STREAM_MICROPHONE, true);
        add_line(&m, IC_STREAM_CAMERA, true);
    }
    must(ic_transport_new(worker, &m) == IC_OK);
    struct ic_transport *t = ic_directory_find(&worker->directory, last_id);
    bring_up(t);
    if (all_on) {
        receivers[t->id] = (struct receiver){.transport = t};
        receiver_count = t->id + 1;
    }
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
        members[i] = join(room, i < c->senders, received(c, i), c->all_on);
        if (i < c->senders)
            senders[sender_count++] = (struct sender){members[i], 1, {1, 1, 1}, 1, 0, room + i};
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
    memset(receivers, 0, receiver_count * sizeof *receivers);
    sender_count = receiver_count = last_id = 0;
}

static void close_worker(void)
{
    int theirs = worker->control_fd;

    ic_worker_free(worker);
    close(theirs);
    close(control);
}

/* ---- media ---- */

/* X and S, I, then a picture id of 15 bits; then the frame's first byte, whose lowest bit says that
 * it is no key frame (RFC 7741). */
static void write_descriptor(struct ic_writer *w, uint32_t frame, bool begins)
{
    ic_write_uint(w, begins ? 0x9080 : 0x8080, 2);
    ic_write_uint(w, 0x8000 | (frame & 0x7FFF), 2);
    ic_write_uint(w, frame % KEY_EVERY != 0, 1);
}

/* RID and transport-wide number (RFC 8285). */
static void write_extensions(struct ic_writer *w, char rid, uint16_t twcc_seq)
{
    ic_write_uint(w, 0xBEDE0002, 4);
    ic_write_uint(w, RID_EXT << 4, 1);
    ic_write_uint(w, (uint8_t)rid, 1);
    ic_write_uint(w, TWCC_EXT << 4 | 1, 1);
    ic_write_uint(w, twcc_seq, 2);
    ic_write_uint(w, 0, 3);
}

/* Of a sender; `left` packets of the frame come after it. */
struct picture {
    uint8_t layer;
    uint32_t left;
    bool begins;
};

/* Voice without a picture. */
static size_t write_packet(uint8_t *out, struct sender *s, const struct picture *picture,
                           bool all_on)
{
    uint8_t pt = picture ? VIDEO_PT : VOICE_PT, layer = picture ? picture->layer : 0;
    size_t len = picture ? VIDEO_LEN : VOICE_LEN;
    struct ic_writer w = ic_writer_of(out, len);

    ic_write_uint(&w, all_on ? 0x90 : 0x80, 1);
    ic_write_uint(&w, (picture && picture->left == 0 ? 0x80u : 0) | pt, 1);
    ic_write_uint(&w, picture ? s->video_seqs[layer]++ : s->voice_seq++, 2);
    ic_write_uint(&w, picture ? s->frame * 3000 : s->voice_seq * 960u, 4);
    ic_write_uint(&w, s->transport->id << 8 | (pt + layer), 4);
    if (all_on)
        write_extensions(&w, "lmh"[layer], s -> twcc_seq++);
    if (picture)
        write_descriptor(&w, s->frame, picture->begins);
    return len;
}

static void take(struct sender *s, const struct picture *picture, bool all_on)
{
    static uint8_t bytes[IC_DATAGRAM_MAX];
    struct ic_packet packet;
    size_t len = write_packet(bytes, s, picture, all_on);

    if (ic_publisher_receive(s->transport->publisher, bytes, len, worker->now, &packet) == IC_OK)
        ic_forward(worker, s->transport, &packet);
    if (all_on) {
        s->transport->heard_at = worker->now;
        ic_feedback_wake(worker, s->transport);
    }
}

static void take_layer(struct sender *s, uint8_t layer, uint32_t packets, bool all_on)
{
    for (uint32_t left = packets; left-- > 0;)
        take(s, &(struct picture){layer, left, left + 1 == packets}, all_on);
}

/* What came from one sender: in one wake-up, or in one for each layer. */
__attribute__((noinline)) static void turn(struct sender *s, bool voice, uint32_t frame,
                                           bool all_on)
{
    if (voice)
        take(s, NULL, all_on);
    for (uint8_t layer = 0; all_on && frame > 0 && layer + 1 < IC_LAYERS; layer++) {
        take_layer(s, layer, 1u + layer, all_on);
        ic_worker_finish(worker, true);
    }
    take_layer(s, all_on ? IC_LAYERS - 1 : 0, frame, all_on);
    s->frame += frame > 0;
    ic_worker_finish(worker, true);
}

/* One wake-up: what came from one receiver, behind its opening. */
__attribute__((noinline)) static void turn_back(struct ic_transport *t, struct ic_bytes compound)
{
    ic_feedback_receive(worker, t, compound);
    ic_worker_finish(worker, true);
}

/* One wake-up because of the time alone. */
__attribute__((noinline)) static void turn_due(void)
{
    ic_worker_finish(worker, false);
}

static void evict(void)
{
    for (size_t i = 0; i < EVICTED; i += LINE)
        ((volatile uint8_t *)evicted)[i]++;
}

/* ---- time ---- */

static int64_t before;

static void begin(bool cold)
{
    if (cold)
        evict();
    wakes++;
    before = bench_cpu_ns(getpid());
}

static int64_t end(void)
{
    return bench_cpu_ns(getpid()) - before;
}

/* What a receiver has to say by now. */
static int64_t answer(struct receiver *r)
{
    uint8_t bytes[IC_DATAGRAM_MAX];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    if (ic_twcc_due(&r->twcc, worker->now))
        ic_twcc_write(&r->twcc, &w, 1, 1, worker->now);
    if (r->asked_ssrc != 0)
        ic_rtcp_write_nack(&w, 1, r->asked_ssrc, &r->asked_seq, 1);
    r->asked_ssrc = 0;
    if (w.len == 0)
        return 0;
    begin(false);
    turn_back(r->transport, ic_written(&w));
    return end();
}

/* One behind the other, as after a frame. */
static int64_t answer_all(bool cold)
{
    int64_t spent = 0;

    if (cold && receiver_count > 0)
        evict();
    for (uint32_t i = 0; i < receiver_count; i++)
        if (receivers[i].transport)
            spent += answer(&receivers[i]);
    return spent;
}

/* What is due by itself before `end_at`, woken by whole milliseconds. */
static int64_t wait_until(int64_t end_at, bool cold)
{
    int64_t spent = 0, due;

    while ((due = worker->directory.next_due) < end_at) {
        int64_t at =
            worker->now + (due - worker->now + IC_NS_PER_MS - 1) / IC_NS_PER_MS * IC_NS_PER_MS;
        if (at >= end_at)
            break;
        worker->now = at > worker->now ? at : worker->now;
        begin(cold);
        turn_due();
        spent += end();
    }
    worker->now = end_at;
    return spent;
}

static uint32_t packets_of(const struct crowd *c, const struct sender *s, uint32_t at)
{
    static const uint32_t more[] = {2, 3, 4, 1, 2, 0}; /* averages two */

    if (at % c->every != 0)
        return 0;
    return c->all_on && c->packets > 0 ? c->packets - 2 + more[s->frame % IC_COUNT(more)]
                                       : c->packets;
}

/* Nanoseconds that all took. */
static int64_t run_round(const struct crowd *c, bool cold, uint32_t steps)
{
    int64_t spent = 0;

    for (uint32_t step = 0; step < steps; step++) {
        spent += wait_until(worker->now + STEP, cold);
        for (uint32_t i = 0; i < sender_count; i++) {
            uint32_t at = step + senders[i].phase;
            bool voice = at % VOICE_EVERY == 0;
            uint32_t frame = packets_of(c, &senders[i], at);
            if (!voice && frame == 0)
                continue;
            begin(cold);
            turn(&senders[i], voice, frame, c->all_on);
            spent += end();
        }
        spent += answer_all(cold);
    }
    return spent;
}

static double measure(const struct crowd *c, bool cold)
{
    double each[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        packets_out = messages_out = wakes = 0;
        int64_t spent = run_round(c, cold, STEPS);
        each[i] = (double)spent / (double)packets_out;
    }
    return bench_median(each, ROUNDS);
}

int main(int argc, char **argv)
{
    const char *only = argc > 1 ? argv[1] : "";

    printf("%-40s %10s %10s %12s %12s %12s\n", "ns a packet forwarded", "warm", "cold", "packets",
           "messages", "wake-ups");
    for (size_t i = 0; i < IC_COUNT(CROWDS); i++) {
        const struct crowd *c = &CROWDS[i];
        if (!strstr(c->name, only))
            continue;
        open_worker();
        for (uint32_t room = 0; room < c->rooms; room++)
            fill_room(c, room + 1);
        run_round(c, false, c->all_on ? CLIMB_STEPS : STEPS);
        double warm = measure(c, false), cold = measure(c, true);
        printf("%-40s %10.0f %10.0f %12lu %12lu %12lu\n", c->name, warm, cold,
               (unsigned long)packets_out, (unsigned long)messages_out, (unsigned long)wakes);
        close_worker();
    }
    return EXIT_SUCCESS;
}
