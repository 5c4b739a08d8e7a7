/* peer.h - one transport of the load: ICE, DTLS and SRTP of a client, and as little else as
 * possible, so that the load's own work does not hide the server's.
 *
 * Its frames come in bursts, as an encoder makes them. The last eight bytes of every payload are
 * the wall clock at sending; a receiver opens one packet in BENCH_SAMPLE_EVERY to read it and only
 * counts the others. */
#pragma once

#include "bench/measure.h"
#include "crypto/dtls.h"
#include "media/ice_client.h"
#include "media/srtp.h"
#include "media/twcc.h"

enum {
    BENCH_VIDEO_LEN = 1200, /* on the wire, with SRTP's tag */
    BENCH_AUDIO_LEN = 160,
    BENCH_SAMPLE_EVERY = 8,
    BENCH_OPUS_PT = 111,
    BENCH_VP8_PT = 96,
    BENCH_MID_EXT = 1,
    BENCH_TWCC_EXT = 2,
    BENCH_RID_EXT = 3,
    BENCH_RTX_PT = BENCH_VP8_PT + 1,
    BENCH_LOWER_LAYERS = 2,     /* of simulcast, below the one that is counted */
    BENCH_LOWER_SSRC = 1 << 20, /* theirs are not below */
};

struct bench_stream {
    uint32_t ssrc;
    uint8_t pt;
    uint64_t index; /* rollover count and sequence number of the next packet */
    uint32_t timestamp;
    struct ic_rtp_template *head;
};

struct bench_peer {
    uint32_t room, member;   /* a member may have two peers, one to send and one to receive */
    uint32_t senders, taken; /* of the scenario */
    bool sends, receives, features;
    int fd;
    uint16_t port; /* ours */
    struct ic_ice_credentials ours, theirs;
    uint8_t fingerprint[IC_FINGERPRINT_LEN]; /* theirs */
    struct ic_ice_client ice;
    bool started; /* checks go out */
    bool failed;
    struct ic_dtls *dtls;
    enum ic_srtp_profile profile;
    struct ic_srtp_sender *sender; /* with `receiver`: the transport is up */
    struct ic_srtp_receiver *receiver;
    struct bench_stream audio, video, lower[BENCH_LOWER_LAYERS];
    struct ic_twcc_receiver *twcc; /* with features */
    uint32_t frame;                /* counts frames sent */
    uint16_t transport_seq;
    int64_t video_at, audio_at; /* when the next is due */
    uint64_t sent, received;
    int64_t voice_at, voice_gap; /* arrival of the newest, and the longest between two */
    void *of_system;             /* whatever the measured system keeps about it */
};

/* Opens the socket and draws credentials and SSRCs. Ends the program when the system refuses. */
void bench_peer_open(struct bench_peer *p, uint32_t number);
void bench_peer_close(struct bench_peer *p);

/* Where packets go. */
void bench_peer_aim(struct bench_peer *p, const char *address, uint16_t port);

/* `theirs` and `fingerprint` are known: begins the checks. */
void bench_peer_start(struct bench_peer *p, const char *address, uint16_t port, int64_t now);
bool bench_peer_up(const struct bench_peer *p);

/* Keys without a handshake, for the limit. */
void bench_peer_set_keys(struct bench_peer *p, const struct ic_srtp_keys *keys);

/* Checks, consent and handshake flights that are due. */
void bench_peer_advance(struct bench_peer *p, struct ic_dtls_context *dtls, int64_t now);

/* Reads what has come; times of sampled packets go to `samples`. */
void bench_peer_receive(struct bench_peer *p, struct ic_dtls_context *dtls, int64_t now,
                        struct bench_samples *samples);

/* The first half of a frame's packets is a byte shorter than the others. */
extern bool bench_uneven;

/* One frame of `packets`, and one packet of sound. */
void bench_peer_send_frame(struct bench_peer *p, uint32_t packets);
void bench_peer_send_sound(struct bench_peer *p);
