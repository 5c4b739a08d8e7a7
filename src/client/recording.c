/* Writes decrypted frames to files. Times follow the RTP time stamps as long as these go on evenly,
 * which they need not where a slot was pointed elsewhere meanwhile. */
#include "client/recording.h"

#include <stdio.h>
#include <stdlib.h>

#include "client/ivf.h"
#include "client/ogg.h"

enum {
    VIDEO_HZ = 90000,
    VIDEO_STEP = VIDEO_HZ / 30, /* where time stamps jump */
    VIDEO_JUMP = 10 * VIDEO_HZ,
    KEY_HEADER_LEN = 10,
    OGG_SERIAL = 1,
};

struct ic_recording {
    FILE *file;
    enum ic_codec codec;
    uint32_t count; /* frames written */
    struct ic_ivf ivf;
    uint32_t timestamp; /* of the last frame */
    uint64_t ticks;
    struct ic_ogg_page page;
};

enum ic_err ic_recording_new(struct ic_recording **out, const char *path, enum ic_codec codec)
{
    struct ic_recording *r = calloc(1, sizeof *r);
    if (!r)
        return IC_ERR_SYSTEM;
    r->codec = codec;
    r->file = fopen(path, "wb");
    if (!r->file) {
        free(r);
        return IC_ERR_SYSTEM;
    }
    *out = r;
    return IC_OK;
}

void ic_recording_free(struct ic_recording *r)
{
    if (!r)
        return;
    if (r->codec == IC_CODEC_VP8 && r->count > 0 && fseek(r->file, 0, SEEK_SET) == 0) {
        uint8_t header[IC_IVF_HEADER_LEN];
        ic_ivf_write_header(header, &r->ivf, r->count);
        fwrite(header, 1, sizeof header, r->file);
    }
    fclose(r->file);
    free(r);
}

/* RFC 6386 section 9.1: 14 bits each for width and height, little-endian. */
static void begin_ivf(struct ic_recording *r, struct ic_bytes frame, uint32_t timestamp)
{
    uint8_t header[IC_IVF_HEADER_LEN];
    r->ivf = (struct ic_ivf){
        .fourcc = "VP80",
        .width = (uint16_t)((frame.at[6] | frame.at[7] << 8) & 0x3FFF),
        .height = (uint16_t)((frame.at[8] | frame.at[9] << 8) & 0x3FFF),
        .rate = VIDEO_HZ,
        .scale = 1,
    };
    ic_ivf_write_header(header, &r->ivf, 0);
    fwrite(header, 1, sizeof header, r->file);
    r->timestamp = timestamp;
}

static void add_video(struct ic_recording *r, struct ic_bytes frame, uint32_t timestamp)
{
    uint8_t header[IC_IVF_FRAME_HEADER_LEN];
    bool key = !(frame.at[0] & 1) && frame.len >= KEY_HEADER_LEN;
    if (r->count == 0 && !key)
        return;
    if (r->count == 0)
        begin_ivf(r, frame, timestamp);
    uint32_t step = timestamp - r->timestamp;
    r->ticks += step < VIDEO_JUMP ? step : VIDEO_STEP;
    r->timestamp = timestamp;
    ic_ivf_write_frame_header(header, (uint32_t)frame.len, r->ticks);
    fwrite(header, 1, sizeof header, r->file);
    fwrite(frame.at, 1, frame.len, r->file);
    r->count++;
}

static void add_audio(struct ic_recording *r, struct ic_bytes frame)
{
    uint8_t bytes[2 * IC_OGG_PACKET_MAX];
    struct ic_writer w = ic_writer_of(bytes, sizeof bytes);
    if (r->count == 0) {
        ic_ogg_write_head(&w, OGG_SERIAL, frame.at[0] & 4 ? 2 : 1);
        r->page = (struct ic_ogg_page){.serial = OGG_SERIAL, .number = 2};
    }
    r->page.granule += ic_opus_duration(frame);
    ic_ogg_write_page(&w, &r->page, frame);
    if (w.bad)
        return;
    fwrite(w.at, 1, w.len, r->file);
    r->page.number++;
    r->count++;
}

void ic_recording_add(struct ic_recording *r, struct ic_bytes frame, uint32_t timestamp)
{
    if (frame.len == 0)
        return;
    if (r->codec == IC_CODEC_VP8)
        add_video(r, frame, timestamp);
    else
        add_audio(r, frame);
}
