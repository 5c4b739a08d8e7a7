/* founding.h - the host alone makes the group, the first or the next. */
#pragma once

#include "base/base.h"
#include "e2ee/conference/conference.h"
#include "e2ee/mls/group.h"
#include "e2ee/mls/message.h"

struct ic_conference;
struct ic_door_card;
struct ic_person;

/* What the host holds of a group before, when it founds the next. */
struct ic_founding {
    struct ic_person *former; /* its members, which the server lost; or NULL */
    int64_t former_until;     /* then a human decides about them again */
    struct ic_mls_message state;
    uint16_t suite;
    bool asks;   /* for the passcode, and founds when it has it */
    bool anew;   /* without that state */
    bool locked; /* as the card said, or because nobody knows */
    bool titled; /* as the card says */
    bool shut;   /* by no card that can be believed: locked, and with a new link */
    enum ic_settings_lost lost;
};

/* `card` is of the group before, or empty. */
enum ic_err ic_found(struct ic_conference *c, struct ic_bytes card, int64_t now) IC_CHECKED;
/* The host types what it was asked for. */
enum ic_err ic_found_with_passcode(struct ic_conference *c, int64_t now) IC_CHECKED;
/* A host that waits is shown this card, and shall not be shown less when it founds. */
void ic_last_door_is(struct ic_conference *c, const struct ic_door_card *card);
/* The host is not in its group any more. If nobody takes it back, it founds the next with this. */
enum ic_err ic_remember_group(struct ic_conference *c) IC_CHECKED;
void ic_founding_forget(struct ic_founding *founding);
/* The application of our group. */
struct ic_mls_application ic_application(struct ic_conference *c);
