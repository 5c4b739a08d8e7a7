/* participant.h - one client in one meeting, as far as the server may know: no name. No I/O, no
 * clock. */
#pragma once

#include "server/bucket.h"
#include "server/config.h"
#include "server/grammar.h"

enum { IC_RESUME_MS = 60 * 1000 }; /* a lost socket may come back for so long */

/* What a slot shows. All zero: nothing. */
struct ic_point {
    uint32_t transport; /* whose, as the media worker knows it; 0: nothing */
    uint8_t participant[IC_ID_LEN];
    uint8_t stream; /* enum ic_stream */
    uint8_t layer;  /* 0 l, 1 m, 2 h */
};

/* One m-section of the participant's connection, with what is known of it. */
struct ic_path_line {
    struct ic_line line;
    uint8_t slot; /* enum ic_slot_kind, when line.is_slot */
    struct ic_point point;
    bool untold;         /* the worker was not told of `point` yet */
    int64_t shown_since; /* since when `point` shows this stream */
};

/* Which layers a stream of somebody's should have; see demand.h. Zeroed: all. */
struct ic_demand {
    uint8_t spared;      /* layers at the top that are not asked for */
    int64_t spare_since; /* more could be spared; 0: no */
    uint8_t codec;       /* enum ic_codec that was asked for; IC_CODEC_OPUS: none yet */
};

/* Which layers of somebody's streams cross to a worker that is not his, a bit each. */
struct ic_crossing {
    uint8_t layers[IC_STREAMS];
};

struct ic_participant {
    uint8_t id[IC_ID_LEN];
    uint8_t resume[IC_TOKEN_LEN];
    bool is_host, is_keeper;
    void *session;           /* of the caller; NULL while the socket is lost */
    int64_t away_since;      /* meaningful while `session` is NULL */
    struct ic_waiter *entry; /* how it came in; owned */
    struct ic_bucket messages;
    int64_t relays_at; /* when it got TURN credentials last; 0: never */

    bool live[IC_STREAMS];
    uint32_t height[IC_STREAMS]; /* captured; 0: not said */
    struct ic_demand demand[IC_STREAMS];
    bool speaking;
    int64_t spoke_at; /* speaking: since when; silent: until when */

    uint32_t connection; /* the highest number seen; 0: none */
    uint32_t transport;  /* 0: no media path */
    uint32_t worker;     /* where the path leads, if there is one */
    struct ic_path_line lines[IC_LINES_MAX];
    uint32_t line_count;
    struct ic_msg_show wishes[IC_SLOTS_MAX];
    uint32_t wish_count;

    /* By worker; see shares.h. */
    struct ic_crossing taken[IC_CONFIG_WORKERS_MAX], shared[IC_CONFIG_WORKERS_MAX];
};

static inline bool ic_participant_is_on(const struct ic_participant *p, uint32_t worker)
{
    return p->transport != 0 && p->worker == worker;
}

/* Does `p` send `stream` now, over a line that a worker knows? */
const struct ic_path_line *ic_participant_sends(const struct ic_participant *p,
                                                enum ic_stream stream);

/* Replaces what is live by the whole list of a `live` message. IC_ERR_MALFORMED: one twice. */
enum ic_err ic_participant_set_live(struct ic_participant *p, const struct ic_msg_live *streams,
                                    uint32_t count) IC_CHECKED;

/* The media path is gone: nothing is sent, no slot shows anything, nothing crosses. */
void ic_participant_lose_path(struct ic_participant *p);
