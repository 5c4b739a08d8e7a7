/* commit_work.h - a commit of ours while it is made, a member's or a newcomer's (RFC 9420 section
 * 12.4.1). Inside the library; group.h is for the others.
 *
 *     init() -> propose(), refer() -> run() -> staged epoch with the bytes to send */
#pragma once

#include "e2ee/mls/next_epoch.h"
#include "e2ee/mls/outgoing.h"
#include "e2ee/mls/update_path.h"

/* What run() goes by. */
struct ic_mls_commit_style {
    struct ic_mls_sender sender;
    struct ic_bytes signature_private; /* signs the commit */
    struct ic_mls_identity identity;   /* what our leaf says when there is a path */
    struct ic_mls_protection protection;
    bool force_path, tree_apart, want_info;
    struct ic_bytes info_extensions;
};

/* Points into itself: do not copy it. */
struct ic_mls_commit_work {
    struct ic_mls_next_epoch next; /* `staged` is the caller's to take or to free */
    struct ic_mls_commit_style style;
    struct ic_writer proposals;          /* over staged->bytes */
    struct ic_mls_message element_bytes; /* ProposalOrRef one behind the other */
    struct ic_writer elements;
    struct ic_mls_own_path *path;
    struct ic_mls_message sealed_path, body;
    struct ic_mls_outgoing outgoing;
};

/* `next` must be set up but for `staged` and `list`; room for so many proposals of so many bytes
 * in all. IC_ERR_FULL, IC_ERR_SYSTEM. To be cleared in any case. */
enum ic_err ic_mls_commit_work_init(struct ic_mls_commit_work *work,
                                    const struct ic_mls_commit_style *style, size_t count,
                                    size_t bytes) IC_CHECKED;
/* Frees also what is staged, unless it was taken by setting it NULL. */
void ic_mls_commit_work_clear(struct ic_mls_commit_work *work);

/* By value. */
enum ic_err ic_mls_commit_work_propose(struct ic_mls_commit_work *work,
                                       const struct ic_mls_proposal *proposal) IC_CHECKED;
/* By reference. */
enum ic_err ic_mls_commit_work_refer(struct ic_mls_commit_work *work,
                                     const struct ic_mls_content *content,
                                     struct ic_bytes ref) IC_CHECKED;

/* All the rest. Needs next.init_secret. */
enum ic_err ic_mls_commit_work_run(struct ic_mls_commit_work *work) IC_CHECKED;
