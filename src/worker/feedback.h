/* feedback.h - a transport's RTCP, both ways: what receivers miss and want, what publishers must
 * hear, and sender reports for every slot. */
#pragma once

#include "base/base.h"

struct ic_worker;
struct ic_transport;

/* A decrypted compound (or reduced-size) packet. Cut-off and unknown parts are passed over. */
void ic_feedback_receive(struct ic_worker *w, struct ic_transport *t, struct ic_bytes compound);

/* A packet came from this publisher: feedback goes out while packets come. */
void ic_feedback_wake(struct ic_worker *w, struct ic_transport *t);

/* Something was sent to this receiver: its slots want their tick while there is. */
void ic_feedback_wake_slots(struct ic_worker *w, struct ic_transport *t);

/* Sends what is due; sets feedback_due and tick_due of `t`. */
void ic_feedback_attend(struct ic_worker *w, struct ic_transport *t);
