/* The handshake, client against server in memory and on virtual time.
 *
 *   client ---- datagrams, any of which may be lost ----> server
 *          <--------------------------------------------
 *
 * A client made directly on OpenSSL plays those that are older, newer or worse than ours. */
#include "crypto/dtls.h"

#include "crypto/certificate.h"
#include "crypto/dtls_library.h"
#include "tests/test.h"

#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#define NOW_S INT64_C(1800000000)

enum { RECORD_HEADER_LEN = 13, HANDSHAKE_HEADER_LEN = 12 };

struct side {
    struct ic_certificate *certificate;
    struct ic_dtls_context *context;
    uint8_t fingerprint[IC_DTLS_FINGERPRINT_LEN];
    struct ic_dtls *dtls;
};

struct pair {
    struct side client, server;
    int64_t now;
    int lose;    /* number of the datagram that is lost, -1: none */
    int carried; /* so far, both directions */
};

static void side_init(struct side *side)
{
    assert_int_equal(ic_certificate_new(&side->certificate, NOW_S), IC_OK);
    assert_int_equal(ic_dtls_context_new(&side->context, side->certificate), IC_OK);
    ic_certificate_fingerprint(side->fingerprint, side->certificate);
    side->dtls = NULL;
}

static void side_clear(struct side *side)
{
    ic_dtls_free(side->dtls);
    ic_dtls_context_free(side->context);
    ic_certificate_free(side->certificate);
}

static void pair_init(struct pair *pair)
{
    *pair = (struct pair){.now = 5 * IC_NS_PER_SEC, .lose = -1};
    side_init(&pair->client);
    side_init(&pair->server);
}

static void pair_clear(struct pair *pair)
{
    side_clear(&pair->client);
    side_clear(&pair->server);
}

static void pair_start(struct pair *pair, const uint8_t *wanted_of_client,
                       const uint8_t *wanted_of_server)
{
    assert_int_equal(ic_dtls_new(&pair->server.dtls, pair->server.context, IC_DTLS_SERVER,
                                 wanted_of_client, pair->now),
                     IC_OK);
    assert_int_equal(ic_dtls_new(&pair->client.dtls, pair->client.context, IC_DTLS_CLIENT,
                                 wanted_of_server, pair->now),
                     IC_OK);
}

