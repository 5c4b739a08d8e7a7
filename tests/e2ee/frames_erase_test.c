/* What the keys of frames leave behind when their epoch is over, who sealed with them has left, or
 * the meeting has ended: nothing, neither in what is kept nor in memory that is given back. Linked
 * with --wrap, so that every block is known while it is kept and searched when it is freed. */
#include <malloc.h>

#include "crypto/aead.h"
#include "e2ee/core.h"
#include "tests/e2ee/pair.h"

void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__real_aligned_alloc(size_t alignment, size_t len);
void *__wrap_aligned_alloc(size_t alignment, size_t len);
void __real_free(void *at);
void __wrap_free(void *at);

enum { BLOCKS_MAX = 512, NEEDLES_MAX = 64, NEEDLE_LEN = 12 }; /* the shortest, a salt, is whole */

static void *blocks[BLOCKS_MAX];
static uint8_t needles[NEEDLES_MAX][NEEDLE_LEN];
static size_t needle_count, given_back;

static size_t seen_in(const void *at)
{
    size_t seen = 0;
    for (size_t i = 0; i < needle_count; i++)
        seen += memmem(at, malloc_usable_size((void *)at), needles[i], NEEDLE_LEN) != NULL;
    return seen;
}

static size_t kept(void)
{
    size_t seen = 0;
    for (size_t i = 0; i < BLOCKS_MAX; i++)
        seen += blocks[i] ? seen_in(blocks[i]) : 0;
    return seen;
}

static void *remember(void *at)
{
    size_t i = 0;
    while (i < BLOCKS_MAX && blocks[i])
        i++;
    assert_true(i < BLOCKS_MAX);
    blocks[i] = at;
    return at;
}

void *__wrap_malloc(size_t len)
{
    return remember(__real_malloc(len));
}

void *__wrap_calloc(size_t count, size_t len)
{
    return remember(__real_calloc(count, len));
}

void *__wrap_aligned_alloc(size_t alignment, size_t len)
{
    return remember(__real_aligned_alloc(alignment, len));
}

void __wrap_free(void *at)
{
    for (size_t i = 0; at && i < BLOCKS_MAX; i++)
        if (blocks[i] == at) {
            given_back += seen_in(at);
            blocks[i] = NULL;
        }
    __real_free(at);
}

static void watch(const uint8_t *secret)
{
    assert_true(needle_count < NEEDLES_MAX);
    memcpy(needles[needle_count++], secret, NEEDLE_LEN);
}

/* The keys of who seals, of all streams. */
static void watch_sealer(uint64_t epoch)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    pair_base_key(base_key, PAIR_GROUP, epoch);
    for (enum ic_stream stream = 0; stream < IC_STREAMS; stream++) {
        struct ic_key_id id = {stream, PAIR_INDEX, (uint8_t)epoch};
        struct ic_sframe_secrets secrets;
        ic_sframe_derive(&secrets, IC_SFRAME_AES_128_GCM_SHA256_128, base_key,
                         ic_key_id_number(id));
        watch(secrets.key);
        watch(secrets.salt);
    }
}

static void watch_epoch(uint64_t epoch)
{
    uint8_t base_key[IC_BASE_KEY_LEN];
    pair_base_key(base_key, PAIR_GROUP, epoch);
    watch(base_key);
    watch_sealer(epoch);
}

