/* admission.h - ways into a meeting and out of it. */
#pragma once

#include "server/session.h"

ic_message_handler ic_admission_create, ic_admission_join, ic_admission_announce,
    ic_admission_leave, ic_admission_end;

/* Takes `p` out of everything; frees it. `gone`: it did not say so. */
void ic_admission_take_out(struct ic_signal *signal, struct ic_meeting *meeting,
                           struct ic_participant *p, bool gone, int64_t now);

/* The socket is lost: the participant may come back for a while. */
void ic_admission_lose(struct ic_session *s, int64_t now);

/* Answers refusals whose time has come; takes out who stayed away; forgets empty meetings. */
void ic_admission_tick(struct ic_signal *signal, int64_t now);
