/* Reads and writes the IVF container, in which vpxenc leaves VP8. */
#include "client/ivf.h"

static uint64_t read_little(struct ic_reader *r, size_t size)
{
    struct ic_bytes b = ic_read_bytes(r, size);
    uint64_t value = 0;
    for (size_t i = b.len; i > 0; i--)
        value = value << 8 | b.at[i - 1];
    return value;
}

static void write_little(uint8_t *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> 8 * i);
}

enum ic_err ic_ivf_open(struct ic_ivf *out, struct ic_bytes file)
{
    struct ic_reader r = ic_reader_of(file);
    struct ic_ivf ivf = {0};

    struct ic_bytes magic = ic_read_bytes(&r, 4);
    uint64_t version = read_little(&r, 2);
    uint64_t header_len = read_little(&r, 2);
    struct ic_bytes fourcc = ic_read_bytes(&r, 4);
    ivf.width = (uint16_t)read_little(&r, 2);
    ivf.height = (uint16_t)read_little(&r, 2);
    ivf.rate = (uint32_t)read_little(&r, 4);
    ivf.scale = (uint32_t)read_little(&r, 4);
    ic_read_bytes(&r, 8); /* a frame count that writers leave wrong, and four unused bytes */

    if (r.bad || !ic_bytes_equal(magic, ic_bytes_of_text("DKIF")) || version != 0 ||
        header_len != IC_IVF_HEADER_LEN || ivf.rate == 0 || ivf.scale == 0)
        return IC_ERR_MALFORMED;
    memcpy(ivf.fourcc, fourcc.at, fourcc.len);
    ivf.rest = r.rest;
    *out = ivf;
    return IC_OK;
}

enum ic_err ic_ivf_next(struct ic_ivf *ivf, struct ic_ivf_frame *out)
{
    struct ic_reader r = ic_reader_of(ivf->rest);
    struct ic_ivf_frame frame;

    if (ivf->rest.len == 0)
        return IC_ERR_NOT_FOUND;
    size_t len = (size_t)read_little(&r, 4);
    frame.ticks = read_little(&r, 8);
    if (r.bad || len == 0 || len > IC_IVF_FRAME_MAX)
        return IC_ERR_MALFORMED;
    frame.data = ic_read_bytes(&r, len);
    if (r.bad)
        return IC_ERR_MALFORMED;
    ivf->rest = r.rest;
    *out = frame;
    return IC_OK;
}

void ic_ivf_write_header(uint8_t out[IC_IVF_HEADER_LEN], const struct ic_ivf *ivf,
                         uint32_t frame_count)
{
    memset(out, 0, IC_IVF_HEADER_LEN);
    memcpy(out, "DKIF", 4);
    write_little(out + 6, IC_IVF_HEADER_LEN, 2);
    memcpy(out + 8, ivf->fourcc, 4);
    write_little(out + 12, ivf->width, 2);
    write_little(out + 14, ivf->height, 2);
    write_little(out + 16, ivf->rate, 4);
    write_little(out + 20, ivf->scale, 4);
    write_little(out + 24, frame_count, 4);
}

void ic_ivf_write_frame_header(uint8_t out[IC_IVF_FRAME_HEADER_LEN], uint32_t len, uint64_t ticks)
{
    write_little(out, len, 4);
    write_little(out + 4, ticks, 8);
}
