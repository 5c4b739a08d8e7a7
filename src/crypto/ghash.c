/* ghash.c - GHASH with ordinary multiplication, which takes the same time for every factor.
 *
 * SP 800-38D writes the coefficient of x^0 first, so a block read as a big-endian number is its
 * polynomial with the bits in reverse: a product comes out one place too low, and to multiply by x
 * is to shift right.
 */
#include "crypto/ghash.h"

#include "crypto/secret.h"

/* A polynomial of degree below 128; the high half has the low degrees. */
struct element {
    uint64_t high, low;
};

/* The key, with what every product needs of it: the sum of its halves, and all three in reverse. */
struct factor {
    uint64_t part[3], reversed[3];
};

/* A fourth of the bits, so that the sum of a column in a product, 15 at most, ends before the next.
 */
static const uint64_t EVERY_FOURTH = UINT64_C(0x1111111111111111);

/* The low 64 bits of the product without carries. The 16 that a column can sum up to is in the last
 * one only, where the carry leaves the number. */
static uint64_t low_product(uint64_t a, uint64_t b)
{
    uint64_t product = 0;

    for (unsigned place = 0; place < 4; place++) {
        uint64_t sum = 0;
        for (unsigned i = 0; i < 4; i++)
            sum ^= (a & EVERY_FOURTH << i) * (b & EVERY_FOURTH << ((place - i) & 3));
        product |= sum & EVERY_FOURTH << place;
    }
    return product;
}

static uint64_t swap(uint64_t a, uint64_t mask, unsigned places)
{
    return (a & mask) << places | (a >> places & mask);
}

static uint64_t reverse(uint64_t a)
{
    a = swap(a, UINT64_C(0x5555555555555555), 1);
    a = swap(a, UINT64_C(0x3333333333333333), 2);
    a = swap(a, UINT64_C(0x0f0f0f0f0f0f0f0f), 4);
    return __builtin_bswap64(a);
}

static struct element product_of(uint64_t a, const struct factor *f, unsigned part)
{
    return (struct element){
        .high = reverse(low_product(reverse(a), f->reversed[part])) >> 1,
        .low = low_product(a, f->part[part]),
    };
}

/* Adds t times x^128, where x^128 = x^7 + x^2 + x + 1; what falls off `here` belongs to `next`. */
static void fold(uint64_t t, uint64_t *here, uint64_t *next)
{
    *here ^= t ^ t >> 1 ^ t >> 2 ^ t >> 7;
    *next ^= t << 63 ^ t << 62 ^ t << 57;
}

static void multiply(struct element *a, const struct factor *f)
{
    /* Karatsuba: three products instead of four. */
    struct element high = product_of(a->high, f, 0), low = product_of(a->low, f, 1);
    struct element middle = product_of(a->high ^ a->low, f, 2);

    middle.high ^= high.high ^ low.high;
    middle.low ^= high.low ^ low.low;
    uint64_t n3 = high.high, n2 = high.low ^ middle.high, n1 = low.high ^ middle.low, n0 = low.low;
    n3 = n3 << 1 | n2 >> 63;
    n2 = n2 << 1 | n1 >> 63;
    n1 = n1 << 1 | n0 >> 63;
    n0 <<= 1;
    fold(n0, &n2, &n1);
    fold(n1, &n3, &n2);
    *a = (struct element){n3, n2};
}

static uint64_t load(const uint8_t *at)
{
    uint64_t number;

    memcpy(&number, at, sizeof number);
    return __builtin_bswap64(number);
}

static void store(uint8_t *at, uint64_t number)
{
    number = __builtin_bswap64(number);
    memcpy(at, &number, sizeof number);
}

static void add(struct element *hash, const struct factor *f, uint64_t high, uint64_t low)
{
    hash->high ^= high;
    hash->low ^= low;
    multiply(hash, f);
}

static void add_filled_up(struct element *hash, const struct factor *f, struct ic_bytes bytes)
{
    size_t whole = bytes.len - bytes.len % IC_GHASH_LEN;

    for (size_t at = 0; at < whole; at += IC_GHASH_LEN)
        add(hash, f, load(bytes.at + at), load(bytes.at + at + 8));
    if (whole < bytes.len) {
        uint8_t last[IC_GHASH_LEN] = {0};
        memcpy(last, bytes.at + whole, bytes.len - whole);
        add(hash, f, load(last), load(last + 8));
    }
}

void ic_ghash(uint8_t out[IC_GHASH_LEN], const uint8_t key[IC_GHASH_LEN], struct ic_bytes aad,
              struct ic_bytes sealed)
{
    struct element hash = {0};
    struct factor f = {.part = {load(key), load(key + 8), load(key) ^ load(key + 8)}};

    for (size_t i = 0; i < IC_COUNT(f.part); i++)
        f.reversed[i] = reverse(f.part[i]);
    add_filled_up(&hash, &f, aad);
    add_filled_up(&hash, &f, sealed);
    add(&hash, &f, (uint64_t)aad.len * 8, (uint64_t)sealed.len * 8);
    store(out, hash.high);
    store(out + 8, hash.low);
    ic_secret_wipe(&f, sizeof f);
}
