/* The configuration says what is wrong, where, and what is allowed. */
#include "server/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "tests/test.h"

static struct ic_config config;
static struct ic_config_problem problem;

static enum ic_err load_flags(char *const *flags)
{
    return ic_config_load(&config, NULL, NULL, flags, &problem);
}

/* Loads `text` as a file and, in `problem`, cuts the random part of its name. */
static enum ic_err load_text(const char *text)
{
    char name[] = "/tmp/incamera-config-XXXXXX";
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    enum ic_err err = ic_config_load(&config, name, NULL, NULL, &problem);
    unlink(name);
    if (strncmp(problem.text, name, strlen(name)) == 0)
        memmove(problem.text, problem.text + strlen(name), strlen(problem.text + strlen(name)) + 1);
    return err;
}

TEST(config_without_anything_is_good_and_reaches_loopback_only)
{
    assert_int_equal(load_flags(NULL), IC_OK);
    assert_int_equal(config.http.listen.count, 2);
    for (uint32_t i = 0; i < config.http.listen.count; i++)
        assert_true(ic_address_is_loopback(config.http.listen.at[i].address));
    assert_int_equal(config.http.listen.at[0].port, 8080);
    assert_false(config.http.allow_plain_beyond_loopback);
}

TEST(config_reads_a_file_with_comments_and_lists)
{
    assert_int_equal(load_text("; a comment\n[http]\nlisten = 127.0.0.1:1, [::1]:2\n"
                               "[media]\nworkers = 3\naddresses = 192.0.2.7 2001:db8::7\n"),
                     IC_OK);
    assert_string_equal(config.http.listen.at[1].address, "::1");
    assert_int_equal(config.http.listen.at[1].port, 2);
    assert_int_equal(config.media.workers, 3);
    assert_int_equal(config.media.addresses.count, 2);
    assert_string_equal(config.media.addresses.at[1], "2001:db8::7");
    assert_int_equal(
        load_text("[turn]\nurls = turn:192.0.2.9:3478?transport=udp, turn:[2001:db8::9]:3478, "
                  "turns:t.example:443?transport=tcp\nsecret_file = a\n"),
        IC_OK);
    assert_int_equal(config.turn.urls.count, 3);
    assert_string_equal(config.turn.urls.at[2], "turns:t.example:443?transport=tcp");
    assert_false(config.turn.only);
}

TEST(config_names_line_key_value_and_what_is_allowed)
{
    assert_int_equal(load_text("[media]\n\nworkers = many\n"), IC_ERR_MALFORMED);
    assert_string_equal(problem.text,
                        ":3: media.workers is \"many\"; allowed: 0 to 64; 0 is one a core");
}

TEST(config_refuses_each_wrong_file)
{
    static const struct {
        const char *what, *text, *says;
    } wrong[] = {
        {"an unknown key", "[http]\nlistem = x\n", ":2: there is no setting \"http.listem\""},
        {"an unknown section", "[htttp]\nlisten = x\n", ":2: there is no setting \"htttp.listen\""},
        {"a key without section", "listen = x\n", ":1: \"listen\" stands in no section"},
        {"a key twice", "[log]\nlevel = info\nlevel = debug\n",
         ":3: log.level; allowed: each key once"},
        {"no sense", "[http]\nlisten\n", ":2: this line makes no sense"},
        {"a section without its bracket", "[http\nlisten = 127.0.0.1:1\n",
         ":1: this line makes no sense"},
        {"a line too long",
         "[store]\npath = "
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
         "aaaaaaaaaaaaaaa\n",
         ":2: this line is too long"},
        {"a name to listen on", "[http]\nlisten = localhost:80\n",
         ":2: http.listen is \"localhost:80\""},
        {"IPv6 without brackets", "[http]\nlisten = ::1:80\n", ":2: http.listen is"},
        {"no port", "[http]\nlisten = 127.0.0.1\n", ":2: http.listen is"},
        {"a port too high", "[http]\nlisten = 127.0.0.1:65536\n", ":2: http.listen is"},
        {"nothing to listen on", "[http]\nlisten =\n", ":2: http.listen is \"\""},
        {"a URL with a path", "[http]\npublic_url = https://a.example/b\n",
         ":2: http.public_url is"},
        {"a URL without scheme", "[http]\npublic_url = a.example\n", ":2: http.public_url is"},
        {"a switch of another kind", "[http]\nallow_plain_beyond_loopback = true\n",
         ":2: http.allow_plain_beyond_loopback is \"true\"; allowed: yes, no"},
        {"a negative number", "[limits]\nsockets = -1\n", ":2: limits.sockets is \"-1\""},
        {"a number too big", "[limits]\nparticipants = 1001\n", ":2: limits.participants is"},
        {"a number and more", "[limits]\nparticipants = 10x\n", ":2: limits.participants is"},
        {"a host name for media", "[media]\naddresses = a.example\n", ":2: media.addresses is"},
        {"a level", "[log]\nlevel = loud\n", "; allowed: error, warning, info, debug"},
        {"a relay of another kind", "[turn]\nurls = stun:a.example:3478\n", ":2: turn.urls is"},
        {"a relay without port", "[turn]\nurls = turn:a.example\n", ":2: turn.urls is"},
        {"a relay without host", "[turn]\nurls = turn::3478\n", ":2: turn.urls is"},
        {"a relay with a path", "[turn]\nurls = turn:a.example:1/b\n", ":2: turn.urls is"},
        {"a relay over another transport", "[turn]\nurls = turn:a.example:1?transport=sctp\n",
         ":2: turn.urls is"},
        {"TLS over UDP", "[turn]\nurls = turns:a.example:1?transport=udp\n", ":2: turn.urls is"},
        {"five relays", "[turn]\nurls = turn:a:1 turn:a:2 turn:a:3 turn:a:4 turn:a:5\n",
         ":2: turn.urls is"},
        {"a relay without secret", "[turn]\nurls = turn:a.example:3478\n", "belong together"},
        {"relays only, and none", "[turn]\nonly = yes\n", "turn.only needs turn.urls"},
        {"a certificate without key", "[tls]\ncertificate = a\n", "belong together"},
        {"plain HTTP for others", "[http]\nlisten = 0.0.0.0:80\n",
         "http.listen is \"0.0.0.0\"; allowed: loopback"},
    };

    for (size_t i = 0; i < IC_COUNT(wrong); i++) {
        CHECK_ROW(wrong[i].what, load_text(wrong[i].text) == IC_ERR_MALFORMED);
        if (!strstr(problem.text, wrong[i].says))
            fail_msg("%s: it says: %s", wrong[i].what, problem.text);
    }
}

