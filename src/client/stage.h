/* stage.h - which cameras and screens a headless participant asks to see: the first screen on the
 * stage, and as many cameras as it has tiles, each staying in its tile while it is live. */
#pragma once

#include "base/base.h"
#include "client/messages.h"
#include "client/options.h"
#include "client/roster.h"

struct ic_stage {
    uint8_t tiles[IC_TILES_MAX][IC_PARTICIPANT_LEN];
    bool tile_used[IC_TILES_MAX];
    uint8_t screen[IC_PARTICIPANT_LEN];
    bool screen_used;
};

/* A new connection knows nothing of the old one's slots. */
void ic_stage_forget(struct ic_stage *stage);

/* Decides anew. True if it differs from what the server knows: then `shows` is to be said. */
bool ic_stage_update(struct ic_stage *stage, const struct ic_connect *connect,
                     const struct ic_roster *roster, uint32_t height,
                     struct ic_show shows[IC_SLOTS_MAX], size_t *count);

/* Tells the roster which streams should arrive: what is shown, and every voice unless the server
 * chooses among too many. */
void ic_stage_want(const struct ic_stage *stage, struct ic_roster *roster, bool receiving,
                   bool crowded);
