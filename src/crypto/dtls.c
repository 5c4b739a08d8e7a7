/* dtls.c - DTLS 1.2 on OpenSSL (RFC 6347, RFC 5764), without its sockets and without its clock.
 *
 * OpenSSL reads and writes through a BIO of ours that keeps datagrams apart. It would measure
 * repetition by the wall clock, so its timer is set out of reach and this file repeats a flight
 * itself, with the bytes as they were sent. A peer that has a record already drops the copy
 * (RFC 6347 section 4.1.2.6); one that lost it takes it. What this cannot do, provoke the peer's
 * own repetition, the peer's timer does, and after the end this file answers with the last flight.
 */
#include "crypto/dtls.h"

#include "crypto/certificate_private.h"
#include "crypto/dtls_library.h"
#include "crypto/secret.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

enum {
    FLIGHT_DATAGRAMS = 6,
    FLIGHT_SIZE = 4 * IC_DTLS_DATAGRAM_MAX,
    LAST_FLIGHT_SIZE = 256, /* ChangeCipherSpec and Finished: about 75 */
    RECORD_HEADER_LEN = 13,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    CLIENT_HELLO = 1,
    GCM_SALT_LEN = 12,
    OUT_OF_REACH_US = 2000 * 1000 * 1000, /* half an hour */
};

#define FIRST_REPEAT_NS (100 * IC_NS_PER_MS)
#define LONGEST_REPEAT_NS (4 * IC_NS_PER_SEC)
#define LAST_FLIGHT_REPEAT_NS (50 * IC_NS_PER_MS)
#define GIVE_UP_NS (30 * IC_NS_PER_SEC)

static const char CIPHERS[] = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:"
                              "ECDHE-ECDSA-AES256-GCM-SHA384";
static const char GROUPS[] = "X25519:P-256:P-384";
/* What peers may sign with; some browsers can still be given an RSA certificate. */
static const char SIGNATURES[] = "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA+SHA256";
#define GCM "SRTP_AEAD_AES_128_GCM"
#define CM_SHA1 "SRTP_AES128_CM_SHA1_80"
static const char PROFILES[] = GCM ":" CM_SHA1;

struct ic_dtls_context {
    SSL_CTX *ssl;
    BIO_METHOD *datagrams;
};

/* The datagrams that were written together and are repeated together. */
struct flight {
    uint8_t bytes[FLIGHT_SIZE];
    uint16_t lens[FLIGHT_DATAGRAMS];
    size_t count, used;
    bool complete; /* the next write begins another flight */
};

/* What exists only while there is something to negotiate. */
struct handshake {
    SSL *ssl;
    struct ic_bytes input; /* the datagram being read; empty when it was */
    struct flight flight;
};

struct ic_dtls {
    struct ic_dtls_context *context;
    enum ic_dtls_role role;
    enum ic_dtls_state state;
    uint8_t peer_fingerprint[IC_DTLS_FINGERPRINT_LEN];
    bool wrong_fingerprint;
    bool keys_taken;
    struct ic_srtp_keys keys;

    struct handshake *handshake;    /* NULL unless IC_DTLS_HANDSHAKE, or an alert is to be sent */
    uint8_t last[LAST_FLIGHT_SIZE]; /* a server's last flight, one datagram */
    size_t last_len;
    int64_t last_sent_at;
    size_t sent; /* datagrams of the flight, or of the last, that were handed out */

    int64_t give_up_at; /* INT64_MAX until the first datagram in either direction */
    int64_t repeat_at;  /* INT64_MAX while there is nothing to repeat */
    int64_t repeat_after_ns;
};

/* --- the BIO: one read or write is one datagram --- */

static int datagram_write(BIO *bio, const char *bytes, int len)
{
    struct flight *flight = &((struct handshake *)BIO_get_data(bio))->flight;

    BIO_clear_retry_flags(bio);
    if (flight->complete)
        *flight = (struct flight){0};
    if (len <= 0 || len > IC_DTLS_DATAGRAM_MAX || flight->count == FLIGHT_DATAGRAMS ||
        (size_t)len > FLIGHT_SIZE - flight->used)
        return -1;
    memcpy(flight->bytes + flight->used, bytes, (size_t)len);
    flight->lens[flight->count++] = (uint16_t)len;
    flight->used += (size_t)len;
    return len;
}

