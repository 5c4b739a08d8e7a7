/* Where a key frame of H.264 begins, by every shape that a packet of it may have. */
#include "media/h264.h"

#include <stdlib.h>

#include "tests/test.h"

TEST(h264_key_frame_starts_with_a_sequence_parameter_set_alone_or_first_of_several)
{
    static const struct {
        const char *what;
        uint8_t bytes[8];
        size_t len;
        bool starts;
    } rows[] = {
        {"sequence parameters alone", {0x67, 0x42, 0xC0}, 3, true},
        {"no more than their type", {0x67}, 1, true},
        {"sequence parameters first of several", {0x78, 0, 13, 0x67, 0x42}, 5, true},
        {"picture parameters alone", {0x68, 0xCE}, 2, false},
        {"a slice first of several", {0x78, 0, 2, 0x41, 0x9A, 0, 1, 0x67}, 8, false},
        {"a slice of a key frame, behind its parameters", {0x65, 0x88}, 2, false},
        {"the first part of such a slice", {0x7C, 0x85, 0x88}, 3, false},
        {"a slice of another frame", {0x41, 0x9A}, 2, false},
        {"several without the first", {0x78, 0, 13}, 3, false},
        {"several without a whole length", {0x78, 0x67}, 2, false},
        {"nothing", {0}, 0, false},
    };
    for (size_t i = 0; i < IC_COUNT(rows); i++) {
        uint8_t *exact = malloc(rows[i].len > 0 ? rows[i].len : 1);
        memcpy(exact, rows[i].bytes, rows[i].len);
        CHECK_ROW(rows[i].what,
                  ic_h264_key_start((struct ic_bytes){exact, rows[i].len}) == rows[i].starts);
        free(exact);
    }
}

RUN_TESTS(
    cmocka_unit_test(h264_key_frame_starts_with_a_sequence_parameter_set_alone_or_first_of_several))
