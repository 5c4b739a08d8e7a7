/* Credentials for TURN servers, and the file that their secret is in. */
#include "server/relays.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static struct ic_config config;
static struct ic_config_problem problem;
static struct ic_relays relays;

static enum ic_err open_with(const char *secret)
{
    char name[] = "/tmp/incamera-relays-XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, secret, strlen(secret)), (ssize_t)strlen(secret));
    close(fd);
    config.turn.urls.count = 1;
    config.turn.lifetime = 3600;
    strcpy(config.turn.secret_file, name);
    enum ic_err err = ic_relays_open(&relays, &config, &problem);
    unlink(name);
    return err;
}

/* What the HMAC-SHA1 tool of OpenSSL says of the username, in base64. */
static void openssl_says(char out[IC_RELAY_CREDENTIAL_SIZE], const char *secret,
                         const char *username)
{
    char command[512];

    snprintf(command, sizeof command,
             "printf %%s '%s' | openssl dgst -sha1 -hmac '%s' -binary | openssl base64", username,
             secret);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_int_equal(fread(out, 1, IC_RELAY_CREDENTIAL_SIZE - 1, pipe),
                     IC_RELAY_CREDENTIAL_SIZE - 1);
    out[IC_RELAY_CREDENTIAL_SIZE - 1] = 0;
    pclose(pipe);
}

TEST(relay_credentials_end_after_the_lifetime_and_are_what_the_shared_secret_gives)
{
    struct ic_relay_credentials c;
    char expected[IC_RELAY_CREDENTIAL_SIZE];

    assert_int_equal(open_with("0123456789abcdef\n"), IC_OK);
    for (int i = 0; i < 8; i++) { /* all letters of base64 come up */
        ic_relays_issue(&c, &relays, 1798761600);
        assert_int_equal(strncmp(c.username, "1798765200:", 11), 0);
        openssl_says(expected, "0123456789abcdef", c.username);
        assert_string_equal(c.credential, expected);
    }
    ic_relays_close(&relays);
}

TEST(relay_credentials_are_others_for_everybody)
{
    struct ic_relay_credentials a, b;

    assert_int_equal(open_with("0123456789abcdef"), IC_OK);
    ic_relays_issue(&a, &relays, 1798761600);
    ic_relays_issue(&b, &relays, 1798761600);
    assert_string_not_equal(a.username, b.username);
    assert_string_not_equal(a.credential, b.credential);
    ic_relays_close(&relays);
}

TEST(a_relay_secret_that_is_of_no_use_is_refused)
{
    static char long_secret[300];
    const struct {
        const char *what, *secret;
    } wrong[] = {{"nothing", ""},
                 {"a short one", "0123456789abcde\n"},
                 {"two lines", "0123456789abcdef\n0123456789abcdef\n"},
                 {"too much", long_secret}};

    memset(long_secret, 'x', 257);
    for (size_t i = 0; i < IC_COUNT(wrong); i++) {
        CHECK_ROW(wrong[i].what, open_with(wrong[i].secret) == IC_ERR_SYSTEM);
        assert_non_null(strstr(problem.text, "turn.secret_file"));
    }
    strcpy(config.turn.secret_file, "/nowhere/at/all");
    assert_int_equal(ic_relays_open(&relays, &config, &problem), IC_ERR_SYSTEM);
    config.turn.urls.count = 0;
    assert_int_equal(ic_relays_open(&relays, &config, &problem), IC_OK);
}

RUN_TESTS(
    cmocka_unit_test(relay_credentials_end_after_the_lifetime_and_are_what_the_shared_secret_gives),
    cmocka_unit_test(relay_credentials_are_others_for_everybody),
    cmocka_unit_test(a_relay_secret_that_is_of_no_use_is_refused))
