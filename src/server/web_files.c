/* web_files.c - the list is short (tens of files), so a look-up walks it. */
#include "server/web_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/encode.h"
#include "crypto/hash.h"

enum {
    FILES_MAX = 256,
    BYTES_MAX = 64 * 1024 * 1024,
    FOLDERS_DEEP = 3,
    ETAG_BYTES = 16,
    MEETING_TEXT_LEN = IC_BASE64URL_LEN(16),
};

struct ic_web_files {
    struct ic_web_file at[FILES_MAX];
    size_t count;
    size_t total;
};

static const char *type_of(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".wasm", "application/wasm"},
        {".json", "application/json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".ftl", "text/plain; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".mp3", "audio/mpeg"},
        {".webmanifest", "application/manifest+json"},
    };
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending && i < IC_COUNT(types); i++)
        if (strcmp(ending, types[i].ending) == 0)
            return types[i].type;
    return NULL;
}

static enum ic_err read_whole(struct ic_bytes *out, const char *name, size_t len)
{
    FILE *f = fopen(name, "re");
    uint8_t *bytes = malloc(len ? len : 1);
    enum ic_err err = IC_ERR_SYSTEM;

    if (f && bytes && fread(bytes, 1, len, f) == len) {
        *out = (struct ic_bytes){bytes, len};
        bytes = NULL;
        err = IC_OK;
    }
    free(bytes);
    if (f)
        fclose(f);
    return err;
}

static void make_etag(struct ic_web_file *file)
{
    uint8_t hash[IC_SHA256_LEN];
    char text[IC_BASE64URL_LEN(ETAG_BYTES) + 1];

    ic_sha256(hash, file->bytes);
    ic_base64url_encode(text, (struct ic_bytes){hash, ETAG_BYTES});
    snprintf(file->etag, sizeof file->etag, "\"%s\"", text);
}

static enum ic_err add_file(struct ic_web_files *files, const char *name, const char *path,
                            size_t len)
{
    const char *type = type_of(path);

    if (!type)
        return IC_OK;
    if (files->count == FILES_MAX || len > BYTES_MAX - files->total ||
        strlen(path) >= IC_WEB_PATH_SIZE)
        return IC_ERR_FULL;
    struct ic_web_file *file = &files->at[files->count];
    enum ic_err err = read_whole(&file->bytes, name, len);
    if (err != IC_OK)
        return err;
    strcpy(file->path, path);
    file->type = type;
    make_etag(file);
    files->count++;
    files->total += len;
    return IC_OK;
}

static enum ic_err add_folder(struct ic_web_files *files, const char *root, const char *path,
                              int deep)
{
    char name[4096];
    enum ic_err err = IC_OK;

    snprintf(name, sizeof name, "%s%s", root, path);
    DIR *folder = opendir(name);
    if (!folder)
        return IC_ERR_NOT_FOUND;
    for (struct dirent *entry; err == IC_OK && (entry = readdir(folder));) {
        char inner[512];
        struct stat is;
        if (entry->d_name[0] == '.')
            continue;
        snprintf(inner, sizeof inner, "%.200s/%.255s", path, entry->d_name);
        snprintf(name, sizeof name, "%.3500s%s", root, inner);
        if (lstat(name, &is) != 0)
            err = IC_ERR_SYSTEM;
        else if (S_ISREG(is.st_mode))
            err = add_file(files, name, inner, (size_t)is.st_size);
        else if (S_ISDIR(is.st_mode) && deep < FOLDERS_DEEP)
            err = add_folder(files, root, inner, deep + 1);
    }
    closedir(folder);
    return err;
}

static const struct ic_web_file *find_exactly(const struct ic_web_files *files, const char *path)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->at[i].path, path) == 0)
            return &files->at[i];
    return NULL;
}

enum ic_err ic_web_files_load(struct ic_web_files **out, const char *root)
{
    struct ic_web_files *files = calloc(1, sizeof *files);
    if (!files)
        return IC_ERR_SYSTEM;

    enum ic_err err = add_folder(files, root, "", 0);
    if (err == IC_OK && !find_exactly(files, "/index.html"))
        err = IC_ERR_NOT_FOUND;
    if (err != IC_OK) {
        ic_web_files_free(files);
        return err;
    }
    *out = files;
    return IC_OK;
}

void ic_web_files_free(struct ic_web_files *files)
{
    if (!files)
        return;
    for (size_t i = 0; i < files->count; i++)
        free((void *)files->at[i].bytes.at);
    free(files);
}

static bool is_page(const char *path)
{
    uint8_t meeting[16];
    return strcmp(path, "/") == 0 || strcmp(path, "/start") == 0 ||
           (strlen(path) == 1 + MEETING_TEXT_LEN &&
            ic_base64url_decode(meeting, sizeof meeting, path + 1) == IC_OK);
}

const struct ic_web_file *ic_web_files_find(const struct ic_web_files *files, const char *path)
{
    return find_exactly(files, is_page(path) ? "/index.html" : path);
}
