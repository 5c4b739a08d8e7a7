/* parts.c - places are relative to this program's own folder: /usr/bin when installed,
 * build/KIND/src/server when built. */
#include "server/parts.h"

#include <unistd.h>

static enum ic_err own_folder(char folder[IC_CONFIG_TEXT_SIZE])
{
    ssize_t len = readlink("/proc/self/exe", folder, IC_CONFIG_TEXT_SIZE - 1);
    if (len <= 0)
        return IC_ERR_SYSTEM;
    folder[len] = 0;
    *strrchr(folder, '/') = 0;
    return IC_OK;
}

static enum ic_err find(char path[IC_CONFIG_TEXT_SIZE], const char *configured,
                        const char *const places[], const char *witness)
{
    char folder[IC_CONFIG_TEXT_SIZE], probe[2 * IC_CONFIG_TEXT_SIZE];

    if (configured[0]) {
        strcpy(path, configured);
        return IC_OK;
    }
    if (own_folder(folder) != IC_OK)
        return IC_ERR_SYSTEM;
    for (; *places; places++) {
        int len = snprintf(path, IC_CONFIG_TEXT_SIZE, "%.400s/%s", folder, *places);
        snprintf(probe, sizeof probe, "%s%s", path, witness);
        if (len < IC_CONFIG_TEXT_SIZE && access(probe, R_OK) == 0)
            return IC_OK;
    }
    return IC_ERR_NOT_FOUND;
}

enum ic_err ic_find_web_root(char path[IC_CONFIG_TEXT_SIZE], const struct ic_config *config)
{
    static const char *const places[] = {"../share/incamera/web", "../../../web", NULL};
    return find(path, config->web.root, places, "/index.html");
}

enum ic_err ic_find_media_program(char path[IC_CONFIG_TEXT_SIZE], const struct ic_config *config)
{
    static const char *const places[] = {"incamera-media", "../worker/incamera-media", NULL};
    return find(path, config->media.program, places, "");
}
