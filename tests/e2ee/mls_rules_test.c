/* Every rule of RFC 9420 section 12.2 about the proposals of one commit, each a row: what may be
 * together, and what must be refused; then the same from a member that breaks them on purpose. */
#include "e2ee/mls/codec.h"
#include "e2ee/mls/next_epoch.h"
#include "e2ee/mls/outgoing.h"

#include "tests/e2ee/mls_party.h"
#include "tests/e2ee/mls_state.h"

enum { MEMBERS = 5, COMMITTER = 1, ITEMS_MAX = 3, ROOM = 8192 };

/* The members, and somebody who is none. */
static struct party all[MEMBERS], stranger, twin;
static uint8_t arena[ROOM * 8];
static struct ic_writer room;

/* What a row can put into a commit. By whom: see `sender`. */
enum item {
    NONE,
    ADD,
    ADD_TWIN,   /* another package with the signature key of ADD */
    ADD_MEMBER, /* with the signature key of member 2 */
    ADD_OTHER_SUITE,
    ADD_BAD_SIGNATURE,
    ADD_BAD_LEAF, /* the leaf's signature is wrong, the package's is right */
    ADD_ONE_KEY,  /* init key and leaf key are the same */
    ADD_SHORT_INIT_KEY,
    ADD_SHORT_LEAF_KEY,
    ADD_VERSION,  /* a package of another version */
    ADD_SOURCE,   /* with a leaf as of a commit */
    ADD_ONE_INIT, /* of `twin`, with the init key of ADD */
    ADD_UNABLE,   /* does not know the group's suite */
    UPDATE,
    UPDATE_SAME_KEY,
    UPDATE_SOURCE, /* a leaf as of a key package */
    UPDATE_PLACE,  /* signed for another place */
    UPDATE_SHORT_KEY,
    UPDATE_TAKEN_KEY, /* with the encryption key of another member */
    REMOVE_2,
    REMOVE_3,
    REMOVE_COMMITTER,
    REMOVE_BLANK,
    REMOVE_BEYOND,
    PSK,
    PSK_AGAIN, /* the same id */
    PSK_OTHER,
    PSK_SHORT_NONCE,
    PSK_REINIT,
    PSK_BRANCH,
    EXTENSIONS,
    EXTENSIONS_BROKEN,
    EXTENSIONS_SENDERS_BROKEN,
    EXTENSIONS_UNKNOWN,   /* a type that no member lists */
    EXTENSIONS_DEMANDING, /* requires a proposal type that no member lists */
    REINIT,
    REINIT_OLD,
    EXTERNAL_INIT,
    EXTERNAL_INIT_SHORT,
    SELF_REMOVE,
};

static struct ic_bytes kept(struct ic_bytes bytes)
{
    uint8_t *at = ic_write_room(&room, bytes.len);
    assert_non_null(at);
    memcpy(at, bytes.at, bytes.len);
    return (struct ic_bytes){at, bytes.len};
}

static struct ic_bytes package_of(struct party *p)
{
    return kept(party_package(p));
}

static struct ic_bytes init_key_of(const struct party *p)
{
    struct ic_mls_key_package package;
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&p->package.encoded));
    ic_mls_read_key_package(&r, &package);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    return package.init_key;
}

/* A package whose parts are chosen: signed by `p`. */
static struct ic_bytes odd_package(struct party *p, enum item item)
{
    struct ic_bytes plain = package_of(p);
    struct ic_mls_key_package package;
    struct ic_reader r = ic_reader_of(plain);
    const struct ic_mls_leaf_place place = {ic_bytes_of_text("test group"), {5}};
    uint8_t leaf_room[1024], package_room[2048];
    struct ic_writer l = ic_writer_of(leaf_room, sizeof leaf_room);
    struct ic_writer w = ic_writer_of(package_room, sizeof package_room);
    static const uint8_t OTHER_SUITE[] = {0, 2};

