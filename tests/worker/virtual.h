/* virtual.h - a worker in the test's own process, on a clock that the test moves: minutes pass in
 * milliseconds, and nothing depends on how busy the machine is.
 *
 *     person 1, person 2, ... ── packets by function call ── ic_ingress() ... sendmmsg() of the
 * test
 *
 * Nothing is sent on a network. The worker's code is the whole of it but epoll and the system
 * calls that read; people use the product's own ICE, DTLS and SRTP. */
#pragma once

#include "crypto/certificate.h"
#include "media/ice_client.h"
#include "media/srtp.h"
#include "media/twcc.h"
#include "tests/net/link.h"
#include "worker/worker.h"

enum {
    VIRTUAL_PEOPLE = 24,
    VIRTUAL_SSRCS = 16,
    VIRTUAL_VOICE_PT = 111,
    VIRTUAL_VIDEO_PT = 96,
    VIRTUAL_BYTES_MAX = 1500,
    VIRTUAL_TWCC_ID = 3, /* in a line's extensions, for who reports */
    VIRTUAL_RID_ID = 10,
    VIRTUAL_IP_UDP = 28, /* what a path carries beyond a datagram */
};

#define VIRTUAL_STEP_NS IC_NS_PER_MS

struct virtual_world;

struct virtual_heard {
    uint32_t ssrc, packets;
    uint16_t seq; /* of the newest */
};

struct person;
/* An RTP or RTCP packet that came to the person, opened. */
typedef void virtual_hear(struct virtual_world *v, struct person *p, uint8_t *bytes, size_t len);

struct person {
    uint32_t transport;
    struct ic_path path;
    struct ic_ice_credentials ours, theirs; /* theirs: the worker's */
    struct ic_ice_client ice;
    struct ic_dtls *dtls;
    struct ic_srtp_sender *sender;
    struct ic_srtp_receiver *receiver;
    bool checking; /* sends connectivity checks */
    enum ic_transport_state state;
    uint32_t seq;
    size_t datagrams, bytes; /* of any kind that came */
    size_t reports;          /* RTCP that came */
    int64_t last_at;         /* when */
    struct virtual_heard heard[VIRTUAL_SSRCS];
    struct ic_twcc_receiver *twcc; /* NULL: it sends no transport-wide feedback */
    struct net_link *up, *down;    /* what its packets pass through; NULL: no network at all */
    int64_t busy_until;            /* its machine does something else: what comes waits */
    virtual_hear *on_rtp, *on_rtcp;
    void *owner; /* of these two */
};

struct virtual_world {
    struct ic_worker *worker;
    int control;
    struct ic_certificate *certificate;
    struct ic_dtls_context *context;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_worker_stats stats;
    uint32_t count;
    struct person people[VIRTUAL_PEOPLE];
    size_t stranger_datagrams, stranger_bytes; /* sent to an address of nobody */
};

/* One world at a time. */
void virtual_start(struct virtual_world *v);
void virtual_stop(struct virtual_world *v);

struct person *virtual_join(struct virtual_world *v, uint32_t room, const struct ic_line *lines,
                            uint32_t count);
/* The person reports when packets came; its slots need VIRTUAL_TWCC_ID. `twcc` lives as long. */
void virtual_report_arrivals(struct person *p, struct ic_twcc_receiver *twcc);
/* `from` NULL: at nothing. */
void virtual_point(struct virtual_world *v, struct person *to, uint32_t line, struct person *from,
                   enum ic_stream stream);

/* Called each step, before the worker's turn. */
typedef void virtual_act(struct virtual_world *v, uint32_t step);

/* Lets `ms` pass; `act` may be NULL. */
void virtual_run(struct virtual_world *v, uint32_t ms, virtual_act *act);
/* The same until everybody is connected; how many milliseconds it took. Fails after 30 s. */
uint32_t virtual_connect(struct virtual_world *v, virtual_act *act);

/* The person's next packet, 12 bytes of header and a payload of zeroes; VP8 is all one key frame a
 * packet. */
void virtual_send(struct virtual_world *v, struct person *p, uint8_t pt, uint32_t ssrc,
                  size_t payload_len);
/* The same with a payload that begins with `front`. */
void virtual_send_with(struct virtual_world *v, struct person *p, uint8_t pt, uint32_t ssrc,
                       struct ic_bytes front, size_t payload_len);
/* A packet with all numbers the caller's own. */
struct virtual_rtp {
    uint8_t pt;
    bool marker;
    char rid; /* in the extension VIRTUAL_RID_ID; 0: none */
    uint32_t ssrc, timestamp;
    uint64_t index; /* rollover count and sequence number */
    struct ic_bytes front;
    size_t payload_len; /* of which `front` is the beginning */
};
void virtual_send_rtp(struct virtual_world *v, struct person *p, const struct virtual_rtp *packet);
/* Seals a compound RTCP packet and sends it. */
void virtual_report(struct virtual_world *v, struct person *p, struct ic_bytes compound);
/* The person's next packet, as it would be sent, into `out`; its length. */
size_t virtual_seal(struct person *p, uint8_t pt, uint32_t ssrc, size_t payload_len,
                    uint8_t out[VIRTUAL_BYTES_MAX]);
/* Any bytes from any address. */
void virtual_feed(struct virtual_world *v, const struct ic_path *path, struct ic_bytes bytes);
/* A way that nobody has; `number` tells several apart. */
struct ic_path virtual_stranger(uint16_t number);

/* RTP packets with this SSRC that the person could open. */
uint32_t virtual_got(const struct person *p, uint32_t ssrc);

/* How the path to the person is. */
struct ic_transport_stats virtual_stats(struct virtual_world *v, const struct person *p);

/* The number of the newest of them. */
uint16_t virtual_newest(const struct person *p, uint32_t ssrc);

struct ic_line virtual_send_line(enum ic_stream stream);
struct ic_line virtual_slot(enum ic_stream stream, uint32_t ssrc);
