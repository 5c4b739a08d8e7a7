/* profile.h - what a member's leaf says about the person: extension 0xF1C3.
 *
 * Part of the leaf, so signed by its key and known to everybody with the commit that brings it in,
 * before any media (PRV-03). A name is a claim; who admits somebody judges it. */
#pragma once

#include "e2ee/e2ee.h"
#include "e2ee/mls/extension.h"

enum {
    IC_DOOR_PROFILE_EXTENSION = 0xf1c3,
    IC_DOOR_NAME_MAX = 60,     /* characters */
    IC_DOOR_NAME_SHORT = 64,   /* bytes that a name is padded to, with its length */
    IC_DOOR_NAME_LONG = 256,   /* or to these */
    IC_DOOR_CLAIMS_MAX = 1024, /* bytes */
    IC_DOOR_PROFILE_MAX = IC_PARTICIPANT_LEN + 2 + IC_DOOR_NAME_LONG + 2 + IC_DOOR_CLAIMS_MAX,
};

/* Views over what it was read from. */
struct ic_door_profile {
    struct ic_bytes participant; /* IC_PARTICIPANT_LEN: the id that the server knows it by */
    struct ic_bytes name;        /* checked: ic_door_is_name() */
    struct ic_bytes claims;      /* checked: a type in two bytes and a vector, repeated; none yet */
};

/* The extension's data. */
void ic_door_read_profile(struct ic_reader *r, struct ic_door_profile *out);
/* A `w` goes bad when it is too small or the profile is not one that could be read. */
void ic_door_write_profile(struct ic_writer *w, const struct ic_door_profile *profile);

/* The profile in a leaf's extensions. IC_ERR_NOT_FOUND, IC_ERR_MALFORMED. */
enum ic_err ic_door_profile_of(struct ic_door_profile *out, struct ic_bytes extensions) IC_CHECKED;
