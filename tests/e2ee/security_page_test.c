/* TRN-08: docs/security.md says what the code does. Each claim is a sentence of the page with the
 * numbers and names of the code put in, so a change of either alone fails here. */
#include "tests/page.h"

#include "crypto/suite.h"
#include "e2ee/conference/times.h"
#include "e2ee/counter.h"
#include "e2ee/e2ee.h"
#include "e2ee/frame.h"
#include "e2ee/key_id.h"
#include "e2ee/replay.h"
#include "e2ee/sframe.h"

static int read_page(void **state)
{
    (void)state;
    page_read(SECURITY_MD);
    return 0;
}

static int ms(int64_t ns)
{
    return (int)(ns / IC_NS_PER_MS);
}

static int seconds(int64_t ns)
{
    return (int)(ns / IC_NS_PER_SEC);
}

TEST(page_says_the_widths_of_the_key_id)
{
    page_says(
        "stream (%d bits: %d microphone, %d camera, %d screen, %d screen audio), leaf (%d bits), "
        "low "
        "bits of the epoch (%d bits)",
        IC_KEY_ID_BITS - IC_KEY_ID_INDEX_BITS - 8, IC_STREAM_MICROPHONE, IC_STREAM_CAMERA,
        IC_STREAM_SCREEN, IC_STREAM_SCREEN_AUDIO, IC_KEY_ID_INDEX_BITS,
        (int)(8 * sizeof((struct ic_key_id){0}.epoch)));
}

TEST(page_says_the_ciphers)
{
    const struct ic_suite *suite = ic_suite_find(IC_SUITE_HYBRID);

    assert_int_equal(suite->kem, IC_KEM_XWING);
    assert_int_equal(suite->cipher, IC_CIPHER_AES_128_GCM);
    assert_int_equal(suite->hash, IC_HASH_SHA256);
    assert_int_equal(suite->signature, IC_SIGNATURE_ED25519);
    assert_true(suite->post_quantum);
    page_says("The group's suite is X-Wing, AES-128-GCM, SHA-256, Ed25519;");
    page_says("suite %d, AES_128_GCM_SHA256_128", IC_SFRAME_AES_128_GCM_SHA256_128);
    page_says("whole %d-byte tags", IC_SFRAME_TAG_LEN);
    page_says("MLS-Exporter(\"SFrame 1.0 Base Key\", \"\", %d)", IC_BASE_KEY_LEN);
}

TEST(page_says_how_long_a_key_is_used)
{
    assert_int_equal(IC_COUNTER_LIMIT, 1 << 24);
    page_says("After 2²⁴ frames a key is used up");
    page_says("leased in blocks of %d that never overlap", IC_COUNTER_BLOCK);
    page_says(
        "(a window of %d frames for each slot of pictures and key, and for all slots of sound",
        IC_REPLAY_SPAN);
}

TEST(page_says_how_epochs_follow_each_other)
{
    page_says("or %d ms later; at once after a removal.", ms(IC_SEND_LATER_NS));
    page_says("The epochs before open for %d s more, after a removal for %d ms.",
              seconds(IC_KEEP_NS), ms(IC_KEEP_AFTER_REMOVAL_NS));
    page_says("| for %d s: a sender who sees no right-holder", seconds(IC_QUIET_NS));
}

TEST(page_says_how_long_a_frame_waits_for_its_key)
{
    page_says("waits, and those behind it: %d ms for pictures, %d ms for sound.",
              ms(IC_HOLD_VIDEO_NS), ms(IC_HOLD_AUDIO_NS));
}

TEST(page_says_what_stands_before_a_frame)
{
    page_says("VP8 key: %d bytes", IC_FAKE_HEADER_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_says_the_widths_of_the_key_id),
        cmocka_unit_test(page_says_the_ciphers),
        cmocka_unit_test(page_says_how_long_a_key_is_used),
        cmocka_unit_test(page_says_how_epochs_follow_each_other),
        cmocka_unit_test(page_says_how_long_a_frame_waits_for_its_key),
        cmocka_unit_test(page_says_what_stands_before_a_frame),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
