/* channel.c - the table of what each message may hold is check_*() below; a type without one is
 * refused. */
#include "worker/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    UFRAG_LEN_MIN = 4, /* RFC 8839 section 5.4 */
    PWD_LEN_MIN = 22,
    PAYLOAD_TYPE_MAX = 127,
    RTCP_FIRST = 64, /* with RTP and RTCP on one port these would be taken for RTCP: RFC 5761 */
    RTCP_LAST = 95,
    EXTENSION_ID_MAX = 14,
    SLOTS_MAX = 32,
};

static bool is_text(const char *text, size_t size, size_t least)
{
    const char *end = memchr(text, 0, size);
    return end && (size_t)(end - text) >= least;
}

static bool check_credentials(const struct ic_ice_credentials *c)
{
    return is_text(c->ufrag, sizeof c->ufrag, UFRAG_LEN_MIN) &&
           is_text(c->pwd, sizeof c->pwd, PWD_LEN_MIN);
}

static bool is_payload_type(uint8_t pt)
{
    return pt <= PAYLOAD_TYPE_MAX && (pt < RTCP_FIRST || pt > RTCP_LAST);
}

/* A bool of any other byte than 0 and 1 must not even be looked at as one. */
static bool is_bool(const bool *flag)
{
    uint8_t byte;
    memcpy(&byte, flag, 1);
    return byte <= 1;
}

/* Only pictures have a choice, and each type means one thing. */
static bool check_more_codecs(const struct ic_line *l)
{
    bool used[PAYLOAD_TYPE_MAX + 1] = {[0] = false};
    used[l->pt] = used[l->rtx_pt] = true;
    for (size_t i = 0; i < IC_CODECS; i++) {
        uint8_t types[] = {l->more_pt[i], l->more_rtx_pt[i]};
        if (types[0] == 0 && types[1] == 0)
            continue;
        if (types[0] == 0 || l->codec == IC_CODEC_OPUS || i == IC_CODEC_OPUS || i == l->codec)
            return false;
        for (size_t k = 0; k < IC_COUNT(types); k++) {
            if (types[k] == 0)
                continue;
            if (!is_payload_type(types[k]) || used[types[k]])
                return false;
            used[types[k]] = true;
        }
    }
    return true;
}

static bool check_line(const struct ic_line *l)
{
    if (!is_text(l->mid, sizeof l->mid, 1) || !is_bool(&l->is_slot) || !is_bool(&l->large) ||
        l->codec >= IC_CODECS)
        return false;
    if (!is_payload_type(l->pt) || !is_payload_type(l->rtx_pt) || l->rtx_pt == l->pt)
        return false;
    if (!check_more_codecs(l))
        return false;
    for (size_t i = 0; i < IC_EXTENSIONS; i++)
        if (l->ext[i] > EXTENSION_ID_MAX)
            return false;
    if (l->is_slot)
        return l->ssrc != 0 && (l->rtx_pt == 0 || (l->rtx_ssrc != 0 && l->rtx_ssrc != l->ssrc));
    return l->stream < IC_STREAMS && l->layers < 1 << IC_LAYERS;
}

/* Two lines may share neither their mid nor, as slots, an SSRC, nor, as send lines, the stream. */
static bool lines_clash(const struct ic_line *a, const struct ic_line *b)
{
    if (strcmp(a->mid, b->mid) == 0)
        return true;
    if (a->is_slot != b->is_slot)
        return false;
    if (!a->is_slot)
        return a->stream == b->stream;
    return a->ssrc == b->ssrc || (b->rtx_pt && a->ssrc == b->rtx_ssrc) ||
           (a->rtx_pt && a->rtx_ssrc == b->ssrc) ||
           (a->rtx_pt && b->rtx_pt && a->rtx_ssrc == b->rtx_ssrc);
}

static bool check_lines(const struct ic_line *lines, uint32_t count)
{
    size_t slots = 0;

    if (count == 0 || count > IC_LINES_MAX)
        return false;
    for (uint32_t i = 0; i < count; i++) {
        if (!check_line(&lines[i]))
            return false;
        slots += lines[i].is_slot;
        for (uint32_t j = 0; j < i; j++)
            if (lines_clash(&lines[i], &lines[j]))
                return false;
    }
    return slots <= SLOTS_MAX;
}

static bool check_add(const struct ic_control *m)
{
    return m->room != 0 && m->transport != 0 && check_credentials(&m->add.ours) &&
           check_credentials(&m->add.theirs) && check_lines(m->add.lines, m->add.line_count);
}

static bool check_restart(const struct ic_control *m)
{
    return m->transport != 0 && check_credentials(&m->restart.ours) &&
           check_credentials(&m->restart.theirs);
}

