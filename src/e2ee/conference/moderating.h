/* moderating.h - a request of a right-holder, to us or to somebody else. */
#pragma once

#include "base/base.h"

struct ic_conference;
struct ic_door_app_message;

void ic_moderation_heard(struct ic_conference *c, unsigned sender,
                         const struct ic_door_app_message *message);
/* The member is there, and goes on with what we asked it to turn off: it may have missed that. */
enum ic_err ic_moderation_repeat(struct ic_conference *c, unsigned leaf) IC_CHECKED;
