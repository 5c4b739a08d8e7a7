/* web_files.h - the built browser client, read into memory at start, so that a request can only
 * name what was there then: there is no path to traverse. */
#pragma once

#include "base/base.h"

enum { IC_WEB_PATH_SIZE = 128, IC_WEB_ETAG_SIZE = 32 };

struct ic_web_file {
    char path[IC_WEB_PATH_SIZE]; /* as in a request: "/app.js" */
    const char *type;            /* Content-Type */
    char etag[IC_WEB_ETAG_SIZE]; /* quoted */
    struct ic_bytes bytes;
};

struct ic_web_files;

/* Reads the folder `root`, at most three folders deep. Files of a kind that the client is not made
 * of, and those that start with a dot, are left out. IC_ERR_NOT_FOUND: no index.html there.
 * IC_ERR_FULL: more than we keep in memory. */
enum ic_err ic_web_files_load(struct ic_web_files **out, const char *root) IC_CHECKED;
void ic_web_files_free(struct ic_web_files *files);

/* What `path` of a request serves, or NULL. "/", "/start" and "/MEETING" are the client's page. */
const struct ic_web_file *ic_web_files_find(const struct ic_web_files *files, const char *path);
