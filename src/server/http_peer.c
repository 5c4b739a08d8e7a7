/* http_peer.c - from a socket and a header to an address. */
#include "server/http_peer.h"

#include <arpa/inet.h>

enum { LIST_SIZE = 1024 };

void ic_http_peer_of(uint8_t peer[IC_PEER_LEN], int fd)
{
    struct sockaddr_storage from;
    socklen_t len = sizeof from;

    memset(peer, 0, IC_PEER_LEN);
    if (fd < 0 || getpeername(fd, (struct sockaddr *)&from, &len) != 0)
        return;
    if (from.ss_family == AF_INET6) {
        memcpy(peer, &((struct sockaddr_in6 *)&from)->sin6_addr, IC_PEER_LEN);
    } else if (from.ss_family == AF_INET) {
        peer[10] = peer[11] = 0xff;
        memcpy(peer + 12, &((struct sockaddr_in *)&from)->sin_addr, 4);
    }
}

void ic_http_peer(uint8_t peer[IC_PEER_LEN], struct lws *wsi)
{
    ic_http_peer_of(peer, lws_get_socket_fd(lws_get_network_wsi(wsi)));
}

void ic_http_asker(uint8_t peer[IC_PEER_LEN], struct lws *wsi, const struct ic_addresses *proxies)
{
    char list[LIST_SIZE];

    ic_http_peer(peer, wsi);
    if (lws_hdr_copy(wsi, list, sizeof list, WSI_TOKEN_X_FORWARDED_FOR) > 0)
        ic_forwarded_peer(peer, proxies, list);
}