/* Carries what waits on one side to the other; true if anything did. */
static bool carry(struct pair *pair, struct ic_dtls *from, struct ic_dtls *to)
{
    struct ic_bytes datagram;
    bool any = false;

    while (ic_dtls_next_datagram(from, &datagram)) {
        assert_true(datagram.len <= IC_DTLS_DATAGRAM_MAX);
        any = true;
        if (pair->carried++ != pair->lose)
            ic_dtls_receive(to, pair->now, datagram);
    }
    return any;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Runs both sides until nothing is left to do or `end` has come. */
static void run(struct pair *pair, int64_t end)
{
    struct ic_dtls *client = pair->client.dtls, *server = pair->server.dtls;

    for (;;) {
        bool any = true;
        while (any) {
            any = carry(pair, client, server);
            any |= carry(pair, server, client);
        }
        int64_t next = earlier(ic_dtls_next_timeout(client), ic_dtls_next_timeout(server));
        if (next > end)
            return;
        pair->now = next;
        ic_dtls_advance(client, pair->now);
        ic_dtls_advance(server, pair->now);
    }
}

static void assert_connected_with_one_set_of_keys(struct pair *pair)
{
    struct ic_srtp_keys c, s;

    assert_int_equal(ic_dtls_state(pair->client.dtls), IC_DTLS_CONNECTED);
    assert_int_equal(ic_dtls_state(pair->server.dtls), IC_DTLS_CONNECTED);
    assert_int_equal(ic_dtls_take_keys(pair->client.dtls, &c), IC_OK);
    assert_int_equal(ic_dtls_take_keys(pair->server.dtls, &s), IC_OK);
    assert_int_equal(c.profile, s.profile);
    assert_memory_equal(&c.send, &s.receive, sizeof c.send);
    assert_memory_equal(&c.receive, &s.send, sizeof c.receive);
    assert_memory_not_equal(&c.send, &c.receive, sizeof c.send);
}

TEST(a_handshake_gives_both_sides_the_same_gcm_keys_once)
{
    struct pair pair;
    struct ic_srtp_keys keys;

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    assert_int_equal(ic_dtls_take_keys(pair.server.dtls, &keys), IC_ERR_FORBIDDEN);
    run(&pair, pair.now);
    assert_int_equal(ic_dtls_next_timeout(pair.server.dtls), INT64_MAX);
    assert_connected_with_one_set_of_keys(&pair);
    assert_int_equal(ic_dtls_take_keys(pair.server.dtls, &keys), IC_ERR_FORBIDDEN);
    pair_clear(&pair);
}

TEST(a_handshake_prefers_aead_aes_128_gcm)
{
    struct pair pair;
    struct ic_srtp_keys keys;

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    run(&pair, pair.now);
    assert_int_equal(ic_dtls_take_keys(pair.server.dtls, &keys), IC_OK);
    assert_int_equal(keys.profile, IC_SRTP_AEAD_AES_128_GCM);
    assert_int_equal(keys.send.salt[12] | keys.send.salt[13], 0);
    pair_clear(&pair);
}

TEST(a_side_that_is_told_one_profile_accepts_no_other)
{
    struct pair pair;
    struct ic_srtp_keys keys;

    pair_init(&pair);
    assert_int_equal(ic_dtls_context_only(pair.client.context, IC_SRTP_AES_CM_SHA1_80), IC_OK);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    run(&pair, pair.now);
    assert_int_equal(ic_dtls_take_keys(pair.client.dtls, &keys), IC_OK);
    assert_int_equal(keys.profile, IC_SRTP_AES_CM_SHA1_80);
    pair_clear(&pair);

    pair_init(&pair);
    assert_int_equal(ic_dtls_context_only(pair.client.context, IC_SRTP_AES_CM_SHA1_80), IC_OK);
    assert_int_equal(ic_dtls_context_only(pair.server.context, IC_SRTP_AEAD_AES_128_GCM), IC_OK);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    run(&pair, pair.now + 60 * IC_NS_PER_SEC);
    assert_int_equal(ic_dtls_state(pair.client.dtls), IC_DTLS_FAILED);
    assert_int_equal(ic_dtls_state(pair.server.dtls), IC_DTLS_FAILED);
    pair_clear(&pair);
}

TEST(a_handshake_survives_the_loss_of_any_one_datagram)
{
    struct pair pair;
    int carried = 1;

    for (int lose = 0; lose < carried; lose++) {
        pair_init(&pair);
        pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
        pair.lose = lose;
        run(&pair, pair.now + IC_NS_PER_SEC);
        carried = pair.carried;
        assert_connected_with_one_set_of_keys(&pair);
        pair_clear(&pair);
    }
    assert_true(carried >= 4);
}

TEST(a_flight_is_repeated_after_100_200_and_400_ms_and_given_up_after_30_s)
{
    struct pair pair;
    struct ic_bytes datagram;
    static const int waits_ms[] = {100, 200, 400, 800, 1600, 3200, 4000, 4000};

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    struct ic_dtls *client = pair.client.dtls;
    int64_t start = pair.now, due = start;
    assert_true(ic_dtls_next_datagram(client, &datagram));
    assert_false(ic_dtls_next_datagram(client, &datagram));
    for (size_t i = 0; i < IC_COUNT(waits_ms); i++) {
        due += waits_ms[i] * IC_NS_PER_MS;
        assert_int_equal(ic_dtls_next_timeout(client), due);
        ic_dtls_advance(client, due - 1);
        assert_false(ic_dtls_next_datagram(client, &datagram));
        ic_dtls_advance(client, due);
        assert_true(ic_dtls_next_datagram(client, &datagram));
        assert_false(ic_dtls_next_datagram(client, &datagram));
    }
    while (ic_dtls_next_timeout(client) < start + 30 * IC_NS_PER_SEC)
        ic_dtls_advance(client, ic_dtls_next_timeout(client));
    while (ic_dtls_next_datagram(client, &datagram))
        ;
    ic_dtls_advance(client, start + 30 * IC_NS_PER_SEC);
    assert_int_equal(ic_dtls_state(client), IC_DTLS_FAILED);
    assert_false(ic_dtls_next_datagram(client, &datagram));
    assert_int_equal(ic_dtls_next_timeout(client), INT64_MAX);
    pair_clear(&pair);
}

TEST(a_server_that_hears_nothing_has_nothing_to_do)
{
    struct pair pair;
    struct ic_bytes datagram;

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    assert_int_equal(ic_dtls_next_timeout(pair.server.dtls), INT64_MAX);
    assert_false(ic_dtls_next_datagram(pair.server.dtls, &datagram));
    pair_clear(&pair);
}

TEST(a_server_gives_up_30_s_after_the_first_datagram)
{
    struct pair pair;
    struct ic_bytes datagram;

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    assert_true(ic_dtls_next_datagram(pair.client.dtls, &datagram));
    ic_dtls_receive(pair.server.dtls, pair.now, datagram);
    int64_t end = pair.now + 30 * IC_NS_PER_SEC;
    while (ic_dtls_next_timeout(pair.server.dtls) < end)
        ic_dtls_advance(pair.server.dtls, ic_dtls_next_timeout(pair.server.dtls));
    assert_int_equal(ic_dtls_state(pair.server.dtls), IC_DTLS_HANDSHAKE);
    ic_dtls_advance(pair.server.dtls, end);
    assert_int_equal(ic_dtls_state(pair.server.dtls), IC_DTLS_FAILED);
    pair_clear(&pair);
}

TEST(a_wrong_fingerprint_on_either_side_gives_no_keys)
{
    for (int wrong_side = 0; wrong_side < 2; wrong_side++) {
        struct pair pair;
        struct ic_srtp_keys keys;
        uint8_t wrong[IC_DTLS_FINGERPRINT_LEN];
        pair_init(&pair);
        memcpy(wrong, wrong_side == 0 ? pair.client.fingerprint : pair.server.fingerprint,
               sizeof wrong);
        wrong[31] ^= 1;
        pair_start(&pair, wrong_side == 0 ? wrong : pair.client.fingerprint,
                   wrong_side == 1 ? wrong : pair.server.fingerprint);
        run(&pair, pair.now + 60 * IC_NS_PER_SEC);
        assert_int_equal(ic_dtls_state(pair.server.dtls), IC_DTLS_FAILED);
        assert_int_equal(ic_dtls_state(pair.client.dtls), IC_DTLS_FAILED);
        assert_int_equal(ic_dtls_take_keys(pair.server.dtls, &keys), IC_ERR_FORBIDDEN);
        assert_int_equal(ic_dtls_take_keys(pair.client.dtls, &keys), IC_ERR_FORBIDDEN);
        pair_clear(&pair);
    }
}

/* Sends the hello in `count` records, each its own datagram. Their sequence numbers are out of the
 * way of those that the client will use. */
static void send_in_fragments(struct ic_dtls *server, int64_t now, struct ic_bytes hello,
                              size_t count)
{
    const uint8_t *body = hello.at + RECORD_HEADER_LEN + HANDSHAKE_HEADER_LEN;
    size_t body_len = hello.len - RECORD_HEADER_LEN - HANDSHAKE_HEADER_LEN;

    for (size_t i = 0; i < count; i++) {
        size_t from = body_len * i / count, len = body_len * (i + 1) / count - from;
        uint8_t datagram[IC_DTLS_DATAGRAM_MAX];
        struct ic_writer w = ic_writer_of(datagram, sizeof datagram);
        ic_write_bytes(&w, (struct ic_bytes){hello.at, 5}); /* type, version, epoch */
        ic_write_uint(&w, 20 + i, 6);
        ic_write_uint(&w, HANDSHAKE_HEADER_LEN + len, 2);
        ic_write_bytes(&w, (struct ic_bytes){hello.at + RECORD_HEADER_LEN, 6}); /* to sequence */
        ic_write_uint(&w, from, 3);
        ic_write_uint(&w, len, 3);
        ic_write_bytes(&w, (struct ic_bytes){body + from, len});
        assert_false(w.bad);
        ic_dtls_receive(server, now, ic_written(&w));
    }
}

TEST(a_client_hello_may_come_in_two_or_four_datagrams)
{
    for (size_t count = 2; count <= 4; count += 2) {
        struct pair pair;
        struct ic_bytes hello;
        pair_init(&pair);
        pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
        assert_true(ic_dtls_next_datagram(pair.client.dtls, &hello));
        send_in_fragments(pair.server.dtls, pair.now, hello, count);
        run(&pair, pair.now);
        assert_connected_with_one_set_of_keys(&pair);
        pair_clear(&pair);
    }
}

TEST(an_alert_in_the_clear_ends_nothing)
{
    /* Fatal handshake_failure, epoch 0: anybody could have sent it. */
    static const uint8_t ALERT[] = {21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 40, 0, 2, 2, 40};
    struct ic_bytes alert = {ALERT, sizeof ALERT}, hello;
    struct pair pair;

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    ic_dtls_receive(pair.server.dtls, pair.now, alert);
    ic_dtls_receive(pair.client.dtls, pair.now, alert);
    assert_true(ic_dtls_next_datagram(pair.client.dtls, &hello));
    uint8_t both[IC_DTLS_DATAGRAM_MAX];
    memcpy(both, hello.at, hello.len);
    memcpy(both + hello.len, ALERT, sizeof ALERT);
    ic_dtls_receive(pair.server.dtls, pair.now, (struct ic_bytes){both, hello.len + sizeof ALERT});
    ic_dtls_receive(pair.server.dtls, pair.now, alert);
    run(&pair, pair.now);
    assert_connected_with_one_set_of_keys(&pair);
    pair_clear(&pair);
}

TEST(what_is_not_dtls_changes_nothing)
{
    struct pair pair;
    struct ic_bytes hello, datagram;
    uint8_t copy[IC_DTLS_DATAGRAM_MAX];

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    assert_true(ic_dtls_next_datagram(pair.client.dtls, &hello));
    memcpy(copy, hello.at, hello.len);
    for (size_t len = 0; len < hello.len; len++) /* every truncation of the hello */
        ic_dtls_receive(pair.server.dtls, pair.now, (struct ic_bytes){copy, len});
    for (unsigned first = 0; first < 256; first++) {
        uint8_t bytes[20] = {(uint8_t)first};
        assert_int_equal(ic_dtls_is((struct ic_bytes){bytes, sizeof bytes}),
                         first >= 20 && first <= 63);
        ic_dtls_receive(pair.server.dtls, pair.now, (struct ic_bytes){bytes, sizeof bytes});
    }
    assert_false(ic_dtls_next_datagram(pair.server.dtls, &datagram));
    ic_dtls_receive(pair.server.dtls, pair.now, (struct ic_bytes){copy, hello.len});
    run(&pair, pair.now);
    assert_connected_with_one_set_of_keys(&pair);
    pair_clear(&pair);
}

/* --- a client on OpenSSL --- */

struct foreign {
    const char *what;
    int version;
    const char *ciphers, *profiles;
    uint64_t options;
    bool without_certificate;
    bool long_hello;
};

struct foreign_client {
    SSL_CTX *context;
    SSL *ssl;
    BIO *in, *out; /* what it reads and what it wrote */
    X509 *x509;
    EVP_PKEY *key;
};

static int add_long_extension(SSL *ssl, unsigned type, const unsigned char **out, size_t *len,
                              int *alert, void *arg)
{
    static const uint8_t BODY[1400];

    (void)ssl, (void)type, (void)alert, (void)arg;
    *out = BODY;
    *len = sizeof BODY;
    return 1;
}

static void foreign_certificate(struct foreign_client *f, uint8_t *fingerprint)
{
    time_t now = NOW_S;
    unsigned len = IC_DTLS_FINGERPRINT_LEN;

    f->key = EVP_EC_gen("P-256");
    f->x509 = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(f->x509), 1);
    X509_time_adj_ex(X509_getm_notBefore(f->x509), 0, 0, &now);
    X509_time_adj_ex(X509_getm_notAfter(f->x509), 1, 0, &now);
    X509_set_pubkey(f->x509, f->key);
    assert_true(X509_sign(f->x509, f->key, EVP_sha256()) > 0);
    assert_int_equal(X509_digest(f->x509, EVP_sha256(), fingerprint, &len), 1);
}

