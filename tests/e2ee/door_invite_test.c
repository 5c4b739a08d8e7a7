/* Personal invites: the list that the state holds, and secrets that only their maker has. */
#include "e2ee/door/invite.h"

#include "e2ee/mls/codec.h"
#include "tests/e2ee/door_rig.h"

static const uint8_t MAKER[IC_DOOR_INVITE_MAKER_LEN] = {5}, SALT[IC_DOOR_INVITE_SALT_LEN] = {6};

static uint8_t list_room[16384], vector_room[16384];

static void put_made_by(struct ic_writer *w, uint32_t number, struct ic_bytes maker,
                        struct ic_bytes user)
{
    struct ic_door_invite invite = {
        .number = number, .maker = maker, .user = user, .salt = {SALT, sizeof SALT}};
    struct ic_door_invite_bytes bytes;
    uint8_t secret[IC_LINK_SECRET_LEN];
    ic_door_invite_secret(secret, MAKER, MEETING, invite.salt);
    assert_int_equal(ic_door_invite_fill(&invite, &bytes, secret, MEETING), IC_OK);
    ic_door_write_invite(w, &invite);
}

static void put(struct ic_writer *w, uint32_t number, struct ic_bytes user)
{
    put_made_by(w, number, key_of(HOST), user);
}

static struct ic_bytes as_vector(struct ic_bytes list)
{
    struct ic_writer w = ic_writer_of(vector_room, sizeof vector_room);
    ic_mls_write_vector(&w, list);
    assert_false(w.bad);
    return ic_written(&w);
}

static enum ic_err open(struct ic_bytes vector)
{
    struct ic_reader r = ic_reader_of(vector);
    ic_door_read_invites(&r);
    return ic_mls_finish(&r);
}

static enum ic_err open_list(const struct ic_writer *w)
{
    return open(as_vector(ic_written(w)));
}

TEST(invites_are_read_as_they_were_written)
{
    struct ic_writer w = ic_writer_of(list_room, sizeof list_room);
    struct ic_door_invite invite;
    put(&w, 2, (struct ic_bytes){0});
    put(&w, 7, key_of(GUEST));
    struct ic_reader r = ic_reader_of(as_vector(ic_written(&w)));
    struct ic_bytes invites = ic_door_read_invites(&r);
    assert_int_equal(ic_mls_finish(&r), IC_OK);

    assert_true(ic_door_invite_find(invites, 7, &invite));
    assert_true(ic_bytes_equal(invite.maker, key_of(HOST)));
    assert_true(ic_bytes_equal(invite.user, key_of(GUEST)));
    assert_true(ic_bytes_equal(invite.salt, (struct ic_bytes){SALT, sizeof SALT}));
    assert_false(ic_door_invite_find(invites, 3, &invite));
    assert_true(ic_door_invite_find(invites, 2, &invite));
    assert_int_equal(invite.user.len, 0);
    uint8_t tag[IC_DOOR_TAG_LEN];
    ic_door_tag(tag, invite.key.at, MEETING);
    assert_true(ic_door_invite_of_tag(invites, tag, MEETING, &invite));
    assert_int_equal(invite.number, 2);
    static const uint8_t OTHER_TAG[IC_DOOR_TAG_LEN] = {9}, OTHER_MEETING[IC_MEETING_LEN] = {8};
    assert_false(ic_door_invite_of_tag(invites, OTHER_TAG, MEETING, &invite));
    assert_false(ic_door_invite_of_tag(invites, tag, OTHER_MEETING, &invite));
}

/* The invite's holder comes to the same keys by the fragment alone. */
TEST(invite_says_of_itself_what_its_secret_gives)
{
    struct ic_door_invite invite = {.salt = {SALT, sizeof SALT}};
    struct ic_door_invite_bytes bytes;
    uint8_t secret[IC_LINK_SECRET_LEN], key[IC_LINK_SECRET_LEN];
    uint8_t private_key[IC_DOOR_INVITE_SIGNER_LEN], public_key[IC_DOOR_INVITE_SIGNER_LEN];
    uint8_t proof[IC_ADMISSION_PROOF_LEN], hash[IC_SHA256_LEN];

    ic_door_invite_secret(secret, MAKER, MEETING, invite.salt);
    assert_int_equal(ic_door_invite_fill(&invite, &bytes, secret, MEETING), IC_OK);
    ic_door_invite_key(key, secret, MEETING);
    assert_int_equal(ic_door_invite_pair(private_key, public_key, secret, MEETING), IC_OK);
    ic_door_admission_proof(proof, secret);
    ic_sha256(hash, (struct ic_bytes){proof, sizeof proof});
    assert_true(ic_bytes_equal(invite.key, (struct ic_bytes){key, sizeof key}));
    assert_true(ic_bytes_equal(invite.signer, (struct ic_bytes){public_key, sizeof public_key}));
    assert_true(ic_bytes_equal(invite.admission, (struct ic_bytes){hash, sizeof hash}));
}