TEST(config_serves_others_in_the_clear_only_by_a_key_that_says_so)
{
    char *const flags[] = {"--http.listen=0.0.0.0:80", "--http.allow_plain_beyond_loopback=yes",
                           NULL};
    char *const with_tls[] = {"--http.listen=0.0.0.0:443", "--tls.certificate=a", "--tls.key=b",
                              NULL};

    assert_int_equal(load_flags(flags), IC_OK);
    assert_int_equal(load_flags(with_tls), IC_OK);
}

TEST(config_prefers_flags_to_environment_to_file)
{
    char name[] = "/tmp/incamera-config-XXXXXX";
    int fd = mkstemp(name);
    static const char text[] = "[limits]\nsockets = 1\nmeetings = 1\nparticipants = 1\n";
    char *const environment[] = {"HOME=/", "INCAMERA_LIMITS__SOCKETS=2",
                                 "INCAMERA_LIMITS__MEETINGS=2", NULL};
    char *const flags[] = {"--limits.sockets=3", NULL};

    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    assert_int_equal(ic_config_load(&config, name, environment, flags, &problem), IC_OK);
    unlink(name);
    assert_int_equal(config.limits.sockets, 3);
    assert_int_equal(config.limits.meetings, 2);
    assert_int_equal(config.limits.participants, 1);
}

TEST(config_names_a_wrong_variable_and_a_wrong_flag)
{
    char *const environment[] = {"INCAMERA_LOG__LEVEL=loud", NULL};
    char *const flags[] = {"--log.level=loud", NULL};
    char *const no_flag[] = {"log", NULL};
    char *const twice[] = {"--log.level=info", "--log.level=info", NULL};

    assert_int_equal(ic_config_load(&config, NULL, environment, NULL, &problem), IC_ERR_MALFORMED);
    assert_non_null(strstr(problem.text, "environment INCAMERA_LOG__LEVEL: log.level is \"loud\""));
    assert_int_equal(load_flags(flags), IC_ERR_MALFORMED);
    assert_non_null(strstr(problem.text, "flag: log.level is \"loud\""));
    assert_int_equal(load_flags(no_flag), IC_ERR_MALFORMED);
    assert_non_null(strstr(problem.text, "\"log\" makes no sense"));
    assert_int_equal(load_flags(twice), IC_ERR_MALFORMED);
    assert_string_equal(problem.text, "flag: --log.level is given twice; allowed: each flag once");
}

TEST(config_says_that_the_file_is_missing)
{
    assert_int_equal(ic_config_load(&config, "/nonexistent.ini", NULL, NULL, &problem),
                     IC_ERR_MALFORMED);
    assert_string_equal(problem.text, "/nonexistent.ini: No such file or directory");
}

TEST(config_says_that_the_file_is_a_folder)
{
    assert_int_equal(ic_config_load(&config, "/tmp", NULL, NULL, &problem), IC_ERR_MALFORMED);
    assert_string_equal(problem.text, "/tmp: Is a directory; allowed: an INI file");
}

static char *read_whole(FILE *f)
{
    char *text = calloc(1, 100000);
    size_t len = fread(text, 1, 99999, f);
    text[len] = 0;
    fclose(f);
    return text;
}

static size_t count_rows(const char *text)
{
    size_t rows = 0;
    for (const char *at = text; (at = strstr(at, "\n| `")) != NULL; at++)
        rows += strchr(at + 4, '.') && strchr(at + 4, '.') < strchr(at + 4, '`');
    return rows;
}

TEST(config_table_and_docs_operate_hold_the_same_rows)
{
    FILE *out = tmpfile(), *in = fopen(OPERATE_MD, "r");
    char *rest, *described;
    size_t rows = 0;

    assert_non_null(in);
    char *document = read_whole(in);
    ic_config_describe(out);
    rewind(out);
    described = read_whole(out);
    for (char *row = strtok_r(described, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
        CHECK_ROW(row, strstr(document, row) != NULL);
        rows++;
    }
    assert_int_equal(count_rows(document), rows);
    free(described);
    free(document);
}

RUN_TESTS(cmocka_unit_test(config_without_anything_is_good_and_reaches_loopback_only),
          cmocka_unit_test(config_reads_a_file_with_comments_and_lists),
          cmocka_unit_test(config_names_line_key_value_and_what_is_allowed),
          cmocka_unit_test(config_refuses_each_wrong_file),
          cmocka_unit_test(config_serves_others_in_the_clear_only_by_a_key_that_says_so),
          cmocka_unit_test(config_prefers_flags_to_environment_to_file),
          cmocka_unit_test(config_names_a_wrong_variable_and_a_wrong_flag),
          cmocka_unit_test(config_says_that_the_file_is_missing),
          cmocka_unit_test(config_says_that_the_file_is_a_folder),
          cmocka_unit_test(config_table_and_docs_operate_hold_the_same_rows))
