/* Public and private messages against the published vectors, both ways, and damage. */
#include "e2ee/mls/private_message.h"
#include "e2ee/mls/public_message.h"

#include "e2ee/mls/codec.h"
#include "e2ee/mls/group_context.h"
#include "e2ee/mls/transcript.h"
#include "tests/e2ee/mls_vectors.h"

/* A group of two in which leaf 1 speaks, as the vectors have it. */
struct scene {
    const struct ic_suite *suite;
    struct ic_mls_epoch epoch;
    struct ic_mls_secret_tree *tree;
    struct ic_bytes context, public_key, private_key, group_id;
    uint64_t number;
};
enum { SPEAKER = 1, WIDTH = 2 };

static void copy(uint8_t *out, struct ic_bytes secret)
{
    assert_true(secret.len <= IC_HASH_MAX);
    memcpy(out, secret.at, secret.len);
}

static struct ic_mls_secret_tree *new_tree(const json_t *row, const struct ic_suite *suite)
{
    struct ic_mls_secret_tree *tree;
    assert_int_equal(ic_mls_secret_tree_new(&tree, suite, mls_hex(row, "encryption_secret"), WIDTH),
                     IC_OK);
    return tree;
}

static bool scene_of(struct scene *s, const json_t *row)
{
    *s = (struct scene){.suite = mls_suite(row)};
    if (!s->suite)
        return false;
    s->epoch.suite = s->suite;
    copy(s->epoch.sender_data, mls_hex(row, "sender_data_secret"));
    copy(s->epoch.membership_key, mls_hex(row, "membership_key"));
    s->tree = new_tree(row, s->suite);
    s->public_key = mls_hex(row, "signature_pub");
    s->private_key =
        mls_private(row, "signature_priv", ic_signature_lengths(s->suite->signature).private_len);
    s->group_id = mls_hex(row, "group_id");
    s->number = mls_number(row, "epoch");
    const struct ic_mls_group_context context = {
        .suite = s->suite->id,
        .group_id = s->group_id,
        .epoch = s->number,
        .tree_hash = mls_hex(row, "tree_hash"),
        .confirmed_transcript_hash = mls_hex(row, "confirmed_transcript_hash"),
    };
    struct ic_writer w = ic_writer_of(mls_room(512), 512);
    ic_mls_write_group_context(&w, &context);
    assert_false(w.bad);
    s->context = ic_written(&w);
    return true;
}

static enum ic_err open_public(struct ic_mls_authenticated *out, const struct scene *s,
                               struct ic_bytes message)
{
    struct ic_mls_public_message public;
    struct ic_reader r = ic_reader_of(message);

    ic_mls_read_public(&r, &public);
    enum ic_err err = ic_mls_finish(&r);
    if (err == IC_OK)
        err = ic_mls_public_check(&public, &s->epoch, s->context);
    if (err == IC_OK)
        err = ic_mls_content_verify(&public.authenticated, s->suite, s->public_key, s->context);
    if (err == IC_OK)
        *out = public.authenticated;
    return err;
}

static enum ic_err open_private(struct ic_mls_opened *out, const struct scene *s,
                                struct ic_bytes message)
{
    struct ic_mls_private_message private;
    struct ic_reader r = ic_reader_of(message);

    ic_mls_read_private(&r, &private);
    enum ic_err err = ic_mls_finish(&r);
    if (err == IC_OK)
        err = ic_mls_private_open(out, mls_room(message.len), message.len, &private, &s->epoch,
                                  s->tree);
    if (err == IC_OK)
        err = ic_mls_content_verify(&out->authenticated, s->suite, s->public_key, s->context);
    return err;
}

static const struct {
    const char *body, *public_key, *private_key;
    enum ic_mls_content_type type;
} KINDS[] = {
    {"proposal", "proposal_pub", "proposal_priv", IC_MLS_CONTENT_PROPOSAL},
    {"commit", "commit_pub", "commit_priv", IC_MLS_CONTENT_COMMIT},
    {"application", NULL, "application_priv", IC_MLS_CONTENT_APPLICATION},
};