static void foreign_init(struct foreign_client *f, const struct foreign *kind, uint8_t *fingerprint)
{
    f->context = SSL_CTX_new(DTLS_client_method());
    SSL_CTX_set_security_level(f->context, 0);
    assert_int_equal(SSL_CTX_set_min_proto_version(f->context, kind->version), 1);
    assert_int_equal(SSL_CTX_set_max_proto_version(f->context, kind->version), 1);
    assert_int_equal(SSL_CTX_set_cipher_list(f->context, kind->ciphers), 1);
    if (kind->profiles)
        assert_int_equal(SSL_CTX_set_tlsext_use_srtp(f->context, kind->profiles), 0);
    SSL_CTX_set_options(f->context, kind->options | SSL_OP_NO_QUERY_MTU);
    foreign_certificate(f, fingerprint);
    if (!kind->without_certificate) {
        SSL_CTX_use_certificate(f->context, f->x509);
        SSL_CTX_use_PrivateKey(f->context, f->key);
    }
    if (kind->long_hello)
        assert_int_equal(SSL_CTX_add_client_custom_ext(f->context, 0xff77, add_long_extension, NULL,
                                                       NULL, NULL, NULL),
                         1);
    f->ssl = SSL_new(f->context);
    f->in = BIO_new(BIO_s_mem());
    f->out = BIO_new(BIO_s_mem());
    SSL_set_bio(f->ssl, f->in, f->out);
    SSL_set_mtu(f->ssl, IC_DTLS_DATAGRAM_MAX);
    SSL_set_connect_state(f->ssl);
}

