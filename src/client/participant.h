/* participant.h - one headless participant, from opening the socket to leaving.
 *
 *   idle -> opening -> entering -> entered -> answered -> connected -> gone
 *                             \-> waiting -/
 *             ^ socket lost: again, with the resume token; media goes on meanwhile
 *                                    ^ media lost: a new connection
 */
#pragma once

#include <stdio.h>
#include <uv.h>

#include "base/base.h"
#include "client/jitter.h"
#include "client/link.h"
#include "client/peer.h"
#include "client/sender.h"
#include "client/signalling.h"
#include "client/stats.h"

/* What all participants of the process share, and never change once the first has started. */
struct ic_company {
    uv_loop_t *loop;
    struct ic_signalling_hub *hub;
    struct ic_peer_shared peer;
    struct ic_frame_buffers *buffers;
    struct ic_cells cells;
    struct ic_stats *stats;
    struct ic_media media;
    uint8_t fingerprint[IC_FINGERPRINT_LEN];
    const char *name;
    const char *passcode; /* or NULL */
    const char *title;    /* or NULL */
    bool numbered;        /* names get the ordinal behind them */
    uint32_t show, height;
    const char *write_dir;
    uint16_t suite;         /* of groups that are founded */
    bool again;             /* a host's meeting was founded before */
    bool admits;            /* who may, lets everybody in, */
    int64_t admit_after_ns; /* so much later */
    FILE *control;          /* where to tell what conferences show; or NULL */
    const struct ic_tamper *tamper;
    /* A participant has finished: left, was told that the meeting ended (`why` is NULL), could not
     * join, or had to go (`was_in`). */
    void (*finished)(void *owner, const char *why, bool was_in);
    /* The meeting that somebody was told to create is there; its link is complete. */
    void (*created)(void *owner);
    void *owner;
};

/* What one is to do. */
struct ic_part {
    uint32_t ordinal;
    bool sends, receives;
    const uint8_t *start_token; /* creates the meeting first; IC_LINK_TOKEN_LEN bytes, or NULL */
};

struct ic_participant;

/* `company` and `link` must outlive it; `link` gets its meeting from the one who creates it.
 * IC_ERR_SYSTEM: no memory. */
enum ic_err ic_participant_new(struct ic_participant **out, const struct ic_company *company,
                               struct ic_link *link, const struct ic_part *part) IC_CHECKED;
/* Its timer needs another turn of the loop. */
void ic_participant_free(struct ic_participant *participant);

void ic_participant_start(struct ic_participant *participant, int64_t now);

/* Says goodbye; `finished` follows, soon. Without effect when it has finished. */
void ic_participant_leave(struct ic_participant *participant);

/* A line of control.h, or `leave`, or `count`, which tells what this process has counted. */
void ic_participant_command(struct ic_participant *participant, const char *line);

bool ic_participant_connected(const struct ic_participant *participant);

/* What last kept it from joining, as one sentence; empty: nothing. */
const char *ic_participant_problem(const struct ic_participant *participant);

/* Others that it knows of. */
uint32_t ic_participant_people(const struct ic_participant *participant);

/* Adds to the company's statistics what is only looked at once a second. */
void ic_participant_second(struct ic_participant *participant, int64_t now);
