/* landlock.c - a ruleset that handles every right and grants none.
 *
 * The three calls have no wrapper in the C library, and the headers of a build may be older than
 * the kernel, so the structure is written down here as far as version 6 knows it. */
#include "worker/landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

enum {
    RULESET_VERSION = 1, /* flag: tell the version instead */
    FILE_RIGHTS_1 = (1 << 13) - 1,
    FILE_RIGHTS_2 = (1 << 14) - 1, /* and moving between folders */
    FILE_RIGHTS_3 = (1 << 15) - 1, /* and truncating */
    FILE_RIGHTS_5 = (1 << 16) - 1, /* and ioctl() on devices */
    NET_RIGHTS_4 = 3,              /* binding and connecting of TCP */
    SCOPES_6 = 3,                  /* abstract Unix sockets and signals of other processes */
};

struct ruleset {
    uint64_t files, net, scopes;
};

/* What a kernel of this version takes: it refuses a longer structure. */
static size_t ruleset_of(struct ruleset *out, long version)
{
    *out = (struct ruleset){.files = version >= 5   ? FILE_RIGHTS_5
                                     : version >= 3 ? FILE_RIGHTS_3
                                     : version >= 2 ? FILE_RIGHTS_2
                                                    : FILE_RIGHTS_1,
                            .net = NET_RIGHTS_4,
                            .scopes = SCOPES_6};
    return version >= 6   ? sizeof *out
           : version >= 4 ? offsetof(struct ruleset, scopes)
                          : offsetof(struct ruleset, net);
}

enum ic_err ic_landlock_enter(void)
{
    struct ruleset ruleset;
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, RULESET_VERSION);

    if (version < 1)
        return IC_ERR_NOT_FOUND;
    size_t len = ruleset_of(&ruleset, version);
    int fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, len, 0);
    if (fd < 0)
        return IC_ERR_SYSTEM;
    long failed = syscall(SYS_landlock_restrict_self, fd, 0);
    close(fd);
    return failed ? IC_ERR_SYSTEM : IC_OK;
}
