/* info.h - what passes through the open door, sealed so that only who has the link can read it: the
 * GroupInfo, which names everybody in the meeting, and the external commit that somebody makes with
 * it, which names him. MLS itself encrypts neither. */
#pragma once

#include "e2ee/door/link.h"

enum ic_door_passes { IC_DOOR_INFO, IC_DOOR_OUTSIDE_COMMIT };
enum { IC_DOOR_INFO_OVERHEAD = 12 + 16 /* nonce and tag */ };

/* IC_ERR_FULL when `w` has no room for info.len + IC_DOOR_INFO_OVERHEAD. */
enum ic_err ic_door_info_seal(struct ic_writer *w, enum ic_door_passes what, struct ic_bytes info,
                              const uint8_t secret[IC_LINK_SECRET_LEN],
                              const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;

/* Opens into `buffer`, of sealed.len bytes, over which `info` then is a view; nothing in it is
 * verified yet. IC_ERR_FORGED: another link's, or changed; IC_ERR_MALFORMED: too short. */
enum ic_err ic_door_info_open(struct ic_bytes *info, uint8_t *buffer, enum ic_door_passes what,
                              struct ic_bytes sealed, const uint8_t secret[IC_LINK_SECRET_LEN],
                              const uint8_t meeting[IC_MEETING_LEN]) IC_CHECKED;
