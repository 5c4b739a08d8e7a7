/* load.h - the participants of a scenario, driven by one thread: the same for every system that is
 * measured. */
#pragma once

#include "bench/peer.h"

struct bench_scenario {
    const char *name;
    uint32_t rooms, senders, members; /* of a room; everybody receives all senders but himself */
    uint32_t packets; /* of a frame: this, give or take two; 1 is always 1, 0: sound only */
    uint32_t fps;
    bool beyond_janus; /* more than it carries: left out for it */
    uint32_t taken;    /* everybody receives so many of the senders at most; 0: all */
    /* three layers are sent, receivers give transport-wide feedback and ask for one packet in a
     * hundred again */
    bool features;
};

enum { BENCH_PEERS_MAX = 1600 };

struct bench_load {
    const struct bench_scenario *scenario;
    struct bench_peer *peers;
    uint32_t count;
    struct ic_certificate *certificate;
    struct ic_dtls_context *dtls;
    uint8_t fingerprint[IC_FINGERPRINT_LEN]; /* ours, of every peer */
    int epoll_fd;
    int drained_fd; /* its messages are read and thrown away; -1: none */
    struct bench_samples samples;
};

/* Makes the peers; with `split` who sends and receives has a transport for each. */
void bench_load_open(struct bench_load *load, const struct bench_scenario *scenario, bool split);
void bench_load_close(struct bench_load *load);

/* Does `a` receive what `b` sends? */
bool bench_receives(const struct bench_peer *a, const struct bench_peer *b);
/* Packets that receivers should get for those sent since the counts were cleared. */
uint64_t bench_load_expected(const struct bench_load *load);
uint64_t bench_load_received(const struct bench_load *load);

/* Messages of `fd` are thrown away while the load runs. */
void bench_load_drain(struct bench_load *load, int fd);

/* Runs for `ns`, sending media or not. */
void bench_load_run(struct bench_load *load, int64_t ns, bool sending);

/* Goes on sending where the last bench_load_run() stopped. */
void bench_load_continue(struct bench_load *load, int64_t ns);

/* Runs without sending until nothing comes any more. */
void bench_load_settle(struct bench_load *load);

/* Runs until all started peers are up. False after `ns`, or when one failed. */
bool bench_load_connect(struct bench_load *load, int64_t ns);

/* Counts and times begin anew. */
void bench_load_clear(struct bench_load *load);
