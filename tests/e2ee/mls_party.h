/* mls_party.h - people of a test who hold groups, and what they send each other. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "e2ee/mls/group.h"
#include "tests/test.h"

enum { PARTY_NAME_LEN = 16, PARTY_EXTENSION = 0xf1c3, PARTY_CONTEXT_EXTENSION = 0xf1c2 };

/* MLS 1.0; every suite; two extensions of ours; SelfRemove; basic and X.509 credentials. */
static const uint8_t PARTY_VERSIONS[] = {0, 1};
static const uint8_t PARTY_SUITES[] = {0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0xf1, 0xc1};
static const uint8_t PARTY_EXTENSIONS[] = {0xf1, 0xc3, 0xf1, 0xc2};
static const uint8_t PARTY_PROPOSALS[] = {0, IC_MLS_SELF_REMOVE};
static const uint8_t PARTY_CREDENTIALS[] = {0, 1, 0, 2};

#define PARTY_BYTES(array) ((struct ic_bytes){array, sizeof(array)})

struct party {
    const struct ic_suite *suite;
    uint8_t name[PARTY_NAME_LEN];
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX];
    struct ic_mls_identity identity;
    struct ic_mls_application application;
    struct ic_mls_own_package package;
    struct ic_mls_group *group; /* NULL: in none */
};

static const uint8_t PARTY_PSK[32] = {7, 7, 7};

/* Everybody knows one external key, "link", and none else. */
static inline bool party_find_psk(void *user, const struct ic_mls_psk_id *id,
                                  struct ic_bytes *secret)
{
    (void)user;
    if (id->type != IC_MLS_PSK_EXTERNAL ||
        !ic_bytes_equal(id->external_id, ic_bytes_of_text("link")))
        return false;
    *secret = PARTY_BYTES(PARTY_PSK);
    return true;
}

static inline struct ic_mls_psk_id party_link(void)
{
    return (struct ic_mls_psk_id){.type = IC_MLS_PSK_EXTERNAL,
                                  .external_id = ic_bytes_of_text("link")};
}

static inline void party_init(struct party *p, const struct ic_suite *suite, unsigned number)
{
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];

    *p = (struct party){.suite = suite, .application = {.find_psk = party_find_psk}};
    snprintf((char *)p->name, sizeof p->name, "party %u", number);
    assert_int_equal(ic_signature_generate(p->signature_private, public_key, suite->signature),
                     IC_OK);
    p->identity = (struct ic_mls_identity){
        .signature_private = {p->signature_private,
                              ic_signature_lengths(suite->signature).private_len},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC, .identity = {p->name, PARTY_NAME_LEN}},
        .capabilities = {PARTY_BYTES(PARTY_VERSIONS), PARTY_BYTES(PARTY_SUITES),
                         PARTY_BYTES(PARTY_EXTENSIONS), PARTY_BYTES(PARTY_PROPOSALS),
                         PARTY_BYTES(PARTY_CREDENTIALS)},
        .lifetime = {0, UINT64_MAX},
    };
}

static inline void party_leave(struct party *p)
{
    ic_mls_group_free(p->group);
    ic_mls_own_package_clear(&p->package);
    p->group = NULL;
}

static inline void party_create(struct party *p, const char *group_id)
{
    const struct ic_mls_create create = {.suite = p->suite,
                                         .group_id = ic_bytes_of_text(group_id),
                                         .identity = &p->identity,
                                         .application = &p->application};
    assert_int_equal(ic_mls_group_create(&p->group, &create), IC_OK);
}

/* A fresh key package; the bytes are the party's. */
static inline struct ic_bytes party_package(struct party *p)
{
    ic_mls_own_package_clear(&p->package);
    assert_int_equal(
        ic_mls_own_package_init(&p->package, p->suite, &p->identity, (struct ic_bytes){0}), IC_OK);
    return ic_mls_message_bytes(&p->package.encoded);
}

static inline void party_join(struct party *p, struct ic_bytes welcome)
{
    const struct ic_mls_group_join join = {
        .welcome = welcome, .package = &p->package, .application = &p->application};
    assert_int_equal(ic_mls_group_join(&p->group, &join), IC_OK);
}

static inline struct ic_leaf party_leaf(const struct party *p)
{
    return ic_mls_group_own_leaf(p->group);
}

/* Do they agree on all that an epoch is? */
static inline void party_check_agree(const struct party *a, const struct party *b)
{
    const struct ic_mls_group_context *x = ic_mls_group_context(a->group),
                                      *y = ic_mls_group_context(b->group);
    assert_int_equal(x->epoch, y->epoch);
    assert_true(ic_bytes_equal(x->encoded, y->encoded));
    assert_true(ic_bytes_equal(ic_mls_group_epoch_authenticator(a->group),
                               ic_mls_group_epoch_authenticator(b->group)));
}

