/* Every packet begins with version, padding, count, type and its length in words less one. */
#include "media/rtcp.h"

#include <assert.h>

enum {
    HEADER_LEN = 4,
    VERSION_2 = 0x80,
    VERSION_MASK = 0xC0,
    PADDING = 0x20,
    COUNT_MASK = 0x1F,
    SR_LEN = 24, /* sender's SSRC and info */
    REPORT_LEN = 24,
    SDES_CNAME = 1,
    NACK_SPAN = 16, /* packets that the bit mask covers behind the first */
};

bool ic_rtcp_next(struct ic_reader *r, struct ic_rtcp *out)
{
    if (r->bad || r->rest.len == 0)
        return false;
    uint8_t first = (uint8_t)ic_read_uint(r, 1);
    uint8_t type = (uint8_t)ic_read_uint(r, 1);
    size_t len = (size_t)ic_read_uint(r, 2) * 4;
    struct ic_bytes body = ic_read_bytes(r, len);
    if (!r->bad && first & PADDING) {
        uint8_t padding = len > 0 ? body.at[len - 1] : 0;
        r->bad = padding == 0 || padding > len;
        body.len -= r->bad ? 0 : padding;
    }
    if (r->bad || (first & VERSION_MASK) != VERSION_2) {
        r->bad = true;
        return false;
    }
    *out = (struct ic_rtcp){type, first & COUNT_MASK, body};
    return true;
}

enum ic_err ic_rtcp_read_sr(struct ic_rtcp_sr *out, const struct ic_rtcp *packet)
{
    struct ic_reader r = ic_reader_of(packet->body);
    struct ic_rtcp_sr sr;
    sr.ssrc = (uint32_t)ic_read_uint(&r, 4);
    sr.ntp = ic_read_uint(&r, 8);
    sr.timestamp = (uint32_t)ic_read_uint(&r, 4);
    sr.packets = (uint32_t)ic_read_uint(&r, 4);
    sr.bytes = (uint32_t)ic_read_uint(&r, 4);
    if (r.bad || packet->type != IC_RTCP_SR)
        return IC_ERR_MALFORMED;
    *out = sr;
    return IC_OK;
}

static struct ic_rtcp_report read_report(struct ic_reader *r)
{
    struct ic_rtcp_report report;
    report.ssrc = (uint32_t)ic_read_uint(r, 4);
    report.fraction_lost = (uint8_t)ic_read_uint(r, 1);
    report.lost = (int32_t)((uint32_t)ic_read_uint(r, 3) << 8) / 256;
    report.highest = (uint32_t)ic_read_uint(r, 4);
    report.jitter = (uint32_t)ic_read_uint(r, 4);
    report.lsr = (uint32_t)ic_read_uint(r, 4);
    report.dlsr = (uint32_t)ic_read_uint(r, 4);
    return report;
}

size_t ic_rtcp_read_reports(struct ic_rtcp_report out[IC_RTCP_REPORTS_MAX],
                            const struct ic_rtcp *packet)
{
    struct ic_reader r = ic_reader_of(packet->body);
    if (packet->type != IC_RTCP_SR && packet->type != IC_RTCP_RR)
        return 0;
    ic_read_bytes(&r, packet->type == IC_RTCP_SR ? SR_LEN : 4);
    size_t count = 0;
    while (!r.bad && count < packet->count && r.rest.len >= REPORT_LEN)
        out[count++] = read_report(&r);
    return count;
}

bool ic_rtcp_read_media_ssrc(uint32_t *ssrc, const struct ic_rtcp *packet)
{
    struct ic_reader r = ic_reader_of(packet->body);
    ic_read_bytes(&r, 4);
    uint32_t value = (uint32_t)ic_read_uint(&r, 4);
    if (r.bad)
        return false;
    *ssrc = value;
    return true;
}

