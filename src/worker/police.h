/* police.h - how much one client gets carried, so that one who floods takes nothing from others.
 *
 * What a member may send follows from the lines of its offer: several times what a browser sends on
 * them. What is beyond is dropped in silence and counted (`dropped_policed`). Only packets that
 * were authenticated are counted against a client: nobody can use up another's share. Pure, time is
 * an argument. */
#pragma once

#include "media/control.h"

/* A second, and once in a while a burst of one to four seconds' worth. */
enum {
    IC_GRANT_SOUND_BPS = 640000,
    IC_GRANT_SOUND_PACKETS = 200, /* when they are small */
    IC_GRANT_PICTURES_BPS = 8000000,
    IC_GRANT_PICTURES_PACKETS = 1250,
    IC_GRANT_REPORTS = 1000,
    IC_GRANT_CHECKS = 50,
    IC_GRANT_HANDSHAKES = 16, /* datagrams */
};

enum { IC_PAYLOAD_TYPES = 128 };

struct ic_police {
    uint32_t shares[IC_TRAFFICS];      /* how many lines there are of the kind; else 1 */
    int64_t paid_until[IC_TRAFFICS];   /* the traffic so far would have taken until then */
    uint8_t traffic[IC_PAYLOAD_TYPES]; /* sound or pictures; of a type in no line: sound */
};

void ic_police_init(struct ic_police *p, const struct ic_line *lines, size_t count);

/* May a packet of `len` bytes pass? If so it has been counted. */
bool ic_police_admit(struct ic_police *p, enum ic_traffic traffic, size_t len, int64_t now);

/* Sound or pictures? An RTP packet, opened, tells by its payload type. */
enum ic_traffic ic_police_traffic(const struct ic_police *p, struct ic_bytes packet);
