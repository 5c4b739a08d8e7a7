/* tcp_balance.c - for itself, because the kernel's header and the C library's exclude each other.
 */
#include "server/tcp_balance.h"

#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

bool ic_tcp_balance(struct ic_tcp_balance *out, int fd)
{
    struct tcp_info info;
    socklen_t len = sizeof info;
    int unread = 0;

    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0 ||
        len < offsetof(struct tcp_info, tcpi_bytes_received) + sizeof info.tcpi_bytes_received ||
        ioctl(fd, SIOCINQ, &unread) != 0 || (uint64_t)unread > info.tcpi_bytes_received)
        return false;
    *out =
        (struct ic_tcp_balance){info.tcpi_bytes_received - (uint64_t)unread, info.tcpi_bytes_acked};
    return true;
}
