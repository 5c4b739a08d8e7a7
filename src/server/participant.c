/* participant.c - bookkeeping of one client. */
#include "server/participant.h"

const struct ic_path_line *ic_participant_sends(const struct ic_participant *p,
                                                enum ic_stream stream)
{
    if (!p->live[stream] || p->transport == 0)
        return NULL;
    for (uint32_t i = 0; i < p->line_count; i++)
        if (!p->lines[i].line.is_slot && p->lines[i].line.stream == stream)
            return &p->lines[i];
    return NULL;
}

enum ic_err ic_participant_set_live(struct ic_participant *p, const struct ic_msg_live *streams,
                                    uint32_t count)
{
    bool live[IC_STREAMS] = {false};
    uint32_t height[IC_STREAMS] = {0};

    for (uint32_t i = 0; i < count; i++) {
        uint32_t stream = streams[i].stream;
        if (live[stream])
            return IC_ERR_MALFORMED;
        live[stream] = true;
        height[stream] = streams[i].height;
    }
    for (int stream = 0; stream < IC_STREAMS; stream++)
        if (live[stream] && !p->live[stream])
            p->demand[stream] = (struct ic_demand){0};
    memcpy(p->live, live, sizeof live);
    memcpy(p->height, height, sizeof height);
    if (!live[IC_STREAM_MICROPHONE])
        p->speaking = false;
    return IC_OK;
}

void ic_participant_lose_path(struct ic_participant *p)
{
    p->transport = 0;
    p->line_count = 0;
    memset(p->demand, 0, sizeof p->demand);
    memset(p->taken, 0, sizeof p->taken);
    memset(p->shared, 0, sizeof p->shared);
}