static struct pair watched_pair(void)
{
    needle_count = given_back = 0;
    struct pair p = pair_new(IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    watch_epoch(p.epoch);
    return p;
}

static void talk(struct pair *p)
{
    struct ic_opened_frame opened;
    pair_seal(p, "voice", 5);
    assert_int_equal(pair_open(p, &opened), IC_OK);
}

static void expire(struct pair *p, int64_t now)
{
    ic_e2ee_expire(p->alice, now);
    ic_e2ee_expire(p->bob, now);
}

TEST(search_finds_the_keys_of_an_epoch_while_it_lives)
{
    struct pair p = watched_pair();
    talk(&p);
    /* Twice the base key; at least the salts of all streams and of the one that was opened. */
    assert_true(kept() >= 2 + IC_STREAMS + 1);
    size_t before = kept();
    uint8_t *block = malloc(100);
    assert_non_null(block);
    memcpy(block + 50, needles[0], NEEDLE_LEN);
    assert_int_equal(kept(), before + 1);
    free(block);
    assert_int_equal(given_back, 1);
    pair_free(&p);
}

TEST(epoch_that_is_over_leaves_no_key)
{
    struct pair p = watched_pair();
    talk(&p);
    pair_move_on(&p, PAIR_GROUP, 100, 50);
    expire(&p, 149);
    assert_true(kept() > 0);
    expire(&p, 150);
    assert_int_equal(kept(), 0);
    assert_int_equal(given_back, 0);
    pair_free(&p);
}

TEST(epoch_that_a_later_one_pushes_out_leaves_no_key)
{
    struct pair p = watched_pair();
    talk(&p);
    for (int i = 0; i < IC_EPOCHS_ALIVE - 1; i++)
        pair_move_on(&p, PAIR_GROUP, 100, 50);
    assert_true(kept() > 0);
    pair_move_on(&p, PAIR_GROUP, 100, 50);
    assert_int_equal(kept(), 0);
    assert_int_equal(given_back, 0);
    pair_free(&p);
}

TEST(keys_that_seal_are_gone_when_sealing_moves)
{
    const uint8_t next[IC_BASE_KEY_LEN] = {9};
    struct pair p = watched_pair();
    talk(&p);
    assert_int_equal(ic_e2ee_epoch_install(p.alice, 2, next, 100, 50), IC_OK);
    assert_int_equal(ic_e2ee_epoch_install(p.bob, 2, next, 100, 50), IC_OK);
    expire(&p, 150);
    assert_true(kept() > 0); /* she seals with them still */
    assert_int_equal(ic_e2ee_epoch_send(p.alice, 2, PAIR_INDEX), IC_OK);
    assert_int_equal(kept(), 0);
    assert_int_equal(given_back, 0);
    pair_free(&p);
}

TEST(who_left_leaves_no_key_in_any_epoch)
{
    struct pair p = pair_new(IC_STREAM_MICROPHONE, IC_CODEC_OPUS);
    talk(&p);
    pair_move_on(&p, PAIR_GROUP, 0, IC_NS_PER_SEC);
    talk(&p);
    ic_e2ee_group_over(p.alice); /* whose own they are */
    needle_count = given_back = 0;
    watch_sealer(1);
    watch_sealer(2);
    assert_true(kept() >= 2);
    ic_e2ee_leaf_left(p.bob, PAIR_INDEX);
    assert_int_equal(kept(), 0);
    assert_int_equal(given_back, 0);
    pair_free(&p);
}

TEST(group_that_is_over_leaves_no_key)
{
    struct pair p = watched_pair();
    talk(&p);
    pair_move_on(&p, PAIR_GROUP, 0, IC_NS_PER_SEC);
    watch_epoch(p.epoch);
    talk(&p);
    ic_e2ee_group_over(p.alice);
    ic_e2ee_group_over(p.bob);
    assert_int_equal(kept(), 0);
    assert_int_equal(given_back, 0);
    pair_free(&p);
}

TEST(core_that_is_freed_leaves_no_key)
{
    struct pair p = watched_pair();
    talk(&p);
    pair_move_on(&p, PAIR_GROUP, 0, IC_NS_PER_SEC);
    watch_epoch(p.epoch);
    talk(&p);
    pair_free(&p);
    assert_int_equal(kept(), 0);
    assert_int_equal(given_back, 0);
}

RUN_TESTS(cmocka_unit_test(search_finds_the_keys_of_an_epoch_while_it_lives),
          cmocka_unit_test(epoch_that_is_over_leaves_no_key),
          cmocka_unit_test(epoch_that_a_later_one_pushes_out_leaves_no_key),
          cmocka_unit_test(keys_that_seal_are_gone_when_sealing_moves),
          cmocka_unit_test(who_left_leaves_no_key_in_any_epoch),
          cmocka_unit_test(group_that_is_over_leaves_no_key),
          cmocka_unit_test(core_that_is_freed_leaves_no_key))
