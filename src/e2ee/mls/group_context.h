/* group_context.h - what all members of an epoch agree on (RFC 9420 section 8.1). */
#pragma once

#include "e2ee/mls/extension.h"

struct ic_mls_group_context {
    uint16_t suite;
    struct ic_bytes group_id;
    uint64_t epoch;
    struct ic_bytes tree_hash, confirmed_transcript_hash;
    struct ic_bytes extensions;
    struct ic_bytes encoded;
};

/* Of another version than MLS 1.0: bad. */
void ic_mls_read_group_context(struct ic_reader *r, struct ic_mls_group_context *out);
/* `encoded` is not looked at. */
void ic_mls_write_group_context(struct ic_writer *w, const struct ic_mls_group_context *context);