static void foreign_clear(struct foreign_client *f)
{
    SSL_free(f->ssl);
    SSL_CTX_free(f->context);
    X509_free(f->x509);
    EVP_PKEY_free(f->key);
}

/* Hands what the client wrote to the server, a record a datagram. */
static void foreign_carry(struct foreign_client *f, struct ic_dtls *server, int64_t now)
{
    char *data;
    size_t left = (size_t)BIO_get_mem_data(f->out, &data);
    const uint8_t *at = (const uint8_t *)data;

    while (left >= RECORD_HEADER_LEN) {
        size_t len = RECORD_HEADER_LEN + (size_t)(at[11] << 8 | at[12]);
        assert_true(len <= left && len <= IC_DTLS_DATAGRAM_MAX);
        ic_dtls_receive(server, now, (struct ic_bytes){at, len});
        at += len;
        left -= len;
    }
    (void)BIO_reset(f->out);
}

/* A whole conversation; true if both ended well. */
static bool foreign_run(struct foreign_client *f, struct ic_dtls *server, int64_t now)
{
    struct ic_bytes datagram;
    int done = 0;

    for (int turn = 0; turn < 8 && done != 1; turn++) {
        done = SSL_do_handshake(f->ssl);
        foreign_carry(f, server, now);
        while (ic_dtls_next_datagram(server, &datagram))
            BIO_write(f->in, datagram.at, (int)datagram.len);
    }
    return done == 1 && ic_dtls_state(server) == IC_DTLS_CONNECTED;
}

