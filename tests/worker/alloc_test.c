/* After a join, the worker takes no memory for a packet: an interposed allocator counts in the
 * worker's process while media, losses, requests and reports go through it. */
#include <stdlib.h>
#include <sys/mman.h>

#include "media/twcc.h"
#include "tests/test.h"
#include "tests/worker/rig.h"
#include "worker/loop.h"

enum { ROOM = 1, RECEIVERS = 3, SSRC = 1111, SLOT_SSRC = 50000, ROUNDS = 120 };

/* Shared by the test and the worker it forks. */
static unsigned long *allocations;

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_SANITIZER
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define HAS_SANITIZER
#endif

#ifdef HAS_SANITIZER
#include <sanitizer/allocator_interface.h>

static void note_malloc(const volatile void *at, size_t len)
{
    (void)at;
    (void)len;
    ++*allocations;
}

static void note_free(const volatile void *at)
{
    (void)at;
}

static void count_allocations(void)
{
    __sanitizer_install_malloc_and_free_hooks(note_malloc, note_free);
}
#else
/* What libcrypto and every other library calls ends here too. */
void *__libc_malloc(size_t len);
void *__libc_calloc(size_t count, size_t len);
void *__libc_realloc(void *at, size_t len);

static bool counting;

static void note(void)
{
    if (counting)
        ++*allocations;
}

void *malloc(size_t len)
{
    note();
    return __libc_malloc(len);
}

void *calloc(size_t count, size_t len)
{
    note();
    return __libc_calloc(count, len);
}

void *realloc(void *at, size_t len)
{
    note();
    return __libc_realloc(at, len);
}

static void count_allocations(void)
{
    counting = true;
}
#endif

static int run_counted_worker(int fd)
{
    struct ic_net_config config = {.address_count = 1};
    struct ic_worker *w;

    count_allocations();
    if (ic_address_parse(&config.addresses[0], "127.0.0.1", 0) != IC_OK ||
        ic_worker_new(&w, &config, fd) != IC_OK)
        return 1;
    ic_worker_run(w);
    ic_worker_free(w);
    return 0;
}

static struct rig rig;
static uint16_t seen; /* a packet that a receiver got, and asks for again */
static uint8_t payload[1000] = {0x90, 0x80, 0x80};

/* Transport-wide feedback of one receiver, so that its path is estimated, and now and then a REMB.
 */
static void give_feedback(struct peer *to, uint32_t round)
{
    static struct ic_twcc_receiver receiver;
    static const uint8_t ids[IC_EXTENSIONS] = {[IC_EXT_TWCC] = TWCC_ID};
    uint8_t bytes[1000];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    struct ic_rtp got[64];

    for (uint32_t ssrc = SLOT_SSRC; ssrc <= SLOT_SSRC + 11; ssrc++)
        for (size_t i = 0, count = rig_find(to, ssrc, got, IC_COUNT(got)); i < count; i++) {
            struct ic_bytes values[IC_EXTENSIONS];
            ic_rtp_extensions(&got[i], ids, values);
            if (values[IC_EXT_TWCC].len == 2)
                ic_twcc_note(&receiver,
                             (uint16_t)(values[IC_EXT_TWCC].at[0] << 8 | values[IC_EXT_TWCC].at[1]),
                             rig_now());
        }
    if (round % 4 != 0)
        return;
    ic_twcc_write(&receiver, &w, 1, SLOT_SSRC, rig_now());
    if (w.len > 0) /* a machine that stood still brought nothing new */
        rig_send_rtcp(&rig, to, ic_written(&w));
}

static void send_round(struct peer *from, struct peer *const *to, uint32_t round)
{
    uint8_t bytes[128];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);

    rig_send(&rig, from,
             &(struct rig_packet){.mid = "0",
                                  .pt = VOICE_PT,
                                  .ssrc = SSRC,
                                  .seq = 10 + round,
                                  .timestamp = 960 * round,
                                  .payload = {payload, 90}});
    payload[3] = (uint8_t)round;
    payload[4] = round % 20 == 0 ? 0x10 : 0x11;
    if (round % 7 != 5) /* some get lost on the way to the worker */
        rig_send(&rig, from,
                 &(struct rig_packet){.mid = "1",
                                      .pt = VIDEO_PT,
                                      .marker = true,
                                      .ssrc = SSRC + 1,
                                      .seq = 10 + round,
                                      .timestamp = 3000 * round,
                                      .payload = {payload, sizeof payload}});
    ic_rtcp_write_rr(&w, 1, NULL, 0);
    ic_rtcp_write_nack(&w, 1, SLOT_SSRC + 10, &seen, 1);
    ic_rtcp_write_pli(&w, 1, SLOT_SSRC + 10);
    rig_send_rtcp(&rig, to[round % RECEIVERS], ic_written(&w));
    rig_send_raw(&rig, from->fd, ic_written(&w)); /* and one that is not sealed at all */
    rig_pump(&rig, 20);
    for (size_t i = 0; i < RECEIVERS; i++) {
        struct ic_rtp got;
        if (rig_find(to[i], SLOT_SSRC + 10, &got, 1) == 1)
            seen = got.seq;
        if (i == 0)
            give_feedback(to[i], round);
        to[i]->got_count = 0;
    }
    from->got_count = 0;
}

TEST(worker_allocates_nothing_for_packets_after_the_join)
{
    struct ic_line send[] = {rig_voice_line("0"), rig_video_line("1")};
    struct ic_line slots[] = {rig_slot("a", IC_CODEC_OPUS, SLOT_SSRC),
                              rig_slot("b", IC_CODEC_VP8, SLOT_SSRC + 10)};
    struct peer *from, *to[RECEIVERS];

    slots[0].ext[IC_EXT_TWCC] = slots[1].ext[IC_EXT_TWCC] = TWCC_ID;
    allocations =
        mmap(NULL, sizeof *allocations, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    rig_start(&rig, run_counted_worker);
    from = rig_add(&rig, ROOM, send, IC_COUNT(send));
    rig_connect(&rig, from);
    for (size_t i = 0; i < RECEIVERS; i++) {
        to[i] = rig_add(&rig, ROOM, slots, IC_COUNT(slots));
        rig_connect(&rig, to[i]);
        rig_point(&rig, to[i], 0, from, IC_STREAM_MICROPHONE, 0);
        rig_point(&rig, to[i], 1, from, IC_STREAM_CAMERA, 2);
    }
    rig_pump(&rig, 100);
    unsigned long joined = *allocations;
    assert_true(joined > 0);
    for (uint32_t round = 0; round < ROUNDS; round++)
        send_round(from, to, round);
    rig_ask(&rig, to[0]);
    rig_pump(&rig, 1200); /* the totals are told once a second */
    assert_int_equal(*allocations, joined);
    assert_true(rig.transport_stats.acked > ROUNDS && rig.transport_stats.estimate_bps > 0);
    assert_true(rig.stats.packets_in >= ROUNDS * 3);
    assert_true(rig.stats.packets_out >= ROUNDS * RECEIVERS);
    assert_true(rig.stats.rtx_out > 0 && rig.stats.nacks_out > 0 && rig.stats.plis_in > 0);

    rig_connect(&rig, rig_add(&rig, ROOM, slots, 1));
    assert_true(*allocations > joined); /* the counter counts */
    assert_int_equal(rig_stop(&rig), 0);
}

RUN_TESTS(cmocka_unit_test(worker_allocates_nothing_for_packets_after_the_join))