    ic_mls_read_key_package(&r, &package);
    if (item == ADD_UNABLE)
        package.leaf.capabilities.suites = PARTY_BYTES(OTHER_SUITE);
    if (item == ADD_ONE_KEY)
        package.init_key = package.leaf.encryption_key;
    if (item == ADD_SHORT_INIT_KEY)
        package.init_key.len--;
    if (item == ADD_SHORT_LEAF_KEY)
        package.leaf.encryption_key.len--;
    if (item == ADD_SOURCE)
        package.leaf.source = IC_MLS_LEAF_UPDATE;
    if (item == ADD_ONE_INIT)
        package.init_key = init_key_of(&stranger);
    assert_int_equal(
        ic_mls_write_leaf_node(&l, &package.leaf, p->suite, p->identity.signature_private, &place),
        IC_OK);
    if (item == ADD_BAD_LEAF)
        leaf_room[l.len - 1] ^= 1;
    package.leaf.encoded = ic_written(&l);
    assert_int_equal(
        ic_mls_write_key_package(&w, &package, p->suite, p->identity.signature_private), IC_OK);
    if (item == ADD_OTHER_SUITE)
        package_room[3] = 3;
    if (item == ADD_VERSION)
        package_room[1]++;
    if (item == ADD_BAD_SIGNATURE)
        package_room[w.len - 1] ^= 1;
    return kept(ic_written(&w));
}

/* The leaf of an Update of `sender`. */
static struct ic_bytes leaf_of(unsigned sender, enum item item)
{
    struct party *p = &all[sender];
    const struct ic_mls_tree *tree = ic_mls_group_tree(all[0].group);
    struct ic_mls_leaf_node leaf = *ic_mls_tree_leaf(tree, (struct ic_leaf){sender});
    struct ic_mls_leaf_place place = {ic_mls_group_context(all[0].group)->group_id, {sender}};
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX], leaf_room[1024];
    struct ic_writer w = ic_writer_of(leaf_room, sizeof leaf_room);

    assert_int_equal(ic_kem_generate(private_key, public_key, p->suite->kem), IC_OK);
    leaf.source = item == UPDATE_SOURCE ? IC_MLS_LEAF_KEY_PACKAGE : IC_MLS_LEAF_UPDATE;
    if (item == UPDATE_TAKEN_KEY)
        leaf.encryption_key = ic_mls_tree_leaf(tree, (struct ic_leaf){0})->encryption_key;
    else if (item != UPDATE_SAME_KEY)
        leaf.encryption_key =
            (struct ic_bytes){public_key, ic_kem_lengths(p->suite->kem).public_len};
    if (item == UPDATE_SHORT_KEY)
        leaf.encryption_key.len--;
    if (item == UPDATE_PLACE)
        place.leaf.n++;
    assert_int_equal(
        ic_mls_write_leaf_node(&w, &leaf, p->suite, p->identity.signature_private, &place), IC_OK);
    return kept(ic_written(&w));
}

static struct ic_bytes extensions_of(enum item item)
{
    static const uint8_t BROKEN[] = {0, IC_MLS_EXT_REQUIRED_CAPABILITIES, 1, 9};
    static const uint8_t SENDERS[] = {0, IC_MLS_EXT_EXTERNAL_SENDERS, 3, 2, 5, 5};
    static const uint8_t UNKNOWN[] = {0xf7, 0x77, 0};
    static const uint8_t DEMANDING[] = {0, IC_MLS_EXT_REQUIRED_CAPABILITIES, 5, 0, 2, 0x66, 0x66,
                                        0};
    static const uint8_t GOOD[] = {0xf1, 0xc2, 1, 1};

    switch (item) {
    case EXTENSIONS_BROKEN:
        return PARTY_BYTES(BROKEN);
    case EXTENSIONS_SENDERS_BROKEN:
        return PARTY_BYTES(SENDERS);
    case EXTENSIONS_UNKNOWN:
        return PARTY_BYTES(UNKNOWN);
    case EXTENSIONS_DEMANDING:
        return PARTY_BYTES(DEMANDING);
    default:
        return PARTY_BYTES(GOOD);
    }
}

static struct ic_mls_psk_id psk_of(enum item item)
{
    static const uint8_t NONCES[3][32] = {{1}, {2}, {3}};
    struct ic_mls_psk_id id = party_link();

    id.nonce = (struct ic_bytes){NONCES[item == PSK_OTHER], item == PSK_SHORT_NONCE ? 31 : 32};
    if (item == PSK_REINIT || item == PSK_BRANCH) {
        id.type = IC_MLS_PSK_RESUMPTION;
        id.usage = item == PSK_REINIT ? IC_MLS_PSK_REINIT : IC_MLS_PSK_BRANCH;
        id.group_id = ic_bytes_of_text("test group");
        id.epoch = 1;
    }
    return id;
}

