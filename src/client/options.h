/* options.h - the command line of incamera-client. */
#pragma once

#include <stdio.h>

#include "base/base.h"

enum {
    IC_OPTIONS_LINKS_MAX = 64,
    IC_PARTICIPANTS_MAX = 4096, /* in one process */
    IC_TILES_MAX = 25,
    IC_OPTIONS_VIDEOS_MAX = 3, /* one file a layer */
};

/* Texts point into argv. */
struct ic_options {
    const char *links[IC_OPTIONS_LINKS_MAX];
    uint32_t link_count;
    const char *start; /* a start address */
    const char *name;
    const char *host_proof;
    uint32_t count;      /* participants a link */
    uint32_t publishers; /* the first so many of a link send; the others only receive */
    uint32_t ramp;       /* joins a second */
    uint32_t seconds;    /* 0: until a signal or the end of the meeting */
    const char *videos[IC_OPTIONS_VIDEOS_MAX];
    uint32_t video_count;
    uint32_t pattern_bps; /* 0: none */
    const char *audio;
    bool tone;
    uint32_t layers;
    uint32_t show;   /* tile slots */
    uint32_t height; /* pixels asked for in each */
    const char *write_dir;
    bool send_only;
    bool tcp;
    bool insecure_certificate;
    bool help;
};

/* On IC_ERR_MALFORMED one line that names the flag and what is allowed has been written to
 * `errors`. */
enum ic_err ic_options_parse(struct ic_options *out, int argc, char *const *argv,
                             FILE *errors) IC_CHECKED;

void ic_options_help(FILE *out);
