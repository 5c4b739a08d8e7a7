/* options.h - the command line of incamera-client. */
#pragma once

#include <stdio.h>

#include "base/base.h"

enum {
    IC_OPTIONS_LINKS_MAX = 64,
    IC_PARTICIPANTS_MAX = 4096, /* in one process */
    IC_TILES_MAX = 25,
    IC_OPTIONS_VIDEOS_MAX = 3, /* one file a layer */
    IC_OPTIONS_SECRETS_MAX = 4,
    IC_OPTIONS_SECRET_SIZE = 512,
};

/* Texts point into argv, or into struct ic_options_secrets. */
struct ic_options {
    const char *links[IC_OPTIONS_LINKS_MAX];
    uint32_t link_count;
    const char *start; /* a start address */
    const char *name;
    const char *passcode; /* or NULL */
    const char *title;    /* or NULL */
    bool again;           /* a host's meeting was founded before */
    bool admit;           /* a host lets everybody in who knocks, */
    uint32_t admit_after; /* so many milliseconds later */
    bool control;         /* commands on standard input, events on standard output */
    uint32_t count;       /* participants a link */
    uint32_t publishers;  /* the first so many of a link send; the others only receive */
    uint32_t ramp;        /* joins a second */
    uint32_t seconds;     /* 0: until a signal or the end of the meeting */
    const char *videos[IC_OPTIONS_VIDEOS_MAX];
    uint32_t video_count;
    uint32_t pattern_bps; /* 0: none */
    const char *audio;
    bool tone;
    const char *screen, *screen_audio;
    uint32_t layers, rates;
    uint32_t show;   /* tile slots */
    uint32_t height; /* pixels asked for in each */
    const char *write_dir;
    bool send_only;
    bool tcp;
    bool sha1_srtp;
    bool insecure_certificate;
    bool help;
};

/* On IC_ERR_MALFORMED one line that names the flag and what is allowed has been written to
 * `errors`. */
enum ic_err ic_options_parse(struct ic_options *out, int argc, char *const *argv,
                             FILE *errors) IC_CHECKED;

/* What ic_options_take_secrets() has read. Wipe it after use. */
struct ic_options_secrets {
    char lines[IC_OPTIONS_SECRETS_MAX][IC_OPTIONS_SECRET_SIZE];
};

/* Replaces each link, the start address, the passcode and the title that is "-" by a line of
 * `input`, which then points into `secrets`: other people of the computer can read argv.
 * IC_ERR_MALFORMED as above. */
enum ic_err ic_options_take_secrets(struct ic_options *options, struct ic_options_secrets *secrets,
                                    FILE *input, FILE *errors) IC_CHECKED;

void ic_options_help(FILE *out);
