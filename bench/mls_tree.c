/* mls_tree.c - what a commit of a large group costs in its tree: a new path made, sealed and heard,
 * and how much less it is to hash what changed than to hash all. CPU time, medians.
 *
 * Two trees of each size: "added", where all were added and nobody has committed, so that each
 * member gets a ciphertext of its own; and "settled", where everybody has committed once. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/help.h"
#include "bench/measure.h"
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/own_leaf.h"
#include "e2ee/mls/tree_check.h"
#include "e2ee/mls/tree_edit.h"
#include "e2ee/mls/treekem.h"
#include "e2ee/mls/update_path.h"

#include <time.h>

enum { ROUNDS = 9, MEMBERS_MAX = 1000 };
static const struct ic_bytes GROUP_ID = {(const uint8_t *)"group", 5};

/* What is measured, in milliseconds. */
enum step { COPY, READ, REHASH, MAKE, SEAL, APPLY, OPEN, CHECK, STEPS };
static const char *const NAMES[STEPS] = {
    "copy", "read all", "rehash one", "make path", "seal path", "apply path", "open path", "check",
};

struct member {
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX];
    uint8_t leaf_private[IC_KEM_PRIVATE_MAX];
    struct ic_mls_identity identity;
};

struct bench {
    const struct ic_suite *suite;
    struct ic_mls_own_capabilities can;
    struct member members[MEMBERS_MAX];
    uint32_t count;
    struct ic_mls_tree *tree;
    struct ic_mls_private_tree hearer;
    size_t sealed_len;
    double ms[STEPS][ROUNDS];
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void add_member(struct bench *b, uint32_t n)
{
    struct member *m = &b->members[n];
    const struct ic_mls_leaf_place place = {GROUP_ID, {n}};
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];
    struct ic_mls_message leaf;
    struct ic_leaf at;

    must(ic_signature_generate(m->signature_private, public_key, b->suite->signature) == IC_OK);
    m->identity = (struct ic_mls_identity){
        .signature_private = {m->signature_private,
                              ic_signature_lengths(b->suite->signature).private_len},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC, .identity = {m->signature_private, 16}},
        .capabilities = b->can.lists,
    };
    must(ic_mls_own_leaf_update(&leaf, m->leaf_private, b->suite, &m->identity, &place) == IC_OK);
    struct ic_bytes encoded = ic_mls_message_bytes(&leaf);
    if (n == 0)
        must(ic_mls_tree_of_one(&b->tree, b->suite, encoded) == IC_OK);
    else
        must(ic_mls_tree_add(&at, b->tree, encoded) == IC_OK);
    ic_mls_message_clear(&leaf);
}

static struct ic_mls_own_path *make_path(const struct bench *b, uint32_t n)
{
    struct ic_mls_own_path *own;
    struct ic_leaf at = {n};
    must(ic_mls_own_path_new(&own, b->tree, at, &b->members[n].identity, GROUP_ID) == IC_OK);
    return own;
}

/* Everybody commits once; the last has all keys above it then. */
static void settle(struct bench *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        struct ic_mls_own_path *own = make_path(b, i);
        ic_mls_tree_free(b->tree);
        b->tree = own->tree;
        b->hearer = own->keys;
        own->tree = NULL;
        ic_mls_own_path_free(own);
    }
}

static void lap(struct bench *b, enum step step, size_t round, double *since)
{
    double now = cpu_ms();
    b->ms[step][round] = now - *since;
    *since = cpu_ms();
}

static void measure_tree(struct bench *b, size_t round)
{
    struct ic_mls_tree *copy, *read;
    struct ic_mls_message encoded;
    double since;

    must(ic_mls_tree_encode(&encoded, b->tree) == IC_OK);
    since = cpu_ms();
    must(ic_mls_tree_copy(&copy, b->tree) == IC_OK);
    lap(b, COPY, round, &since);
    must(ic_mls_tree_new(&read, b->suite, ic_mls_message_bytes(&encoded)) == IC_OK);
    lap(b, READ, round, &since);
    ic_mls_tree_remove(copy, (struct ic_leaf){(uint32_t)round});
    ic_mls_tree_rehash(copy);
    lap(b, REHASH, round, &since);
    ic_mls_tree_free(copy);
    ic_mls_tree_free(read);
    ic_mls_message_clear(&encoded);
}