/* Proposals and commits are given as they are, application data without its header. */
static void check_body(const struct ic_mls_content *content, const json_t *row, size_t kind)
{
    struct ic_bytes want = mls_hex(row, KINDS[kind].body);
    bool application = KINDS[kind].type == IC_MLS_CONTENT_APPLICATION;

    assert_int_equal(content->type, KINDS[kind].type);
    assert_int_equal(content->sender.index, SPEAKER);
    assert_true(ic_bytes_equal(application ? content->application : content->body, want));
}

TEST(mls_published_messages_open_and_are_genuine)
{
    json_t *rows = mls_vectors("message-protection.json"), *row;
    size_t i, opened_count = 0;

    json_array_foreach(rows, i, row)
    {
        struct scene s;
        if (!scene_of(&s, row))
            continue;
        for (size_t kind = 0; kind < IC_COUNT(KINDS); kind++) {
            struct ic_mls_authenticated public;
            struct ic_mls_opened private;
            struct ic_bytes message = mls_hex(row, KINDS[kind].private_key);

            /* Each vector is the first message of its ratchet. */
            ic_mls_secret_tree_free(s.tree);
            s.tree = new_tree(row, s.suite);
            assert_int_equal(open_private(&private, &s, message), IC_OK);
            check_body(&private.authenticated.content, row, kind);
            assert_int_equal(ic_mls_secret_tree_spend(s.tree, (struct ic_leaf){SPEAKER},
                                                      private.ratchet, private.generation),
                             IC_OK);
            assert_int_equal(open_private(&private, &s, message), IC_ERR_REPLAYED);
            if (KINDS[kind].public_key) {
                assert_int_equal(open_public(&public, &s, mls_hex(row, KINDS[kind].public_key)),
                                 IC_OK);
                check_body(&public.content, row, kind);
            }
            opened_count++;
        }
        ic_mls_secret_tree_free(s.tree);
    }
    assert_true(opened_count >= 6);
    json_decref(rows);
    mls_forget();
}

/* What leaf 1 signs, ready to be written; a commit with a tag that nobody checks here. */
static void sign(struct ic_mls_authenticated *out, const struct scene *s, const json_t *row,
                 size_t kind, enum ic_mls_wire_format format)
{
    static const uint8_t TAG[IC_HASH_MAX] = {9};
    struct ic_mls_content *content = &out->content;
    struct ic_bytes given = mls_hex(row, KINDS[kind].body);
    struct ic_writer body = ic_writer_of(mls_room(1024), 1024);
    struct ic_writer all = ic_writer_of(mls_room(2048), 2048);
    uint8_t *signature = mls_room(IC_SIGNATURE_MAX);
    size_t len;

    if (KINDS[kind].type == IC_MLS_CONTENT_APPLICATION)
        ic_mls_write_vector(&body, given);
    else
        ic_write_bytes(&body, given);
    *out = (struct ic_mls_authenticated){.wire_format = format};
    content->group_id = s->group_id;
    content->epoch = s->number;
    content->sender = (struct ic_mls_sender){IC_MLS_SENDER_MEMBER, SPEAKER};
    content->authenticated_data = ic_bytes_of_text("seen by the server");
    content->type = KINDS[kind].type;
    content->body = ic_written(&body);
    ic_mls_write_content(&all, content);
    assert_false(body.bad || all.bad);
    content->encoded = ic_written(&all);
    assert_int_equal(
        ic_mls_content_sign(signature, &len, s->suite, s->private_key, format, content, s->context),
        IC_OK);
    out->signature = (struct ic_bytes){signature, len};
    out->confirmation_tag = (struct ic_bytes){TAG, ic_mls_secret_len(s->suite)};
}

static struct ic_bytes make_private(struct scene *s, const json_t *row, size_t kind, size_t padding)
{
    struct ic_mls_authenticated authenticated;
    struct ic_writer w = ic_writer_of(mls_room(4096), 4096);
    struct ic_mls_secret_tree *mine = new_tree(row, s->suite);