static struct ic_mls_proposal wanted(enum item item, unsigned sender)
{
    static const uint8_t KEM_OUTPUT[32] = {9};
    const struct ic_leaf removed[] = {[REMOVE_2] = {2},
                                      [REMOVE_3] = {3},
                                      [REMOVE_COMMITTER] = {COMMITTER},
                                      [REMOVE_BLANK] = {6},
                                      [REMOVE_BEYOND] = {4000000000}};
    struct ic_mls_proposal p = {0};

    if (item >= ADD && item <= ADD_UNABLE) {
        p.type = IC_MLS_ADD;
        p.add.encoded =
            item == ADD || item == ADD_TWIN
                ? package_of(&stranger)
                : odd_package(item == ADD_MEMBER || item == ADD_ONE_INIT ? &twin : &stranger, item);
    } else if (item >= UPDATE && item <= UPDATE_TAKEN_KEY) {
        p.type = IC_MLS_UPDATE;
        p.update.encoded = leaf_of(sender, item);
    } else if (item >= REMOVE_2 && item <= REMOVE_BEYOND) {
        p.type = IC_MLS_REMOVE;
        p.removed = removed[item];
    } else if (item >= PSK && item <= PSK_BRANCH) {
        p.type = IC_MLS_PSK;
        p.psk = psk_of(item);
    } else if (item >= EXTENSIONS && item <= EXTENSIONS_DEMANDING) {
        p.type = IC_MLS_GROUP_CONTEXT_EXTENSIONS;
        p.extensions = extensions_of(item);
    } else if (item == REINIT || item == REINIT_OLD) {
        p.type = IC_MLS_REINIT;
        p.reinit = (struct ic_mls_reinit){.group_id = ic_bytes_of_text("next"),
                                          .version = item == REINIT ? IC_MLS_VERSION : 0,
                                          .suite = 1};
    } else if (item == EXTERNAL_INIT || item == EXTERNAL_INIT_SHORT) {
        p.type = IC_MLS_EXTERNAL_INIT;
        p.kem_output = (struct ic_bytes){KEM_OUTPUT, item == EXTERNAL_INIT ? 32 : 31};
    } else {
        p.type = IC_MLS_SELF_REMOVE;
    }
    return p;
}

static struct ic_bytes encoded(enum item item, unsigned sender)
{
    const struct ic_mls_proposal proposal = wanted(item, sender);
    uint8_t bytes[4096];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    ic_mls_write_proposal(&w, &proposal);
    assert_false(w.bad);
    return kept(ic_written(&w));
}

/* A proposal and who says it: in a message of its own unless by the committer. */
struct said {
    enum item item;
    enum ic_mls_sender_type by;
    unsigned sender;
    bool by_reference;
};
#define BY_COMMITTER(item) {item, IC_MLS_SENDER_MEMBER, COMMITTER, false}
#define BY_MEMBER(item, n) {item, IC_MLS_SENDER_MEMBER, n, true}
#define BY_SERVER(item) {item, IC_MLS_SENDER_EXTERNAL, 0, true}
#define BY_STRANGER(item) {item, IC_MLS_SENDER_NEW_MEMBER_PROPOSAL, 0, true}
#define BY_JOINER(item) {item, IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0, false}
#define BY_JOINER_BEFORE(item) {item, IC_MLS_SENDER_NEW_MEMBER_COMMIT, 0, true}

static struct ic_mls_change change_of(const struct said *said)
{
    struct ic_mls_change change = {.proposer = {said->by, said->sender},
                                   .by_reference = said->by_reference};
    struct ic_reader r = ic_reader_of(encoded(said->item, said->sender));
    ic_mls_read_proposal(&r, &change.proposal);
    assert_int_equal(ic_mls_finish(&r), IC_OK);
    return change;
}

static enum ic_err admit_all(struct ic_mls_next_epoch *next, const struct said *said)
{
    const struct ic_mls_proposal_rules rules = ic_mls_next_epoch_rules(next);
    enum ic_err err = IC_OK;

