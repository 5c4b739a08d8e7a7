/* receiver.h - what one participant receives: slots, repair, opening and reports.
 *
 *   peer -> RTX unwrapped -> jitter (whole frames in order) -> ic_frame_open -> roster
 *             \-> NACK for what is missing, PLI where only a key frame helps */
#pragma once

#include "base/base.h"
#include "client/jitter.h"
#include "client/messages.h"
#include "client/peer.h"
#include "client/roster.h"
#include "client/sender.h"
#include "client/stats.h"
#include "e2ee/e2ee.h"

/* What a receiver works with and does not own. */
struct ic_receiver_context {
    struct ic_e2ee *core;
    struct ic_roster *roster;
    struct ic_stats *stats;
    struct ic_cells *cells;
    struct ic_frame_buffers *buffers;
};

struct ic_receiver;

/* For the slots of `connect` that `answer` accepted. All memory that receiving needs is taken here.
 */
enum ic_err ic_receiver_new(struct ic_receiver **out, const struct ic_connect *connect,
                            const struct ic_heard *answer,
                            const struct ic_receiver_context *context, int64_t now) IC_CHECKED;
void ic_receiver_free(struct ic_receiver *receiver);

/* Points the slots as the server says, where the senders' own word agrees. Call after every `slots`
 * and every change of the roster. */
void ic_receiver_point(struct ic_receiver *receiver, const struct ic_slot_pointer *slots,
                       size_t count, int64_t now);

void ic_receiver_rtp(struct ic_receiver *receiver, uint8_t *packet, size_t len, int64_t now,
                     int64_t arrived_wall);

/* One packet of a compound about what we receive: sender reports. */
void ic_receiver_rtcp(struct ic_receiver *receiver, const struct ic_rtcp *packet, int64_t now);

/* Opens frames that waited, asks for what is missing, reports. `ssrc` is one of ours. */
void ic_receiver_advance(struct ic_receiver *receiver, struct ic_peer *peer, uint32_t ssrc,
                         int64_t now);
int64_t ic_receiver_next_timeout(const struct ic_receiver *receiver);
