/* Key encapsulation: the vectors of X-Wing, and every KEM against damage. */
#include "crypto/kem.h"

#include "crypto/mlkem.h"
#include "tests/crypto/vectors.h"

TEST(x_wing_gives_the_keys_and_secrets_of_its_draft)
{
    json_t *rows = vectors_load("xwing/xwing.json"), *row;
    uint8_t public_key[IC_KEM_PUBLIC_MAX], enc[IC_KEM_ENC_MAX], shared[IC_KEM_SHARED_MAX];
    const struct ic_kem_lengths lengths = ic_kem_lengths(IC_KEM_XWING);
    size_t i;

    if (!ic_kem_available(IC_KEM_XWING)) {
        print_message("# left out: X-Wing, this build has no ML-KEM\n");
        json_decref(rows);
        skip();
    }
    print_message("# ML-KEM-768 by %s\n", ic_mlkem_backend_name());
    assert_int_equal(json_array_size(rows), 3);
    json_array_foreach(rows, i, row)
    {
        struct ic_bytes seed = vector_hex(row, "seed"), eseed = vector_hex(row, "eseed");
        struct ic_bytes wanted = vector_hex(row, "pk");
        assert_int_equal(ic_kem_public(public_key, IC_KEM_XWING, seed), IC_OK);
        vector_check("key", row, "pk", public_key, lengths.public_len);
        assert_int_equal(ic_kem_encap_from(shared, enc, IC_KEM_XWING, wanted, eseed), IC_OK);
        vector_check("encap", row, "ct", enc, lengths.enc_len);
        vector_check("encap", row, "ss", shared, lengths.shared_len);
        memset(shared, 0, sizeof shared);
        assert_int_equal(ic_kem_decap(shared, IC_KEM_XWING, vector_hex(row, "ct"), seed), IC_OK);
        vector_check("decap", row, "ss", shared, lengths.shared_len);
        vectors_forget();
    }
    json_decref(rows);
}

RUN_TESTS(cmocka_unit_test(x_wing_gives_the_keys_and_secrets_of_its_draft))
