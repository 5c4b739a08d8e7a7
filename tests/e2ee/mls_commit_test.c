/* Commits as they are read: nothing in them may be more than what they are kept in. */
#include "e2ee/mls/codec.h"
#include "e2ee/mls/commit.h"
#include "e2ee/mls/tree_math.h"
#include "tests/e2ee/mls_party.h"

enum { ROOM = 65536 };
static uint8_t list_room[ROOM], room[ROOM];

/* The smallest of each; what it holds is for others to judge. */
static void write_ciphertext(struct ic_writer *w)
{
    ic_mls_write_ciphertext(w, &(struct ic_mls_ciphertext){0});
}
static void write_node(struct ic_writer *w)
{
    ic_mls_write_vector(w, (struct ic_bytes){0});
    ic_mls_write_vector(w, (struct ic_bytes){0});
}
static void write_reference(struct ic_writer *w)
{
    ic_write_uint(w, 2, 1);
    ic_mls_write_vector(w, (struct ic_bytes){0});
}

/* A vector of so many. */
static void write_list(struct ic_writer *w, void (*write)(struct ic_writer *), size_t count)
{
    struct ic_writer list = ic_writer_of(list_room, sizeof list_room);
    for (size_t i = 0; i < count; i++)
        write(&list);
    assert_false(list.bad);
    ic_mls_write_vector(w, ic_written(&list));
}

static bool reads_node(size_t ciphertexts)
{
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_mls_path_node node;

    ic_mls_write_vector(&w, (struct ic_bytes){0});
    write_list(&w, write_ciphertext, ciphertexts);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_path_node(&r, &node);
    assert_true(r.bad || node.ciphertext_count == ciphertexts);
    return ic_mls_finish(&r) == IC_OK;
}

static bool reads_path(struct ic_bytes leaf, size_t nodes)
{
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_mls_update_path path;

    ic_write_bytes(&w, leaf);
    write_list(&w, write_node, nodes);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_update_path(&r, &path);
    assert_true(r.bad || path.node_count == nodes);
    return ic_mls_finish(&r) == IC_OK;
}

static bool reads_commit(size_t proposals)
{
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_mls_commit commit;

    write_list(&w, write_reference, proposals);
    ic_mls_write_present(&w, false);
    struct ic_reader r = ic_reader_of(ic_written(&w));
    ic_mls_read_commit(&r, &commit);
    assert_true(r.bad || commit.proposal_count == proposals);
    return ic_mls_finish(&r) == IC_OK;
}

TEST(mls_commit_has_no_more_parts_than_there_is_place_for)
{
    struct party one;

    party_init(&one, ic_suite_find(1), 0);
    party_create(&one, "group");
    struct ic_bytes leaf =
        ic_mls_tree_leaf(ic_mls_group_tree(one.group), (struct ic_leaf){0})->encoded;
    assert_true(reads_node(0) && reads_node(IC_TREE_LEAVES_MAX));
    assert_false(reads_node(IC_TREE_LEAVES_MAX + 1));
    assert_true(reads_path(leaf, 0) && reads_path(leaf, IC_TREE_DEPTH_MAX));
    assert_false(reads_path(leaf, IC_TREE_DEPTH_MAX + 1));
    assert_true(reads_commit(0) && reads_commit(IC_MLS_PROPOSALS_MAX));
    assert_false(reads_commit(IC_MLS_PROPOSALS_MAX + 1));
    party_end(&one, 1);
}

RUN_TESTS(cmocka_unit_test(mls_commit_has_no_more_parts_than_there_is_place_for))
