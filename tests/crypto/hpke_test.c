/* HPKE against the vectors of RFC 9180 and draft-ietf-hpke-pq, and against damage. */
#include "crypto/hpke.h"

#include "tests/crypto/vectors.h"

static struct ic_hpke_suite suite_of(const json_t *row)
{
    return (struct ic_hpke_suite){(uint16_t)vector_number(row, "kem_id"),
                                  (uint16_t)vector_number(row, "kdf_id"),
                                  (uint16_t)vector_number(row, "aead_id")};
}

static const char *why_not(struct ic_hpke_suite suite)
{
    if (ic_kem_lengths((enum ic_kem)suite.kem).public_len == 0)
        return "no suite of ours has this KEM";
    if (!ic_kem_available((enum ic_kem)suite.kem))
        return suite.kem == IC_KEM_XWING ? "this build has no ML-KEM"
                                         : "this build has no such curve";
    return "no suite of ours has this KDF";
}

/* Some bits of an X448 scalar are fixed when it is used (RFC 7748 section 5); whether before or
 * after it is written down makes no other key, and the vectors fix them before. */
static void fix_scalar(uint8_t *private_key, enum ic_kem kem)
{
    if (kem == IC_KEM_X448) {
        private_key[0] &= 0xfc;
        private_key[55] |= 0x80;
    }
}

static void check_key_pair(const char *name, const json_t *row, const char *ikm_key,
                           const char *private_name, const char *public_name)
{
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    const enum ic_kem kem = (enum ic_kem)vector_number(row, "kem_id");
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    assert_int_equal(ic_kem_derive(private_key, public_key, kem, vector_hex(row, ikm_key)), IC_OK);
    fix_scalar(private_key, kem);
    vector_check(name, row, private_name, private_key, lengths.private_len);
    vector_check(name, row, public_name, public_key, lengths.public_len);
    memset(public_key, 0, sizeof public_key);
    assert_int_equal(ic_kem_public(public_key, kem, vector_hex(row, private_name)), IC_OK);
    vector_check(name, row, public_name, public_key, lengths.public_len);
    assert_int_equal(ic_kem_check_public(kem, vector_hex(row, public_name)), IC_OK);
}

static void check_schedule(const char *name, const json_t *row,
                           const struct ic_hpke_context *context)
{
    const size_t key_len = vector_hex(row, "key").len,
                 nonce_len = vector_hex(row, "base_nonce").len;

    vector_check(name, row, "key", context->key, key_len);
    vector_check(name, row, "base_nonce", context->base_nonce, nonce_len);
    vector_check(name, row, "exporter_secret", context->exporter_secret,
                 vector_hex(row, "exporter_secret").len);
}

static void check_messages(const char *name, const json_t *row, struct ic_hpke_context *sender,
                           struct ic_hpke_context *receiver)
{
    const json_t *message;
    size_t i;

    json_array_foreach(json_object_get(row, "encryptions"), i, message)
    {
        struct ic_bytes plain = vector_hex(message, "pt"), aad = vector_hex(message, "aad");
        struct ic_bytes sealed = vector_hex(message, "ct");
        uint8_t *out = vector_room(plain.len + IC_CIPHER_TAG_LEN);
        bool numbered = json_object_get(message, "seq") != NULL;
        sender->sequence = receiver->sequence = numbered ? vector_number(message, "seq") : i;
        assert_int_equal(ic_hpke_context_seal(out, sender, aad, plain), IC_OK);
        vector_check(name, message, "ct", out, plain.len + IC_CIPHER_TAG_LEN);
        assert_int_equal(ic_hpke_context_open(out, receiver, aad, sealed), IC_OK);
        vector_check(name, message, "pt", out, plain.len);
    }
    json_array_foreach(json_object_get(row, "exports"), i, message)
    {
        size_t len = vector_number(message, "L");
        uint8_t *out = vector_room(len);
        struct ic_bytes label = vector_hex(message, "exporter_context");
        assert_int_equal(ic_hpke_context_export(out, len, sender, label), IC_OK);
        vector_check(name, message, "exported_value", out, len);
        assert_int_equal(ic_hpke_context_export(out, len, receiver, label), IC_OK);
        vector_check(name, message, "exported_value", out, len);
    }
}

