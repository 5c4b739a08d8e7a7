/* store_lock.c - flock() on a file beside the store: it ends with the process, also after kill -9,
 * and close-on-exec keeps it from the media processes. */
#include "server/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"

enum ic_err ic_store_lock(const char *store_path)
{
    char path[4096];

    snprintf(path, sizeof path, "%.4000s.lock", store_path);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
        return IC_OK; /* kept open on purpose */
    ic_log(IC_LOG_ERROR, "store", IC_EVENT("cannot_lock"), IC_TEXT("path", store_path),
           IC_TEXT("reason", errno == EWOULDBLOCK ? "another incamera serve uses this store"
                                                  : strerror(errno)));
    if (fd >= 0)
        close(fd);
    return IC_ERR_SYSTEM;
}
