/* certificate_check.c - what a person gave us as certificate and key, before a server relies on it.
 */
#include "crypto/certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/stat.h>

static enum ic_err complain(struct ic_certificate_problem *problem, const char *path,
                            const char *what)
{
    snprintf(problem->text, sizeof problem->text, "%.600s: %s", path, what);
    return IC_ERR_MALFORMED;
}

static enum ic_err open_file(BIO **out, const char *path, struct ic_certificate_problem *problem)
{
    struct stat is;
    FILE *file = fopen(path, "re");

    if (!file)
        return complain(problem, path, strerror(errno));
    if (fstat(fileno(file), &is) == 0 && S_ISDIR(is.st_mode)) {
        fclose(file);
        return complain(problem, path, strerror(EISDIR));
    }
    *out = BIO_new_fp(file, BIO_CLOSE);
    if (*out)
        return IC_OK;
    fclose(file);
    return complain(problem, path, "out of memory");
}

/* We have nobody to ask for a pass phrase, and OpenSSL would ask the terminal. */
static int no_pass_phrase(char *buffer, int size, int writing, void *user)
{
    (void)buffer, (void)size, (void)writing, (void)user;
    return 0;
}

static enum ic_err read_certificate(X509 **out, const char *path,
                                    struct ic_certificate_problem *problem)
{
    BIO *file;
    enum ic_err err = open_file(&file, path, problem);
    if (err != IC_OK)
        return err;
    *out = PEM_read_bio_X509(file, NULL, no_pass_phrase, NULL);
    BIO_free(file);
    return *out ? IC_OK : complain(problem, path, "this is no certificate in PEM");
}

static enum ic_err read_key(EVP_PKEY **out, const char *path,
                            struct ic_certificate_problem *problem)
{
    BIO *file;
    enum ic_err err = open_file(&file, path, problem);
    if (err != IC_OK)
        return err;
    *out = PEM_read_bio_PrivateKey(file, NULL, no_pass_phrase, NULL);
    BIO_free(file);
    return *out ? IC_OK
                : complain(problem, path, "this is no private key in PEM without a pass phrase");
}

static enum ic_err check_dates(const X509 *x509, const char *path, time_t now,
                               struct ic_certificate_problem *problem)
{
    if (X509_cmp_time(X509_get0_notBefore(x509), &now) > 0)
        return complain(problem, path, "this certificate is not valid yet");
    if (X509_cmp_time(X509_get0_notAfter(x509), &now) < 0)
        return complain(problem, path, "this certificate has expired");
    return IC_OK;
}

enum ic_err ic_certificate_check_files(const char *certificate, const char *key, int64_t now_s,
                                       struct ic_certificate_problem *problem)
{
    X509 *x509 = NULL;
    EVP_PKEY *private_key = NULL;

    enum ic_err err = read_certificate(&x509, certificate, problem);
    if (err == IC_OK)
        err = read_key(&private_key, key, problem);
    if (err == IC_OK && X509_check_private_key(x509, private_key) != 1)
        err = complain(problem, key, "this is not the key of the certificate");
    if (err == IC_OK)
        err = check_dates(x509, certificate, (time_t)now_s, problem);
    EVP_PKEY_free(private_key);
    X509_free(x509);
    ERR_clear_error();
    return err;
}
