/* The built-in pattern and tone: frames of a chosen bit rate that carry the time of their sending.
 */
#include "client/pattern.h"

static const uint8_t magic[4] = {'I', 'C', 'P', 'F'};

size_t ic_pattern_frame_len(uint64_t bps, uint32_t number, bool key)
{
    uint64_t mean = bps / 8 / IC_PATTERN_FPS;
    /* Five sizes in turn, from 2/3 to 4/3 of the mean, whose mean is the mean. */
    static const uint8_t sixths[] = {4, 7, 5, 8, 6};
    uint64_t len = key ? 6 * mean : mean * sixths[number % IC_COUNT(sixths)] / 6;
    return len < IC_PATTERN_LEAST ? IC_PATTERN_LEAST : (size_t)len;
}

uint8_t ic_pattern_rate(uint32_t rates, uint32_t place)
{
    static const uint8_t two[] = {0, 1}, three[] = {0, 2, 1, 2};
    if (rates == 3)
        return three[place % IC_COUNT(three)];
    return rates == 2 ? two[place % IC_COUNT(two)] : 0;
}

/* A show-able first partition of no length; 640 x 360 on key frames. */
static const struct {
    uint8_t bytes[10];
    size_t len;
} headers[] = {
    [IC_PATTERN_TONE] = {{0xF8}, 1}, /* CELT, fullband, 20 ms, mono, one frame */
    [IC_PATTERN_DELTA] = {{0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 10},
    [IC_PATTERN_KEY] = {{0x10, 0, 0, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68, 0x01}, 10},
};

void ic_pattern_fill(uint8_t *frame, size_t len, enum ic_pattern_kind kind,
                     const struct ic_stamp *stamp)
{
    struct ic_writer w = ic_writer_of(frame, len);
    ic_write_bytes(&w, (struct ic_bytes){headers[kind].bytes, headers[kind].len});
    ic_write_bytes(&w, (struct ic_bytes){magic, sizeof magic});
    ic_write_uint(&w, stamp->number, 4);
    ic_write_uint(&w, (uint64_t)stamp->monotonic_ns, 8);
    ic_write_uint(&w, (uint64_t)stamp->wall_ns, 8);
    memset(frame + w.len, (int)(stamp->number & 0xFF), len - w.len);
}

static bool read_behind(struct ic_stamp *out, struct ic_bytes frame, size_t header_len)
{
    struct ic_reader r = ic_reader_of(frame);
    struct ic_stamp stamp;

    ic_read_bytes(&r, header_len);
    struct ic_bytes start = ic_read_bytes(&r, sizeof magic);
    stamp.number = (uint32_t)ic_read_uint(&r, 4);
    stamp.monotonic_ns = (int64_t)ic_read_uint(&r, 8);
    stamp.wall_ns = (int64_t)ic_read_uint(&r, 8);
    if (r.bad || memcmp(start.at, magic, sizeof magic) != 0)
        return false;
    *out = stamp;
    return true;
}

bool ic_pattern_read(struct ic_stamp *out, struct ic_bytes frame)
{
    return read_behind(out, frame, headers[IC_PATTERN_TONE].len) ||
           read_behind(out, frame, headers[IC_PATTERN_KEY].len);
}