    for (size_t i = 0; i < ITEMS_MAX && said[i].item != NONE && err == IC_OK; i++) {
        const struct ic_mls_change change = change_of(&said[i]);
        err = ic_mls_proposal_list_admit(&next->list, &change, &rules);
    }
    return err;
}

/* What member 0 makes of such a list, as far as its tree. */
static enum ic_err judge(const struct said *said, bool by_newcomer)
{
    struct ic_mls_leaf_node newcomer;
    struct ic_mls_staged *staged;
    assert_int_equal(ic_mls_staged_new(&staged, ITEMS_MAX, 0), IC_OK);
    struct ic_mls_next_epoch next = {
        .from = &all[0].group->now,
        .application = &all[0].group->application,
        .group = all[0].group,
        .staged = staged,
        .list = {staged->changes, 0, ITEMS_MAX},
        .by_newcomer = by_newcomer,
        .committer = {COMMITTER},
    };
    room = ic_writer_of(arena, sizeof arena);
    if (by_newcomer) {
        struct ic_mls_key_package package;
        struct ic_reader r = ic_reader_of(package_of(&stranger));
        ic_mls_read_key_package(&r, &package);
        newcomer = package.leaf;
        next.new_leaf = &newcomer;
    }
    enum ic_err err = admit_all(&next, said);
    if (err == IC_OK)
        err = ic_mls_next_epoch_apply(&next);
    if (err == IC_OK)
        err = ic_mls_next_epoch_set_tree(&next);
    ic_mls_next_epoch_clear(&next);
    ic_mls_staged_free(staged);
    return err;
}

static void set_up(void)
{
    party_gather(all, MEMBERS, ic_suite_find(1));
    party_init(&stranger, ic_suite_find(1), 70);
    party_init(&twin, ic_suite_find(1), 71);
    memcpy(twin.signature_private, all[2].signature_private, sizeof twin.signature_private);
}

static void tear_down(void)
{
    party_end(all, MEMBERS);
    party_leave(&stranger);
    party_leave(&twin);
}

struct row {
    const char *what;
    struct said said[ITEMS_MAX];
    enum ic_err want;
};

