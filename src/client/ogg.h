/* ogg.h - Opus in Ogg: pages and packets (RFC 3533), headers and durations (RFC 7845, RFC 6716).
 *
 * The file is in memory. Only what a file of one Opus stream needs: packets of other streams are
 * skipped. */
#pragma once

#include "base/base.h"

enum {
    IC_OGG_PACKET_MAX = 8192, /* an Opus packet of a mono or stereo stream is far shorter */
    IC_OGG_PAGE_HEADER_MAX = 27 + 255,
    IC_OPUS_RATE = 48000,       /* all Opus times are samples at 48 kHz */
    IC_OPUS_SAMPLES_MAX = 5760, /* 120 ms, RFC 6716 section 3.2.5 */
    IC_OPUS_HEAD_LEN = 19,      /* OpusHead of channel mapping family 0 */
};

struct ic_ogg {
    struct ic_bytes rest;
    uint32_t serial;
    bool unchecked; /* pages of a wrong checksum count too */
    uint8_t lacing[255];
    size_t lacing_len, lacing_at;
    struct ic_bytes body;
    size_t packet_len;
    bool too_long, unfinished;
    uint8_t packet[IC_OGG_PACKET_MAX];
    uint8_t channels;
    uint16_t pre_skip; /* samples */
};

/* Reads up to and with the comment header. `file` must outlive `ogg`. `unchecked` accepts wrong
 * page checksums, which is what lets a fuzzer past them. */
enum ic_err ic_ogg_open(struct ic_ogg *ogg, struct ic_bytes file, bool unchecked) IC_CHECKED;

/* The next Opus packet, valid until the next call; never empty. IC_ERR_NOT_FOUND at the end,
 * IC_ERR_MALFORMED for a damaged page. */
enum ic_err ic_ogg_next(struct ic_ogg *ogg, struct ic_bytes *packet) IC_CHECKED;

/* Samples that `packet` lasts (RFC 6716 section 3.1); 0 if it is not an Opus packet. */
uint32_t ic_opus_duration(struct ic_bytes packet);

/* Where the next page goes and what it says. */
struct ic_ogg_page {
    uint32_t serial, number;
    uint64_t granule; /* samples up to the end of the page */
    bool first, last;
};

/* Appends one page that holds exactly `packet`. Sets `w->bad` when it does not fit. */
void ic_ogg_write_page(struct ic_writer *w, const struct ic_ogg_page *page, struct ic_bytes packet);

/* The identification and comment headers, as pages 0 and 1. */
void ic_ogg_write_head(struct ic_writer *w, uint32_t serial, uint8_t channels);
