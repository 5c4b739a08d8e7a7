/* past_epochs.h - what a group keeps of epochs that are over: message keys for a few, resumption
 * PSKs for more (RFC 9420 sections 8.6 and 15.3). Inside the library; group.h is for the others. */
#pragma once

#include "e2ee/mls/group_state.h"

/* Takes the epoch, which is over; the oldest one falls off. */
void ic_mls_past_epochs_push(struct ic_mls_group *group, struct ic_mls_epoch_state *ended);

/* NULL when it is not kept. */
struct ic_mls_epoch_state *ic_mls_past_epochs_find(struct ic_mls_group *group, uint64_t epoch);

/* Remembers the resumption PSK of the current epoch. */
void ic_mls_past_epochs_resume(struct ic_mls_group *group);
