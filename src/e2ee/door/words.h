/* words.h - the words that people compare over another way: all who are in the same epoch of the
 * same group see the same ones, and everybody else others.
 *
 * Who sits between two groups would have to find two that agree in 88 bits. It can try on both
 * sides, which halves the bits; so each try costs as much as one of a passcode does (docs/door.md).
 */
#pragma once

#include "crypto/hash.h"
#include "e2ee/door/link.h"

enum {
    IC_DOOR_WORDS = 8,
    IC_DOOR_WORDS_KEY_LEN = 32,
    IC_DOOR_WORDS_SIZE = 128, /* of the text, with its zero */
};

/* The epoch's authenticator (ic_conference_authenticator()) stretched: 0.1 s natively. Not for a
 * browser's module, as ic_door_passcode_key(): there WebCrypto makes it. */
void ic_door_words_key(uint8_t key[IC_DOOR_WORDS_KEY_LEN],
                       const uint8_t authenticator[IC_SHA256_LEN],
                       const uint8_t meeting[IC_MEETING_LEN]);

/* The words with blanks between, a line feed, and the same as numbers of four digits. */
void ic_door_words(char text[IC_DOOR_WORDS_SIZE], const uint8_t key[IC_DOOR_WORDS_KEY_LEN]);
