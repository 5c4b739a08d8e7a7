/* Fixed header, CSRCs, extension elements, padding: each length is checked before it is used. */
#include "media/rtp.h"

#include <assert.h>

enum {
    VERSION_2 = 0x80,
    VERSION_MASK = 0xC0,
    PADDING = 0x20,
    EXTENSION = 0x10,
    CSRC_MASK = 0x0F,
    MARKER = 0x80,

    ONE_BYTE_PROFILE = 0xBEDE,
    TWO_BYTE_PROFILE = 0x1000, /* the low four bits are the application's */
    TWO_BYTE_MASK = 0xFFF0,
    ONE_BYTE_STOP = 15,
    ONE_BYTE_MOST = 16,
    EXTENSION_HEADER_LEN = 4,
};

static uint16_t load16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t load32(const uint8_t *at)
{
    return (uint32_t)load16(at) << 16 | load16(at + 2);
}

static void store16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void store32(uint8_t *at, uint32_t value)
{
    store16(at, (uint16_t)(value >> 16));
    store16(at + 2, (uint16_t)value);
}

enum ic_datagram ic_datagram_kind(struct ic_bytes datagram)
{
    if (datagram.len < 2)
        return IC_DATAGRAM_UNKNOWN;
    uint8_t first = datagram.at[0], second = datagram.at[1];
    if (first < 4)
        return IC_DATAGRAM_STUN;
    if (first >= 20 && first < 64)
        return IC_DATAGRAM_DTLS;
    if (first >= 128 && first < 192)
        return second >= 192 && second < 224 ? IC_DATAGRAM_RTCP : IC_DATAGRAM_RTP;
    return IC_DATAGRAM_UNKNOWN;
}

/* Adds the length of the extension block at `*len`; false if it does not fit. */
static bool take_extensions(struct ic_rtp *rtp, struct ic_bytes packet, size_t *len)
{
    if (packet.len < *len + EXTENSION_HEADER_LEN)
        return false;
    const uint8_t *at = packet.at + *len;
    size_t body_len = (size_t)load16(at + 2) * 4;
    rtp->extension_profile = load16(at);
    rtp->extensions = (struct ic_bytes){at + EXTENSION_HEADER_LEN, body_len};
    *len += EXTENSION_HEADER_LEN + body_len;
    return *len <= packet.len;
}

enum ic_err ic_rtp_parse_header(struct ic_rtp *out, struct ic_bytes packet)
{
    const uint8_t *at = packet.at;
    if (packet.len < IC_RTP_HEADER_LEN || packet.len > UINT16_MAX ||
        (at[0] & VERSION_MASK) != VERSION_2)
        return IC_ERR_MALFORMED;

    struct ic_rtp rtp = {
        .marker = at[1] & MARKER,
        .pt = at[1] & (uint8_t)~MARKER,
        .seq = load16(at + 2),
        .timestamp = load32(at + 4),
        .ssrc = load32(at + 8),
    };
    size_t len = IC_RTP_HEADER_LEN + 4 * (size_t)(at[0] & CSRC_MASK);
    if (len > packet.len || (at[0] & EXTENSION && !take_extensions(&rtp, packet, &len)))
        return IC_ERR_MALFORMED;
    rtp.header_len = (uint16_t)len;
    rtp.payload = (struct ic_bytes){at + len, packet.len - len};
    *out = rtp;
    return IC_OK;
}

enum ic_err ic_rtp_parse(struct ic_rtp *out, struct ic_bytes packet)
{
    struct ic_rtp rtp;
    if (packet.len > IC_RTP_PACKET_MAX || ic_rtp_parse_header(&rtp, packet) != IC_OK)
        return IC_ERR_MALFORMED;
    if (packet.at[0] & PADDING) {
        size_t padding = rtp.payload.len > 0 ? packet.at[packet.len - 1] : 0;
        if (padding == 0 || padding > rtp.payload.len)
            return IC_ERR_MALFORMED;
        rtp.payload.len -= padding;
    }
    *out = rtp;
    return IC_OK;
}

static void note_element(const uint8_t ids[IC_EXTENSIONS], struct ic_bytes values[IC_EXTENSIONS],
                         uint8_t id, struct ic_bytes value)
{
    for (size_t i = 0; i < IC_EXTENSIONS; i++)
        if (ids[i] == id)
            values[i] = value;
}

/* Takes the next element; false at the end and where processing must stop (RFC 8285 section 4.2).
 */
static bool next_element(struct ic_bytes *rest, bool two_bytes, uint8_t *id, struct ic_bytes *value)
{
    while (rest->len > 0 && rest->at[0] == 0)
        *rest = (struct ic_bytes){rest->at + 1, rest->len - 1};
    size_t head = two_bytes ? 2 : 1;
    if (rest->len < head)
        return false;
    size_t len = two_bytes ? rest->at[1] : (size_t)(rest->at[0] & 0x0F) + 1;
    *id = two_bytes ? rest->at[0] : rest->at[0] >> 4;
    if (*id == 0 || (!two_bytes && *id == ONE_BYTE_STOP) || len > rest->len - head)
        return false;
    *value = (struct ic_bytes){rest->at + head, len};
    *rest = (struct ic_bytes){rest->at + head + len, rest->len - head - len};
    return true;
}

