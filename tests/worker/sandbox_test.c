/* What a worker that was taken over could try: each call is made in a child of the test that has
 * entered the sandbox, as the worker does after its start. */
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/test.h"
#include "worker/landlock.h"

enum { DENIED = 0, DONE = 1, NOT_ENTERED = 2 }; /* exit statuses */

static int udp, tcp;

/* Like system calls: negative, and errno, when refused. */
typedef long sandbox_attempt(void);

static long open_file(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static long open_own_memory(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/proc/self/mem", O_RDWR);
}

static long write_file(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/tmp/incamera-sandbox-test", O_WRONLY | O_CREAT, 0600);
}

static long list_folder(void)
{
    return syscall(SYS_openat, AT_FDCWD, "/", O_RDONLY | O_DIRECTORY);
}

static long remove_file(void)
{
    return syscall(SYS_unlinkat, AT_FDCWD, "/tmp/incamera-sandbox-test", 0);
}

static long open_file_as_before(void)
{
    return syscall(SYS_open, "/etc/passwd", O_RDONLY);
}

static long open_file_anew(void)
{
    uint64_t how[3] = {O_RDONLY}; /* struct open_how */
    return syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how);
}

static long open_by_handle(void)
{
    struct file_handle handle = {.handle_bytes = 0};
    return syscall(SYS_open_by_handle_at, AT_FDCWD, &handle, O_RDONLY);
}

static long ask_about_file(void)
{
    struct stat about;
    return syscall(SYS_newfstatat, AT_FDCWD, "/etc/passwd", &about, 0);
}

static long rename_file(void)
{
    return syscall(SYS_renameat2, AT_FDCWD, "/tmp/incamera-sandbox-test", AT_FDCWD,
                   "/tmp/incamera-sandbox-test-2", 0);
}

static long make_memory_file(void)
{
    return syscall(SYS_memfd_create, "code", 0);
}

static long change_folder(void)
{
    return syscall(SYS_chdir, "/tmp");
}

static long run_program(void)
{
    static char *arguments[] = {"/bin/true", NULL};
    return syscall(SYS_execve, arguments[0], arguments, NULL);
}

static long run_program_at(void)
{
    static char *arguments[] = {"/bin/true", NULL};
    return syscall(SYS_execveat, AT_FDCWD, arguments[0], arguments, NULL, 0);
}

static long make_process(void)
{
    return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
}

static long make_process_anew(void)
{
    return syscall(SYS_clone3, NULL, 0);
}

static long make_thread(void)
{
    return syscall(SYS_clone, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD, 0,
                   0, 0, 0);
}

static long fork_as_before(void)
{
    return syscall(SYS_fork);
}

static long trace(void)
{
    return syscall(SYS_ptrace, PTRACE_ATTACH, getppid(), 0, 0);
}

static long read_other_memory(void)
{
    return syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0);
}

static long signal_other(void)
{
    return syscall(SYS_kill, 1, 0);
}

static long signal_other_thread(void)
{
    return syscall(SYS_tgkill, 1, 1, 0);
}

static long make_udp_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_DGRAM, 0);
}

static long make_tcp_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

static long make_unix_socket(void)
{
    return syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0);
}

static long make_ipv6_socket(void)
{
    return syscall(SYS_socket, AF_INET6, SOCK_DGRAM, 0);
}

static long make_raw_socket(void)
{
    return syscall(SYS_socket, AF_INET, SOCK_RAW, IPPROTO_ICMP);
}

static long make_packet_socket(void)
{
    return syscall(SYS_socket, AF_PACKET, SOCK_RAW, 0);
}

static long make_netlink_socket(void)
{
    return syscall(SYS_socket, AF_NETLINK, SOCK_RAW, 0);
}

static long make_vsock_socket(void)
{
    return syscall(SYS_socket, AF_VSOCK, SOCK_STREAM, 0);
}

