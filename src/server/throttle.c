/* throttle.c - a set-associative table of debts. A debt is the time at which it is paid, so an
 * entry whose time has passed is free without anybody clearing it. */
#include "server/throttle.h"

#include <stdlib.h>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "server/place.h"

enum {
    SETS = 1024,
    WAYS = 8,
    SEED_LEN = 16,
    ADDRESS_TRIES = 60, /* a school behind one address may follow one dead link together */
    MEETING_TRIES = 60,
    DEAR = 8, /* what a try costs its address when the meeting's are used up */
    WAIT_LEAST_MS = 1500,
};

#define TRY_NS IC_NS_PER_SEC /* a try comes back each second */

enum kind { ADDRESS = 1, MEETING = 2 };

struct debt {
    uint8_t key[IC_THROTTLE_KEY_LEN];
    uint8_t kind;
    int64_t paid_at;
};

struct ic_throttle {
    uint8_t seed[SEED_LEN]; /* so that nobody can aim at one set */
    struct debt sets[SETS][WAYS];
};

struct ic_throttle *ic_throttle_new(void)
{
    struct ic_throttle *throttle = calloc(1, sizeof *throttle);
    if (throttle)
        ic_random_fill(throttle->seed, sizeof throttle->seed);
    return throttle;
}

void ic_throttle_free(struct ic_throttle *throttle)
{
    free(throttle);
}

static struct debt *set_of(struct ic_throttle *t, const struct debt *wanted)
{
    uint8_t keyed[SEED_LEN + IC_THROTTLE_KEY_LEN + 1], hash[IC_SHA256_LEN];

    memcpy(keyed, t->seed, SEED_LEN);
    memcpy(keyed + SEED_LEN, wanted->key, IC_THROTTLE_KEY_LEN);
    keyed[SEED_LEN + IC_THROTTLE_KEY_LEN] = wanted->kind;
    ic_sha256(hash, (struct ic_bytes){keyed, sizeof keyed});
    return t->sets[(hash[0] << 8 | hash[1]) % SETS];
}

/* The entry for `key`: its own, else the one of the smallest debt, made its own. */
static struct debt *debt_of(struct ic_throttle *t, enum kind kind, const uint8_t *key, int64_t now)
{
    struct debt wanted = {.kind = (uint8_t)kind, .paid_at = now};
    bool by_network = kind == ADDRESS && !ic_place_is_ipv4(key);

    memcpy(wanted.key, key, by_network ? 8 : IC_THROTTLE_KEY_LEN);
    struct debt *set = set_of(t, &wanted), *least = set;
    for (int i = 0; i < WAYS; i++) {
        if (set[i].kind == kind && memcmp(set[i].key, wanted.key, sizeof wanted.key) == 0)
            return &set[i];
        if (set[i].paid_at < least->paid_at)
            least = &set[i];
    }
    *least = wanted;
    return least;
}

static void owe(struct debt *debt, int tries, int64_t now)
{
    int64_t from = debt->paid_at > now ? debt->paid_at : now;
    debt->paid_at = from + tries * TRY_NS;
}

static uint32_t wait_of(const struct debt *debt, int tries, int64_t now)
{
    int64_t over = debt->paid_at - now - (tries - 1) * TRY_NS;
    return over > 0 ? (uint32_t)(over / IC_NS_PER_MS) + 1 : 0;
}

uint32_t ic_throttle_wait(struct ic_throttle *throttle, const uint8_t peer[IC_THROTTLE_KEY_LEN],
                          int64_t now)
{
    return wait_of(debt_of(throttle, ADDRESS, peer, now), ADDRESS_TRIES, now);
}

uint32_t ic_throttle_fail(struct ic_throttle *throttle, const uint8_t peer[IC_THROTTLE_KEY_LEN],
                          const uint8_t meeting[IC_THROTTLE_KEY_LEN], int64_t now)
{
    struct debt *asked = debt_of(throttle, MEETING, meeting, now);
    bool used_up = wait_of(asked, MEETING_TRIES, now) > 0;

    if (!used_up)
        owe(asked, 1, now);
    struct debt *asker = debt_of(throttle, ADDRESS, peer, now);
    owe(asker, used_up ? DEAR : 1, now);
    uint32_t wait = wait_of(asker, ADDRESS_TRIES, now);
    return wait > WAIT_LEAST_MS ? wait : WAIT_LEAST_MS;
}
