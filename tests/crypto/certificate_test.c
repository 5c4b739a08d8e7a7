/* The certificate that DTLS shows. */
#include "crypto/certificate_private.h"

#include "tests/test.h"

#define NOW_S INT64_C(1800000000)

TEST(a_certificate_has_a_key_of_its_own)
{
    struct ic_certificate *one, *other;
    uint8_t a[IC_CERTIFICATE_FINGERPRINT_LEN], b[IC_CERTIFICATE_FINGERPRINT_LEN],
        again[IC_CERTIFICATE_FINGERPRINT_LEN];

    assert_int_equal(ic_certificate_new(&one, NOW_S), IC_OK);
    assert_int_equal(ic_certificate_new(&other, NOW_S), IC_OK);
    ic_certificate_fingerprint(a, one);
    ic_certificate_fingerprint(b, other);
    ic_certificate_fingerprint(again, one);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_equal(a, again, sizeof a);
    ic_certificate_free(one);
    ic_certificate_free(other);
    ic_certificate_free(NULL);
}

TEST(a_certificate_is_good_from_a_day_before_for_thirty_days)
{
    struct ic_certificate *made;
    time_t day_ago = NOW_S - 86400, almost = NOW_S + 29 * 86400, later = NOW_S + 31 * 86400;

    assert_int_equal(ic_certificate_new(&made, NOW_S), IC_OK);
    assert_int_equal(X509_check_private_key(made->x509, made->key), 1);
    assert_int_equal(X509_verify(made->x509, made->key), 1);
    assert_true(X509_cmp_time(X509_get0_notBefore(made->x509), &day_ago) <= 0);
    assert_true(X509_cmp_time(X509_get0_notAfter(made->x509), &almost) > 0);
    assert_true(X509_cmp_time(X509_get0_notAfter(made->x509), &later) < 0);
    ic_certificate_free(made);
}

RUN_TESTS(cmocka_unit_test(a_certificate_has_a_key_of_its_own),
          cmocka_unit_test(a_certificate_is_good_from_a_day_before_for_thirty_days))