static int datagram_read(BIO *bio, char *out, int size)
{
    struct handshake *handshake = BIO_get_data(bio);
    size_t len = handshake->input.len;

    BIO_clear_retry_flags(bio);
    if (len == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    if (len > (size_t)size)
        len = (size_t)size;
    memcpy(out, handshake->input.at, len);
    handshake->input = (struct ic_bytes){0};
    return (int)len;
}

static long datagram_control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio, (void)number, (void)pointer;

    switch (command) {
    case BIO_CTRL_FLUSH:
        return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
        return IC_DTLS_DATAGRAM_MAX;
    default:
        return 0;
    }
}

static BIO_METHOD *datagram_method(void)
{
    BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");

    if (method) {
        BIO_meth_set_write(method, datagram_write);
        BIO_meth_set_read(method, datagram_read);
        BIO_meth_set_ctrl(method, datagram_control);
    }
    return method;
}

/* --- the context --- */

/* Instead of a chain of trust: the certificate is right if signalling named its fingerprint. */
static int check_fingerprint(X509_STORE_CTX *store, void *unused)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct ic_dtls *dtls = SSL_get_app_data(ssl);
    X509 *x509 = X509_STORE_CTX_get0_cert(store);
    uint8_t digest[IC_DTLS_FINGERPRINT_LEN];
    unsigned len = 0;

    (void)unused;
    if (x509 && X509_digest(x509, EVP_sha256(), digest, &len) == 1 && len == sizeof digest &&
        ic_secret_equal(digest, dtls->peer_fingerprint, sizeof digest))
        return 1;
    dtls->wrong_fingerprint = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

static bool configure(SSL_CTX *ssl, const struct ic_certificate *certificate)
{
    SSL_CTX_set_options(ssl, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION |
                                 SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    SSL_CTX_set_cert_verify_callback(ssl, check_fingerprint, NULL);
    /* SSL_CTX_set_tlsext_use_srtp() alone returns 0 for success. */
    return SSL_CTX_set_min_proto_version(ssl, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ssl, DTLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ssl, CIPHERS) == 1 &&
           SSL_CTX_set1_groups_list(ssl, GROUPS) == 1 &&
           SSL_CTX_set1_sigalgs_list(ssl, SIGNATURES) == 1 &&
           SSL_CTX_set_tlsext_use_srtp(ssl, PROFILES) == 0 &&
           SSL_CTX_use_certificate(ssl, certificate->x509) == 1 &&
           SSL_CTX_use_PrivateKey(ssl, certificate->key) == 1;
}

enum ic_err ic_dtls_context_new(struct ic_dtls_context **out,
                                const struct ic_certificate *certificate)
{
    struct ic_dtls_context *context = calloc(1, sizeof *context);
    if (!context)
        return IC_ERR_SYSTEM;
    context->ssl = SSL_CTX_new_ex(ic_dtls_library(), NULL, DTLS_method());
    context->datagrams = datagram_method();
    if (!context->ssl || !context->datagrams || !configure(context->ssl, certificate)) {
        ic_dtls_context_free(context);
        return IC_ERR_SYSTEM;
    }
    *out = context;
    return IC_OK;
}

void ic_dtls_context_free(struct ic_dtls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ssl);
    BIO_meth_free(context->datagrams);
    free(context);
}

enum ic_err ic_dtls_context_only(struct ic_dtls_context *context, enum ic_srtp_profile profile)
{
    const char *name = profile == IC_SRTP_AEAD_AES_128_GCM ? GCM : CM_SHA1;
    return SSL_CTX_set_tlsext_use_srtp(context->ssl, name) == 0 ? IC_OK : IC_ERR_SYSTEM;
}