static void check_row(const char *name, const json_t *row)
{
    const struct ic_hpke_suite suite = suite_of(row);
    struct ic_hpke_proof at_sender = {.psk = vector_hex(row, "psk"),
                                      .psk_id = vector_hex(row, "psk_id"),
                                      .sender_key = vector_hex(row, "skSm")};
    struct ic_hpke_proof at_receiver = at_sender;
    struct ic_hpke_context sender, receiver;
    uint8_t enc[IC_KEM_ENC_MAX];
    struct ic_bytes info = vector_hex(row, "info");

    at_receiver.sender_key = vector_hex(row, "pkSm");
    check_key_pair(name, row, "ikmR", "skRm", "pkRm");
    if (at_sender.sender_key.len > 0)
        check_key_pair(name, row, "ikmS", "skSm", "pkSm");
    assert_int_equal(ic_hpke_setup_sender_from(&sender, enc, suite, vector_hex(row, "pkRm"), info,
                                               &at_sender, vector_hex(row, "ikmE")),
                     IC_OK);
    vector_check(name, row, "enc", enc, ic_kem_lengths((enum ic_kem)suite.kem).enc_len);
    check_schedule(name, row, &sender);
    assert_int_equal(ic_hpke_setup_receiver(&receiver, suite, vector_hex(row, "enc"),
                                            vector_hex(row, "skRm"), info, &at_receiver),
                     IC_OK);
    check_schedule(name, row, &receiver);
    check_messages(name, row, &sender, &receiver);
}

/* A row with a KDF that we lack still fixes the keys and the secret of its KEM. */
static void check_kem(const char *name, const json_t *row)
{
    uint8_t enc[IC_KEM_ENC_MAX], shared[IC_KEM_SHARED_MAX];
    const enum ic_kem kem = (enum ic_kem)vector_number(row, "kem_id");
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    check_key_pair(name, row, "ikmR", "skRm", "pkRm");
    assert_int_equal(
        ic_kem_encap_from(shared, enc, kem, vector_hex(row, "pkRm"), vector_hex(row, "ikmE")),
        IC_OK);
    vector_check(name, row, "enc", enc, lengths.enc_len);
    vector_check(name, row, "shared_secret", shared, lengths.shared_len);
    assert_int_equal(ic_kem_decap(shared, kem, vector_hex(row, "enc"), vector_hex(row, "skRm")),
                     IC_OK);
    vector_check(name, row, "shared_secret", shared, lengths.shared_len);
}

/* How many rows were run. */
static size_t check_file(const char *file)
{
    json_t *rows = vectors_load(file), *row;
    size_t i, run = 0;

    json_array_foreach(rows, i, row)
    {
        char name[128];
        const struct ic_hpke_suite suite = suite_of(row);
        snprintf(name, sizeof name, "%s row %zu: KEM 0x%04x KDF %u AEAD %u mode %u", file, i,
                 suite.kem, suite.kdf, suite.aead, (unsigned)vector_number(row, "mode"));
        if (ic_hpke_available(suite)) {
            check_row(name, row);
            run++;
        } else {
            print_message("# left out, %s: %s\n", name, why_not(suite));
            if (ic_kem_available((enum ic_kem)suite.kem))
                check_kem(name, row);
        }
        vectors_forget();
    }
    json_decref(rows);
    return run;
}

TEST(hpke_gives_every_value_of_rfc_9180_in_all_four_modes)
{
    /* Seven suites in four modes; three of them on X25519, the only curve of the browser. */
    assert_int_equal(check_file("hpke/rfc9180.json"), ic_kem_available(IC_KEM_P256) ? 28 : 12);
}

TEST(hpke_gives_the_values_of_the_post_quantum_draft_for_x_wing)
{
    assert_int_equal(check_file("hpke/hpke-pq.json"), ic_kem_available(IC_KEM_XWING) ? 1 : 0);
}

static const enum ic_kem KEMS[] = {IC_KEM_P256,   IC_KEM_P384, IC_KEM_P521,
                                   IC_KEM_X25519, IC_KEM_X448, IC_KEM_XWING};

/* One message to a fresh receiver, with all that binds the two ends; each of these can be damaged.
 */
enum { PART_ENC, PART_SEALED, PART_AAD, PART_INFO, PART_PSK, PART_PSK_ID, PARTS };
struct letter {
    struct ic_hpke_suite suite;
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    uint8_t sender_private[IC_KEM_PRIVATE_MAX], sender_public[IC_KEM_PUBLIC_MAX];
    uint8_t bytes[PARTS][IC_KEM_ENC_MAX];
    size_t len[PARTS];
};

