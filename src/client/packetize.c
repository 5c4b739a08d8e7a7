/* Cuts frames and writes RTP headers (RFC 3550 section 5.1, RFC 8285 one-byte extensions). */
#include "client/packetize.h"

#include "media/vp8.h"

enum { VERSION = 2 << 6, EXTENSION = 1 << 4, MARKER = 1 << 7, ONE_BYTE_PROFILE = 0xBEDE };

struct ic_cut ic_cut_frame(size_t frame_len, size_t payload_max)
{
    size_t room = payload_max - IC_VP8_DESCRIPTOR_MAX;
    size_t count = (frame_len + room - 1) / room;
    return (struct ic_cut){count > 0 ? count : 1, frame_len};
}

/* The first `frame_len % count` parts are one byte longer. */
struct ic_bytes ic_cut_part(const struct ic_cut *cut, const uint8_t *frame, size_t i)
{
    size_t len = cut->frame_len / cut->count, longer = cut->frame_len % cut->count;
    size_t at = i * len + (i < longer ? i : longer);
    return (struct ic_bytes){frame + at, len + (i < longer)};
}

static void write_extension(struct ic_writer *w, uint8_t id, const void *value, size_t len)
{
    if (id == 0 || len == 0 || len > 16)
        return;
    ic_write_uint(w, (uint64_t)id << 4 | (len - 1), 1);
    ic_write_bytes(w, (struct ic_bytes){value, len});
}

size_t ic_send_header_write(uint8_t out[IC_RTP_HEADROOM], const struct ic_send_header *h)
{
    struct ic_writer w = ic_writer_of(out, IC_RTP_HEADROOM);
    uint8_t twcc[2] = {(uint8_t)(h->twcc >> 8), (uint8_t)h->twcc};

    ic_write_uint(&w, VERSION | EXTENSION, 1);
    ic_write_uint(&w, (h->marker ? MARKER : 0) | h->pt, 1);
    ic_write_uint(&w, h->seq, 2);
    ic_write_uint(&w, h->timestamp, 4);
    ic_write_uint(&w, h->ssrc, 4);
    ic_write_uint(&w, ONE_BYTE_PROFILE, 2);
    uint8_t *words = ic_write_room(&w, 2);
    size_t start = w.len;

    write_extension(&w, h->ext[IC_EXT_MID], h->mid, strlen(h->mid));
    write_extension(&w, h->ext[h->repaired ? IC_EXT_RRID : IC_EXT_RID], &h->rid, h->rid != 0);
    write_extension(&w, h->ext[IC_EXT_TWCC], twcc, sizeof twcc);
    while ((w.len - start) % 4 != 0)
        ic_write_uint(&w, 0, 1);
    words[0] = 0;
    words[1] = (uint8_t)((w.len - start) / 4);
    return w.len;
}
