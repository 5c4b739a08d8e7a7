/* trial.h - tries whether media would get through, before anybody joins: UDP, TCP and a relay, each
 * by a transport of its own that carries nothing and is gone after seconds.
 *
 * Only for who shows the proof of a link, and who is wrong is slowed down as at the door (ACC-09):
 * neither media ports nor relays are for strangers. */
#pragma once

#include "server/session.h"

enum { IC_TRIAL_MS = 5000, IC_TRIAL_RELAY_S = 60 /* that its TURN credentials hold */ };

ic_message_handler ic_trial_begin;

/* When the session goes. */
void ic_trial_end(struct ic_signal *signal, struct ic_session *s);

void ic_trial_tick(struct ic_signal *signal, int64_t now);

/* The worker died with all that was tried there. */
void ic_trial_lost(struct ic_signal *signal, uint32_t worker);
