/* sandbox.c - the one list of system calls. What is on none of its parts fails with EPERM, so that
 * a library that tries something rare goes on without it. */
#include "worker/sandbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "worker/landlock.h"

/* The kernel answers these from a bit map, without running the filter: they have no conditions. */
static const int allowed[] = {
    /* the loop */
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(sendto),
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(accept4),
    SCMP_SYS(close),
    SCMP_SYS(getsockname),
    SCMP_SYS(getpeername),
    /* memory, time, randomness, locks of the libraries */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(futex),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    /* signals and the end */
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* Only an attacker calls these: they end the process, with signal 31 (SIGSYS). */
static const int fatal[] = {
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(clone),
    SCMP_SYS(clone3),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(bpf),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(mount),
    SCMP_SYS(unshare),
    SCMP_SYS(setns),
};

/* The leak check starts a thread that traces the others and reads /proc/self; reports ask for the
 * sizes of stacks. Not in a build that anybody runs for people. */
static const int for_sanitizer[] = {
    SCMP_SYS(clone),         SCMP_SYS(ptrace),
    SCMP_SYS(wait4),         SCMP_SYS(openat),
    SCMP_SYS(getdents64),    SCMP_SYS(readlink),
    SCMP_SYS(newfstatat),    SCMP_SYS(lseek),
    SCMP_SYS(prctl),         SCMP_SYS(prlimit64),
    SCMP_SYS(sched_yield),   SCMP_SYS(sigaltstack),
    SCMP_SYS(arch_prctl),    SCMP_SYS(getppid),
    SCMP_SYS(mmap),          SCMP_SYS(mprotect),
    SCMP_SYS(sysinfo),       SCMP_SYS(tgkill),
    SCMP_SYS(kill),          SCMP_SYS(sched_getaffinity),
    SCMP_SYS(rt_sigpending), SCMP_SYS(process_vm_readv),
};

static bool add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (seccomp_rule_add(filter, action, calls[i], 0) != 0)
            return false;
    return true;
}

/* Memory that is never both filled and run: no new code. */
static bool add_memory(scmp_filter_ctx filter)
{
    struct scmp_arg_cmp not_executable = SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0);

    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1, not_executable) == 0 &&
           seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1, not_executable) == 0;
}

/* Those that net_tcp.c sets on a connection that came, and the one that it reads. */
static bool add_socket_options(scmp_filter_ctx filter)
{
    static const struct {
        uint64_t level, option;
    } options[] = {{IPPROTO_TCP, TCP_NODELAY},
                   {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
                   {IPPROTO_TCP, TCP_USER_TIMEOUT},
                   {SOL_SOCKET, SO_KEEPALIVE},
                   {SOL_SOCKET, SO_LINGER}};

    for (size_t i = 0; i < IC_COUNT(options); i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
                             SCMP_A1_64(SCMP_CMP_EQ, options[i].level, 0),
                             SCMP_A2_64(SCMP_CMP_EQ, options[i].option, 0)) != 0)
            return false;
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(getsockopt), 2,
                            SCMP_A1_64(SCMP_CMP_EQ, IPPROTO_TCP, 0),
                            SCMP_A2_64(SCMP_CMP_EQ, TCP_INFO, 0)) == 0;
}

/* Only the control process hands over files: sockets to other workers. */
static bool add_handing_over(scmp_filter_ctx filter, int control_fd)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(recvmsg), 1,
                            SCMP_A0_64(SCMP_CMP_EQ, (uint64_t)control_fd, 0)) == 0;
}

/* abort() sends itself a signal. */
static bool add_abort(scmp_filter_ctx filter)
{
    return seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                            SCMP_A0_64(SCMP_CMP_EQ, (uint64_t)getpid(), 0)) == 0;
}

static bool add_rules(scmp_filter_ctx filter, const struct ic_sandbox *sandbox)
{
    if (seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) != 0 ||
        !add_all(filter, SCMP_ACT_ALLOW, allowed, IC_COUNT(allowed)) ||
        !add_socket_options(filter) || !add_handing_over(filter, sandbox->control_fd))
        return false;
    if (sandbox->sanitized)
        return add_all(filter, SCMP_ACT_ALLOW, for_sanitizer, IC_COUNT(for_sanitizer));
    return add_memory(filter) && add_abort(filter) &&
           add_all(filter, SCMP_ACT_KILL_PROCESS, fatal, IC_COUNT(fatal));
}

static enum ic_err enter_filter(const struct ic_sandbox *sandbox)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    bool entered = filter && add_rules(filter, sandbox) && seccomp_load(filter) == 0;

    seccomp_release(filter);
    return entered ? IC_OK : IC_ERR_SYSTEM;
}

static enum ic_err enter_landlock(void)
{
    enum ic_err err = ic_landlock_enter();

    if (err == IC_ERR_NOT_FOUND)
        ic_log(
            IC_LOG_WARNING, "sandbox",
            IC_EVENT("this kernel has no Landlock: the filter of system calls alone closes files"));
    return err == IC_ERR_NOT_FOUND ? IC_OK : err;
}

enum ic_err ic_sandbox_enter(const struct ic_sandbox *sandbox)
{
    enum ic_err err = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? IC_OK : IC_ERR_SYSTEM;

    if (err == IC_OK && !sandbox->sanitized)
        err = enter_landlock();
    if (err == IC_OK)
        err = enter_filter(sandbox);
    if (err == IC_OK)
        return IC_OK;
    if (sandbox->allow_unconfined) {
        ic_log(IC_LOG_WARNING, "sandbox",
               IC_EVENT(
                   "runs unconfined, as media.allow_unconfined says: the kernel refused seccomp"));
        return IC_OK;
    }
    ic_log(IC_LOG_ERROR, "sandbox",
           IC_EVENT("does not run unconfined: the kernel refused seccomp or Landlock; see "
                    "media.allow_unconfined"));
    return err;
}
