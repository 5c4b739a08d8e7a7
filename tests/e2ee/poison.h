/* poison.h - commits that others cannot follow: one whose path secrets are spoilt, for some or for
 * all, and one that breaks a rule. Link with --wrap=ic_mls_encrypt. */
#pragma once

#include "e2ee/conference/conference.h"

struct ic_mls_staged;

extern unsigned poisoned; /* path secrets that were spoilt */
/* Is what is sealed to this key spoilt? `number` counts the secrets of the commit. NULL: none is.
 */
extern bool (*poisons)(struct ic_bytes public_key, unsigned number);

bool poison_all(struct ic_bytes public_key, unsigned number);

/* The member's own fresh keys, committed while `which` are spoilt. */
enum ic_err poison_rekey(struct ic_conference *c, bool (*which)(struct ic_bytes, unsigned),
                         int64_t now) IC_CHECKED;

/* A commit that takes the state away, which everybody refuses. `staged` is the caller's. */
enum ic_err poison_lawless(struct ic_say *out, struct ic_mls_staged **staged,
                           struct ic_conference *c) IC_CHECKED;