static const struct row MEMBER_ROWS[] = {
    {"nothing at all", {{0}}, IC_OK},
    {"an Add", {BY_COMMITTER(ADD)}, IC_OK},
    {"an Add by reference", {BY_MEMBER(ADD, 2)}, IC_OK},
    {"an Add by an external sender", {BY_SERVER(ADD)}, IC_OK},
    {"an Add by a newcomer", {BY_STRANGER(ADD)}, IC_OK},
    {"two Adds of one client", {BY_COMMITTER(ADD), BY_MEMBER(ADD_TWIN, 2)}, IC_ERR_FORBIDDEN},
    {"an Add of a member", {BY_COMMITTER(ADD_MEMBER)}, IC_ERR_FORBIDDEN},
    {"an Add of a member that is removed",
     {BY_COMMITTER(ADD_MEMBER), BY_COMMITTER(REMOVE_2)},
     IC_OK},
    {"an Add for another suite", {BY_COMMITTER(ADD_OTHER_SUITE)}, IC_ERR_FORBIDDEN},
    {"an Add with a wrong signature", {BY_COMMITTER(ADD_BAD_SIGNATURE)}, IC_ERR_FORGED},
    {"an Add with a wrong signature of the leaf", {BY_COMMITTER(ADD_BAD_LEAF)}, IC_ERR_FORGED},
    {"an Add with one key for two uses", {BY_COMMITTER(ADD_ONE_KEY)}, IC_ERR_FORBIDDEN},
    {"an Add with an init key that is too short",
     {BY_COMMITTER(ADD_SHORT_INIT_KEY)},
     IC_ERR_FORBIDDEN},
    {"an Add with a leaf's key that is too short",
     {BY_COMMITTER(ADD_SHORT_LEAF_KEY)},
     IC_ERR_FORBIDDEN},
    {"an Add of another version", {BY_COMMITTER(ADD_VERSION)}, IC_ERR_FORBIDDEN},
    {"an Add with a leaf of another source", {BY_COMMITTER(ADD_SOURCE)}, IC_ERR_FORBIDDEN},
    {"two Adds with one init key",
     {BY_COMMITTER(ADD), BY_COMMITTER(REMOVE_2), BY_COMMITTER(ADD_ONE_INIT)},
     IC_ERR_FORBIDDEN},
    {"an Add of somebody without the suite", {BY_COMMITTER(ADD_UNABLE)}, IC_ERR_FORBIDDEN},
    {"an Update", {BY_MEMBER(UPDATE, 2)}, IC_OK},
    {"two Updates of two", {BY_MEMBER(UPDATE, 2), BY_MEMBER(UPDATE, 3)}, IC_OK},
    {"an Update by value", {BY_COMMITTER(UPDATE)}, IC_ERR_FORBIDDEN},
    {"the committer's own Update", {BY_MEMBER(UPDATE, COMMITTER)}, IC_ERR_FORBIDDEN},
    {"two Updates of one", {BY_MEMBER(UPDATE, 2), BY_MEMBER(UPDATE, 2)}, IC_ERR_FORBIDDEN},
    {"an Update with the old key", {BY_MEMBER(UPDATE_SAME_KEY, 2)}, IC_ERR_FORBIDDEN},
    {"an Update of another source", {BY_MEMBER(UPDATE_SOURCE, 2)}, IC_ERR_FORBIDDEN},
    {"an Update for another place", {BY_MEMBER(UPDATE_PLACE, 2)}, IC_ERR_FORGED},
    {"an Update with a key that is too short", {BY_MEMBER(UPDATE_SHORT_KEY, 2)}, IC_ERR_FORBIDDEN},
    {"an Update with another's key", {BY_MEMBER(UPDATE_TAKEN_KEY, 2)}, IC_ERR_FORBIDDEN},
    {"an Update by an external sender",
     {{UPDATE, IC_MLS_SENDER_EXTERNAL, 2, true}},
     IC_ERR_FORBIDDEN},
    {"two Removes", {BY_COMMITTER(REMOVE_2), BY_MEMBER(REMOVE_3, 2)}, IC_OK},
    {"a Remove by an external sender", {BY_SERVER(REMOVE_2)}, IC_OK},
    {"a Remove by a newcomer", {BY_STRANGER(REMOVE_2)}, IC_ERR_FORBIDDEN},
    {"a Remove of the committer", {BY_COMMITTER(REMOVE_COMMITTER)}, IC_ERR_FORBIDDEN},
    {"a Remove of the committer by another", {BY_MEMBER(REMOVE_COMMITTER, 2)}, IC_ERR_FORBIDDEN},
    {"a Remove of nobody", {BY_COMMITTER(REMOVE_BLANK)}, IC_ERR_FORBIDDEN},
    {"a Remove beyond the tree", {BY_COMMITTER(REMOVE_BEYOND)}, IC_ERR_FORBIDDEN},
    {"two Removes of one", {BY_COMMITTER(REMOVE_2), BY_MEMBER(REMOVE_2, 3)}, IC_ERR_FORBIDDEN},
    {"Update and Remove of one", {BY_COMMITTER(REMOVE_2), BY_MEMBER(UPDATE, 2)}, IC_ERR_FORBIDDEN},
    {"a PSK", {BY_COMMITTER(PSK)}, IC_OK},
    {"two PSKs", {BY_COMMITTER(PSK), BY_MEMBER(PSK_OTHER, 2)}, IC_OK},
    {"one PSK twice", {BY_COMMITTER(PSK), BY_MEMBER(PSK_AGAIN, 2)}, IC_ERR_FORBIDDEN},
    {"a PSK with a short nonce", {BY_COMMITTER(PSK_SHORT_NONCE)}, IC_ERR_FORBIDDEN},
    {"a PSK of a reinitialisation", {BY_COMMITTER(PSK_REINIT)}, IC_ERR_FORBIDDEN},
    {"a PSK of a branch", {BY_COMMITTER(PSK_BRANCH)}, IC_ERR_FORBIDDEN},
    {"a PSK by a newcomer", {BY_STRANGER(PSK)}, IC_ERR_FORBIDDEN},
    {"new extensions", {BY_COMMITTER(EXTENSIONS)}, IC_OK},
    {"new extensions twice",
     {BY_COMMITTER(EXTENSIONS), BY_MEMBER(EXTENSIONS, 2)},
     IC_ERR_FORBIDDEN},
    {"required capabilities that are none", {BY_COMMITTER(EXTENSIONS_BROKEN)}, IC_ERR_FORBIDDEN},
    {"external senders that are none", {BY_COMMITTER(EXTENSIONS_SENDERS_BROKEN)}, IC_ERR_FORBIDDEN},
    {"an extension that nobody knows", {BY_COMMITTER(EXTENSIONS_UNKNOWN)}, IC_ERR_FORBIDDEN},
    {"a requirement that nobody meets", {BY_COMMITTER(EXTENSIONS_DEMANDING)}, IC_ERR_FORBIDDEN},
    {"a ReInit", {BY_COMMITTER(REINIT)}, IC_OK},
    {"a ReInit to an older version", {BY_COMMITTER(REINIT_OLD)}, IC_ERR_FORBIDDEN},
    {"a ReInit after another proposal",
     {BY_COMMITTER(PSK), BY_COMMITTER(REINIT)},
     IC_ERR_FORBIDDEN},
    {"a ReInit before another proposal",
     {BY_COMMITTER(REINIT), BY_COMMITTER(ADD)},
     IC_ERR_FORBIDDEN},
    {"two ReInits", {BY_COMMITTER(REINIT), BY_MEMBER(REINIT, 2)}, IC_ERR_FORBIDDEN},
    {"an ExternalInit", {BY_COMMITTER(EXTERNAL_INIT)}, IC_ERR_FORBIDDEN},
    {"what a joiner says", {BY_JOINER(REMOVE_2)}, IC_ERR_FORBIDDEN},
    {"a SelfRemove", {BY_MEMBER(SELF_REMOVE, 2)}, IC_OK},
    {"a SelfRemove by value", {BY_COMMITTER(SELF_REMOVE)}, IC_ERR_FORBIDDEN},
    {"the committer's SelfRemove", {BY_MEMBER(SELF_REMOVE, COMMITTER)}, IC_ERR_FORBIDDEN},
    {"a SelfRemove of nobody", {BY_MEMBER(SELF_REMOVE, 6)}, IC_ERR_FORBIDDEN},
    {"a SelfRemove by an external sender", {BY_SERVER(SELF_REMOVE)}, IC_ERR_FORBIDDEN},
    {"SelfRemove and Remove of one",
     {BY_COMMITTER(REMOVE_2), BY_MEMBER(SELF_REMOVE, 2)},
     IC_ERR_FORBIDDEN},
};

