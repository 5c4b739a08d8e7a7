/* mls_extensions_fuzz.c - the extensions of a group context: refused, or found and written back as
 * the same bytes. */
#include "e2ee/mls/capabilities.h"
#include "e2ee/mls/codec.h"

#include <stdlib.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void check_required(struct ic_bytes extensions)
{
    struct ic_mls_required required;
    struct ic_bytes data;

    must(ic_mls_required_find(&required, extensions) == IC_OK);
    if (!ic_mls_extension_find(extensions, IC_MLS_EXT_REQUIRED_CAPABILITIES, &data))
        return;
    uint8_t *again = malloc(data.len);
    struct ic_writer w = ic_writer_of(again, data.len);
    ic_mls_write_required(&w, &required);
    must(!w.bad && ic_bytes_equal(ic_written(&w), data));
    free(again);
}

static void check_senders(struct ic_bytes extensions)
{
    enum { SENDERS = 8 };
    struct ic_mls_external_sender senders[SENDERS];
    struct ic_bytes data;
    uint32_t count = 0;

    while (count < SENDERS &&
           ic_mls_external_sender_find(&senders[count], extensions, count) == IC_OK)
        count++;
    if (count == SENDERS || !ic_mls_extension_find(extensions, IC_MLS_EXT_EXTERNAL_SENDERS, &data))
        return;
    uint8_t *again = malloc(data.len);
    struct ic_writer w = ic_writer_of(again, data.len);
    ic_mls_write_external_senders(&w, senders, count);
    must(!w.bad && ic_bytes_equal(ic_written(&w), data));
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ic_reader r = ic_reader_of((struct ic_bytes){data, size});
    struct ic_bytes extensions = ic_mls_read_extensions(&r), found;
    const struct ic_mls_leaf_node leaf = {.credential.type = IC_MLS_CREDENTIAL_BASIC};
    struct ic_mls_required required;

    if (r.bad)
        return 0;
    if (ic_mls_one_vector_find(&found, extensions, IC_MLS_EXT_APPLICATION_ID) == IC_OK)
        must(found.len < size);
    if (!ic_mls_context_extensions_are_sound(extensions))
        return 0;
    check_required(extensions);
    check_senders(extensions);
    must(ic_mls_required_find(&required, extensions) == IC_OK);
    must(!ic_mls_leaf_is_able(&leaf, ic_suite_find(1), extensions, &required));
    return 0;
}
