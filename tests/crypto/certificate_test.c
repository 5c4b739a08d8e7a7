/* Certificates, read back with OpenSSL as a browser would. */
#include "crypto/certificate.h"

#include "tests/test.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

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

static X509 *read_x509(const struct ic_certificate_pem *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->certificate, -1);
    X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return x509;
}

static EVP_PKEY *read_key(const struct ic_certificate_pem *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->key, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    return key;
}

TEST(a_tls_certificate_is_for_its_host_and_for_no_other)
{
    struct ic_certificate_pem pem;
    time_t day_ago = NOW_S - 86400, in_a_year = NOW_S + 364 * 86400, later = NOW_S + 366 * 86400;

    assert_int_equal(ic_certificate_make_pem(&pem, "meet.example.org", NOW_S), IC_OK);
    X509 *x509 = read_x509(&pem);
    EVP_PKEY *key = read_key(&pem);
    assert_non_null(x509);
    assert_non_null(key);
    assert_int_equal(X509_check_private_key(x509, key), 1);
    assert_int_equal(X509_verify(x509, key), 1);
    assert_int_equal(X509_check_host(x509, "meet.example.org", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(x509, "example.org", 0, 0, NULL), 0);
    assert_true(X509_cmp_time(X509_get0_notBefore(x509), &day_ago) <= 0);
    assert_true(X509_cmp_time(X509_get0_notAfter(x509), &in_a_year) > 0);
    assert_true(X509_cmp_time(X509_get0_notAfter(x509), &later) < 0);
    X509_free(x509);
    EVP_PKEY_free(key);
}

TEST(a_tls_certificate_may_be_for_an_address)
{
    static const char *const addresses[] = {"192.0.2.1", "2001:db8::1"};
    struct ic_certificate_pem pem;

    for (size_t i = 0; i < IC_COUNT(addresses); i++) {
        assert_int_equal(ic_certificate_make_pem(&pem, addresses[i], NOW_S), IC_OK);
        X509 *x509 = read_x509(&pem);
        assert_non_null(x509);
        CHECK_ROW(addresses[i], X509_check_ip_asc(x509, addresses[i], 0) == 1);
        X509_free(x509);
    }
}

TEST(a_host_that_is_neither_name_nor_address_is_refused)
{
    char long_name[300];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    const char *rows[] = {"", ".example", "-a", "a b", "a,DNS:b", "a:b", "a/b", "a\n", long_name};
    struct ic_certificate_pem pem;

    for (size_t i = 0; i < IC_COUNT(rows); i++)
        CHECK_ROW(rows[i], ic_certificate_make_pem(&pem, rows[i], NOW_S) == IC_ERR_MALFORMED);
}

RUN_TESTS(cmocka_unit_test(a_certificate_has_a_key_of_its_own),
          cmocka_unit_test(a_tls_certificate_is_for_its_host_and_for_no_other),
          cmocka_unit_test(a_tls_certificate_may_be_for_an_address),
          cmocka_unit_test(a_host_that_is_neither_name_nor_address_is_refused))
