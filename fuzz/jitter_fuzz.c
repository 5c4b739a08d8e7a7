/* Packets in any order, of any shape: cells come back, and frames are what was put in. */
#include "client/jitter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CELLS = 40 };

static void take_frames(struct ic_jitter *jitter, int64_t now)
{
    static uint8_t out[CELLS * 256];
    struct ic_jitter_frame frame;
    enum ic_err err;
    while ((err = ic_jitter_next(jitter, now, out, sizeof out, &frame)) != IC_ERR_NOT_FOUND) {
        if (err != IC_OK || frame.len > sizeof out)
            __builtin_trap();
        ic_jitter_done(jitter);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t payload[256];
    static struct ic_cells cells;
    static struct ic_jitter jitter;
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    uint32_t seq = 1 << 16;
    int64_t now = 0;

    if (!cells.bytes && ic_cells_new(&cells, CELLS) != IC_OK)
        return 0;
    ic_jitter_init(&jitter, &cells, 10);
    while (r.rest.len >= 5) {
        uint8_t flags = (uint8_t)ic_read_uint(&r, 1);
        int step = (int16_t)ic_read_uint(&r, 2);
        seq += (uint32_t)(flags & 0x80 ? step : step / 256);
        struct ic_jitter_packet packet = {.seq = seq,
                                          .timestamp = flags >> 4 & 7,
                                          .arrived = now,
                                          .first = flags & 1,
                                          .last = flags & 2,
                                          .key = flags & 4};
        packet.payload = (struct ic_bytes){payload, (size_t)ic_read_uint(&r, 1)};
        now += (int64_t)ic_read_uint(&r, 1);
        if (ic_jitter_put(&jitter, &packet) == IC_ERR_MALFORMED)
            __builtin_trap();
        take_frames(&jitter, now);
        if (ic_jitter_next_timeout(&jitter) <= now)
            __builtin_trap();
    }
    ic_jitter_clear(&jitter);
    if (cells.free_count != CELLS)
        __builtin_trap();
    return 0;
}
