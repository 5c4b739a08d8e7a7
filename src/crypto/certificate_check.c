/* certificate_check.c - what a person gave us as certificate and key, before a server relies on it.
 */
#include "crypto/certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <sys/stat.h>

#include "crypto/certificate_private.h"

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

/* Whatever else is in the file is left out, as servers do. */
static enum ic_err read_chain(struct ic_certificate_files *out, BIO *file)
{
    X509 *next;

    out->chain = sk_X509_new_null();
    while (out->chain && (next = PEM_read_bio_X509(file, NULL, no_pass_phrase, NULL)))
        if (sk_X509_push(out->chain, next) == 0) {
            X509_free(next);
            return IC_ERR_SYSTEM;
        }
    return out->chain ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err read_certificate(struct ic_certificate_files *out, const char *path,
                                    struct ic_certificate_problem *problem)
{
    BIO *file;
    enum ic_err err = open_file(&file, path, problem);
    if (err != IC_OK)
        return err;
    out->x509 = PEM_read_bio_X509(file, NULL, no_pass_phrase, NULL);
    if (!out->x509)
        err = complain(problem, path, "this is no certificate in PEM");
    else if (read_chain(out, file) != IC_OK)
        err = complain(problem, path, "out of memory");
    BIO_free(file);
    return err;
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

enum ic_err ic_certificate_files_read(struct ic_certificate_files *out, const char *certificate,
                                      const char *key, int64_t now_s,
                                      struct ic_certificate_problem *problem)
{
    struct ic_certificate_files read = {0};

    enum ic_err err = read_certificate(&read, certificate, problem);
    if (err == IC_OK)
        err = read_key(&read.key, key, problem);
    if (err == IC_OK && X509_check_private_key(read.x509, read.key) != 1)
        err = complain(problem, key, "this is not the key of the certificate");
    if (err == IC_OK)
        err = check_dates(read.x509, certificate, (time_t)now_s, problem);
    ERR_clear_error();
    if (err == IC_OK)
        *out = read;
    else
        ic_certificate_files_clear(&read);
    return err;
}

void ic_certificate_files_clear(struct ic_certificate_files *files)
{
    EVP_PKEY_free(files->key);
    X509_free(files->x509);
    sk_X509_pop_free(files->chain, X509_free);
    *files = (struct ic_certificate_files){0};
}

enum ic_err ic_certificate_check_files(const char *certificate, const char *key, int64_t now_s,
                                       struct ic_certificate_problem *problem)
{
    struct ic_certificate_files read;

    enum ic_err err = ic_certificate_files_read(&read, certificate, key, now_s, problem);
    if (err == IC_OK)
        ic_certificate_files_clear(&read);
    return err;
}
