/* http_bind.c - the reason is asked for beforehand, by binding. */
#include "server/http_bind.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libwebsockets.h>
#include <sys/socket.h>
#include <unistd.h>

int ic_http_bind_errno(const struct ic_endpoint *at)
{
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(at->port)};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(at->port)};
    bool is_ipv4 = inet_pton(AF_INET, at->address, &v4.sin_addr) == 1;
    int yes = 1, failed = 0;

    if (!is_ipv4)
        inet_pton(AF_INET6, at->address, &v6.sin6_addr);
    int fd = socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return errno;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (!is_ipv4)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (is_ipv4 ? bind(fd, (struct sockaddr *)&v4, sizeof v4) != 0
                : bind(fd, (struct sockaddr *)&v6, sizeof v6) != 0)
        failed = errno;
    close(fd);
    return failed;
}

void ic_http_say_cannot_listen(enum ic_log_level level, const struct ic_endpoint *at,
                               const char *reason)
{
    ic_log(level, "http", IC_EVENT("cannot_listen"), IC_TEXT("address", at->address),
           IC_NUMBER("port", at->port), IC_TEXT("reason", reason));
}

uint64_t ic_http_family_options(const struct ic_endpoint *at)
{
    return strchr(at->address, ':')
               ? LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY | LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE
               : LWS_SERVER_OPTION_DISABLE_IPV6;
}
