/* admit_keys.h - where those who may admit want to be knocked at. */
#pragma once

#include "base/base.h"
#include "crypto/kem.h"
#include "crypto/signature.h"

struct ic_conference;

/* Where another right-holder wants to be knocked at. */
struct ic_admit_key_of {
    uint8_t owner[IC_SIGNATURE_PUBLIC_MAX];
    size_t owner_len; /* 0: a free place */
    uint8_t key[IC_KEM_PUBLIC_MAX];
};

/* Makes or wipes our own by our rights of the moment. */
enum ic_err ic_own_admit_key(struct ic_conference *c) IC_CHECKED;
enum ic_err ic_say_admit_key(struct ic_conference *c, int64_t now) IC_CHECKED;
enum ic_err ic_admit_key_heard(struct ic_conference *c, unsigned leaf,
                               struct ic_bytes key) IC_CHECKED;
void ic_write_admit_keys(struct ic_writer *w, const struct ic_conference *c);