static const struct row JOINER_ROWS[] = {
    {"an ExternalInit", {BY_JOINER(EXTERNAL_INIT)}, IC_OK},
    {"nothing", {{0}}, IC_ERR_FORBIDDEN},
    {"no ExternalInit", {BY_JOINER(PSK)}, IC_ERR_FORBIDDEN},
    {"two ExternalInits", {BY_JOINER(EXTERNAL_INIT), BY_JOINER(EXTERNAL_INIT)}, IC_ERR_FORBIDDEN},
    {"an ExternalInit of another length", {BY_JOINER(EXTERNAL_INIT_SHORT)}, IC_ERR_FORBIDDEN},
    {"an ExternalInit by reference", {BY_JOINER_BEFORE(EXTERNAL_INIT)}, IC_ERR_FORBIDDEN},
    {"a Remove and a PSK", {BY_JOINER(EXTERNAL_INIT), BY_JOINER(REMOVE_2), BY_JOINER(PSK)}, IC_OK},
    {"two Removes",
     {BY_JOINER(EXTERNAL_INIT), BY_JOINER(REMOVE_2), BY_JOINER(REMOVE_3)},
     IC_ERR_FORBIDDEN},
    {"a member's Remove", {BY_JOINER(EXTERNAL_INIT), BY_MEMBER(REMOVE_2, 3)}, IC_ERR_FORBIDDEN},
    {"a member's PSK", {BY_JOINER(EXTERNAL_INIT), BY_MEMBER(PSK, 3)}, IC_ERR_FORBIDDEN},
    {"an Add", {BY_JOINER(EXTERNAL_INIT), BY_JOINER(ADD)}, IC_ERR_FORBIDDEN},
    {"an Update", {BY_JOINER(EXTERNAL_INIT), BY_MEMBER(UPDATE, 2)}, IC_ERR_FORBIDDEN},
    {"extensions", {BY_JOINER(EXTERNAL_INIT), BY_JOINER(EXTENSIONS)}, IC_ERR_FORBIDDEN},
    {"a ReInit", {BY_JOINER(EXTERNAL_INIT), BY_JOINER(REINIT)}, IC_ERR_FORBIDDEN},
    {"a member's SelfRemove", {BY_JOINER(EXTERNAL_INIT), BY_MEMBER(SELF_REMOVE, 2)}, IC_OK},
    {"the joiner's SelfRemove",
     {BY_JOINER(EXTERNAL_INIT), BY_JOINER(SELF_REMOVE)},
     IC_ERR_FORBIDDEN},
    {"SelfRemove and Remove of one",
     {BY_JOINER(EXTERNAL_INIT), BY_JOINER(REMOVE_2), BY_MEMBER(SELF_REMOVE, 2)},
     IC_ERR_FORBIDDEN},
};

