/* text.h - what may be shown of a stranger's text: UTF-8, of bounded length, that changes nothing
 * around it (ACC-17). */
#pragma once

#include "base/base.h"

enum { IC_DOOR_TITLE_MAX = 100 }; /* characters of a meeting's title */

/* Is it 1 to `max` characters of valid UTF-8, at least one of them visible, without control,
 * direction and other invisible characters? (The joiners U+200C and U+200D are allowed: scripts and
 * emoji need them.) A name also neither begins nor ends with a space. */
bool ic_door_is_name(struct ic_bytes text, size_t max);

/* The same, where line feeds and spaces at the ends are fine too. */
bool ic_door_is_text(struct ic_bytes text, size_t max);

/* Is there nothing to be seen in it? Also of no text at all; not of what is no UTF-8. */
bool ic_door_is_blank(struct ic_bytes text);
