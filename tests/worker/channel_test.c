/* What the worker takes from the control process, and that damage is refused whole. */
#include "worker/channel.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/test.h"

static struct ic_control good_add(void)
{
    struct ic_control m = {.type = IC_CONTROL_TRANSPORT_ADD, .room = 1, .transport = 2};

    snprintf(m.add.ours.ufrag, sizeof m.add.ours.ufrag, "ours");
    snprintf(m.add.ours.pwd, sizeof m.add.ours.pwd, "ours-ours-ours-ours-ours");
    snprintf(m.add.theirs.ufrag, sizeof m.add.theirs.ufrag, "them");
    snprintf(m.add.theirs.pwd, sizeof m.add.theirs.pwd, "them-them-them-them-them");
    m.add.line_count = 3;
    m.add.lines[0] = (struct ic_line){
        .mid = "0", .stream = IC_STREAM_MICROPHONE, .codec = IC_CODEC_OPUS, .pt = 111, .ext = {4}};
    m.add.lines[1] = (struct ic_line){.mid = "1",
                                      .stream = IC_STREAM_CAMERA,
                                      .codec = IC_CODEC_VP8,
                                      .pt = 96,
                                      .rtx_pt = 97,
                                      .layers = 7,
                                      .ext = {4, 10, 11, 3, 0}};
    m.add.lines[2] = (struct ic_line){.mid = "2",
                                      .is_slot = true,
                                      .codec = IC_CODEC_VP8,
                                      .pt = 96,
                                      .rtx_pt = 97,
                                      .ssrc = 5,
                                      .rtx_ssrc = 6};
    return m;
}

static bool accepted(const struct ic_control *m)
{
    return ic_channel_check(m, sizeof *m) == IC_OK;
}

TEST(channel_takes_a_good_transport_and_nothing_shorter_or_longer)
{
    struct ic_control m[2] = {good_add()};

    for (size_t len = 0; len < sizeof m; len++)
        assert_int_equal(ic_channel_check(m, len), len == sizeof *m ? IC_OK : IC_ERR_MALFORMED);
}

static void second_slot(struct ic_control *m, uint32_t ssrc, uint32_t rtx_ssrc)
{
    m->add.lines[3] = m->add.lines[2];
    m->add.lines[3].mid[0] = '3';
    m->add.lines[3].ssrc = ssrc;
    m->add.lines[3].rtx_ssrc = rtx_ssrc;
    m->add.line_count = 4;
}

static void more_codec(struct ic_control *m, uint8_t pt, uint8_t rtx_pt)
{
    m->add.lines[2].more_pt[IC_CODEC_VP9] = pt;
    m->add.lines[2].more_rtx_pt[IC_CODEC_VP9] = rtx_pt;
}

/* Behind the two send lines. */
static void many_slots(struct ic_control *m, uint32_t count)
{
    struct ic_line slot = m->add.lines[2];

    for (uint32_t i = 0; i < count; i++) {
        m->add.lines[2 + i] = slot;
        snprintf(m->add.lines[2 + i].mid, IC_MID_SIZE, "s%u", i);
        m->add.lines[2 + i].ssrc = 100 + 2 * i;
        m->add.lines[2 + i].rtx_ssrc = 101 + 2 * i;
    }
    m->add.line_count = 2 + count;
}