static bool check_point(const struct ic_control *m)
{
    return m->transport != 0 && m->point.line < IC_LINES_MAX && m->point.stream < IC_STREAMS &&
           m->point.layer < IC_LAYERS;
}

static bool check_relays(const struct ic_control *m)
{
    if (m->relays.count > IC_RELAY_ADDRESSES_MAX)
        return false;
    for (uint32_t i = 0; i < m->relays.count; i++)
        if (m->relays.addresses[i].family != IC_IPV4 && m->relays.addresses[i].family != IC_IPV6)
            return false;
    return true;
}

static bool check_source(const struct ic_control *m)
{
    if (m->room == 0 || m->transport == 0 || m->source.home >= IC_WORKERS_MAX ||
        m->source.line_count > IC_STREAMS)
        return false;
    if (!check_lines(m->source.lines, m->source.line_count))
        return false;
    for (uint32_t i = 0; i < m->source.line_count; i++)
        if (m->source.lines[i].is_slot)
            return false;
    return true;
}

static bool check_share(const struct ic_control *m)
{
    return m->transport != 0 && m->share.worker < IC_WORKERS_MAX && m->share.stream < IC_STREAMS &&
           m->share.layers < 1 << IC_LAYERS;
}

static bool check(const struct ic_control *m)
{
    switch ((enum ic_control_type)m->type) {
    case IC_CONTROL_TRANSPORT_ADD:
        return check_add(m);
    case IC_CONTROL_TRANSPORT_RESTART:
        return check_restart(m);
    case IC_CONTROL_TRANSPORT_REMOVE:
    case IC_CONTROL_SOURCE_REMOVE:
    case IC_CONTROL_TRANSPORT_ASK:
        return m->transport != 0;
    case IC_CONTROL_SLOT_POINT:
        return check_point(m);
    case IC_CONTROL_RELAYS:
        return check_relays(m);
    case IC_CONTROL_LINK:
        return m->link.worker < IC_WORKERS_MAX;
    case IC_CONTROL_SOURCE_ADD:
        return check_source(m);
    case IC_CONTROL_STREAM_SHARE:
        return check_share(m);
    case IC_CONTROL_STOP:
        return true;
    case IC_CONTROL_READY:
    case IC_CONTROL_TRANSPORT_STATE:
    case IC_CONTROL_STATS:
    case IC_CONTROL_TRANSPORT_STATS:
    case IC_CONTROL_SOURCE_REFUSED:
        return false; /* ours to send */
    }
    return false;
}

enum ic_err ic_channel_check(const struct ic_control *message, size_t len)
{
    return len == sizeof *message && check(message) ? IC_OK : IC_ERR_MALFORMED;
}

/* -1: none came. */
static int file_of(struct msghdr *m)
{
    const struct cmsghdr *head = CMSG_FIRSTHDR(m);
    int file = -1;

    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
        head->cmsg_len == CMSG_LEN(sizeof file))
        memcpy(&file, CMSG_DATA(head), sizeof file);
    return file;
}

static ssize_t receive(int fd, struct ic_control *message, int *file)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights;
    struct iovec whole = {message, sizeof *message};
    struct msghdr m = {.msg_iov = &whole,
                       .msg_iovlen = 1,
                       .msg_control = rights.bytes,
                       /* of one: with the padding there would be room for two */
                       .msg_controllen = CMSG_LEN(sizeof *file)};
    /* MSG_TRUNC: the length of what was sent, also when it is more than fits. */
    ssize_t len = recvmsg(fd, &m, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);

    *file = len > 0 ? file_of(&m) : -1;
    return len;
}

/* A file comes with a link, and with nothing else. */
static enum ic_err check_with(const struct ic_control *message, size_t len, int file)
{
    enum ic_err err = ic_channel_check(message, len);

    if (err == IC_OK && (message->type == IC_CONTROL_LINK) != (file >= 0))
        err = IC_ERR_MALFORMED;
    if (err != IC_OK && file >= 0)
        close(file);
    return err;
}

enum ic_err ic_channel_receive(int fd, struct ic_control *message, int *file)
{
    ssize_t len = receive(fd, message, file);

    if (len > 0)
        return check_with(message, (size_t)len, *file);
    if (len < 0 && (errno == EAGAIN || errno == EINTR))
        return IC_ERR_NOT_FOUND;
    return IC_ERR_SYSTEM;
}

enum ic_err ic_channel_send(int fd, const struct ic_control *message)
{
    ssize_t len = send(fd, message, sizeof *message, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (len == (ssize_t)sizeof *message)
        return IC_OK;
    return len < 0 && (errno == EAGAIN || errno == EINTR) ? IC_ERR_FULL : IC_ERR_SYSTEM;
}