    sign(&authenticated, s, row, kind, IC_MLS_PRIVATE_MESSAGE);
    assert_int_equal(ic_mls_write_private(&w, &authenticated, &s->epoch, mine, padding), IC_OK);
    ic_mls_secret_tree_free(mine);
    return ic_written(&w);
}

static struct ic_bytes make_public(const struct scene *s, const json_t *row, size_t kind)
{
    struct ic_mls_authenticated authenticated;
    struct ic_writer w = ic_writer_of(mls_room(4096), 4096);

    sign(&authenticated, s, row, kind, IC_MLS_PUBLIC_MESSAGE);
    ic_mls_write_public(&w, &authenticated, &s->epoch, s->context);
    assert_false(w.bad);
    return ic_written(&w);
}

TEST(mls_own_messages_open_at_the_other_end_with_any_padding)
{
    static const size_t PADDING[] = {0, 1, 63, 256};
    json_t *rows = mls_vectors("message-protection.json"), *row;
    size_t i;

    json_array_foreach(rows, i, row)
    {
        struct scene s;
        if (!scene_of(&s, row))
            continue;
        for (size_t kind = 0; kind < IC_COUNT(KINDS); kind++) {
            for (size_t p = 0; p < IC_COUNT(PADDING); p++) {
                struct ic_mls_opened opened;
                assert_int_equal(open_private(&opened, &s, make_private(&s, row, kind, PADDING[p])),
                                 IC_OK);
                check_body(&opened.authenticated.content, row, kind);
                assert_true(ic_bytes_equal(opened.authenticated.content.authenticated_data,
                                           ic_bytes_of_text("seen by the server")));
            }
            if (KINDS[kind].public_key) {
                struct ic_mls_authenticated public;
                assert_int_equal(open_public(&public, &s, make_public(&s, row, kind)), IC_OK);
                check_body(&public.content, row, kind);
            }
        }
        ic_mls_secret_tree_free(s.tree);
    }
    json_decref(rows);
    mls_forget();
}

static struct ic_bytes changed(struct ic_bytes message, size_t at)
{
    uint8_t *bytes = mls_room(message.len);
    memcpy(bytes, message.at, message.len);
    bytes[at] ^= 0x01;
    return (struct ic_bytes){bytes, message.len};
}

TEST(mls_messages_with_one_bit_changed_or_cut_are_refused)
{
    json_t *rows = mls_vectors("message-protection.json");
    const json_t *row = json_array_get(rows, 0);
    struct scene s;

    assert_true(scene_of(&s, row));
    for (size_t kind = 0; kind < IC_COUNT(KINDS); kind++) {
        struct ic_bytes message = mls_hex(row, KINDS[kind].private_key);
        struct ic_mls_opened opened;
        for (size_t at = 0; at < message.len; at++) {
            /* Group and epoch are the caller's to compare; sealing covers all of them. */
            assert_int_not_equal(open_private(&opened, &s, changed(message, at)), IC_OK);
            assert_int_not_equal(open_private(&opened, &s, (struct ic_bytes){message.at, at}),
                                 IC_OK);
        }
        if (!KINDS[kind].public_key)
            continue;
        struct ic_mls_authenticated public;
        message = mls_hex(row, KINDS[kind].public_key);
        for (size_t at = 0; at < message.len; at++) {
            assert_int_not_equal(open_public(&public, &s, changed(message, at)), IC_OK);
            assert_int_not_equal(open_public(&public, &s, (struct ic_bytes){message.at, at}),
                                 IC_OK);
        }
    }
    ic_mls_secret_tree_free(s.tree);
    json_decref(rows);
    mls_forget();
}

/* Sealed by leaf 1, which may write what it likes behind what it signed. */
static enum ic_err open_liars(struct scene *s, const json_t *row, size_t kind, struct ic_bytes more)
{
    struct ic_mls_authenticated authenticated;
    struct ic_writer w = ic_writer_of(mls_room(4096), 4096);
    struct ic_writer body = ic_writer_of(mls_room(2048), 2048);
    struct ic_mls_secret_tree *mine = new_tree(row, s->suite);
    struct ic_mls_opened opened;

