/* Loads IVF and Ogg/Opus files into a table of frames. */
#include "client/clip.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "client/ivf.h"
#include "client/ogg.h"

enum { FILE_MAX = 256 << 20, FRAMES_MAX = 1 << 20 };

static enum ic_err load_file(struct ic_bytes *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat status;
    uint8_t *memory = NULL;
    enum ic_err err = IC_ERR_SYSTEM;

    if (!file || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_size > FILE_MAX)
        goto out;
    memory = malloc((size_t)status.st_size + 1);
    if (!memory || fread(memory, 1, (size_t)status.st_size, file) != (size_t)status.st_size)
        goto out;
    *out = (struct ic_bytes){memory, (size_t)status.st_size};
    memory = NULL;
    err = IC_OK;
out:
    free(memory);
    if (file)
        fclose(file);
    return err;
}

/* Adds a frame; IC_ERR_FULL past FRAMES_MAX or without memory. */
static enum ic_err add_frame(struct ic_clip *clip, const struct ic_clip_frame *frame)
{
    bool grow = (clip->count & (clip->count - 1)) == 0; /* at 0, 1, 2, 4, 8 ... */
    size_t size = clip->count == 0 ? 1 : 2 * clip->count;
    if (grow) {
        struct ic_clip_frame *frames =
            size <= FRAMES_MAX ? realloc(clip->frames, size * sizeof *frames) : NULL;
        if (!frames)
            return IC_ERR_FULL;
        clip->frames = frames;
    }
    clip->frames[clip->count++] = *frame;
    return IC_OK;
}

static enum ic_err read_ivf(struct ic_clip *clip, struct ic_bytes file)
{
    struct ic_ivf ivf;
    struct ic_ivf_frame in;
    enum ic_err err = ic_ivf_open(&ivf, file);
    if (err != IC_OK || strcmp(ivf.fourcc, "VP80") != 0)
        return IC_ERR_MALFORMED;
    clip->width = ivf.width;
    clip->height = ivf.height;

    int64_t last = 0;
    double tick_ns = 1e9 * ivf.scale / ivf.rate;
    while ((err = ic_ivf_next(&ivf, &in)) == IC_OK) {
        double at = tick_ns * (double)in.ticks;
        struct ic_clip_frame frame = {in.data, at < 9e15 ? (int64_t)at : last,
                                      !(in.data.at[0] & 1)};
        if (frame.at_ns < last || (clip->count == 0 && !frame.key))
            return IC_ERR_MALFORMED;
        last = frame.at_ns;
        if (add_frame(clip, &frame) != IC_OK)
            return IC_ERR_FULL;
    }
    clip->duration_ns = last + (clip->count > 1 ? last / (int64_t)(clip->count - 1) : 0);
    return err == IC_ERR_NOT_FOUND ? IC_OK : err;
}

/* Packets are copied, since Ogg may scatter one over pages; `memory` takes their place. */
static enum ic_err read_ogg(struct ic_clip *clip, struct ic_bytes file)
{
    struct ic_ogg *ogg = malloc(sizeof *ogg);
    struct ic_bytes packet;
    uint64_t samples = 0;
    size_t used = 0;
    uint8_t *copy = malloc(file.len + 1);
    enum ic_err err = ogg && copy ? ic_ogg_open(ogg, file, false) : IC_ERR_SYSTEM;

    while (err == IC_OK && (err = ic_ogg_next(ogg, &packet)) == IC_OK) {
        uint32_t duration = ic_opus_duration(packet);
        if (duration == 0) {
            err = IC_ERR_MALFORMED;
            break;
        }
        memcpy(copy + used, packet.at, packet.len);
        struct ic_clip_frame frame = {
            {copy + used, packet.len}, (int64_t)(samples * 1000000 / 48), false};
        used += packet.len;
        samples += duration;
        err = add_frame(clip, &frame);
    }
    clip->duration_ns = (int64_t)(samples * 1000000 / 48);
    free(ogg);
    free(clip->memory);
    clip->memory = copy;
    return err == IC_ERR_NOT_FOUND ? IC_OK : err;
}

enum ic_err ic_clip_load(struct ic_clip *out, const char *path, enum ic_codec codec,
                         const char **why)
{
    struct ic_clip clip = {.codec = codec};
    struct ic_bytes file;

    if (load_file(&file, path) != IC_OK) {
        *why = "cannot be read, or is longer than 256 MiB";
        return IC_ERR_SYSTEM;
    }
    clip.memory = (void *)(uintptr_t)file.at;
    enum ic_err err = codec == IC_CODEC_VP8 ? read_ivf(&clip, file) : read_ogg(&clip, file);
    if (err != IC_OK || clip.count == 0 || clip.duration_ns <= 0) {
        ic_clip_clear(&clip);
        *why = codec == IC_CODEC_VP8 ? "is not an IVF file of VP8 that starts with a key frame"
                                     : "is not an Ogg file of Opus";
        return IC_ERR_MALFORMED;
    }
    *out = clip;
    return IC_OK;
}

void ic_clip_clear(struct ic_clip *clip)
{
    free(clip->frames);
    free(clip->memory);
    *clip = (struct ic_clip){0};
}