TEST(channel_refuses_each_damaged_transport)
{
    static const uint8_t two = 2;
    size_t count = 0;
    struct ic_control m;

#define DAMAGE(what, change)                                                                       \
    do {                                                                                           \
        m = good_add();                                                                            \
        change;                                                                                    \
        count++;                                                                                   \
        CHECK_ROW(what, !accepted(&m));                                                            \
    } while (0)

    DAMAGE("no room", m.room = 0);
    DAMAGE("no transport", m.transport = 0);
    DAMAGE("an unknown type", m.type = 99);
    DAMAGE("a message of our own", m.type = IC_CONTROL_READY);
    DAMAGE("no lines", m.add.line_count = 0);
    DAMAGE("too many lines", m.add.line_count = IC_LINES_MAX + 1);
    DAMAGE("lines without an end", m.add.line_count = UINT32_MAX);
    DAMAGE("a short ufrag", m.add.ours.ufrag[3] = 0);
    DAMAGE("a ufrag without an end", memset(m.add.theirs.ufrag, 'a', IC_ICE_UFRAG_SIZE));
    DAMAGE("a short password", m.add.theirs.pwd[21] = 0);
    DAMAGE("a password without an end", memset(m.add.ours.pwd, 'a', IC_ICE_PWD_SIZE));
    DAMAGE("no mid", m.add.lines[0].mid[0] = 0);
    DAMAGE("a mid without an end", memset(m.add.lines[0].mid, 'a', IC_MID_SIZE));
    DAMAGE("a mid twice", m.add.lines[2].mid[0] = '1');
    DAMAGE("a flag that is neither", memcpy(&m.add.lines[0].is_slot, &two, 1));
    DAMAGE("a slot that is neither", memcpy(&m.add.lines[2].is_slot, &two, 1));
    DAMAGE("another flag that is neither", memcpy(&m.add.lines[2].large, &two, 1));
    DAMAGE("an unknown stream", m.add.lines[0].stream = IC_STREAMS);
    DAMAGE("a stream twice", m.add.lines[0].stream = IC_STREAM_CAMERA);
    DAMAGE("an unknown codec", m.add.lines[2].codec = IC_CODECS);
    DAMAGE("a payload type of 8 bits", m.add.lines[0].pt = 128);
    DAMAGE("a payload type that looks like RTCP", m.add.lines[0].pt = 72);
    DAMAGE("a retransmission type that looks like RTCP", m.add.lines[1].rtx_pt = 95);
    DAMAGE("one payload type for both", m.add.lines[1].rtx_pt = 96);
    DAMAGE("two codecs of one type", m.add.lines[2].more_pt[IC_CODEC_VP9] = 96);
    DAMAGE("another codec's type that looks like RTCP", m.add.lines[2].more_pt[IC_CODEC_VP9] = 72);
    DAMAGE("a codec twice", m.add.lines[2].more_pt[IC_CODEC_VP8] = 98);
    DAMAGE("retransmission alone", m.add.lines[2].more_rtx_pt[IC_CODEC_AV1] = 98);
    DAMAGE("another's retransmission that looks like RTCP", more_codec(&m, 98, 72));
    DAMAGE("another's retransmission of a type in use", more_codec(&m, 98, 97));
    DAMAGE("a line of pictures that may be voice", m.add.lines[2].more_pt[IC_CODEC_OPUS] = 98);
    DAMAGE("pictures on a line of voice", m.add.lines[0].more_pt[IC_CODEC_AV1] = 98);
    DAMAGE("a fourth layer", m.add.lines[1].layers = 8);
    DAMAGE("an extension id of 15", m.add.lines[1].ext[IC_EXT_TWCC] = 15);
    DAMAGE("a slot without SSRC", m.add.lines[2].ssrc = 0);
    DAMAGE("a slot without RTX SSRC", m.add.lines[2].rtx_ssrc = 0);
    DAMAGE("one SSRC for both", m.add.lines[2].rtx_ssrc = 5);
    DAMAGE("an SSRC twice", second_slot(&m, 5, 8));
    DAMAGE("an RTX SSRC that is another's SSRC", second_slot(&m, 7, 5));
    DAMAGE("an SSRC that is another's RTX SSRC", second_slot(&m, 6, 8));
    DAMAGE("an RTX SSRC twice", second_slot(&m, 7, 6));
    DAMAGE("a slot too many", many_slots(&m, 33));
#undef DAMAGE
    assert_int_equal(count, 42);
}

TEST(channel_takes_all_that_a_transport_may_have)
{
    struct ic_control m = good_add();

    second_slot(&m, 7, 8);
    assert_true(accepted(&m));
    for (uint32_t ssrc = 5; ssrc <= 6; ssrc++) { /* without resends their SSRC means nothing */
        second_slot(&m, 7, ssrc);
        m.add.lines[3].rtx_pt = 0;
        assert_true(accepted(&m));
    }
    m = good_add();
    more_codec(&m, 98, 99);
    assert_true(accepted(&m));
    more_codec(&m, 98, 0); /* without retransmission */
    m.add.lines[2].more_pt[IC_CODEC_AV1] = 99;
    assert_true(accepted(&m));
    many_slots(&m, 32);
    assert_true(accepted(&m));
    m = good_add();
    m.add.lines[2] = m.add.lines[0]; /* a slot first: its stream means nothing */
    m.add.lines[0] = good_add().add.lines[2];
    assert_true(accepted(&m));
}