static const char PLAIN[] = "to be opened once";

static struct ic_bytes part(const struct letter *l, int which)
{
    return (struct ic_bytes){l->bytes[which], l->len[which]};
}

static struct ic_hpke_proof proof_of(const struct letter *l, const uint8_t *sender_key, size_t len)
{
    return (struct ic_hpke_proof){
        .psk = part(l, PART_PSK), .psk_id = part(l, PART_PSK_ID), .sender_key = {sender_key, len}};
}

/* X-Wing has no mode with a sender's key. */
static size_t sender_len(const struct letter *l, size_t len)
{
    return l->suite.kem == IC_KEM_XWING ? 0 : len;
}

static enum ic_err open_letter(uint8_t *out, const struct letter *l)
{
    const struct ic_kem_lengths lengths = ic_kem_lengths((enum ic_kem)l->suite.kem);
    struct ic_hpke_proof proof = proof_of(l, l->sender_public, sender_len(l, lengths.public_len));

    return ic_hpke_open(out, l->suite, part(l, PART_ENC),
                        (struct ic_bytes){l->private_key, lengths.private_len}, part(l, PART_INFO),
                        &proof, part(l, PART_AAD), part(l, PART_SEALED));
}

static void letter_init(struct letter *l, enum ic_kem kem)
{
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    *l = (struct letter){.suite = {(uint16_t)kem, IC_HPKE_HKDF_SHA384, IC_CIPHER_AES_128_GCM},
                         .len = {[PART_ENC] = lengths.enc_len,
                                 [PART_SEALED] = sizeof PLAIN + IC_CIPHER_TAG_LEN,
                                 [PART_AAD] = 9,
                                 [PART_INFO] = 11,
                                 [PART_PSK] = IC_HPKE_PSK_MIN,
                                 [PART_PSK_ID] = 4}};
    assert_int_equal(ic_kem_generate(l->private_key, l->public_key, kem), IC_OK);
    assert_int_equal(ic_kem_generate(l->sender_private, l->sender_public, kem), IC_OK);
    struct ic_hpke_proof proof = proof_of(l, l->sender_private, sender_len(l, lengths.private_len));
    assert_int_equal(ic_hpke_seal(l->bytes[PART_SEALED], l->bytes[PART_ENC], l->suite,
                                  (struct ic_bytes){l->public_key, lengths.public_len},
                                  part(l, PART_INFO), &proof, part(l, PART_AAD),
                                  (struct ic_bytes){(const uint8_t *)PLAIN, sizeof PLAIN}),
                     IC_OK);
}

TEST(hpke_opens_nothing_when_a_bit_of_any_part_is_flipped)
{
    for (size_t k = 0; k < IC_COUNT(KEMS); k++) {
        struct letter l;
        uint8_t out[sizeof PLAIN];
        if (!ic_kem_available(KEMS[k])) {
            print_message("# left out: KEM 0x%04x, not in this build\n", KEMS[k]);
            continue;
        }
        letter_init(&l, KEMS[k]);
        assert_int_equal(open_letter(out, &l), IC_OK);
        assert_memory_equal(out, PLAIN, sizeof PLAIN);
        for (size_t p = 0; p < PARTS; p++) {
            for (size_t at = 0; at < l.len[p]; at++) {
                l.bytes[p][at] ^= (uint8_t)(1 << at % 8);
                enum ic_err err = open_letter(out, &l);
                assert_true(err == IC_ERR_FORGED || (p == PART_ENC && err == IC_ERR_MALFORMED));
                l.bytes[p][at] ^= (uint8_t)(1 << at % 8);
            }
            size_t whole = l.len[p];
            for (l.len[p] = 0; l.len[p] < whole; l.len[p]++)
                assert_int_not_equal(open_letter(out, &l), IC_OK);
        }
        assert_int_equal(open_letter(out, &l), IC_OK);
    }
}

