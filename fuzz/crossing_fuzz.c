/* Any bytes as a message of another worker; what is read is written again and must be the same. */
#include "worker/crossing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_crossing_record record;
    uint8_t again[IC_CROSSING_MAX];

    for (;;) {
        const uint8_t *from = data + (size - r.rest.len);
        if (!ic_crossing_read(&r, &record))
            return 0;
        struct ic_writer w = ic_writer_of(again, sizeof again);
        ic_crossing_write(&w, &record);
        if (w.bad || memcmp(again, from, w.len) != 0)
            __builtin_trap();
    }
}
