/* link.h - the two addresses a person hands over: a link into a meeting and a start address.
 *
 *   https://host[:port]/MEETING#FRAGMENT     a link; what its fragment holds is in door/link.h
 *   https://host[:port]/start#TOKEN          makes one meeting
 *
 * See docs/protocol.md, "Nouns". Both hold secrets: never log them. */
#pragma once

#include "base/base.h"
#include "base/encode.h"
#include "e2ee/door/link.h"
#include "e2ee/e2ee.h"

enum {
    IC_LINK_HOST_SIZE = 256, /* with the terminating zero */
    IC_LINK_TOKEN_LEN = 32,
    /* https://[host]:65535/MEETING#FRAGMENT and a zero */
    IC_LINK_TEXT_SIZE = IC_LINK_HOST_SIZE + 144,
};

/* Where the server listens. */
struct ic_server_address {
    char host[IC_LINK_HOST_SIZE]; /* without the brackets of an IPv6 address */
    uint16_t port;
    bool tls;
};

struct ic_link {
    struct ic_server_address server;
    uint8_t meeting[IC_MEETING_LEN];
    struct ic_door_link door;
};

struct ic_start_address {
    struct ic_server_address server;
    uint8_t token[IC_LINK_TOKEN_LEN];
};

/* IC_ERR_MALFORMED for anything that is not exactly a link, a start address included.
 * IC_ERR_FORBIDDEN: of version 1, whose meetings had no door. */
enum ic_err ic_link_parse(struct ic_link *out, const char *text) IC_CHECKED;
enum ic_err ic_start_address_parse(struct ic_start_address *out, const char *text) IC_CHECKED;

/* What the host of a link gives to others. IC_ERR_SYSTEM when the library refuses. */
enum ic_err ic_link_for_guests(struct ic_link *out, const struct ic_link *host) IC_CHECKED;

/* The only spelling of `link`, and a zero. */
void ic_link_print(char text[IC_LINK_TEXT_SIZE], const struct ic_link *link);
