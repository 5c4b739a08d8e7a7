/* json_reader_fuzz.c - whatever is read, jansson reads the same. */
#include "server/json_reader.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    const char *text = (const char *)data;
    json_t *read = ic_json_read(text, len, 8);

    if (!read)
        return 0;
    json_t *expected = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_equal(read, expected))
        abort();
    json_decref(read);
    json_decref(expected);
    return 0;
}
