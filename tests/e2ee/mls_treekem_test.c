/* Update paths against the published vectors: the tree after them, the secrets they hand out. */
#include "e2ee/mls/treekem.h"

#include "e2ee/mls/codec.h"
#include "e2ee/mls/group_context.h"
#include "tests/e2ee/mls_path_keys.h"
#include "tests/e2ee/mls_vectors.h"

static struct ic_bytes context_of(const json_t *row, struct ic_bytes tree_hash)
{
    const struct ic_mls_group_context context = {
        .suite = (uint16_t)mls_number(row, "cipher_suite"),
        .group_id = mls_hex(row, "group_id"),
        .epoch = mls_number(row, "epoch"),
        .tree_hash = tree_hash,
        .confirmed_transcript_hash = mls_hex(row, "confirmed_transcript_hash"),
    };
    struct ic_writer w = ic_writer_of(mls_room(512), 512);
    ic_mls_write_group_context(&w, &context);
    assert_false(w.bad);
    return ic_written(&w);
}

struct step {
    const json_t *row, *update;
    const struct ic_mls_tree *before;
    struct ic_mls_tree *after;
    struct ic_leaf sender;
    struct ic_mls_update_path path;
    struct ic_bytes context;
};

static void step_of(struct step *s, const json_t *row, const json_t *update,
                    const struct ic_mls_tree *before)
{
    *s = (struct step){.row = row, .update = update, .before = before};
    struct ic_reader r = ic_reader_of(mls_hex(update, "update_path"));
    ic_mls_read_update_path(&r, &s->path);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    s->sender.n = (uint32_t)mls_number(update, "sender");
    assert_int_equal(ic_mls_tree_apply(&s->after, before, s->sender, &s->path), IC_OK);
    struct ic_bytes hash = ic_mls_tree_hash(s->after, ic_tree_root(s->after->leaves));
    mls_check(update, "tree_hash_after", hash.at, hash.len);
    s->context = context_of(row, hash);
}

static void check_member(const struct step *s, const json_t *member)
{
    uint8_t path_secret[IC_HASH_MAX], commit_secret[IC_HASH_MAX];
    size_t len = ic_mls_secret_len(s->before->suite);
    struct ic_mls_private_tree keys;
    struct ic_bytes none = {0};

    mls_keys_of(&keys, member, s->before);
    enum ic_err err = ic_mls_path_open(&keys, path_secret, commit_secret, s->before, s->after,
                                       s->sender, &s->path, none, s->context);
    if (keys.leaf.n == s->sender.n) {
        assert_int_equal(err, IC_ERR_NOT_FOUND);
        return;
    }
    assert_int_equal(err, IC_OK);
    struct ic_bytes want =
        mls_text_hex(json_array_get(mls_member(s->update, "path_secrets"), keys.leaf.n));
    assert_true(ic_bytes_equal(want, (struct ic_bytes){path_secret, len}));
    mls_check(s->update, "commit_secret", commit_secret, len);

    struct ic_mls_private_tree untouched;
    mls_keys_of(&keys, member, s->before);
    untouched = keys;
    assert_int_equal(ic_mls_path_open(&keys, path_secret, commit_secret, s->before, s->after,
                                      s->sender, &s->path, none, want),
                     IC_ERR_FORGED);
    assert_memory_equal(&keys, &untouched, sizeof keys);
}

TEST(mls_update_paths_give_the_tree_and_secrets_of_the_published_vectors)
{
    json_t *rows = mls_vectors("treekem.json"), *row, *update, *member;
    size_t i, j, k, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        struct ic_mls_tree *before;
        if (!suite)
            continue;
        assert_int_equal(ic_mls_tree_new(&before, suite, mls_hex(row, "ratchet_tree")), IC_OK);
        json_array_foreach(mls_member(row, "update_paths"), j, update)
        {
            struct step s;
            step_of(&s, row, update, before);
            json_array_foreach(mls_member(row, "leaves_private"), k, member)
                check_member(&s, member);
            ic_mls_tree_free(s.after);
            compared++;
        }
        ic_mls_tree_free(before);
        mls_forget();
    }
    assert_true(compared >= 100);
    json_decref(rows);
}

