/* websocket.c - frames are masked with zero, which changes nothing and is allowed. */
#include "bench/websocket.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { OP_TEXT = 1, OP_CLOSE = 8, FIN = 0x80, MASKED = 0x80, LEN_16 = 126, LEN_64 = 127 };

static int connect_to(uint16_t port)
{
    static const struct timeval patience = {.tv_sec = 10};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool read_all(int fd, uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t got = recv(fd, bytes, len, 0);
        if (got <= 0)
            return false;
        bytes += got;
        len -= (size_t)got;
    }
    return true;
}

/* The answer's head, up to the empty line; only its status counts. */
static bool read_head(int fd)
{
    char head[4096] = {0};
    for (size_t len = 0; len < sizeof head - 1; len++) {
        if (!read_all(fd, (uint8_t *)head + len, 1))
            return false;
        if (len >= 3 && memcmp(head + len - 3, "\r\n\r\n", 4) == 0)
            return strncmp(head, "HTTP/1.1 101", 12) == 0;
    }
    return false;
}

int bench_websocket_open(uint16_t port, const char *protocol)
{
    char request[512];
    int fd = connect_to(port);
    if (fd < 0)
        return -1;
    int len = snprintf(request, sizeof request,
                       "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                       "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                       "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\n\r\n",
                       protocol);
    if (send(fd, request, (size_t)len, MSG_NOSIGNAL) == len && read_head(fd))
        return fd;
    close(fd);
    return -1;
}

bool bench_websocket_send(int fd, const char *text)
{
    static uint8_t frame[BENCH_WEBSOCKET_MAX];
    struct ic_writer w = ic_writer_of(frame, sizeof frame);
    size_t len = strlen(text);

    ic_write_uint(&w, FIN | OP_TEXT, 1);
    ic_write_uint(&w, MASKED | LEN_64, 1);
    ic_write_uint(&w, len, 8);
    ic_write_uint(&w, 0, 4);
    ic_write_bytes(&w, (struct ic_bytes){(const uint8_t *)text, len});
    return !w.bad && send(fd, frame, w.len, MSG_NOSIGNAL) == (ssize_t)w.len;
}

static bool read_length(int fd, uint8_t first, size_t *len)
{
    uint8_t bytes[8];
    size_t size = first == LEN_16 ? 2 : first == LEN_64 ? 8 : 0;
    if (size == 0) {
        *len = first;
        return true;
    }
    if (!read_all(fd, bytes, size))
        return false;
    struct ic_reader r = ic_reader_of((struct ic_bytes){bytes, size});
    *len = (size_t)ic_read_uint(&r, size);
    return true;
}

const char *bench_websocket_receive(int fd)
{
    static uint8_t text[BENCH_WEBSOCKET_MAX + 1];
    size_t used = 0, len;
    uint8_t head[2];

    for (;;) {
        if (!read_all(fd, head, sizeof head) || !read_length(fd, head[1], &len) ||
            len > BENCH_WEBSOCKET_MAX - used || !read_all(fd, text + used, len))
            return NULL;
        uint8_t op = head[0] & 0x0F;
        if (op == OP_CLOSE)
            return NULL;
        if (op > OP_CLOSE)
            continue; /* ping and pong */
        used += len;
        if (head[0] & FIN) {
            text[used] = '\0';
            return (const char *)text;
        }
    }
}
