/* channel.h - the control process's messages, checked, and ours to it.
 *
 * The socket is a SOCK_SEQPACKET pair's end; nothing here waits. The control process is trusted for
 * what it wants, not for the shape of what it sends: a damaged message is refused whole. */
#pragma once

#include "media/control.h"

/* Is this a message that a worker may get, with every size, count and id in its range? `len` is
 * what came. Whether the transport or room it names exists is for the caller to see. */
enum ic_err ic_channel_check(const struct ic_control *message, size_t len) IC_CHECKED;

/* The next message, and the socket that comes with a link, -1 with others. IC_ERR_NOT_FOUND: none
 * now. IC_ERR_MALFORMED: one came that ic_channel_check() refuses, and is dropped. IC_ERR_SYSTEM:
 * the other end is gone. */
enum ic_err ic_channel_receive(int fd, struct ic_control *message, int *file) IC_CHECKED;

/* IC_ERR_FULL: the control process does not keep up; try again when the socket is writable. */
enum ic_err ic_channel_send(int fd, const struct ic_control *message) IC_CHECKED;
