/* Which paths serve which file, and which origins are ours. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/origins.h"
#include "server/web_files.h"
#include "tests/test.h"

static char folder[64];
static struct ic_web_files *files;

static void put(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static int make_folder(void **state)
{
    char path[128];
    (void)state;
    strcpy(folder, "/tmp/incamera-web-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/inner", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    put("index.html", "page");
    put("app.js", "script");
    put("inner/core.wasm", "core");
    put(".secret.js", "hidden");
    put("key.pem", "key");
    snprintf(path, sizeof path, "%s/outside.txt", folder);
    return symlink("/etc/passwd", path);
}

static int remove_folder(void **state)
{
    char command[128];
    (void)state;
    ic_web_files_free(files);
    files = NULL;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

TEST(pages_serve_the_client_and_nothing_else)
{
    static const struct {
        const char *path, *type; /* NULL: nothing is served */
    } rows[] = {
        {"/", "text/html; charset=utf-8"},
        {"/start", "text/html; charset=utf-8"},
        {"/AAECAwQFBgcICQoLDA0ODw", "text/html; charset=utf-8"},
        {"/index.html", "text/html; charset=utf-8"},
        {"/app.js", "text/javascript; charset=utf-8"},
        {"/inner/core.wasm", "application/wasm"},
        {"/AAECAwQFBgcICQoLDA0ODx", NULL}, /* no 16 bytes: its last bits are not zero */
        {"/AAECAwQFBgcICQoLDA0O", NULL},
        {"", NULL},
        {"/.secret.js", NULL},
        {"/key.pem", NULL},
        {"/outside.txt", NULL},
        {"/inner", NULL},
        {"/inner/", NULL},
        {"/../app.js", NULL},
        {"/inner/../app.js", NULL},
        {"/start/", NULL},
    };

    assert_int_equal(ic_web_files_load(&files, folder), IC_OK);
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        const struct ic_web_file *file = ic_web_files_find(files, rows[i].path);
        CHECK_ROW(rows[i].path, (file != NULL) == (rows[i].type != NULL));
        CHECK_ROW(rows[i].path, !file || strcmp(file->type, rows[i].type) == 0);
    }
}

TEST(pages_have_etags_that_follow_their_bytes)
{
    char before[IC_WEB_ETAG_SIZE];

    assert_int_equal(ic_web_files_load(&files, folder), IC_OK);
    strcpy(before, ic_web_files_find(files, "/app.js")->etag);
    assert_string_not_equal(before, ic_web_files_find(files, "/")->etag);
    ic_web_files_free(files);
    put("app.js", "script!");
    assert_int_equal(ic_web_files_load(&files, folder), IC_OK);
    assert_string_not_equal(before, ic_web_files_find(files, "/app.js")->etag);
}

TEST(pages_need_an_index)
{
    char path[128];
    snprintf(path, sizeof path, "%s/index.html", folder);
    unlink(path);
    assert_int_equal(ic_web_files_load(&files, folder), IC_ERR_NOT_FOUND);
    assert_int_equal(ic_web_files_load(&files, "/nonexistent"), IC_ERR_NOT_FOUND);
}

static void origins_for(struct ic_origins *out, char *const *flags)
{
    static struct ic_config config;
    struct ic_config_problem problem;
    assert_int_equal(ic_config_load(&config, NULL, NULL, flags, &problem), IC_OK);
    ic_origins_of(out, &config, 4242);
}

TEST(origins_are_the_public_one_and_the_ones_listened_on)
{
    static struct ic_origins origins;

    origins_for(&origins, (char *const[]){"--http.listen=127.0.0.1:0", NULL});
    assert_string_equal(origins.at[0], "http://localhost:4242");
    assert_true(ic_origins_contain(&origins, "http://127.0.0.1:4242"));
    assert_false(ic_origins_contain(&origins, "http://localhost"));
    assert_false(ic_origins_contain(&origins, "https://localhost:4242"));
    assert_false(ic_origins_contain(&origins, "null"));

    origins_for(&origins,
                (char *const[]){"--http.listen=[::]:443", "--tls.certificate=a", "--tls.key=b",
                                "--http.public_url=https://a.example", NULL});
    assert_string_equal(origins.at[0], "https://a.example");
    assert_true(ic_origins_contain(&origins, "https://[::]"));
    assert_false(ic_origins_contain(&origins, "https://a.example.evil"));
    assert_false(ic_origins_contain(&origins, "http://a.example"));
}

#define PAGES(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

RUN_TESTS(PAGES(pages_serve_the_client_and_nothing_else),
          PAGES(pages_have_etags_that_follow_their_bytes), PAGES(pages_need_an_index),
          cmocka_unit_test(origins_are_the_public_one_and_the_ones_listened_on))
