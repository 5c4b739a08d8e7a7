/* TRN-08: what docs/security.md says of attacks on the media port, with the numbers of the code. */
#include "media/ice.h"
#include "tests/page.h"
#include "worker/net_io.h"
#include "worker/police.h"

static int read_page(void **state)
{
    (void)state;
    page_read(SECURITY_MD);
    return 0;
}

static int seconds(int64_t ns)
{
    return (int)(ns / IC_NS_PER_SEC);
}

TEST(page_says_what_a_member_is_granted)
{
    assert_int_equal(IC_GRANT_PICTURES_PACKETS, 1250);
    assert_int_equal(IC_GRANT_REPORTS, 1000);
    page_says(
        "for each line of its offer %d Mbit/s of pictures or %d kbit/s of sound, and 1,250 or "
        "%d packets a second if they are small",
        IC_GRANT_PICTURES_BPS / 1000000, IC_GRANT_SOUND_BPS / 1000, IC_GRANT_SOUND_PACKETS);
    page_says("1,000 RTCP packets a second");
    page_says("%d datagrams a second", IC_GRANT_HANDSHAKES);
    page_says("by no more bytes than they have, %d times a second at most", IC_GRANT_CHECKS);
}

TEST(page_says_when_an_address_counts)
{
    assert_int_equal(IC_ICE_SEEN, 2048);
    page_says("a connectivity check with the right password within %d s",
              seconds(IC_ICE_CONSENT_NS));
    page_says("nothing is sent %d s after its last check", seconds(IC_ICE_CONSENT_NS));
    page_says("among the last 2,048");
}

TEST(page_says_how_long_a_packet_may_be)
{
    assert_int_equal(IC_DATAGRAM_MAX, 1500);
    page_says("more than 1,500 bytes are not read");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_says_what_a_member_is_granted),
        cmocka_unit_test(page_says_when_an_address_counts),
        cmocka_unit_test(page_says_how_long_a_packet_may_be),
    };
    return cmocka_run_group_tests(tests, read_page, NULL);
}