static void check_rows(const struct row *rows, size_t count, bool by_newcomer)
{
    for (size_t i = 0; i < count; i++) {
        enum ic_err err = judge(rows[i].said, by_newcomer);
        if (err != rows[i].want)
            fail_msg("%s: %d instead of %d", rows[i].what, err, rows[i].want);
    }
}

TEST(mls_member_s_commit_keeps_every_rule_of_its_proposals)
{
    set_up();
    check_rows(MEMBER_ROWS, IC_COUNT(MEMBER_ROWS), false);
    tear_down();
}

TEST(mls_joiner_s_commit_keeps_every_rule_of_its_proposals)
{
    set_up();
    check_rows(JOINER_ROWS, IC_COUNT(JOINER_ROWS), true);
    tear_down();
}

TEST(mls_unknown_proposal_types_are_for_groups_in_which_all_know_them)
{
    static const struct said SAID[ITEMS_MAX] = {BY_MEMBER(SELF_REMOVE, 2)};
    static const struct said REMOVED[ITEMS_MAX] = {BY_MEMBER(SELF_REMOVE, 2),
                                                   BY_COMMITTER(REMOVE_3)};

    for (unsigned i = 0; i < MEMBERS; i++)
        party_init(&all[i], ic_suite_find(1), i);
    all[3].identity.capabilities.proposals = (struct ic_bytes){0};
    party_init(&stranger, ic_suite_find(1), 70);
    party_init(&twin, ic_suite_find(1), 71);
    party_create(&all[0], "test group");
    party_add(all, MEMBERS, &all[0], &all[1], 4);
    assert_int_equal(judge(SAID, false), IC_ERR_FORBIDDEN);
    assert_int_equal(judge(REMOVED, false), IC_OK);
    tear_down();
}

/* A commit that member 1 signs though its own library would not make it: no path, no right tag. */
static struct ic_mls_message forge(const struct said *said)
{
    const struct ic_mls_epoch_state *now = &all[COMMITTER].group->now;
    uint8_t list_room[8192], body_room[8192];
    struct ic_writer list = ic_writer_of(list_room, sizeof list_room);
    struct ic_writer body = ic_writer_of(body_room, sizeof body_room);
    struct ic_mls_outgoing outgoing;
    struct ic_mls_message message;

    room = ic_writer_of(arena, sizeof arena);
    for (size_t i = 0; i < ITEMS_MAX && said[i].item != NONE; i++) {
        ic_write_uint(&list, 1, 1);
        ic_write_bytes(&list, encoded(said[i].item, said[i].sender));
    }
    ic_mls_write_vector(&body, ic_written(&list));
    ic_mls_write_present(&body, false);
    const struct ic_mls_content content = {
        .group_id = now->context.group_id,
        .epoch = now->context.epoch,
        .sender = {IC_MLS_SENDER_MEMBER, COMMITTER},
        .type = IC_MLS_CONTENT_COMMIT,
        .body = ic_written(&body),
    };
    assert_int_equal(ic_mls_outgoing_init(&outgoing, now->suite, ic_mls_epoch_state_signer(now),
                                          IC_MLS_PUBLIC_MESSAGE, &content,
                                          ic_mls_message_bytes(&now->context_bytes)),
                     IC_OK);
    ic_mls_outgoing_set_tag(&outgoing, now->confirmation_tag, 32);
    assert_int_equal(ic_mls_outgoing_protect(&message, &outgoing, now, 0), IC_OK);
    ic_mls_outgoing_clear(&outgoing);
    return message;
}

