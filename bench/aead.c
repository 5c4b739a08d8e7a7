/* aead.c - what sealing one packet costs on each back end: CPU time, medians of interleaved rounds.
 *
 * Keys are taken in turn, so that with a thousand of them each meets a cold cache, as in a worker
 * with that many receivers. */
#include "crypto/aead.h"

#include "bench/help.h"
#include "crypto/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 9, PACKETS = 40000, HEADER_LEN = 20, KEYS_MAX = 1000, SIZE_MAX_BYTES = 1200 };

struct row {
    size_t size, keys;
};

static const struct row ROWS[] = {{160, 1}, {160, KEYS_MAX}, {1200, 1}, {1200, KEYS_MAX}};

static struct ic_aead *keys[IC_AEAD_BACKENDS][KEYS_MAX];

static double cpu_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds of CPU a packet. */
static double measure(struct ic_aead **of, const struct row *row)
{
    static uint8_t packet[HEADER_LEN + SIZE_MAX_BYTES + IC_AEAD_TAG_LEN];
    uint8_t nonce[IC_AEAD_NONCE_LEN] = {0};
    double start = cpu_ns();

    for (uint32_t i = 0; i < PACKETS; i++) {
        memcpy(nonce, &i, sizeof i);
        if (ic_aead_seal(of[i % row->keys], nonce, (struct ic_bytes){packet, HEADER_LEN},
                         packet + HEADER_LEN, row->size) != IC_OK)
            abort();
    }
    return (cpu_ns() - start) / PACKETS;
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

static void make_keys(enum ic_aead_backend on)
{
    uint8_t key[IC_AEAD_KEY_LEN];

    for (size_t i = 0; i < KEYS_MAX; i++) {
        ic_random_fill(key, sizeof key);
        if (ic_aead_new_on(&keys[on][i], on, key) != IC_OK)
            abort();
    }
}

static void print_row(const struct row *row)
{
    double ns[IC_AEAD_BACKENDS][ROUNDS];

    for (int round = -1; round < ROUNDS; round++) { /* the first only warms up */
        for (enum ic_aead_backend on = 0; on < IC_AEAD_BACKENDS; on++) {
            double one = measure(keys[on], row);
            if (round >= 0)
                ns[on][round] = one;
        }
    }
    double openssl = median(ns[IC_AEAD_OPENSSL]), ipsec_mb = median(ns[IC_AEAD_IPSEC_MB]);
    printf("%6zu B %6zu %12.0f %12.0f %8.2f\n", row->size, row->keys, openssl, ipsec_mb,
           openssl / ipsec_mb);
}

int main(int argc, char **argv)
{
    bench_help(argc, argv, 0,
               "usage: aead_bench\nCPU time of sealing a packet on each back end.\n");
    for (enum ic_aead_backend on = 0; on < IC_AEAD_BACKENDS; on++) {
        if (!ic_aead_has(on)) {
            printf("%s is not available here: nothing to compare\n", ic_aead_backend_name(on));
            return 0;
        }
        make_keys(on);
    }
    printf("AES-128-GCM, one packet sealed in place, ns of CPU, medians of %d rounds\n", ROUNDS);
    printf("  packet   keys %12s %12s    ratio\n", ic_aead_backend_name(IC_AEAD_OPENSSL),
           ic_aead_backend_name(IC_AEAD_IPSEC_MB));
    for (size_t i = 0; i < IC_COUNT(ROWS); i++)
        print_row(&ROWS[i]);
    for (enum ic_aead_backend on = 0; on < IC_AEAD_BACKENDS; on++)
        for (size_t i = 0; i < KEYS_MAX; i++)
            ic_aead_free(keys[on][i]);
    return 0;
}
