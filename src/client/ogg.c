/* Reads and writes Opus in Ogg (RFC 3533, RFC 7845).
 *
 * A page is a 27-byte header, a table of segment lengths, and the segments. A packet is a chain
 * of segments of 255 bytes and a last one that is shorter; it may go on in the next page. */
#include "client/ogg.h"

enum {
    PAGE_HEADER_LEN = 27,
    CHECKSUM_AT = 22,
    SEGMENT_FULL = 255,
    FLAG_CONTINUED = 1,
    FLAG_FIRST = 2,
    FLAG_LAST = 4,
    PRE_SKIP = 312, /* what encoders of 20 ms frames leave to skip */
};

/* CRC-32 of polynomial 0x04C11DB7, not reflected, starting at 0 (RFC 3533 section 6). */
static uint32_t checksum(uint32_t crc, const uint8_t *at, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        crc ^= (uint32_t)at[i] << 24;
        for (int bit = 0; bit < 8; bit++)
            crc = crc << 1 ^ (crc >> 31 ? UINT32_C(0x04C11DB7) : 0);
    }
    return crc;
}

static uint32_t page_checksum(struct ic_bytes page)
{
    static const uint8_t zero[4] = {0};
    uint32_t crc = checksum(0, page.at, CHECKSUM_AT);
    crc = checksum(crc, zero, sizeof zero);
    return checksum(crc, page.at + CHECKSUM_AT + 4, page.len - CHECKSUM_AT - 4);
}

static uint32_t little32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* Where a page does not go on with what the page before it left unfinished, one of the two was
 * lost: the half packet is dropped, whichever side of the cut it is on. */
static void start_page(struct ic_ogg *ogg, struct ic_bytes lacing, struct ic_bytes body,
                       bool continued)
{
    if (lacing.len > 0)
        memcpy(ogg->lacing, lacing.at, lacing.len);
    ogg->lacing_len = lacing.len;
    ogg->lacing_at = 0;
    ogg->body = body;
    if (!continued) {
        ogg->packet_len = 0;
        ogg->too_long = false;
    } else if (!ogg->unfinished) {
        ogg->too_long = true;
    }
    ogg->unfinished = lacing.len > 0 && lacing.at[lacing.len - 1] == SEGMENT_FULL;
}

/* Takes the next page of the stream into `ogg->lacing` and `ogg->body`. */
static enum ic_err next_page(struct ic_ogg *ogg, bool any_serial)
{
    for (;;) {
        struct ic_reader r = ic_reader_of(ogg->rest);
        if (ogg->rest.len == 0)
            return IC_ERR_NOT_FOUND;
        struct ic_bytes header = ic_read_bytes(&r, PAGE_HEADER_LEN);
        if (r.bad || memcmp(header.at, "OggS", 4) != 0 || header.at[4] != 0)
            return IC_ERR_MALFORMED;
        struct ic_bytes lacing = ic_read_bytes(&r, header.at[26]);
        size_t body_len = 0;
        for (size_t i = 0; i < lacing.len; i++)
            body_len += lacing.at[i];
        struct ic_bytes body = ic_read_bytes(&r, body_len);
        struct ic_bytes page = {header.at, ogg->rest.len - r.rest.len};
        if (r.bad || (!ogg->unchecked && page_checksum(page) != little32(header.at + CHECKSUM_AT)))
            return IC_ERR_MALFORMED;
        ogg->rest = r.rest;
        if (any_serial)
            ogg->serial = little32(header.at + 14);
        else if (little32(header.at + 14) != ogg->serial)
            continue;
        start_page(ogg, lacing, body, header.at[5] & FLAG_CONTINUED);
        return IC_OK;
    }
}

static void take_segment(struct ic_ogg *ogg, size_t len)
{
    if (len > sizeof ogg->packet - ogg->packet_len)
        ogg->too_long = true;
    if (!ogg->too_long && len > 0) {
        memcpy(ogg->packet + ogg->packet_len, ogg->body.at, len);
        ogg->packet_len += len;
    }
    ogg->body = (struct ic_bytes){ogg->body.at + len, ogg->body.len - len};
}

/* The next whole packet, of any kind; those that are too long come out empty. */
static enum ic_err next_packet(struct ic_ogg *ogg, bool any_serial, struct ic_bytes *packet)
{
    ogg->packet_len = 0;
    ogg->too_long = false;
    for (;;) {
        while (ogg->lacing_at < ogg->lacing_len) {
            size_t len = ogg->lacing[ogg->lacing_at++];
            take_segment(ogg, len);
            if (len == SEGMENT_FULL)
                continue;
            *packet = (struct ic_bytes){ogg->packet, ogg->too_long ? 0 : ogg->packet_len};
            return IC_OK;
        }
        enum ic_err err = next_page(ogg, any_serial);
        if (err != IC_OK)
            return err;
        any_serial = false;
    }
}