/* The items after sender and media SSRC, if the packet is of this type and format. */
static struct ic_reader feedback_items(const struct ic_rtcp *packet, uint8_t type, uint8_t format)
{
    struct ic_reader r = ic_reader_of(packet->body);
    ic_read_bytes(&r, 8);
    if (packet->type != type || packet->count != format)
        r = (struct ic_reader){.bad = true};
    return r;
}

size_t ic_rtcp_read_nack(uint16_t *seqs, size_t max, const struct ic_rtcp *packet)
{
    struct ic_reader r = feedback_items(packet, IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_NACK);
    size_t count = 0;
    while (r.rest.len >= 4) {
        uint16_t first = (uint16_t)ic_read_uint(&r, 2);
        uint32_t wanted = 1 | (uint32_t)ic_read_uint(&r, 2) << 1;
        for (uint16_t i = 0; i <= NACK_SPAN; i++)
            if (wanted >> i & 1 && count < max)
                seqs[count++] = (uint16_t)(first + i);
    }
    return count;
}

size_t ic_rtcp_read_fir(uint32_t *ssrcs, size_t max, const struct ic_rtcp *packet)
{
    struct ic_reader r = feedback_items(packet, IC_RTCP_PAYLOAD_FEEDBACK, IC_RTCP_FIR);
    size_t count = 0;
    while (r.rest.len >= 8 && count < max) {
        ssrcs[count++] = (uint32_t)ic_read_uint(&r, 4);
        ic_read_bytes(&r, 4); /* sequence number and reserved: we throttle by time */
    }
    return count;
}

bool ic_rtcp_read_remb(uint64_t *bps, const struct ic_rtcp *packet)
{
    struct ic_reader r = feedback_items(packet, IC_RTCP_PAYLOAD_FEEDBACK, IC_RTCP_REMB);
    uint32_t name = (uint32_t)ic_read_uint(&r, 4);
    uint32_t value = (uint32_t)ic_read_uint(&r, 4);
    uint64_t mantissa = value & 0x3FFFF;
    unsigned exponent = value >> 18 & 0x3F;
    if (r.bad || name != 0x52454D42 /* "REMB" */ || mantissa << exponent >> exponent != mantissa)
        return false;
    *bps = mantissa << exponent;
    return true;
}

/* `body_len` is a multiple of four. False, and `bad`, if the whole does not fit. */
static bool begin(struct ic_writer *w, uint8_t type, size_t count, size_t body_len)
{
    if (w->bad || w->size - w->len < HEADER_LEN + body_len) {
        w->bad = true;
        return false;
    }
    ic_write_uint(w, VERSION_2 | count, 1);
    ic_write_uint(w, type, 1);
    ic_write_uint(w, body_len / 4, 2);
    return true;
}

void ic_rtcp_write_sr(struct ic_writer *w, const struct ic_rtcp_sr *sr)
{
    if (!begin(w, IC_RTCP_SR, 0, SR_LEN))
        return;
    ic_write_uint(w, sr->ssrc, 4);
    ic_write_uint(w, sr->ntp, 8);
    ic_write_uint(w, sr->timestamp, 4);
    ic_write_uint(w, sr->packets, 4);
    ic_write_uint(w, sr->bytes, 4);
}

static void write_report(struct ic_writer *w, const struct ic_rtcp_report *report)
{
    ic_write_uint(w, report->ssrc, 4);
    ic_write_uint(w, report->fraction_lost, 1);
    ic_write_uint(w, (uint32_t)report->lost & 0xFFFFFF, 3);
    ic_write_uint(w, report->highest, 4);
    ic_write_uint(w, report->jitter, 4);
    ic_write_uint(w, report->lsr, 4);
    ic_write_uint(w, report->dlsr, 4);
}

void ic_rtcp_write_rr(struct ic_writer *w, uint32_t sender, const struct ic_rtcp_report *reports,
                      size_t count)
{
    assert(count <= IC_RTCP_REPORTS_MAX);
    if (!begin(w, IC_RTCP_RR, count, 4 + REPORT_LEN * count))
        return;
    ic_write_uint(w, sender, 4);
    for (size_t i = 0; i < count; i++)
        write_report(w, &reports[i]);
}

