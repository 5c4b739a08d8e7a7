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
        return "this build has no ML-KEM";
    return "no suite of ours has this KDF";
}

static void check_key_pair(const char *name, const json_t *row, const char *ikm_key,
                           const char *private_name, const char *public_name)
{
    uint8_t private_key[IC_KEM_PRIVATE_MAX], public_key[IC_KEM_PUBLIC_MAX];
    const enum ic_kem kem = (enum ic_kem)vector_number(row, "kem_id");
    const struct ic_kem_lengths lengths = ic_kem_lengths(kem);

    assert_int_equal(ic_kem_derive(private_key, public_key, kem, vector_hex(row, ikm_key)), IC_OK);
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
        }
        vectors_forget();
    }
    json_decref(rows);
    return run;
}

TEST(hpke_gives_every_value_of_rfc_9180_in_all_four_modes)
{
    assert_int_equal(check_file("hpke/rfc9180.json"), 28);
}

TEST(hpke_gives_the_values_of_the_post_quantum_draft_for_x_wing)
{
    assert_int_equal(check_file("hpke/hpke-pq.json"), ic_kem_available(IC_KEM_XWING) ? 1 : 0);
}

RUN_TESTS(cmocka_unit_test(hpke_gives_every_value_of_rfc_9180_in_all_four_modes),
          cmocka_unit_test(hpke_gives_the_values_of_the_post_quantum_draft_for_x_wing))