/* --- one handshake --- */

static unsigned never(SSL *ssl, unsigned us)
{
    (void)ssl, (void)us;
    return OUT_OF_REACH_US;
}

static void handshake_free(struct handshake *handshake)
{
    if (!handshake)
        return;
    SSL_free(handshake->ssl); /* and its BIO */
    free(handshake);
}

static struct handshake *handshake_new(struct ic_dtls *dtls)
{
    struct handshake *handshake = calloc(1, sizeof *handshake);
    BIO *bio = BIO_new(dtls->context->datagrams);

    if (handshake)
        handshake->ssl = SSL_new(dtls->context->ssl);
    if (!handshake || !bio || !handshake->ssl) {
        BIO_free(bio);
        handshake_free(handshake);
        return NULL;
    }
    BIO_set_data(bio, handshake);
    BIO_set_init(bio, 1);
    SSL_set_bio(handshake->ssl, bio, bio);
    SSL_set_app_data(handshake->ssl, dtls);
    SSL_set_mtu(handshake->ssl, IC_DTLS_DATAGRAM_MAX);
    DTLS_set_timer_cb(handshake->ssl, never);
    if (dtls->role == IC_DTLS_SERVER)
        SSL_set_accept_state(handshake->ssl);
    else
        SSL_set_connect_state(handshake->ssl);
    return handshake;
}

static void fail(struct ic_dtls *dtls)
{
    dtls->state = IC_DTLS_FAILED;
    dtls->repeat_at = dtls->give_up_at = INT64_MAX;
}

/* client key | server key | client salt | server salt (RFC 5764 section 4.2) */
static bool export_keys(struct ic_srtp_keys *out, SSL *ssl, enum ic_dtls_role role)
{
    static const char LABEL[] = "EXTRACTOR-dtls_srtp";
    uint8_t material[2 * (IC_SRTP_KEY_LEN + IC_SRTP_SALT_LEN)];
    const SRTP_PROTECTION_PROFILE *chosen = SSL_get_selected_srtp_profile(ssl);
    struct ic_srtp_keys keys = {0};

    if (!chosen)
        return false;
    bool gcm = chosen->id == SRTP_AEAD_AES_128_GCM;
    size_t salt_len = gcm ? GCM_SALT_LEN : IC_SRTP_SALT_LEN;
    keys.profile = gcm ? IC_SRTP_AEAD_AES_128_GCM : IC_SRTP_AES_CM_SHA1_80;
    if (SSL_export_keying_material(ssl, material, 2 * (IC_SRTP_KEY_LEN + salt_len), LABEL,
                                   sizeof LABEL - 1, NULL, 0, 0) != 1)
        return false;

    struct ic_srtp_master *client = role == IC_DTLS_CLIENT ? &keys.send : &keys.receive;
    struct ic_srtp_master *server = role == IC_DTLS_CLIENT ? &keys.receive : &keys.send;
    const uint8_t *salts = material + 2 * IC_SRTP_KEY_LEN;
    memcpy(client->key, material, IC_SRTP_KEY_LEN);
    memcpy(server->key, material + IC_SRTP_KEY_LEN, IC_SRTP_KEY_LEN);
    memcpy(client->salt, salts, salt_len);
    memcpy(server->salt, salts + salt_len, salt_len);
    *out = keys;
    ic_secret_wipe(material, sizeof material);
    ic_secret_wipe(&keys, sizeof keys);
    return true;
}

/* Keeps a server's last flight, then lets go of everything else. */
static void finish(struct ic_dtls *dtls, int64_t now)
{
    const struct flight *flight = &dtls->handshake->flight;

    if (SSL_get_extms_support(dtls->handshake->ssl) != 1 ||
        !export_keys(&dtls->keys, dtls->handshake->ssl, dtls->role)) {
        fail(dtls);
        return;
    }
    if (dtls->role == IC_DTLS_SERVER && flight->count == 1 && flight->used <= sizeof dtls->last) {
        memcpy(dtls->last, flight->bytes, flight->used);
        dtls->last_len = flight->used;
    }
    dtls->sent = 0;
    dtls->last_sent_at = now;
    dtls->state = IC_DTLS_CONNECTED;
    dtls->repeat_at = dtls->give_up_at = INT64_MAX;
    handshake_free(dtls->handshake);
    dtls->handshake = NULL;
}