static bool holds(struct ic_bytes in, const uint8_t what[32])
{
    for (size_t i = 0; i + 32 <= in.len; i++)
        if (memcmp(in.at + i, what, 32) == 0)
            return true;
    return false;
}

/* Every member reads the state. Nothing of it may be what the server or a right-holder takes for
 * the invited person's. */
TEST(invite_says_nothing_of_itself_that_lets_anybody_in) /* ACC-10 */
{
    struct ic_writer w = ic_writer_of(list_room, sizeof list_room);
    uint8_t secret[IC_LINK_SECRET_LEN], proof[IC_ADMISSION_PROOF_LEN];
    uint8_t private_key[IC_DOOR_INVITE_SIGNER_LEN], public_key[IC_DOOR_INVITE_SIGNER_LEN];

    put(&w, 1, key_of(GUEST));
    ic_door_invite_secret(secret, MAKER, MEETING, (struct ic_bytes){SALT, sizeof SALT});
    ic_door_admission_proof(proof, secret);
    assert_int_equal(ic_door_invite_pair(private_key, public_key, secret, MEETING), IC_OK);
    assert_false(holds(ic_written(&w), secret));
    assert_false(holds(ic_written(&w), proof));
    assert_false(holds(ic_written(&w), private_key));
    assert_true(holds(ic_written(&w), public_key));
}

TEST(invite_secret_depends_on_maker_meeting_and_salt)
{
    static const uint8_t OTHER_MAKER[IC_DOOR_INVITE_MAKER_LEN] = {8};
    static const uint8_t OTHER_MEETING[IC_MEETING_LEN] = {8};
    static const uint8_t OTHER_SALT[IC_DOOR_INVITE_SALT_LEN] = {8};
    const struct {
        const char *what;
        const uint8_t *maker, *meeting, *salt;
    } ROWS[] = {{"maker", OTHER_MAKER, MEETING, SALT},
                {"meeting", MAKER, OTHER_MEETING, SALT},
                {"salt", MAKER, MEETING, OTHER_SALT}};
    uint8_t first[IC_LINK_SECRET_LEN], other[IC_LINK_SECRET_LEN];

    ic_door_invite_secret(first, MAKER, MEETING, (struct ic_bytes){SALT, sizeof SALT});
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        ic_door_invite_secret(other, ROWS[i].maker, ROWS[i].meeting,
                              (struct ic_bytes){ROWS[i].salt, IC_DOOR_INVITE_SALT_LEN});
        CHECK_ROW(ROWS[i].what, memcmp(first, other, sizeof first) != 0);
    }
}

TEST(invites_that_are_cut_are_refused)
{
    struct ic_writer w = ic_writer_of(list_room, sizeof list_room);
    put(&w, 1, key_of(GUEST));
    struct ic_bytes vector = as_vector(ic_written(&w));
    for (size_t len = 0; len < vector.len; len++) {
        uint8_t *cut = exact_copy((struct ic_bytes){vector.at, len});
        assert_int_not_equal(open((struct ic_bytes){cut, len}), IC_OK);
        free(cut);
    }
    for (size_t len = 1; len < w.len; len++) /* whole as a vector, cut inside */
        assert_int_not_equal(open(as_vector((struct ic_bytes){list_room, len})), IC_OK);
}

TEST(invites_in_disorder_or_too_many_or_of_nobody_are_refused)
{
    struct ic_writer w = ic_writer_of(list_room, sizeof list_room);
    put(&w, 0, (struct ic_bytes){0});
    assert_int_not_equal(open_list(&w), IC_OK);

    w = ic_writer_of(list_room, sizeof list_room);
    put(&w, 4, (struct ic_bytes){0});
    put(&w, 4, (struct ic_bytes){0});
    assert_int_not_equal(open_list(&w), IC_OK);

    w = ic_writer_of(list_room, sizeof list_room);
    put(&w, 1, ic_bytes_of_text("me"));
    assert_int_not_equal(open_list(&w), IC_OK);

    w = ic_writer_of(list_room, sizeof list_room);
    put_made_by(&w, 1, (struct ic_bytes){0}, (struct ic_bytes){0});
    assert_int_not_equal(open_list(&w), IC_OK);

    w = ic_writer_of(list_room, sizeof list_room);
    for (uint32_t i = 1; i <= IC_DOOR_INVITES_MAX; i++)
        put(&w, i, key_of(GUEST));
    assert_int_equal(open_list(&w), IC_OK);
    put(&w, IC_DOOR_INVITES_MAX + 1, key_of(GUEST));
    assert_int_not_equal(open_list(&w), IC_OK);
}

RUN_TESTS(cmocka_unit_test(invites_are_read_as_they_were_written),
          cmocka_unit_test(invite_says_of_itself_what_its_secret_gives),
          cmocka_unit_test(invite_says_nothing_of_itself_that_lets_anybody_in),
          cmocka_unit_test(invite_secret_depends_on_maker_meeting_and_salt),
          cmocka_unit_test(invites_that_are_cut_are_refused),
          cmocka_unit_test(invites_in_disorder_or_too_many_or_of_nobody_are_refused))
