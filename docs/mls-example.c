/* mls-example.c - two members of a group, and a message each way (docs/mls.md). */
#include <stdio.h>
#include <stdlib.h>

#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/group.h"

static void must(enum ic_err err)
{
    if (err != IC_OK)
        exit(1);
}

/* Says `text` in the group of `from`; `to` hears it. */
static void say(struct ic_mls_group *from, struct ic_mls_group *to, const char *text)
{
    struct ic_mls_message message;
    struct ic_mls_heard heard;

    must(ic_mls_group_seal(&message, from, (struct ic_bytes){0}, ic_bytes_of_text(text), 0));
    must(ic_mls_group_hear(&heard, to, ic_mls_message_bytes(&message)));
    printf("member %u: %.*s\n", heard.sender.index, (int)heard.text.len,
           (const char *)heard.text.at);
    ic_mls_heard_clear(&heard);
    ic_mls_message_clear(&message);
}

int main(void)
{
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_X25519_AES128);
    const size_t private_len = ic_signature_lengths(suite->signature).private_len;
    uint8_t keys[2][IC_SIGNATURE_PRIVATE_MAX], public_key[IC_SIGNATURE_PUBLIC_MAX];
    struct ic_mls_own_capabilities can;
    struct ic_mls_identity people[2]; /* Alice and Bob */
    struct ic_mls_own_package package;
    struct ic_mls_group *alice, *bob;
    struct ic_mls_staged *staged;

    must(ic_mls_own_capabilities_init(&can, NULL, 0, NULL, 0));
    for (int i = 0; i < 2; i++) {
        must(ic_signature_generate(keys[i], public_key, suite->signature));
        people[i] = (struct ic_mls_identity){
            .signature_private = {keys[i], private_len},
            .credential = {.type = IC_MLS_CREDENTIAL_BASIC,
                           .identity = ic_bytes_of_text(i == 0 ? "Alice" : "Bob")},
            .capabilities = can.lists,
            .lifetime = {0, UINT64_MAX},
        };
    }

    /* Alice founds a group and adds Bob by the key package that he has published. */
    const struct ic_mls_create create = {
        .suite = suite, .group_id = ic_bytes_of_text("example"), .identity = &people[0]};
    must(ic_mls_group_create(&alice, &create));
    must(ic_mls_own_package_init(&package, suite, &people[1], (struct ic_bytes){0}));
    const struct ic_bytes of_bob = ic_mls_message_bytes(&package.encoded);
    const struct ic_mls_commit_plan plan = {.adds = &of_bob, .add_count = 1};
    must(ic_mls_group_commit(&staged, alice, &plan));

    /* The server would take ic_mls_staged_message() now. Bob joins, and Alice enters her epoch. */
    const struct ic_mls_group_join join = {.welcome = ic_mls_staged_welcome(staged),
                                           .package = &package};
    must(ic_mls_group_join(&bob, &join));
    must(ic_mls_group_enter(alice, staged));
    ic_mls_own_package_clear(&package);

    say(alice, bob, "Hello, Bob.");
    say(bob, alice, "Hello, Alice.");
    ic_mls_group_free(alice);
    ic_mls_group_free(bob);
    return 0;
}
