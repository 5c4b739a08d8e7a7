/* welcome_check.h - what a newcomer demands of the group that it is brought into, after MLS joined
 * and before anything is shown or sent (SEC-10, SEC-11). */
#pragma once

#include "e2ee/door/validity.h"

enum ic_door_entry {
    IC_DOOR_ENTRY_ADMITTED,  /* by a Welcome, after a knock */
    IC_DOOR_ENTRY_EXTERNAL,  /* by an own external commit: waiting room off */
    IC_DOOR_ENTRY_RETURNING, /* by a Welcome of any member, after a loss */
};

enum ic_door_welcome_fault {
    IC_DOOR_WELCOME_FINE,
    IC_DOOR_WELCOME_SILENT, /* accepted; send and show nothing until a right-holder has spoken in
                               this epoch, because a forged or old group has none */
    IC_DOOR_WELCOME_MEETING,
    IC_DOOR_WELCOME_STATE,
    IC_DOOR_WELCOME_ROOT,
    IC_DOOR_WELCOME_STATE_FORGED,
    IC_DOOR_WELCOME_CONTEXT,
    IC_DOOR_WELCOME_SIGNER,
    IC_DOOR_WELCOME_EXPIRED,
    IC_DOOR_WELCOME_WAITING_ROOM,
    IC_DOOR_WELCOME_SUITE,
    IC_DOOR_WELCOME_PSK,
    IC_DOOR_WELCOME_PROFILES,
    IC_DOOR_WELCOME_OWN_PROFILE,
    IC_DOOR_WELCOME_OLD,
    IC_DOOR_WELCOME_FAULTS,
};
const char *ic_door_welcome_text(enum ic_door_welcome_fault fault);

/* All borrowed. */
struct ic_door_entered {
    enum ic_door_entry entry;
    const uint8_t *meeting, *pin; /* of the link */
    uint64_t now_ms;
    const struct ic_mls_group_context *context;
    const struct ic_mls_tree *tree;
    struct ic_leaf own;
    struct ic_leaf info_signer;  /* who signed the GroupInfo; not looked at after an own commit */
    struct ic_bytes own_profile; /* the extension's data, as it was offered */
    uint64_t epoch_before;       /* returning: the last epoch that it was in; else 0 */
    bool used_link_psk;          /* find_psk was asked for the key of the state's link version */
};

enum ic_door_welcome_fault ic_door_welcome_check(const struct ic_door_entered *entered) IC_CHECKED;