/* To many at once: what is sealed with a digested info opens with that info, and with no other. */
TEST(hpke_seals_to_many_with_an_info_that_is_digested_once)
{
    const struct ic_hpke_suite suite = {IC_KEM_X25519, IC_HPKE_HKDF_SHA256, IC_CIPHER_AES_128_GCM};
    const struct ic_bytes info = ic_bytes_of_text("an info that may be long"),
                          other = ic_bytes_of_text("another"), none = {0};
    uint8_t private_key[32], public_key[32], enc[32], digest[IC_HASH_MAX],
        sealed[sizeof PLAIN + IC_CIPHER_TAG_LEN], out[sizeof PLAIN];

    assert_int_equal(ic_hpke_digest_info(digest, suite, info), IC_OK);
    for (int i = 0; i < 3; i++) {
        const struct ic_bytes own = {private_key, 32}, to = {public_key, 32};
        assert_int_equal(ic_kem_generate(private_key, public_key, IC_KEM_X25519), IC_OK);
        assert_int_equal(
            ic_hpke_seal_digested(sealed, enc, suite, to, digest,
                                  (struct ic_bytes){(const uint8_t *)PLAIN, sizeof PLAIN}),
            IC_OK);
        const struct ic_bytes letter = {sealed, sizeof sealed}, key = {enc, 32};
        assert_int_equal(ic_hpke_open(out, suite, key, own, info, NULL, none, letter), IC_OK);
        assert_memory_equal(out, PLAIN, sizeof PLAIN);
        assert_int_equal(ic_hpke_open(out, suite, key, own, other, NULL, none, letter),
                         IC_ERR_FORGED);
    }
    struct ic_hpke_suite unknown = suite;
    unknown.kdf = 9;
    assert_int_equal(ic_hpke_digest_info(digest, unknown, info), IC_ERR_NOT_FOUND);
}

TEST(hpke_opens_nothing_in_another_mode_or_from_another_sender)
{
    struct letter l;
    uint8_t out[sizeof PLAIN];
    struct ic_hpke_proof proof;
    struct ic_bytes own;

    letter_init(&l, IC_KEM_X25519);
    own = (struct ic_bytes){l.private_key, 32};
    proof = proof_of(&l, l.public_key, 32);
    assert_int_equal(ic_hpke_open(out, l.suite, part(&l, PART_ENC), own, part(&l, PART_INFO),
                                  &proof, part(&l, PART_AAD), part(&l, PART_SEALED)),
                     IC_ERR_FORGED);
    proof.sender_key.len = 0;
    assert_int_equal(ic_hpke_open(out, l.suite, part(&l, PART_ENC), own, part(&l, PART_INFO),
                                  &proof, part(&l, PART_AAD), part(&l, PART_SEALED)),
                     IC_ERR_FORGED);
    assert_int_equal(ic_hpke_open(out, l.suite, part(&l, PART_ENC), own, part(&l, PART_INFO), NULL,
                                  part(&l, PART_AAD), part(&l, PART_SEALED)),
                     IC_ERR_FORGED);
    l.suite.aead = IC_CIPHER_CHACHA20_POLY1305;
    assert_int_equal(open_letter(out, &l), IC_ERR_FORGED);
    l.suite.aead = IC_CIPHER_AES_128_GCM;
    l.suite.kdf = IC_HPKE_HKDF_SHA256;
    assert_int_equal(open_letter(out, &l), IC_ERR_FORGED);
}

TEST(hpke_refuses_half_a_psk_a_short_one_and_suites_it_does_not_have)
{
    static const struct {
        const char *what;
        struct ic_hpke_suite suite;
        size_t psk_len, psk_id_len;
        enum ic_err err;
    } rows[] = {
        {"whole", {IC_KEM_X25519, 1, 1}, 32, 1, IC_OK},
        {"no id", {IC_KEM_X25519, 1, 1}, 32, 0, IC_ERR_MALFORMED},
        {"no psk", {IC_KEM_X25519, 1, 1}, 0, 1, IC_ERR_MALFORMED},
        {"short psk", {IC_KEM_X25519, 1, 1}, 31, 1, IC_ERR_MALFORMED},
        {"unknown KEM", {0x0030, 1, 1}, 32, 1, IC_ERR_NOT_FOUND},
        {"unknown KDF", {IC_KEM_X25519, 4, 1}, 32, 1, IC_ERR_NOT_FOUND},
        {"no KDF", {IC_KEM_X25519, 0, 1}, 32, 1, IC_ERR_NOT_FOUND},
        {"unknown AEAD", {IC_KEM_X25519, 1, 4}, 32, 1, IC_ERR_NOT_FOUND},
        {"no AEAD", {IC_KEM_X25519, 1, 0}, 32, 1, IC_ERR_NOT_FOUND},
    };
    static const uint8_t psk[32] = {1};
    uint8_t private_key[32], public_key[32], enc[32];

    assert_int_equal(ic_kem_generate(private_key, public_key, IC_KEM_X25519), IC_OK);
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        struct ic_hpke_context context;
        struct ic_hpke_proof proof = {.psk = {psk, rows[i].psk_len},
                                      .psk_id = {psk, rows[i].psk_id_len}};
        CHECK_ROW(rows[i].what,
                  ic_hpke_setup_sender(&context, enc, rows[i].suite,
                                       (struct ic_bytes){public_key, sizeof public_key},
                                       (struct ic_bytes){0}, &proof) == rows[i].err);
        CHECK_ROW(rows[i].what,
                  ic_hpke_available(rows[i].suite) == (rows[i].err != IC_ERR_NOT_FOUND));
    }
}

