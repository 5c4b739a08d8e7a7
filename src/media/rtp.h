/* rtp.h - RTP packets as views on somebody else's bytes, and headers written anew.
 *
 * RFC 3550 section 5.1, header extensions in both forms of RFC 8285, and telling apart what shares
 * the port (RFC 7983 section 7, RFC 5761 section 4). */
#pragma once

#include "base/base.h"
#include "media/control.h"

enum {
    IC_RTP_HEADER_LEN = 12,
    IC_RTP_PACKET_MAX = 1500, /* longer packets are malformed to us */
    /* What ic_rtp_write() needs at most: the fixed header, then MID, orientation and TWCC. */
    IC_RTP_WRITE_MAX = IC_RTP_HEADER_LEN + 4 + 24,
    IC_RTP_EXTENDED_MAX = IC_RTP_WRITE_MAX + 3 + 2 + 255 + 3, /* with one more, in long form */
};

enum ic_datagram {
    IC_DATAGRAM_UNKNOWN,
    IC_DATAGRAM_STUN,
    IC_DATAGRAM_DTLS,
    IC_DATAGRAM_RTP,
    IC_DATAGRAM_RTCP,
};

/* Looks at the first two bytes only. */
enum ic_datagram ic_datagram_kind(struct ic_bytes datagram);

/* A view: the slices point into the packet that was parsed. */
struct ic_rtp {
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t seq;
    uint8_t pt;
    bool marker;
    uint16_t header_len;        /* up to the payload, CSRCs and extensions included */
    uint16_t extension_profile; /* 0xBEDE, 0x100X, or something to be skipped */
    struct ic_bytes extensions; /* the elements; empty without the X bit */
    struct ic_bytes payload;
};

/* Reads the header alone, which SRTP leaves in the clear: `payload` is all that follows, with
 * padding and tag. On error `out` is untouched. */
enum ic_err ic_rtp_parse_header(struct ic_rtp *out, struct ic_bytes packet) IC_CHECKED;

/* Reads a whole decrypted packet; padding is cut off the payload. On error `out` is untouched. */
enum ic_err ic_rtp_parse(struct ic_rtp *out, struct ic_bytes packet) IC_CHECKED;

/* The values of the extensions whose ids are in `ids` (0: not wanted), in one pass. What is absent
 * has `at` NULL. Elements after one that runs past the end are absent. */
void ic_rtp_extensions(const struct ic_rtp *rtp, const uint8_t ids[IC_EXTENSIONS],
                       struct ic_bytes values[IC_EXTENSIONS]);

/* A header to be sent. Its extensions are MID, orientation and TWCC, each only if it has an id
 * (1-14); nothing that came from elsewhere gets through. */
struct ic_rtp_header {
    uint32_t ssrc;
    uint32_t timestamp;
    uint16_t seq;
    uint8_t pt;
    bool marker;
};

/* The part of a stream's headers that never changes, made once. Every header of one stream has the
 * same length, with or without an orientation, so that packets of equal payload stay equal. */
struct ic_rtp_template {
    uint8_t bytes[IC_RTP_WRITE_MAX];
    uint8_t len;
    uint8_t orientation_at; /* offset of the element; 0: not negotiated */
    uint8_t orientation_id;
    uint8_t twcc_at; /* offset of the value; 0: not negotiated */
};

/* `mid` shorter than IC_MID_SIZE; `ext` as in struct ic_line. */
void ic_rtp_template_init(struct ic_rtp_template *t, const char *mid,
                          const uint8_t ext[IC_EXTENSIONS]);

/* Writes `t->len` bytes that count, into room for IC_RTP_WRITE_MAX. The two bytes at `t->twcc_at`
 * are left zero for the sender of the datagram, who alone knows the transport-wide number.
 * `orientation` is one byte (3GPP TS 26.114 section 7.4.5), or negative for none. */
void ic_rtp_write(uint8_t *out, const struct ic_rtp_template *t, const struct ic_rtp_header *header,
                  int orientation);

/* Adds an element to a header that ic_rtp_write() wrote for `t`, all in the two-byte form if it is
 * too long for the other, and says where the transport-wide number now is (0: nowhere). Returns the
 * new length, at most IC_RTP_EXTENDED_MAX. `value` has 1 to 255 bytes, `id` is 1-14. */
uint16_t ic_rtp_append_extension(uint8_t *out, const struct ic_rtp_template *t, uint8_t id,
                                 struct ic_bytes value, uint16_t *twcc_at);

/* Nanoseconds in units of an RTP clock. */
static inline uint32_t ic_rtp_ticks(int64_t ns, uint32_t clock_hz)
{
    return (uint32_t)(ns / IC_NS_PER_MS * clock_hz / 1000 +
                      ns % IC_NS_PER_MS * clock_hz / IC_NS_PER_SEC);
}

/* `a - b` in sequence number arithmetic: positive if `a` is newer. */
static inline int16_t ic_seq_diff(uint16_t a, uint16_t b)
{
    return (int16_t)(uint16_t)(a - b);
}
