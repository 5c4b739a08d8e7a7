/* framing.h - what members send each other, before it is protected: the content, who says it, and
 * the sender's signature (RFC 9420 section 6). */
#pragma once

#include "e2ee/mls/commit.h"

enum ic_mls_wire_format {
    IC_MLS_PUBLIC_MESSAGE = 1,
    IC_MLS_PRIVATE_MESSAGE = 2,
    IC_MLS_WELCOME = 3,
    IC_MLS_GROUP_INFO = 4,
    IC_MLS_KEY_PACKAGE = 5,
};
enum ic_mls_content_type {
    IC_MLS_CONTENT_APPLICATION = 1,
    IC_MLS_CONTENT_PROPOSAL = 2,
    IC_MLS_CONTENT_COMMIT = 3,
};
enum ic_mls_sender_type {
    IC_MLS_SENDER_MEMBER = 1,
    IC_MLS_SENDER_EXTERNAL = 2,
    IC_MLS_SENDER_NEW_MEMBER_PROPOSAL = 3,
    IC_MLS_SENDER_NEW_MEMBER_COMMIT = 4,
};

struct ic_mls_sender {
    enum ic_mls_sender_type type;
    uint32_t
        index; /* of a member its leaf, of an external one its place among the external senders */
};

/* FramedContent. `type` says which of the union is meant. */
struct ic_mls_content {
    struct ic_bytes group_id;
    uint64_t epoch;
    struct ic_mls_sender sender;
    struct ic_bytes authenticated_data;
    enum ic_mls_content_type type;
    union {
        struct ic_bytes application;
        struct ic_mls_proposal proposal;
        struct ic_mls_commit commit;
    };
    struct ic_bytes body; /* the encoding of the union's member */
    struct ic_bytes encoded;
};

/* AuthenticatedContent: with the signature, and of a commit the confirmation tag. */
struct ic_mls_authenticated {
    enum ic_mls_wire_format wire_format;
    struct ic_mls_content content;
    struct ic_bytes signature, confirmation_tag;
    struct ic_bytes auth; /* the encoding of the two */
    struct ic_bytes encoded;
};

void ic_mls_read_content(struct ic_reader *r, struct ic_mls_content *out);
void ic_mls_read_authenticated(struct ic_reader *r, struct ic_mls_authenticated *out);

/* From the fields, with `body` for the union. */
void ic_mls_write_content(struct ic_writer *w, const struct ic_mls_content *content);
/* Writes the signature and, when the content is a commit, the tag. */
void ic_mls_write_auth(struct ic_writer *w, enum ic_mls_content_type type,
                       struct ic_bytes signature, struct ic_bytes confirmation_tag);

/* FramedContentTBS in parts. The group's context belongs to it when the sender is, or becomes by
 * this commit, a member of the group. */
enum { IC_MLS_TBS_PARTS = 3 };
struct ic_mls_tbs {
    uint8_t front[4];
    struct ic_bytes parts[IC_MLS_TBS_PARTS];
};
/* `content` needs its `sender` and `encoded`. The result points into itself: do not copy it. */
void ic_mls_tbs_init(struct ic_mls_tbs *tbs, enum ic_mls_wire_format format,
                     const struct ic_mls_content *content, struct ic_bytes group_context);

enum ic_err ic_mls_content_sign(uint8_t signature[IC_SIGNATURE_MAX], size_t *len,
                                const struct ic_suite *suite, struct ic_bytes private_key,
                                enum ic_mls_wire_format format,
                                const struct ic_mls_content *content,
                                struct ic_bytes group_context) IC_CHECKED;
/* IC_ERR_FORGED when it is not the signature of that key. */
enum ic_err ic_mls_content_verify(const struct ic_mls_authenticated *authenticated,
                                  const struct ic_suite *suite, struct ic_bytes public_key,
                                  struct ic_bytes group_context) IC_CHECKED;
