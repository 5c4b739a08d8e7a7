/* rtcp.h - RTCP, compound or reduced-size, read packet by packet and written into a buffer.
 *
 * RFC 3550 section 6 (SR, RR, SDES), RFC 4585 section 6 (generic NACK, PLI), RFC 5104 section
 * 4.3.1 (FIR), RFC 5506 (reduced size), draft-alvestrand-rmcat-remb-03. The transport-wide feedback
 * is in twcc.h. Writers append one packet; when it does not fit nothing is written and `bad` is
 * set.
 *
 * Our NTP timestamps count from the start of the monotonic clock: RFC 3550 section 4 allows it, and
 * the server's wall clock is nobody's business. */
#pragma once

#include "base/base.h"

enum ic_rtcp_type {
    IC_RTCP_SR = 200,
    IC_RTCP_RR = 201,
    IC_RTCP_SDES = 202,
    IC_RTCP_TRANSPORT_FEEDBACK = 205,
    IC_RTCP_PAYLOAD_FEEDBACK = 206,
};

/* The `count` field of feedback packets. */
enum ic_rtcp_format {
    IC_RTCP_NACK = 1,  /* transport */
    IC_RTCP_TWCC = 15, /* transport */
    IC_RTCP_PLI = 1,   /* payload */
    IC_RTCP_FIR = 4,   /* payload */
    IC_RTCP_REMB = 15, /* payload, application layer */
};

enum { IC_RTCP_REPORTS_MAX = 31, IC_RTCP_CNAME_MAX = 64 };

/* One packet of a compound; a view. */
struct ic_rtcp {
    uint8_t type;         /* enum ic_rtcp_type, or another to be skipped */
    uint8_t count;        /* reports, sources, or enum ic_rtcp_format */
    struct ic_bytes body; /* after the four bytes of the header, without padding */
};

/* Takes the next packet off `r`. False at the end, and where the bytes break the format: then
 * `r->bad` is set, and what was read before still counts. */
bool ic_rtcp_next(struct ic_reader *r, struct ic_rtcp *out);

/* What one receiver says of one source. */
struct ic_rtcp_report {
    uint32_t ssrc;
    uint8_t fraction_lost; /* of 256, since the last report */
    int32_t lost;          /* in total; 24 bits on the wire */
    uint32_t highest;      /* extended sequence number */
    uint32_t jitter;       /* RTP timestamp units */
    uint32_t lsr, dlsr;    /* middle 32 bits of NTP; 1/65536 s */
};

struct ic_rtcp_sr {
    uint32_t ssrc;
    uint64_t ntp;
    uint32_t timestamp;
    uint32_t packets, bytes;
};

/* On error `out` is untouched. */
enum ic_err ic_rtcp_read_sr(struct ic_rtcp_sr *out, const struct ic_rtcp *packet) IC_CHECKED;

/* The report blocks of an SR or RR; returns how many were written to `out`. */
size_t ic_rtcp_read_reports(struct ic_rtcp_report out[IC_RTCP_REPORTS_MAX],
                            const struct ic_rtcp *packet);

/* The addressee of a NACK or PLI: the media source. False if it is cut short. */
bool ic_rtcp_read_media_ssrc(uint32_t *ssrc, const struct ic_rtcp *packet);

/* The sequence numbers that a NACK asks for, in its order, at most `max`; returns how many. */
size_t ic_rtcp_read_nack(uint16_t *seqs, size_t max, const struct ic_rtcp *packet);

/* The sources that a FIR asks for; likewise. */
size_t ic_rtcp_read_fir(uint32_t *ssrcs, size_t max, const struct ic_rtcp *packet);

/* False if `packet` is no REMB. */
bool ic_rtcp_read_remb(uint64_t *bps, const struct ic_rtcp *packet);

void ic_rtcp_write_sr(struct ic_writer *w, const struct ic_rtcp_sr *sr);
/* `count` at most IC_RTCP_REPORTS_MAX; none is an empty RR, which opens a compound. */
void ic_rtcp_write_rr(struct ic_writer *w, uint32_t sender, const struct ic_rtcp_report *reports,
                      size_t count);
/* `cname` is cut after IC_RTCP_CNAME_MAX bytes. */
void ic_rtcp_write_cname(struct ic_writer *w, uint32_t ssrc, const char *cname);
/* `seqs` ascending (in sequence number arithmetic). */
void ic_rtcp_write_nack(struct ic_writer *w, uint32_t sender, uint32_t media, const uint16_t *seqs,
                        size_t count);
void ic_rtcp_write_pli(struct ic_writer *w, uint32_t sender, uint32_t media);

/* 32.32 fixed point and nanoseconds. */
uint64_t ic_ntp_of_ns(int64_t ns);
int64_t ic_ns_of_ntp(uint64_t ntp);

/* Round trip in nanoseconds from a report on an SR that we wrote at our time; 0 if there was none
 * or it makes no sense. */
int64_t ic_rtcp_rtt(const struct ic_rtcp_report *report, int64_t now);
