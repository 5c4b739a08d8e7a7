/* What only a changed library would say: messages of a member or a newcomer that are signed well,
 * and of which the content breaks a rule of RFC 9420. */
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"
#include "e2ee/mls/outgoing.h"
#include "e2ee/mls/public_message.h"
#include "e2ee/mls/tree_check.h"

#include "tests/e2ee/mls_party.h"
#include "tests/e2ee/mls_state.h"

enum { MEMBERS = 3, LIAR = 1, ROOM = 16384 };

static struct party all[MEMBERS], stranger;
static uint8_t signer_public[IC_SIGNATURE_PUBLIC_MAX], extensions_room[256];

/* The group names the liar as one who may propose from outside, too. */
static struct ic_bytes one_external_sender(void)
{
    struct ic_writer w = ic_writer_of(extensions_room, sizeof extensions_room);
    const struct ic_mls_external_sender sender = {.signature_key = {signer_public, 32},
                                                  .credential = all[LIAR].identity.credential};
    uint8_t list_room[128];
    struct ic_writer list = ic_writer_of(list_room, sizeof list_room);

    assert_int_equal(ic_signature_public(signer_public, IC_SIGNATURE_ED25519,
                                         all[LIAR].identity.signature_private),
                     IC_OK);
    ic_mls_write_external_senders(&list, &sender, 1);
    ic_write_uint(&w, IC_MLS_EXT_EXTERNAL_SENDERS, 2);
    ic_mls_write_vector(&w, ic_written(&list));
    assert_false(w.bad || list.bad);
    return ic_written(&w);
}

static void set_up(void)
{
    const struct ic_suite *suite = ic_suite_find(1);

    for (unsigned i = 0; i < MEMBERS; i++)
        party_init(&all[i], suite, i);
    party_init(&stranger, suite, 70);
    const struct ic_mls_create create = {.suite = suite,
                                         .group_id = ic_bytes_of_text("test group"),
                                         .identity = &all[0].identity,
                                         .extensions = one_external_sender(),
                                         .application = &all[0].application};
    assert_int_equal(ic_mls_group_create(&all[0].group, &create), IC_OK);
    party_add(all, MEMBERS, &all[0], &all[1], 2);
}

static void tear_down(void)
{
    party_end(all, MEMBERS);
    party_leave(&stranger);
}

/* What is said, by whom, with a tag of which length. The liar signs it. */
struct words {
    struct ic_mls_sender sender;
    enum ic_mls_content_type type;
    struct ic_bytes body;
    size_t tag_len;
    uint64_t epoch_off;
    const char *group_id;
};

static struct ic_mls_message say(const struct words *words)
{
    const struct ic_mls_epoch_state *now = &all[LIAR].group->now;
    const struct ic_mls_content content = {
        .group_id = words->group_id ? ic_bytes_of_text(words->group_id) : now->context.group_id,
        .epoch = now->context.epoch + words->epoch_off,
        .sender = words->sender,
        .type = words->type,
        .body = words->body,
    };
    struct ic_mls_outgoing outgoing;
    struct ic_mls_message message;

    assert_int_equal(ic_mls_outgoing_init(&outgoing, now->suite, ic_mls_epoch_state_signer(now),
                                          IC_MLS_PUBLIC_MESSAGE, &content,
                                          ic_mls_message_bytes(&now->context_bytes)),
                     IC_OK);
    ic_mls_outgoing_set_tag(&outgoing, now->confirmation_tag, words->tag_len);
    assert_int_equal(ic_mls_outgoing_protect(&message, &outgoing, now, 0), IC_OK);
    ic_mls_outgoing_clear(&outgoing);
    return message;
}

static enum ic_err verdict(const struct words *words)
{
    struct mls_state before = mls_state_of(all[0].group);
    struct ic_mls_message message = say(words);
    enum ic_err err = party_hear(&all[0], ic_mls_message_bytes(&message));
    ic_mls_message_clear(&message);
    struct mls_state after = mls_state_of(all[0].group);
    assert_true(err == IC_OK || mls_state_equal(&before, &after));
    return err;
}

