/* mls.c - what the group's operations cost: CPU time of one call, medians, and bytes to send.
 *
 * A large group is built by Adds in batches, so its tree is mostly blank: the worst case for paths,
 * with a ciphertext for each member. Then members in all parts of it commit, which fills the tree
 * as a group's life does, and the same is measured again. */
#include "bench/help.h"
#include "e2ee/mls/group.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { BATCH = 250, LIVE = 32, ROUNDS = 9, NAME_LEN = 16 };

static const uint8_t VERSIONS[] = {0, 1}, CREDENTIALS[] = {0, 1};
static const uint8_t SUITES[] = {0, 1, 0, 2, 0, 3, 0xf1, 0xc1};

struct member {
    uint8_t name[NAME_LEN], signature_private[IC_SIGNATURE_PRIVATE_MAX];
    struct ic_mls_own_package package;
    struct ic_mls_group *group;
};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void must(enum ic_err err)
{
    if (err != IC_OK) {
        fprintf(stderr, "failed with %d\n", err);
        exit(1);
    }
}

static struct ic_mls_identity identity_of(const struct member *m, const struct ic_suite *suite)
{
    return (struct ic_mls_identity){
        .signature_private = {m->signature_private,
                              ic_signature_lengths(suite->signature).private_len},
        .credential = {.type = IC_MLS_CREDENTIAL_BASIC, .identity = {m->name, NAME_LEN}},
        .capabilities = {.versions = {VERSIONS, sizeof VERSIONS},
                         .suites = {SUITES, sizeof SUITES},
                         .credentials = {CREDENTIALS, sizeof CREDENTIALS}},
        .lifetime = {0, UINT64_MAX},
    };
}

static void member_init(struct member *m, const struct ic_suite *suite, unsigned number)
{
    uint8_t public_key[IC_SIGNATURE_PUBLIC_MAX];

    *m = (struct member){0};
    snprintf((char *)m->name, sizeof m->name, "%u", number);
    must(ic_signature_generate(m->signature_private, public_key, suite->signature));
    const struct ic_mls_identity identity = identity_of(m, suite);
    must(ic_mls_own_package_init(&m->package, suite, &identity, (struct ic_bytes){0}));
}

static void member_clear(struct member *m)
{
    ic_mls_group_free(m->group);
    ic_mls_own_package_clear(&m->package);
}

static double join(struct member *m, struct ic_bytes welcome)
{
    const struct ic_mls_group_join how = {.welcome = welcome, .package = &m->package};
    double start = cpu_ms();
    must(ic_mls_group_join(&m->group, &how));
    return cpu_ms() - start;
}

/* Hears a commit and enters it. */
static double hear(struct member *m, struct ic_bytes commit)
{
    struct ic_mls_heard heard;
    double start = cpu_ms();

    must(ic_mls_group_hear(&heard, m->group, commit));
    must(ic_mls_group_enter(m->group, heard.staged));
    double ms = cpu_ms() - start;
    heard.staged = NULL;
    ic_mls_heard_clear(&heard);
    return ms;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double values[ROUNDS])
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

/* Is this one held for real, rather than only a leaf? */
static bool is_live(size_t i, size_t count)
{
    return i <= 1 || i % (count / LIVE + 1) == 0;
}

/* All but the committer, who is `by`. */
static void tell(struct member *all, size_t count, size_t by, struct ic_bytes commit)
{
    for (size_t i = 0; i < count; i++)
        if (i != by && all[i].group)
            hear(&all[i], commit);
}

/* Adds those from `first` on; how long the commit with its Welcome took, and the last newcomer's
 * joining. */
struct adding {
    size_t count;
    double making, joining;
};

static struct adding add(struct member *all, size_t first, size_t count, size_t total)
{
    struct ic_bytes packages[BATCH];
    struct ic_mls_staged *staged;
    struct adding took = {.count = count};