void ic_rtcp_write_cname(struct ic_writer *w, uint32_t ssrc, const char *cname)
{
    static const uint8_t zeros[4];
    size_t len = strnlen(cname, IC_RTCP_CNAME_MAX);
    size_t pad = 4 - (2 + len) % 4; /* at least one zero ends the list */
    if (!begin(w, IC_RTCP_SDES, 1, 4 + 2 + len + pad))
        return;
    ic_write_uint(w, ssrc, 4);
    ic_write_uint(w, SDES_CNAME, 1);
    ic_write_uint(w, len, 1);
    ic_write_bytes(w, (struct ic_bytes){(const uint8_t *)cname, len});
    ic_write_bytes(w, (struct ic_bytes){zeros, pad});
}

/* How many of `seqs` go into one item, and the mask of those after the first. */
static size_t nack_item(const uint16_t *seqs, size_t count, uint16_t *mask)
{
    size_t taken = 1;
    *mask = 0;
    for (; taken < count; taken++) {
        uint16_t ahead = (uint16_t)(seqs[taken] - seqs[0]);
        if (ahead == 0 || ahead > NACK_SPAN)
            break;
        *mask |= (uint16_t)(1u << (ahead - 1));
    }
    return taken;
}

static size_t nack_items(const uint16_t *seqs, size_t count)
{
    size_t items = 0;
    uint16_t mask;
    for (size_t i = 0; i < count; items++)
        i += nack_item(seqs + i, count - i, &mask);
    return items;
}

void ic_rtcp_write_nack(struct ic_writer *w, uint32_t sender, uint32_t media, const uint16_t *seqs,
                        size_t count)
{
    size_t items = nack_items(seqs, count);
    if (!begin(w, IC_RTCP_TRANSPORT_FEEDBACK, IC_RTCP_NACK, 8 + 4 * items))
        return;
    ic_write_uint(w, sender, 4);
    ic_write_uint(w, media, 4);
    for (size_t i = 0; i < count;) {
        uint16_t mask;
        uint16_t first = seqs[i];
        i += nack_item(seqs + i, count - i, &mask);
        ic_write_uint(w, first, 2);
        ic_write_uint(w, mask, 2);
    }
}

void ic_rtcp_write_pli(struct ic_writer *w, uint32_t sender, uint32_t media)
{
    if (!begin(w, IC_RTCP_PAYLOAD_FEEDBACK, IC_RTCP_PLI, 8))
        return;
    ic_write_uint(w, sender, 4);
    ic_write_uint(w, media, 4);
}

uint64_t ic_ntp_of_ns(int64_t ns)
{
    uint64_t seconds = (uint64_t)(ns / IC_NS_PER_SEC);
    uint64_t rest = (uint64_t)(ns % IC_NS_PER_SEC);
    return seconds << 32 | ((rest << 32) + (uint64_t)IC_NS_PER_SEC / 2) / (uint64_t)IC_NS_PER_SEC;
}

int64_t ic_ns_of_ntp(uint64_t ntp)
{
    uint64_t fraction = (ntp & UINT32_MAX) * (uint64_t)IC_NS_PER_SEC;
    return (int64_t)((ntp >> 32) * (uint64_t)IC_NS_PER_SEC + ((fraction + (1u << 31)) >> 32));
}

int64_t ic_rtcp_rtt(const struct ic_rtcp_report *report, int64_t now)
{
    if (report->lsr == 0)
        return 0;
    uint32_t middle = (uint32_t)(ic_ntp_of_ns(now) >> 16);
    uint32_t rtt = middle - report->lsr - report->dlsr; /* 1/65536 s */
    if (rtt > 60u << 16)
        return 0;
    return (int64_t)rtt * IC_NS_PER_SEC >> 16;
}
