/* Any text as a link or a start address: refused, or the only spelling of what it says. */
#include "client/link.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct ic_link link;
    static struct ic_start_address address;
    char again[IC_LINK_TEXT_SIZE], *text = malloc(size + 1);

    if (!text)
        abort();
    if (size > 0)
        memcpy(text, data, size);
    text[size] = 0;
    bool is_link = ic_link_parse(&link, text) == IC_OK;
    if (is_link) {
        ic_link_print(again, &link);
        if (strlen(again) >= sizeof again || ic_link_parse(&link, again) != IC_OK)
            abort();
    }
    if (ic_start_address_parse(&address, text) == IC_OK && is_link)
        abort();
    free(text);
    return 0;
}
