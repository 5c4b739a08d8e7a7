/* srtp.h - SRTP and SRTCP of one transport (RFC 3711, RFC 7714).
 *
 * Everything is sealed and opened in place; nothing allocates after `new`. Authentication comes
 * before any change of state. Not thread-safe: a transport lives on one worker. */
#pragma once

#include "base/base.h"
#include "media/srtp_keys.h"

enum {
    IC_SRTP_OVERHEAD = 16,     /* most that sealing an RTP packet adds */
    IC_SRTCP_OVERHEAD = 20,    /* and an RTCP packet: tag, flag and index */
    IC_SRTP_SEND_WINDOW = 512, /* an index this far behind the newest may still be sent, once */
    IC_SRTP_RTP_WINDOW = 1024,
    IC_SRTP_RTCP_WINDOW = 128,
};

/* The two directions of a transport. */
struct ic_srtp_sender;
struct ic_srtp_receiver;

/* `streams` is how many SSRCs the direction can hold, those of RTCP counted apart; more are
 * IC_ERR_FULL. `session` may be wiped afterwards. IC_ERR_SYSTEM: no memory. */
enum ic_err ic_srtp_sender_new(struct ic_srtp_sender **out, enum ic_srtp_profile profile,
                               const struct ic_srtp_session *session, size_t streams) IC_CHECKED;
void ic_srtp_sender_free(struct ic_srtp_sender *sender);
enum ic_err ic_srtp_receiver_new(struct ic_srtp_receiver **out, enum ic_srtp_profile profile,
                                 const struct ic_srtp_session *session, size_t streams,
                                 size_t rtcp_streams) IC_CHECKED;
void ic_srtp_receiver_free(struct ic_srtp_receiver *receiver);

/* One RTP packet in somebody's slab; `bytes` has room for IC_SRTP_OVERHEAD more than `len`. */
struct ic_srtp_packet {
    uint8_t *bytes;
    size_t len;
    size_t header_len; /* fixed header, CSRCs and extensions */
    uint32_t ssrc;     /* as in the header */
    uint64_t index;    /* 48 bits: rollover count, then the header's sequence number */
};

/* Seals and grows `len`. An index is good for one use on its SSRC: IC_ERR_REPLAYED when it was
 * used or lies further back than the window, IC_ERR_EXHAUSTED past 48 bits, IC_ERR_FULL for one
 * SSRC too many. On error the packet must not be sent and its bytes are undefined. */
enum ic_err ic_srtp_seal(struct ic_srtp_sender *sender, struct ic_srtp_packet *packet) IC_CHECKED;

/* Opens the packet of `*len` bytes and shortens it. `index` is the 48-bit extended sequence number.
 * IC_ERR_MALFORMED: too short or not RTP; IC_ERR_FORGED; IC_ERR_REPLAYED; IC_ERR_FULL. On error
 * nothing has changed but, perhaps, the bytes. */
enum ic_err ic_srtp_open(struct ic_srtp_receiver *receiver, uint8_t *packet, size_t *len,
                         uint64_t *index) IC_CHECKED;

/* Seals a compound RTCP packet of at least 8 bytes and grows `*len` by at most IC_SRTCP_OVERHEAD.
 * IC_ERR_EXHAUSTED after 2^31 packets. */
enum ic_err ic_srtcp_seal(struct ic_srtp_sender *sender, uint8_t *packet, size_t *len) IC_CHECKED;

/* As ic_srtp_open(); packets that are not encrypted (E flag 0) are IC_ERR_MALFORMED. */
enum ic_err ic_srtcp_open(struct ic_srtp_receiver *receiver, uint8_t *packet,
                          size_t *len) IC_CHECKED;
