/* words.c - eleven bits a word, from a list of 2,048 (tools/words.sh). */
#include "e2ee/door/words.h"

#include <assert.h>

#include "crypto/pbkdf2.h"
#include "e2ee/door/words_list.h"

enum { WORD_BITS = 11 };
_Static_assert(IC_COUNT(IC_WORDS_LIST) == 1 << WORD_BITS, "each number has a word");

void ic_door_words_key(uint8_t key[IC_DOOR_WORDS_KEY_LEN],
                       const uint8_t authenticator[IC_SHA256_LEN],
                       const uint8_t meeting[IC_MEETING_LEN])
{
    uint8_t salt[64];
    struct ic_writer w = ic_writer_of(salt, sizeof salt);
    ic_write_bytes(&w, ic_bytes_of_text("incamera 2 words"));
    ic_write_bytes(&w, (struct ic_bytes){meeting, IC_MEETING_LEN});
    ic_pbkdf2(key, (struct ic_bytes){authenticator, IC_SHA256_LEN}, ic_written(&w),
              IC_DOOR_PASSCODE_ROUNDS);
}

static unsigned number_at(const uint8_t *key, size_t word)
{
    unsigned number = 0;
    for (size_t bit = word * WORD_BITS; bit < (word + 1) * WORD_BITS; bit++)
        number = number << 1 | (key[bit / 8] >> (7 - bit % 8) & 1);
    return number;
}

static void write_number(struct ic_writer *w, unsigned number)
{
    for (unsigned unit = 1000; unit > 0; unit /= 10)
        ic_write_uint(w, '0' + number / unit % 10, 1);
}

static void write_separator(struct ic_writer *w, size_t word, char last)
{
    ic_write_uint(w, (uint8_t)(word + 1 < IC_DOOR_WORDS ? ' ' : last), 1);
}

void ic_door_words(char text[IC_DOOR_WORDS_SIZE], const uint8_t key[IC_DOOR_WORDS_KEY_LEN])
{
    struct ic_writer w = ic_writer_of((uint8_t *)text, IC_DOOR_WORDS_SIZE);
    for (size_t i = 0; i < IC_DOOR_WORDS; i++) {
        ic_write_bytes(&w, ic_bytes_of_text(IC_WORDS_LIST[number_at(key, i)]));
        write_separator(&w, i, '\n');
    }
    for (size_t i = 0; i < IC_DOOR_WORDS; i++) {
        write_number(&w, number_at(key, i));
        write_separator(&w, i, '\0');
    }
    assert(!w.bad); /* no word of the list has more than eight letters */
}
