/* What a call leaves on its stack: none of the secrets it made or used. Built without sanitizers,
 * which keep locals elsewhere. */
#include "crypto/hpke.h"
#include "crypto/sha3.h"
#include "tests/test.h"

#include <ucontext.h>

enum { STACK_LEN = 256 * 1024, NEEDLE_LEN = 16 };

static uint8_t stack[STACK_LEN];
static ucontext_t test, call;

static enum ic_kem kem;
static struct ic_kem_lengths lengths;
static uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
static uint8_t enc[IC_KEM_ENC_MAX], shared[IC_KEM_SHARED_MAX];
static struct ic_hpke_context context;
static enum ic_err result;

/* Runs it on a stack of its own, zeroed before. */
static void run(void (*what)(void))
{
    memset(stack, 0, sizeof stack);
    result = IC_ERR_SYSTEM;
    assert_int_equal(getcontext(&call), 0);
    call.uc_stack.ss_sp = stack;
    call.uc_stack.ss_size = sizeof stack;
    call.uc_link = &test;
    makecontext(&call, what, 0);
    assert_int_equal(swapcontext(&test, &call), 0);
    assert_int_equal(result, IC_OK);
}

/* As bytes, or as a hash holds them: words of 4 or 8 bytes, the other way round. */
static bool left(const uint8_t *secret)
{
    for (size_t flip = 0; flip < 8; flip = flip == 0 ? 3 : flip == 3 ? 7 : 8) {
        uint8_t needle[NEEDLE_LEN];
        for (size_t i = 0; i < sizeof needle; i++)
            needle[i] = secret[i ^ flip];
        if (memmem(stack, sizeof stack, needle, sizeof needle))
            return true;
    }
    return false;
}

static void encap(void)
{
    result = ic_kem_encap(shared, enc, kem, (struct ic_bytes){public_key, lengths.public_len});
}

static void decap(void)
{
    result = ic_kem_decap(shared, kem, (struct ic_bytes){enc, lengths.enc_len},
                          (struct ic_bytes){private_key, lengths.private_len});
}

static void setup(void)
{
    const struct ic_hpke_suite suite = {(uint16_t)kem, IC_HPKE_HKDF_SHA256, IC_CIPHER_AES_128_GCM};

    result = ic_hpke_setup_receiver(&context, suite, (struct ic_bytes){enc, lengths.enc_len},
                                    (struct ic_bytes){private_key, lengths.private_len},
                                    (struct ic_bytes){0}, NULL);
}

/* The two keys that the 32 bytes of X-Wing stand for. */
static bool left_halves(void)
{
    uint8_t halves[96];
    const struct ic_bytes seed = {private_key, lengths.private_len};
    bool found = false;

    assert_int_equal(ic_shake256(halves, sizeof halves, &seed, 1), IC_OK);
    for (size_t i = 0; i < sizeof halves; i += NEEDLE_LEN)
        found = found || left(halves + i);
    return found;
}

static void careless(void)
{
    volatile uint8_t copy[sizeof shared];
    for (size_t i = 0; i < sizeof copy; i++)
        copy[i] = shared[i ^ 3];
    result = IC_OK;
}

TEST(a_secret_that_is_left_behind_is_found)
{
    for (size_t i = 0; i < sizeof shared; i++)
        shared[i] = (uint8_t)(i * 7 + 1);
    run(careless);
    assert_true(left(shared));
}

TEST(kems_and_hpke_leave_none_of_their_secrets_on_the_stack)
{
    static const enum ic_kem KEMS[] = {IC_KEM_P256,   IC_KEM_P384, IC_KEM_P521,
                                       IC_KEM_X25519, IC_KEM_X448, IC_KEM_XWING};

    for (size_t i = 0; i < IC_COUNT(KEMS); i++) {
        kem = KEMS[i];
        lengths = ic_kem_lengths(kem);
        if (!ic_kem_available(kem)) {
            print_message("# left out: KEM 0x%04x, this build has no ML-KEM\n", kem);
            continue;
        }
        assert_int_equal(ic_kem_generate(private_key, public_key, kem), IC_OK);
        run(encap);
        assert_false(left(shared));
        run(decap);
        assert_false(left(shared));
        assert_false(left(private_key));
        assert_true(kem != IC_KEM_XWING || !left_halves());
        run(setup);
        assert_false(left(shared));
        assert_false(left(context.key));
        assert_false(left(context.exporter_secret));
    }
}

RUN_TESTS(cmocka_unit_test(a_secret_that_is_left_behind_is_found),
          cmocka_unit_test(kems_and_hpke_leave_none_of_their_secrets_on_the_stack))
