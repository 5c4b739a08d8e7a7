/* order_queue.c - a list with an end; a file descriptor goes as SCM_RIGHTS beside its order. */
#include "server/order_queue.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { QUEUE_MAX = 100000 };

struct ic_order {
    struct ic_order *next;
    int fd; /* closed when it was sent; -1: none */
    struct ic_control message;
};

void ic_order_queue_init(struct ic_order_queue *queue)
{
    *queue = (struct ic_order_queue){.last = &queue->first};
}

bool ic_order_queue_is_empty(const struct ic_order_queue *queue)
{
    return queue->first == NULL;
}

static void drop_first(struct ic_order_queue *queue)
{
    struct ic_order *order = queue->first;
    queue->first = order->next;
    if (!queue->first)
        queue->last = &queue->first;
    queue->count--;
    if (order->fd >= 0)
        close(order->fd);
    free(order);
}

void ic_order_queue_clear(struct ic_order_queue *queue)
{
    while (queue->first)
        drop_first(queue);
}

enum ic_err ic_order_queue_put(struct ic_order_queue *queue, const struct ic_control *m, int fd)
{
    if (queue->count >= QUEUE_MAX)
        return IC_ERR_FULL;
    struct ic_order *order = malloc(sizeof *order);
    if (!order)
        return IC_ERR_SYSTEM;
    *order = (struct ic_order){.fd = fd, .message = *m};
    *queue->last = order;
    queue->last = &order->next;
    queue->count++;
    return IC_OK;
}

static bool send_order(int to, struct ic_order *order)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } rights = {0};
    struct iovec whole = {&order->message, sizeof order->message};
    struct msghdr m = {.msg_iov = &whole, .msg_iovlen = 1};

    if (order->fd >= 0) {
        m.msg_control = rights.bytes;
        m.msg_controllen = sizeof rights.bytes;
        struct cmsghdr *head = CMSG_FIRSTHDR(&m);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(head), &order->fd, sizeof(int));
    }
    return sendmsg(to, &m, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

void ic_order_queue_send(struct ic_order_queue *queue, int to)
{
    while (queue->first && send_order(to, queue->first))
        drop_first(queue);
}
