/* group.h - what the server keeps of a meeting's group and its door: the order of its commits, who
 * waits, the card. Everything sealed stays sealed. */
#pragma once

#include "server/delivery.h"
#include "server/waiting.h"

struct ic_group {
    struct ic_delivery log;
    struct ic_waiting waiting;
    struct ic_text *card; /* base64url; NULL: none yet */
    bool open;            /* the door */
    struct ic_text *info; /* of the head's epoch, as the ending of a message; NULL: none */
    bool attended;        /* as those who wait were told */
};

/* All zero is a group without anything. */
void ic_group_clear(struct ic_group *group);

/* No member is left: forgets what was of this group. The card and those who wait stay. */
void ic_group_over(struct ic_group *group);

/* Takes the place of the info there was; both may be NULL. */
void ic_group_set_info_take(struct ic_group *group, struct ic_text *info);
void ic_group_set_card(struct ic_group *group, const char *sealed);
