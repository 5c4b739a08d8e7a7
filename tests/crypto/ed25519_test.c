/* Ed25519 at the edges, where libraries differ: every build must take exactly the same signatures,
 * or one crafted signature splits a group.
 *
 * The rule: key and R reduced and not of small order, S below the order L, and S B = R + h A as
 * points, without the cofactor. A key may have a part of small order beside its large one; then the
 * equation holds for the h that remove that part, or for an R that cancels it.
 *
 * The rows were made for this table: secret scalar a and nonce r at random, R and the key changed
 * as `what` says, S = r + h a from the changed bytes; where h has to fit, messages were tried. */
#include "crypto/signature.h"

#include "tests/hex.h"

enum { KEY_LEN = 32, SIGNATURE_LEN = 64 };

static const struct {
    const char *what;
    enum ic_err verify;
    const char *key, *message, *signature;
} ROWS[] = {
    {"an honest signature", IC_OK,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4"
     "b1c9f0f5c029c0c43945a75bdfaccdc2312a98f8e7f16ab643b22a529f1bb302"},
    {"S + L", IC_ERR_FORGED, "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409",
     "one group, one answer",
     "2493e1ef00bb2e39ab54ca0e37ab6ae545a02c773f6cedb203ae5fb6c05df5d4"
     "9e9de652db8cd21c10e29efebda6acd7312a98f8e7f16ab643b22a529f1bb312"},
    {"S with its highest bit set", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "31d309a65b2287b22c250e43c2a31a5dc4bf3379380dcba9f65b75586cb1f759"
     "5e03a07ccc36b2b6c0cff36f89450ad09063e457bc504cf1de058124e352c283"},
    {"S with bit 253 set", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "31d309a65b2287b22c250e43c2a31a5dc4bf3379380dcba9f65b75586cb1f759"
     "5e03a07ccc36b2b6c0cff36f89450ad09063e457bc504cf1de058124e352c223"},
    {"R with a part of order 2", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "5a7e56b1f50b86bf53e4875d33cf3e3b191b873d326ff4d49e204d5008887a17"
     "b41197c43523085ab882f9b7bfd5896a1b21ef5b1f9e6349f6f3e0716b324b01"},
    {"R with a part of order 4", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "ad7d5d8b4cc0758cd976bb6a1e5d580e767839ca55bde23dfc09ca89d57efeb3"
     "b3f8418a8dd1e3eacc26a1c207ba3bd8d380fe32ece3e3cc78ef47d865fce30a"},
    {"R with a part of order 8", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "8bd036b5951da00ba884c64faecaf856598bd32b8265c8e614f06f7d463f91f0"
     "91b2a122e854aa46a8bbc05a985d9e6fb2e13c4a8b84da7b6f876d752b814404"},
    {"R of order 1", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "0100000000000000000000000000000000000000000000000000000000000000"
     "310dbfcf7a36ef8801f9d60f61a311a7edfac107936dba1f2b43e566d42aa509"},
    {"R of order 2", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "8c7dd9760780e3eafb18bbfad13aa33e48833fd59514b1762d01cc897505ef0a"},
    {"R of order 4", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "0000000000000000000000000000000000000000000000000000000000000080"
     "cf0562f48f822754f5ad9330e5009436ad47c5d90f9726e9eee83d6346f1150a"},
    {"R of order 8", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"
     "acbde7208c52054b8a67aefcafa42dc1d401ac09936d01213a0d09558d09ea0b"},
    {"R of order 1 spelt p + 1", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "d81f386ec90398c828c122c48d81d9cd3d1a280ff264eaf4ea4806cdea66e304"},
    {"R of order 1 with a sign", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "0100000000000000000000000000000000000000000000000000000000000080"
     "c329ccf743f96298a0fa12689498666ad7f77802729841edaa2657c38a510408"},
    {"key with a part of order 2, which h removes", IC_OK,
     "1aada4d1e58526c687c1f1661b2be8a075c377c4b8653c581884603eb5e37bf6", "one group, one answer 0",
     "c0cc73f29624da8bee19911b2f37b6570e712e8ce2c4dd85e7417fcf061c9039"
     "bbebf88e2277b87e1ce9e49a0da94f75d29ab01db1e3038fa6eadc2959675906"},
    {"key with a part of order 2, which h keeps", IC_ERR_FORGED,
     "1aada4d1e58526c687c1f1661b2be8a075c377c4b8653c581884603eb5e37bf6", "one group, one answer 1",
     "a3000416736adf923951a7b0c8e4583df5fe1444d3fb47b74a3980c2823d4735"
     "54f6feff5a2c8b3e4bafd14637bd9dce85e36c0613e8f0eb583473b06382f501"},
    {"key and R with parts of order 2 that cancel", IC_OK,
     "1aada4d1e58526c687c1f1661b2be8a075c377c4b8653c581884603eb5e37bf6", "one group, one answer 0",
     "33412593d14af569122c1949be7b3a345e092d2b7676510d765abe28ccc2bccf"
     "aac9e25940164674d8320f9b1278cc0dfc5cbea625ab9e0ab551ed17f441f803"},
    {"key with a part of order 4, which h removes", IC_OK,
     "80b2938123211bc92654c6d968bf8c2ae852f4c7404a702e9eceff0af5f7ee27", "one group, one answer 2",
     "b626fb81569ec7e82afbe8843f1707320fcf550998cb98a06bea41b55915fbb9"
     "60439bd83889943e4ed8ca891477a0476fe8c69b5a2cf2cfec66c8548de44f07"},
    {"key with a part of order 4, which h keeps", IC_ERR_FORGED,
     "80b2938123211bc92654c6d968bf8c2ae852f4c7404a702e9eceff0af5f7ee27", "one group, one answer 0",
     "dce8413dc540083be5111735ed3e4aba0c950d0b39ef96c8659474fbbd8fd40c"
     "8ce98966f11989644a2998fed31ddad58fe7bcb76b4c21d6ef602ddc61870e0e"},
    {"key and R with parts of order 4 that cancel", IC_OK,
     "80b2938123211bc92654c6d968bf8c2ae852f4c7404a702e9eceff0af5f7ee27", "one group, one answer 0",
     "065c90f04516ae20d44bb6745b8d02cca1607f43b243bc57d875a0fa36a1413e"
     "d93d3c758c1902dfef9ca34bd79a352e91a29d89920ed3490f2b0c03bdc1ee0f"},
    {"key with a part of order 8, which h removes", IC_OK,
     "82388247a0899a251cbefc006f5dba17d1f4e0cae1415e918460276784a74035", "one group, one answer 1",
     "a010de3d2bd2e291bdaa5ca36cb54d388345d8ade4530b56027762106591956b"
     "fec86435432e1204294c8d64a968a92653dd84342bcbc943cf934256e1e79b05"},
    {"key with a part of order 8, which h keeps", IC_ERR_FORGED,
     "82388247a0899a251cbefc006f5dba17d1f4e0cae1415e918460276784a74035", "one group, one answer 0",
     "7f4175d117b015814f3698240556a189941cce0343a0ce52510597f979e8e541"
     "4727c38a4f0a39227f3b39cff89fb375d18eb094fddbbd7c5fbf4a7db1b3f60e"},
    {"key and R with parts of order 8 that cancel", IC_OK,
     "82388247a0899a251cbefc006f5dba17d1f4e0cae1415e918460276784a74035", "one group, one answer 4",
     "7bf1f12a9dc42aa41a56cb8c08fd17457501921986d6701c372ced284aebc7ae"
     "89f4fc2e1364ecef58cc90fdf25578e2ffe0c55c9141648d8dc77706511f3708"},
    {"key of order 1, one signature for many messages", IC_ERR_MALFORMED,
     "0100000000000000000000000000000000000000000000000000000000000000", "one group, one answer 0",
     "69156a034cb42585e9f581ea935e6ca27abb356ed639f5caeccfe8bd9d831e03"
     "89220e6fb3808efc798b2adff4c4de3115e97ed30d5cb8dffcde06361a53e500"},
    {"key of order 2, one signature for many messages", IC_ERR_MALFORMED,
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "one group, one answer 0",
     "d2d907e40d85c704dc300b322d47c485a9745ebd00fa9aab041eecf72d66dcfe"
     "0a3f78408dbc7836d1dcff4ad6254c804cfd933da08480c30dbf209620816e0a"},
    {"key of order 4, one signature for many messages", IC_ERR_MALFORMED,
     "0000000000000000000000000000000000000000000000000000000000000080", "one group, one answer 1",
     "623677c7519b70b4245e714927ac2474b7f2f6abdfd2f2e8c6574aa62a91d350"
     "4170318ed144847bb214c6c82b0ec8c699fc291bca371be25f916f8f927dd101"},
    {"key of order 8, one signature for many messages", IC_ERR_MALFORMED,
     "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", "one group, one answer 0",
     "19ad2f094801918872ca1ea601b72f5aef5753eb235767345169c9617dfb4dfe"
     "f9529d3f5870f9309009e446e18bcd0a5ae7b2c591d50519528bf981a539780e"},
    {"key of order 1 spelt p + 1", IC_ERR_MALFORMED,
     "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "one group, one answer 0",
     "08f8ef9d23a7f589e1953c12aa57b392a4f31aa70c55dc413ba1ace04bd71a71"
     "407fcd8fc235220707e98ec2b9f9dde4eed098e9b5f038100aba7871486d6b0a"},
    {"key of order 4 spelt p", IC_ERR_MALFORMED,
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "one group, one answer 6",
     "edcb1ab9e3c182d1b478c1a942b71f58a40319ad0e3bf719d182bfa13951e548"
     "8629f46504f68ae25a1fbd7ca5f1ac293b3768fdf319f7aa15181bd56da62807"},
    {"key of order 1 with a sign", IC_ERR_MALFORMED,
     "0100000000000000000000000000000000000000000000000000000000000080", "one group, one answer 0",
     "5c50baf2531fef08b62f13882d9de0a434d1a5cf6d20f24d882aaf879fd87447"
     "f0d65529c19ed1b4a436786ee48a7bfe7bb1fe8367136067cd50d056ce187b0d"},
    {"key of order 2 with a sign", IC_ERR_MALFORMED,
     "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "one group, one answer 5",
     "e7e75b3703379b26c663ae93fbae3e1b88e18f49d8569bb2ac61b41677594219"
     "6b267015e183b19bd2cc31dbebbaef38b62c0e11660fb34304d2dedc55c8e403"},
    {"key and R of order 1, S of 0", IC_ERR_MALFORMED,
     "0100000000000000000000000000000000000000000000000000000000000000", "one group, one answer",
     "0100000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000"},
    {"key not on the curve", IC_ERR_FORGED,
     "0200000000000000000000000000000000000000000000000000000000000000", "one group, one answer",
     "ddb348e804516b936bcad7be6a781eec2dde75b6db521e5cb2394a6ff431054a"
     "4bbe8672e3bf29e0700682d866518746a54b490a0eb66d70ad03401b76677c09"},
    {"R not on the curve", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "0200000000000000000000000000000000000000000000000000000000000000"
     "4bbe8672e3bf29e0700682d866518746a54b490a0eb66d70ad03401b76677c09"},
    {"key spelt y + p", IC_ERR_MALFORMED,
     "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "one group, one answer",
     "ddb348e804516b936bcad7be6a781eec2dde75b6db521e5cb2394a6ff431054a"
     "4bbe8672e3bf29e0700682d866518746a54b490a0eb66d70ad03401b76677c09"},
    {"R spelt y + p", IC_ERR_FORGED,
     "d3525b2e1a7ad939783e0e99e4d4175f8a3c883b479ac3a7e77b9fc14a1c8409", "one group, one answer",
     "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "4bbe8672e3bf29e0700682d866518746a54b490a0eb66d70ad03401b76677c09"},
};

TEST(ed25519_takes_the_same_signatures_in_every_build)
{
    for (size_t i = 0; i < IC_COUNT(ROWS); i++) {
        uint8_t key[KEY_LEN], signature[SIGNATURE_LEN];
        from_hex(key, ROWS[i].key);
        from_hex(signature, ROWS[i].signature);
        enum ic_err err = ic_signature_verify(
            IC_SIGNATURE_ED25519, (struct ic_bytes){key, sizeof key},
            ic_bytes_of_text(ROWS[i].message), (struct ic_bytes){signature, sizeof signature});
        CHECK_ROW(ROWS[i].what, err == ROWS[i].verify);
    }
}

/* With such a key one signature would be good for many messages. */
TEST(ed25519_refuses_keys_of_small_order_and_second_spellings)
{
    static const struct {
        const char *what, *key;
    } rows[] = {
        {"order 1", "0100000000000000000000000000000000000000000000000000000000000000"},
        {"order 1, other sign", "0100000000000000000000000000000000000000000000000000000000000080"},
        {"order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"order 4", "0000000000000000000000000000000000000000000000000000000000000000"},
        {"order 4, other sign", "0000000000000000000000000000000000000000000000000000000000000080"},
        {"order 8", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"},
        {"order 8, other sign", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"},
        {"order 8, other y", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"},
        {"0 spelt p", "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"1 spelt p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
        {"18 spelt p + 18", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"},
    };
    uint8_t key[32], signature[64] = {1};

    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        from_hex(key, rows[i].key);
        struct ic_bytes key_bytes = {key, sizeof key}, signature_bytes = {signature, 64};
        CHECK_ROW(rows[i].what,
                  ic_signature_check_public(IC_SIGNATURE_ED25519, key_bytes) == IC_ERR_MALFORMED);
        CHECK_ROW(rows[i].what, ic_signature_verify(IC_SIGNATURE_ED25519, key_bytes, key_bytes,
                                                    signature_bytes) == IC_ERR_MALFORMED);
    }
}

RUN_TESTS(cmocka_unit_test(ed25519_takes_the_same_signatures_in_every_build),
          cmocka_unit_test(ed25519_refuses_keys_of_small_order_and_second_spellings))