static long make_socket_pair(void)
{
    int pair[2];
    return syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
}

static long connect_to(int fd)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9)};

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    long result = syscall(SYS_connect, fd, &to, sizeof to);
    return result < 0 && errno == ECONNREFUSED ? 0 : result; /* it went out */
}

static long connect_udp(void)
{
    return connect_to(udp);
}

static long connect_tcp(void)
{
    return connect_to(tcp);
}

static long bind_udp(void)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    return syscall(SYS_bind, udp, &own, sizeof own);
}

static long listen_tcp(void)
{
    return syscall(SYS_listen, tcp, 1);
}

static long route_udp_elsewhere(void)
{
    int on = 1;
    return syscall(SYS_setsockopt, udp, IPPROTO_IP, IP_OPTIONS, &on, sizeof on);
}

static long receive_a_file(void)
{
    struct msghdr message = {0};
    return syscall(SYS_recvmsg, udp, &message, MSG_DONTWAIT);
}

static long map_code(void)
{
    return syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static long make_data_code(void)
{
    long at = syscall(SYS_mmap, NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return syscall(SYS_mprotect, at, 4096, PROT_READ | PROT_EXEC);
}

static long make_ring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

static long load_program_into_kernel(void)
{
    return syscall(SYS_bpf, 0, NULL, 0);
}

static long watch_other(void)
{
    return syscall(SYS_perf_event_open, NULL, getppid(), -1, -1, 0);
}

static long take_file_of_other(void)
{
    return syscall(SYS_pidfd_open, getppid(), 0);
}

static long read_keys(void)
{
    return syscall(SYS_keyctl, 0, 0, 0, 0, 0);
}

static long become_another(void)
{
    return syscall(SYS_setresuid, 0, 0, 0);
}

static long widen_limit(void)
{
    return syscall(SYS_prlimit64, 0, 7, NULL, NULL);
}

static long hand_out_socket(void)
{
    struct msghdr message = {0};
    return syscall(SYS_sendmsg, udp, &message, MSG_DONTWAIT);
}

static long make_namespace(void)
{
    return syscall(SYS_unshare, 0);
}

static long mount_folder(void)
{
    return syscall(SYS_mount, "none", "/tmp", "tmpfs", 0, NULL);
}

static long control_process(void)
{
    return syscall(SYS_prctl, PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static long open_from_ioctl(void)
{
    return syscall(SYS_ioctl, 0, 0x5412, "x"); /* TIOCSTI: types into the terminal */
}

enum outcome { REFUSED, KILLED };

static const struct {
    const char *what;
    sandbox_attempt *attempt;
    enum outcome outcome;
} forbidden[] = {
    {"open a file", open_file, REFUSED},
    {"open its own memory", open_own_memory, REFUSED},
    {"write a file", write_file, REFUSED},
    {"list a folder", list_folder, REFUSED},
    {"remove a file", remove_file, REFUSED},
    {"open a file by open", open_file_as_before, REFUSED},
    {"open a file by openat2", open_file_anew, REFUSED},
    {"open a file by its handle", open_by_handle, REFUSED},
    {"ask about a file", ask_about_file, REFUSED},
    {"rename a file", rename_file, REFUSED},
    {"make a file in memory", make_memory_file, REFUSED},
    {"change its folder", change_folder, REFUSED},
    {"run a program", run_program, KILLED},
    {"run a program by execveat", run_program_at, KILLED},
    {"make a process", make_process, KILLED},
    {"make a process by clone3", make_process_anew, KILLED},
    {"make a process by fork", fork_as_before, KILLED},
    {"make a thread", make_thread, KILLED},
    {"trace another process", trace, KILLED},
    {"read another's memory", read_other_memory, KILLED},
    {"signal another process", signal_other, REFUSED},
    {"signal another's thread", signal_other_thread, REFUSED},
    {"make a UDP socket", make_udp_socket, REFUSED},
    {"make a TCP socket", make_tcp_socket, REFUSED},
    {"make a Unix socket", make_unix_socket, REFUSED},
    {"make an IPv6 socket", make_ipv6_socket, REFUSED},
    {"make a raw socket", make_raw_socket, REFUSED},
    {"make a packet socket", make_packet_socket, REFUSED},
    {"make a netlink socket", make_netlink_socket, REFUSED},
    {"make a vsock socket", make_vsock_socket, REFUSED},
    {"make a pair of sockets", make_socket_pair, REFUSED},
    {"connect a UDP socket", connect_udp, REFUSED},
    {"connect a TCP socket", connect_tcp, REFUSED},
    {"bind a UDP socket", bind_udp, REFUSED},
    {"listen", listen_tcp, REFUSED},
    {"set another socket option", route_udp_elsewhere, REFUSED},
    {"be handed a file by strangers", receive_a_file, REFUSED},
    {"map code", map_code, REFUSED},
    {"make data code", make_data_code, REFUSED},
    {"go around the filter by io_uring", make_ring, KILLED},
    {"load a program into the kernel", load_program_into_kernel, KILLED},
    {"make a namespace", make_namespace, KILLED},
    {"mount", mount_folder, KILLED},
    {"loosen its own limits", control_process, REFUSED},
    {"ioctl", open_from_ioctl, REFUSED},
    {"watch another process", watch_other, REFUSED},
    {"take a file of another process", take_file_of_other, REFUSED},
    {"read the kernel's keys", read_keys, REFUSED},
    {"become another user", become_another, REFUSED},
    {"widen a limit", widen_limit, REFUSED},
    {"hand out a socket", hand_out_socket, REFUSED},
};

typedef bool sandbox_enter(void);

static bool enter_sandbox(void)
{
    return ic_sandbox_enter(&(struct ic_sandbox){0}) == IC_OK;
}

static bool enter_landlock(void)
{
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ic_landlock_enter() == IC_OK;
}

/* Not _exit(), before which AddressSanitizer looks at the signal stack. */
static void end(int status)
{
    syscall(SYS_exit_group, status);
}

/* The wait status of a child that enters and then tries. */
static int try_in(sandbox_enter *enter, sandbox_attempt *attempt)
{
    int status = -1;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (!enter())
            end(NOT_ENTERED);
        bool denied = attempt() < 0 && (errno == EPERM || errno == EACCES);
        end(denied ? DENIED : DONE);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int setup(void **state)
{
    (void)state;
    udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return udp < 0 || tcp < 0;
}

static int teardown(void **state)
{
    (void)state;
    return close(udp) | close(tcp);
}

TEST(sandbox_refuses_every_call_that_a_worker_does_not_need)
{
    for (size_t i = 0; i < IC_COUNT(forbidden); i++) {
        int status = try_in(enter_sandbox, forbidden[i].attempt);
        if (forbidden[i].outcome == KILLED)
            CHECK_ROW(forbidden[i].what, WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
        else
            CHECK_ROW(forbidden[i].what, WIFEXITED(status) && WEXITSTATUS(status) == DENIED);
    }
}

/* ---- what a worker does need ---- */

/* What net_tcp.c sets on and reads of each connection that came: refused, it would fail there in
 * silence. */
static long set_options_of_connection(void)
{
    static const struct {
        int level, option;
    } options[] = {{IPPROTO_TCP, TCP_NODELAY},
                   {IPPROTO_TCP, TCP_NOTSENT_LOWAT},
                   {IPPROTO_TCP, TCP_USER_TIMEOUT},
                   {SOL_SOCKET, SO_KEEPALIVE}};
    struct linger none = {.l_onoff = 1};
    struct tcp_info info;
    socklen_t info_len = sizeof info;
    int value = 1;

    if (syscall(SYS_getsockopt, tcp, IPPROTO_TCP, TCP_INFO, &info, &info_len) < 0)
        return -1;
    for (size_t i = 0; i < IC_COUNT(options); i++)
        if (syscall(SYS_setsockopt, tcp, options[i].level, options[i].option, &value,
                    sizeof value) < 0)
            return -1;
    return syscall(SYS_setsockopt, tcp, SOL_SOCKET, SO_LINGER, &none, sizeof none);
}

TEST(sandbox_leaves_the_options_of_tcp_connections)
{
    assert_int_equal(try_in(enter_sandbox, set_options_of_connection), DONE << 8);
}

/* The other mechanism for itself, so that files stay closed should one of the two have a hole. */
TEST(sandbox_closes_files_by_landlock_too)
{
    static sandbox_attempt *const attempts[] = {open_file, list_folder, write_file};

    if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1)
        skip();
    for (size_t i = 0; i < IC_COUNT(attempts); i++)
        assert_int_equal(try_in(enter_landlock, attempts[i]), DENIED << 8);
}

/* ---- kernels that lack it ---- */

static const int landlock_calls[] = {SCMP_SYS(landlock_create_ruleset),
                                     SCMP_SYS(landlock_restrict_self)};
static const int seccomp_calls[] = {SCMP_SYS(seccomp)};

static bool take_away(const int *calls, size_t count, bool prctl_too)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    bool ok = filter;

    for (size_t i = 0; ok && i < count; i++)
        ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), calls[i], 0) == 0;
    if (ok && prctl_too)
        ok = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                              SCMP_A0_64(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)) == 0;
    ok = ok && seccomp_load(filter) == 0;
    seccomp_release(filter);
    return ok;
}

static bool enter_without_landlock(void)
{
    return take_away(landlock_calls, IC_COUNT(landlock_calls), false) && enter_sandbox();
}

static bool enter_without_seccomp(void)
{
    return take_away(seccomp_calls, IC_COUNT(seccomp_calls), true) && enter_sandbox();
}

static bool enter_unconfined(void)
{
    return take_away(seccomp_calls, IC_COUNT(seccomp_calls), true) &&
           ic_sandbox_enter(&(struct ic_sandbox){.allow_unconfined = true}) == IC_OK;
}

TEST(sandbox_closes_files_on_a_kernel_without_landlock)
{
    assert_int_equal(try_in(enter_without_landlock, open_file), DENIED << 8);
}

/* The operator is told, once, by the worker that starts. */
TEST(sandbox_says_that_a_kernel_has_no_landlock)
{
    char text[1024] = {0};
    int log = memfd_create("log", MFD_CLOEXEC), before = dup(STDERR_FILENO);

    assert_true(log >= 0 && dup2(log, STDERR_FILENO) >= 0);
    int status = try_in(enter_without_landlock, open_file);
    dup2(before, STDERR_FILENO);
    close(before);
    assert_int_equal(status, DENIED << 8);
    assert_true(pread(log, text, sizeof text - 1, 0) > 0);
    close(log);
    assert_non_null(strstr(text, "\"level\":\"warning\""));
    assert_non_null(strstr(text, "this kernel has no Landlock"));
}

TEST(sandbox_is_not_entered_on_a_kernel_without_seccomp_unless_that_is_allowed)
{
    assert_int_equal(try_in(enter_without_seccomp, make_udp_socket), NOT_ENTERED << 8);
    assert_int_equal(try_in(enter_unconfined, make_udp_socket), DONE << 8);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

RUN_TESTS(EACH(sandbox_refuses_every_call_that_a_worker_does_not_need),
          EACH(sandbox_leaves_the_options_of_tcp_connections),
          EACH(sandbox_closes_files_by_landlock_too),
          EACH(sandbox_closes_files_on_a_kernel_without_landlock),
          EACH(sandbox_says_that_a_kernel_has_no_landlock),
          EACH(sandbox_is_not_entered_on_a_kernel_without_seccomp_unless_that_is_allowed))