    sign(&authenticated, s, row, kind, IC_MLS_PRIVATE_MESSAGE);
    ic_write_bytes(&body, authenticated.content.body);
    ic_write_bytes(&body, more);
    if (more.len == 0)
        ic_mls_write_vector(&body, authenticated.signature); /* and once more behind that */
    authenticated.content.body = ic_written(&body);
    assert_int_equal(ic_mls_write_private(&w, &authenticated, &s->epoch, mine, 0), IC_OK);
    ic_mls_secret_tree_free(mine);
    return open_private(&opened, s, ic_written(&w));
}

TEST(mls_padding_that_is_not_zero_and_content_that_is_none_are_refused)
{
    static const uint8_t NO_SIGNATURE[] = {0xff, 0xff};
    json_t *rows = mls_vectors("message-protection.json");
    const json_t *row = json_array_get(rows, 0);
    struct scene s;

    assert_true(scene_of(&s, row));
    assert_int_equal(open_liars(&s, row, 2, (struct ic_bytes){0}), IC_ERR_MALFORMED);
    assert_int_equal(open_liars(&s, row, 2, (struct ic_bytes){NO_SIGNATURE, sizeof NO_SIGNATURE}),
                     IC_ERR_MALFORMED);
    ic_mls_secret_tree_free(s.tree);
    json_decref(rows);
    mls_forget();
}

/* The message as the server would write it, with these for its sealed parts. */
static enum ic_err open_rewritten(struct scene *s, struct ic_bytes message,
                                  struct ic_bytes sender_data, struct ic_bytes ciphertext)
{
    struct ic_mls_private_message p;
    struct ic_mls_opened opened;
    struct ic_reader r = ic_reader_of(message);
    struct ic_writer w = ic_writer_of(mls_room(8192), 8192);

    ic_mls_read_private(&r, &p);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    ic_write_uint(&w, IC_MLS_VERSION, 2);
    ic_write_uint(&w, IC_MLS_PRIVATE_MESSAGE, 2);
    ic_mls_write_vector(&w, p.group_id);
    ic_write_uint(&w, p.epoch, 8);
    ic_write_uint(&w, p.type, 1);
    ic_mls_write_vector(&w, p.authenticated_data);
    ic_mls_write_vector(&w, sender_data.at ? sender_data : p.encrypted_sender_data);
    ic_mls_write_vector(&w, ciphertext.at ? ciphertext : p.ciphertext);
    return open_private(&opened, s, ic_written(&w));
}

TEST(mls_sealed_parts_of_another_length_are_refused_before_they_are_opened)
{
    static const uint8_t BYTES[4096] = {1};
    static const size_t NO_SENDER_DATA[] = {0, 15, 16, 27, 29, 200, 4096}; /* 28 */
    json_t *rows = mls_vectors("message-protection.json");
    const json_t *row = json_array_get(rows, 0);
    struct ic_bytes message = mls_hex(row, KINDS[2].private_key), none = {0};
    struct scene s;

    assert_true(scene_of(&s, row));
    assert_int_equal(open_rewritten(&s, message, none, none), IC_OK);
    for (size_t i = 0; i < IC_COUNT(NO_SENDER_DATA); i++) {
        struct ic_bytes data = {BYTES, NO_SENDER_DATA[i]};
        assert_int_equal(open_rewritten(&s, message, data, none), IC_ERR_MALFORMED);
    }
    assert_int_equal(open_rewritten(&s, message, none, (struct ic_bytes){BYTES, 15}),
                     IC_ERR_MALFORMED);
    for (size_t len = 16; len < 64; len++) /* of which a sample is taken */
        assert_int_equal(open_rewritten(&s, message, none, (struct ic_bytes){BYTES, len}),
                         IC_ERR_FORGED);
    ic_mls_secret_tree_free(s.tree);
    json_decref(rows);
    mls_forget();
}

