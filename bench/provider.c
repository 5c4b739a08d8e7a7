/* provider.c - what the primitives of MLS cost: one program, as a native one on OpenSSL and as a
 * WebAssembly module on the browser's provider. provider_bench.mjs runs both side by side. */
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/hpke.h"
#include "crypto/signature.h"

#include <stdlib.h>

enum { SHORT = 120, LONG = 1200 };

static const struct ic_hpke_suite X25519 = {IC_KEM_X25519, IC_HPKE_HKDF_SHA256,
                                            IC_CIPHER_AES_128_GCM};
static const struct ic_hpke_suite HYBRID = {IC_KEM_XWING, IC_HPKE_HKDF_SHA256,
                                            IC_CIPHER_AES_128_GCM};

/* Keys and messages, made before the clock runs. */
struct pair {
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    uint8_t enc[IC_KEM_ENC_MAX], sealed[SHORT + IC_CIPHER_TAG_LEN];
};
static struct pair curve, hybrid;
static uint8_t text[LONG], out[LONG + IC_CIPHER_TAG_LEN], key[IC_CIPHER_KEY_MAX];
static uint8_t sign_private[32], sign_public[32], signature[64];

static void must(enum ic_err err)
{
    if (err != IC_OK)
        abort();
}

static void pair_init(struct pair *pair, struct ic_hpke_suite suite)
{
    const enum ic_kem kem = (enum ic_kem)suite.kem;

    must(ic_kem_generate(pair->private_key, pair->public_key, kem));
    must(ic_hpke_seal(pair->sealed, pair->enc, suite,
                      (struct ic_bytes){pair->public_key, ic_kem_lengths(kem).public_len},
                      (struct ic_bytes){0}, NULL, (struct ic_bytes){0},
                      (struct ic_bytes){text, SHORT}));
}

static void prepare(void)
{
    size_t len;

    pair_init(&curve, X25519);
    pair_init(&hybrid, HYBRID);
    must(ic_signature_generate(sign_private, sign_public, IC_SIGNATURE_ED25519));
    must(ic_signature_sign(signature, &len, IC_SIGNATURE_ED25519,
                           (struct ic_bytes){sign_private, sizeof sign_private},
                           (struct ic_bytes){text, SHORT}));
}

static void sha256_short(void)
{
    ic_sha256(out, (struct ic_bytes){text, SHORT});
}

static void sha256_long(void)
{
    ic_sha256(out, (struct ic_bytes){text, LONG});
}

static void hkdf_expand(void)
{
    ic_hkdf_expand(out, 32, (struct ic_bytes){key, 32}, (struct ic_bytes){text, 40});
}

static void seal(enum ic_cipher cipher, size_t len)
{
    static const uint8_t nonce[IC_CIPHER_NONCE_LEN];

    must(ic_cipher_seal(out, cipher, key, nonce, (struct ic_bytes){0},
                        (struct ic_bytes){text, len}));
}

static void aes_short(void)
{
    seal(IC_CIPHER_AES_128_GCM, SHORT);
}

static void aes_long(void)
{
    seal(IC_CIPHER_AES_128_GCM, LONG);
}

static void chacha_short(void)
{
    seal(IC_CIPHER_CHACHA20_POLY1305, SHORT);
}

static void chacha_long(void)
{
    seal(IC_CIPHER_CHACHA20_POLY1305, LONG);
}

static void sign(void)
{
    size_t len;

    must(ic_signature_sign(out, &len, IC_SIGNATURE_ED25519,
                           (struct ic_bytes){sign_private, sizeof sign_private},
                           (struct ic_bytes){text, SHORT}));
}

static void verify(void)
{
    must(ic_signature_verify(
        IC_SIGNATURE_ED25519, (struct ic_bytes){sign_public, sizeof sign_public},
        (struct ic_bytes){text, SHORT}, (struct ic_bytes){signature, sizeof signature}));
}

static void generate(enum ic_kem kem)
{
    static struct pair fresh;

    must(ic_kem_generate(fresh.private_key, fresh.public_key, kem));
}

static void curve_generate(void)
{
    generate(IC_KEM_X25519);
}

static void hybrid_generate(void)
{
    generate(IC_KEM_XWING);
}

static void hpke_seal(const struct pair *to, struct ic_hpke_suite suite)
{
    static uint8_t enc[IC_KEM_ENC_MAX];
    const size_t len = ic_kem_lengths((enum ic_kem)suite.kem).public_len;

    must(ic_hpke_seal(out, enc, suite, (struct ic_bytes){to->public_key, len}, (struct ic_bytes){0},
                      NULL, (struct ic_bytes){0}, (struct ic_bytes){text, SHORT}));
}

static void hpke_open(const struct pair *own, struct ic_hpke_suite suite)
{
    const struct ic_kem_lengths lengths = ic_kem_lengths((enum ic_kem)suite.kem);

    must(ic_hpke_open(out, suite, (struct ic_bytes){own->enc, lengths.enc_len},
                      (struct ic_bytes){own->private_key, lengths.private_len},
                      (struct ic_bytes){0}, NULL, (struct ic_bytes){0},
                      (struct ic_bytes){own->sealed, sizeof own->sealed}));
}

static void curve_seal(void)
{
    hpke_seal(&curve, X25519);
}

static void curve_open(void)
{
    hpke_open(&curve, X25519);
}

static void hybrid_seal(void)
{
    hpke_seal(&hybrid, HYBRID);
}

static void hybrid_open(void)
{
    hpke_open(&hybrid, HYBRID);
}

static const struct {
    const char *what;
    void (*run)(void);
} ROWS[] = {
    {"SHA-256, 120 B", sha256_short},
    {"SHA-256, 1200 B", sha256_long},
    {"HKDF-Expand, 32 B", hkdf_expand},
    {"AES-128-GCM seal, 120 B", aes_short},
    {"AES-128-GCM seal, 1200 B", aes_long},
    {"ChaCha20-Poly1305 seal, 120 B", chacha_short},
    {"ChaCha20-Poly1305 seal, 1200 B", chacha_long},
    {"Ed25519 sign", sign},
    {"Ed25519 verify", verify},
    {"X25519 key pair", curve_generate},
    {"X25519 HPKE seal", curve_seal},
    {"X25519 HPKE open", curve_open},
    {"X-Wing key pair", hybrid_generate},
    {"X-Wing HPKE seal", hybrid_seal},
    {"X-Wing HPKE open", hybrid_open},
};

static void run(size_t row, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        ROWS[row].run();
}

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(name)))

EXPORT("prepare") void bench_prepare(void);
void bench_prepare(void)
{
    prepare();
}

EXPORT("run") void bench_run(size_t row, unsigned count);
void bench_run(size_t row, unsigned count)
{
    run(row, count);
}
#else
#include "bench/help.h"

#include <time.h>

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* First the names of the rows and an empty line; then, for each line "row count" on the standard
 * input, the nanoseconds of processor time. */
int main(int argc, char **argv)
{
    size_t row;
    unsigned count;

    bench_help(argc, argv, 0,
               "usage: provider_native\nMeasures what provider_bench.mjs asks it for.\n");
    if (!ic_kem_available(IC_KEM_XWING)) {
        fprintf(stderr, "this build has no ML-KEM\n");
        return 1;
    }
    prepare();
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < IC_COUNT(ROWS); i++)
        printf("%s\n", ROWS[i].what);
    printf("\n");
    while (scanf("%zu %u", &row, &count) == 2 && row < IC_COUNT(ROWS)) {
        double start = now_ns();
        run(row, count);
        printf("%.0f\n", now_ns() - start);
    }
    return 0;
}
#endif
