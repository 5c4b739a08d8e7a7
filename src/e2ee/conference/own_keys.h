/* own_keys.h - who we are, and the key package that says so. */
#pragma once

#include "base/base.h"
#include "crypto/kem.h"
#include "crypto/signature.h"
#include "e2ee/door/invite.h"
#include "e2ee/door/profile.h"

struct ic_conference;
struct ic_mls_identity;
struct ic_suite;

enum { IC_PSEUDONYM_LEN = 16 };

/* The keys that we are known by in this meeting. */
struct ic_own_keys {
    uint8_t signature_private[IC_SIGNATURE_PRIVATE_MAX], signature_public[IC_SIGNATURE_PUBLIC_MAX];
    size_t private_len, public_len;
    uint8_t pseudonym[IC_PSEUDONYM_LEN];
    bool can_admit; /* then the next two */
    uint8_t admit_private[IC_KEM_PRIVATE_MAX], admit_public[IC_KEM_PUBLIC_MAX];
    uint8_t invite_maker[IC_DOOR_INVITE_MAKER_LEN]; /* our invites come from it */
};

enum ic_err ic_own_keys_init(struct ic_conference *c) IC_CHECKED;
enum ic_err ic_own_package(struct ic_conference *c, const struct ic_suite *suite,
                           int64_t now) IC_CHECKED;
/* The identity of a leaf of ours; `buffer` outlives it. */
struct ic_identity_buffer {
    uint8_t extensions[IC_DOOR_PROFILE_MAX + 16];
    uint8_t profile[IC_DOOR_PROFILE_MAX];
    uint8_t lists[32];
    size_t profile_len;
};
enum ic_err ic_own_identity(struct ic_mls_identity *out, struct ic_identity_buffer *buffer,
                            const struct ic_conference *c, const struct ic_suite *suite,
                            int64_t now) IC_CHECKED;