TEST(a_context_counts_what_worked_ends_and_leaves_nothing)
{
    static const struct ic_hpke_context cleared;
    struct ic_hpke_suite suite = {IC_KEM_X25519, IC_HPKE_HKDF_SHA256, IC_CIPHER_AES_256_GCM};
    struct ic_hpke_context sender, receiver;
    uint8_t private_key[32], public_key[32], enc[32], sealed[5 + IC_CIPHER_TAG_LEN];
    uint8_t longest[255 * IC_SHA256_LEN];
    const struct ic_bytes none = {0}, sealed_bytes = {sealed, sizeof sealed};

    assert_int_equal(ic_kem_generate(private_key, public_key, IC_KEM_X25519), IC_OK);
    assert_int_equal(
        ic_hpke_setup_sender(&sender, enc, suite, (struct ic_bytes){public_key, 32}, none, NULL),
        IC_OK);
    assert_int_equal(ic_hpke_setup_receiver(&receiver, suite, (struct ic_bytes){enc, 32},
                                            (struct ic_bytes){private_key, 32}, none, NULL),
                     IC_OK);
    assert_int_equal(ic_hpke_context_seal(sealed, &sender, none, ic_bytes_of_text("first")), IC_OK);
    assert_int_equal(ic_hpke_context_seal(sealed, &sender, none, ic_bytes_of_text("again")), IC_OK);
    assert_int_equal(sender.sequence, 2);
    assert_int_equal(ic_hpke_context_open(sealed, &receiver, none, sealed_bytes), IC_ERR_FORGED);
    assert_int_equal(receiver.sequence, 0);

    sender.sequence = UINT64_MAX;
    assert_int_equal(ic_hpke_context_seal(sealed, &sender, none, none), IC_ERR_EXHAUSTED);
    assert_int_equal(ic_hpke_context_export(longest, sizeof longest, &sender, none), IC_OK);
    assert_int_equal(ic_hpke_context_export(longest, sizeof longest + 1, &sender, none),
                     IC_ERR_MALFORMED);
    ic_hpke_clear(&sender);
    assert_memory_equal(&sender, &cleared, sizeof sender);

    suite.aead = IC_HPKE_EXPORT_ONLY;
    assert_int_equal(
        ic_hpke_setup_sender(&sender, enc, suite, (struct ic_bytes){public_key, 32}, none, NULL),
        IC_OK);
    assert_int_equal(ic_hpke_context_seal(sealed, &sender, none, none), IC_ERR_FORBIDDEN);
    assert_int_equal(ic_hpke_context_open(sealed, &sender, none, sealed_bytes), IC_ERR_FORBIDDEN);
}

RUN_TESTS(cmocka_unit_test(hpke_gives_every_value_of_rfc_9180_in_all_four_modes),
          cmocka_unit_test(hpke_gives_the_values_of_the_post_quantum_draft_for_x_wing),
          cmocka_unit_test(hpke_opens_nothing_when_a_bit_of_any_part_is_flipped),
          cmocka_unit_test(hpke_seals_to_many_with_an_info_that_is_digested_once),
          cmocka_unit_test(hpke_opens_nothing_in_another_mode_or_from_another_sender),
          cmocka_unit_test(hpke_refuses_half_a_psk_a_short_one_and_suites_it_does_not_have),
          cmocka_unit_test(a_context_counts_what_worked_ends_and_leaves_nothing))