TEST(channel_refuses_each_damaged_restart)
{
    struct ic_control add = good_add(),
                      good = {.type = IC_CONTROL_TRANSPORT_RESTART,
                              .transport = 2,
                              .restart = {add.add.ours, add.add.theirs}},
                      m;

    assert_true(accepted(&good));
    m = good;
    m.transport = 0;
    assert_false(accepted(&m));
    m = good;
    m.restart.ours.pwd[21] = 0;
    assert_false(accepted(&m));
    m = good;
    memset(m.restart.theirs.ufrag, 'a', IC_ICE_UFRAG_SIZE);
    assert_false(accepted(&m));
}

TEST(channel_refuses_a_slot_that_no_transport_can_have)
{
    static const struct {
        const char *what;
        uint32_t transport, line;
        uint8_t stream, layer;
        bool good;
    } rows[] = {
        {"a slot pointed at nobody", 1, 0, 0, 0, true},
        {"the last of everything", 1, IC_LINES_MAX - 1, IC_STREAMS - 1, IC_LAYERS - 1, true},
        {"no transport", 0, 0, 0, 0, false},
        {"a line too many", 1, IC_LINES_MAX, 0, 0, false},
        {"an unknown stream", 1, 0, IC_STREAMS, 0, false},
        {"an unknown layer", 1, 0, 0, IC_LAYERS, false},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_control m = {.type = IC_CONTROL_SLOT_POINT, .transport = rows[i].transport};
        m.point.line = rows[i].line;
        m.point.stream = rows[i].stream;
        m.point.layer = rows[i].layer;
        CHECK_ROW(rows[i].what, accepted(&m) == rows[i].good);
    }
}

TEST(channel_refuses_each_damaged_word_about_other_workers)
{
    struct ic_control link = {.type = IC_CONTROL_LINK, .link.worker = IC_WORKERS_MAX - 1}, m;
    struct ic_control share = {
        .type = IC_CONTROL_STREAM_SHARE,
        .transport = 1,
        .share = {.worker = IC_WORKERS_MAX - 1, .stream = IC_STREAMS - 1, .layers = 7}};
    struct ic_control source = {.type = IC_CONTROL_SOURCE_ADD, .room = 1, .transport = 1};
    struct ic_control add = good_add();

    source.source.line_count = 2;
    memcpy(source.source.lines, add.add.lines, 2 * sizeof add.add.lines[0]);
    assert_true(accepted(&link) && accepted(&share) && accepted(&source));

#define DAMAGE(what, good, change)                                                                 \
    do {                                                                                           \
        m = good;                                                                                  \
        change;                                                                                    \
        CHECK_ROW(what, !accepted(&m));                                                            \
    } while (0)

    DAMAGE("a link to no worker", link, m.link.worker = IC_WORKERS_MAX);
    DAMAGE("a share of nobody", share, m.transport = 0);
    DAMAGE("a share for no worker", share, m.share.worker = IC_WORKERS_MAX);
    DAMAGE("a share of no stream", share, m.share.stream = IC_STREAMS);
    DAMAGE("a share of a fourth layer", share, m.share.layers = 8);
    DAMAGE("a source in no room", source, m.room = 0);
    DAMAGE("a source that is nobody", source, m.transport = 0);
    DAMAGE("a source of no worker", source, m.source.home = IC_WORKERS_MAX);
    DAMAGE("a source without lines", source, m.source.line_count = 0);
    DAMAGE("a source of too many lines", source, m.source.line_count = IC_STREAMS + 1);
    DAMAGE("a source with a slot", source, m.source.lines[1] = add.add.lines[2]);
    DAMAGE("a source with a stream twice", source, m.source.lines[1].stream = IC_STREAM_MICROPHONE);
    DAMAGE("nobody's source removed", source, (m.type = IC_CONTROL_SOURCE_REMOVE, m.transport = 0));
    DAMAGE("a refusal, which is ours", source, m.type = IC_CONTROL_SOURCE_REFUSED);
#undef DAMAGE
}