enum ic_err ic_ogg_open(struct ic_ogg *ogg, struct ic_bytes file, bool unchecked)
{
    struct ic_bytes packet;

    memset(ogg, 0, sizeof *ogg);
    ogg->rest = file;
    ogg->unchecked = unchecked;
    if (next_packet(ogg, true, &packet) != IC_OK || packet.len < IC_OPUS_HEAD_LEN ||
        memcmp(packet.at, "OpusHead", 8) != 0 || packet.at[8] >> 4 != 0 || packet.at[9] == 0 ||
        packet.at[9] > 2)
        return IC_ERR_MALFORMED;
    ogg->channels = packet.at[9];
    ogg->pre_skip = (uint16_t)(packet.at[10] | packet.at[11] << 8);
    return next_packet(ogg, false, &packet) == IC_OK ? IC_OK : IC_ERR_MALFORMED;
}

enum ic_err ic_ogg_next(struct ic_ogg *ogg, struct ic_bytes *packet)
{
    enum ic_err err;
    do {
        err = next_packet(ogg, false, packet);
    } while (err == IC_OK && packet->len == 0);
    return err;
}

uint32_t ic_opus_duration(struct ic_bytes packet)
{
    static const uint16_t silk[] = {480, 960, 1920, 2880}, hybrid[] = {480, 960},
                          celt[] = {120, 240, 480, 960};
    if (packet.len == 0)
        return 0;
    uint8_t toc = packet.at[0], config = toc >> 3;
    uint32_t one = config < 12   ? silk[config & 3]
                   : config < 16 ? hybrid[config & 1]
                                 : celt[config & 3];
    uint32_t count = 1;
    if ((toc & 3) == 1 || (toc & 3) == 2)
        count = 2;
    else if ((toc & 3) == 3)
        count = packet.len > 1 ? packet.at[1] & 0x3F : 0;
    return count * one <= IC_OPUS_SAMPLES_MAX ? count * one : 0;
}

static void write_little(uint8_t *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

void ic_ogg_write_page(struct ic_writer *w, const struct ic_ogg_page *page, struct ic_bytes packet)
{
    size_t segments = packet.len / SEGMENT_FULL + 1;
    size_t header_len = PAGE_HEADER_LEN + segments;
    if (segments > 255) {
        w->bad = true;
        return;
    }
    uint8_t *at = ic_write_room(w, header_len + packet.len);
    if (!at)
        return;

    memset(at, 0, PAGE_HEADER_LEN);
    memcpy(at, "OggS", 4);
    at[5] = (uint8_t)((page->first ? FLAG_FIRST : 0) | (page->last ? FLAG_LAST : 0));
    write_little(at + 6, page->granule, 8);
    write_little(at + 14, page->serial, 4);
    write_little(at + 18, page->number, 4);
    at[26] = (uint8_t)segments;
    memset(at + PAGE_HEADER_LEN, SEGMENT_FULL, segments - 1);
    at[header_len - 1] = (uint8_t)(packet.len % SEGMENT_FULL);
    if (packet.len > 0)
        memcpy(at + header_len, packet.at, packet.len);
    write_little(at + CHECKSUM_AT, page_checksum((struct ic_bytes){at, header_len + packet.len}),
                 4);
}

void ic_ogg_write_head(struct ic_writer *w, uint32_t serial, uint8_t channels)
{
    uint8_t head[IC_OPUS_HEAD_LEN] = "OpusHead\x01";
    head[9] = channels;
    write_little(head + 10, PRE_SKIP, 2);
    write_little(head + 12, IC_OPUS_RATE, 4);

    static const char vendor[] = "incamera";
    uint8_t tags[8 + 4 + sizeof vendor - 1 + 4] = "OpusTags";
    write_little(tags + 8, sizeof vendor - 1, 4);
    memcpy(tags + 12, vendor, sizeof vendor - 1);

    struct ic_ogg_page page = {.serial = serial, .first = true};
    ic_ogg_write_page(w, &page, (struct ic_bytes){head, sizeof head});
    page = (struct ic_ogg_page){.serial = serial, .number = 1};
    ic_ogg_write_page(w, &page, (struct ic_bytes){tags, sizeof tags});
}
