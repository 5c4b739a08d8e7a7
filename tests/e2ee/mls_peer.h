/* mls_peer.h - members of ours who do what lines of text tell them, for tests and benches that let
 * them talk to members of another build or of another library.
 *
 * A line is a command and its words, bytes as hex ("-" for none, "@" for those of
 * mls_peer_hand()); the answer is a line, "!N" for error N. A number names the person; each holds
 * one group at most.
 *
 *   new PERSON SUITE [BEFORE]   -> ok; BEFORE: the same person in the group that this one's follows
 *   package PERSON              -> KEY_PACKAGE
 *   create PERSON GROUP_ID      -> ok
 *   join PERSON WELCOME         -> ok
 *   external PERSON INFO [psk]  -> COMMIT
 *   info PERSON                 -> GROUP_INFO
 *   commit PERSON [public] [psk] [resume] [path] [reinit=GROUP_ID] [add=KEY_PACKAGE]..
 * [remove=LEAF]..
 *                               -> COMMIT WELCOME, and is in the epoch after
 *   propose PERSON [public] update | psk | add=KEY_PACKAGE | remove=LEAF -> PROPOSAL
 *   seal PERSON TEXT            -> MESSAGE
 *   hear PERSON MESSAGE         -> text TEXT | proposal | commit | over; a commit is entered
 *   follows PERSON              -> ok, when the group follows or branches from BEFORE's as it
 *                                  should
 *   state PERSON                -> EPOCH AUTHENTICATOR MEMBERS OWN_LEAF
 *   free PERSON                 -> ok
 *
 * Everybody knows one external key, "link", 32 bytes of 7. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Changes `line`; the answer is good until the next call. NULL for what is no command. */
const char *mls_peer_obey(char *line);

/* Room for so many bytes, which "@" means until the next call. */
uint8_t *mls_peer_hand(size_t len);

/* From now on answers have "@ADDRESS+LENGTH" for bytes, good until the next call. */
void mls_peer_tell_places(void);
