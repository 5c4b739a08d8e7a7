/* media_path.h - from offers, wishes and open microphones to orders for the media workers. */
#pragma once

#include "server/session.h"

ic_message_handler ic_media_path_connect, ic_media_path_restart, ic_media_path_live,
    ic_media_path_show, ic_media_path_speaking;

/* Somebody (again) has a socket: tells where its slots point, or that its path was lost. */
void ic_media_path_tell(const struct ic_participant *p);

/* Points every slot of the meeting anew and tells whom it changes something for. */
void ic_media_path_refresh(struct ic_signal *signal, struct ic_meeting *meeting);

/* Tells where TURN servers are, if there are any, with new credentials. */
void ic_media_path_offer_relays(struct ic_signal *signal, struct ic_participant *p);

/* From time to time: whoever speaks unheard gets a turn, and credentials are renewed. */
void ic_media_path_tick(struct ic_signal *signal, int64_t now);

/* Removes the transport of `p`, if it has one. */
void ic_media_path_close(struct ic_signal *signal, struct ic_meeting *meeting,
                         struct ic_participant *p);
