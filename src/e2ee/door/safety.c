/* safety.c - five bytes of a hash for each five digits. */
#include "e2ee/door/safety.h"

#include <assert.h>

#include "crypto/hash.h"

enum { GROUPS = 6, GROUP_BYTES = 5 };

static void write_group(struct ic_writer *w, uint64_t number)
{
    for (unsigned unit = 10000; unit > 0; unit /= 10)
        ic_write_uint(w, '0' + number / unit % 10, 1);
}

static void fingerprint(char text[IC_DOOR_FINGERPRINT_LEN], const uint8_t meeting[IC_MEETING_LEN],
                        struct ic_bytes key)
{
    uint8_t hash[IC_SHA256_LEN];
    struct ic_bytes parts[] = {
        ic_bytes_of_text("incamera 2 safety"), {meeting, IC_MEETING_LEN}, key};
    struct ic_writer w = ic_writer_of((uint8_t *)text, IC_DOOR_FINGERPRINT_LEN);

    ic_hash(hash, IC_HASH_SHA256, parts, IC_COUNT(parts));
    struct ic_reader r = ic_reader_of((struct ic_bytes){hash, sizeof hash});
    for (size_t i = 0; i < GROUPS; i++) {
        if (i > 0)
            ic_write_uint(&w, ' ', 1);
        write_group(&w, ic_read_uint(&r, GROUP_BYTES));
    }
    assert(!w.bad && !r.bad);
}

static void write_fingerprint(struct ic_writer *w, const char *text, char after)
{
    ic_write_bytes(w, (struct ic_bytes){(const uint8_t *)text, IC_DOOR_FINGERPRINT_LEN});
    ic_write_uint(w, (uint8_t)after, 1);
}

void ic_door_safety(char text[IC_DOOR_SAFETY_SIZE], const uint8_t meeting[IC_MEETING_LEN],
                    struct ic_bytes own, struct ic_bytes theirs)
{
    char a[IC_DOOR_FINGERPRINT_LEN], b[IC_DOOR_FINGERPRINT_LEN];
    struct ic_writer w = ic_writer_of((uint8_t *)text, IC_DOOR_SAFETY_SIZE);

    fingerprint(a, meeting, own);
    fingerprint(b, meeting, theirs);
    bool own_first = memcmp(a, b, sizeof a) < 0;
    write_fingerprint(&w, own_first ? a : b, ' ');
    write_fingerprint(&w, own_first ? b : a, '\n');
    write_fingerprint(&w, b, '\0');
    assert(!w.bad);
}