/* A server begins anew, since whoever sent what failed has proved nothing yet: a hello that nobody
 * could accept must not cost the real client its handshake. The end comes with give_up_at. */
static void start_over(struct ic_dtls *dtls)
{
    handshake_free(dtls->handshake);
    dtls->repeat_at = INT64_MAX;
    dtls->handshake = handshake_new(dtls);
    if (!dtls->handshake)
        fail(dtls);
}

static void step(struct ic_dtls *dtls, int64_t now)
{
    struct handshake *handshake = dtls->handshake;

    handshake->flight.complete = true;
    ERR_clear_error();
    int result = SSL_do_handshake(handshake->ssl);
    int reason = result == 1 ? SSL_ERROR_NONE : SSL_get_error(handshake->ssl, result);
    ERR_clear_error();
    if (!handshake->flight.complete) { /* something was written: it waits to be sent */
        dtls->sent = 0;
        dtls->repeat_after_ns = FIRST_REPEAT_NS;
        dtls->repeat_at = now + FIRST_REPEAT_NS;
    }
    if (result == 1)
        finish(dtls, now);
    else if (reason == SSL_ERROR_WANT_READ)
        return;
    else if (dtls->role == IC_DTLS_SERVER && !dtls->wrong_fingerprint)
        start_over(dtls);
    else
        fail(dtls);
}

enum ic_err ic_dtls_new(struct ic_dtls **out, struct ic_dtls_context *context,
                        enum ic_dtls_role role,
                        const uint8_t peer_fingerprint[IC_DTLS_FINGERPRINT_LEN], int64_t now)
{
    struct ic_dtls *dtls = calloc(1, sizeof *dtls);
    if (!dtls)
        return IC_ERR_SYSTEM;
    dtls->context = context;
    dtls->role = role;
    dtls->give_up_at = dtls->repeat_at = INT64_MAX;
    memcpy(dtls->peer_fingerprint, peer_fingerprint, sizeof dtls->peer_fingerprint);
    dtls->handshake = handshake_new(dtls);
    if (dtls->handshake && role == IC_DTLS_CLIENT) {
        dtls->give_up_at = now + GIVE_UP_NS;
        step(dtls, now);
    }
    if (!dtls->handshake || dtls->state == IC_DTLS_FAILED) {
        ic_dtls_free(dtls);
        return IC_ERR_SYSTEM;
    }
    *out = dtls;
    return IC_OK;
}

void ic_dtls_free(struct ic_dtls *dtls)
{
    if (!dtls)
        return;
    handshake_free(dtls->handshake);
    ic_secret_wipe(dtls, sizeof *dtls);
    free(dtls);
}

enum ic_dtls_state ic_dtls_state(const struct ic_dtls *dtls)
{
    return dtls->state;
}

bool ic_dtls_is(struct ic_bytes datagram)
{
    return datagram.len >= RECORD_HEADER_LEN && datagram.at[0] >= 20 && datagram.at[0] <= 63;
}

/* The front of the datagram up to an alert in the clear. Before the handshake ends alerts are not
 * authenticated, so one with a forged source address could end it: they count for nothing. */
static struct ic_bytes without_clear_alerts(struct ic_bytes datagram)
{
    struct ic_reader r = ic_reader_of(datagram);

    while (r.rest.len > 0) {
        size_t before = datagram.len - r.rest.len;
        uint64_t type = ic_read_uint(&r, 1);
        ic_read_bytes(&r, 2); /* version */
        uint64_t epoch = ic_read_uint(&r, 2);
        ic_read_bytes(&r, 6); /* sequence number */
        ic_read_bytes(&r, (size_t)ic_read_uint(&r, 2));
        if (type == RECORD_ALERT && epoch == 0)
            return (struct ic_bytes){datagram.at, before};
    }
    return datagram;
}

