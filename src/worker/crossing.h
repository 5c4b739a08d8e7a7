/* crossing.h - what the workers of one meeting say to each other, as records in messages.
 *
 * A worker may have been taken over by what it parses, so a record from another one is read like a
 * stranger's: every field is checked, and what is damaged ends the message. Pure. */
#pragma once

#include "media/control.h"

enum {
    IC_CROSSING_MISSED_MAX = 16,
    IC_CROSSING_PACKET_MAX = 1500,
    /* No record is longer. */
    IC_CROSSING_MAX = IC_CROSSING_PACKET_MAX + 16,
};

enum ic_crossing_kind {
    /* from the worker of the sender */
    IC_CROSSING_PACKET = 1,
    IC_CROSSING_REPORT,
    /* to it */
    IC_CROSSING_KEY,
    IC_CROSSING_MISSED,
    IC_CROSSING_LOSS,
};

struct ic_crossing_record {
    uint8_t kind; /* enum ic_crossing_kind */
    uint8_t stream, layer;
    uint32_t transport; /* of the sender */
    union {
        struct {
            bool again;          /* behind newer ones, or resent: it opens no new numbering */
            struct ic_bytes rtp; /* opened, without an envelope of RFC 4588 */
        } packet;
        struct { /* the sender's report, and how its clock stands to that of this machine */
            uint64_t ntp;
            uint32_t timestamp;
            int64_t offset; /* ns */
        } report;
        struct {
            uint32_t count;
            uint16_t seqs[IC_CROSSING_MISSED_MAX];
        } missed;
        uint8_t loss; /* the worst fraction of 256 that a receiver loses of a voice */
    };
};

/* The next record; views hold as long as what `r` reads. False: there is none, or, with `r->bad`,
 * the rest is damaged. */
bool ic_crossing_read(struct ic_reader *r, struct ic_crossing_record *out);

/* `w->bad` if there is no room. */
void ic_crossing_write(struct ic_writer *w, const struct ic_crossing_record *record);