/* What `p` made of a commit: enters it. */
static inline void party_hear_commit(struct party *p, struct ic_bytes message)
{
    struct ic_mls_heard heard;

    assert_int_equal(ic_mls_group_hear(&heard, p->group, message), IC_OK);
    assert_int_equal(heard.kind, IC_MLS_HEARD_COMMIT);
    assert_int_equal(ic_mls_group_enter(p->group, heard.staged), IC_OK);
    heard.staged = NULL;
    ic_mls_heard_clear(&heard);
}

static inline enum ic_err party_hear(struct party *p, struct ic_bytes message)
{
    struct ic_mls_heard heard;
    enum ic_err err = ic_mls_group_hear(&heard, p->group, message);
    if (err == IC_OK)
        ic_mls_heard_clear(&heard);
    return err;
}

/* The first `count` of `all` that are in a group, but for `speaker`, hear it. */
static inline void party_tell(struct party *all, size_t count, const struct party *speaker,
                              struct ic_bytes commit)
{
    for (size_t i = 0; i < count; i++)
        if (all[i].group && &all[i] != speaker && !ic_mls_group_is_over(all[i].group))
            party_hear_commit(&all[i], commit);
}

/* `speaker` commits what is planned, all hear it, newcomers named by `joiner_count` join, and
 * whoever was removed leaves. All agree then. */
static inline void party_commit(struct party *all, size_t count, struct party *speaker,
                                const struct ic_mls_commit_plan *plan, struct party *joiners,
                                size_t joiner_count)
{
    struct ic_mls_staged *staged;

    assert_int_equal(ic_mls_group_commit(&staged, speaker->group, plan), IC_OK);
    party_tell(all, count, speaker, ic_mls_staged_message(staged));
    for (size_t i = 0; i < joiner_count; i++)
        party_join(&joiners[i], ic_mls_staged_welcome(staged));
    assert_int_equal(ic_mls_group_enter(speaker->group, staged), IC_OK);
    for (size_t i = 0; i < count; i++) {
        if (all[i].group && ic_mls_group_is_over(all[i].group))
            party_leave(&all[i]);
        if (all[i].group)
            party_check_agree(&all[i], speaker);
    }
}

/* Adds `joiners` in one commit, with the link's key. */
static inline void party_add(struct party *all, size_t count, struct party *speaker,
                             struct party *joiners, size_t joiner_count)
{
    struct ic_bytes packages[64];
    const struct ic_mls_psk_id link = party_link();

    assert_true(joiner_count <= 64);
    for (size_t i = 0; i < joiner_count; i++)
        packages[i] = party_package(&joiners[i]);
    const struct ic_mls_commit_plan plan = {
        .adds = packages, .add_count = joiner_count, .psks = &link, .psk_count = 1};
    party_commit(all, count, speaker, &plan, joiners, joiner_count);
}

/* Everybody says something and everybody hears it. */
static inline void party_check_talk(struct party *all, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct ic_mls_message message;
        if (!all[i].group)
            continue;
        assert_int_equal(ic_mls_group_seal(&message, all[i].group, ic_bytes_of_text("aad"),
                                           ic_bytes_of_text("hello"), 9),
                         IC_OK);
        for (size_t j = 0; j < count; j++) {
            struct ic_mls_heard heard;
            if (!all[j].group || i == j)
                continue;
            assert_int_equal(
                ic_mls_group_hear(&heard, all[j].group, ic_mls_message_bytes(&message)), IC_OK);
            assert_int_equal(heard.kind, IC_MLS_HEARD_TEXT);
            assert_int_equal(heard.sender.index, party_leaf(&all[i]).n);
            assert_true(ic_bytes_equal(heard.text, ic_bytes_of_text("hello")));
            assert_true(ic_bytes_equal(heard.authenticated_data, ic_bytes_of_text("aad")));
            ic_mls_heard_clear(&heard);
        }
        ic_mls_message_clear(&message);
    }
}

/* A group of the first `members` of `all`, made by the first, one Add after the other. */
static inline void party_gather(struct party *all, size_t members, const struct ic_suite *suite)
{
    for (size_t i = 0; i < members; i++)
        party_init(&all[i], suite, (unsigned)i);
    party_create(&all[0], "test group");
    for (size_t i = 1; i < members; i++)
        party_add(all, members, &all[0], &all[i], 1);
}

static inline void party_end(struct party *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
        party_leave(&all[i]);
}

/* `who` proposes; everybody else hears it. */
static inline void party_propose(struct party *all, size_t count, struct party *who,
                                 const struct ic_mls_proposal *proposal, bool private_message)
{
    const struct ic_mls_protection how = {.private_message = private_message, .padding = 3};
    struct ic_mls_message message;

    assert_int_equal(ic_mls_group_propose(&message, NULL, who->group, proposal, NULL, &how), IC_OK);
    for (size_t i = 0; i < count; i++)
        if (all[i].group && &all[i] != who)
            assert_int_equal(party_hear(&all[i], ic_mls_message_bytes(&message)), IC_OK);
    ic_mls_message_clear(&message);
}
