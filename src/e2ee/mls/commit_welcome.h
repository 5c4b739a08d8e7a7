/* commit_welcome.h - what a commit of ours gives to those outside: the Welcome for whom it adds,
 * the GroupInfo for whoever comes by an external commit (RFC 9420 section 12.4.3). Inside the
 * library; group.h is for the others. */
#pragma once

#include "e2ee/mls/commit_work.h"

/* Nothing when nobody is added. */
enum ic_err ic_mls_commit_welcome(struct ic_mls_commit_work *work) IC_CHECKED;
/* Nothing when it is not wanted. */
enum ic_err ic_mls_commit_info(struct ic_mls_commit_work *work) IC_CHECKED;