TEST(mls_application_data_in_the_clear_is_refused)
{
    json_t *rows = mls_vectors("message-protection.json");
    const json_t *row = json_array_get(rows, 0);
    struct ic_mls_authenticated public;
    struct scene s;

    assert_true(scene_of(&s, row));
    assert_int_equal(open_public(&public, &s, make_public(&s, row, 2)), IC_ERR_MALFORMED);
    ic_mls_secret_tree_free(s.tree);
    json_decref(rows);
    mls_forget();
}

TEST(mls_private_message_without_room_uses_no_key)
{
    json_t *rows = mls_vectors("message-protection.json");
    const json_t *row = json_array_get(rows, 0);
    struct ic_mls_authenticated authenticated;
    struct ic_mls_message_key key;
    uint32_t generation;
    uint8_t small[64];
    struct ic_writer w = ic_writer_of(small, sizeof small);
    struct scene s;

    assert_true(scene_of(&s, row));
    sign(&authenticated, &s, row, 2, IC_MLS_PRIVATE_MESSAGE);
    assert_int_equal(ic_mls_write_private(&w, &authenticated, &s.epoch, s.tree, 0), IC_ERR_FULL);
    assert_int_equal(ic_mls_secret_tree_next(&key, &generation, s.tree, (struct ic_leaf){SPEAKER},
                                             IC_MLS_RATCHET_APPLICATION),
                     IC_OK);
    assert_int_equal(generation, 0);
    ic_mls_secret_tree_free(s.tree);
    json_decref(rows);
    mls_forget();
}

TEST(mls_transcript_hashes_are_those_of_the_published_vectors)
{
    json_t *rows = mls_vectors("transcript-hashes.json"), *row;
    size_t i, compared = 0;

    json_array_foreach(rows, i, row)
    {
        const struct ic_suite *suite = mls_suite(row);
        if (!suite)
            continue;
        size_t len = ic_mls_secret_len(suite);
        struct ic_mls_authenticated commit;
        struct ic_reader r = ic_reader_of(mls_hex(row, "authenticated_content"));
        struct ic_mls_epoch epoch = {.suite = suite};
        uint8_t hash[IC_HASH_MAX];

        ic_mls_read_authenticated(&r, &commit);
        assert_int_equal(ic_mls_finish(&r), IC_OK);
        ic_mls_confirmed_hash(hash, suite, mls_hex(row, "interim_transcript_hash_before"),
                              (uint16_t)commit.wire_format, commit.content.encoded,
                              commit.signature);
        mls_check(row, "confirmed_transcript_hash_after", hash, len);

        struct ic_bytes confirmed = mls_hex(row, "confirmed_transcript_hash_after");
        copy(epoch.confirmation_key, mls_hex(row, "confirmation_key"));
        struct ic_bytes tag = commit.confirmation_tag;
        assert_int_equal(ic_mls_confirmation_check(&epoch, confirmed, tag), IC_OK);
        assert_int_equal(ic_mls_confirmation_check(&epoch, confirmed, changed(tag, 0)),
                         IC_ERR_FORGED);
        assert_int_equal(
            ic_mls_confirmation_check(&epoch, confirmed, (struct ic_bytes){tag.at, tag.len - 1}),
            IC_ERR_FORGED);
        ic_mls_interim_hash(hash, suite, confirmed, tag);
        mls_check(row, "interim_transcript_hash_after", hash, len);
        compared++;
    }
    assert_true(compared >= 2);
    json_decref(rows);
    mls_forget();
}

RUN_TESTS(cmocka_unit_test(mls_published_messages_open_and_are_genuine),
          cmocka_unit_test(mls_own_messages_open_at_the_other_end_with_any_padding),
          cmocka_unit_test(mls_messages_with_one_bit_changed_or_cut_are_refused),
          cmocka_unit_test(mls_padding_that_is_not_zero_and_content_that_is_none_are_refused),
          cmocka_unit_test(mls_sealed_parts_of_another_length_are_refused_before_they_are_opened),
          cmocka_unit_test(mls_application_data_in_the_clear_is_refused),
          cmocka_unit_test(mls_private_message_without_room_uses_no_key),
          cmocka_unit_test(mls_transcript_hashes_are_those_of_the_published_vectors))
