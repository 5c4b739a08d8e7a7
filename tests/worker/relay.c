/* relay.c - starts coturn without credentials, and asks it for what a browser would: an address,
 * and a channel to the worker, so that four bytes in front of a packet are all there is to do. */
#include "tests/worker/relay.h"

#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"

enum {
    ALLOCATE = 0x003,
    CHANNEL_BIND = 0x009,
    SUCCESS = 0x100,
    COOKIE = 0x2112a442,
    TRIES = 200,
    ANSWER_MS = 100,
};

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return a;
}

static uint16_t free_port(void)
{
    struct sockaddr_in own;
    socklen_t len = sizeof own;
    int fd = rig_socket();

    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &len), 0);
    close(fd);
    return ntohs(own.sin_port);
}

static void run_coturn(const struct relay *relay)
{
    char port[8], pid[64], db[64];

    snprintf(port, sizeof port, "%u", relay->port);
    snprintf(pid, sizeof pid, "%s/pid", relay->folder);
    snprintf(db, sizeof db, "%s/db", relay->folder);
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* also where the test fails */
    if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
        _exit(127);
    execlp("turnserver", "turnserver", "-n", "--no-auth", "--no-cli", "--no-tls", "--no-dtls", "-L",
           "127.0.0.1", "-E", "127.0.0.1", "-p", port, "--allow-loopback-peers", "--pidfile", pid,
           "-b", db, "--log-file", "/dev/null", "--simple-log", (char *)NULL);
    _exit(127);
}

/* One question, and whether it was granted within a moment. */
static bool ask(int fd, uint16_t method, struct ic_bytes attributes)
{
    uint8_t bytes[128];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct pollfd p = {.fd = fd, .events = POLLIN};

    ic_write_uint(&w, method, 2);
    ic_write_uint(&w, attributes.len, 2);
    ic_write_uint(&w, COOKIE, 4);
    ic_write_bytes(&w, ic_bytes_of_text("twelve bytes"));
    ic_write_bytes(&w, attributes);
    assert_false(w.bad);
    if (send(fd, bytes, w.len, 0) < 0 || poll(&p, 1, ANSWER_MS) != 1 ||
        recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) < 2)
        return false;
    return (bytes[0] << 8 | bytes[1]) == (method | SUCCESS);
}

static bool allocate(int fd)
{
    static const uint8_t udp[] = {0, 0x19, 0, 4, 17, 0, 0, 0};

    return ask(fd, ALLOCATE, (struct ic_bytes){udp, sizeof udp});
}

static bool bind_channel(int fd, uint16_t port)
{
    uint8_t bytes[32];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    ic_write_uint(&w, 0x000c0004, 4);
    ic_write_uint(&w, (uint32_t)RELAY_CHANNEL << 16, 4);
    ic_write_uint(&w, 0x00120008, 4);
    ic_write_uint(&w, 1, 2); /* IPv4 */
    ic_write_uint(&w, port ^ (COOKIE >> 16), 2);
    ic_write_uint(&w, INADDR_LOOPBACK ^ COOKIE, 4);
    return ask(fd, CHANNEL_BIND, ic_written(&w));
}

static int relay_socket(const struct relay *relay)
{
    struct sockaddr_in to = loopback(relay->port);
    int fd = rig_socket();

    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

void relay_start(struct relay *relay)
{
    *relay = (struct relay){.port = free_port(), .folder = "/tmp/incamera-relay-XXXXXX"};
    assert_non_null(mkdtemp(relay->folder));
    relay->pid = fork();
    assert_true(relay->pid >= 0);
    if (relay->pid == 0)
        run_coturn(relay);
    bool answers = false;
    for (int tries = 0; tries < TRIES && !answers; tries++) {
        int fd = relay_socket(relay);
        answers = allocate(fd);
        close(fd);
        usleep(10000);
    }
    assert_true(answers);
}

void relay_stop(struct relay *relay)
{
    static const char *const files[] = {"pid", "db"};
    char path[64];

    kill(relay->pid, SIGKILL);
    waitpid(relay->pid, NULL, 0);
    for (size_t i = 0; i < IC_COUNT(files); i++) {
        snprintf(path, sizeof path, "%s/%s", relay->folder, files[i]);
        unlink(path);
    }
    rmdir(relay->folder);
}

void relay_use(const struct relay *relay, const struct rig *rig, struct peer *p)
{
    close(p->fd);
    p->fd = relay_socket(relay);
    p->over_relay = true;
    assert_true(allocate(p->fd));
    assert_true(bind_channel(p->fd, rig->port));
}
