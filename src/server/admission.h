/* admission.h - making a meeting, and showing that one may come to its door. */
#pragma once

#include "server/session.h"

ic_message_handler ic_admission_create, ic_admission_join;

/* Is this the proof of a meeting's link? If not it is answered, later, as a wrong `join` is. */
bool ic_admission_proves(struct ic_signal *signal, struct ic_session *s,
                         const uint8_t meeting[IC_ID_LEN], const uint8_t proof[IC_TOKEN_LEN],
                         int64_t now) IC_CHECKED;

/* Answers refusals whose time has come. */
void ic_admission_tick(struct ic_signal *signal, int64_t now);
