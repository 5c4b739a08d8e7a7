/* Reading what we write, and every damage of it. */
#include "client/ivf.h"
#include "tests/test.h"

enum { FILE_LEN = IC_IVF_HEADER_LEN + IC_IVF_FRAME_HEADER_LEN + 5 + IC_IVF_FRAME_HEADER_LEN + 1 };

static void make_file(uint8_t file[FILE_LEN])
{
    const struct ic_ivf ivf = {
        .fourcc = "VP80", .width = 640, .height = 360, .rate = 30, .scale = 1};
    uint8_t *at = file;

    ic_ivf_write_header(at, &ivf, 2);
    at += IC_IVF_HEADER_LEN;
    ic_ivf_write_frame_header(at, 5, 7);
    memcpy(at + IC_IVF_FRAME_HEADER_LEN, "first", 5);
    at += IC_IVF_FRAME_HEADER_LEN + 5;
    ic_ivf_write_frame_header(at, 1, UINT64_C(0x1122334455667788));
    at[IC_IVF_FRAME_HEADER_LEN] = '2';
}

TEST(ivf_reads_back_the_header_and_the_frames_it_wrote)
{
    uint8_t file[FILE_LEN];
    struct ic_ivf ivf;
    struct ic_ivf_frame frame;
    make_file(file);

    assert_int_equal(ic_ivf_open(&ivf, (struct ic_bytes){file, sizeof file}), IC_OK);
    assert_string_equal(ivf.fourcc, "VP80");
    assert_int_equal(ivf.width, 640);
    assert_int_equal(ivf.height, 360);
    assert_int_equal(ivf.rate, 30);
    assert_int_equal(ivf.scale, 1);

    assert_int_equal(ic_ivf_next(&ivf, &frame), IC_OK);
    assert_int_equal(frame.ticks, 7);
    assert_true(ic_bytes_equal(frame.data, ic_bytes_of_text("first")));
    assert_int_equal(ic_ivf_next(&ivf, &frame), IC_OK);
    assert_int_equal(frame.ticks, UINT64_C(0x1122334455667788));
    assert_int_equal(ic_ivf_next(&ivf, &frame), IC_ERR_NOT_FOUND);
}

TEST(ivf_rejects_every_truncation_that_is_not_between_two_frames)
{
    uint8_t file[FILE_LEN];
    make_file(file);

    for (size_t len = 0; len < sizeof file; len++) {
        struct ic_ivf ivf;
        struct ic_ivf_frame frame;
        enum ic_err err = ic_ivf_open(&ivf, (struct ic_bytes){file, len});
        while (err == IC_OK)
            err = ic_ivf_next(&ivf, &frame);
        bool whole =
            len == IC_IVF_HEADER_LEN || len == IC_IVF_HEADER_LEN + IC_IVF_FRAME_HEADER_LEN + 5;
        assert_int_equal(err, whole ? IC_ERR_NOT_FOUND : IC_ERR_MALFORMED);
    }
}

TEST(ivf_rejects_each_damaged_field)
{
    static const struct {
        const char *what;
        size_t offset;
        uint8_t value;
    } damage[] = {
        {"another magic", 0, 'X'},          {"another version", 4, 1},
        {"another header length", 6, 33},   {"a rate of zero", 16, 0},
        {"a scale of zero", 20, 0},         {"an empty frame", IC_IVF_HEADER_LEN, 0},
        {"a frame past the end", 32, 0xFF}, {"a frame beyond any size", 35, 0x7F},
    };
    for (size_t i = 0; i < IC_COUNT(damage); i++) {
        uint8_t file[FILE_LEN];
        struct ic_ivf ivf;
        struct ic_ivf_frame frame;
        make_file(file);
        file[damage[i].offset] = damage[i].value;
        enum ic_err err = ic_ivf_open(&ivf, (struct ic_bytes){file, sizeof file});
        if (err == IC_OK)
            err = ic_ivf_next(&ivf, &frame);
        CHECK_ROW(damage[i].what, err == IC_ERR_MALFORMED);
    }
}

RUN_TESTS(cmocka_unit_test(ivf_reads_back_the_header_and_the_frames_it_wrote),
          cmocka_unit_test(ivf_rejects_every_truncation_that_is_not_between_two_frames),
          cmocka_unit_test(ivf_rejects_each_damaged_field))
