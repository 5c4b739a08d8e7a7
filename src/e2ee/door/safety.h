/* safety.h - the number that two members compare over another way: each sees the other's key in it,
 * so that nobody stands in the other's place. It stays the same for as long as both keep their
 * keys, while the words (words.h) change with every epoch.
 *
 * Thirty digits of each key: whoever wants to pass for one of the two needs a key with the same
 * thirty, about 2^99 tries. */
#pragma once

#include "e2ee/door/link.h"

enum {
    IC_DOOR_FINGERPRINT_LEN = 6 * 5 + 5, /* six groups of five digits, blanks between */
    IC_DOOR_SAFETY_SIZE = 3 * (IC_DOOR_FINGERPRINT_LEN + 1),
};

/* The number, the same for both: two fingerprints with a blank between, the lower one first. Then a
 * line feed, and that of `theirs` alone, by which their key is known again. Ends with a zero. */
void ic_door_safety(char text[IC_DOOR_SAFETY_SIZE], const uint8_t meeting[IC_MEETING_LEN],
                    struct ic_bytes own, struct ic_bytes theirs);