#define GOOD_CIPHER "ECDHE-ECDSA-AES128-GCM-SHA256"
#define BOTH_PROFILES "SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM"

TEST(the_server_speaks_with_other_clients)
{
    static const struct {
        struct foreign kind;
        enum ic_srtp_profile profile;
    } rows[] = {
        {{"only AES_CM", DTLS1_2_VERSION, GOOD_CIPHER, "SRTP_AES128_CM_SHA1_80", 0, false, false},
         IC_SRTP_AES_CM_SHA1_80},
        {{"AES_CM first", DTLS1_2_VERSION, GOOD_CIPHER, BOTH_PROFILES, 0, false, false},
         IC_SRTP_AEAD_AES_128_GCM},
        {{"ChaCha20", DTLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", BOTH_PROFILES, 0, false,
          false},
         IC_SRTP_AEAD_AES_128_GCM},
        {{"a hello larger than a datagram", DTLS1_2_VERSION, GOOD_CIPHER, BOTH_PROFILES, 0, false,
          true},
         IC_SRTP_AEAD_AES_128_GCM},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct foreign_client client;
        struct side server;
        struct ic_srtp_keys keys;
        uint8_t fingerprint[IC_DTLS_FINGERPRINT_LEN], material[60];
        side_init(&server);
        foreign_init(&client, &rows[i].kind, fingerprint);
        assert_int_equal(ic_dtls_new(&server.dtls, server.context, IC_DTLS_SERVER, fingerprint, 0),
                         IC_OK);
        CHECK_ROW(rows[i].kind.what, foreign_run(&client, server.dtls, 0));
        assert_int_equal(ic_dtls_take_keys(server.dtls, &keys), IC_OK);
        CHECK_ROW(rows[i].kind.what, keys.profile == rows[i].profile);
        size_t salt_len = keys.profile == IC_SRTP_AES_CM_SHA1_80 ? 14 : 12;
        assert_int_equal(SSL_export_keying_material(client.ssl, material, 32 + 2 * salt_len,
                                                    "EXTRACTOR-dtls_srtp", 19, NULL, 0, 0),
                         1);
        assert_memory_equal(keys.receive.key, material, 16);
        assert_memory_equal(keys.send.key, material + 16, 16);
        assert_memory_equal(keys.receive.salt, material + 32, salt_len);
        assert_memory_equal(keys.send.salt, material + 32 + salt_len, salt_len);
        foreign_clear(&client);
        side_clear(&server);
    }
}