static struct ic_bytes proposal_bytes(uint8_t *at, const struct ic_mls_proposal *proposal)
{
    struct ic_writer w = ic_writer_of(at, ROOM);
    ic_mls_write_proposal(&w, proposal);
    assert_false(w.bad);
    return ic_written(&w);
}

/* A commit of what was written as proposals, and of a path or none. */
static struct ic_bytes commit_bytes(uint8_t *at, struct ic_bytes proposals, struct ic_bytes path)
{
    struct ic_writer w = ic_writer_of(at, ROOM);
    ic_mls_write_vector(&w, proposals);
    ic_mls_write_present(&w, path.len > 0);
    ic_write_bytes(&w, path);
    assert_false(w.bad);
    return ic_written(&w);
}

TEST(mls_message_of_who_may_not_say_it_is_refused_though_it_is_signed)
{
    uint8_t commit_room[ROOM], remove_room[ROOM], list_room[256];
    const struct ic_mls_sender blank = {IC_MLS_SENDER_MEMBER, 3},
                               beyond = {IC_MLS_SENDER_MEMBER, 9},
                               external = {IC_MLS_SENDER_EXTERNAL, 0},
                               nobody = {IC_MLS_SENDER_EXTERNAL, 1},
                               member = {IC_MLS_SENDER_MEMBER, LIAR},
                               asking = {IC_MLS_SENDER_NEW_MEMBER_PROPOSAL, 0},
                               joining = {IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0};
    const struct ic_mls_proposal remove = {.type = IC_MLS_REMOVE, .removed = {2}};

    set_up();
    const uint8_t nonce[32] = {1};
    struct ic_mls_proposal psk = {.type = IC_MLS_PSK, .psk = party_link()};
    psk.psk.nonce = (struct ic_bytes){nonce, sizeof nonce};
    struct ic_writer list = ic_writer_of(list_room, sizeof list_room);
    ic_write_uint(&list, 1, 1);
    ic_mls_write_proposal(&list, &psk);
    /* It needs no path, so that its sender alone is wrong. */
    struct ic_bytes commit = commit_bytes(commit_room, ic_written(&list), (struct ic_bytes){0});
    struct ic_bytes proposal = proposal_bytes(remove_room, &remove);
    const struct {
        const char *what;
        struct words words;
        enum ic_err want;
    } rows[] = {
        {"a proposal of an external sender",
         {external, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, NULL},
         IC_OK},
        {"a proposal of an external sender that is none",
         {nobody, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"a proposal of a place without a member",
         {blank, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"a proposal of a place beyond the tree",
         {beyond, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"a commit of an external sender",
         {external, IC_MLS_CONTENT_COMMIT, commit, 32, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"a commit of who asks to be added",
         {asking, IC_MLS_CONTENT_COMMIT, commit, 32, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"another proposal than its Add of who asks to be added",
         {asking, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"a proposal of who joins by a commit",
         {joining, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, NULL},
         IC_ERR_FORBIDDEN},
        {"a proposal of the epoch after",
         {member, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 1, NULL},
         IC_ERR_NOT_FOUND},
        {"a proposal of the epoch before",
         {member, IC_MLS_CONTENT_PROPOSAL, proposal, 0, UINT64_MAX, NULL},
         IC_ERR_REPLAYED},
        {"a proposal of another group",
         {member, IC_MLS_CONTENT_PROPOSAL, proposal, 0, 0, "other group"},
         IC_ERR_NOT_FOUND},
        {"a commit without a path of who joins by it",
         {joining, IC_MLS_CONTENT_COMMIT, commit, 32, 0, NULL},
         IC_ERR_FORBIDDEN},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        enum ic_err err = verdict(&rows[i].words);
        if (err != rows[i].want)
            fail_msg("%s: %d instead of %d", rows[i].what, err, rows[i].want);
    }
    tear_down();
}

TEST(mls_message_with_a_wrong_membership_tag_or_a_byte_more_is_refused)
{
    uint8_t room[ROOM];
    const struct ic_mls_proposal remove = {.type = IC_MLS_REMOVE, .removed = {2}};
    const struct words words = {{IC_MLS_SENDER_MEMBER, LIAR},
                                IC_MLS_CONTENT_PROPOSAL,
                                proposal_bytes(room, &remove),
                                0,
                                0,
                                NULL};

    set_up();
    struct ic_mls_message message = say(&words);
    uint8_t *longer = calloc(1, message.len + 1);
    assert_non_null(longer);
    memcpy(longer, message.at, message.len);
    assert_int_equal(party_hear(&all[0], (struct ic_bytes){longer, message.len + 1}),
                     IC_ERR_MALFORMED);
    longer[message.len - 1] ^= 1;
    assert_int_equal(party_hear(&all[0], (struct ic_bytes){longer, message.len}), IC_ERR_FORGED);
    longer[message.len - 1] ^= 1;
    assert_int_equal(party_hear(&all[0], (struct ic_bytes){longer, message.len}), IC_OK);
    free(longer);
    ic_mls_message_clear(&message);
    tear_down();
}

/* The tag of who is removed cannot be checked, so its length is all that stands between it and the
 * transcript. */
TEST(mls_commit_whose_tag_has_another_length_is_refused_also_by_whom_it_removes)
{
    const struct ic_leaf removed = {0};
    const struct ic_mls_commit_plan plan = {.removes = &removed, .remove_count = 1};
    struct ic_mls_public_message read;
    struct ic_mls_staged *staged;

    set_up();
    assert_int_equal(ic_mls_group_commit(&staged, all[LIAR].group, &plan), IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_staged_message(staged));
    ic_mls_read_public(&r, &read);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    struct words words = {{IC_MLS_SENDER_MEMBER, LIAR},
                          IC_MLS_CONTENT_COMMIT,
                          read.authenticated.content.body,
                          31,
                          0,
                          NULL};
    assert_int_equal(verdict(&words), IC_ERR_FORGED);
    words.tag_len = 32;
    assert_int_equal(verdict(&words), IC_OK);
    ic_mls_staged_free(staged);
    tear_down();
}

/* ---- Paths ---- */

enum flaw {
    OWN_OLD_KEY,
    KEY_OF_REMOVED,
    SHORT_KEY,
    LOW_ORDER_KEY,
    SOURCE_UPDATE,
    ANOTHER_PARENT_HASH,
    SHORT_NODE_KEY,
    NODE_KEY_OF_MEMBER,
    NODE_TOO_MANY,
};

static struct ic_bytes key_at(uint32_t leaf)
{
    return ic_mls_tree_leaf(all[0].group->now.tree, (struct ic_leaf){leaf})->encryption_key;
}

static void spoil_leaf(struct ic_mls_leaf_node *leaf, enum flaw flaw)
{
    static const uint8_t zero[32];

    if (flaw == OWN_OLD_KEY)
        leaf->encryption_key = key_at(LIAR);
    if (flaw == KEY_OF_REMOVED)
        leaf->encryption_key = key_at(2);
    if (flaw == SHORT_KEY)
        leaf->encryption_key.len--;
    if (flaw == LOW_ORDER_KEY)
        leaf->encryption_key = (struct ic_bytes){zero, sizeof zero};
    if (flaw == SOURCE_UPDATE)
        leaf->source = IC_MLS_LEAF_UPDATE;
    if (flaw == ANOTHER_PARENT_HASH)
        leaf->parent_hash = (struct ic_bytes){zero, sizeof zero};
}

static void write_node(struct ic_writer *w, const struct ic_mls_path_node *node, enum flaw flaw)
{
    struct ic_bytes key = node->encryption_key;

    if (flaw == SHORT_NODE_KEY)
        key.len--;
    if (flaw == NODE_KEY_OF_MEMBER)
        key = key_at(LIAR);
    ic_mls_write_vector(w, key);
    ic_mls_write_vector(w, node->ciphertexts);
}

/* A good path, of which one thing is changed and the leaf signed again. */
static struct ic_bytes spoilt_path(uint8_t *at, const struct ic_mls_update_path *path,
                                   enum flaw flaw)
{
    const struct ic_mls_epoch_state *now = &all[LIAR].group->now;
    const struct ic_mls_leaf_place place = {now->context.group_id, {LIAR}};
    struct ic_writer w = ic_writer_of(at, ROOM);
    struct ic_mls_leaf_node leaf = path->leaf;
    struct ic_reader list = ic_reader_of(path->nodes);
    struct ic_mls_path_node node;

    spoil_leaf(&leaf, flaw);
    assert_int_equal(
        ic_mls_write_leaf_node(&w, &leaf, now->suite, ic_mls_epoch_state_signer(now), &place),
        IC_OK);
    size_t begin = ic_mls_list_begin(&w);
    for (size_t i = 0; i < path->node_count; i++) {
        ic_mls_read_path_node(&list, &node);
        write_node(&w, &node, flaw);
        if (flaw == NODE_TOO_MANY)
            write_node(&w, &node, flaw);
    }
    ic_mls_list_end(&w, begin);
    assert_false(w.bad);
    return ic_written(&w);
}

static enum ic_err path_verdict(enum flaw flaw)
{
    uint8_t path_room[ROOM], commit_room[ROOM], proposals_room[64];
    const struct ic_mls_proposal remove = {.type = IC_MLS_REMOVE, .removed = {2}};
    const struct ic_mls_commit_plan plan = {.removes = &remove.removed, .remove_count = 1};
    struct ic_writer proposals = ic_writer_of(proposals_room, sizeof proposals_room);
    struct ic_mls_public_message read;
    struct ic_mls_staged *staged;

    ic_write_uint(&proposals, 1, 1);
    ic_mls_write_proposal(&proposals, &remove);
    assert_int_equal(ic_mls_group_commit(&staged, all[LIAR].group, &plan), IC_OK);
    struct ic_reader r = ic_reader_of(ic_mls_staged_message(staged));
    ic_mls_read_public(&r, &read);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    struct ic_bytes path = spoilt_path(path_room, &read.authenticated.content.commit.path, flaw);
    const struct words words = {{IC_MLS_SENDER_MEMBER, LIAR},
                                IC_MLS_CONTENT_COMMIT,
                                commit_bytes(commit_room, ic_written(&proposals), path),
                                32,
                                0,
                                NULL};
    enum ic_err err = verdict(&words);
    ic_mls_staged_free(staged);
    return err;
}

TEST(mls_path_that_breaks_a_rule_is_refused_though_its_leaf_is_signed)
{
    static const struct {
        const char *what;
        enum flaw flaw;
        enum ic_err want;
    } ROWS[] = {
        {"the committer's old key", OWN_OLD_KEY, IC_ERR_FORBIDDEN},
        {"the key of whom it removes", KEY_OF_REMOVED, IC_ERR_FORBIDDEN},
        {"a key that is too short", SHORT_KEY, IC_ERR_FORBIDDEN},
        {"a key of low order", LOW_ORDER_KEY, IC_ERR_FORBIDDEN},
        {"a leaf as of an Update", SOURCE_UPDATE, IC_ERR_MALFORMED},
        {"another parent hash", ANOTHER_PARENT_HASH, IC_ERR_FORGED},
        {"a key of a node that is too short", SHORT_NODE_KEY, IC_ERR_MALFORMED},
        {"a key of a node that is a member's", NODE_KEY_OF_MEMBER, IC_ERR_FORBIDDEN},
        {"a node too many", NODE_TOO_MANY, IC_ERR_MALFORMED},
    };

    set_up();
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        enum ic_err err = path_verdict(ROWS[i].flaw);
        if (err != ROWS[i].want)
            fail_msg("%s: %d instead of %d", ROWS[i].what, err, ROWS[i].want);
    }
    tear_down();
}

/* ---- Who leaves, as an external commit names it ---- */

static enum ic_err join_with(struct ic_bytes info, struct ic_bytes self_remove, size_t count)
{
    static struct ic_bytes many[IC_MLS_PROPOSALS_MAX + 1];
    const struct ic_mls_join_external join = {.group_info = info,
                                              .identity = &stranger.identity,
                                              .application = &stranger.application,
                                              .self_removes = many,
                                              .self_remove_count = count};
    struct ic_mls_message commit = {0};

    many[0] = self_remove;
    enum ic_err err = ic_mls_group_join_external(&stranger.group, &commit, NULL, &join);
    ic_mls_message_clear(&commit);
    party_leave(&stranger);
    return err;
}

TEST(mls_newcomer_takes_no_other_word_for_that_of_a_member_who_leaves)
{
    uint8_t leave_room[ROOM], remove_room[ROOM], commit_room[ROOM];
    const struct ic_mls_proposal leave = {.type = IC_MLS_SELF_REMOVE},
                                 remove = {.type = IC_MLS_REMOVE, .removed = {2}};
    const struct ic_mls_sender member = {IC_MLS_SENDER_MEMBER, LIAR},
                               blank = {IC_MLS_SENDER_MEMBER, 3},
                               external = {IC_MLS_SENDER_EXTERNAL, LIAR};
    struct ic_mls_message info;

    set_up();
    struct ic_bytes leaving = proposal_bytes(leave_room, &leave);
    struct ic_bytes removing = proposal_bytes(remove_room, &remove);
    struct ic_bytes commit = commit_bytes(commit_room, (struct ic_bytes){0}, (struct ic_bytes){0});
    assert_int_equal(ic_mls_group_info(&info, all[0].group, false, (struct ic_bytes){0}), IC_OK);
    const struct {
        struct words words;
        enum ic_err want;
    } rows[] = {
        {{member, IC_MLS_CONTENT_PROPOSAL, leaving, 0, 0, NULL}, IC_OK},
        {{member, IC_MLS_CONTENT_PROPOSAL, removing, 0, 0, NULL}, IC_ERR_FORBIDDEN},
        {{member, IC_MLS_CONTENT_COMMIT, commit, 32, 0, NULL}, IC_ERR_FORBIDDEN},
        {{external, IC_MLS_CONTENT_PROPOSAL, leaving, 0, 0, NULL}, IC_ERR_FORBIDDEN},
        {{blank, IC_MLS_CONTENT_PROPOSAL, leaving, 0, 0, NULL}, IC_ERR_FORBIDDEN},
        {{member, IC_MLS_CONTENT_PROPOSAL, leaving, 0, 1, NULL}, IC_ERR_FORBIDDEN},
        {{member, IC_MLS_CONTENT_PROPOSAL, leaving, 0, 0, "another group"}, IC_ERR_FORBIDDEN},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_mls_message message = say(&rows[i].words);
        enum ic_err err = join_with(ic_mls_message_bytes(&info), ic_mls_message_bytes(&message), 1);
        if (err != rows[i].want)
            fail_msg("row %zu: %d instead of %d", i, err, rows[i].want);
        ic_mls_message_clear(&message);
    }
    ic_mls_message_clear(&info);
    tear_down();
}

TEST(mls_newcomer_refuses_a_description_that_is_none_or_is_too_long)
{
    struct ic_mls_message info;

    set_up();
    assert_int_equal(ic_mls_group_info(&info, all[0].group, false, (struct ic_bytes){0}), IC_OK);
    uint8_t *longer = calloc(1, info.len + 1);
    assert_non_null(longer);
    memcpy(longer, info.at, info.len);
    struct ic_bytes bytes = {longer, info.len};
    assert_int_equal(join_with(bytes, (struct ic_bytes){0}, 0), IC_OK);
    assert_int_equal(join_with((struct ic_bytes){longer, info.len + 1}, (struct ic_bytes){0}, 0),
                     IC_ERR_MALFORMED);
    assert_int_equal(join_with(bytes, (struct ic_bytes){0}, IC_MLS_PROPOSALS_MAX + 1), IC_ERR_FULL);
    longer[1] = 2; /* another version */
    assert_int_equal(join_with(bytes, (struct ic_bytes){0}, 0), IC_ERR_MALFORMED);
    longer[1] = 1;
    longer[3] = IC_MLS_WELCOME;
    assert_int_equal(join_with(bytes, (struct ic_bytes){0}, 0), IC_ERR_MALFORMED);
    longer[3] = IC_MLS_GROUP_INFO;
    longer[4] = 0x77; /* version of the context */
    assert_int_equal(join_with(bytes, (struct ic_bytes){0}, 0), IC_ERR_MALFORMED);
    longer[4] = 0;
    longer[6] = 0x77; /* its suite */
    assert_int_equal(join_with(bytes, (struct ic_bytes){0}, 0), IC_ERR_NOT_FOUND);
    free(longer);
    ic_mls_message_clear(&info);
    tear_down();
}

/* ---- Trees ---- */

/* Four places, the third perhaps blank; above all a parent with these unmerged leaves, and above
 * the last two one without any. */
struct tree_plan {
    uint32_t unmerged[3];
    size_t count;
    bool third_blank, middle, ends_with_parent;
    bool astray; /* the one between names the first leaf, which is not below it */
};

static void put_parent(struct ic_writer *w, const uint32_t *unmerged, size_t count)
{
    ic_write_uint(w, 2, 1); /* after "present": a parent */
    ic_mls_write_vector(w, key_at(0));
    ic_mls_write_vector(w, (struct ic_bytes){0});
    size_t list = ic_mls_list_begin(w);
    for (size_t i = 0; i < count; i++)
        ic_write_uint(w, unmerged[i], 4);
    ic_mls_list_end(w, list);
}

static void put_node(struct ic_writer *w, const struct tree_plan *plan, uint32_t x)
{
    const struct ic_mls_leaf_node *leaf =
        ic_mls_tree_leaf(all[0].group->now.tree, (struct ic_leaf){0});
    bool present = x % 2 == 0 ? !(plan->third_blank && x == 4) : x == 3 || (plan->middle && x == 5);

    ic_mls_write_present(w, present);
    if (present && x % 2 == 0) {
        ic_write_uint(w, 1, 1);
        ic_write_bytes(w, leaf->encoded);
    } else if (present) {
        static const uint32_t FIRST[] = {0};
        const uint32_t *unmerged = x == 3 ? plan->unmerged : FIRST;
        put_parent(w, unmerged, x == 3 ? plan->count : plan->astray);
    }
}

static enum ic_err tree_verdict(const struct tree_plan *plan)
{
    static uint8_t room[ROOM];
    struct ic_writer w = ic_writer_of(room, sizeof room);
    struct ic_mls_tree *tree;

    size_t list = ic_mls_list_begin(&w);
    for (uint32_t x = 0; x < (plan->ends_with_parent ? 6 : 7); x++)
        put_node(&w, plan, x);
    ic_mls_list_end(&w, list);
    assert_false(w.bad);
    enum ic_err err = ic_mls_tree_new(&tree, ic_suite_find(1), ic_written(&w));
    if (err != IC_OK)
        return err;
    err = ic_mls_tree_check_parents(tree);
    ic_mls_tree_free(tree);
    return err;
}

/* The hashes of these trees are wrong, which is looked at last. */
TEST(mls_tree_whose_unmerged_leaves_are_none_or_in_disorder_is_refused)
{
    static const struct {
        const char *what;
        struct tree_plan plan;
        enum ic_err want;
    } ROWS[] = {
        {"in order", {{2, 3}, 2, false, false, false, false}, IC_ERR_FORGED},
        {"in disorder", {{3, 2}, 2, false, false, false, false}, IC_ERR_MALFORMED},
        {"one twice", {{2, 2}, 2, false, false, false, false}, IC_ERR_MALFORMED},
        {"beyond the tree", {{2, 4}, 2, false, false, false, false}, IC_ERR_MALFORMED},
        {"beyond every tree", {{2, UINT32_MAX}, 2, false, false, false, false}, IC_ERR_MALFORMED},
        {"a place without a member", {{2}, 1, true, false, false, false}, IC_ERR_MALFORMED},
        {"unknown to a parent between", {{3}, 1, false, true, false, false}, IC_ERR_MALFORMED},
        {"a member's of the other side", {{0}, 1, false, true, false, true}, IC_ERR_MALFORMED},
        {"of a tree that ends with a parent", {{0}, 0, false, true, true, false}, IC_ERR_MALFORMED},
    };

    set_up();
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        enum ic_err err = tree_verdict(&ROWS[i].plan);
        if (err != ROWS[i].want)
            fail_msg("%s: %d instead of %d", ROWS[i].what, err, ROWS[i].want);
    }
    tear_down();
}

/* ---- Without end ---- */

static enum ic_err hear_psk(uint16_t number)
{
    uint8_t room[256], nonce[32] = {(uint8_t)(number >> 8), (uint8_t)number};
    struct ic_mls_proposal psk = {.type = IC_MLS_PSK, .psk = party_link()};

    psk.psk.nonce = (struct ic_bytes){nonce, sizeof nonce};
    struct ic_writer w = ic_writer_of(room, sizeof room);
    ic_mls_write_proposal(&w, &psk);
    assert_false(w.bad);
    const struct words words = {
        {IC_MLS_SENDER_MEMBER, LIAR}, IC_MLS_CONTENT_PROPOSAL, ic_written(&w), 0, 0, NULL};
    struct ic_mls_message message = say(&words);
    enum ic_err err = party_hear(&all[0], ic_mls_message_bytes(&message));
    ic_mls_message_clear(&message);
    return err;
}

/* So many keys in one commit. */
static enum ic_err commit_of(size_t psks)
{
    static uint8_t list_room[ROOM], commit_room[ROOM];
    struct ic_writer list = ic_writer_of(list_room, sizeof list_room);
    struct ic_mls_proposal psk = {.type = IC_MLS_PSK, .psk = party_link()};

    for (size_t i = 0; i < psks; i++) {
        const uint8_t nonce[32] = {(uint8_t)i};
        psk.psk.nonce = (struct ic_bytes){nonce, sizeof nonce};
        ic_write_uint(&list, 1, 1);
        ic_mls_write_proposal(&list, &psk);
    }
    assert_false(list.bad);
    const struct words words = {{IC_MLS_SENDER_MEMBER, LIAR},
                                IC_MLS_CONTENT_COMMIT,
                                commit_bytes(commit_room, ic_written(&list), (struct ic_bytes){0}),
                                32,
                                0,
                                NULL};
    return verdict(&words);
}

TEST(mls_commit_with_more_keys_than_are_folded_is_refused)
{
    set_up();
    assert_int_equal(commit_of(IC_MLS_PSKS_MAX), IC_ERR_FORGED); /* the tag alone is wrong */
    assert_int_equal(commit_of(IC_MLS_PSKS_MAX + 1), IC_ERR_FORBIDDEN);
    tear_down();
}

TEST(mls_member_that_proposes_without_end_fills_no_more_than_its_room)
{
    set_up();
    for (uint16_t i = 0; i < IC_MLS_PENDING_MAX; i++)
        assert_int_equal(hear_psk(i), IC_OK);
    assert_int_equal(hear_psk(IC_MLS_PENDING_MAX), IC_ERR_FULL);
    assert_int_equal(all[0].group->pending.count, IC_MLS_PENDING_MAX);
    tear_down();
}

RUN_TESTS(
    cmocka_unit_test(mls_message_of_who_may_not_say_it_is_refused_though_it_is_signed),
    cmocka_unit_test(mls_message_with_a_wrong_membership_tag_or_a_byte_more_is_refused),
    cmocka_unit_test(mls_commit_whose_tag_has_another_length_is_refused_also_by_whom_it_removes),
    cmocka_unit_test(mls_path_that_breaks_a_rule_is_refused_though_its_leaf_is_signed),
    cmocka_unit_test(mls_newcomer_takes_no_other_word_for_that_of_a_member_who_leaves),
    cmocka_unit_test(mls_newcomer_refuses_a_description_that_is_none_or_is_too_long),
    cmocka_unit_test(mls_tree_whose_unmerged_leaves_are_none_or_in_disorder_is_refused),
    cmocka_unit_test(mls_commit_with_more_keys_than_are_folded_is_refused),
    cmocka_unit_test(mls_member_that_proposes_without_end_fills_no_more_than_its_room))
