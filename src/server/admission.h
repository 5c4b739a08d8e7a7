/* admission.h - making a meeting, and showing that one may come to its door. */
#pragma once

#include "server/session.h"

ic_message_handler ic_admission_create, ic_admission_join;

/* Answers refusals whose time has come. */
void ic_admission_tick(struct ic_signal *signal, int64_t now);
