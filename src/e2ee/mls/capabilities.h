/* capabilities.h - what members can do and what a group demands of them: building the lists, and
 * comparing them (RFC 9420 sections 5.3.3, 7.2, 11.1, 12.1.8.1 and 13). */
#pragma once

#include "e2ee/mls/key_package.h"

/* ---- Building: each writes the bytes of one list, or the data of one extension ---- */

/* uint16 values behind one another, as struct ic_mls_capabilities wants them. */
void ic_mls_write_numbers(struct ic_writer *w, const uint16_t *numbers, size_t count);

void ic_mls_write_required(struct ic_writer *w, const struct ic_mls_required *required);
/* ExternalSenders. */
void ic_mls_write_external_senders(struct ic_writer *w,
                                   const struct ic_mls_external_sender *senders, size_t count);
/* ApplicationId and ExternalPub hold one vector. */
void ic_mls_write_one_vector(struct ic_writer *w, struct ic_bytes bytes);

/* Room for the lists of this library. */
struct ic_mls_own_capabilities {
    struct ic_mls_capabilities lists; /* points into `bytes`: do not copy */
    uint8_t bytes[256];
};
/* What this build can do: MLS 1.0, its suites, basic and X.509 credentials, SelfRemove; and the
 * application's own extensions and proposals. IC_ERR_FULL when they are too many. */
enum ic_err ic_mls_own_capabilities_init(struct ic_mls_own_capabilities *out,
                                         const uint16_t *extensions, size_t extension_count,
                                         const uint16_t *proposals,
                                         size_t proposal_count) IC_CHECKED;

/* ---- Finding: `extensions` is a checked list ---- */

/* All empty when there is no such extension. IC_ERR_MALFORMED when its data is not one. */
enum ic_err ic_mls_required_find(struct ic_mls_required *out,
                                 struct ic_bytes extensions) IC_CHECKED;
/* IC_ERR_NOT_FOUND when there is no sender of that index. */
enum ic_err ic_mls_external_sender_find(struct ic_mls_external_sender *out,
                                        struct ic_bytes extensions, uint32_t index) IC_CHECKED;
/* `type` is that of ApplicationId or ExternalPub. IC_ERR_NOT_FOUND; IC_ERR_MALFORMED. */
enum ic_err ic_mls_one_vector_find(struct ic_bytes *out, struct ic_bytes extensions,
                                   uint16_t type) IC_CHECKED;

/* Are the extensions of RFC 9420 that a group context may have well formed? */
bool ic_mls_context_extensions_are_sound(struct ic_bytes extensions);

/* ---- Comparing ---- */

/* Can this leaf do what it uses itself and what the group demands: MLS 1.0, the suite, every
 * extension of the group context, all that is required? */
bool ic_mls_leaf_is_able(const struct ic_mls_leaf_node *leaf, const struct ic_suite *suite,
                         struct ic_bytes context_extensions,
                         const struct ic_mls_required *required);