void ic_rtp_extensions(const struct ic_rtp *rtp, const uint8_t ids[IC_EXTENSIONS],
                       struct ic_bytes values[IC_EXTENSIONS])
{
    memset(values, 0, IC_EXTENSIONS * sizeof *values);
    bool two_bytes = (rtp->extension_profile & TWO_BYTE_MASK) == TWO_BYTE_PROFILE;
    if (!two_bytes && rtp->extension_profile != ONE_BYTE_PROFILE)
        return;

    struct ic_bytes rest = rtp->extensions, value;
    uint8_t id;
    while (next_element(&rest, two_bytes, &id, &value))
        note_element(ids, values, id, value);
}

/* Room for an element with `len` bytes of value; returns the offset of the element, or 0 if there
 * is no id and so no element. */
static uint8_t add_element(struct ic_rtp_template *t, uint8_t id, const void *value, size_t len)
{
    if (id == 0)
        return 0;
    uint8_t at = t->len;
    t->bytes[at] = (uint8_t)(id << 4 | (len - 1));
    memcpy(t->bytes + at + 1, value, len);
    t->len = (uint8_t)(at + 1 + len);
    return at;
}

void ic_rtp_template_init(struct ic_rtp_template *t, const char *mid,
                          const uint8_t ext[IC_EXTENSIONS])
{
    const uint8_t first = IC_RTP_HEADER_LEN + EXTENSION_HEADER_LEN;
    size_t mid_len = strlen(mid);
    assert(mid_len < IC_MID_SIZE);
    *t = (struct ic_rtp_template){.len = first, .orientation_id = ext[IC_EXT_ORIENTATION]};

    if (mid_len > 0)
        add_element(t, ext[IC_EXT_MID], mid, mid_len);
    uint8_t twcc = add_element(t, ext[IC_EXT_TWCC], "\0", 2);
    t->twcc_at = twcc ? twcc + 1 : 0;
    t->orientation_at = add_element(t, ext[IC_EXT_ORIENTATION], "", 1);
    t->bytes[0] = VERSION_2;
    if (t->len == first) {
        t->len = IC_RTP_HEADER_LEN;
        return;
    }
    t->len = (uint8_t)((t->len + 3) & ~3);
    t->bytes[0] |= EXTENSION;
    store16(t->bytes + IC_RTP_HEADER_LEN, ONE_BYTE_PROFILE);
    store16(t->bytes + IC_RTP_HEADER_LEN + 2, (uint16_t)((t->len - first) / 4));
}

void ic_rtp_write(uint8_t *out, const struct ic_rtp_template *t, const struct ic_rtp_header *header,
                  int orientation)
{
    memcpy(out, t->bytes, sizeof t->bytes); /* a constant length is quicker */
    out[1] = (uint8_t)(header->pt | (header->marker ? MARKER : 0));
    store16(out + 2, header->seq);
    store32(out + 4, header->timestamp);
    store32(out + 8, header->ssrc);
    if (t->orientation_at) {
        /* Two zero bytes are padding, so the length stays. */
        bool present = orientation >= 0;
        out[t->orientation_at] = present ? (uint8_t)(t->orientation_id << 4) : 0;
        out[t->orientation_at + 1] = present ? (uint8_t)orientation : 0;
    }
}

/* The elements that are there, in the form with two bytes of head. */
static uint16_t lengthen(uint8_t *out, const struct ic_rtp_template *t, uint16_t *twcc_at)
{
    uint8_t before[IC_RTP_WRITE_MAX];
    const uint8_t first = IC_RTP_HEADER_LEN + EXTENSION_HEADER_LEN;
    struct ic_bytes rest = {before + first, t->len - first}, value;
    uint16_t len = first;
    uint8_t id;
    memcpy(before, out, sizeof before);
    while (next_element(&rest, false, &id, &value)) {
        if (value.at == before + t->twcc_at)
            *twcc_at = len + 2;
        out[len] = id;
        out[len + 1] = (uint8_t)value.len;
        memcpy(out + len + 2, value.at, value.len);
        len = (uint16_t)(len + 2 + value.len);
    }
    store16(out + IC_RTP_HEADER_LEN, TWO_BYTE_PROFILE);
    return len;
}

uint16_t ic_rtp_append_extension(uint8_t *out, const struct ic_rtp_template *t, uint8_t id,
                                 struct ic_bytes value, uint16_t *twcc_at)
{
    const uint8_t first = IC_RTP_HEADER_LEN + EXTENSION_HEADER_LEN;
    uint16_t len = t->len;
    *twcc_at = t->twcc_at;
    if (len == IC_RTP_HEADER_LEN) {
        out[0] |= EXTENSION;
        store16(out + IC_RTP_HEADER_LEN, ONE_BYTE_PROFILE);
        len = first;
    }
    if (value.len > ONE_BYTE_MOST) {
        len = t->len > first ? lengthen(out, t, twcc_at) : len;
        store16(out + IC_RTP_HEADER_LEN, TWO_BYTE_PROFILE);
        out[len++] = id;
        out[len++] = (uint8_t)value.len;
    } else {
        out[len++] = (uint8_t)(id << 4 | (value.len - 1));
    }
    memcpy(out + len, value.at, value.len);
    len = (uint16_t)(len + value.len);
    while (len % 4 != 0)
        out[len++] = 0;
    store16(out + IC_RTP_HEADER_LEN + 2, (uint16_t)((len - first) / 4));
    return len;
}