/* After each refusal the right client still gets its handshake: a hello that nobody could accept
 * costs it nothing. */
TEST(the_server_refuses_weak_clients_and_then_serves_the_right_one)
{
    static const struct foreign rows[] = {
        {"a null cipher", DTLS1_2_VERSION, "ECDHE-ECDSA-NULL-SHA", BOTH_PROFILES, 0, false, false},
        {"a CBC cipher", DTLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", BOTH_PROFILES, 0, false, false},
        {"an RSA key exchange", DTLS1_2_VERSION, "AES128-GCM-SHA256", BOTH_PROFILES, 0, false,
         false},
        {"DTLS 1.0", DTLS1_VERSION, "ECDHE-ECDSA-AES128-SHA", BOTH_PROFILES, 0, false, false},
        {"no certificate", DTLS1_2_VERSION, GOOD_CIPHER, BOTH_PROFILES, 0, true, false},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct foreign_client client;
        struct pair pair;
        struct ic_srtp_keys keys;
        uint8_t fingerprint[IC_DTLS_FINGERPRINT_LEN];
        pair_init(&pair);
        pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
        foreign_init(&client, &rows[i], fingerprint);
        CHECK_ROW(rows[i].what, !foreign_run(&client, pair.server.dtls, pair.now));
        CHECK_ROW(rows[i].what, ic_dtls_take_keys(pair.server.dtls, &keys) == IC_ERR_FORBIDDEN);
        run(&pair, pair.now + IC_NS_PER_SEC);
        assert_connected_with_one_set_of_keys(&pair);
        foreign_clear(&client);
        pair_clear(&pair);
    }
}

TEST(a_client_without_srtp_or_extended_master_secret_gets_no_keys)
{
    static const struct foreign rows[] = {
        {"no use_srtp", DTLS1_2_VERSION, GOOD_CIPHER, NULL, 0, false, false},
        {"no extended master secret", DTLS1_2_VERSION, GOOD_CIPHER, BOTH_PROFILES,
         SSL_OP_NO_EXTENDED_MASTER_SECRET, false, false},
    };

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct foreign_client client;
        struct side server;
        struct ic_srtp_keys keys;
        uint8_t fingerprint[IC_DTLS_FINGERPRINT_LEN];
        side_init(&server);
        foreign_init(&client, &rows[i], fingerprint);
        assert_int_equal(ic_dtls_new(&server.dtls, server.context, IC_DTLS_SERVER, fingerprint, 0),
                         IC_OK);
        CHECK_ROW(rows[i].what, !foreign_run(&client, server.dtls, 0));
        CHECK_ROW(rows[i].what, ic_dtls_state(server.dtls) == IC_DTLS_FAILED);
        CHECK_ROW(rows[i].what, ic_dtls_take_keys(server.dtls, &keys) == IC_ERR_FORBIDDEN);
        foreign_clear(&client);
        side_clear(&server);
    }
}

static bool can_read(EVP_PKEY *key)
{
    uint8_t *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    assert_true(len > 0);

    const uint8_t *at = der;
    EVP_PKEY *read = d2i_PUBKEY_ex(NULL, &at, len, ic_dtls_library(), NULL);
    bool same = read && EVP_PKEY_eq(read, key) == 1;
    EVP_PKEY_free(read);
    EVP_PKEY_free(key);
    OPENSSL_free(der);
    return same;
}