static void send_with_files(int to, const struct ic_control *message, const int *files,
                            size_t count)
{
    union {
        char bytes[CMSG_SPACE(2 * sizeof(int))];
        struct cmsghdr aligned;
    } rights = {0};
    struct iovec whole = {(void *)message, sizeof *message};
    struct msghdr m = {.msg_iov = &whole,
                       .msg_iovlen = 1,
                       .msg_control = rights.bytes,
                       .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *head = CMSG_FIRSTHDR(&m);

    *head = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                             .cmsg_type = SCM_RIGHTS,
                             .cmsg_len = CMSG_LEN(count * sizeof(int))};
    memcpy(CMSG_DATA(head), files, count * sizeof(int));
    assert_int_equal(sendmsg(to, &m, 0), (ssize_t)sizeof *message);
}

TEST(channel_takes_a_file_with_a_link_and_keeps_no_other)
{
    int fds[2], ends[2], file;
    struct ic_control link = {.type = IC_CONTROL_LINK}, stop = {.type = IC_CONTROL_STOP}, got;
    char byte;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    const int two[] = {ends[1], ends[1]};
    send_with_files(fds[0], &link, two, 1);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_OK);
    assert_true(file >= 0 && fcntl(file, F_GETFD) == FD_CLOEXEC);
    close(file);
    assert_int_equal(ic_channel_send(fds[0], &link), IC_OK);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_ERR_MALFORMED);
    send_with_files(fds[0], &stop, two, 1);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_ERR_MALFORMED);
    send_with_files(fds[0], &stop, two, 2);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_ERR_MALFORMED);
    close(ends[1]);
    assert_int_equal(recv(ends[0], &byte, 1, MSG_DONTWAIT), 0); /* no other end is left */
    close(ends[0]);
    close(fds[0]);
    close(fds[1]);
}

TEST(channel_refuses_relays_that_are_too_many_or_of_no_family)
{
    struct ic_control m = {.type = IC_CONTROL_RELAYS};

    assert_true(accepted(&m));
    m.relays.count = IC_RELAY_ADDRESSES_MAX;
    assert_false(accepted(&m));
    for (uint32_t i = 0; i < IC_RELAY_ADDRESSES_MAX; i++)
        m.relays.addresses[i].family = i % 2 ? IC_IPV4 : IC_IPV6;
    assert_true(accepted(&m));
    m.relays.count++;
    assert_false(accepted(&m));
}

TEST(channel_passes_messages_and_notices_the_end)
{
    int fds[2];
    struct ic_control m = {.type = IC_CONTROL_STOP}, got;
    int file;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_channel_send(fds[0], &m), IC_OK);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_OK);
    assert_int_equal(got.type, IC_CONTROL_STOP);
    assert_int_equal(send(fds[0], &m, 8, 0), 8);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_ERR_MALFORMED);
    close(fds[0]);
    assert_int_equal(ic_channel_receive(fds[1], &got, &file), IC_ERR_SYSTEM);
    assert_int_equal(ic_channel_send(fds[1], &m), IC_ERR_SYSTEM);
    close(fds[1]);
}

TEST(channel_says_when_the_other_end_does_not_keep_up)
{
    int fds[2];
    struct ic_control m = {.type = IC_CONTROL_STATS};
    enum ic_err err = IC_OK;

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
    for (int i = 0; i < 100000 && err == IC_OK; i++)
        err = ic_channel_send(fds[0], &m);
    assert_int_equal(err, IC_ERR_FULL);
    close(fds[0]);
    close(fds[1]);
}

RUN_TESTS(cmocka_unit_test(channel_refuses_each_damaged_word_about_other_workers),
          cmocka_unit_test(channel_takes_a_file_with_a_link_and_keeps_no_other),
          cmocka_unit_test(channel_takes_a_good_transport_and_nothing_shorter_or_longer),
          cmocka_unit_test(channel_refuses_each_damaged_transport),
          cmocka_unit_test(channel_takes_all_that_a_transport_may_have),
          cmocka_unit_test(channel_refuses_each_damaged_restart),
          cmocka_unit_test(channel_refuses_a_slot_that_no_transport_can_have),
          cmocka_unit_test(channel_refuses_relays_that_are_too_many_or_of_no_family),
          cmocka_unit_test(channel_passes_messages_and_notices_the_end),
          cmocka_unit_test(channel_says_when_the_other_end_does_not_keep_up))
