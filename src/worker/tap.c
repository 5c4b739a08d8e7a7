/* tap.c - each record is: 4 bytes big-endian length, 1 byte payload type, the payload. */
#include "worker/tap.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypto/random.h"
#include "media/rtp.h"
#include "media/vp8.h"

enum { KEY_HEADER_LEN = 10, DELTA_HEADER_LEN = 1 };

static FILE *record;
static bool noise;

void ic_tap_open(void)
{
    const char *path = getenv("INCAMERA_PAYLOAD_TAP");
    const char *wants_noise = getenv("INCAMERA_PAYLOAD_NOISE");

    if (path)
        record = fopen(path, "ab");
    noise = wants_noise && strcmp(wants_noise, "1") == 0;
}

static void write_record(const struct ic_rtp *rtp)
{
    uint8_t head[5];
    struct ic_writer w = ic_writer_of(head, sizeof head);

    ic_write_uint(&w, rtp->payload.len, 4);
    ic_write_uint(&w, rtp->pt, 1);
    fwrite(head, 1, sizeof head, record);
    fwrite(rtp->payload.at, 1, rtp->payload.len, record);
    fflush(record);
}

static const struct ic_upstream *stream_of(const struct ic_publisher *p, uint8_t pt)
{
    for (size_t i = 0; i < IC_PUBLISHER_STREAMS; i++)
        if (p->lines[i].used && (p->upstreams[i].pt == pt || p->upstreams[i].rtx_pt == pt))
            return &p->upstreams[i];
    return NULL;
}

/* Bytes at the front of a payload that are in the clear by design. */
static size_t clear_len(const struct ic_upstream *up, const struct ic_rtp *rtp)
{
    size_t osn = rtp->pt == up->rtx_pt ? 2 : 0;
    struct ic_vp8 vp8;

    if (up->codec != IC_CODEC_VP8 || rtp->payload.len < osn)
        return osn;
    struct ic_bytes payload = {rtp->payload.at + osn, rtp->payload.len - osn};
    if (ic_vp8_parse(&vp8, payload) != IC_OK)
        return osn;
    size_t header = vp8.key_start ? KEY_HEADER_LEN : DELTA_HEADER_LEN;
    return osn + vp8.len + (vp8.start && vp8.partition == 0 ? header : 0);
}

void ic_tap_packet(const struct ic_publisher *from, uint8_t *bytes, size_t len)
{
    struct ic_rtp rtp;

    if ((!record && !noise) || ic_rtp_parse(&rtp, (struct ic_bytes){bytes, len}) != IC_OK)
        return;
    if (record)
        write_record(&rtp);
    const struct ic_upstream *up = stream_of(from, rtp.pt);
    if (!noise || !up)
        return;
    size_t clear = clear_len(up, &rtp);
    if (clear < rtp.payload.len)
        ic_random_fill(bytes + (rtp.payload.at - bytes) + clear, rtp.payload.len - clear);
}