TEST(the_library_of_handshakes_reads_the_keys_that_peers_may_have_and_no_others)
{
    assert_non_null(ic_dtls_library());
    assert_true(can_read(EVP_EC_gen("P-256")));
    assert_true(can_read(EVP_EC_gen("P-384")));
    assert_true(can_read(EVP_RSA_gen(2048)));
    assert_false(can_read(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")));
}

static bool has_cipher(const char *name)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(ic_dtls_library(), name, NULL);
    EVP_CIPHER_free(cipher);
    return cipher;
}

static bool has_digest(const char *name)
{
    EVP_MD *digest = EVP_MD_fetch(ic_dtls_library(), name, NULL);
    EVP_MD_free(digest);
    return digest;
}

/* Each that there is makes reading a certificate slower. */
TEST(the_library_of_handshakes_has_no_algorithm_that_is_not_negotiated)
{
    assert_true(has_cipher("AES-128-GCM") && has_cipher("AES-256-GCM"));
    assert_true(has_cipher("ChaCha20-Poly1305"));
    assert_true(has_digest("SHA256") && has_digest("SHA384"));
    assert_false(has_cipher("AES-128-CBC") || has_cipher("AES-128-CCM"));
    assert_false(has_digest("MD5") || has_digest("SHA3-256") || has_digest("BLAKE2S-256"));
    EVP_MAC *mac = EVP_MAC_fetch(ic_dtls_library(), "KMAC-128", NULL);
    assert_null(mac);
    EVP_SIGNATURE *signature = EVP_SIGNATURE_fetch(ic_dtls_library(), "DSA", NULL);
    assert_null(signature);
}

TEST(a_connected_server_repeats_its_last_flight_but_not_for_every_datagram)
{
    struct pair pair;
    struct ic_bytes datagram;
    uint8_t again[20] = {22, 0xfe, 0xfd};

    pair_init(&pair);
    pair_start(&pair, pair.client.fingerprint, pair.server.fingerprint);
    run(&pair, pair.now);
    struct ic_bytes handshake = {again, sizeof again};
    ic_dtls_receive(pair.server.dtls, pair.now, handshake);
    assert_false(ic_dtls_next_datagram(pair.server.dtls, &datagram));
    ic_dtls_receive(pair.server.dtls, pair.now + 50 * IC_NS_PER_MS, handshake);
    assert_true(ic_dtls_next_datagram(pair.server.dtls, &datagram));
    assert_false(ic_dtls_next_datagram(pair.server.dtls, &datagram));
    ic_dtls_receive(pair.server.dtls, pair.now + 60 * IC_NS_PER_MS, handshake);
    assert_false(ic_dtls_next_datagram(pair.server.dtls, &datagram));
    pair_clear(&pair);
}

RUN_TESTS(
    cmocka_unit_test(a_handshake_gives_both_sides_the_same_gcm_keys_once),
    cmocka_unit_test(a_handshake_prefers_aead_aes_128_gcm),
    cmocka_unit_test(a_side_that_is_told_one_profile_accepts_no_other),
    cmocka_unit_test(a_handshake_survives_the_loss_of_any_one_datagram),
    cmocka_unit_test(a_flight_is_repeated_after_100_200_and_400_ms_and_given_up_after_30_s),
    cmocka_unit_test(a_server_that_hears_nothing_has_nothing_to_do),
    cmocka_unit_test(a_server_gives_up_30_s_after_the_first_datagram),
    cmocka_unit_test(a_wrong_fingerprint_on_either_side_gives_no_keys),
    cmocka_unit_test(a_client_hello_may_come_in_two_or_four_datagrams),
    cmocka_unit_test(an_alert_in_the_clear_ends_nothing),
    cmocka_unit_test(what_is_not_dtls_changes_nothing),
    cmocka_unit_test(the_server_speaks_with_other_clients),
    cmocka_unit_test(the_server_refuses_weak_clients_and_then_serves_the_right_one),
    cmocka_unit_test(a_client_without_srtp_or_extended_master_secret_gets_no_keys),
    cmocka_unit_test(the_library_of_handshakes_reads_the_keys_that_peers_may_have_and_no_others),
    cmocka_unit_test(the_library_of_handshakes_has_no_algorithm_that_is_not_negotiated),
    cmocka_unit_test(a_connected_server_repeats_its_last_flight_but_not_for_every_datagram))