/* What a server that has not answered yet may look at: a hello, or a piece of one. The rest of a
 * handshake that failed would otherwise be kept for the next one, as messages from its future. */
static bool may_begin(struct ic_bytes datagram)
{
    return datagram.len > RECORD_HEADER_LEN && datagram.at[0] == RECORD_HANDSHAKE &&
           datagram.at[RECORD_HEADER_LEN] == CLIENT_HELLO;
}

/* After the end: a peer that still sends its handshake did not get our last flight. */
static void answer_again(struct ic_dtls *dtls, int64_t now, struct ic_bytes datagram)
{
    if (datagram.at[0] != RECORD_HANDSHAKE || now - dtls->last_sent_at < LAST_FLIGHT_REPEAT_NS)
        return;
    dtls->last_sent_at = now;
    dtls->sent = 0;
}

void ic_dtls_receive(struct ic_dtls *dtls, int64_t now, struct ic_bytes datagram)
{
    if (!ic_dtls_is(datagram) || dtls->state == IC_DTLS_FAILED)
        return;
    if (dtls->state == IC_DTLS_CONNECTED) {
        answer_again(dtls, now, datagram);
        return;
    }
    datagram = without_clear_alerts(datagram);
    bool unanswered = dtls->role == IC_DTLS_SERVER && dtls->handshake->flight.count == 0;
    if (datagram.len == 0 || (unanswered && !may_begin(datagram)))
        return;
    if (dtls->give_up_at == INT64_MAX)
        dtls->give_up_at = now + GIVE_UP_NS;
    dtls->handshake->input = datagram;
    step(dtls, now);
    if (dtls->handshake)
        dtls->handshake->input = (struct ic_bytes){0};
}

bool ic_dtls_next_datagram(struct ic_dtls *dtls, struct ic_bytes *out)
{
    size_t offset = 0;

    if (!dtls->handshake) {
        *out = (struct ic_bytes){dtls->last, dtls->last_len};
        return dtls->sent++ == 0 && dtls->last_len > 0;
    }
    const struct flight *flight = &dtls->handshake->flight;
    if (dtls->sent >= flight->count) {
        if (dtls->state == IC_DTLS_FAILED) { /* the alert is out: nothing is left to do */
            handshake_free(dtls->handshake);
            dtls->handshake = NULL;
        }
        return false;
    }
    for (size_t i = 0; i < dtls->sent; i++)
        offset += flight->lens[i];
    *out = (struct ic_bytes){flight->bytes + offset, flight->lens[dtls->sent]};
    dtls->sent++;
    return true;
}

int64_t ic_dtls_next_timeout(const struct ic_dtls *dtls)
{
    return dtls->repeat_at < dtls->give_up_at ? dtls->repeat_at : dtls->give_up_at;
}

void ic_dtls_advance(struct ic_dtls *dtls, int64_t now)
{
    if (dtls->state != IC_DTLS_HANDSHAKE)
        return;
    if (now >= dtls->give_up_at) {
        fail(dtls);
        handshake_free(dtls->handshake);
        dtls->handshake = NULL;
        return;
    }
    if (now < dtls->repeat_at)
        return;
    dtls->sent = 0;
    dtls->repeat_after_ns *= 2;
    if (dtls->repeat_after_ns > LONGEST_REPEAT_NS)
        dtls->repeat_after_ns = LONGEST_REPEAT_NS;
    dtls->repeat_at = now + dtls->repeat_after_ns;
}

enum ic_err ic_dtls_take_keys(struct ic_dtls *dtls, struct ic_srtp_keys *out)
{
    if (dtls->state != IC_DTLS_CONNECTED || dtls->keys_taken)
        return IC_ERR_FORBIDDEN;
    *out = dtls->keys;
    ic_secret_wipe(&dtls->keys, sizeof dtls->keys);
    dtls->keys_taken = true;
    return IC_OK;
}
