/* replay.c - windows over frame counters, the least recently used one first to go. */
#include "e2ee/replay.h"

static const struct ic_replay_window *find(const struct ic_replay *replay, uint64_t key)
{
    for (size_t i = 0; i < IC_REPLAY_WINDOWS; i++)
        if (replay->windows[i].key == key)
            return &replay->windows[i];
    return NULL;
}

static bool bit(const struct ic_replay_window *w, uint64_t counter)
{
    return w->seen[counter % IC_REPLAY_SPAN / 64] >> counter % 64 & 1;
}

static void set_bit(struct ic_replay_window *w, uint64_t counter, bool value)
{
    uint64_t mask = UINT64_C(1) << counter % 64;
    uint64_t *word = &w->seen[counter % IC_REPLAY_SPAN / 64];
    *word = value ? *word | mask : *word & ~mask;
}

static bool fresh_in(const struct ic_replay_window *w, uint64_t counter)
{
    if (counter >= w->next)
        return true;
    return w->next - counter <= IC_REPLAY_SPAN && !bit(w, counter);
}

bool ic_replay_fresh(const struct ic_replay *replay, uint64_t key, uint64_t counter, uint64_t floor)
{
    const struct ic_replay_window *w = find(replay, key);
    return w ? fresh_in(w, counter) : counter >= floor;
}

/* A free window, or the one that has rested longest. Everything before `floor` counts as seen. */
static struct ic_replay_window *open_window(struct ic_replay *replay, uint64_t key, uint64_t floor,
                                            struct ic_replay_lost *lost)
{
    struct ic_replay_window *oldest = &replay->windows[0];
    for (size_t i = 0; i < IC_REPLAY_WINDOWS && oldest->key != 0; i++) {
        struct ic_replay_window *w = &replay->windows[i];
        if (w->key == 0 || w->used < oldest->used)
            oldest = w;
    }
    *lost = (struct ic_replay_lost){oldest->key, oldest->next};
    *oldest = (struct ic_replay_window){.key = key, .next = floor};
    memset(oldest->seen, 0xFF, sizeof oldest->seen);
    return oldest;
}

static void advance(struct ic_replay_window *w, uint64_t counter)
{
    if (counter < w->next)
        return;
    uint64_t skipped = counter - w->next;
    if (skipped >= IC_REPLAY_SPAN)
        memset(w->seen, 0, sizeof w->seen);
    else
        for (uint64_t c = w->next; c < counter; c++)
            set_bit(w, c, false);
    w->next = counter + 1;
}

enum ic_err ic_replay_claim(struct ic_replay *replay, uint64_t key, uint64_t counter,
                            uint64_t floor, struct ic_replay_lost *lost)
{
    *lost = (struct ic_replay_lost){0};
    if (!ic_replay_fresh(replay, key, counter, floor))
        return IC_ERR_REPLAYED;
    struct ic_replay_window *w = (struct ic_replay_window *)find(replay, key);
    if (!w)
        w = open_window(replay, key, floor, lost);
    advance(w, counter);
    set_bit(w, counter, true);
    w->used = ++replay->turn;
    return IC_OK;
}
