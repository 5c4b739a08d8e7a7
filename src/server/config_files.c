/* config_files.c - the check that comes after the values, so that a server either starts or says
 * all at once why it cannot. */
#include "server/config_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "crypto/certificate.h"
#include "server/parts.h"
#include "server/relays.h"

enum { STORE_LEN_LEAST = 128 * 1024 }; /* of an empty one, with what SQLite keeps beside it */

static enum ic_err complain(struct ic_config_problem *problem, const char *key, const char *path,
                            const char *what)
{
    snprintf(problem->text, sizeof problem->text, "settings: %s: %s%s%s", key, path,
             path[0] ? ": " : "", what);
    return IC_ERR_SYSTEM;
}

static enum ic_err check_tls(const struct ic_config *config, struct ic_config_problem *problem)
{
    struct ic_certificate_problem wrong;

    if (config->tls.certificate[0] == 0 ||
        ic_certificate_check_files(config->tls.certificate, config->tls.key, (int64_t)time(NULL),
                                   &wrong) == IC_OK)
        return IC_OK;
    return complain(problem, "tls.certificate, tls.key", "", wrong.text);
}

static enum ic_err check_web(const struct ic_config *config, struct ic_config_problem *problem)
{
    char root[IC_CONFIG_TEXT_SIZE], page[IC_CONFIG_TEXT_SIZE + 16];

    if (ic_find_web_root(root, config) != IC_OK)
        return complain(problem, "web.root", "",
                        "there is no built browser client; name its folder, or `make build`");
    snprintf(page, sizeof page, "%s/index.html", root);
    if (access(page, R_OK) != 0)
        return complain(problem, "web.root", page, strerror(errno));
    return IC_OK;
}

static enum ic_err check_media(const struct ic_config *config, struct ic_config_problem *problem)
{
    char program[IC_CONFIG_TEXT_SIZE];
    struct stat is;

    if (ic_find_media_program(program, config) != IC_OK)
        return complain(problem, "media.program", "",
                        "there is no incamera-media beside this program; name its path");
    if (stat(program, &is) != 0)
        return complain(problem, "media.program", program, strerror(errno));
    if (!S_ISREG(is.st_mode) || access(program, X_OK) != 0)
        return complain(problem, "media.program", program, "this is no program that may be run");
    return IC_OK;
}

/* `path` cut before its last slash; "." without one. */
static void folder_of(char folder[IC_CONFIG_TEXT_SIZE], const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        strcpy(folder, ".");
    else
        snprintf(folder, IC_CONFIG_TEXT_SIZE, "%.*s", slash == path ? 1 : (int)(slash - path),
                 path);
}

/* A file of some size is really made there, and gone at once: permissions alone tell nothing of
 * /proc, or of a disk that is full. Returns an errno. */
static int try_folder(const char *folder)
{
    char path[IC_CONFIG_TEXT_SIZE + 24];

    snprintf(path, sizeof path, "%s/.incamera-XXXXXX", folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return errno;
    int wrong = posix_fallocate(fd, 0, STORE_LEN_LEAST);
    unlink(path);
    close(fd);
    return wrong == EOPNOTSUPP || wrong == EINVAL ? 0 : wrong;
}

static enum ic_err check_store(const struct ic_config *config, struct ic_config_problem *problem)
{
    char folder[IC_CONFIG_TEXT_SIZE], above[IC_CONFIG_TEXT_SIZE];
    const char *path = config->store.path;
    struct stat is;

    if (stat(path, &is) == 0) {
        if (!S_ISREG(is.st_mode))
            return complain(problem, "store.path", path, "this is no file");
        if (access(path, R_OK | W_OK) != 0)
            return complain(problem, "store.path", path, strerror(errno));
    }
    folder_of(folder, path);
    if (access(folder, F_OK) != 0 && errno == ENOENT) { /* it will be made */
        folder_of(above, folder);
        strcpy(folder, above);
    }
    if (stat(folder, &is) == 0 && !S_ISDIR(is.st_mode))
        return complain(problem, "store.path", folder, strerror(ENOTDIR));
    if (access(folder, W_OK | X_OK) != 0)
        return complain(problem, "store.path", folder, strerror(errno));
    int wrong = try_folder(folder);
    return wrong == 0 ? IC_OK : complain(problem, "store.path", folder, strerror(wrong));
}

static enum ic_err check_turn(const struct ic_config *config, struct ic_config_problem *problem)
{
    struct ic_relays relays;

    enum ic_err err = ic_relays_open(&relays, config, problem);
    if (err == IC_OK)
        ic_relays_close(&relays);
    return err;
}

enum ic_err ic_config_check_files(const struct ic_config *config, struct ic_config_problem *problem)
{
    enum ic_err err = check_tls(config, problem);
    if (err == IC_OK)
        err = check_web(config, problem);
    if (err == IC_OK)
        err = check_media(config, problem);
    if (err == IC_OK)
        err = check_turn(config, problem);
    if (err == IC_OK)
        err = check_store(config, problem);
    return err;
}
