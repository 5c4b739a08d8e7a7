/* commits.h - what members say to each other through the server: commits in one order, and
 * messages. */
#pragma once

#include "server/session.h"

ic_message_handler ic_commits_commit, ic_commits_reject, ic_commits_message;
