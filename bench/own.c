/* own.c - incamera-media, driven as the control process drives it: over its socket, without web
 * server, accounts or signalling. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/system.h"
#include "crypto/random.h"

enum { CONTROL_FD = 3, FIRST_SSRC = 10, BUFFER_LEN = 8 << 20, RTX = 1 };

#define JOIN_NS (20 * IC_NS_PER_SEC)

/* One, or two that are linked: then peers are on them in turn. */
static uint32_t workers = 1;
static pid_t second = -1;
static int controls[2] = {-1, -1};
static struct ic_control ready[2];

static void find_worker(char *path, size_t size)
{
    char own[512];
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    own[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(own, '/');
    if (slash)
        *slash = '\0';
    snprintf(path, size, "%s/../src/worker/incamera-media", own);
}

static bool available(void)
{
    char path[600];
    find_worker(path, sizeof path);
    return access(path, X_OK) == 0;
}

static pid_t start_one(const char *path, uint32_t number)
{
    static const int buffer = BUFFER_LEN;
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
        exit(EXIT_FAILURE);
    for (int i = 0; i < 2; i++)
        setsockopt(pair[i], SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof buffer);
    pid_t pid = bench_fork(BENCH_SERVER_CORE);
    if (pid == 0) {
        bench_silence();
        if (pair[1] != CONTROL_FD && dup2(pair[1], CONTROL_FD) < 0)
            _exit(EXIT_FAILURE);
        execl(path, path, "--bind", "127.0.0.1", (char *)NULL);
        _exit(EXIT_FAILURE);
    }
    close(pair[1]);
    controls[number] = pair[0];
    if (recv(pair[0], &ready[number], sizeof ready[number], 0) != (ssize_t)sizeof ready[number])
        ready[number].type = IC_CONTROL_STOP;
    return pid;
}

static pid_t start_program(const char *path)
{
    workers = 1;
    second = -1;
    return start_one(path, 0);
}

static pid_t start(struct bench_load *load)
{
    char path[600];
    (void)load;

    find_worker(path, sizeof path);
    return start_program(path);
}

const char *bench_other_worker;

static bool other_available(void)
{
    return bench_other_worker && access(bench_other_worker, X_OK) == 0;
}

static pid_t start_other(struct bench_load *load)
{
    (void)load;
    return start_program(bench_other_worker);
}

static void order(uint32_t worker, const struct ic_control *m)
{
    if (send(controls[worker], m, sizeof *m, MSG_NOSIGNAL) != (ssize_t)sizeof *m) {
        perror("order to the worker");
        exit(EXIT_FAILURE);
    }
}

static struct ic_line *add_line(struct ic_control *m, enum ic_stream stream)
{
    struct ic_line *l = &m->add.lines[m->add.line_count];
    bool voice = stream == IC_STREAM_MICROPHONE;

    snprintf(l->mid, sizeof l->mid, "%u", (unsigned)m->add.line_count++);
    l->stream = (uint8_t)stream;
    l->codec = voice ? IC_CODEC_OPUS : IC_CODEC_VP8;
    l->pt = voice ? BENCH_OPUS_PT : BENCH_VP8_PT;
    l->rtx_pt = voice ? 0 : BENCH_VP8_PT + RTX;
    l->ext[IC_EXT_MID] = BENCH_MID_EXT;
    l->ext[IC_EXT_TWCC] = BENCH_TWCC_EXT;
    return l;
}

static void add_slot(struct ic_control *m, enum ic_stream stream)
{
    struct ic_line *l = add_line(m, stream);
    l->is_slot = true;
    l->ssrc = FIRST_SSRC + 2 * m->add.line_count;
    l->rtx_ssrc = l->ssrc + RTX;
}

static void random_credentials(struct ic_ice_credentials *c)
{
    uint8_t bytes[16];
    ic_random_fill(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(c->pwd + 2 * i, 3, "%02x", bytes[i]);
        if (i < 8)
            snprintf(c->ufrag + 2 * i, 3, "%02x", bytes[i]);
    }
}

static uint32_t id_of(const struct bench_load *load, const struct bench_peer *p)
{
    return (uint32_t)(p - load->peers) + 1;
}

static uint32_t worker_of(const struct bench_load *load, const struct bench_peer *p)
{
    return id_of(load, p) % workers;
}

/* Of a peer that sends: with features in three layers. */
static void add_send_lines(struct ic_control *m, const struct bench_peer *p)
{
    add_line(m, IC_STREAM_MICROPHONE);
    struct ic_line *camera = add_line(m, IC_STREAM_CAMERA);
    if (p->features) {
        camera->layers = (1 << IC_LAYERS) - 1;
        camera->ext[IC_EXT_RID] = BENCH_RID_EXT;
    }
}

/* Lines 0 and 1 send, if anything does; then two slots for each source. */
static void add_transport(struct bench_load *load, struct bench_peer *p)
{
    struct ic_control m = {
        .type = IC_CONTROL_TRANSPORT_ADD, .room = p->room + 1, .transport = id_of(load, p)};

    random_credentials(&p->theirs);
    m.add.ours = p->theirs;
    m.add.theirs = p->ours;
    memcpy(m.add.fingerprint, load->fingerprint, sizeof m.add.fingerprint);
    if (p->sends)
        add_send_lines(&m, p);
    for (uint32_t i = 0; i < load->count; i++)
        if (bench_receives(p, &load->peers[i])) {
            add_slot(&m, IC_STREAM_MICROPHONE);
            add_slot(&m, IC_STREAM_CAMERA);
        }
    order(worker_of(load, p), &m);
}

void bench_own_point(const struct bench_load *load, const struct bench_peer *p)
{
    struct ic_control m = {.type = IC_CONTROL_SLOT_POINT, .transport = id_of(load, p)};

    m.point.line = p->sends ? 2 : 0;
    m.point.layer = IC_LAYERS - 1;
    for (uint32_t i = 0; i < load->count; i++) {
        if (!bench_receives(p, &load->peers[i]))
            continue;
        m.point.source = id_of(load, &load->peers[i]);
        m.point.stream = IC_STREAM_MICROPHONE;
        order(worker_of(load, p), &m);
        m.point.line++;
        m.point.stream = IC_STREAM_CAMERA;
        order(worker_of(load, p), &m);
        m.point.line++;
    }
}

void bench_own_join(struct bench_load *load, struct bench_peer *p)
{
    add_transport(load, p);
    const struct ic_control *at = &ready[worker_of(load, p)];
    memcpy(p->fingerprint, at->ready.fingerprint, sizeof p->fingerprint);
    bench_peer_start(p, "127.0.0.1", at->ready.port, bench_now());
}

bool bench_own_ready(struct bench_load *load)
{
    for (uint32_t i = 0; i < workers; i++)
        if (ready[i].type != IC_CONTROL_READY)
            return false;
    bench_load_drain(load, controls[0]); /* what the other one says fits into its socket */
    return true;
}

/* Everything that a sender has goes to the other worker, where everybody may take it. */
static void share(const struct bench_load *load, const struct bench_peer *p)
{
    uint32_t home = worker_of(load, p), other = !home;
    struct ic_control lines = {.type = IC_CONTROL_TRANSPORT_ADD};
    struct ic_control source = {
        .type = IC_CONTROL_SOURCE_ADD, .room = p->room + 1, .transport = id_of(load, p)};
    struct ic_control layers = {.type = IC_CONTROL_STREAM_SHARE, .transport = id_of(load, p)};

    add_send_lines(&lines, p);
    source.source.home = home;
    source.source.line_count = lines.add.line_count;
    memcpy(source.source.lines, lines.add.lines, 2 * sizeof lines.add.lines[0]);
    order(other, &source);
    layers.share.worker = other;
    for (uint8_t i = 0; i < source.source.line_count; i++) {
        layers.share.stream = source.source.lines[i].stream;
        layers.share.layers = p->features && i > 0 ? (1 << IC_LAYERS) - 1 : 1;
        order(home, &layers);
    }
}

static bool join(struct bench_load *load)
{
    if (!bench_own_ready(load))
        return false;
    for (uint32_t i = 0; i < load->count; i++)
        bench_own_join(load, &load->peers[i]);
    if (!bench_load_connect(load, JOIN_NS))
        return false;
    for (uint32_t i = 0; workers > 1 && i < load->count; i++)
        if (load->peers[i].sends)
            share(load, &load->peers[i]);
    for (uint32_t i = 0; i < load->count; i++)
        bench_own_point(load, &load->peers[i]);
    return true;
}

static void stop(pid_t pid)
{
    for (uint32_t i = 0; i < workers; i++)
        close(controls[i]);
    bench_end(pid);
    if (second > 0)
        bench_end(second);
}

static void hand_over(int to, uint32_t other, int file)
{
    struct ic_control m = {.type = IC_CONTROL_LINK, .link.worker = other};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights = {0};
    struct iovec whole = {&m, sizeof m};
    struct msghdr message = {.msg_iov = &whole,
                             .msg_iovlen = 1,
                             .msg_control = rights.bytes,
                             .msg_controllen = sizeof rights.bytes};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    *head = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof file)};
    memcpy(CMSG_DATA(head), &file, sizeof file);
    if (sendmsg(to, &message, MSG_NOSIGNAL) < 0)
        exit(EXIT_FAILURE);
    close(file);
}

/* Both on the one core that is measured. */
static pid_t start_two(struct bench_load *load)
{
    char path[600];
    int pair[2];
    pid_t first = start(load);

    find_worker(path, sizeof path);
    second = start_one(path, 1);
    workers = 2;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair) != 0)
        exit(EXIT_FAILURE);
    hand_over(controls[0], 1, pair[0]);
    hand_over(controls[1], 0, pair[1]);
    return first;
}

static pid_t second_worker(void)
{
    return second;
}

const struct bench_system bench_own = {
    .name = "incamera-media", .available = available, .start = start, .join = join, .stop = stop};

const struct bench_system bench_two = {.name = "two workers",
                                       .available = available,
                                       .start = start_two,
                                       .second = second_worker,
                                       .join = join,
                                       .stop = stop};

const struct bench_system bench_other = {.name = "the other build",
                                         .available = other_available,
                                         .start = start_other,
                                         .join = join,
                                         .stop = stop};
