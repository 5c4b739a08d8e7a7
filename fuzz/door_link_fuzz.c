/* door_link_fuzz.c - a fragment that is read is printed as the same text. */
#include "e2ee/door/link.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = calloc(1, size + 1), again[IC_DOOR_FRAGMENT_LEN + 1];
    struct ic_door_link link;

    if (size > 0)
        memcpy(text, data, size);
    if (ic_door_link_parse(&link, text) == IC_DOOR_LINK_FINE) {
        ic_door_link_print(again, &link);
        if (strcmp(text, again) != 0)
            abort();
    }
    free(text);
    return 0;
}
