/* rig.h - a worker process and small clients of it, for tests that see the whole.
 *
 *     test ── socketpair ── incamera-media ── UDP on loopback ── peer 1, peer 2, ...  (in the test)
 *
 * Everything runs on the test's one thread: a peer moves when the rig is pumped. */
#pragma once

#include "crypto/certificate.h"
#include "crypto/dtls.h"
#include "media/control.h"
#include "media/ice_client.h"
#include "media/rtcp.h"
#include "media/rtp.h"
#include "media/srtp.h"

enum {
    PEERS_MAX = 8,
    GOT_MAX = 512,
    GOT_BYTES = 1500,
    MID_ID = 4, /* our ids of header extensions */
    TWCC_ID = 3,
    RID_ID = 10,
    RRID_ID = 11,
    RELAY_CHANNEL = 0x4000, /* of a TURN server, for the worker */
    VOICE_PT = 111,
    VIDEO_PT = 96,
    VIDEO_RTX_PT = 97,
};

/* A decrypted packet that a peer got. */
struct got {
    bool rtcp;
    size_t len;
    uint8_t bytes[GOT_BYTES];
};

struct peer {
    uint32_t transport; /* 0: free */
    int fd;
    bool over_tcp, over_relay;
    uint16_t twcc_seq;
    struct ic_ice_credentials ours, theirs; /* theirs: the worker's */
    struct ic_ice_client ice;
    struct ic_certificate *certificate;
    struct ic_dtls_context *context;
    struct ic_dtls *dtls;
    struct ic_srtp_sender *sender;
    struct ic_srtp_receiver *receiver;
    bool checking;                 /* answers and sends connectivity checks */
    enum ic_transport_state state; /* as the worker said */
    size_t datagrams;              /* of any kind that came */
    size_t got_count;
    struct got got[GOT_MAX];
};

struct rig {
    pid_t pid;
    int control;
    uint16_t port;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    struct ic_worker_stats stats;
    struct ic_transport_stats transport_stats; /* the last that was asked for */
    bool ended;                                /* the worker closed its end */
    struct peer peers[PEERS_MAX];
};

/* What rig_start() starts. */
extern const char *rig_program;

/* Runs in the child instead of the program; the control socket is `fd`. */
typedef int rig_child(int fd);

/* Starts the program, or with `child` a fork of the test, and waits until it is ready. */
void rig_start(struct rig *r, rig_child *child);
/* Says stop and returns the exit status as of waitpid(). */
int rig_stop(struct rig *r);

void rig_tell(struct rig *r, const struct ic_control *message);

/* Asks how the path to `p` is; the answer comes while time passes. */
void rig_ask(struct rig *r, const struct peer *p);

/* A peer whose transport is known to the worker, in `room`, with `lines`. It does nothing yet. */
struct peer *rig_add(struct rig *r, uint32_t room, const struct ic_line *lines, uint32_t count);
void rig_remove(struct rig *r, struct peer *p);
void rig_point(struct rig *r, struct peer *to, uint32_t line, struct peer *source,
               enum ic_stream stream, uint8_t layer);

/* Checks and handshake until the worker says that it connected or failed, or a long time has
 * passed. */
void rig_try(struct rig *r, struct peer *p);
/* The same, and fails the test if it did not connect. */
void rig_connect(struct rig *r, struct peer *p);

/* Lets time pass. */
void rig_pump(struct rig *r, int ms);
/* Pumps until `p` has got `count` packets or `ms` have passed; returns how many it has. */
size_t rig_pump_until(struct rig *r, const struct peer *p, size_t count, int ms);

int64_t rig_now(void);

/* Lines as a browser would have them: a voice and a video send line, and slots. */
struct ic_line rig_voice_line(const char *mid);
struct ic_line rig_video_line(const char *mid);
struct ic_line rig_slot(const char *mid, enum ic_codec codec, uint32_t ssrc);

/* An RTP packet with MID and transport-wide number and `payload`, sealed and sent. */
struct rig_packet {
    const char *mid;
    uint8_t pt;
    bool marker;
    uint32_t ssrc;
    uint32_t seq; /* extended: the rollover count above the 16 bits */
    uint32_t timestamp;
    struct ic_bytes payload;
};
void rig_send(struct rig *r, struct peer *p, const struct rig_packet *packet);
/* Writes the sealed packet instead; returns its length. */
size_t rig_seal(struct peer *p, const struct rig_packet *packet, uint8_t out[GOT_BYTES]);
/* Seals and sends a compound RTCP packet. */
void rig_send_rtcp(struct rig *r, struct peer *p, struct ic_bytes compound);
/* Sends bytes to the worker as they are, from any UDP socket. */
void rig_send_raw(const struct rig *r, int fd, struct ic_bytes bytes);
/* From now on this peer speaks over a TCP connection (RFC 6544). */
void rig_use_tcp(const struct rig *r, struct peer *p);

/* Another address on loopback. */
int rig_socket(void);
/* Datagrams that came to it within `ms`. */
size_t rig_count_datagrams(int fd, int ms);

/* The packets of `p` with this SSRC, in order; returns how many, at most `max`. */
size_t rig_find(const struct peer *p, uint32_t ssrc, struct ic_rtp *out, size_t max);
/* RTCP packets that `p` got, of this type and count field. */
size_t rig_count_rtcp(const struct peer *p, uint8_t type, uint8_t count);