    for (size_t i = 0; i < count; i++)
        packages[i] = ic_mls_message_bytes(&all[first + i].package.encoded);
    const struct ic_mls_commit_plan plan = {.adds = packages, .add_count = count};
    double start = cpu_ms();
    must(ic_mls_group_commit(&staged, all[0].group, &plan));
    took.making = cpu_ms() - start;
    tell(all, first, 0, ic_mls_staged_message(staged));
    for (size_t i = first; i < first + count; i++)
        if (is_live(i, total) || i + 1 == first + count)
            took.joining = join(&all[i], ic_mls_staged_welcome(staged));
    must(ic_mls_group_enter(all[0].group, staged));
    return took;
}

/* Commits of the first member, heard by the second; all others hear them untimed. */
static void measure(struct member *all, size_t count, const char *what)
{
    double make[ROUNDS], take[ROUNDS];
    const struct ic_mls_commit_plan plan = {.force_path = true};
    size_t bytes = 0;

    for (int round = 0; round < ROUNDS; round++) {
        struct ic_mls_staged *staged;
        double start = cpu_ms();
        must(ic_mls_group_commit(&staged, all[0].group, &plan));
        make[round] = cpu_ms() - start;
        bytes = ic_mls_staged_message(staged).len;
        take[round] = hear(&all[1], ic_mls_staged_message(staged));
        for (size_t i = 2; i < count; i++)
            if (all[i].group)
                hear(&all[i], ic_mls_staged_message(staged));
        must(ic_mls_group_enter(all[0].group, staged));
    }
    printf("%6zu %-26s %10.2f %10.2f %10zu\n", count, what, median(make), median(take), bytes);
}

static void everybody_commits(struct member *all, size_t count)
{
    const struct ic_mls_commit_plan plan = {.force_path = true};

    for (size_t i = 0; i < count; i++) {
        struct ic_mls_staged *staged;
        if (!all[i].group)
            continue;
        must(ic_mls_group_commit(&staged, all[i].group, &plan));
        tell(all, count, i, ic_mls_staged_message(staged));
        must(ic_mls_group_enter(all[i].group, staged));
    }
}

static void run(const struct ic_suite *suite, size_t count)
{
    struct member *all = calloc(count, sizeof *all);
    struct adding adding = {0};

    if (!all)
        exit(1);
    for (size_t i = 0; i < count; i++)
        member_init(&all[i], suite, (unsigned)i);
    const struct ic_mls_identity identity = identity_of(&all[0], suite);
    const struct ic_mls_create create = {
        .suite = suite, .group_id = ic_bytes_of_text("bench"), .identity = &identity};
    must(ic_mls_group_create(&all[0].group, &create));
    for (size_t i = 1; i < count; i += BATCH)
        adding = add(all, i, count - i < BATCH ? count - i : BATCH, count);
    measure(all, count, "after Adds, blank tree");
    everybody_commits(all, count);
    measure(all, count, "after commits everywhere");
    printf("%6zu the last %zu added, with their Welcome: %.1f ms; joining by it: %.2f ms\n", count,
           adding.count, adding.making, adding.joining);
    for (size_t i = 0; i < count; i++)
        member_clear(&all[i]);
    free(all);
}

int main(int argc, char **argv)
{
    static const uint16_t IDS[] = {IC_SUITE_X25519_AES128, IC_SUITE_HYBRID};
    static const size_t SIZES[] = {10, 100, 1000};

    bench_help(argc, argv, 0, "usage: mls_bench\nCPU time and bytes of the group's operations.\n");
    for (size_t s = 0; s < IC_COUNT(IDS); s++) {
        const struct ic_suite *suite = ic_suite_find(IDS[s]);
        if (!ic_suite_available(suite))
            continue;
        printf("suite %#x, ms of CPU a commit with a path, medians of %d\n", suite->id, ROUNDS);
        printf("members %-26s %10s %10s %10s\n", "", "making", "hearing", "bytes");
        for (size_t i = 0; i < IC_COUNT(SIZES); i++)
            run(suite, SIZES[i]);
    }
    return 0;
}