TEST(mls_rule_breaking_commit_of_a_member_is_refused_and_changes_nothing)
{
    static const struct row ROWS[] = {
        {"a path is missing for nothing", {{0}}, IC_ERR_FORBIDDEN},
        {"a path is missing for a Remove", {BY_COMMITTER(REMOVE_2)}, IC_ERR_FORBIDDEN},
        {"a path is missing for extensions", {BY_COMMITTER(EXTENSIONS)}, IC_ERR_FORBIDDEN},
        {"a Remove of itself", {BY_COMMITTER(REMOVE_COMMITTER)}, IC_ERR_FORBIDDEN},
        {"an Update by value", {BY_COMMITTER(UPDATE)}, IC_ERR_FORBIDDEN},
        {"a SelfRemove by value", {BY_COMMITTER(SELF_REMOVE)}, IC_ERR_FORBIDDEN},
        {"an ExternalInit", {BY_COMMITTER(EXTERNAL_INIT)}, IC_ERR_FORBIDDEN},
        {"one PSK twice", {BY_COMMITTER(PSK), BY_COMMITTER(PSK_AGAIN)}, IC_ERR_FORBIDDEN},
        {"a wrong tag", {BY_COMMITTER(ADD)}, IC_ERR_FORGED},
        {"a wrong tag and a ReInit", {BY_COMMITTER(REINIT)}, IC_ERR_FORGED},
    };

    set_up();
    struct mls_state before = mls_state_of(all[0].group);
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        struct ic_mls_message message = forge(ROWS[i].said);
        enum ic_err err = party_hear(&all[0], ic_mls_message_bytes(&message));
        if (err != ROWS[i].want)
            fail_msg("%s: %d instead of %d", ROWS[i].what, err, ROWS[i].want);
        ic_mls_message_clear(&message);
    }
    struct mls_state after = mls_state_of(all[0].group);
    assert_true(mls_state_equal(&before, &after));
    tear_down();
}

/* Its own library says it in a PublicMessage always. */
TEST(mls_self_remove_that_a_newcomer_could_not_read_is_refused)
{
    set_up();
    const struct ic_mls_epoch_state *now = &all[COMMITTER].group->now;
    struct ic_mls_outgoing outgoing;
    struct ic_mls_message message;

    room = ic_writer_of(arena, sizeof arena);
    const struct ic_mls_content content = {
        .group_id = now->context.group_id,
        .epoch = now->context.epoch,
        .sender = {IC_MLS_SENDER_MEMBER, COMMITTER},
        .type = IC_MLS_CONTENT_PROPOSAL,
        .body = encoded(SELF_REMOVE, COMMITTER),
    };
    const enum ic_mls_wire_format formats[] = {IC_MLS_PRIVATE_MESSAGE, IC_MLS_PUBLIC_MESSAGE};
    const enum ic_err want[] = {IC_ERR_FORBIDDEN, IC_OK};
    for (size_t i = 0; i < IC_COUNT(formats); i++) {
        assert_int_equal(ic_mls_outgoing_init(&outgoing, now->suite, ic_mls_epoch_state_signer(now),
                                              formats[i], &content,
                                              ic_mls_message_bytes(&now->context_bytes)),
                         IC_OK);
        assert_int_equal(ic_mls_outgoing_protect(&message, &outgoing, now, 0), IC_OK);
        assert_int_equal(party_hear(&all[0], ic_mls_message_bytes(&message)), want[i]);
        ic_mls_message_clear(&message);
        ic_mls_outgoing_clear(&outgoing);
    }
    tear_down();
}

RUN_TESTS(cmocka_unit_test(mls_member_s_commit_keeps_every_rule_of_its_proposals),
          cmocka_unit_test(mls_joiner_s_commit_keeps_every_rule_of_its_proposals),
          cmocka_unit_test(mls_unknown_proposal_types_are_for_groups_in_which_all_know_them),
          cmocka_unit_test(mls_self_remove_that_a_newcomer_could_not_read_is_refused),
          cmocka_unit_test(mls_rule_breaking_commit_of_a_member_is_refused_and_changes_nothing))