static void measure_path(struct bench *b, size_t round)
{
    uint8_t path_secret[IC_HASH_MAX], commit_secret[IC_HASH_MAX];
    struct ic_mls_private_tree keys = b->hearer;
    struct ic_bytes none = {0};
    struct ic_mls_update_path path;
    struct ic_mls_message sealed;
    struct ic_mls_tree *after;
    struct ic_leaf sender = {(uint32_t)round};
    double since = cpu_ms();

    struct ic_mls_own_path *own = make_path(b, sender.n);
    lap(b, MAKE, round, &since);
    must(ic_mls_own_path_seal(&sealed, own, none, GROUP_ID) == IC_OK);
    lap(b, SEAL, round, &since);
    struct ic_reader r = ic_reader_of(ic_mls_message_bytes(&sealed));
    ic_mls_read_update_path(&r, &path);
    must(ic_mls_tree_apply(&after, b->tree, sender, &path) == IC_OK);
    lap(b, APPLY, round, &since);
    must(ic_mls_path_open(&keys, path_secret, commit_secret, b->tree, after, sender, &path, none,
                          GROUP_ID) == IC_OK);
    lap(b, OPEN, round, &since);
    must(ic_mls_tree_check_members(after, none) == IC_OK);
    lap(b, CHECK, round, &since);
    b->sealed_len = sealed.len;
    ic_mls_message_clear(&sealed);
    ic_mls_tree_free(after);
    ic_mls_own_path_free(own);
}

static void print_row(struct bench *b, const char *what)
{
    printf("%-46s %5u %8s", b->suite->name, b->count, what);
    for (size_t i = 0; i < STEPS; i++)
        printf(" %10.2f", bench_median(b->ms[i], ROUNDS));
    printf(" %9.1f\n", (double)b->sealed_len / 1000);
}

static void run(struct bench *b, uint16_t suite, uint32_t count)
{
    struct ic_leaf last = {count - 1};

    b->suite = ic_suite_find(suite);
    if (!ic_suite_available(b->suite))
        return;
    must(ic_mls_own_capabilities_init(&b->can, NULL, 0, NULL, 0) == IC_OK);
    for (b->count = 0; b->count < count; b->count++)
        add_member(b, b->count);
    ic_mls_tree_rehash(b->tree);
    struct ic_bytes key = {b->members[last.n].leaf_private,
                           ic_kem_lengths(b->suite->kem).private_len};
    must(ic_mls_private_tree_init(&b->hearer, b->tree, last, key) == IC_OK);
    for (int settled = 0; settled < 2; settled++) {
        if (settled)
            settle(b);
        for (size_t i = 0; i < ROUNDS; i++) {
            measure_tree(b, i);
            measure_path(b, i);
        }
        print_row(b, settled ? "settled" : "added");
    }
    ic_mls_tree_free(b->tree);
}

int main(int argc, char **argv)
{
    static struct bench bench;

    bench_help(argc, argv, 0, "usage: mls_tree_bench\nCPU time of a commit in its tree.\n");
    printf("Milliseconds of CPU a commit, and the kilobytes of its path.\n%-46s %5s %8s", "suite",
           "size", "tree");
    for (size_t i = 0; i < STEPS; i++)
        printf(" %10s", NAMES[i]);
    printf(" %9s\n", "path kB");
    run(&bench, IC_SUITE_X25519_AES128, 100);
    run(&bench, IC_SUITE_X25519_AES128, MEMBERS_MAX);
    run(&bench, IC_SUITE_HYBRID, 100);
    run(&bench, IC_SUITE_HYBRID, MEMBERS_MAX);
    return 0;
}