TEST(mls_update_path_of_another_sender_is_refused)
{
    json_t *rows = mls_vectors("treekem.json");
    const json_t *row = json_array_get(rows, 6);
    struct ic_mls_tree *before, *after = NULL;
    struct step s;

    assert_int_equal(ic_mls_tree_new(&before, ic_suite_find(1), mls_hex(row, "ratchet_tree")),
                     IC_OK);
    step_of(&s, row, json_array_get(mls_member(row, "update_paths"), 0), before);
    for (uint32_t n = 0; n < before->leaves; n++)
        if (n / 2 != s.sender.n / 2)
            assert_int_not_equal(ic_mls_tree_apply(&after, before, (struct ic_leaf){n}, &s.path),
                                 IC_OK);
    assert_int_equal(ic_mls_tree_apply(&after, before, (struct ic_leaf){before->leaves}, &s.path),
                     IC_ERR_MALFORMED);
    s.path.node_count--;
    assert_int_equal(ic_mls_tree_apply(&after, before, s.sender, &s.path), IC_ERR_MALFORMED);
    assert_null(after);
    ic_mls_tree_free(s.after);
    ic_mls_tree_free(before);
    json_decref(rows);
    mls_forget();
}

/* The path with its nodes written anew: each has so many ciphertexts more, or fewer, and the last
 * of them so many bytes more. */
static struct ic_mls_update_path spoilt(const struct ic_mls_update_path *path, int more,
                                        size_t longer)
{
    struct ic_mls_update_path out = *path;
    struct ic_writer w = ic_writer_of(mls_room(65536), 65536);
    struct ic_reader nodes = ic_reader_of(path->nodes);

    while (nodes.rest.len > 0) {
        static const uint8_t ZEROS[8];
        struct ic_mls_path_node node;
        struct ic_mls_ciphertext c = {0};
        ic_mls_read_path_node(&nodes, &node);
        struct ic_reader list = ic_reader_of(node.ciphertexts);
        struct ic_writer each = ic_writer_of(mls_room(65536), 65536);
        for (size_t i = 0; i < node.ciphertext_count + (size_t)more; i++) {
            struct ic_writer body = ic_writer_of(mls_room(512), 512);
            if (i < node.ciphertext_count)
                ic_mls_read_ciphertext(&list, &c);
            ic_write_bytes(&body, c.ciphertext);
            ic_write_bytes(&body, (struct ic_bytes){ZEROS, longer});
            ic_mls_write_ciphertext(&each,
                                    &(struct ic_mls_ciphertext){c.kem_output, ic_written(&body)});
        }
        ic_mls_write_vector(&w, node.encryption_key);
        ic_mls_write_vector(&w, ic_written(&each));
    }
    assert_false(w.bad || nodes.bad);
    out.nodes = ic_written(&w);
    return out;
}

TEST(mls_update_path_with_other_ciphertexts_than_the_tree_asks_for_is_refused)
{
    json_t *rows = mls_vectors("treekem.json");
    const json_t *row = json_array_get(rows, 6), *member;
    uint8_t path_secret[IC_HASH_MAX], commit_secret[IC_HASH_MAX];
    struct ic_mls_tree *before;
    struct ic_bytes none = {0};
    struct step s;
    size_t k;

    assert_int_equal(ic_mls_tree_new(&before, ic_suite_find(1), mls_hex(row, "ratchet_tree")),
                     IC_OK);
    step_of(&s, row, json_array_get(mls_member(row, "update_paths"), 0), before);
    const struct ic_mls_update_path same = spoilt(&s.path, 0, 0), one_more = spoilt(&s.path, 1, 0),
                                    longer = spoilt(&s.path, 0, 4);
    struct ic_mls_update_path shorter = s.path;
    shorter.node_count--;
    const struct {
        const struct ic_mls_update_path *path;
        struct ic_leaf sender;
        enum ic_err want;
    } cases[] = {{&same, s.sender, IC_OK},
                 {&one_more, s.sender, IC_ERR_MALFORMED},
                 {&longer, s.sender, IC_ERR_MALFORMED},
                 {&shorter, s.sender, IC_ERR_MALFORMED},
                 {&same, {before->leaves}, IC_ERR_NOT_FOUND}};
    json_array_foreach(mls_member(row, "leaves_private"), k, member)
    {
        for (size_t i = 0; i < IC_COUNT(cases); i++) {
            struct ic_mls_private_tree keys;
            mls_keys_of(&keys, member, before);
            if (keys.leaf.n == s.sender.n)
                continue;
            assert_int_equal(ic_mls_path_open(&keys, path_secret, commit_secret, before, s.after,
                                              cases[i].sender, cases[i].path, none, s.context),
                             cases[i].want);
        }
    }
    ic_mls_tree_free(s.after);
    ic_mls_tree_free(before);
    json_decref(rows);
    mls_forget();
}

RUN_TESTS(
    cmocka_unit_test(mls_update_paths_give_the_tree_and_secrets_of_the_published_vectors),
    cmocka_unit_test(mls_update_path_of_another_sender_is_refused),
    cmocka_unit_test(mls_update_path_with_other_ciphertexts_than_the_tree_asks_for_is_refused))
